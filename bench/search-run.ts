// A process of its own for the benchmark of searching: an index of made-up pictures and testimonies, and how long questions
// take in it. Started with a SearchOrder as JSON; prints a SearchSaid.
import { writePieces, writeSheets, textPieces } from '../src/search/project.ts';
import { find, type Narrowed } from '../src/search/search.ts';
import { projections } from '../src/stages.ts';
import { openHome } from '../src/store/home.ts';
import { openIndex } from '../src/store/index-database.ts';

export interface SearchOrder {
  home: string;
  /** Items; every second one is a testimony, the others are pictures with a number. */
  rows: number;
  rounds: number;
}

export interface SearchSaid {
  /** Milliseconds of each round, by what was asked. */
  times: Record<string, number[]>;
  /** Things of which at least one round of each question found something. */
  found: Record<string, number>;
  /** Things a second, from the rows of the stages to sheets. */
  pace: number;
  /** Bytes of the tables of searching with their indexes. */
  bytes: number;
  /** Questions whose plan reads a whole table of searching. */
  scans: string[];
}

const { home, rows, rounds } = JSON.parse(process.argv[2]!) as SearchOrder;
const index = await openIndex({ home: await openHome(home), env: process.env, schema: 'bench_search' });
const { pool } = index;

/** mulberry32: the same case each time. */
let state = 20_261_125;
function draw(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const pick = (from: string): string => from[Math.floor(draw() * from.length)]!;
const made = (letters: string, length: number): string => Array.from({ length }, () => pick(letters)).join('');
/** As words are in texts: the n-th comes about 1/n times as often as the first. */
const size = 30_000;
const arabic = Array.from({ length: size }, () => made('ابتثجحخدذرزسشصضطعغفقكلمنهوي', 3 + Math.floor(draw() * 4)));
const latin = Array.from({ length: size }, () => made('abcdefghijklmnopqrstuvwxyz', 4 + Math.floor(draw() * 6)));
const rank = (): number => Math.floor(size ** draw()) - 1;
const before = ['', '', '', 'ال', 'وال', 'و', 'ب', 'لل'];
function sentence(): string {
  return Array.from({ length: 60 }, () => {
    const kind = draw();
    if (kind < 0.75) return before[Math.floor(draw() * before.length)]! + arabic[rank()]!;
    return kind < 0.98 ? latin[rank()]! : String(Math.floor(draw() * 100_000));
  }).join(' ');
}

await index.dropSchema();
await index.createSchema();
for (const { tables } of projections) await pool.query(tables);
await pool.query(`insert into accession values ('A-0001', 0, 'a', 'JUNIPER', 'k')`);
await pool.query(
  `insert into item select 'E-' || lpad(g::text, 5, '0'), g, 'id' || g, 'A-0001', md5(g::text) || md5(g::text), 1000,
     'branch ' || (200 + g % 60) || '/DSC_' || lpad((g % 10000)::text, 4, '0') || case when g % 2 = 0 then '.txt' else '.jpg' end,
     'x', 0, 0, null, null from generate_series(1, $1::int) g`,
  [rows],
);
await pool.query(
  `insert into receipt select handle, position, 'A-0001', 0, path, '', -1, null, 'sealed', handle, 1000, null, null, null, 'p' from item`,
);
await pool.query(
  `insert into description (item, position, observation, format, decode, thumbnail)
   select handle, position, 'o', case when position % 2 = 0 then 'text/plain' else 'image/jpeg' end, 'complete', true from item`,
);
await pool.query(
  `insert into metadata (item, position, observation, second, make, model) select handle, position, 'o', true, 'NIKON', 'D' || position % 7
     from item where position % 2 = 1`,
);
await pool.query(`insert into card select handle, position, 'o', '[]' from item where position % 2 = 1`);
await pool.query(
  `insert into card_reading select handle, 0, (1000 + position / 5)::text, 'latin', 'print', 'card', 'detainee-number', '[]', 0.9, '[]', ''
     from item where position % 2 = 1`,
);
await pool.query('analyze');
let spent = 0;
for (let from = 1; from <= rows; from += 1000) {
  const handles = Array.from({ length: Math.min(1000, rows - from + 1) }, (_, i) => [
    `E-${String(from + i).padStart(5, '0')}`,
    from + i,
  ]) as [string, number][];
  const texts = handles.filter(([, n]) => n % 2 === 0).map(([handle, n]) => [handle, n, sentence()] as const);
  const start = performance.now();
  await writePieces(
    pool,
    texts.flatMap(([handle, n, text]) => textPieces(handle, 'text', n, text)),
  );
  await writeSheets(
    pool,
    handles.map(([handle]) => handle),
  );
  spent += performance.now() - start;
}
await pool.query('vacuum analyze search_sheet');
await pool.query('vacuum analyze search_text');

const times: Record<string, number[]> = {};
const found: Record<string, number> = {};
const scans: string[] = [];
async function time(what: string, words: (round: number) => string, narrowed: Narrowed = {}): Promise<void> {
  const own: number[] = [];
  let most = 0;
  await find(pool, words(rounds), narrowed, null);
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const { count } = await find(pool, words(round), narrowed, null);
    own.push(performance.now() - start);
    most = Math.max(most, count);
  }
  times[what] = own;
  found[what] = most;
}
const any = (round: number, from: number): number => from + ((round * 7919) % 500);
await time('a rare Latin word', (round) => latin[any(round, 20_000)]!);
await time('a rare Arabic word, with and without article', (round) => arabic[any(round, 20_000)]!);
await time('an Arabic word of the fifty most frequent', (round) => arabic[any(round, 10) % 40]!);
await time('the most frequent Arabic word', () => arabic[0]!);
await time('a word of every second thing', () => 'nikon');
await time('a word of all things', () => 'branch');
await time('a word of all things, narrowed to a kind', () => 'branch', { kinds: ['document'] });
await time('a word of all things, narrowed to a kind that there is not', () => 'branch', { kinds: ['recording'] });
await time('a number', (round) => String(1000 + ((round * 7919) % Math.floor(rows / 5))));
await time('a number in Arabic-Indic digits', (round) =>
  String(1000 + ((round * 104_729) % Math.floor(rows / 5))).replaceAll(/\d/g, (digit) =>
    String.fromCodePoint(0x06_60 + Number(digit)),
  ),
);
await time('a beginning of four letters', (round) => `${latin[any(round, 5000)]!.slice(0, 4)}*`);
await time('a beginning of two letters', (round) => `${latin[any(round, 5000)]!.slice(0, 2)}*`);
await time('two words', (round) => `${arabic[any(round, 20) % 200]!} ${latin[any(round, 20) % 100]!}`);
await time('a phrase: the name of a file', (round) => `DSC_${String((round * 7919) % 10_000).padStart(4, '0')}`);
await time('a handle', (round) => `E-${String(1 + ((round * 7919) % rows)).padStart(5, '0')}`);
await time('nothing', (round) => `zzqx${String(round)}`);

const client = await pool.connect();
for (const words of ['nikon', arabic[0]!, latin[20_000]!, '1500']) {
  const plans: string[] = [];
  const watched = {
    query: async (sql: string, values: unknown[]) => {
      if (/search_(?:sheet|text)/.test(sql)) {
        const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(`explain ${sql}`, values);
        plans.push(...lines.map((line) => line['QUERY PLAN']));
      }
      return client.query(sql, values);
    },
  };
  await find(watched as never, words, {}, null);
  if (plans.some((line) => /Seq Scan on search_/.test(line))) scans.push(words);
  if (process.env['DALIL_EXPLAIN'] !== undefined) console.error([words, ...plans].join('\n'));
}
client.release();
const { rows: sizes } = await pool.query<{ bytes: number }>(
  `select pg_total_relation_size('search_sheet') + pg_total_relation_size('search_text') as bytes`,
);
const said: SearchSaid = { times, found, pace: rows / (spent / 1000), bytes: sizes[0]!.bytes, scans };
console.log(JSON.stringify(said));
await index.dropSchema();
await index.close();
