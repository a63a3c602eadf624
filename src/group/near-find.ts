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
import { pairsToAlign, type Neighbour } from './near-candidates.ts';
import { confirms, explain, originalOf } from './near-explain.ts';
import type { Near, NearBasis } from './near-records.ts';
import type { Look, LookInput } from './near-worker.ts';
import {
  contradicted,
  hashEdges,
  leastQuality,
  nearRule,
  nearSets,
  type Edge,
  type NearSet,
  type PairLink,
} from './near.ts';

const turnSize = 1024;
/** Pairs a search aligns at most, the nearest first: a quarter of an hour on two cores. What is left is counted. */
const mostAligned = 20_000;

export interface FindOptions {
  signal?: AbortSignal;
  progress?: Progress;
}

interface Row extends Omit<Neighbour, 'fresh'> {
  sha256: string;
  seen: number;
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

  const pictures = await readPictures(opened, last);
  const placeOf = new Map(pictures.map(({ item }, i) => [item, i]));
  const links = await readLinks(opened, placeOf);
  const hashed = hashEdges(pictures);
  const known = new Set(hashed.map(({ a, b }) => `${a} ${b}`));
  const edges = [...hashed, ...confirmedBefore(pictures, placeOf)];
  const wanted = pairsToAlign(pictures, edges);
  const pairs = wanted.slice(0, mostAligned);
  const workers = openWorkers<LookInput, Look | null | 'no-thumbnail'>(new URL('./near-worker.ts', import.meta.url), {
    threads: availableParallelism(),
  });
  const looks = new Map<string, Look>();
  let sets: Map<number, NearSet>;
  let confirmed = 0;
  let aligned = 0;
  try {
    let done = 0;
    for await (const { pair, look } of inOrder(pairs, 32, async (one) => ({
      pair: one,
      look: await lookAt(opened, workers, pictures[one.a]!, pictures[one.b]!, one.look),
    }))) {
      checkCancelled(options.signal);
      options.progress?.({ stage: 'group', done: ++done, total: pairs.length });
      if (look === 'no-thumbnail') continue;
      aligned++;
      const { a, b, distance } = pair;
      if (look === null || !confirms(look)) continue;
      confirmed++;
      const first = originalOf(look, pictures[a]!, pictures[b]!);
      looks.set(`${a} ${b}`, look);
      const basis = pair.look === 'turned' ? 'turned-hash' : 'alignment';
      edges.push({ a, b, distance, basis, original: first === null ? null : first === 'a' ? a : b });
    }
    sets = await settle(opened, workers, pictures, edges, links, looks);
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
      pictures: pictures.length,
      hashed: pictures.filter(({ quality }) => quality >= leastQuality).length,
      pairs: known.size,
      aligned,
      confirmed,
      left: wanted.length - pairs.length,
    });
  });
}

async function readPictures({ index }: OpenCase, last: number): Promise<(Row & Neighbour)[]> {
  const { rows } = await index.pool.query<Row>(
    `select d.item, i.id, i.sha256, d.pdq, d.pdq_quality as quality, d.width, d.height, d.taken, d.model, i.size, r.key,
       coalesce((select array_agg(distinct regexp_replace(c.path, '[^/]+$', '')) from receipt c where c.item = d.item), '{}') as folders,
       greatest(d.position, r.position) as seen, n.of as was, n.basis as was_basis, n.distance as was_distance
     from description d join item i on i.handle = d.item left join near n on n.item = d.item
     left join reading r on r.item = d.item where d.pdq is not null order by i.position`,
  );
  return rows.map((row) => ({ ...row, fresh: Number(row.seen) > last }));
}

async function readLinks({ index }: OpenCase, placeOf: ReadonlyMap<string, number>): Promise<PairLink[]> {
  const { rows } = await index.pool.query<{ a: string; b: string; link: PairLink['link'] }>(
    'select a, b, link from link order by position',
  );
  return rows.flatMap(({ a, b, link }) => {
    const [x, y] = [placeOf.get(a), placeOf.get(b)];
    return x === undefined || y === undefined ? [] : [{ a: x, b: y, link }];
  });
}

/** Pairs that an earlier search has confirmed by alignment: they are not looked at again. */
function confirmedBefore(pictures: readonly Row[], placeOf: ReadonlyMap<string, number>): Edge[] {
  return pictures.flatMap(({ was, was_basis, was_distance }, i) => {
    const of = was === null ? undefined : placeOf.get(was);
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

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: 'Cancelled. What was done is kept.',
      next: 'the same command goes on from here',
    });
  }
}
