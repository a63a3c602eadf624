// What is known of likeness: copies with what was done to them, the searches, what people said, and the pictures near to
// one, which the database finds without reading all.
import { bandKeys, fromHex, turnedFromHash, turns, type PdqHash, type Turn } from '@dalil/imaging';
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import type { NearTables } from './near-project.ts';

type Pool = Pick<pg.Pool, 'query'>;

export type NearRow = Omit<NearTables['near'], 'position'> & {
  /** What a person has said of the two. */
  link: 'must' | 'cannot' | null;
};

/** Copies and their originals, in the order of the copies' handles. */
export async function listNear(pool: Pool): Promise<NearRow[]> {
  const { rows } = await pool.query<NearRow>(
    `select n.item, n.of, n.distance, n.basis, n.changes, n.turn, n.scale, n.alignment, n.direction, l.link
     from near n join item i on i.handle = n.item
     left join link l on l.a = least(n.item, n.of) and l.b = greatest(n.item, n.of) order by i.position`,
  );
  return rows;
}

/** The latest search, or null. */
export async function lastSearch(pool: Pool): Promise<NearTables['search'] | null> {
  const { rows } = await pool.query<NearTables['search']>('select * from search order by position desc limit 1');
  return rows[0] ?? null;
}

/** Pairs that people linked or cut and that stand. */
export async function listLinks(pool: Pool): Promise<NearTables['link'][]> {
  const { rows } = await pool.query<NearTables['link']>('select * from link order by position');
  return rows;
}

export interface LikePicture {
  item: string;
  distance: number;
  turn: Turn;
}

/**
 * Items whose hash lies within `distance` (0 to 31) of this one, turned or not, nearest first. Exact where `distance` is
 * at most 15 with sixteen bands, above with their 272 neighbours; hashes of low quality are left out.
 */
export async function likeHash(
  pool: Pool,
  hash: PdqHash,
  distance: number,
  ways: readonly Turn[] = turns,
): Promise<LikePicture[]> {
  if (!Number.isInteger(distance) || distance < 0 || distance > 31) {
    throw new RangeError('distance must be a whole number from 0 to 31');
  }
  const turned = turnedFromHash(hash);
  const best = new Map<string, LikePicture>();
  for (const turn of ways) {
    const bits = Array.from(turned[turn], (word) => word.toString(2).padStart(32, '0')).join('');
    const { rows } = await pool.query<{ item: string; distance: number }>(
      `select item, distance from (
         select item, bit_count(('x' || pdq)::bit(256) # $1::bit(256))::int as distance from description
         where pdq_bands(pdq) && $2::int[] and pdq_quality >= 50) as near
       where distance <= $3`,
      [bits, bandKeys(turned[turn], distance > 15), distance],
    );
    for (const row of rows) {
      if (row.distance < (best.get(row.item)?.distance ?? 257)) best.set(row.item, { ...row, turn });
    }
  }
  return [...best.values()].toSorted((x, y) => x.distance - y.distance || (x.item < y.item ? -1 : 1));
}

export interface LikeItem extends LikePicture {
  /** Of a video: the key frame that is near, and the seconds at which it was asked for; null of a picture. */
  frame: { n: number; at: number } | null;
}

/** Key frames of videos whose hash lies within `distance` of this one, turned or not: a scan, since they are few. */
async function likeFrames(pool: Pool, hash: PdqHash, distance: number): Promise<LikeItem[]> {
  const turned = turnedFromHash(hash);
  const bits = turns.map((turn) => Array.from(turned[turn], (word) => word.toString(2).padStart(32, '0')).join(''));
  const { rows } = await pool.query<{ item: string; n: number; at: number; distance: number; turn: number }>(
    `select f.item, f.n, f.at, near.distance, near.turn from media_frame f, lateral (
       select bit_count(('x' || f.pdq)::bit(256) # w.bits::bit(256))::int as distance, w.turn::int
       from unnest($1::text[]) with ordinality as w(bits, turn) order by 1, 2 limit 1) as near
     where f.pdq_quality >= 50 and near.distance <= $2`,
    [bits, distance],
  );
  return rows.map(({ item, n, at, distance: bitsApart, turn }) => ({
    item,
    distance: bitsApart,
    turn: turns[turn - 1]!,
    frame: { n, at },
  }));
}

/**
 * Pictures and key frames near to an item, nearest first, itself left out: to the picture that it is, or to any key frame
 * of the video that it is. Throws Fault('usage') where it has no hash.
 */
export async function likeItem(pool: Pool, item: string, distance: number): Promise<LikeItem[]> {
  const { rows } = await pool.query<{ pdq: string }>(
    `select pdq from description where item = $1 and pdq is not null
     union all select pdq from media_frame where item = $1 and pdq_quality >= 50`,
    [item],
  );
  if (rows.length === 0) throw notAPicture(item);
  const best = new Map<string, LikeItem>();
  for (const { pdq } of rows) {
    const hash = fromHex(pdq)!;
    const pictures = (await likeHash(pool, hash, distance)).map((near) => ({ ...near, frame: null }));
    for (const near of [...pictures, ...(await likeFrames(pool, hash, distance))]) {
      if (near.item === item) continue;
      const key = `${near.item} ${near.frame?.n ?? ''}`;
      if (near.distance < (best.get(key)?.distance ?? 257)) best.set(key, near);
    }
  }
  const place = ({ frame }: LikeItem): number => frame?.n ?? 0;
  return [...best.values()].toSorted(
    (x, y) => x.distance - y.distance || (x.item < y.item ? -1 : x.item > y.item ? 1 : place(x) - place(y)),
  );
}

export function notAPicture(given: string): Fault {
  return new Fault('usage', {
    what: 'There is no such picture, or it has no hash.',
    expected: 'the handle of an item that was described as a picture, or of a video with key frames: E-00012',
    got: given,
    next: 'dalil items',
  });
}
