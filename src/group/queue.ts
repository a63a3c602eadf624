// The order in which people are asked: what settles most first.
import type { NumberQuestion, Proposal } from './assign.ts';

/** Open before provisional, then by the number of pictures that the answer speaks for, then as they were received. */
export function inOrder<T extends NumberQuestion | Proposal>(questions: readonly T[]): T[] {
  const later = (one: T): number => ('state' in one && one.state === 'provisional' ? 1 : 0);
  return questions
    .map((one, i) => ({ one, i }))
    .toSorted((a, b) => later(a.one) - later(b.one) || b.one.items.length - a.one.items.length || a.i - b.i)
    .map(({ one }) => one);
}
