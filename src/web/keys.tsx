// Single keys: each act of a screen has one, which can be changed or turned off (WCAG 2.2, 2.1.4). They are quiet while
// somebody writes, and while a dialogue is open.
import { useEffect, useSyncExternalStore } from 'react';
import { readStored, store } from './stored.ts';

/** An act with a key. `id` is what a changed key is remembered by. */
export interface Act {
  id: string;
  /** As `KeyboardEvent.key` names it; letters in lower case. */
  key: string;
  /** What it does, in the language of the page. */
  name: string;
  /** `shift`: it was held. */
  run: (shift: boolean) => void;
}

const registered: (readonly Act[])[] = [];
const listeners = new Set<() => void>();
let version = 0;
const changed = (): void => {
  version += 1;
  for (const tell of listeners) tell();
};

const storeName = 'keys';

function changes(): Record<string, string> {
  try {
    const kept = JSON.parse(readStored(storeName) ?? '{}') as unknown;
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, string>) : {};
  } catch {
    return {};
  }
}

/** The key of an act as it is now; empty where it was turned off. */
export function keyOf({ id, key }: Pick<Act, 'id' | 'key'>): string {
  const own = changes();
  return Object.hasOwn(own, id) ? String(own[id]) : key;
}

/** Gives an act another key, none (''), or its first one again (null). */
export function changeKey(id: string, key: string | null): void {
  const { [id]: _, ...rest } = changes();
  store(storeName, JSON.stringify(key === null ? rest : { ...rest, [id]: key }));
  changed();
}

/** Acts of the screen that is shown, for as long as it is. Call with a list that changes only when its acts do. */
export function useActs(acts: readonly Act[]): void {
  useEffect(() => {
    registered.push(acts);
    changed();
    return () => {
      registered.splice(registered.indexOf(acts), 1);
      changed();
    };
  }, [acts]);
}

/** Every act that can be done now. */
export function useAllActs(): readonly Act[] {
  useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => version,
  );
  return registered.flat();
}

const writes = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog') !== null;

/** Space and Enter press what is in focus; they are an act's only where nothing is. */
const presses = (event: KeyboardEvent): boolean =>
  (event.key === ' ' || event.key === 'Enter') &&
  event.target instanceof Element &&
  event.target.closest('a, button, summary, label, [role=button]') !== null;

/** Listens for the keys of all acts; returns how to stop. */
export function listenForKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writes(event.target) || presses(event) || document.querySelector('dialog[open]') !== null) return;
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    // The screen that came last is asked first.
    const act = registered
      .toReversed()
      .flat()
      .find((one) => keyOf(one) === pressed);
    if (act === undefined) return;
    event.preventDefault();
    if (!event.repeat) act.run(event.shiftKey);
  };
  addEventListener('keydown', onKey);
  return () => removeEventListener('keydown', onKey);
}
