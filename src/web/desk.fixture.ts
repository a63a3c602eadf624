// A real case served to people who are signed in, for the browser tests of the desk; behind a line that tests can cut.
import { createServer as listenTcp, connect, type AddressInfo, type Socket } from 'node:net';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { OpenCase } from '../log/case.ts';
import { readCase, listIndividuals, tablesOf } from '../overview.ts';
import type { Role } from '../protect/roles.ts';
import { openPeople, type PeopleFixture } from '../server/people.fixture.ts';
import { createServer } from '../server/server.ts';
import { newToken } from '../server/session.ts';
import { watchedPage, withAuthenticator, type Watched, type Web } from './web.fixture.ts';

export interface LineToServer {
  port: number;
  /** Breaks every connection and refuses others, once so many more bytes have gone to the server. */
  cutAfter(bytes: number): void;
  mend(): void;
  isCut(): boolean;
  close(): Promise<void>;
}

/** A line of TCP in front of whatever `port` tells. */
async function openLine(port: () => number): Promise<LineToServer> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = listenTcp((near) => {
    if (left <= 0) return near.destroy();
    const far = connect(port(), '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    far.pipe(near);
    near.on('data', (bytes: Buffer) => {
      left -= bytes.length;
      if (left <= 0) cut();
      else if (!far.write(bytes)) near.pause();
    });
    far.on('drain', () => near.resume());
    return undefined;
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    cutAfter: (bytes) => {
      left = bytes;
      if (bytes <= 0) cut();
    },
    mend: () => (left = Number.POSITIVE_INFINITY),
    isCut: () => left <= 0,
    close: async () => {
      cut();
      await new Promise((done) => server.close(done));
    },
  };
}

export interface Desk {
  people: PeopleFixture;
  opened: OpenCase;
  line: LineToServer;
  /** Where the browser reaches it: through the line. */
  url: string;
  /** The one-time link, through the line. */
  link: string;
  /** The browser of somebody who is not signed in, with a passkey device in it. */
  somebody(options?: BrowserContextOptions): Promise<Watched>;
  /** A page of somebody who is signed in. */
  open(path: string, who: readonly Role[], options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained of since this was asked last; ends them. */
  complaints(): Promise<string[]>;
  close(): Promise<void>;
}

/** A case without anything in it, and the screens over it. */
export async function openDesk(web: Web): Promise<Desk> {
  const people = await openPeople();
  const opened = await people.makeCase('الأرشيف — the archive');
  let port = 0;
  const line = await openLine(() => port);
  const url = `http://localhost:${String(line.port)}/`;
  const server = createServer({
    cases: { view: () => readCase(opened), individuals: (page) => listIndividuals(tablesOf(opened), page) },
    token: newToken(),
    webRoot: web.root,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
    place: { host: '127.0.0.1', origin: url.slice(0, -1), tls: null, trustedProxies: [] },
    report: (error) => console.error(error),
  });
  const address = await server.listen(0);
  ({ port } = address);
  const sessions = new Map<string, string>();
  const watched: Watched[] = [];
  return {
    people,
    opened,
    line,
    url,
    link: new URL(new URL(address.link).search, `${url}open`).href,
    async somebody(options = {}) {
      const one = await watchedPage(web.browser, url.slice(0, -1), options);
      watched.push(one);
      await withAuthenticator(one.context, one.page);
      return one;
    },
    async open(path, who, options = {}) {
      const name = `Wren, ${who.join(' and ')}`;
      const session = sessions.get(name) ?? (await people.session(opened, await people.person(opened, name, who)));
      sessions.set(name, session);
      const one = await watchedPage(web.browser, url.slice(0, -1), options);
      watched.push(one);
      await one.context.addCookies([{ name: `dalil-${String(port)}`, value: session, url }]);
      await one.page.goto(new URL(path, url).href);
      await one.page.locator('main h1').waitFor();
      return one.page;
    },
    async complaints() {
      const ended = watched.splice(0);
      for (const { context } of ended) await context.close();
      return ended.flatMap((one) => one.complaints);
    },
    async close() {
      await line.close();
      await server.close();
      await people.close();
    },
  };
}
