// Which door is open: what the page shows depends on who is there, and the server has the last word on all of it.
import { useQuery } from '@tanstack/react-query';
import type { Role } from '../protect/roles.ts';
import type { Door } from './api-types.ts';
import { doorQuery } from './queries.ts';

/** Whom a screen is for: roles of this case, or whoever is signed in. */
export type For = readonly Role[] | 'signed-in';

/** Who works on evidence all day. */
export const workers: readonly Role[] = ['archivist', 'analyst', 'lead'];
/** The Case page is theirs, and all that the link shows while nobody has an account. */
export const casePage: For = [...workers];
/** Those who may know that there is a log, and read of it what their roles read. */
export const logReaders: For = [...workers, 'counsel', 'administrator', 'guardian'];

/** Whether a screen is for whoever is there. */
export function isFor(door: Door | undefined, whom: For = workers): boolean {
  if (door === undefined) return false;
  if (door.state === 'link' || door.state === 'set-up') return whom === casePage;
  return door.state === 'in' && (whom === 'signed-in' || whom.some((role) => door.person?.roles.includes(role)));
}

/** The door as the page last saw it. */
export const useDoor = (): Door | undefined => useQuery(doorQuery).data;
