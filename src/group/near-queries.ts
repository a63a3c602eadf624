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

/** `likeHash` of an item's own hash, itself left out. Throws Fault('usage') where it has none. */
export async function likeItem(pool: Pool, item: string, distance: number): Promise<LikePicture[]> {
  const { rows } = await pool.query<{ pdq: string | null }>('select pdq from description where item = $1', [item]);
  const hash = fromHex(rows[0]?.pdq ?? '');
  if (hash === null) throw notAPicture(item);
  return (await likeHash(pool, hash, distance)).filter((near) => near.item !== item);
}

export function notAPicture(given: string): Fault {
  return new Fault('usage', {
    what: 'There is no such picture, or it has no hash.',
    expected: 'the handle of an item that was described as a picture: E-00012',
    got: given,
    next: 'dalil items',
  });
}
