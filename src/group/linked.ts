// What people said of pairs of pictures, in the assignment: what they linked goes together, and what they cut is not put
// together by likeness or neighbourhood. Numbers and acts on the pictures themselves stand above both: where they say
// otherwise nothing is moved, and conflicts.ts lists it. Pure.
import type { Assignable, Member, Proposal } from './assign.ts';
import type { PictureLink } from './near-records.ts';
import { isProvisional, type Reason } from './records.ts';

/** A name, or a person, says where it belongs. */
const said = ({ reasons }: Member): boolean =>
  reasons.some(({ reason }) => reason === 'path' || reason === 'placed' || reason === 'settled');
/** It is there only because of other pictures. */
const inferred = (member: Member): boolean => !said(member) && member.reasons.every(({ reason }) => reason !== 'card');

interface Seat {
  target: string;
  member: Member;
}

/**
 * Moves members as links and cuts demand, in place; gives what a person must say. The order of the links means nothing.
 * A picture linked to one that is provisional is provisional itself.
 */
export function applyLinks(
  members: Map<string, Member[]>,
  pictures: readonly Assignable[],
  links: readonly PictureLink[],
): Proposal[] {
  const places = new Map(pictures.map(({ item, position }) => [item, position]));
  const standing = links.filter(({ a, b }) => places.has(a) && places.has(b));
  if (standing.length === 0) return [];
  const seats = new Map<string, Seat>();
  for (const [target, list] of members) for (const member of list) seats.set(member.item, { target, member });
  const early = (x: string, y: string): number => places.get(x)! - places.get(y)!;
  const sets = linkedSets(standing, early);
  const proposals: Proposal[] = [];

  for (const set of [...new Set(sets.values())].toSorted((x, y) => early(x[0]!, y[0]!))) {
    const seated = set.flatMap((item) => seats.get(item) ?? []);
    const named = seated.filter(({ member }) => said(member));
    const anchors = named.length > 0 ? named : seated;
    const [target, ...others] = new Set(anchors.map((seat) => seat.target));
    if (target === undefined) continue;
    if (others.length > 0) {
      const items = set.filter((item) => !seats.has(item));
      if (items.length > 0) proposals.push({ target, items, why: 'between-two', others, probability: null });
      continue;
    }
    const before = new Set(anchors.map(({ member }) => member.item));
    for (const item of set) {
      const seat = seats.get(item);
      if (before.has(item)) continue;
      const reason = linkedReason(item, anchors, standing);
      if (seat?.target === target) seat.member.reasons.push(reason);
      else {
        if (seat !== undefined) leave(members, seat);
        const member = { item, reasons: [reason] };
        members.get(target)!.push(member);
        seats.set(item, { target, member });
      }
    }
  }

  const apart = new Set<Seat>();
  for (const { a, b } of standing.filter(({ link }) => link === 'cannot')) {
    const [left, right] = [a, b].map((item) => (sets.get(item) ?? [item]).flatMap((one) => seats.get(one) ?? []));
    for (const x of left!) {
      for (const y of right!) {
        if (x.target === y.target) for (const seat of [x, y]) if (inferred(seat.member)) apart.add(seat);
      }
    }
  }
  for (const seat of [...apart].toSorted((x, y) => early(x.member.item, y.member.item))) {
    leave(members, seat);
    const { target, member } = seat;
    proposals.push({ target, items: [member.item], why: 'cut', others: [], probability: null });
  }
  return proposals;
}

/** What is linked, through others as well: each item of a link with all of its set, in the order received. */
function linkedSets(links: readonly PictureLink[], early: (x: string, y: string) => number): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  for (const { a, b, link } of links) {
    if (link !== 'must') continue;
    const joined = [...new Set([...(sets.get(a) ?? [a]), ...(sets.get(b) ?? [b])])].toSorted(early);
    for (const item of joined) sets.set(item, joined);
  }
  return sets;
}

/** Of the picture that a person linked to this one, or else of the first in the set. */
function linkedReason(item: string, anchors: readonly Seat[], links: readonly PictureLink[]): Reason {
  const direct = new Set(
    links.flatMap(({ a, b, link }) => (link === 'cannot' ? [] : a === item ? [b] : b === item ? [a] : [])),
  );
  const { member } = anchors.find((anchor) => direct.has(anchor.member.item)) ?? anchors[0]!;
  const reason = isProvisional(member.reasons) ? 'linked-to-provisional' : 'linked';
  return { reason, probability: null, of: member.item };
}

function leave(members: Map<string, Member[]>, { target, member }: Seat): void {
  const rest = members.get(target)!.filter((one) => one !== member);
  if (rest.length > 0) members.set(target, rest);
  else members.delete(target);
}
