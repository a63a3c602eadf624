import { afterEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import type { WorkerSettings, Workers } from './workers.ts';
import { openWorkers, WorkerLost } from './workers.ts';
import type { Order } from './workers.sample.ts';

const opened: Workers<Order, number>[] = [];
function open(settings: WorkerSettings): Workers<Order, number> {
  const workers = openWorkers<Order, number>(new URL('./workers.sample.ts', import.meta.url), settings);
  opened.push(workers);
  return workers;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((workers) => workers.close()));
});
const lost = (reason: string) => expect.objectContaining({ name: 'WorkerLost', reason });

test('a hundred items on two threads come back with their own results', async () => {
  const workers = open({ threads: 2 });
  const results = await Promise.all(Array.from({ length: 100 }, (_, value) => workers.run({ act: 'double', value })));
  expect(results).toEqual(Array.from({ length: 100 }, (_, value) => value * 2));
});

test('a thread that ends, for whatever reason, loses only the item it was on, and is replaced', async () => {
  const workers = open({ threads: 1, timeLimit: 2_000, resourceLimits: { maxOldGenerationSizeMb: 24 } });
  const first = await workers.run({ act: 'thread' });
  const outcomes = await Promise.allSettled([
    workers.run({ act: 'exit' }),
    workers.run({ act: 'double', value: 1 }),
    workers.run({ act: 'hang' }),
    workers.run({ act: 'double', value: 2 }),
    workers.run({ act: 'fill' }),
    workers.run({ act: 'double', value: 3 }),
    workers.run({ act: 'uncaught' }),
    workers.run({ act: 'thread' }),
  ]);
  expect(outcomes).toEqual([
    { status: 'rejected', reason: lost('exited') },
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: lost('timed-out') },
    { status: 'fulfilled', value: 4 },
    { status: 'rejected', reason: lost('out-of-memory') },
    { status: 'fulfilled', value: 6 },
    { status: 'rejected', reason: lost('exited') },
    { status: 'fulfilled', value: expect.any(Number) },
  ]);
  expect(outcomes[7]).not.toEqual({ status: 'fulfilled', value: first });
});

test('what a handler throws reaches the caller, and its thread goes on', async () => {
  const workers = open({ threads: 1 });
  const thread = await workers.run({ act: 'thread' });
  await expect(workers.run({ act: 'throw' })).rejects.toMatchObject({ name: 'TypeError', message: 'not a picture' });
  const fault = await workers.run({ act: 'fault' }).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({ code: 'disk-full', message: 'The disk is full.\n  next: free some space' });
  expect(await workers.run({ act: 'thread' })).toBe(thread);
});

test('an item that cannot be sent to a thread is rejected, and the thread goes on', async () => {
  const workers = open({ threads: 1 });
  const unsendable = { act: 'double', value: (() => 1) as unknown as number } as const;
  await expect(workers.run(unsendable)).rejects.toMatchObject({ name: 'DataCloneError' });
  expect(await workers.run({ act: 'double', value: 4 })).toBe(8);
});

test('closing rejects what is under way and what is queued', async () => {
  const workers = open({ threads: 1 });
  const pending = Promise.allSettled([workers.run({ act: 'hang' }), workers.run({ act: 'double', value: 1 })]);
  await workers.close();
  expect(await pending).toEqual([
    { status: 'rejected', reason: lost('closed') },
    { status: 'rejected', reason: lost('closed') },
  ]);
  await expect(workers.run({ act: 'double', value: 1 })).rejects.toBeInstanceOf(WorkerLost);
});

test('a module that cannot be loaded is a fault of the program', async () => {
  const workers = openWorkers<Order, number>(new URL('./no-such-module.ts', import.meta.url), { threads: 1 });
  opened.push(workers as Workers<Order, number>);
  await expect(workers.run({ act: 'thread' })).rejects.toBeInstanceOf(Fault);
});
