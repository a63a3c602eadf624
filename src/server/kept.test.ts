// What is kept: never made twice for the same log, never too often while the log grows, and never left behind.
import { expect, test } from 'vitest';
import { keep } from './kept.ts';

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function counted(cost: number) {
  const log = { size: 1, made: 0, fails: false };
  const kept = keep(
    () => log.size,
    async () => {
      log.made++;
      const { size, fails } = log;
      await pause(cost);
      if (fails) throw new Error('no database');
      return size;
    },
  );
  return { log, kept };
}

test('many who ask at once and again are given what was made once', async () => {
  const { log, kept } = counted(5);
  expect(await Promise.all([kept.read(), kept.read(), kept.read()])).toEqual([1, 1, 1]);
  expect(await kept.read()).toBe(1);
  expect(log.made).toBe(1);
});

test('after a rest a grown log is read at once', async () => {
  const { log, kept } = counted(5);
  await kept.read();
  await pause(150);
  log.size = 2;
  expect(await kept.read()).toBe(2);
  expect(kept.caughtUp()).toBe(0);
});

test('while the log grows and all ask, one part in ten of the time goes into it; nobody is left behind', async () => {
  const { log, kept } = counted(20);
  await kept.read();
  for (let i = 0; i < 60; i++) {
    log.size++;
    await kept.read();
    await pause(5);
  }
  // 60 rounds of 5 ms and more: without a rest each would have made it.
  expect(log.made).toBeLessThan(20);
  await expect.poll(() => kept.caughtUp()).toBeGreaterThan(0);
  await expect.poll(async () => kept.read()).toBe(log.size);
});

test('who was given an older answer hears of the newer one without anybody asking', async () => {
  const { log, kept } = counted(20);
  await kept.read();
  log.size = 2;
  expect(await kept.read()).toBe(1);
  await expect.poll(() => kept.caughtUp()).toBe(1);
  expect([await kept.read(), log.made]).toEqual([2, 2]);
  // Nor does who begins to listen only after that.
  expect(kept.caughtUp(60_000)).toBe(0);
});

test('what could not be made is thrown and not kept', async () => {
  const { log, kept } = counted(1);
  log.fails = true;
  await expect(kept.read()).rejects.toThrow('no database');
  log.fails = false;
  expect(await kept.read()).toBe(1);
});
