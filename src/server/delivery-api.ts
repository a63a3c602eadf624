// Deliveries sent from a browser or a script: begun, filled piece by piece, and then received as a folder would be. What was
// sent once need not be sent again, whatever line was cut; each piece is held against its hash on arrival (RFC 9530).
import { createHash } from 'node:crypto';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import {
  beginDelivery,
  deliveredFolder,
  endDelivery,
  findDelivery,
  listDeliveries,
  listSent,
  putPiece,
  whatIsHere,
  type Delivery,
  type SentFile,
} from '../intake/delivery.ts';
import { receive } from '../intake/receive.ts';
import { answers, asked, done, newApi } from './api.ts';
import { peopleOf, type Door } from './door.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { reconciliationSchema } from './schemas.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const count = z.int().min(0);
const id = z.object({ id: z.string().max(40) });

/** What became of a delivery that was asked to be received. */
const receivingSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('open') }),
  z.object({ state: z.literal('receiving'), done: count, total: count.nullable() }),
  z.object({
    state: z.literal('received'),
    accession: z.string(),
    reconciliation: reconciliationSchema,
    problems: count,
  }),
  z.object({ state: z.literal('failed'), title: z.string(), next: z.string().nullable() }),
]);
type Receiving = z.infer<typeof receivingSchema>;

const deliverySchema = z
  .object({
    id: z.string(),
    source: z.string().openapi({ description: 'The pseudonym of the source.' }),
    begun: z.string(),
    receiving: receivingSchema,
  })
  .openapi('Delivery');

const putSchema = z.object({ offset: count, whole: z.boolean() });
const fileQuery = z.object({
  path: z.string().min(1).max(4096).openapi({ description: 'Relative, `/` between names.' }),
  size: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  modified: z.coerce.number().int().optional().openapi({ description: 'Last change, milliseconds since 1970.' }),
});

const routes = {
  list: createRoute({
    method: 'get',
    path: '/api/deliveries',
    summary: 'Deliveries that were begun and not received yet.',
    responses: answers(z.object({ deliveries: z.array(deliverySchema) })),
  }),
  begin: createRoute({
    method: 'post',
    path: '/api/deliveries',
    summary: 'Begins a delivery of a source, who is named by a pseudonym.',
    request: asked(z.object({ source: z.string().trim().min(1).max(100) })),
    responses: answers(deliverySchema),
  }),
  read: createRoute({
    method: 'get',
    path: '/api/deliveries/{id}',
    summary: 'How far a delivery is; once it is received, its reconciliation.',
    request: { params: id },
    responses: answers(deliverySchema),
  }),
  sent: createRoute({
    method: 'get',
    path: '/api/deliveries/{id}/files',
    summary: 'The files that are here whole, in the order of their names, a page at a time.',
    request: {
      params: id,
      // A cursor here is a path, as long as a path may be.
      query: z.object({
        after: z.string().min(1).max(4096).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
      }),
    },
    responses: answers(
      z.object({ files: z.array(z.object({ path: z.string(), size: count })), next: z.string().nullable() }),
    ),
  }),
  look: createRoute({
    method: 'get',
    path: '/api/deliveries/{id}/file',
    summary: 'How much of one file is here.',
    request: { params: id, query: fileQuery },
    responses: answers(putSchema),
  }),
  put: createRoute({
    method: 'put',
    path: '/api/deliveries/{id}/file',
    summary: 'A piece of a file, from `offset` on, at most 8 MiB. Answers how much is here then.',
    request: {
      params: id,
      query: fileQuery.extend({ offset: z.coerce.number().int().min(0) }),
      headers: z.object({
        'content-digest': z.string().openapi({ description: 'sha-256=:…: of the piece (RFC 9530).' }),
      }),
      body: {
        required: true,
        content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
      },
    },
    responses: answers(putSchema),
  }),
  receive: createRoute({
    method: 'post',
    path: '/api/deliveries/{id}/receive',
    summary: 'Receives what is here. Runs on by itself; `GET` tells how far it is.',
    request: { params: id },
    responses: answers(deliverySchema),
  }),
  end: createRoute({
    method: 'delete',
    path: '/api/deliveries/{id}',
    summary: 'Takes a delivery away that is not to be received. What was received stays.',
    request: { params: id },
    responses: done,
  }),
};

/** The routes of deliveries. `closing` stops what is being received; the next attempt goes on from there. */
export function deliveryApi(door: Door, closing: AbortSignal): OpenAPIHono<Env> {
  const api = newApi();
  const desk = new Map<string, Receiving>();

  const find = async (given: string): Promise<{ people: People; delivery: Delivery }> => {
    const people = peopleOf(door);
    const { home, id: caseId } = people.opened;
    const delivery = await findDelivery(home, caseId, given);
    if (delivery !== null) return { people, delivery };
    throw new Refusal(404, 'usage', { what: 'There is no such delivery.', next: 'read the list again, or begin one' });
  };
  const view = ({ id: own, source, begun }: Delivery): z.infer<typeof deliverySchema> =>
    deliverySchema.parse({ id: own, source, begun, receiving: desk.get(own) ?? { state: 'open' } });

  api.openapi(routes.list, async (c) => {
    const { home, id: caseId } = peopleOf(door).opened;
    const views = (await listDeliveries(home, caseId)).map(view);
    // One that was received may still be on its way out.
    return c.json({ deliveries: views.filter(({ receiving }) => receiving.state !== 'received') }, 200);
  });

  api.openapi(routes.begin, async (c) => {
    const { accounts, opened } = peopleOf(door);
    const { source } = c.req.valid('json');
    const { member } = signedIn(c);
    const now = accounts.clock();
    return c.json(view(await beginDelivery(opened.home, { caseId: opened.id, source, member, now })), 200);
  });

  api.openapi(routes.read, async (c) => {
    // One that was received has left its folder, and is told of until the server ends.
    const { id: own } = c.req.valid('param');
    const known = desk.get(own);
    if (known?.state === 'received') return c.json({ id: own, source: '', begun: '', receiving: known }, 200);
    return c.json(view((await find(own)).delivery), 200);
  });

  api.openapi(routes.sent, async (c) => {
    const { people, delivery } = await find(c.req.valid('param').id);
    const { after, limit } = c.req.valid('query');
    return c.json(await listSent(people.opened.home, delivery, { after: after ?? null, limit }), 200);
  });

  api.openapi(routes.look, async (c) => {
    const { people, delivery } = await find(c.req.valid('param').id);
    return c.json(await whatIsHere(people.opened.home, delivery, fileOf(c.req.valid('query'))), 200);
  });

  api.openapi(routes.put, async (c) => {
    const { people, delivery } = await find(c.req.valid('param').id);
    refuseBusy(desk.get(delivery.id));
    const { offset, ...file } = c.req.valid('query');
    const bytes = new Uint8Array(await c.req.arrayBuffer().catch(cutShort));
    if (c.req.valid('header')['content-digest'] !== digestOf(bytes)) {
      throw new Fault('usage', {
        what: 'This piece arrived other than it was sent.',
        expected: 'Content-Digest: sha-256=:…: of the piece',
        got: 'another digest',
        next: 'send it again',
      });
    }
    return c.json(await putPiece(people.opened.home, delivery, fileOf(file), { offset, bytes }), 200);
  });

  api.openapi(routes.receive, async (c) => {
    const { people, delivery } = await find(c.req.valid('param').id);
    refuseBusy(desk.get(delivery.id));
    const opened = caseOf(people.opened, signedIn(c));
    desk.set(delivery.id, { state: 'receiving', done: 0, total: null });
    void receive(opened, {
      roots: [deliveredFolder(opened.home, delivery)],
      source: delivery.source,
      signal: closing,
      progress: ({ done: so, total }) => desk.set(delivery.id, { state: 'receiving', done: so, total: total ?? null }),
    })
      .then(async ({ accession, reconciliation, problems }) => {
        desk.set(delivery.id, { state: 'received', accession, reconciliation, problems: problems.length });
        await endDelivery(opened.home, delivery);
      })
      .catch((error: unknown) => desk.set(delivery.id, failed(error)));
    return c.json(view(delivery), 200);
  });

  api.openapi(routes.end, async (c) => {
    const { people, delivery } = await find(c.req.valid('param').id);
    refuseBusy(desk.get(delivery.id));
    await endDelivery(people.opened.home, delivery);
    desk.delete(delivery.id);
    return c.body(null, 204);
  });
  return api;
}

const fileOf = ({ path, size, modified }: z.infer<typeof fileQuery>): SentFile => ({
  path,
  size,
  modified: modified ?? null,
});

/** The value of Content-Digest for these bytes. */
export const digestOf = (bytes: Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

/** A line that breaks is no fault of the program, and nobody is left to be told. */
function cutShort(): never {
  throw new Fault('cancelled', { what: 'The line was cut while this piece came in.', next: 'send it again' });
}

function refuseBusy(receiving: Receiving | undefined): void {
  if (receiving?.state !== 'receiving') return;
  throw new Refusal(409, 'locked', { what: 'This delivery is being received.', next: 'wait for its end' });
}

/** What is told of a failure: a Fault's own words, and of anything else nothing. */
function failed(error: unknown): Receiving {
  const lines = error instanceof Fault ? error.message.split('\n') : ['Something went wrong in the program.'];
  const next = lines.find((line) => line.startsWith('  next: '));
  return { state: 'failed', title: lines[0]!, next: next?.slice('  next: '.length) ?? null };
}
