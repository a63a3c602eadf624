// Which picture belongs to which individual, and why. Pure: rows in, members with reasons out. What people have decided
// comes first, then names, then cards that agree, then neighbourhood and likeness; never a face.
import { agree, fewestSure, provisionalFrom, surest, surestAlone, type Agreement, type Witness } from './agreement.ts';
import { numberAsKey } from './identifier.ts';
import { applyLinks } from './linked.ts';
import type { PictureLink } from './near-records.ts';
import type { Agreed, Reason } from './records.ts';
import { piecesOf, runsOf, type Picture } from './sequence.ts';

/** Farther apart in time, pictures of one number are not put together unasked: the number may have been used again. */
export const sameBodyDays = 2;

export interface Settled {
  role: string;
  value: string | null;
}

export interface Assignable extends Picture {
  /** How its target came about. */
  by: 'path' | 'placed' | null;
  /** What people say its cards say. */
  settled: Settled[];
  /** A person says that it belongs to nobody. */
  excluded: boolean;
}

export interface Known {
  /** Roles that make a key, in order. */
  keyRoles: readonly string[];
  /** The target of a key: a handle, or the key itself where it has none yet. */
  targetOf(key: Record<string, string>): string;
}

export interface Member {
  item: string;
  reasons: Reason[];
}

/** Pictures that may belong to a target, for a person to say. */
export interface Proposal {
  target: string;
  items: string[];
  /** cut: likeness or neighbourhood would put it there, beside a picture that a person has cut from it. */
  why: 'far-apart' | 'beside' | 'between-two' | 'differs' | 'cut';
  /** Other targets that are as near. */
  others: string[];
  probability: number | null;
}

/** A number for a person to settle, by its crop alone. */
export interface NumberQuestion {
  item: string;
  /** Place of the reading in its picture. */
  n: number;
  role: string;
  value: string;
  probability: number;
  /** open: nothing follows from it yet. provisional: used for grouping, and counted once it is accepted. */
  state: 'open' | 'provisional';
  /** The pictures that the answer speaks for. */
  items: string[];
}

export interface Assignment {
  members: Map<string, Member[]>;
  questions: NumberQuestion[];
  agreements: { head: string; items: string[]; numbers: Agreed[] }[];
  proposals: Proposal[];
}

interface Part {
  pictures: Assignable[];
  contested: boolean;
  numbers: (Agreement & { role: string; settledBy: string | null })[];
}

/** `links`: what people said of pairs; its order means nothing. */
export function assign(pictures: readonly Assignable[], known: Known, links: readonly PictureLink[] = []): Assignment {
  const free = pictures.filter(({ excluded }) => !excluded);
  const byItem = new Map(free.map((picture) => [picture.item, picture]));
  const copies = new Map<string, Assignable[]>();
  for (const picture of free) {
    if (picture.cluster !== picture.item)
      copies.set(picture.cluster, [...(copies.get(picture.cluster) ?? []), picture]);
  }
  // A copy without a time of its own stands beside its original.
  const timed = free.filter(({ taken, cluster, item }) => taken !== null || cluster === item || !byItem.has(cluster));
  const standsIn = new Set(timed.map(({ item }) => item));
  const parts = runsOf(timed).flatMap((run) =>
    piecesOf(run).map((piece): Part => {
      const all = (piece.pictures as Assignable[]).flatMap((picture) => [
        picture,
        ...(copies.get(picture.item) ?? []).filter(({ item }) => !standsIn.has(item)),
      ]);
      return { pictures: all, contested: piece.contested, numbers: numbersOf(all) };
    }),
  );
  backedElsewhere(parts);
  const out: Assignment = { members: new Map(), questions: [], agreements: [], proposals: [] };
  const times = new Map<string, number[]>();
  const put = (target: string, { item, taken }: Assignable, reasons: Reason[]): void => {
    const list = out.members.get(target);
    if (list === undefined) out.members.set(target, [{ item, reasons }]);
    else list.push({ item, reasons });
    if (taken !== null) times.set(target, [...(times.get(target) ?? []), taken]);
  };
  const unnamed: Part[] = [];
  for (const part of parts) {
    const { pictures: here, numbers } = part;
    if (numbers.length > 0) {
      out.agreements.push({
        head: here[0]!.item,
        items: here.map(({ item }) => item),
        numbers: numbers.map(
          ({ role, value, probability, witnesses, item, n }) =>
            ({ role, value, probability, witnesses, item, n }) as Agreed,
        ),
      });
    }
    const targets = [...new Set(here.flatMap(({ target }) => (target === null ? [] : [target])))];
    if (targets.length === 0) unnamed.push(part);
    else placeBeside(part, targets, copies, put, out.proposals);
  }
  for (const part of unnamed) {
    const alone = part.pictures.length === 1 ? likeOnly(part.pictures[0]!, copies, byItem) : null;
    if (alone === null) {
      const placed = placeByCards(part, known, times, put, out.proposals);
      out.questions.push(...questionsOf(part, known.keyRoles, placed ? 'provisional' : 'open'));
    } else put(alone.target!, part.pictures[0]!, [{ reason: 'near', probability: null, of: alone.item }]);
  }
  const linked = applyLinks(out.members, free, links);
  const placed = new Set([...out.members.values()].flatMap((list) => list.map(({ item }) => item)));
  const open = out.proposals
    .map((proposal) => ({ ...proposal, items: proposal.items.filter((item) => !placed.has(item)) }))
    .filter(({ items }) => items.length > 0);
  out.proposals = joined([...open, ...linked]);
  return out;
}

/**
 * A branch on which two pictures agree, and which is sure of other bodies, is sure as well, since a case has few branches
 * and a misreading is hardly ever one of them. The number of the detainee is asked all the same.
 */
function backedElsewhere(parts: readonly Part[]): void {
  const branches = parts.flatMap(({ numbers }) => numbers.filter(({ role }) => role === 'branch-number'));
  const sure = new Map<string, number>();
  for (const { value, probability } of branches)
    if (probability >= provisionalFrom) sure.set(value, (sure.get(value) ?? 0) + 1);
  for (const branch of branches) {
    const { witnesses, probability, value } = branch;
    if (witnesses !== 2 || probability < surestAlone || (sure.get(value) ?? 0) < fewestSure) continue;
    branch.probability = surest;
  }
}

const joins = new Set<Proposal['why']>(['far-apart', 'beside', 'between-two']);

/** Proposals of one target that follow each other are one question. */
function joined(proposals: readonly Proposal[]): Proposal[] {
  const out: Proposal[] = [];
  for (const proposal of proposals) {
    const last = out.at(-1);
    if (last?.target === proposal.target && last.why === proposal.why && joins.has(proposal.why)) {
      last.items.push(...proposal.items);
    } else out.push(proposal);
  }
  return out;
}

/** The placed picture that this one is a near-duplicate of, where all such agree. */
function likeOnly(
  { item, cluster }: Assignable,
  copies: ReadonlyMap<string, Assignable[]>,
  byItem: ReadonlyMap<string, Assignable>,
): Assignable | null {
  const original = byItem.get(cluster);
  const like = [...(original === undefined ? [] : [original]), ...(copies.get(cluster) ?? [])].filter(
    (one) => one.item !== item && one.target !== null,
  );
  return new Set(like.map(({ target }) => target)).size === 1 ? like[0]! : null;
}

type Put = (target: string, picture: Assignable, reasons: Reason[]) => void;

/** Names or people place some of a part: the others follow by likeness, or by neighbourhood where all agree. */
function placeBeside(
  { pictures, numbers }: Part,
  targets: string[],
  copies: ReadonlyMap<string, Assignable[]>,
  put: Put,
  proposals: Proposal[],
): void {
  const anchors = pictures.filter(({ target }) => target !== null);
  const said = numbers.find(({ role }) => role === 'detainee-number');
  const inside = within(pictures, (one) => one.target !== null || shows(one, anchors[0]!.number));
  for (const picture of pictures) {
    const { target, by, cluster, item } = picture;
    const near = [...(copies.get(cluster) ?? []), ...anchors.filter((one) => one.item === cluster)].filter(
      (one) => one.item !== item && one.target !== null,
    );
    const nearTargets = new Set(near.map((one) => one.target));
    const reasons: Reason[] = [];
    if (target !== null) reasons.push({ reason: by!, probability: null, of: null });
    const copy = near.find((one) => one.target === (target ?? one.target));
    if (copy !== undefined && (target !== null || nearTargets.size === 1)) {
      reasons.push({ reason: 'near', probability: null, of: copy.item });
    }
    if (target === null && reasons.length === 0 && !inside.has(item)) {
      proposals.push({ target: targets[0]!, items: [item], why: 'beside', others: [], probability: null });
      continue;
    }
    if (target === null && targets.length === 1) {
      const differs = said !== undefined && said.item === item && anchors[0]!.number !== said.value;
      const wanted = anchors[0]!.number;
      if (shows(picture, wanted)) {
        const own = picture.readings.find(({ role }) => role === 'detainee-number')!;
        reasons.push({ reason: 'card', probability: own.values[0]!.probability, of: null });
      } else if (differs && reasons.length === 0 && said.probability >= provisionalFrom) {
        proposals.push({
          target: targets[0]!,
          items: [item],
          why: 'differs',
          others: [],
          probability: said.probability,
        });
        continue;
      }
      reasons.push({ reason: 'sequence', probability: null, of: nearest(picture, anchors).item });
    }
    const goes = target ?? copy?.target ?? (targets.length === 1 ? targets[0]! : null);
    if (goes !== null && reasons.length > 0) put(goes, picture, reasons);
    else
      proposals.push({
        target: targets[0]!,
        items: [item],
        why: 'between-two',
        others: targets.slice(1),
        probability: null,
      });
  }
}

/** Whether a card in the picture was read as this detainee number. */
function shows({ readings }: Assignable, number: string | null): boolean {
  return (
    number !== null &&
    readings.some(({ role, values }) => role === 'detainee-number' && numberAsKey(values[0]!.value) === number)
  );
}

/**
 * The pictures of a part that lie within what shows its body. Before the first and after the last such picture, others
 * without a number may be of the next subject: of six planned caches of 2,000, three had pictures of soldiers there.
 */
function within(pictures: readonly Assignable[], shows: (picture: Assignable) => boolean): Set<string> {
  const places = new Map(pictures.map(({ item }, i) => [item, i]));
  // A copy without a time stands where its original does.
  const placeOf = ({ item, cluster, taken }: Assignable) =>
    places.get(taken === null ? cluster : item) ?? places.get(item)!;
  const shown = pictures.filter(shows).map(placeOf);
  const [first, last] = [Math.min(...shown), Math.max(...shown)];
  return new Set(pictures.filter((one) => placeOf(one) >= first && placeOf(one) <= last).map(({ item }) => item));
}

function nearest(picture: Assignable, anchors: readonly Assignable[]): Assignable {
  const away = ({ position, taken }: Assignable) =>
    taken === null || picture.taken === null
      ? 1e9 + Math.abs(position - picture.position)
      : Math.abs(taken - picture.taken);
  return anchors.reduce((best, one) => (away(one) < away(best) ? one : best));
}

/** No name speaks: the key is what the cards agree on, if that is sure enough or a person has said so. */
function placeByCards(
  { pictures, contested, numbers }: Part,
  { keyRoles, targetOf }: Known,
  times: ReadonlyMap<string, number[]>,
  put: Put,
  proposals: Proposal[],
): boolean {
  const parts = keyRoles.map((role) => numbers.find((number) => number.role === role));
  if (parts.some((part) => part === undefined)) return false;
  const whole = parts as Part['numbers'];
  const settled = whole.every(({ settledBy }) => settledBy !== null);
  const probability = whole.reduce((product, part) => product * part.probability, 1);
  if (!settled && (probability < provisionalFrom || (contested && whole.some(({ witnesses }) => witnesses < 2))))
    return false;
  const key = Object.fromEntries(whole.map(({ role, value }) => [role, numberAsKey(value)]));
  const target = targetOf(key);
  const there = times.get(target);
  const here = pictures.flatMap(({ taken }) => (taken === null ? [] : [taken]));
  const away = sameBodyDays * 86_400;
  if (there !== undefined && here.length > 0 && !there.some((a) => here.some((b) => Math.abs(a - b) <= away))) {
    const items = pictures.map(({ item }) => item);
    proposals.push({ target, items, why: 'far-apart', others: [], probability });
    return false;
  }
  const agreeing = ({ readings }: Assignable): number =>
    whole.filter(({ role, value }) => readings.some((seen) => seen.role === role && seen.values[0]?.value === value))
      .length;
  const inside = within(pictures, (one) => agreeing(one) > 0 || one.settled.some(({ value }) => value !== null));
  for (const picture of pictures) {
    if (!inside.has(picture.item)) {
      proposals.push({ target, items: [picture.item], why: 'beside', others: [], probability: null });
      continue;
    }
    const agrees = agreeing(picture);
    const by = whole.find(({ settledBy }) => settledBy !== null)?.settledBy ?? null;
    const own = settled && picture.settled.length > 0;
    const reasons: Reason[] = [];
    if (own) reasons.push({ reason: 'settled', probability: null, of: null });
    else if (settled && agrees === whole.length) reasons.push({ reason: 'settled', probability: null, of: by });
    else if (agrees > 0) reasons.push({ reason: 'card', probability: round(probability), of: null });
    if (reasons.length === 0) reasons.push({ reason: 'sequence', probability: null, of: whole[0]!.item });
    put(target, picture, reasons);
  }
  return true;
}

/** The roles of the key that a person has not settled. Of an open part only those that are in doubt. */
function questionsOf(
  { pictures, numbers }: Part,
  keyRoles: readonly string[],
  state: NumberQuestion['state'],
): NumberQuestion[] {
  const asked = numbers.filter(({ role, settledBy }) => keyRoles.includes(role) && settledBy === null);
  const doubtful = asked.filter(({ probability }) => probability < provisionalFrom);
  const items = pictures.map(({ item }) => item);
  return (state === 'open' && doubtful.length > 0 ? doubtful : asked).map(
    ({ item, n, role, value, probability }): NumberQuestion => ({ item, n, role, value, probability, state, items }),
  );
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/** What the cards of these pictures say together, role by role; what a person says of one of them is certain. */
function numbersOf(pictures: readonly Assignable[]): Part['numbers'] {
  const roles = new Set(pictures.flatMap(({ readings, settled }) => [...readings, ...settled].map(({ role }) => role)));
  return [...roles].toSorted().flatMap((role): Part['numbers'] => {
    // A settled picture is asked no more: unreadable silences it, a value speaks for all.
    const said = pictures.flatMap(({ item, settled }) =>
      settled.filter((one) => one.role === role).map(({ value }) => ({ item, value })),
    );
    const values = [...new Set(said.flatMap(({ value }) => (value === null ? [] : [value])))];
    if (values.length === 1) {
      const by = said.find(({ value }) => value !== null)!.item;
      return [{ role, value: values[0]!, probability: 1, witnesses: said.length, item: by, n: 0, settledBy: by }];
    }
    // People differ: nothing is put together before they agree.
    if (values.length > 1) return [];
    const silent = new Set(said.map(({ item }) => item));
    const witnesses = pictures.flatMap(({ item, cluster, readings }): Witness[] =>
      silent.has(item)
        ? []
        : readings
            .filter((seen) => seen.role === role)
            .map(({ n, values: read }) => ({ copyOf: cluster, item, n, values: read })),
    );
    const agreed = agree(witnesses);
    return agreed === null ? [] : [{ role, ...agreed, settledBy: null }];
  });
}
