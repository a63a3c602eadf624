// A case of many pictures for what is asked of its index: made by the program, its rows by SQL alone, in the shapes in which
// the stages write them. Synthetic: no file, no original, no log entry stands behind a row; the log holds what is written to
// the case afterwards. 28 months, one in 20 without a time, half in individuals of four, one in ten like another.
import type { OpenCase } from '../src/log/case.ts';
import { refillTimeline } from '../src/timeline.ts';

/** Positions of made-up records begin here, far beyond those of the case's own log. */
const base = 1_000_000_000;
/** Records of one item: received, described, read. */
const each = 3;

const id = (text: string): string => `translate(rtrim(encode(sha256((${text})::bytea), 'base64'), '='), '+/', '-_')`;
const item = (g: string): string => `'E-' || lpad((${g})::text, greatest(5, length((${g})::text)), '0')`;
const individual = (g: string): string => `'I-' || lpad((${g})::text, greatest(4, length((${g})::text)), '0')`;
const at = `to_char(timestamp '2026-01-01' + g * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
const taken = `case when g % 20 = 0 then null else
  to_char(timestamp '2011-05-01' + g * (interval '850 days' / $1::int), 'YYYY-MM-DD"T"HH24:MI:SS') end`;
const camera = `(array['COOLPIX P50','D40','D60','D90','D3000','E-520','FinePix S5','PowerShot A480','D70','DSC-W120'])[1 + g / 500 % 10]`;
/** Number of the individual's key, where a picture of it is named by its path: else its cards say it. */
const number = `(1000 + g / 8)::text`;
const series = 'generate_series(1, $1::int) g';

/** One statement a table, each with the number of pictures as $1. */
const statements: readonly string[] = [
  `insert into accession select 'A-' || lpad(n::text, 4, '0'), ${base} + n, ${id(`'A' || n`)}, 'S-' || n, 'k' || n
     from generate_series(1, 3) n where $1::int > 0`,
  `insert into record select ${base} + ${each} * g, ${id(`'E' || g`)}, 'intake.item', ${at}, 'operator', 'dalil', ${item('g')}, null from ${series}`,
  `insert into record select ${base} + ${each} * g + 1, ${id(`'D' || g`)}, 'describe.item', ${at}, 'operator', 'dalil', null, array[${item('g')}] from ${series}`,
  `insert into record select ${base} + ${each} * g + 2, ${id(`'R' || g`)}, case when g % 8 = 0 then 'group.individual' else 'group.reading' end, ${at},
     'operator', 'dalil', case when g % 8 = 0 then ${individual('g / 8')} end, case when g % 8 = 0 then null else array[${item('g')}] end from ${series}`,
  `insert into item select ${item('g')}, ${base} + ${each} * g, ${id(`'E' || g`)}, 'A-' || lpad((1 + g % 3)::text, 4, '0'),
     encode(sha256(g::text::bytea), 'hex'), 1000000 + g % 70000, 'archive/' || g / 500 || '/DSC_' || g || '.jpg', 'DSC_' || g || '.jpg', 0, 0, null, null from ${series}`,
  `insert into receipt select 'F-' || lpad(g::text, 7, '0'), ${base} + ${each} * g, 'A-' || lpad((1 + g % 3)::text, 4, '0'), 0,
     'archive/' || g / 500 || '/DSC_' || g || '.jpg', '', -1, null, 'sealed', ${item('g')}, 1000000, '2012-01-01T00:00:00Z', null, null,
     'archive/' || g / 500 from ${series}`,
  `insert into description (item, position, observation, format, width, height, orientation, decode, taken, make, model, serial,
     counter, pdq_quality, pdq_method, thumbnail)
   select ${item('g')}, ${base} + ${each} * g + 1, ${id(`'D' || g`)}, 'image/jpeg', 3264, 2448, 1, case when g % 97 = 0 then 'truncated' else 'complete' end,
     ${taken}, 'NIKON', ${camera}, (g / 500 % 10)::text, g, 80, 'pdq', true from ${series}`,
  `insert into metadata (item, position, observation, second, original, make, model, serial, software, latitude, longitude)
   select ${item('g')}, ${base} + ${each} * g + 1, ${id(`'D' || g`)}, false, ${taken}, 'NIKON', ${camera}, (g / 500 % 10)::text, 'Ver.1.0', null, null from ${series}`,
  `insert into item_problem select ${item('g')}, 'described', 'truncated', 'The file ends before the picture does.', ${base} + ${each} * g + 1
     from ${series} where g % 97 = 0`,
  `insert into item_fixity select g, ${base}, ${at}, 'intact' from ${series}`,
  `insert into rules values (${base}, ${id(`'rules'`)}, '{"patterns": [], "individualKey": ["detainee-number"]}')`,
  `insert into reading select ${item('g')}, ${base} + ${each} * g + 2, ${id(`'rules'`)},
     case when g % 2 = 0 then 'detainee' else (array['detainee','force','incident','unreviewed'])[1 + g / 2 % 4] end,
     case when g % 4 = 0 then json_build_array(json_build_array('detainee-number', ${number}))::text end, 1,
     case when g % 4 = 0 then jsonb_build_array(jsonb_build_object('value', ${number}, 'role', 'detainee-number', 'carrier', 'folder')) else '[]' end, '[]'
     from ${series}`,
  `insert into card select ${item('g')}, ${base} + ${each} * g + 2, ${id(`'C' || g`)}, '[]' from ${series} where g % 2 = 1 and g / 2 % 4 = 0`,
  `insert into card_reading select ${item('g')}, 0, (10000 + g)::text, 'latin', 'print', 'card', 'detainee-number', '[]', 0.5, '[]',
     encode(sha256(g::text::bytea), 'hex') from ${series} where g % 2 = 1 and g / 2 % 4 = 0`,
  `insert into individual select ${individual('g')}, ${base} + ${each} * 8 * g + 2, jsonb_build_object('detainee-number', (1000 + g)::text),
     json_build_array(json_build_array('detainee-number', (1000 + g)::text))::text, 'the number of the detainee', 4, 2
     from generate_series(1, $1::int / 8) g`,
  `insert into member select ${item('g')}, ${individual('g / 8')}, ${base} + ${each} * g + 2,
     case when g % 4 = 0 then '[{"reason": "path", "probability": null, "of": null}]'::jsonb
       else jsonb_build_array(jsonb_build_object('reason', 'card', 'probability', 0.97, 'of', null),
         jsonb_build_object('reason', 'sequence', 'probability', null, 'of', ${item('g - 2')})) end, g % 4 <> 0
     from ${series} where g % 2 = 0 and g >= 8 and g / 8 <= $1::int / 8`,
  `insert into agreement select ${item('8 * g')}, ${base} + ${each} * 8 * g + 2, array[${item('8 * g')}, ${item('8 * g + 2')}, ${item('8 * g + 6')}],
     '[]', 'three in a row' from generate_series(1, $1::int / 8 - 1) g`,
  `insert into near select ${item('g')}, ${base} + ${each} * g + 2, ${item('g - 1')}, 3, 'pdq', '[]', '0', null, null, null
     from ${series} where g % 10 = 7`,
  `insert into about select ${item('g')}, ${base} + ${each} * g + k from ${series}, generate_series(0, 2) k`,
];

interface Kept {
  drop: string;
  make: string;
}

/** Fills the empty index of a fresh case, its keys and indexes made afterwards, which takes a third of the time. */
export async function fillIndex({ index }: OpenCase, pictures: number, say: (text: string) => void): Promise<void> {
  const { pool, schema } = index;
  const client = await pool.connect();
  const timed = async (what: string, sql: string): Promise<void> => {
    const start = performance.now();
    const { rowCount } = await client.query(sql, sql.includes('$1') ? [pictures] : []);
    say(
      `${what}: ${rowCount === null ? '' : `${String(rowCount)} rows in `}${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  };
  try {
    await client.query(`set synchronous_commit = off; set maintenance_work_mem = '256MB'`);
    const { rows: kept } = await client.query<Kept>(
      `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
         format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make
         from pg_constraint where connamespace = $1::regnamespace and contype in ('p', 'u') and conrelid::regclass::text = any($2)
       union all
       select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid) from pg_index i
         where indrelid::regclass::text = any($2) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
      [schema, [...new Set(statements.map((sql) => /into (\w+)/.exec(sql)![1]!))]],
    );
    for (const { drop } of kept) await client.query(drop);
    for (const sql of statements) await timed(/into (\w+)/.exec(sql)![1]!, sql);
    for (const { make } of kept) await timed(/(?:table|ON) (?:\w+\.)?(\w+)/.exec(make)![1]!, make);
  } finally {
    client.release(true);
  }
  await pool.query('analyze');
  await refillTimeline(pool);
  await pool.query('vacuum analyze');
}
