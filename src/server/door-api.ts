// What the page asks first: which door to show. It says nothing of the case, and of people only who one is oneself.
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { newApi, problem } from './api.ts';
import type { Door } from './door.ts';
import { doorSchema } from './schemas.ts';
import type { Env } from './visitor.ts';

const doorRoute = createRoute({
  method: 'get',
  path: '/api/door',
  summary: 'Whether to sign in, to set up, or that one is in, and as whom.',
  responses: {
    200: { description: 'The door.', content: { 'application/json': { schema: doorSchema } } },
    default: problem,
  },
});

/** The routes of the door. */
export function doorApi(door: Door): OpenAPIHono<Env> {
  const api = newApi();
  api.openapi(doorRoute, (c) => {
    const visitor = c.get('visitor');
    if (visitor.as === 'nobody') return c.json(doorSchema.parse({ state: 'sign-in', person: null }), 200);
    if (visitor.as === 'set-up')
      return c.json(doorSchema.parse({ state: door.people === null ? 'link' : 'set-up', person: null }), 200);
    const { member, name, roles } = visitor.person;
    const proved = visitor.as === 'person' && visitor.session.proved;
    return c.json(doorSchema.parse({ state: 'in', person: { member, name, roles, proved } }), 200);
  });
  return api;
}
