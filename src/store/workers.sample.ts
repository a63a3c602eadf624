// A worker for the tests of the port: does what it is told, also what a hostile file would make it do.

import { threadId } from 'node:worker_threads';
import { Fault } from '../case/fault.ts';
import { serveWorker } from './workers.ts';

/** What the sample worker can be told to do. */
export type Order =
  { act: 'double'; value: number } | { act: 'throw' | 'fault' | 'exit' | 'hang' | 'fill' | 'thread' | 'uncaught' };

serveWorker<Order, number>(async (order) => {
  switch (order.act) {
    case 'double':
      return order.value * 2;
    case 'thread':
      return threadId;
    case 'throw':
      throw new TypeError('not a picture');
    case 'fault':
      throw new Fault('disk-full', { what: 'The disk is full.', next: 'free some space' });
    case 'exit':
      process.exit(3);
    // eslint-disable-next-line no-fallthrough
    case 'uncaught':
      setTimeout(() => {
        throw new Error('from a callback');
      });
      return new Promise<number>(() => {});
    case 'hang':
      for (;;);
    case 'fill': {
      const rows: string[][] = [];
      for (;;) rows.push(Array.from({ length: 10_000 }, (_, i) => `row ${i}`));
    }
  }
});
