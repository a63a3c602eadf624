// The web server of one case: on the loopback unless it is given a place (place.ts), closed to whoever is not signed in. It
// keeps no log of requests: the log of a case is its records.
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { OpenAPIHono } from '@hono/zod-openapi';
import { createAdaptorServer } from '@hono/node-server';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { Accounts } from '../protect/home-schema.ts';
import { caseApi, newApi } from './api.ts';
import type { CaseReader } from './api.ts';
import { checkApi } from './check-api.ts';
import { closedDoor } from './closed-door.ts';
import { readWebFiles } from './files.ts';
import { guard, refuseUnruled, verdict } from './guard.ts';
import { loopbackOrigins, refusal, securityHeaders } from './headers.ts';
import { documentOf } from './document.ts';
import { openDoor, type Door } from './door.ts';
import { accountApi } from './account-api.ts';
import { deliveryApi } from './delivery-api.ts';
import { doorApi } from './door-api.ts';
import { idempotency } from './idempotency.ts';
import { peopleApi } from './people-api.ts';
import { signInApi } from './sign-in-api.ts';
import { checkPlace, clientAddress, loopback, trustOf, type Place } from './place.ts';
import { routeRules } from './policy.ts';
import { problemResponse } from './problem.ts';
import type { Env } from './visitor.ts';
import { workApi } from './work-api.ts';

export interface ServerParts {
  cases: CaseReader;
  /** The secret of the one-time link, as `newToken` makes it. */
  token: string;
  /** The folder that `vite build` wrote. */
  webRoot: string;
  clock: () => Date;
  /**
   * The accounts of this home, and the case in whose log what people do is written. Left out: nobody can have an account
   * here, and the session of the link is all there is.
   */
  people?: People;
  /** Where it stands, where that is not the loopback alone. */
  place?: Place;
  /** Told of errors that are not Faults, which the answers keep to themselves. */
  report?: (error: unknown) => void;
}

export interface People {
  accounts: Accounts;
  opened: OpenCase;
}

/** Where a listening server is reached. */
export interface Address {
  port: number;
  /** `http://localhost:PORT/`: passkeys need a name. */
  url: string;
  /** The link that opens it once, while nobody has an account. */
  link: string;
}

export interface CaseServer {
  /**
   * Listens at its place, on the loopback on both 127.0.0.1 and ::1; port 0 takes any free one. Fault `port-taken`,
   * `no-permission`, `usage` (an address that this machine does not have), or `fault` (not built).
   */
  listen(port: number): Promise<Address>;
  /** Another certificate for connections from now on, as when it was renewed. Fault `usage` where it cannot be used. */
  renew(tls: NonNullable<Place['tls']>): void;
  /** Ends the event streams, lets running answers finish for a second, and closes. */
  close(): Promise<void>;
}

const refusals = {
  host: 'This server does not answer to this name.',
  origin: 'This server answers to its own pages only.',
} as const;

/** The server of one case. Nothing listens before `listen`. */
export function createServer(parts: ServerParts): CaseServer {
  const closing = new AbortController();
  const place = checkPlace(parts.place ?? loopback);
  const trusted = trustOf(place.trustedProxies);
  const hsts = place.origin?.startsWith('https:') === true ? { 'strict-transport-security': 'max-age=63072000' } : {};
  const servers: Server[] = [];

  /** Listens on one address and gives the port; a machine without IPv6 has no ::1, and needs none. */
  async function listenOn(host: string, port: number, fetch: OpenAPIHono<Env>['fetch']): Promise<number> {
    // Whoever sends slowly holds a connection, not a worker; these are looked at every two seconds.
    const patience = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000 };
    const listening = createAdaptorServer({
      fetch,
      ...(place.tls === null
        ? { serverOptions: patience }
        : { createServer: createTlsServer, serverOptions: { ...patience, ...place.tls, minVersion: 'TLSv1.2' } }),
    }) as Server;
    try {
      await new Promise<void>((resolve, reject) => {
        listening.once('error', (error) => reject(error));
        listening.listen(port, host, () => resolve());
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (host === '::1' && place.host !== host && code !== 'EADDRINUSE') return port;
      throw asListenFault(error as Error, port);
    }
    servers.push(listening);
    return (listening.address() as AddressInfo).port;
  }

  function build(files: Awaited<ReturnType<typeof readWebFiles>>, door: Door): OpenAPIHono<Env> {
    const app = newApi();

    app.use(async (c, next) => {
      await next();
      for (const [name, value] of Object.entries({ ...securityHeaders, ...hsts }))
        if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    });

    app.use(async (c, next) => {
      const header = (name: string): string | undefined => c.req.header(name);
      const facts = {
        method: c.req.method,
        host: header('host'),
        origin: header('origin'),
        fetchSite: header('sec-fetch-site'),
        fetchMode: header('sec-fetch-mode'),
        fetchDest: header('sec-fetch-dest'),
        token: header('authorization') !== undefined,
      };
      const reason = refusal(facts, door.origins());
      if (reason !== null)
        return problemResponse(new Fault('no-permission', { what: refusals[reason] }), reason === 'host' ? 421 : 403);
      return next();
    });

    app.use(async (c, next) => {
      const { incoming } = c.env as { incoming?: IncomingMessage };
      c.set('client', clientAddress(incoming?.socket.remoteAddress, c.req.header('x-forwarded-for'), trusted));
      const visitor = await door.recognise(c);
      c.set('visitor', visitor);
      // While nobody has an account there is nothing for anyone here, the program of the page included.
      if (visitor.as === 'nobody' && c.req.path !== '/open' && !(await door.anyAccount())) {
        if (!c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html'))
          return c.html(closedDoor.html, 401, { 'content-security-policy': closedDoor.policy });
        return problemResponse(
          new Fault('no-permission', {
            what: 'This needs the session that the one-time link opens.',
            next: 'run `dalil serve` again for a new link',
          }),
          401,
        );
      }
      return next();
    });

    // Lists weigh a fifth of themselves on a poor line. Length gives nothing away that an enemy could ask for again and again
    // (BREACH): no page but ours gets an answer, and no secret stands in these.
    for (const path of ['/api/case', '/api/individuals', '/api/items', '/api/timeline']) app.use(path, compress());
    app.use(guard);
    app.use(idempotency(door));

    app.get('/open', async (c) => {
      if (c.get('visitor').as !== 'nobody' || (await door.open(c))) return c.redirect('/', 303);
      if (await door.anyAccount()) return c.redirect('/', 303);
      return c.html(closedDoor.html, 401, { 'content-security-policy': closedDoor.policy });
    });

    app.route('/', doorApi(door));
    app.route('/', signInApi(door));
    app.route('/', accountApi(door));
    app.route('/', peopleApi(door));
    app.route('/', checkApi(door, closing.signal));
    app.route('/', deliveryApi(door, closing.signal));
    app.route('/', caseApi(parts.cases, closing.signal));
    if (parts.people !== undefined) app.route('/', workApi(parts.people));
    app.get('/api/openapi.json', (c) => c.json(documentOf(app, door.cookie())));

    app.get('*', async (c) => {
      const page = !c.req.path.startsWith('/api/') && (c.req.header('accept') ?? '').includes('text/html');
      // A screen's own address is the application; a wrong address of a file is an error.
      const file = files.get(c.req.path) ?? (page ? files.get('/index.html') : undefined);
      if (file === undefined) return c.notFound();
      const { encoding, bytes } = await file.packed(c.req.header('accept-encoding') ?? '');
      // What the page will ask for first comes beside its scripts, where the visitor may have it, and not after them.
      const ahead = page && verdict(routeRules['GET /api/case']!, c.get('visitor')) === 'yes';
      return c.body(bytes, 200, {
        'content-type': file.type,
        vary: 'accept-encoding',
        ...(ahead && { link: '</api/case>; rel=preload; as=fetch; crossorigin' }),
        ...(file.policy !== null && { 'content-security-policy': file.policy }),
        ...(encoding !== null && { 'content-encoding': encoding }),
        ...(file.immutable && { 'cache-control': 'private, max-age=31536000, immutable' }),
      });
    });

    app.notFound((c) => {
      const reading = c.req.method === 'GET' || c.req.method === 'HEAD';
      const what = reading ? 'There is nothing at this address.' : 'There is no such act at this address.';
      return problemResponse(new Fault('usage', { what, next: 'see /api/openapi.json' }), reading ? 404 : 405);
    });
    app.onError((error) => {
      if (error instanceof Fault) return problemResponse(error);
      if (!isNotUnderstood(error)) {
        parts.report?.(error);
        return problemResponse(error);
      }
      return problemResponse(new Fault('usage', { what: 'This is not understood.', next: 'see /api/openapi.json' }));
    });
    refuseUnruled(app);
    return app;
  }

  return {
    async listen(port) {
      const files = await readWebFiles(parts.webRoot);
      let bound = port;
      const origins = (): string[] => (place.origin === null ? loopbackOrigins(bound) : [place.origin]);
      const app = build(files, openDoor({ ...parts, origins, port: () => bound }));
      bound = await listenOn(place.host, port, app.fetch);
      // The name `localhost` is tried at ::1 first: nobody else is to answer there to what was meant for us.
      if (place.host === loopback.host) await listenOn('::1', bound, app.fetch);
      const url = `${place.origin ?? `http://localhost:${String(bound)}`}/`;
      return { port: bound, url, link: `${url}open?token=${parts.token}` };
    },
    renew(tls) {
      checkPlace({ ...place, tls });
      for (const one of servers) (one as TlsServer).setSecureContext({ ...tls, minVersion: 'TLSv1.2' });
    },
    async close() {
      closing.abort();
      await Promise.all(servers.splice(0).map(closeServer));
    },
  };
}

/** JSON that is none; or text that the database cannot hold, as U+0000, where no schema had refused it. */
function isNotUnderstood(error: Error): boolean {
  if (error instanceof HTTPException) return error.status === 400;
  return ['22021', '22P05'].includes((error as { code?: string }).code ?? '');
}

async function closeServer(listening: Server): Promise<void> {
  const patience = setTimeout(() => listening.closeAllConnections(), 1000);
  // A connection whose answer just ended is kept alive, and nothing else would close it.
  const sweep = setInterval(() => listening.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => listening.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(patience);
}

function asListenFault(error: Error, port: number): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new Fault('port-taken', {
        what: `Port ${String(port)} is taken by another program.`,
        next: `dalil serve --port ${String(port < 65_535 ? port + 1 : 0)}`,
        cause: error,
      });
    case 'EADDRNOTAVAIL':
      return new Fault('usage', {
        what: 'This machine has no such address to listen on.',
        expected: 'an address of one of its networks, or 0.0.0.0',
        next: 'dalil serve --listen ADDRESS',
        cause: error,
      });
    case 'EACCES':
      return new Fault('no-permission', {
        what: `Port ${String(port)} may not be opened by this user.`,
        next: 'dalil serve --port 4780',
        cause: error,
      });
    default:
      return error;
  }
}
