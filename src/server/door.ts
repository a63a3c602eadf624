// How somebody comes in: by the one-time link while nobody has an account, by a session or a token afterwards. The
// session travels in one cookie that no script reads and no other site sends.
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { anyAccount } from '../protect/accounts.ts';
import { endSession, openSession, readSession, type Proof } from '../protect/sessions.ts';
import { readToken } from '../protect/tokens.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { openSessions } from './session.ts';
import type { Env, Visitor } from './visitor.ts';

interface DoorParts {
  token: string;
  clock: () => Date;
  people?: People;
  /** The origins under which the server is reached. */
  origins: () => string[];
  port: () => number;
}

export interface Door {
  origins(): string[];
  /** The name of the cookie of a session. */
  cookie(): string;
  people: People | null;
  /** Whether anybody has an account in this home: then the link opens nothing any more. */
  anyAccount(): Promise<boolean>;
  recognise(c: Context<Env>): Promise<Visitor>;
  /** Opens the set-up session by the link; false where its token is wrong, used, or no longer of use. */
  open(c: Context<Env>): Promise<boolean>;
  /** Opens a session for somebody who has just proved who they are: always a new one. Ends that of the set-up. */
  enter(c: Context<Env>, account: string, how: Proof): Promise<void>;
  /** Gives the browser another secret for the same session. */
  renew(c: Context<Env>, secret: string): void;
  /** Takes the cookie back. */
  leave(c: Context<Env>): void;
  /** What this browser is known by since it signed in before; says nothing by itself. */
  deviceSecret(c: Context<Env>): string | null;
  giveDevice(c: Context<Env>, secret: string): void;
}

/** The people of the server. Fault `usage` where it has none: made without accounts. */
export function peopleOf(door: Door): People {
  if (door.people !== null) return door.people;
  throw new Refusal(404, 'usage', { what: 'Nobody can have an account here.', next: 'dalil serve' });
}

export function openDoor(parts: DoorParts): Door {
  const { people = null, origins, port } = parts;
  const links = openSessions(parts.token, parts.clock);
  const secure = (): boolean => origins().every((origin) => origin.startsWith('https:'));
  // Cookies do not know ports: the name keeps two cases served at once apart. Under TLS the prefix binds it to the host.
  const cookie = (): string => (secure() ? '__Host-dalil' : `dalil-${String(port())}`);
  const give = (c: Context<Env>, secret: string): void =>
    setCookie(c, cookie(), secret, { httpOnly: true, sameSite: 'Strict', path: '/', secure: secure() });
  // Once there is an account there always is: accounts are closed, not removed.
  let known = false;
  const anybody = async (): Promise<boolean> => (known ||= people !== null && (await anyAccount(people.accounts)));

  return {
    origins,
    cookie,
    people,
    anyAccount: anybody,
    async recognise(c) {
      const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
      if (token !== undefined) {
        const held = people === null ? null : await readToken(people.accounts, people.opened.id, token);
        return held === null ? { as: 'nobody' } : { as: 'token', ...held };
      }
      const secret = getCookie(c, cookie());
      if (secret === undefined) return { as: 'nobody' };
      if (people !== null) {
        const session = await readSession(people.accounts, people.opened.id, secret);
        if (session !== null)
          return { as: 'person', person: session.person, session: { id: session.id, proved: session.proved } };
      }
      return links.holds(secret) && !(await anybody()) ? { as: 'set-up' } : { as: 'nobody' };
    },
    async open(c) {
      // A browser that fetches ahead of the reader must not use the link up.
      const ahead = c.req.header('sec-purpose')?.includes('prefetch') ?? false;
      if (ahead || c.req.method !== 'GET' || (await anybody())) return false;
      const session = links.open(c.req.query('token') ?? '');
      if (session === null) return false;
      give(c, session);
      return true;
    },
    async enter(c, account, how) {
      // Whoever was in with this browser is out.
      const before = c.get('visitor');
      if (before.as === 'person')
        await endSession(people!.accounts, people!.opened.id, before.person.account, before.session.id);
      const program = programOf(c.req.header('user-agent') ?? '');
      give(c, await openSession(people!.accounts, people!.opened.id, account, how, program));
    },
    renew: give,
    leave: (c) => void deleteCookie(c, cookie(), { path: '/', secure: secure() }),
    deviceSecret: (c) => getCookie(c, `${cookie()}-device`) ?? null,
    giveDevice: (c, secret) =>
      setCookie(c, `${cookie()}-device`, secret, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        secure: secure(),
        maxAge: 365 * 86_400,
      }),
  };
}

/** A browser and its system in two words, so that a person knows their sessions apart; nothing finer is kept. */
export function programOf(agent: string): string {
  const first = (names: readonly [string, RegExp][]): string => names.find(([, sign]) => sign.test(agent))?.[0] ?? '';
  const browser = first([
    ['Edge', /\bEdg(?:e|A|iOS)?\//],
    ['Firefox', /\b(?:Firefox|FxiOS)\//],
    ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome|Chromium)\//],
    ['Safari', /\bSafari\//],
  ]);
  const system = first([
    ['Android', /\bAndroid\b/],
    ['iOS', /\b(?:iPhone|iPad)\b/],
    ['Windows', /\bWindows\b/],
    ['macOS', /\bMac OS X\b/],
    ['Linux', /\bLinux\b/],
  ]);
  return [browser, system].filter((word) => word !== '').join(', ');
}
