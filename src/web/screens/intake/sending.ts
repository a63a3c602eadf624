// A delivery on its way: two files at once, in pieces that fit the line; a cut line costs a piece, and a closed page nothing
// that is there. Runs on while other screens are looked at.
import { useSyncExternalStore } from 'react';
import { ApiError, ask, read, send } from '../../api.ts';
import type { Delivery } from '../../api-types.ts';
import type { Chosen } from './choosing.ts';
import { nextPiece, pieceAfterFailure, pieceSizes, Rate, waitMs } from './pace.ts';

/** A file that is not sent: by the server's own words, or because this browser could not read it. */
export interface RefusedFile {
  path: string;
  why: string | null;
}

export interface SendingState {
  /** `comparing`: what is there already is asked for. `stopped`: the server said no to all of it. */
  phase: 'comparing' | 'sending' | 'paused' | 'stopped' | 'sent';
  /** `all`: without those that are refused. `there`: were there before. */
  files: { all: number; done: number; there: number };
  bytes: { all: number; done: number };
  refused: readonly RefusedFile[];
  /** While the line is cut, or the server in trouble (then in its words): when it is tried again, ms since 1970. */
  waiting: { until: number; why: string | null } | null;
  /** Bytes a second. */
  rate: number | null;
  /** Why it was stopped. */
  stopped: ApiError | null;
}

interface Waiting {
  path: string;
  file: File;
  /** How much of it is counted as there. */
  done: number;
  /** Whether some of it may be there: it is asked for first. */
  begun: boolean;
}

interface Put {
  offset: number;
  whole: boolean;
}

const atOnce = 2;
/** The server waits no longer for a piece either. */
const pieceLimitMs = 30_000;
const tellMs = 200;

export class Sending {
  readonly delivery: Delivery;
  readonly #chosen: Chosen;
  /** Whether some of it may be there from before. */
  readonly #resumed: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #refused: RefusedFile[] = [];
  #queue: Waiting[] = [];
  #phase: SendingState['phase'] = 'comparing';
  #there = 0;
  #done = 0;
  #bytes = 0;
  #refusedBytes = 0;
  #size: number = pieceSizes.first;
  #rate = new Rate(performance.now());
  #failures = 0;
  #waiting: SendingState['waiting'] = null;
  #wake: (() => void)[] = [];
  #stopped: ApiError | null = null;
  #compared = false;
  #run = new AbortController();
  #state: SendingState;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(delivery: Delivery, chosen: Chosen, resumed: boolean) {
    this.delivery = delivery;
    this.#chosen = chosen;
    this.#resumed = resumed;
    this.#state = this.#view();
  }

  get state(): SendingState {
    return this.#state;
  }

  subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  /** Sends what is not there; goes on after a pause. */
  async go(): Promise<void> {
    const run = new AbortController();
    this.#run = run;
    this.#rate = new Rate(performance.now());
    this.#stopped = null;
    this.#to(this.#compared ? 'sending' : 'comparing');
    addEventListener('online', this.tryNow);
    addEventListener('beforeunload', keepPage);
    try {
      if (!this.#compared) await this.#compare(run.signal);
      this.#to('sending');
      await Promise.all(Array.from({ length: atOnce }, () => this.#lane(run)));
      this.#to('sent');
    } catch (error) {
      if (!run.signal.aborted) {
        run.abort();
        this.#stopped = error instanceof ApiError ? error : new ApiError('fault', 0, String(error));
        this.#to('stopped');
      }
    } finally {
      removeEventListener('online', this.tryNow);
      removeEventListener('beforeunload', keepPage);
      this.#waiting = null;
      this.#tell(true);
    }
  }

  pause(): void {
    if (this.#phase === 'sending' || this.#phase === 'comparing') this.#to('paused');
    this.#run.abort();
  }

  /** Does not wait out the rest of a wait for the line. */
  tryNow = (): void => {
    for (const wake of this.#wake.splice(0)) wake();
  };

  async #compare(signal: AbortSignal): Promise<void> {
    const there = new Map<string, number>();
    const address = `/api/deliveries/${this.delivery.id}/files?limit=1000`;
    let after: string | null = null;
    do {
      const query: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page = await this.#untilAnswered(signal, () =>
        read<{ files: { path: string; size: number }[]; next: string | null }>(address + query, signal),
      );
      for (const { path, size } of page.files) there.set(path, size);
      after = page.next;
    } while (after !== null);
    for (const [path, file] of this.#chosen.files) {
      if (there.get(path) === file.size) {
        this.#there += 1;
        this.#bytes += file.size;
      } else {
        // Of what goes in one piece nothing is there before it is whole.
        this.#queue.push({ path, file, done: 0, begun: this.#resumed && file.size > pieceSizes.least });
      }
    }
    this.#done = this.#there;
    this.#compared = true;
  }

  async #lane(run: AbortController): Promise<void> {
    for (let one = this.#queue.shift(); one !== undefined; one = this.#queue.shift()) {
      try {
        await this.#send(one, run.signal);
        this.#done += 1;
      } catch (error) {
        const why = run.signal.aborted ? undefined : refusalOf(error);
        if (why === undefined) {
          this.#queue.unshift({ ...one, begun: true });
          throw error;
        }
        this.#bytes -= one.done;
        this.#refusedBytes += one.file.size;
        this.#refused.push({ path: one.path, why });
      }
      this.#tell();
    }
  }

  async #send(one: Waiting, signal: AbortSignal): Promise<void> {
    const { path, file } = one;
    const query = new URLSearchParams({ path, size: String(file.size), modified: String(file.lastModified) });
    const address = `/api/deliveries/${this.delivery.id}/file?${query.toString()}`;
    const arrived = (offset: number): void => {
      this.#rate.add(performance.now(), Math.max(0, offset - one.done));
      this.#bytes += offset - one.done;
      one.done = offset;
    };
    for (let altered = 0; ;) {
      if (one.begun) {
        const here = await this.#untilAnswered(signal, () => read<Put>(address, signal));
        this.#bytes += here.offset - one.done;
        one.done = here.offset;
        one.begun = false;
        if (here.whole) return;
      }
      const bytes = await file.slice(one.done, one.done + this.#size).arrayBuffer();
      const began = performance.now();
      try {
        const put = await putPiece(`${address}&offset=${String(one.done)}`, bytes, signal);
        this.#answered();
        if (put.offset > one.done) this.#size = nextPiece(this.#size, bytes.byteLength, performance.now() - began);
        else if (!put.whole && ++altered > 2) throw new ApiError('fault', 0, 'It does not grow.');
        arrived(put.offset);
        if (put.whole) return;
      } catch (error) {
        signal.throwIfAborted();
        // A piece that was altered on its way is refused as a wrong question is; sent again, it may arrive.
        const again = error instanceof ApiError && error.status === 400 && one.done > 0 && ++altered < 3;
        if (!again) {
          if (!isOfTheLine(error)) throw error;
          this.#size = pieceAfterFailure(this.#size, error instanceof DOMException);
          await this.#wait(error, signal);
        }
        one.begun = true;
      }
      this.#tell();
    }
  }

  async #untilAnswered<T>(signal: AbortSignal, question: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await question();
        this.#answered();
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (!isOfTheLine(error)) throw error;
        await this.#wait(error, signal);
      }
    }
  }

  #answered(): void {
    if (this.#waiting === null) return;
    [this.#failures, this.#waiting] = [0, null];
    // The other one waits for the same line.
    this.tryNow();
    this.#tell(true);
  }

  async #wait(error: unknown, signal: AbortSignal): Promise<void> {
    const ms = waitMs(this.#failures++);
    const why = error instanceof ApiError && error.status > 0 ? error.message : null;
    this.#waiting = { until: Date.now() + ms, why };
    this.#tell(true);
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      const wake = (): void => {
        clearTimeout(timer);
        done();
      };
      this.#wake.push(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.throwIfAborted();
  }

  #to(phase: SendingState['phase']): void {
    this.#phase = phase;
    this.#tell(true);
  }

  #view(): SendingState {
    return {
      phase: this.#phase,
      files: { all: this.#chosen.files.size - this.#refused.length, done: this.#done, there: this.#there },
      bytes: { all: this.#chosen.bytes - this.#refusedBytes, done: this.#bytes },
      refused: [...this.#refused],
      waiting: this.#waiting,
      rate: this.#phase === 'sending' && this.#waiting === null ? this.#rate.at(performance.now()) : null,
      stopped: this.#stopped,
    };
  }

  /** Small files go by the hundred in a second: the page is told a few times. */
  #tell(now = false): void {
    const tell = (): void => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#state = this.#view();
      for (const listener of this.#listeners) listener();
    };
    if (now) tell();
    else this.#timer ??= setTimeout(tell, tellMs);
  }
}

const keepPage = (event: BeforeUnloadEvent): void => event.preventDefault();

async function putPiece(address: string, bytes: ArrayBuffer, signal: AbortSignal): Promise<Put> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const response = await ask(address, {
    method: 'PUT',
    headers: {
      accept: 'application/json',
      'content-type': 'application/octet-stream',
      'content-digest': `sha-256=:${btoa(String.fromCharCode(...digest))}:`,
    },
    body: bytes,
    signal: AbortSignal.any([signal, AbortSignal.timeout(pieceLimitMs)]),
  });
  return (await response.json()) as Put;
}

/** Whether waiting may help: no answer, half an answer, an answer too late, a server in trouble. */
function isOfTheLine(error: unknown): boolean {
  if (!(error instanceof ApiError))
    return error instanceof TypeError || error instanceof SyntaxError || isNamed(error, 'TimeoutError');
  const { status } = error;
  return status === 0 || status === 408 || status === 423 || status === 429 || (status >= 500 && status !== 507);
}

/** Why this file alone is refused: null where the browser cannot read it; undefined where it is no matter of one file. */
function refusalOf(error: unknown): string | null | undefined {
  if (isNamed(error, 'NotReadableError') || isNamed(error, 'NotFoundError') || isNamed(error, 'NotAllowedError'))
    return null;
  if (!(error instanceof ApiError)) return undefined;
  const ofOne = [400, 413, 414, 431].includes(error.status) || (error.status === 409 && error.code === 'case-exists');
  return ofOne ? [error.message, error.next ?? ''].join(' ').trim() : undefined;
}

const isNamed = (error: unknown, name: string): boolean => error instanceof DOMException && error.name === name;

let current: Sending | null = null;
const listeners = new Set<() => void>();

/** The delivery that this page sends, if any; `null` lets go of it. */
export function sendNow(sending: Sending | null): void {
  current = sending;
  for (const tell of listeners) tell();
  void sending?.go();
}

/** The delivery that this page sends. */
export function useCurrent(): Sending | null {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => current,
  );
}

/** How far it is, kept current. */
export function useSending(sending: Sending): SendingState {
  return useSyncExternalStore(sending.subscribe, () => sending.state);
}

/** Begins a delivery of a source. */
export const beginDelivery = (source: string): Promise<Delivery> =>
  send<Delivery>('POST', '/api/deliveries', { source }, crypto.randomUUID());
