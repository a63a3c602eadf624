// How long the lists and pages of the API take over HTTP, signed in, at 55,000 and at a million pictures: from the first, the
// middle and the last cursor, and narrowed.
import { join } from 'node:path';
import { serveCase } from '../src/cli/serve.fixture.ts';
import type { Bench, Benchmark, Figure, Outcome } from './benchmark.ts';
import { milliseconds, openClient, quantile, type Client } from './client.ts';
import type { FilledOrder, FilledSaid } from './filled-run.ts';
import { openFloor, type Floor } from './floor.ts';

/** Pictures, and what p95 may be at so many, in milliseconds. */
const sizes = {
  full: [
    { pictures: 55_000, limit: 50 },
    { pictures: 1_000_000, limit: 120 },
  ],
  quick: [{ pictures: 55_000, limit: 50 }],
};
const rounds = { full: 200, quick: 40 };
const warm = 5;

export const api: Benchmark = {
  name: 'api',
  title: 'the lists and pages of the API at 55,000 and at 1,000,000 pictures',
  room: { full: 12e9, quick: 2e9 },
  run: measureApi,
};

/** A question, and its path in each round: another place each time where there are many. */
interface Question {
  what: string;
  path(round: number): string;
}

async function measureApi(bench: Bench): Promise<Outcome> {
  const { size, folder, program, say } = bench;
  const floor = await openFloor();
  const figures: Figure[] = [];
  const fills: string[] = [];
  try {
    for (const { pictures, limit } of sizes[size]) {
      const path = join(folder, `case-${String(pictures)}`);
      say(`filling an index of ${pictures.toLocaleString('en')} pictures`);
      const order: FilledOrder = { home: program.home, path, pictures, people: 1 };
      const { said } = await program.script<FilledSaid>('filled-run.ts', order);
      fills.push(
        `${pictures.toLocaleString('en')} pictures in ${said.filled.toFixed(0)} s, ${(said.bytes / 1e9).toFixed(2)} GB of tables and indexes`,
      );
      const serving = await serveCase(
        { PATH: process.env['PATH'] ?? '', DALIL_HOME: program.home, NO_COLOR: '1' },
        path,
      );
      const client = openClient(serving.port, said.tokens[0]);
      try {
        for (const question of await questionsFor(client, pictures)) {
          say(question.what);
          figures.push(await measured(question, client, floor, rounds[size], pictures, limit));
        }
      } finally {
        client.close();
        await serving.stop();
      }
    }
  } finally {
    floor.stop();
  }
  return {
    figures,
    notes: [
      `\`dalil serve\` in a process of its own, asked over HTTP on the loopback with the token of an analyst, one request after the other on one connection, ${String(rounds[size])} of each question after ${String(warm)} that are not counted; from the start of a request to the last byte of its answer.`,
      `The index is made up, by SQL in the shapes that the stages write (bench/filled.ts): ${fills.join('; ')}. No original stands behind a picture, and the log is nearly empty, which these questions do not read.`,
      'The floor is a bare node:http server that sends the same bytes: no sign-in, no validation, no database. There is no peer: Bayanat (Python from PyPI), Uwazi (MongoDB, Elasticsearch), Datashare (Java, Elasticsearch) and Autopsy (a desktop program, without an API) cannot be had by npm or Debian packages.',
    ],
  };
}

export async function measured(
  { what, path }: Question,
  client: Client,
  floor: Floor,
  count: number,
  pictures: number,
  limit: number,
): Promise<Figure> {
  const bare = openClient(floor.port);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = -warm; round < count; round++) {
    const at = path(Math.abs(round));
    const got = await client.ask('GET', at);
    if (got.status !== 200) throw new Error(`${at}: ${String(got.status)} ${got.body.slice(0, 500)}`);
    await floor.keep(at, got.body);
    const { took } = await bare.ask('GET', at);
    if (round < 0) continue;
    ours.push(got.took);
    theirs.push(took);
  }
  bare.close();
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(ours, share)) as [number, number, number];
  return {
    what: `${what}, ${pictures.toLocaleString('en')}: p95 (p50, p99)`,
    ours: `${milliseconds(p95)} (${milliseconds(p50)}, ${milliseconds(p99)})`,
    peer: `floor ${milliseconds(quantile(theirs, 0.95))}`,
    ratio: p95 / quantile(theirs, 0.95),
    target: `at most ${String(limit)} ms`,
    met: p95 <= limit,
  };
}

/** The questions, with cursors as the server itself gives them. */
export async function questionsFor(client: Client, pictures: number): Promise<Question[]> {
  const json = async <T>(path: string): Promise<T> => JSON.parse((await client.ask('GET', path)).body) as T;
  const encode = encodeURIComponent;
  const { marks, total } = await json<{ marks: string[]; total: number }>('/api/timeline');
  if (total !== pictures)
    throw new Error(`The timeline has ${String(total)} pictures, and ${String(pictures)} were made.`);
  const narrowed = await json<{ marks: string[] }>('/api/timeline?camera=NIKON%20D90&category=detainee');
  const { next } = await json<{ next: number }>('/api/activity?limit=1');
  const items = (query: string): string => `/api/items?limit=120${query}`;
  const some = (round: number, of: number): number => 8 + ((round * 7919) % (of - 8));
  const item = (n: number): string => `E-${String(n).padStart(5, '0')}`;
  const individual = (n: number): string => `I-${String(n).padStart(4, '0')}`;
  const individuals = Math.floor(pictures / 8);
  const at = (list: readonly string[], share: number): string =>
    encode(list[Math.min(list.length - 1, Math.floor(list.length * share))]!);
  const same = (what: string, path: string): Question => ({ what, path: () => path });
  return [
    same('timeline, all', '/api/timeline'),
    same('timeline, one camera and category', '/api/timeline?camera=NIKON%20D90&category=detainee'),
    same('timeline, collapsed, one source', '/api/timeline?collapsed=true&source=S-2'),
    {
      what: 'timeline, one number',
      path: (round) => `/api/timeline?number=${String(1000 + some(round, individuals))}`,
    },
    same('timeline, one day', '/api/timeline?day=2012-03-14'),
    same('choices', '/api/timeline/choices'),
    same('items, start', items('')),
    same('items, middle', items(`&from=${at(marks, 0.5)}`)),
    same('items, end', items(`&from=${at(marks, 1)}`)),
    { what: 'items, anywhere', path: (round) => items(`&from=${encode(marks[(round * 7919) % marks.length]!)}`) },
    same('items, one state, start', items('&state=broken')),
    {
      what: 'items, one camera and category, anywhere',
      path: (round) =>
        items(
          `&camera=NIKON%20D90&category=detainee&from=${encode(narrowed.marks[(round * 7919) % narrowed.marks.length]!)}`,
        ),
    },
    { what: 'items, one number', path: (round) => items(`&number=${String(1000 + some(round, individuals))}`) },
    same('individuals, start', '/api/individuals?limit=50'),
    same('individuals, middle', `/api/individuals?limit=50&after=${individual(Math.floor(individuals / 2))}`),
    same('individuals, end', `/api/individuals?limit=50&after=${individual(individuals - 40)}`),
    { what: 'one individual', path: (round) => `/api/individuals/${individual(some(round, individuals))}` },
    { what: 'one item', path: (round) => `/api/items/${item(some(round, pictures))}` },
    same('activity, start', '/api/activity?limit=50'),
    same('activity, middle', `/api/activity?limit=50&after=${String(next - Math.floor(pictures * 1.5))}`),
    same('activity, end', `/api/activity?limit=50&after=${String(next - pictures * 3 + 100)}`),
    same('activity, one kind', '/api/activity?limit=50&kind=group.reading'),
    same('activity, one person', '/api/activity?limit=50&actor=operator'),
  ];
}
