import fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

async function* breaksAfterTwo(): AsyncGenerator<number> {
  yield 1;
  yield 2;
  throw new Error('source');
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('results come in the order of the items, whichever is done first, and never more than the window under way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (waits, window) => {
        let busy = 0;
        let most = 0;
        const results = await all(
          inOrder(waits.entries(), window, async ([index, wait]) => {
            most = Math.max(most, ++busy);
            for (let i = 0; i < wait; i++) await pause(0);
            busy--;
            return index;
          }),
        );
        expect(results).toEqual(waits.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(window);
      },
    ),
    { numRuns: 40 },
  );
});

test('it goes on pulling while the consumer is busy', async () => {
  let begun = 0;
  for await (const item of inOrder([1, 2, 3, 4, 5, 6], 4, async (n) => (begun++, n))) {
    await pause(5);
    if (item === 1) expect(begun).toBe(4 + 1);
  }
  expect(begun).toBe(6);
});

test('an error comes at its place, after the results before it, and nothing new is begun', async () => {
  const seen: number[] = [];
  let begun = 0;
  const results = inOrder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2, async (n) => {
    begun++;
    await pause(n === 0 ? 10 : 0);
    if (n === 1) throw new Error('at one');
    return n;
  });
  await expect(
    (async () => {
      for await (const n of results) seen.push(n);
    })(),
  ).rejects.toThrow('at one');
  expect(seen).toEqual([0]);
  expect(begun).toBeLessThan(5);
});

test("the source's error comes after every result of what it gave", async () => {
  const seen: number[] = [];
  await expect(
    (async () => {
      for await (const n of inOrder(breaksAfterTwo(), 8, async (n) => n)) seen.push(n);
    })(),
  ).rejects.toThrow('source');
  expect(seen).toEqual([1, 2]);
});

test('where the consumer leaves early, what was begun has ended and the source is closed', async () => {
  let closed = false;
  let busy = 0;
  async function* source(): AsyncGenerator<number> {
    try {
      for (let n = 0; ; n++) yield n;
    } finally {
      closed = true;
    }
  }
  for await (const n of inOrder(source(), 3, async (n) => {
    busy++;
    await pause(2);
    busy--;
    return n;
  })) {
    if (n === 5) break;
  }
  expect(closed).toBe(true);
  expect(busy).toBe(0);
});
