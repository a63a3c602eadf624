// The log, newest first: what happened, when, by whom and about what, without a name of a file or a word of evidence. Who may
// not read a kind (policy.ts) sees that there is a record, and when it was written.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { actorsAndKinds, proveRecord, readActivity, readActivityRow, type ActivityRow } from '../log/activity.ts';
import type { Role } from '../protect/roles.ts';
import { answers, newApi, problem } from './api.ts';
import { kindRules, mayRead } from './policy.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { signedIn, type Env } from './visitor.ts';

const count = z.int().min(0);
/** Of the handles that a record is about, how many are told. */
const told = 4;

const readable = z
  .object({
    id: z.string().openapi({ description: 'base64url of the hash of its entry: the leaf of the log.' }),
    kind: z.string(),
    actor: z.string().openapi({ description: 'The working name.' }),
    about: z.array(z.string()).openapi({ description: 'Handles: its own, or those of what it cites, four at most.' }),
    more: z.boolean().openapi({ description: 'Whether it is about more than these.' }),
  })
  .nullable()
  .openapi({ description: 'null where your roles may not read this kind of record.' });
const activitySchema = z.object({ position: count, at: z.string(), record: readable }).openapi('Activity');

const place = z.object({ position: z.coerce.number().int().min(0) });

const routes = {
  list: createRoute({
    method: 'get',
    path: '/api/activity',
    summary:
      'Records, newest first, a page at a time; where a kind or an actor is asked for, of kinds that you may read.',
    request: {
      query: z.object({
        after: z.coerce
          .number()
          .int()
          .min(0)
          .optional()
          .openapi({ description: 'What the page before gave as `next`.' }),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        kind: z.string().min(1).max(60).optional(),
        actor: z.string().min(1).max(200).optional(),
      }),
    },
    responses: answers(z.object({ size: count, records: z.array(activitySchema), next: count.nullable() })),
  }),
  filters: createRoute({
    method: 'get',
    path: '/api/activity/filters',
    summary: 'The kinds and the actors that there are, of records that you may read.',
    responses: answers(z.object({ kinds: z.array(z.string()), actors: z.array(z.string()) })),
  }),
  one: createRoute({
    method: 'get',
    path: '/api/activity/{position}',
    summary: 'One record, and the proof that it is under the latest checkpoint.',
    request: { params: place },
    responses: answers(
      z.object({
        record: activitySchema,
        proof: z.string().openapi({ description: 'C2SP tlog-proof.' }),
        checkpoint: z.string().openapi({ description: 'C2SP tlog-checkpoint, signed: the end of the proof.' }),
        size: count,
        keys: z.array(z.string()).openapi({ description: 'C2SP verifier keys that have signed it.' }),
      }),
    ),
  }),
  proof: createRoute({
    method: 'get',
    path: '/api/records/{position}/proof',
    summary: 'That a record is under the checkpoint, as a file (C2SP tlog-proof): checked by anyone, without us.',
    request: { params: place },
    responses: {
      200: { description: 'The proof, as text.', content: { 'text/plain': { schema: z.string() } } },
      default: problem,
    },
  }),
};

function viewOf({ position, at, id, kind, actor, handle, about }: ActivityRow, roles: readonly Role[]) {
  const handles = handle === null ? (about ?? []) : [handle];
  const record = { id, kind, actor, about: handles.slice(0, told), more: handles.length > told };
  return activitySchema.parse({ position, at, record: mayRead(roles, kind) ? record : null });
}

/** The routes of the log. */
export function activityApi({ opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const { pool } = opened.index;

  api.openapi(routes.list, async (c) => {
    const roles = signedIn(c).roles;
    const { after, limit, kind, actor } = c.req.valid('query');
    const filtered = kind !== undefined || actor !== undefined;
    // A filter asks for what a record says: by it nobody is to learn of records whose kind they may not read.
    const kinds = Object.keys(kindRules).filter((one) => mayRead(roles, one) && (kind === undefined || one === kind));
    const rows = await readActivity(pool, {
      before: after ?? null,
      limit: limit + 1,
      ...(filtered && { only: { kinds, ...(actor !== undefined && { actor }) } }),
    });
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? page.at(-1)!.position : null;
    return c.json({ size: opened.log.size, records: page.map((row) => viewOf(row, roles)), next }, 200);
  });

  api.openapi(routes.filters, async (c) => {
    const roles = signedIn(c).roles;
    const pairs = (await actorsAndKinds(pool)).filter(({ kind }) => mayRead(roles, kind));
    const sorted = (all: string[]): string[] => [...new Set(all)].toSorted();
    return c.json(
      { kinds: sorted(pairs.map(({ kind }) => kind)), actors: sorted(pairs.map(({ actor }) => actor)) },
      200,
    );
  });

  const prove = async (position: number, roles: readonly Role[]) => {
    const row = await readActivityRow(opened.index, position);
    if (mayRead(roles, row.kind)) return { record: viewOf(row, roles), ...(await proveRecord(opened, row)) };
    throw new Refusal(
      403,
      'no-permission',
      { what: 'Your roles in this case do not read this kind of record.', next: 'ask an administrator of this case' },
      'not-your-role',
    );
  };

  api.openapi(routes.one, async (c) => c.json(await prove(c.req.valid('param').position, signedIn(c).roles), 200));

  api.openapi(routes.proof, async (c) => {
    const { position } = c.req.valid('param');
    const { proof } = await prove(position, signedIn(c).roles);
    c.header('content-disposition', `attachment; filename="record-${String(position)}.tlog-proof"`);
    return c.text(proof, 200);
  });
  return api;
}
