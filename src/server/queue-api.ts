// The queues over the API: entries are handed out under a lease, an answer carries the state in which its entry was seen,
// and a number is shown by its crop alone. What is written is what `dalil settle` writes.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import { categories, identifierRoles } from '../case/views.ts';
import { cropOf } from '../describe/crop.ts';
import { answerEntry, standingOf, undoAnswer, type Answer, type Served } from '../group/answers.ts';
import { claimEntries, endClaim, releaseClaims, servedEntry, type ClaimPlace } from '../group/claims.ts';
import { openQueueBook } from '../group/queue-book.ts';
import type { QueueName } from '../group/queue.ts';
import type { OpenCase } from '../log/case.ts';
import { newApi, problem } from './api.ts';
import { problemOf } from './problem.ts';
import { categoryEntrySchema, mergeEntrySchema, numberEntrySchema, queueNameSchema } from './schemas.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const state = z.string().min(1).max(64).openapi({ description: 'What the entry stood on when it was served.' });
const servedSchema = z.discriminatedUnion('queue', [
  z.object({ queue: z.literal('numbers'), state, entry: numberEntrySchema }),
  z.object({ queue: z.literal('merges'), state, entry: mergeEntrySchema }),
  z.object({ queue: z.literal('categories'), state, entry: categoryEntrySchema }),
]);

const count = z.number().int().min(0);
export const claimsSchema = z
  .object({
    waiting: count.openapi({ description: 'All that wait and can be served, those of others included.' }),
    unread: count.openapi({ description: 'Of `numbers`: pictures in which none was found. They are not served here.' }),
    others: count.openapi({ description: 'How many other people are at this queue.' }),
    until: z.string().openapi({ description: 'When the leases end, unless this is asked again.' }),
    served: z.array(servedSchema),
  })
  .openapi('Claims');
export type ClaimsView = z.infer<typeof claimsSchema>;

const entryId = z.string().min(1).max(40);
const answerSchema = z
  .discriminatedUnion('queue', [
    z.object({
      queue: z.literal('numbers'),
      role: z
        .enum(identifierRoles)
        .optional()
        .openapi({ description: 'Of an entry without a role: which number it is.' }),
      value: z.string().min(1).max(40).nullable().openapi({ description: 'null: it cannot be read.' }),
    }),
    z.object({
      queue: z.literal('merges'),
      to: z.string().max(40).nullable().openapi({ description: 'An individual; null: they belong to nobody.' }),
    }),
    z.object({ queue: z.literal('categories'), category: z.enum(categories) }),
  ])
  .openapi('Answer');
const recordedSchema = z
  .object({ position: count, id: z.string() })
  .openapi('Recorded', { description: 'The record that was written.' });

const nameParam = z.object({ name: queueNameSchema });
const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } }, required: true });
const answered = (description: string) => ({
  200: { description, content: { 'application/json': { schema: recordedSchema } } },
  default: problem,
});

const claimRoute = createRoute({
  method: 'post',
  path: '/api/queues/{name}/claims',
  summary: 'Hands out entries that nobody else holds, for five minutes; asking again renews.',
  request: {
    params: nameParam,
    body: json(
      z.object({ limit: z.number().int().min(1).max(50).default(10), without: z.array(entryId).max(500).default([]) }),
    ),
  },
  responses: {
    200: { description: 'The entries.', content: { 'application/json': { schema: claimsSchema } } },
    default: problem,
  },
});

const releaseRoute = createRoute({
  method: 'delete',
  path: '/api/queues/{name}/claims',
  summary: 'Lets go of all that one holds.',
  request: { params: nameParam },
  responses: { 204: { description: 'Done.' }, default: problem },
});

const answerRoute = createRoute({
  method: 'post',
  path: '/api/queues/{name}/answers',
  summary: 'Answers an entry. 409 `conflict` with what has changed where it no longer stands as it was seen.',
  request: {
    params: nameParam,
    body: json(z.object({ entry: entryId, state, answer: answerSchema, why: z.string().max(2000).default('') })),
  },
  responses: answered('The record; of an answer that was sent twice, the one record.'),
});

const undoRoute = createRoute({
  method: 'post',
  path: '/api/queues/{name}/answers/{position}/undo',
  summary: 'Takes one’s own answer back, by another record.',
  request: {
    params: nameParam.extend({ position: z.coerce.number().int().min(0) }),
    body: json(z.object({ entry: entryId })),
  },
  responses: answered('The record that takes it back.'),
});

const cropRoute = createRoute({
  method: 'get',
  path: '/api/crops/{id}',
  summary: 'The picture of a number alone: never more of what it was written on.',
  request: { params: z.object({ id: z.string().regex(/^E-\d{1,12}\.\d{1,4}$/) }) },
  responses: {
    200: { description: 'WebP, 64 pixels high.', content: { 'image/webp': { schema: z.string() } } },
    default: problem,
  },
});

/** The routes of the queues. */
export function queueApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const now = (): number => accounts.clock().getTime();
  const book = openQueueBook(opened, now);
  const placeOf = (queue: QueueName): ClaimPlace => ({ pool: accounts.pool, caseId: opened.id, queue });

  // One hand at a time gives out of a queue. Who waits for it waits here, and not with a session of the database each: a
  // team that begins at once would hold them all, and nobody could so much as be recognised until the last was served.
  const giving = new Map<QueueName, Promise<unknown>>();
  function inTurn<T>(queue: QueueName, work: () => Promise<T>): Promise<T> {
    const own = (giving.get(queue) ?? Promise.resolve()).then(work);
    giving.set(
      queue,
      own.catch(() => undefined),
    );
    return own;
  }

  api.openapi(claimRoute, async (c) => {
    const { account } = signedIn(c);
    const { limit, without } = c.req.valid('json');
    const { name } = c.req.valid('param');
    const claimed = await inTurn(name, async () =>
      claimEntries(placeOf(name), book, { account, limit, without }, now()),
    );
    const served = await Promise.all(
      claimed.served.map(async (one) => ({ ...one, state: (await standingOf(opened, one)).state })),
    );
    const view = { ...claimed, served, until: new Date(claimed.until).toISOString() };
    return c.json(claimsSchema.parse(view), 200);
  });

  api.openapi(releaseRoute, async (c) => {
    await releaseClaims(placeOf(c.req.valid('param').name), signedIn(c).account, now());
    return c.body(null, 204);
  });

  async function served(queue: QueueName, entry: string): Promise<Served> {
    const found = await servedEntry(placeOf(queue), entry);
    if (found !== null) return found;
    throw new Fault('conflict', {
      what: 'This entry was not served in the last days.',
      next: 'take the queue up again: it is served again where it still waits',
    });
  }

  api.openapi(answerRoute, async (c) => {
    const person = signedIn(c);
    const { name } = c.req.valid('param');
    const { entry, state: seen, answer, why } = c.req.valid('json');
    const asked = await served(name, entry);
    const mine = caseOf(opened, person);
    try {
      const { position, id } = await answerEntry(mine, asked, seen, answer, why);
      await endClaim(placeOf(name), entry, now());
      return c.json(recordedSchema.parse({ position, id }), 200);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
      const twice = await standsAlready(mine, asked, answer);
      if (twice !== null) return c.json(recordedSchema.parse(twice), 200);
      const { decided } = await standingOf(opened, asked);
      return c.json({ ...problemOf(error), changed: decided }, 409, { 'content-type': 'application/problem+json' });
    }
  });

  api.openapi(undoRoute, async (c) => {
    const { name, position } = c.req.valid('param');
    const asked = await served(name, c.req.valid('json').entry);
    const { position: at, id } = await undoAnswer(caseOf(opened, signedIn(c)), asked, position);
    return c.json(recordedSchema.parse({ position: at, id }), 200);
  });

  api.openapi(cropRoute, async (c) => {
    const { id } = c.req.valid('param');
    const [item, n] = id.split('.') as [string, string];
    const { bytes } = await cropOf(opened, item, Number(n));
    return c.body(new Uint8Array(bytes), 200, { 'content-type': 'image/webp' });
  });
  return api;
}

/** The record of this very answer by this very person, where it is in force on every picture: a line dropped after it. */
async function standsAlready(
  opened: OpenCase,
  served: Served,
  answer: Answer,
): Promise<{ position: number; id: string } | null> {
  const { decided } = await standingOf(opened, served);
  const said = answer.queue === 'numbers' ? answer.value : answer.queue === 'merges' ? answer.to : answer.category;
  const [first] = decided;
  const expected = served.queue === 'numbers' ? 1 : Math.min(served.entry.items.length, 20);
  const same = decided.every(
    (one) => one.by === opened.actor.name && one.said === said && one.position === first!.position,
  );
  if (first === undefined || decided.length !== expected || !same) return null;
  const role = answer.queue === 'numbers' ? (answer.role ?? null) : null;
  const { rows } = await opened.index.pool.query<{ id: string }>(
    `select id from record where position = $1
       and ($2::text is null or exists (select from settlement s where s.position = $1 and s.role = $2))`,
    [first.position, role],
  );
  return rows[0] === undefined ? null : { position: first.position, id: rows[0].id };
}
