// The search for near-duplicates: pairs by hash, what people said, pairs that need looking at, sets, and a record of each
// that is new or different. A repeat without anything new adds nothing and looks at nothing.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fromHex, hammingDistance, turnedFromHash, undone } from '@dalil/imaging';
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { pairsToAlign } from './near-candidates.ts';
import { gone, placeOf, placesWhere, readColumns, type Columns } from './near-columns.ts';
import { confirms, explain, originalOf } from './near-explain.ts';
import type { Near, NearBasis } from './near-records.ts';
import type { Look, LookInput } from './near-worker.ts';
import {
  contradicted,
  mayBeOne,
  nearRule,
  nearSets,
  pairKey,
  type Candidate,
  type Edge,
  type NearSet,
  type PairLink,
} from './near.ts';
import { openReach } from './near-reach.ts';

const turnSize = 1024;
const detailsAtOnce = 5_000;
/** Pairs a search aligns at most, the nearest first: a quarter of an hour on two cores. What is left is counted. */
const mostAligned = 20_000;

export interface FindOptions {
  signal?: AbortSignal;
  progress?: Progress;
}

interface Row extends Candidate {
  sha256: string;
  position: number;
  was: string | null;
  was_basis: NearBasis | null;
  was_distance: number | null;
}

/** Finds near-duplicates among all described pictures; what was found before and no longer holds is withdrawn. */
export async function findNear(opened: OpenCase, options: FindOptions): Promise<void> {
  const { index, log, actor } = opened;
  const { rows: searches } = await index.pool.query<{ rule: string; through: number }>(
    'select rule, through from search order by position desc limit 1',
  );
  const last = searches[0]?.rule === nearRule ? Number(searches[0].through) : -1;
  const { rows: heads } = await index.pool.query<{ through: number | null }>(
    `select greatest((select max(position) from description), (select max(position) from reading),
       (select max(position) from record where kind = 'group.link')) as through`,
  );
  const through = Number(heads[0]!.through ?? -1);
  if (through <= last) return;

  const columns = await readColumns(index.pool, last);
  const details = detailsOf(opened, columns);
  const fresh = placesWhere(columns, (i) => columns.fresh[i] === 1);
  const links = await readLinks(opened, columns, last);
  const reach = openReach(columns, fresh.length);
  placesWhere(columns, (i) => columns.was[i]! >= 0).forEach((i) => reach.join(i, columns.was[i]!));
  for (const { a, b } of links.standing) reach.join(a, b);
  reach.grow([...fresh, ...links.changed, ...placesWhere(columns, (i) => columns.was[i] === gone)]);

  const pairsByHash = reach.edges.size;
  const wanted = pairsToAlign(columns, ...settledBy(columns, reach.edges));
  const pairs = wanted.slice(0, mostAligned);
  const workers = openWorkers<LookInput, Look | null | 'no-thumbnail'>(new URL('./near-worker.ts', import.meta.url), {
    threads: availableParallelism(),
  });
  const looks = new Map<string, Look>();
  const confirmed: Edge[] = [];
  let pictures: Row[];
  let sets: Map<number, NearSet>;
  let aligned = 0;
  try {
    let done = 0;
    await details.read(pairs.flatMap(({ a, b }) => [a, b]));
    for await (const { pair, look } of inOrder(pairs, 32, async (one) => ({
      pair: one,
      look: await lookAt(opened, workers, details.at(one.a), details.at(one.b), one.look),
    }))) {
      checkCancelled(options.signal);
      options.progress?.({ stage: 'group', done: ++done, total: pairs.length });
      if (look === 'no-thumbnail') continue;
      aligned++;
      const { a, b, distance } = pair;
      if (look === null || !confirms(look)) continue;
      const first = originalOf(look, details.at(a), details.at(b));
      looks.set(pairKey(a, b), look);
      const basis = pair.look === 'turned' ? 'turned-hash' : 'alignment';
      confirmed.push({ a, b, distance, basis, original: first === null ? null : first === 'a' ? a : b });
    }
    for (const { a, b } of confirmed) reach.join(a, b);
    reach.grow(confirmed.flatMap(({ a, b }) => [a, b]));

    // From here on only what was reached, by places of its own.
    const places = [...new Set([...reach.places(), ...placesWhere(columns, (i) => columns.was[i] === gone)])];
    places.sort((a, b) => a - b);
    await details.read(places);
    pictures = places.map((place) => details.at(place));
    const here = new Map(places.map((place, i) => [place, i]));
    const moved = <T extends { a: number; b: number }>(all: Iterable<T>): T[] =>
      [...all].flatMap((one) => {
        const [a, b] = [here.get(one.a), here.get(one.b)];
        return a === undefined || b === undefined ? [] : [{ ...one, a, b }];
      });
    const hashed = moved(reach.edges.values()).filter(({ a, b }) => mayBeOne(pictures[a]!, pictures[b]!));
    const found = moved(confirmed).map((edge) => ({
      ...edge,
      original: edge.original === null ? null : here.get(edge.original)!,
    }));
    const seen = new Map(confirmed.map(({ a, b }) => [pairKey(here.get(a)!, here.get(b)!), looks.get(pairKey(a, b))!]));
    looks.clear();
    for (const [key, look] of seen) looks.set(key, look);
    const edges = [...hashed, ...confirmedBefore(pictures), ...found];
    sets = await settle(opened, workers, pictures, edges, moved(links.standing), looks);
  } finally {
    await workers.close();
  }

  const changes = pictures.flatMap(({ item, was }, i) => {
    const near = sets.get(i);
    return (near === undefined ? null : pictures[near.of]!.item) === was ? [] : [{ item, i, near }];
  });
  for (let at = 0; at < changes.length; at += turnSize) {
    checkCancelled(options.signal);
    await log.append(actor, (turn) => {
      for (const { i, near } of changes.slice(at, at + turnSize)) {
        const refs: Record<string, string> = { item: pictures[i]!.id };
        if (near !== undefined) refs['of'] = pictures[near.of]!.id;
        const said = near === undefined ? { distance: 0, rule: nearRule } : sayNear(pictures, i, near, looks);
        turn.add({ kind: 'group.near', refs, ...(said as unknown as Record<string, Json>) });
      }
    });
  }
  // Last, so that a search which was broken off is done again.
  await log.append(actor, (turn) => {
    turn.add({
      kind: 'group.search',
      rule: nearRule,
      through,
      pictures: columns.count,
      hashed: columns.usable.reduce((sum, one) => sum + one, 0),
      pairs: pairsByHash,
      aligned,
      confirmed: confirmed.length,
      left: wanted.length - pairs.length,
    });
  });
}

/** The pairs that need no alignment, and the pictures that have a copy or an original already. */
function settledBy(
  columns: Columns,
  edges: ReadonlyMap<string, Edge>,
): [{ has(key: string): boolean }, (place: number) => boolean] {
  const known = new Set<string>();
  const settled = new Uint8Array(columns.count);
  const mark = (a: number, b: number): void => {
    known.add(pairKey(a, b));
    settled[a] = settled[b] = 1;
  };
  for (const { a, b } of edges.values()) mark(a, b);
  for (const i of placesWhere(columns, (place) => columns.was[place]! >= 0)) mark(i, columns.was[i]!);
  return [known, (place) => settled[place] === 1];
}

/** What is said of pictures in full, read for the places that are asked for. */
function detailsOf({ index }: OpenCase, { position }: Columns) {
  const rows = new Map<number, Row>();
  return {
    at: (place: number): Row => rows.get(position[place]!)!,
    read: async (places: readonly number[]): Promise<void> => {
      const wanted = [...new Set(places.map((place) => position[place]!))].filter((one) => !rows.has(one));
      for (let from = 0; from < wanted.length; from += detailsAtOnce) {
        const { rows: read } = await index.pool.query<Row>(
          `select d.item, i.id, i.position, i.sha256, d.pdq, d.pdq_quality as quality, d.width, d.height, d.taken, d.model, i.size,
             n.of as was, n.basis as was_basis, n.distance as was_distance
           from item i join description d on d.item = i.handle left join near n on n.item = d.item
           where i.position = any($1)`,
          [wanted.slice(from, from + detailsAtOnce)],
        );
        for (const row of read) rows.set(Number(row.position), row);
      }
    },
  };
}

/** What people said of pairs: all that stands, and the pictures of which something was said since the last search. */
async function readLinks({ index, log }: OpenCase, columns: Columns, last: number) {
  const { rows } = await index.pool.query<{ a: number; b: number; link: PairLink['link'] }>(
    `select a.position as a, b.position as b, l.link from link l join item a on a.handle = l.a join item b on b.handle = l.b
     order by l.position`,
  );
  const standing = rows.flatMap(({ a, b, link }): PairLink[] => {
    const [x, y] = [placeOf(columns, Number(a)), placeOf(columns, Number(b))];
    return x < 0 || y < 0 ? [] : [{ a: x, b: y, link }];
  });
  // A link that was taken back has no row: its record says of which pictures.
  const { rows: said } = await index.pool.query<{ position: number }>(
    "select position from record where kind = 'group.link' and position > $1 order by position",
    [last],
  );
  const ids: string[] = [];
  for (const { position } of said) {
    for await (const { refs } of log.read(Number(position), Number(position) + 1))
      ids.push(...[refs['items'] ?? []].flat());
  }
  const { rows: items } = await index.pool.query<{ position: number }>('select position from item where id = any($1)', [
    ids,
  ]);
  const changed = items.map(({ position }) => placeOf(columns, Number(position))).filter((place) => place >= 0);
  return { standing, changed };
}

/** Pairs that an earlier search has confirmed by alignment: they are not looked at again. */
function confirmedBefore(pictures: readonly Row[]): Edge[] {
  const placeOfItem = new Map(pictures.map(({ item }, i) => [item, i]));
  return pictures.flatMap(({ was, was_basis, was_distance }, i) => {
    const of = was === null ? undefined : placeOfItem.get(was);
    if (of === undefined || (was_basis !== 'alignment' && was_basis !== 'turned-hash')) return [];
    return [{ a: Math.min(i, of), b: Math.max(i, of), distance: was_distance ?? 0, basis: was_basis, original: of }];
  });
}

/** Sets, with each new copy looked at beside its original: one that the thumbnails contradict is no copy. */
async function settle(
  opened: OpenCase,
  workers: Workers<LookInput, Look | null | 'no-thumbnail'>,
  pictures: readonly Row[],
  edges: Edge[],
  links: readonly PairLink[],
  looks: Map<string, Look>,
): Promise<Map<number, NearSet>> {
  const seen = new Set<string>();
  let standing = edges;
  for (;;) {
    const sets = nearSets(pictures, standing, links);
    const unseen = [...sets].filter(([copy, { of, edge }]) => {
      const key = `${edge.a} ${edge.b}`;
      return edge.basis === 'hash' && pictures[of]!.item !== pictures[copy]!.was && !seen.has(key) && !looks.has(key);
    });
    if (unseen.length === 0) return sets;
    const refused = new Set<string>();
    for await (const { key, look } of inOrder(unseen, 32, async ([, { edge }]) => ({
      key: `${edge.a} ${edge.b}`,
      look: await lookAt(opened, workers, pictures[edge.a]!, pictures[edge.b]!, 'same'),
    }))) {
      seen.add(key);
      if (look === 'no-thumbnail') continue;
      if (look === null || look.alignment.score < contradicted) refused.add(key);
      else looks.set(key, look);
    }
    standing = standing.filter(({ a, b, basis }) => basis !== 'hash' || !refused.has(`${a} ${b}`));
  }
}

async function lookAt(
  { home, id }: OpenCase,
  workers: Workers<LookInput, Look | null | 'no-thumbnail'>,
  a: Row,
  b: Row,
  look: LookInput['look'],
): Promise<Look | null | 'no-thumbnail'> {
  const path = ({ sha256 }: Row): string => join(home.thumbnails, id, sha256.slice(0, 2), `${sha256}.jpg`);
  try {
    return await workers.run({ a: path(a), b: path(b), look });
  } catch (error) {
    if (error instanceof WorkerLost && error.reason !== 'closed') return 'no-thumbnail';
    throw error;
  }
}

function sayNear(
  pictures: readonly Row[],
  copy: number,
  { of, edge }: NearSet,
  looks: ReadonlyMap<string, Look>,
): Near {
  const [one, original] = [pictures[copy]!, pictures[of]!];
  // The pair that was looked at is this one, or another of the set where a person linked some.
  const direct = (edge.a === copy && edge.b === of) || (edge.b === copy && edge.a === of);
  const look = direct ? looks.get(`${edge.a} ${edge.b}`) : undefined;
  const seen = look === undefined ? null : edge.a === copy ? look : theOtherWay(look);
  const distance = edge.basis === 'person' || !direct ? distanceOf(one, original) : edge.distance;
  return { distance, rule: nearRule, basis: direct ? edge.basis : 'person', ...explain(one, original, seen) };
}

function distanceOf(a: Row, b: Row): number {
  const other = fromHex(b.pdq)!;
  return Math.min(...Object.values(turnedFromHash(fromHex(a.pdq)!)).map((hash) => hammingDistance(hash, other)));
}

/** The same sight with the two exchanged. */
function theOtherWay(look: Look): Look {
  const { alignment } = look;
  const whole = alignment.covers > 0.97;
  const swapped = look.turn.endsWith('90') || look.turn.endsWith('270') || look.turn.endsWith('-1');
  const sides = ({ width, height }: Look['a']) => (swapped ? { width: height, height: width } : { width, height });
  const region = { x: 0, y: 0, ...sides(look.a) };
  return {
    ...look,
    turn: undone(look.turn),
    a: sides(look.b),
    b: sides(look.a),
    inside: whole ? look.inside : look.inside === 'a-in-b' ? 'b-in-a' : 'a-in-b',
    colour: { a: look.colour.b, b: look.colour.a },
    alignment: whole
      ? {
          ...alignment,
          region,
          scale: 1 / alignment.scale,
          gain: 1 / alignment.gain,
          offset: -alignment.offset / alignment.gain,
        }
      : alignment,
  };
}

export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: 'Cancelled. What was done is kept.',
      next: 'the same command goes on from here',
    });
  }
}
