// What there is to see of evidence without seeing it: the timeline and its tiles, an individual, an item. Acts on individuals
// are those of `dalil settle`.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import {
  mergeIndividuals,
  movePictures,
  partIndividuals,
  releasePictures,
  splitIndividual,
} from '../group/decisions.ts';
import { individualState, readIndividual } from '../individual-page.ts';
import { readItem } from '../item-page.ts';
import { listTiles, readChoices, readTimeline } from '../timeline.ts';
import { newApi, problem } from './api.ts';
import { mayRead } from './policy.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';
import {
  choicesSchema,
  filterSchema,
  individualPageSchema,
  itemPageSchema,
  placeSchema,
  tilesSchema,
  timelineSchema,
} from './work-schemas.ts';

const ok = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: problem,
});
const handle = (prefix: string) => z.string().regex(new RegExp(`^${prefix}-\\d{1,12}$`));

const timelineRoute = createRoute({
  method: 'get',
  path: '/api/timeline',
  summary: 'How many pictures there are month by month, and marks from which to read anywhere among them.',
  request: { query: filterSchema },
  responses: ok('The months.', timelineSchema),
});

const choicesRoute = createRoute({
  method: 'get',
  path: '/api/timeline/choices',
  summary: 'What the pictures can be narrowed to: sources, cameras, categories, states.',
  responses: ok('The choices, the most frequent first.', choicesSchema),
});

const itemsRoute = createRoute({
  method: 'get',
  path: '/api/items',
  summary: 'Pictures in the order of time, as tiles: in words.',
  request: {
    query: filterSchema.extend({
      from: placeSchema.optional(),
      after: placeSchema.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(120),
    }),
  },
  responses: ok('One page.', tilesSchema),
});

const itemRoute = createRoute({
  method: 'get',
  path: '/api/items/{handle}',
  summary: 'An item, and why what is said of it can be believed.',
  request: { params: z.object({ handle: handle('E') }) },
  responses: ok('The item.', itemPageSchema),
});

const individualRoute = createRoute({
  method: 'get',
  path: '/api/individuals/{handle}',
  summary: 'An individual: pictures as tiles, numbers, reasons, decisions.',
  request: { params: z.object({ handle: handle('I') }) },
  responses: ok('The individual.', individualPageSchema),
});

const items = z.array(handle('E')).min(1).max(10_000);
const actSchema = z
  .discriminatedUnion('act', [
    z.object({ act: z.literal('merge'), into: handle('I') }),
    z.object({ act: z.literal('part'), from: handle('I') }),
    z.object({ act: z.literal('split'), items }),
    z.object({ act: z.literal('move'), items, to: handle('I').nullable() }),
    z.object({ act: z.literal('release'), items }),
  ])
  .openapi('IndividualAct', {
    description:
      'merge: another name of `into`. part: another body than `from`. split: these pictures are of another body with the same number. move: to another individual, or to none. release: take back what was decided on pictures.',
  });

const actRoute = createRoute({
  method: 'post',
  path: '/api/individuals/{handle}/acts',
  summary: 'Decides about an individual. 409 `conflict` where it is no longer as it was seen.',
  request: {
    params: z.object({ handle: handle('I') }),
    body: {
      content: {
        'application/json': {
          schema: z.object({ state: z.string().max(64), why: z.string().max(2000), act: actSchema }),
        },
      },
      required: true,
    },
  },
  responses: ok(
    'The record; its handle is that of the individual that a split makes.',
    z.object({ position: z.number().int(), id: z.string(), handle: z.string().nullable() }).openapi('Acted'),
  ),
});

/** The routes of evidence in words. */
export function evidenceApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const { pool } = opened.index;

  api.openapi(timelineRoute, async (c) =>
    c.json(timelineSchema.parse(await readTimeline(pool, c.req.valid('query'))), 200),
  );

  api.openapi(choicesRoute, async (c) => c.json(choicesSchema.parse(await readChoices(pool)), 200));

  api.openapi(itemsRoute, async (c) => {
    const { from, after, limit, ...filter } = c.req.valid('query');
    return c.json(tilesSchema.parse(await listTiles(pool, filter, { from, after, limit })), 200);
  });

  api.openapi(itemRoute, async (c) => {
    const page = await readItem(opened, c.req.valid('param').handle, accounts.clock().toISOString());
    const visitor = c.get('visitor');
    const roles = visitor.as === 'person' || visitor.as === 'token' ? visitor.person.roles : [];
    // Whoever may not read a kind of record does not learn that there is one.
    const history = page.history.filter(({ kind }) => mayRead(roles, kind));
    return c.json(itemPageSchema.parse({ ...page, history }), 200);
  });

  api.openapi(individualRoute, async (c) =>
    c.json(individualPageSchema.parse(await readIndividual(opened, c.req.valid('param').handle)), 200),
  );

  api.openapi(actRoute, async (c) => {
    const mine = caseOf(opened, signedIn(c));
    const { handle: about } = c.req.valid('param');
    const { state, why, act } = c.req.valid('json');
    const guard = async (): Promise<void> => {
      if ((await individualState(opened, about)) === state) return;
      throw new Fault('conflict', {
        what: 'This individual has changed since it was shown.',
        next: 'look at it again, and decide again if it still needs to be',
      });
    };
    const record = await (() => {
      switch (act.act) {
        case 'merge':
          return mergeIndividuals(mine, about, act.into, why, guard);
        case 'part':
          return partIndividuals(mine, act.from, about, why, guard);
        case 'split':
          return splitIndividual(mine, about, act.items, why, guard);
        case 'move':
          return movePictures(mine, act.items, act.to, why, guard);
        case 'release':
          return releasePictures(mine, act.items, why, guard);
      }
    })();
    return c.json({ position: record.position, id: record.id, handle: record.handle }, 200);
  });
  return api;
}
