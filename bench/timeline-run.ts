// A process of its own for the benchmark of the screens' queries: an index of made-up pictures, filled by SQL alone, and how
// long the timeline's questions take in it. Started with a TimelineOrder as JSON; prints a TimelineSaid.
import { projections } from '../src/stages.ts';
import { openHome } from '../src/store/home.ts';
import { openIndex } from '../src/store/index-database.ts';
import { listTiles, readChoices, readTimeline, refillTimeline } from '../src/timeline.ts';

export interface TimelineOrder {
  home: string;
  rows: number;
  rounds: number;
}

export interface TimelineSaid {
  /** Milliseconds of each round, by what was asked. */
  times: Record<string, number[]>;
  rows: number;
}

const { home, rows, rounds } = JSON.parse(process.argv[2]!) as TimelineOrder;
const index = await openIndex({ home: await openHome(home), env: process.env, schema: 'bench_timeline' });
const { pool } = index;
await index.dropSchema();
await index.createSchema();
for (const { tables } of projections) await pool.query(tables);
await pool.query(`insert into accession values ('A-0001', 0, 'a', 'S', 'k')`);
await pool.query(
  `insert into item select 'E-' || lpad(g::text, 5, '0'), g, 'id' || g, 'A-0001', md5(g::text) || md5(g::text), 1000,
     'p/' || g || '.jpg', g || '.jpg', 0, 0, null, null from generate_series(1, $1::int) g`,
  [rows],
);
await pool.query(
  `insert into receipt select handle, position, 'A-0001', 0, path, '', -1, null, 'sealed', handle, 1000, null, null, null, 'p' from item`,
);
await pool.query(
  `insert into description (item, position, observation, format, decode, taken, make, model, thumbnail)
   select handle, position, 'o', 'image/jpeg', 'complete', case when position % 20 = 0 then null else
       to_char(timestamp '2011-05-01' + position * (interval '850 days' / $1::int), 'YYYY-MM-DD"T"HH24:MI:SS') end,
     'NIKON', 'D' || position % 7, true from item`,
  [rows],
);
await pool.query(
  `insert into reading select handle, position, 'r', (array['detainee','force','incident','unreviewed'])[1 + position % 4],
     null, 1, jsonb_build_array(jsonb_build_object('value', (1000 + position / 5)::text, 'role', 'detainee-number')), '[]' from item`,
);
await pool.query(
  `insert into individual select 'I-' || lpad(g::text, 6, '0'), g, jsonb_build_object('detainee-number', (1000 + g)::text), g::text, 'r', 5, 5
     from generate_series(1, $1::int / 5) g`,
  [rows],
);
await pool.query(
  `insert into member select handle, 'I-' || lpad((position / 5 + 1)::text, 6, '0'), position, '[]', false from item where position % 4 = 0`,
);
await pool.query(
  `insert into near select 'E-' || lpad((position)::text, 5, '0'), position, 'E-' || lpad((position - 1)::text, 5, '0'), 3, 'pdq', '[]', '0', null, null, null
     from item where position % 10 = 7`,
);
await pool.query('analyze');
await refillTimeline(pool);
await pool.query('analyze');

const times: Record<string, number[]> = {};
async function time(what: string, work: (round: number) => Promise<unknown>): Promise<void> {
  const own: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work(round);
    own.push(performance.now() - start);
  }
  times[what] = own;
}
await readTimeline(pool, {});
const { marks } = await readTimeline(pool, {});
const anywhere = (round: number): string => marks[(round * 7919) % marks.length]!;
await time('months and marks, all', () => readTimeline(pool, {}));
await time('months and marks, one category', () => readTimeline(pool, { category: 'detainee' }));
await time('months and marks, one number', () => readTimeline(pool, { number: '1500' }));
await time('120 tiles, anywhere', (round) => listTiles(pool, {}, { from: anywhere(round), limit: 120 }));
await time('120 tiles, anywhere, one camera', (round) =>
  listTiles(pool, { camera: 'NIKON D3' }, { from: anywhere(round), limit: 120 }),
);
await time('120 tiles, anywhere, collapsed', (round) =>
  listTiles(pool, { collapsed: true }, { from: anywhere(round), limit: 120 }),
);
await time('the choices', () => readChoices(pool));
const { rows: counted } = await pool.query<{ n: number }>('select count(*) as n from timeline');
console.log(JSON.stringify({ times, rows: counted[0]!.n } satisfies TimelineSaid));
await index.dropSchema();
await index.close();
