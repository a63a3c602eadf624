// Worker threads behind one small port: items in, results out, one item at a time for each thread. A file that kills or
// hangs its thread costs only itself, so hostile input is decoded here and never on the thread that writes the log.

import type { ResourceLimits, Transferable } from 'node:worker_threads';
import { parentPort, Worker } from 'node:worker_threads';
import type { FaultCode } from '../case/fault.ts';
import { Fault } from '../case/fault.ts';

/** Why an item has no result: its thread was ended at the time limit, ran out of memory, ended, or the port was closed. */
export type LostReason = 'timed-out' | 'out-of-memory' | 'exited' | 'closed';

/** What `run` rejects with where the thread was lost on the item; the message names no file. */
export class WorkerLost extends Error {
  readonly reason: LostReason;
  constructor(reason: LostReason, cause?: unknown) {
    super(`The worker was lost on this item: ${reason}.`, cause === undefined ? undefined : { cause });
    this.name = 'WorkerLost';
    this.reason = reason;
  }
}

export interface WorkerSettings {
  /** How many threads at most; they start when there is work for them. */
  threads: number;
  /** Milliseconds an item may take, the start of its thread apart; 60,000 by default. */
  timeLimit?: number;
  /** Of each thread; 512 MiB of heap by default. Buffers and native memory are outside it. */
  resourceLimits?: ResourceLimits;
}

export interface Workers<I, O> {
  /**
   * The handler's result for one item, queued until a thread is free. Rejects with WorkerLost, with the Fault that the
   * handler threw, or with an Error of the same name and message as any other exception of the handler.
   */
  run(input: I, transfer?: readonly Transferable[]): Promise<O>;
  /** Ends all threads; what is queued or under way is rejected with WorkerLost 'closed'. Safe to repeat. */
  close(): Promise<void>;
}

type Request<I> = { input: I };
type Thrown = { name: string; message: string; stack: string | undefined; fault: FaultCode | null };
type Reply<O> = 'ready' | { output: O } | { thrown: Thrown };

interface Job<I, O> {
  input: I;
  transfer: readonly Transferable[];
  resolve: (output: O) => void;
  reject: (error: unknown) => void;
}

interface Thread<I, O> {
  worker: Worker;
  ready: boolean;
  job: Job<I, O> | null;
  timer: NodeJS.Timeout | null;
}

const defaultTimeLimit = 60_000;
const defaultLimits: ResourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 };

/** Opens threads that run `module`, a TypeScript module that calls `serveWorker`. Idle threads keep no process alive. */
export function openWorkers<I, O>(module: URL, settings: WorkerSettings): Workers<I, O> {
  const timeLimit = settings.timeLimit ?? defaultTimeLimit;
  const threads = new Set<Thread<I, O>>();
  const queue: Job<I, O>[] = [];
  let closed = false;

  function lose(thread: Thread<I, O>, error: unknown): void {
    if (!threads.delete(thread)) return;
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.job?.reject(error);
    void thread.worker.terminate();
    next();
  }

  function start(): Thread<I, O> {
    const worker = new Worker(new URL('./worker-entry.mjs', import.meta.url), {
      workerData: { module: module.href },
      // Without the flags of the process: a loader or an inspector given to it is none of the thread's business.
      execArgv: [],
      resourceLimits: { ...defaultLimits, ...settings.resourceLimits },
    });
    const thread: Thread<I, O> = { worker, ready: false, job: null, timer: null };
    worker.on('message', (reply: Reply<O>) => {
      if (reply === 'ready') {
        thread.ready = true;
        begin(thread);
      } else {
        finish(thread, reply);
      }
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return lose(thread, new WorkerLost('out-of-memory'));
      // A thread that cannot even load its module is our fault, not the item's.
      if (thread.ready) return lose(thread, new WorkerLost('exited', error));
      lose(thread, new Fault('fault', { what: 'A worker thread could not start.', got: String(error), cause: error }));
    });
    worker.on('exit', () => lose(thread, new WorkerLost('exited')));
    threads.add(thread);
    return thread;
  }

  function begin(thread: Thread<I, O>): void {
    if (thread.job === null) return;
    thread.timer = setTimeout(() => lose(thread, new WorkerLost('timed-out')), timeLimit);
    try {
      thread.worker.postMessage({ input: thread.job.input } satisfies Request<I>, thread.job.transfer);
    } catch (error) {
      finish(thread, { thrown: thrownOf(error) });
    }
  }

  function finish(thread: Thread<I, O>, reply: Exclude<Reply<O>, 'ready'>): void {
    const { job } = thread;
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = null;
    thread.job = null;
    if ('output' in reply) job?.resolve(reply.output);
    else job?.reject(errorOf(reply.thrown));
    next();
  }

  function next(): void {
    for (const thread of threads) {
      if (thread.job !== null) continue;
      const job = queue.shift();
      if (job === undefined) thread.worker.unref();
      else give(thread, job);
    }
    while (queue.length > 0 && threads.size < settings.threads) give(start(), queue.shift()!);
  }

  function give(thread: Thread<I, O>, job: Job<I, O>): void {
    thread.worker.ref();
    thread.job = job;
    if (thread.ready) begin(thread);
  }

  return {
    run: (input, transfer = []) =>
      new Promise<O>((resolve, reject) => {
        if (closed) return reject(new WorkerLost('closed'));
        queue.push({ input, transfer, resolve, reject });
        next();
      }),
    close: async () => {
      closed = true;
      for (const job of queue.splice(0)) job.reject(new WorkerLost('closed'));
      const ending = [...threads].map((thread) => thread.worker.terminate());
      for (const thread of threads) lose(thread, new WorkerLost('closed'));
      await Promise.all(ending);
    },
  };
}

/** Answers each item of this thread with the handler's result. Called once, at the end of a worker's module. */
export function serveWorker<I, O>(handler: (input: I) => O | Promise<O>): void {
  const port = parentPort;
  if (port === null) throw new Fault('fault', { what: 'This module runs in a worker thread only.' });
  port.on('message', ({ input }: Request<I>) => {
    void (async () => {
      try {
        port.postMessage({ output: await handler(input) } satisfies Reply<O>);
      } catch (error) {
        port.postMessage({ thrown: thrownOf(error) } satisfies Reply<O>);
      }
    })();
  });
  port.postMessage('ready' satisfies Reply<O>);
}

// An error loses its class between threads, so a Fault crosses as its code and message.
function thrownOf(error: unknown): Thrown {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { name, message, stack, fault: error instanceof Fault ? error.code : null };
}

function errorOf({ name, message, stack, fault }: Thrown): Error {
  const error = fault === null ? new Error(message) : new Fault(fault, { what: message });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
