// Answers on their way: kept in this browser until the server has them, so that a line that drops, or a page that is
// closed, loses none. Each has a key of its own, so that one sent twice counts once. Pictures are never kept.
import { useSyncExternalStore } from 'react';
import { ApiError, send } from './api.ts';
import type { Changed } from './api.ts';
import { readStored, store } from './stored.ts';

export interface Outgoing {
  key: string;
  path: string;
  body: unknown;
}

/** An answer that the server did not take. */
export interface Refused {
  key: string;
  why: string;
  changed: readonly Changed[];
}

export interface OutboxState {
  unsent: readonly Outgoing[];
  /** Whether the last attempt found no line. */
  waitingForLine: boolean;
  refused: readonly Refused[];
}

const retryMs = 3000;
const triesPerKey = 10;
const empty: OutboxState = { unsent: [], waitingForLine: false, refused: [] };

/** The answers of one person; another who signs in at the same browser does not send them. */
export class Outbox {
  #state: OutboxState;
  readonly #name: string;
  readonly #listeners = new Set<() => void>();
  readonly #sent = new Map<string, { position: number }>();
  #sending = false;
  /** How often the first answer was said to be under way. */
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(member: string) {
    this.#name = `outbox ${member}`;
    this.#state = { ...empty, unsent: kept(this.#name) };
    addEventListener('online', () => void this.flush());
    if (this.#state.unsent.length > 0) void this.flush();
  }

  get state(): OutboxState {
    return this.#state;
  }

  subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  };

  add(path: string, body: unknown): string {
    const key = crypto.randomUUID();
    this.#set({ unsent: [...this.#state.unsent, { key, path, body }] });
    void this.flush();
    return key;
  }

  /** Takes back what was not sent yet; false where it was. */
  remove(key: string): boolean {
    if (this.#sending && this.#state.unsent[0]?.key === key) return false;
    const rest = this.#state.unsent.filter((one) => one.key !== key);
    if (rest.length === this.#state.unsent.length) return false;
    this.#set({ unsent: rest });
    return true;
  }

  /** The record of an answer, when it has arrived; undefined where it was refused. */
  async recordOf(key: string): Promise<{ position: number } | undefined> {
    while (this.#state.unsent.some((one) => one.key === key)) {
      await new Promise<void>((resolve) => {
        const stop = this.subscribe(() => (stop(), resolve()));
      });
    }
    return this.#sent.get(key);
  }

  dismiss(): void {
    this.#set({ refused: [] });
  }

  /** Sends what waits, one after the other, in the order in which it was given. */
  async flush(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      for (let next = this.#state.unsent[0]; next !== undefined; next = this.#state.unsent[0]) {
        const { key, path, body } = next;
        try {
          // Cut off at the server in the middle, a key stays under way for ever: then another is drawn. An answer that is
          // in force already is not written twice under it either.
          const drawn = Math.floor(this.#tries / triesPerKey);
          const sentAs = drawn === 0 ? key : `${key}-${String(drawn)}`;
          this.#sent.set(key, await send<{ position: number }>('POST', path, body, sentAs));
        } catch (error) {
          const { status, code } = error instanceof ApiError ? error : { status: 0, code: 'offline' };
          // Without a line, or without a session, or with a server in trouble, it waits; else it was refused for good.
          if (status === 0 || status === 401 || status >= 500 || status === 429 || code === 'locked') {
            if (code === 'locked') this.#tries++;
            this.#set({ waitingForLine: true });
            this.#timer = setTimeout(() => void this.flush(), retryMs);
            return;
          }
          const { message, changed } = error as ApiError;
          this.#set({ refused: [...this.#state.refused, { key, why: message, changed }] });
        }
        this.#tries = 0;
        this.#set({ unsent: this.#state.unsent.filter((one) => one.key !== key), waitingForLine: false });
      }
    } finally {
      this.#sending = false;
    }
  }

  #set(change: Partial<OutboxState>): void {
    this.#state = { ...this.#state, ...change };
    store(this.#name, this.#state.unsent.length === 0 ? null : JSON.stringify(this.#state.unsent));
    for (const tell of this.#listeners) tell();
  }
}

function kept(name: string): Outgoing[] {
  try {
    const list = JSON.parse(readStored(name) ?? '[]') as unknown;
    if (!Array.isArray(list)) return [];
    return list.filter(
      (one: Partial<Outgoing> | null): one is Outgoing =>
        typeof one?.key === 'string' && typeof one.path === 'string' && one.path.startsWith('/api/'),
    );
  } catch {
    return [];
  }
}

const boxes = new Map<string, Outbox>();

/** The outbox of this person in this page. */
export function outboxOf(member: string): Outbox {
  const box = boxes.get(member) ?? new Outbox(member);
  boxes.set(member, box);
  return box;
}

/** What is on its way, kept current. */
export function useOutbox(box: Outbox): OutboxState {
  return useSyncExternalStore(box.subscribe, () => box.state);
}
