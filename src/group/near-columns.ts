// All hashes of a case with what may hold two pictures apart, in columns of numbers: 74 MB for 1,000,000 pictures, which as
// objects took 720. Texts are numbers here, by which equal ones are found; what a pair says is then read in full.
import { fromHex, packHashes, type PdqHash } from '@dalil/imaging';
import type pg from 'pg';
import { leastQuality } from './near.ts';

/** Pictures by place, in the order received. A number that stands for a text is 0 where there is none. */
export interface Columns {
  count: number;
  /** Hashes, eight words each. */
  packed: Uint32Array;
  /** Whether the hash says enough; whether it was described or read since the last search. */
  usable: Uint8Array;
  fresh: Uint8Array;
  /** Sides as shown. */
  width: Int32Array;
  height: Int32Array;
  /** Of the time of capture, the model, and the key that its paths give. */
  taken: Int32Array;
  model: Int32Array;
  key: Int32Array;
  /** Position of the record that sealed it. */
  position: Float64Array;
  /** Place of the picture of which it was last found to be a copy; -1: of none; `gone`: of one that has no hash now. */
  was: Int32Array;
  /** Folders of place i: `folders` from `folderStart[i]` to `folderStart[i + 1]`. */
  folderStart: Int32Array;
  folders: Int32Array;
}

export const gone = -2;

/** A picture as it is put into columns. */
export interface ColumnsRow {
  pdq: string;
  quality: number;
  fresh: boolean;
  width: number;
  height: number;
  taken: number | null;
  model: number | null;
  key: number | null;
  folders: readonly number[];
  position: number;
  /** Position of what it is a copy of. */
  was: number | null;
}

/** Columns of at most `count` pictures, which come in the order of their positions. */
export async function columnsOf(
  count: number,
  rows: Iterable<ColumnsRow> | AsyncIterable<ColumnsRow>,
): Promise<Columns> {
  const int = (): Int32Array => new Int32Array(count);
  const was = new Float64Array(count).fill(-1);
  let folders = new Int32Array(count);
  const columns: Columns = {
    count,
    packed: new Uint32Array(count * 8),
    usable: new Uint8Array(count),
    fresh: new Uint8Array(count),
    width: int(),
    height: int(),
    taken: int(),
    model: int(),
    key: int(),
    position: new Float64Array(count),
    was: int().fill(-1),
    folderStart: new Int32Array(count + 1),
    folders,
  };
  let at = 0;
  for await (const row of rows) {
    // Another process may have described more since they were counted: the next search has those.
    if (at === count) break;
    columns.packed.set(fromHex(row.pdq)!, at * 8);
    columns.usable[at] = row.quality >= leastQuality ? 1 : 0;
    columns.fresh[at] = row.fresh ? 1 : 0;
    columns.width[at] = row.width;
    columns.height[at] = row.height;
    columns.taken[at] = row.taken ?? 0;
    columns.model[at] = row.model ?? 0;
    columns.key[at] = row.key ?? 0;
    columns.position[at] = row.position;
    was[at] = row.was ?? -1;
    const from = columns.folderStart[at]!;
    if (from + row.folders.length > folders.length) {
      const more = new Int32Array(2 * (folders.length + row.folders.length));
      more.set(folders);
      folders = more;
    }
    folders.set(row.folders, from);
    columns.folderStart[++at] = from + row.folders.length;
  }
  columns.count = at;
  columns.folders = folders;
  for (let i = 0; i < at; i++) {
    const of = was[i]! < 0 ? -1 : placeOf(columns, was[i]!);
    columns.was[i] = was[i]! >= 0 && of < 0 ? gone : of;
  }
  return columns;
}

/** The place of a picture by the position of its record; -1 where it has no hash. */
export function placeOf({ position, count }: Columns, wanted: number): number {
  let [low, high] = [0, count - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (position[middle] === wanted) return middle;
    if (position[middle]! < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The places of which this holds, in order. */
export function placesWhere({ count }: Columns, holds: (place: number) => boolean): number[] {
  const places: number[] = [];
  for (let i = 0; i < count; i++) if (holds(i)) places.push(i);
  return places;
}

export const hashAt = ({ packed }: Columns, i: number): PdqHash => packed.subarray(i * 8, i * 8 + 8);

/** Hashes of some places, packed anew. */
export const packedOf = (columns: Columns, places: readonly number[]): Uint32Array =>
  packHashes(places.map((i) => hashAt(columns, i)));

export const foldersOf = ({ folders, folderStart }: Columns, i: number): Int32Array =>
  folders.subarray(folderStart[i], folderStart[i + 1]);

/** As near.ts has it of two pictures in full. */
export function proportionsAlike({ width, height }: Columns, a: number, b: number): boolean {
  return Math.abs((width[a]! * height[b]!) / (width[b]! * height[a]!) - 1) <= 0.02;
}

/** That the cameras' words do not hold two pictures apart. */
export function mayBeCopies({ taken, model }: Columns, a: number, b: number): boolean {
  if (taken[a] !== 0 && taken[b] !== 0 && taken[a] !== taken[b]) return false;
  return model[a] === 0 || model[b] === 0 || model[a] === model[b];
}

const page = 20_000;
/** A text as a number: different texts have the same in one of four billion pairs. */
const numberOf = (text: string): string => `('x' || left(md5(${text}), 8))::bit(32)::int`;

/** Reads the columns page by page; `last` is the position up to which the last search knew everything. */
export async function readColumns(pool: Pick<pg.Pool, 'query'>, last: number): Promise<Columns> {
  const { rows } = await pool.query<{ n: number }>('select count(*) as n from description where pdq is not null');
  return columnsOf(Number(rows[0]!.n), pagesOf(pool, last));
}

async function* pagesOf(pool: Pick<pg.Pool, 'query'>, last: number): AsyncGenerator<ColumnsRow> {
  for (let after = -1; ;) {
    const { rows } = await pool.query<ColumnsRow>(
      `select d.pdq, d.pdq_quality as quality, d.width, d.height, i.position, o.position as was,
         ${numberOf('d.taken')} as taken, ${numberOf('d.model')} as model, ${numberOf('r.key')} as key,
         greatest(d.position, r.position) > $1 as fresh,
         coalesce((select array_agg(distinct ${numberOf("regexp_replace(c.path, '[^/]+$', '')")}) from receipt c where c.item = d.item), '{}') as folders
       from description d join item i on i.handle = d.item left join near n on n.item = d.item left join item o on o.handle = n.of
         left join reading r on r.item = d.item
       where d.pdq is not null and i.position > $2 order by i.position limit ${page}`,
      [last, after],
    );
    yield* rows;
    if (rows.length < page) return;
    after = Number(rows.at(-1)!.position);
  }
}
