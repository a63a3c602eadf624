// What people mark in pictures, over the API: rectangles with a note, and tags on many at once. Words and numbers alone go
// either way: nothing here holds a picture.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { markRegion, readRegions, tagItems, withdrawRegion } from '../group/marks.ts';
import { answers, asked, done, newApi } from './api.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';
import { boxSchema, regionSchema } from './work-schemas.ts';

const item = z.string().regex(/^E-\d{1,12}$/);

const routes = {
  mark: createRoute({
    method: 'post',
    path: '/api/items/{handle}/regions',
    summary: 'Marks a rectangle on a picture, with a note.',
    request: {
      params: z.object({ handle: item }),
      ...asked(z.object({ box: boxSchema, note: z.string().max(1000) })),
    },
    responses: answers(z.object({ region: z.string(), regions: z.array(regionSchema) })),
  }),
  withdraw: createRoute({
    method: 'delete',
    path: '/api/regions/{region}',
    summary: 'Takes a region back.',
    request: { params: z.object({ region: z.string().regex(/^M-\d{1,12}$/) }) },
    responses: done,
  }),
  tag: createRoute({
    method: 'post',
    path: '/api/tags',
    summary: 'Puts a tag on items, or takes it off, in one act; what has it already is left out.',
    request: asked(
      z.object({ tag: z.string().max(200), items: z.array(item).min(1).max(10_000), removed: z.boolean() }),
    ),
    responses: answers(
      z.object({ tag: z.string(), changed: z.number().int(), records: z.number().int() }).openapi('Tagged'),
    ),
  }),
};

/** The routes of marks. */
export function marksApi({ opened }: People): OpenAPIHono<Env> {
  const api = newApi();

  api.openapi(routes.mark, async (c) => {
    const { handle } = c.req.valid('param');
    const { box, note } = c.req.valid('json');
    const record = await markRegion(caseOf(opened, signedIn(c)), handle, box, note);
    const regions = (await readRegions(opened, handle)).map((one) => regionSchema.parse(one));
    return c.json({ region: record.handle!, regions }, 200);
  });

  api.openapi(routes.withdraw, async (c) => {
    await withdrawRegion(caseOf(opened, signedIn(c)), c.req.valid('param').region);
    return c.body(null, 204);
  });

  api.openapi(routes.tag, async (c) => {
    const { tag, items, removed } = c.req.valid('json');
    return c.json(await tagItems(caseOf(opened, signedIn(c)), items, tag, removed), 200);
  });
  return api;
}
