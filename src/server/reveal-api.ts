// Safe viewing: a picture is asked for by an act that is written down, and only when its record is sealed is there an
// address of it, once, for seconds, for the one who asked. The enemy is every way by which a picture reaches eyes that
// nobody counted: a preview, a cache, a shared link, a body that was sent and blurred.
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { citedPath } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Rendering, RenderingOrder } from '../describe/rendering.ts';
import type { OpenCase } from '../log/case.ts';
import { recordAct } from '../protect/acts.ts';
import { purposes } from '../protect/records.ts';
import {
  giveBack,
  limitsSchema,
  ownViewing,
  readLimits,
  setLimits,
  takeViewing,
  viewingTotals,
  type ViewingPlace,
} from '../protect/viewing.ts';
import { openWorkers, type Workers } from '../store/workers.ts';
import { newApi, problem } from './api.ts';
import { Refusal } from './problem.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const count = z.number().int().min(0);
/** The longer side of a first showing. */
export const firstSide = 240;
/** For how long the address of a rendering is good, and how long a first showing counts as seen. */
const ticketMs = 15_000;
const seenMs = 3_600_000;
/** Renderings that wait for their one reader. */
const mostTickets = 100;

const ownSchema = z
  .object({
    today: count,
    days: count.openapi({ description: 'Days on end with viewing.' }),
    minutes: count.openapi({ description: 'Since one began without a rest of ten minutes.' }),
    pause: z.boolean().openapi({ description: 'A pause is proposed.' }),
    perDay: z.array(z.object({ day: z.string(), count })),
    limits: limitsSchema,
  })
  .openapi('OwnViewing', { description: 'What one has looked at oneself, in all cases. Nobody else is shown it.' });

const json = <T extends z.ZodType>(schema: T) => ({ content: { 'application/json': { schema } }, required: true });

const revealRoute = createRoute({
  method: 'post',
  path: '/api/items/{handle}/reveal',
  summary: 'Writes down that one looks at a picture; then gives the address of a small rendering, good once.',
  description:
    'Refused with a reason: `second-step` (this category has to be asked for twice: `confirmed`), `first-grey` (colour and size only after 240 pixels in greys), `budget-day`, `budget-days`.',
  request: {
    params: z.object({ handle: z.string().regex(/^E-\d{1,12}$/) }),
    body: json(
      z.object({
        purpose: z.enum(purposes),
        colour: z.boolean().default(false),
        side: z.union([z.literal(firstSide), z.literal(640), z.literal(1280)]).default(firstSide),
        confirmed: z.boolean().default(false),
      }),
    ),
  },
  responses: {
    201: {
      description: 'Written down. `address` answers once.',
      content: {
        'application/json': {
          schema: z
            .object({
              address: z.string(),
              width: count,
              height: count,
              seconds: count.openapi({ description: 'For how long it may be shown.' }),
              record: count,
              own: ownSchema,
            })
            .openapi('Reveal'),
        },
      },
    },
    default: problem,
  },
});

const pictureRoute = createRoute({
  method: 'get',
  path: '/api/reveals/{ticket}',
  summary: 'The rendering, once.',
  request: { params: z.object({ ticket: z.string().regex(/^[\w-]{43}$/) }) },
  responses: {
    200: { description: 'WebP.', content: { 'image/webp': { schema: z.string() } } },
    default: problem,
  },
});

const mineRoute = createRoute({
  method: 'get',
  path: '/api/viewing/mine',
  summary: 'What one has looked at oneself, and what is left for today.',
  responses: {
    200: { description: 'One’s own viewing.', content: { 'application/json': { schema: ownSchema } } },
    default: problem,
  },
});

const totalsSchema = z
  .object({
    days: z.array(z.object({ day: z.string(), people: count, pictures: count, most: count })),
    withheld: count.openapi({ description: 'Days on which fewer than three people looked: they would be named.' }),
    limits: limitsSchema,
  })
  .openapi('ViewingTotals');
const totalsRoute = createRoute({
  method: 'get',
  path: '/api/viewing/totals',
  summary: 'Totals by day, without who.',
  responses: {
    200: { description: 'The totals.', content: { 'application/json': { schema: totalsSchema } } },
    default: problem,
  },
});

const limitsRoute = createRoute({
  method: 'put',
  path: '/api/viewing/limits',
  summary: 'Sets the budgets of this case.',
  request: { body: json(limitsSchema) },
  responses: {
    200: { description: 'In force.', content: { 'application/json': { schema: limitsSchema } } },
    default: problem,
  },
});

interface Ticket {
  account: string;
  until: number;
  webp: Uint8Array<ArrayBuffer>;
}

/** The routes of safe viewing. */
export function revealApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const place: ViewingPlace = { pool: accounts.pool, caseId: opened.id };
  const now = (): number => accounts.clock().getTime();
  const tickets = new Map<string, Ticket>();
  let workers: Workers<RenderingOrder, Rendering> | null = null;
  const render = (order: RenderingOrder): Promise<Rendering> => {
    workers ??= openWorkers<RenderingOrder, Rendering>(new URL('../describe/rendering-worker.ts', import.meta.url), {
      threads: Math.max(1, Math.min(2, availableParallelism() - 1)),
      timeLimit: 20_000,
    });
    return workers.run(order);
  };

  api.openapi(revealRoute, async (c) => {
    const person = signedIn(c);
    const { handle } = c.req.valid('param');
    const mode = c.req.valid('json');
    const picture = await showable(opened, handle);
    const { secondStep, seconds } = await readLimits(place);
    if (secondStep.includes(picture.category) && !mode.confirmed) throw stepRefused;
    if ((mode.colour || mode.side > firstSide) && !(await seenFirst(opened, picture.id, person.name, now())))
      throw greyRefused;
    const taken = await takeViewing(place, person.account, now());
    if ('refused' in taken) throw budgetRefused(taken.refused);
    // The record first: nothing of the picture is decoded, let alone sent, before it is sealed.
    const record = await recordAct(caseOf(opened, person), {
      kind: 'protect.exposure',
      refs: { item: picture.id },
      ...mode,
      seconds,
    }).catch(async (error: unknown) => {
      await giveBack(place, taken.id);
      throw error;
    });
    const path = join(
      opened.folder.path,
      citedPath({ store: 'originals', sha256: picture.sha256, size: picture.size }),
    );
    const { webp, width, height } = await render({
      path,
      sha256: picture.sha256,
      side: mode.side,
      colour: mode.colour,
    }).catch(async (error: unknown) => {
      // The record stays: that somebody asked is so. What nobody saw is taken off nobody's budget.
      await giveBack(place, taken.id);
      throw error;
    });
    for (const [hash, { until }] of tickets) if (until < now() || tickets.size >= mostTickets) tickets.delete(hash);
    const ticket = Buffer.from(accounts.random(32)).toString('base64url');
    tickets.set(hashOf(ticket), { account: person.account, until: now() + ticketMs, webp: new Uint8Array(webp) });
    const answer = { address: `/api/reveals/${ticket}`, width, height, seconds, record: record.position };
    return c.json({ ...answer, own: ownSchema.parse(taken.own) }, 201);
  });

  api.openapi(pictureRoute, (c) => {
    const { account } = signedIn(c);
    const hash = hashOf(c.req.valid('param').ticket);
    const ticket = tickets.get(hash);
    // A tab of its own would be in the history, and outlive the screen that hides it.
    const alone = c.req.header('sec-fetch-dest') === 'document';
    if (ticket === undefined || ticket.account !== account || ticket.until < now() || alone) {
      throw new Refusal(404, 'usage', {
        what: 'This address shows nothing, or nothing any more: it is good once.',
        next: 'ask for the picture again',
      });
    }
    tickets.delete(hash);
    return c.body(ticket.webp, 200, { 'content-type': 'image/webp', 'content-disposition': 'inline' });
  });

  api.openapi(mineRoute, async (c) => {
    return c.json(ownSchema.parse(await ownViewing(place, signedIn(c).account, now())), 200);
  });

  api.openapi(totalsRoute, async (c) => {
    const totals = { ...(await viewingTotals(place, now())), limits: await readLimits(place) };
    return c.json(totalsSchema.parse(totals), 200);
  });

  api.openapi(limitsRoute, async (c) => {
    const limits = c.req.valid('json');
    await setLimits(place, limits);
    return c.json(limits, 200);
  });
  return api;
}

const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');

const stepRefused = new Refusal(
  403,
  'no-permission',
  {
    what: 'Pictures of this category are asked for twice.',
    expected: '`confirmed`, after you have read what it is',
    next: 'ask again, if you need to see it',
  },
  'second-step',
);
const greyRefused = new Refusal(
  403,
  'no-permission',
  {
    what: 'Colour and size come after the first look: 240 pixels, in greys.',
    next: 'look at it that way first',
  },
  'first-grey',
);
const budgetRefused = (by: 'day' | 'days'): Refusal =>
  new Refusal(
    403,
    'no-permission',
    {
      what:
        by === 'day'
          ? 'You have seen as many pictures today as this case allows.'
          : 'You have looked at pictures on as many days on end as this case allows.',
      next: 'do other work until tomorrow; whoever looks after people in this case sets the limits',
    },
    `budget-${by}`,
  );

interface Showable {
  id: string;
  sha256: string;
  size: number;
  category: string;
}

/** What there is to render. Throws Fault('usage') where there is no such picture, or its bytes are gone. */
async function showable({ index }: OpenCase, handle: string): Promise<Showable> {
  const { rows } = await index.pool.query<Showable & { state: string }>(
    `select i.id, i.sha256, i.size, t.category, t.state from item i join timeline t on t.item = i.handle
     where i.handle = $1`,
    [handle],
  );
  const row = rows[0];
  if (row !== undefined && row.state !== 'destroyed') return row;
  throw new Fault('usage', {
    what: row === undefined ? 'There is no such picture.' : 'The bytes of this picture were destroyed.',
    expected: 'the handle of a picture, as E-00012',
    got: handle,
    next: 'dalil items',
  });
}

/** Whether this person was shown this picture small and in greys within the last hour. */
async function seenFirst({ index }: OpenCase, id: string, name: string, now: number): Promise<boolean> {
  const { rows } = await index.pool.query(
    `select from exposure where item_id = $1 and actor = $2 and not colour and side = $3 and at > $4 limit 1`,
    [id, name, firstSide, new Date(now - seenMs).toISOString()],
  );
  return rows.length > 0;
}
