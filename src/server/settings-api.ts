// What a case is set to: the grammar of its numbers, and whom it asks for the time. Each change is the record that `dalil
// group --rules` and `dalil timestamp authority` write. The enemy is an address that sends this machine to ask its neighbours.
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { sha256, toHex } from '@dalil/verify';
import { readCertificate } from '@dalil/verify/timestamp';
import { Fault } from '../case/fault.ts';
import { settleRules } from '../group/group.ts';
import { parseRules } from '../group/identifier.ts';
import { rulesSchema } from '../group/records.ts';
import type { OpenCase } from '../log/case.ts';
import { addAuthority, anchorsFromPem, authorities, withdrawAuthority } from '../seal/authority.ts';
import { ageingTokens, requestTimestamps, waitingStamps } from '../seal/timestamp.ts';
import { answers, asked, done, newApi } from './api.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const count = z.number().int().min(0);
const text = z.string().nullable();

const rulesViewSchema = z
  .object({
    rules: rulesSchema,
    set: z
      .object({ record: count, by: z.string(), at: z.string() })
      .nullable()
      .openapi({ description: 'The record in force; null: nobody has set any.' }),
  })
  .openapi('RulesView');

const authoritySchema = z
  .object({
    name: z.string(),
    url: z.string(),
    policy: text,
    revocations: z.array(z.string()),
    anchors: z.array(z.object({ subject: z.string(), notAfter: z.string(), sha256: z.string() })),
    stamped: count.openapi({ description: 'Records under its newest token.' }),
    genTime: text.openapi({ description: 'The time of that token.' }),
    waiting: count.openapi({ description: 'Records that wait for a token of it; records of tokens do not count.' }),
    since: text.openapi({ description: 'When the oldest of them was written.' }),
  })
  .openapi('Authority');

const authoritiesSchema = z
  .object({
    authorities: z.array(authoritySchema),
    ageing: count.openapi({
      description: 'Tokens whose certificates end within 90 days, and that no newer one covers.',
    }),
  })
  .openapi('Authorities');

const stampedSchema = z.object({
  stamped: z.array(
    z
      .object({
        authority: z.string(),
        state: z.enum(['stamped', 'nothing-new', 'too-soon', 'failed']),
        size: count,
        genTime: text,
        failure: text.openapi({ description: 'The code of what went wrong.' }),
      })
      .openapi('Stamped'),
  ),
});

const routes = {
  rules: createRoute({
    method: 'get',
    path: '/api/settings/rules',
    summary: 'The grammar of the numbers of this case, and who has set it.',
    responses: answers(rulesViewSchema),
  }),
  setRules: createRoute({
    method: 'put',
    path: '/api/settings/rules',
    summary: 'Sets the grammar of numbers. 409 `conflict` where it is no longer as it was seen.',
    request: asked(
      z.object({
        rules: z.unknown().openapi({ description: 'As `rules` of the answer; what is wrong is said by its place.' }),
        seen: count.nullable().openapi({ description: 'The record in force when it was seen.' }),
      }),
    ),
    responses: answers(rulesViewSchema),
  }),
  authorities: createRoute({
    method: 'get',
    path: '/api/settings/authorities',
    summary: 'Whom the case asks for the time, and what waits for each.',
    responses: answers(authoritiesSchema),
  }),
  add: createRoute({
    method: 'post',
    path: '/api/settings/authorities',
    summary: 'Trusts a time authority (RFC 3161), in place of one of the same name. Nothing is sent to it by this.',
    request: asked(
      z.object({
        name: z.string().min(1).max(100),
        url: z.string().min(1).max(2000),
        policy: z.string().max(200).nullable(),
        revocations: z.array(z.string().max(2000)).max(10),
        anchors: z.string().max(40_000).openapi({ description: 'Certificates to trust, as PEM.' }),
      }),
    ),
    responses: answers(authoritiesSchema),
  }),
  withdraw: createRoute({
    method: 'delete',
    path: '/api/settings/authorities/{name}',
    summary: 'Asks an authority no more. Its tokens stand.',
    request: { params: z.object({ name: z.string().max(100) }) },
    responses: done,
  }),
  stamp: createRoute({
    method: 'post',
    path: '/api/settings/stamps',
    summary: 'Has the newest checkpoint stamped, by the authorities of the case or one of them; nothing else is sent.',
    request: asked(z.object({ authority: z.string().max(100).optional() })),
    responses: answers(stampedSchema),
  }),
};

/** Names that a network keeps for itself. */
const inner = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|test|home\.arpa)$/i;

/**
 * Refuses an address that may lead to a neighbour of this machine. A public name could still be pointed at one, but over
 * TLS a neighbour has no certificate for that name. Whoever stands at the machine may name any.
 */
function refuseInner(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : null;
  // What is no address at all is refused with better words below.
  if (url === null || !/^https?:$/.test(url.protocol)) return;
  const host = url.hostname.replace(/\.$/, '');
  const bare = host.replaceAll(/[[\]]/g, '');
  if (url.protocol === 'https:' && isIP(bare) === 0 && host.includes('.') && !inner.test(host)) return;
  throw new Fault('usage', {
    what: 'Over the web, an authority is named by https:// and a public name.',
    expected: 'https:// and a name such as time.example.org; no number, no name of your own network',
    next: 'where it has no such address, have it added on the machine itself: dalil timestamp authority add',
  });
}

async function readRules({ index }: OpenCase): Promise<z.infer<typeof rulesViewSchema>> {
  const { rows } = await index.pool.query<{ record: number; body: unknown; by: string; at: string }>(
    `select u.position as record, u.body, r.actor as by, r.at from rules u join record r on r.position = u.position
     order by u.position desc limit 1`,
  );
  if (rows[0] === undefined) return { rules: rulesSchema.parse({ patterns: [] }), set: null };
  const { record, body, by, at } = rows[0];
  return { rules: rulesSchema.parse(body), set: { record, by, at } };
}

async function readAuthorities(opened: OpenCase, now: Date): Promise<z.infer<typeof authoritiesSchema>> {
  const waiting = new Map((await waitingStamps(opened)).map((one) => [one.authority, one]));
  const all = (await authorities(opened)).map(({ name, url, policy, revocations, anchors }) => {
    const waits = waiting.get(name);
    return {
      name,
      url,
      policy,
      revocations,
      anchors: anchors.map((anchor) => ({ ...readCertificate(anchor), sha256: toHex(sha256(anchor)) })),
      stamped: waits?.stamped ?? 0,
      genTime: waits?.genTime ?? null,
      waiting: waits?.records ?? 0,
      since: waits?.since ?? null,
    };
  });
  return authoritiesSchema.parse({ authorities: all, ageing: (await ageingTokens(opened, now)).length });
}

/** The routes of what a case is set to. */
export function settingsApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  let asking = false;

  api.openapi(routes.rules, async (c) => c.json(rulesViewSchema.parse(await readRules(opened)), 200));

  api.openapi(routes.setRules, async (c) => {
    const { rules, seen } = c.req.valid('json');
    const given = parseRules(rules);
    const guard = async (): Promise<void> => {
      if (((await readRules(opened)).set?.record ?? null) === seen) return;
      throw new Fault('conflict', {
        what: 'These rules have been changed since you saw them.',
        next: 'look at them again, and change them again if it is still needed',
      });
    };
    await guard();
    await settleRules(caseOf(opened, signedIn(c)), given, guard);
    return c.json(rulesViewSchema.parse(await readRules(opened)), 200);
  });

  api.openapi(routes.authorities, async (c) => c.json(await readAuthorities(opened, accounts.clock()), 200));

  api.openapi(routes.add, async (c) => {
    const { anchors, ...settings } = c.req.valid('json');
    for (const address of [settings.url, ...settings.revocations]) refuseInner(address);
    await addAuthority(caseOf(opened, signedIn(c)), { ...settings, anchors: anchorsFrom(anchors) });
    return c.json(await readAuthorities(opened, accounts.clock()), 200);
  });

  api.openapi(routes.withdraw, async (c) => {
    await withdrawAuthority(caseOf(opened, signedIn(c)), c.req.valid('param').name);
    return c.body(null, 204);
  });

  api.openapi(routes.stamp, async (c) => {
    const { authority } = c.req.valid('json');
    const mine = caseOf(opened, signedIn(c));
    if ((await authorities(opened)).length === 0)
      throw new Fault('usage', { what: 'The case has no time authority, so nobody is asked.', next: 'add one' });
    // One asking at a time: an authority is nobody's to be hammered at by two impatient people.
    if (asking) throw new Fault('conflict', { what: 'The time is being asked for already.', next: 'wait a moment' });
    asking = true;
    try {
      const stamped = await requestTimestamps(mine, {
        fetch: globalThis.fetch,
        clock: accounts.clock,
        random: (n) => new Uint8Array(randomBytes(n)),
        ...(authority !== undefined && { only: [authority] }),
      });
      const told = stamped.map(({ failure, ...rest }) => ({ ...rest, failure: failure?.code ?? null }));
      return c.json(stampedSchema.parse({ stamped: told }), 200);
    } finally {
      asking = false;
    }
  });
  return api;
}

/** Certificates as DER; what cannot be read is the sender's affair, not the server's. */
function anchorsFrom(pem: string): Uint8Array[] {
  try {
    return anchorsFromPem(pem);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'input-unreadable') throw error;
    throw new Refusal(400, 'input-unreadable', {
      what: 'This text holds no certificate to trust, or one that cannot be read.',
      expected: 'the root certificate of the authority, as PEM: -----BEGIN CERTIFICATE-----',
      next: 'get it from the authority by a way that you trust, and compare its fingerprint',
    });
  }
}
