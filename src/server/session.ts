// Who may read: whoever opened the one-time link. The token is 256 bits, works once and is compared in constant time;
// what remains is a random session in memory, which ends with the process or after twelve hours.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Fault } from '../case/fault.ts';

const sessionHours = 12;

/** A fresh token for the one-time link: 256 random bits, base64url. */
export function newToken(random: (bytes: number) => Uint8Array = randomBytes): string {
  return Buffer.from(random(32)).toString('base64url');
}

// Comparing digests, not the strings: lengths are equal, and nothing about the secret shows in the time it takes.
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export interface Sessions {
  /** Exchanges the one-time token for a session; null where it is wrong or was used. A wrong one uses nothing up. */
  open(token: string): string | null;
  /** Whether this session was opened here and has not run out. */
  holds(session: string | undefined): boolean;
}

/** Sessions of one server. `token` must carry 256 bits (43 characters of base64url or more). */
export function openSessions(token: string, clock: () => Date): Sessions {
  if (token.length < 43)
    throw new Fault('usage', { what: 'The token of the one-time link is too short.', expected: '256 random bits' });
  let unused: Buffer | null = digest(token);
  const until = new Map<string, number>();
  return {
    open(given) {
      if (unused === null || !timingSafeEqual(digest(given), unused)) return null;
      unused = null;
      const session = newToken();
      until.set(digest(session).toString('hex'), clock().getTime() + sessionHours * 3_600_000);
      return session;
    },
    holds(session) {
      if (session === undefined) return false;
      // Kept by digest: looking one up in the map tells nothing about another by its time.
      const end = until.get(digest(session).toString('hex'));
      return end !== undefined && clock().getTime() < end;
    },
  };
}
