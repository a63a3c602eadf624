// A team at work at once: two hundred who read and twenty who answer queues, on one server, for five minutes. Not one request
// may fail, and the server's memory may not grow.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serveCase } from '../src/cli/serve.fixture.ts';
import { megabytes, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import { milliseconds, openClient, quantile, type Client } from './client.ts';
import type { FilledOrder, FilledSaid } from './filled-run.ts';

const readers = 200;
const writers = 20;
const pictures = { full: 55_000, quick: 55_000 };
const seconds = { full: 300, quick: 20 };
/** Of that time, how long nobody pauses, at the end: what the server gives when it is asked for all it has. */
const rush = 0.2;
/** What the memory of the server is compared with: after this share of the time. */
const settled = 0.25;

export const crowd: Benchmark = {
  name: 'crowd',
  title: `${String(readers)} readers and ${String(writers)} writers at once, for five minutes`,
  room: { full: 2e9, quick: 2e9 },
  run: measureCrowd,
};

interface Done {
  what: 'read' | 'claimed' | 'answered';
  rushed: boolean;
  took: number;
}

interface Served {
  queue: string;
  state: string;
  entry: { id: string; proposed: string };
}

async function measureCrowd(bench: Bench): Promise<Outcome> {
  const { size, folder, program, say } = bench;
  const path = join(folder, 'case');
  say(`filling an index of ${pictures[size].toLocaleString('en')} pictures`);
  const order: FilledOrder = { home: program.home, path, pictures: pictures[size], people: writers * 2 };
  const { said } = await program.script<FilledSaid>('filled-run.ts', order);
  const env = { PATH: process.env['PATH'] ?? '', DALIL_HOME: program.home, NO_COLOR: '1' };
  const serving = await serveCase(env, path);
  const memory = (): number => residentBytes(serving.child.pid!);
  const clients = Array.from({ length: readers + writers }, (_, i) =>
    openClient(serving.port, said.tokens[i < writers ? i : writers + (i % writers)]),
  );
  const done: Done[] = [];
  const errors: string[] = [];
  try {
    const paths = await readersPaths(clients[0]!);
    const start = performance.now();
    const end = start + seconds[size] * 1000;
    const calm = end - seconds[size] * 1000 * rush;
    const rushed = (): boolean => performance.now() > calm;
    const ask = async (what: Done['what'], client: Client, method: string, at: string, body?: unknown) => {
      const hurried = rushed();
      try {
        const got = await client.ask(method, at, body);
        if (got.status === 200) done.push({ what, rushed: hurried, took: got.took });
        else errors.push(`${method} ${at}: ${String(got.status)} ${got.body.slice(0, 300)}`);
        return got.status === 200 ? got.body : null;
      } catch (error) {
        errors.push(`${method} ${at}: ${(error as Error).message}`);
        return null;
      }
    };
    const read = async (client: Client, own: number): Promise<void> => {
      await pause((own * 7) % 1500);
      for (let n = own; performance.now() < end; n += 13) {
        await ask('read', client, 'GET', paths[n % paths.length]!);
        if (!rushed()) await pause(500 + ((n * 7919) % 1000));
      }
    };
    const write = async (client: Client, own: number): Promise<void> => {
      while (performance.now() < end) {
        const claimed = await ask('claimed', client, 'POST', '/api/queues/numbers/claims', { limit: 5 });
        const served = claimed === null ? [] : (JSON.parse(claimed) as { served: Served[] }).served;
        if (served.length === 0) await pause(1000);
        for (const { state, entry } of served) {
          await ask('answered', client, 'POST', '/api/queues/numbers/answers', {
            entry: entry.id,
            state,
            answer: { queue: 'numbers', value: entry.proposed },
          });
          await pause(500 + ((own * 97) % 1000));
          if (performance.now() > end) return;
        }
      }
    };
    const all = clients.map((client, i) => (i < writers ? write(client, i) : read(client, i)));
    await pause(seconds[size] * 1000 * settled);
    const before = memory();
    await Promise.all(all);
    const took = (performance.now() - start) / 1000;
    const after = memory();
    for (const error of errors.slice(0, 5)) say(error);
    return {
      figures: figuresOf(done, errors.length, took, before, after),
      notes: [
        `\`dalil serve\` over an index of ${pictures[size].toLocaleString('en')} made-up pictures (bench/filled.ts), asked over HTTP by ${String(readers + writers)} clients, each on a connection of its own that stays open, for ${String(seconds[size])} s. Server, PostgreSQL and clients share this machine's two cores.`,
        `Readers ask for the case, the timeline, tiles, individuals, items and the log in turns, and pause for 0.5 to 1.5 s after each answer; writers take numbers from the queue by fives and answer one every 0.5 to 1.5 s, each answer a signed record, durable and projected before it is acknowledged. In the last ${String(rush * 100)} % of the time readers do not pause.`,
        'Every answer but 200 counts as an error. Memory is that of the server process.',
        ...(serving.said().includes('fault') ? [`The server said: ${serving.said().slice(-500)}`] : []),
      ],
    };
  } finally {
    for (const client of clients) client.close();
    await serving.stop();
  }
}

function figuresOf(done: readonly Done[], errors: number, took: number, before: number, after: number): Figure[] {
  const of = (what: Done['what'], rushed: boolean): number[] =>
    done.filter((one) => one.what === what && one.rushed === rushed).map((one) => one.took);
  const plain = { peer: null, ratio: null, target: null, met: null };
  const p95 = (what: Done['what'], name: string): Figure => {
    const times = of(what, false);
    const value = quantile(times, 0.95);
    return {
      ...plain,
      what: `${name}: p95 (p50, p99) of ${times.length.toLocaleString('en')}`,
      ours: `${milliseconds(value)} (${milliseconds(quantile(times, 0.5))}, ${milliseconds(quantile(times, 0.99))})`,
    };
  };
  const hurried = of('read', true);
  return [
    { ...plain, what: 'errors', ours: String(errors), target: 'none', met: errors === 0 },
    { ...plain, what: 'requests', ours: `${done.length.toLocaleString('en')}, ${(done.length / took).toFixed(0)}/s` },
    p95('read', 'reading'),
    p95('claimed', 'taking from the queue'),
    p95('answered', 'answering'),
    {
      ...plain,
      what: 'reading without a pause',
      ours: `${(hurried.length / (took * rush)).toFixed(0)}/s, p95 ${milliseconds(quantile(hurried, 0.95))}`,
    },
    {
      what: 'memory of the server at the end',
      ours: megabytes(after),
      peer: `after a quarter of the time ${megabytes(before)}`,
      ratio: after / before,
      target: 'at most 1.25 times',
      met: after / before <= 1.25,
    },
  ];
}

async function readersPaths(client: Client): Promise<string[]> {
  const json = async <T>(path: string): Promise<T> => JSON.parse((await client.ask('GET', path)).body) as T;
  const { marks } = await json<{ marks: string[] }>('/api/timeline');
  const paths: string[] = [];
  for (let n = 0; n < 500; n++) {
    const k = 8 + ((n * 7919) % 6000);
    paths.push(
      `/api/items?limit=120&from=${encodeURIComponent(marks[n % marks.length]!)}`,
      '/api/timeline',
      `/api/individuals/I-${String(k).padStart(4, '0')}`,
      `/api/items/E-${String(k).padStart(5, '0')}`,
      `/api/items?limit=120&category=detainee&number=${String(1000 + k)}`,
      `/api/individuals?limit=50&after=I-${String(k).padStart(4, '0')}`,
      '/api/activity?limit=50',
      ...(n % 5 === 0 ? ['/api/case', '/api/timeline?state=open&source=S-1', '/api/timeline/choices'] : []),
    );
  }
  return paths;
}

function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'));
  return Number(found?.[1] ?? Number.NaN) * 1024;
}
