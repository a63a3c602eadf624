// The routes of the API. Each answer passes through its schema on the way out: what the schema does not name is not
// sent, and the OpenAPI document says exactly what is.
import { OpenAPIHono, createRoute, z } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import type { CaseView, IndividualView } from '../case/views.ts';
import { eventStream } from './changes.ts';
import type { Change } from './changes.ts';
import { problemResponse } from './problem.ts';
import {
  caseSchema,
  individualsPageSchema,
  pageQuerySchema,
  problemSchema,
  queueNameSchema,
  queueSchema,
  type QueueAnswer,
} from './schemas.ts';
import type { Env } from './visitor.ts';

/** What the server needs to know of a case; implemented over the index. */
export interface CaseReader {
  /** The Case page. */
  view(): Promise<CaseView>;
  /** Individuals in the order of their handles, after the cursor; `next` is null on the last page. */
  individuals(page: {
    after: string | null;
    limit: number;
  }): Promise<{ individuals: IndividualView[]; next: string | null }>;
  /** What waits for a person, what settles most first. Left out where nothing can tell. */
  queue?(name: QueueAnswer['name'], limit: number): Promise<QueueAnswer>;
  /** One change for each commit from now on, until `signal`. Left out where nothing can tell. */
  changes?(signal: AbortSignal): AsyncIterable<Change>;
}

/** What every route answers where it fails. */
export const problem = {
  description: 'An error, with the same codes as the command line (RFC 9457).',
  content: { 'application/problem+json': { schema: problemSchema } },
};

/** A body of JSON, which has to be there. */
export const asked = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

/** An answer of JSON, or a problem. */
export const answers = <T extends z.ZodType>(schema: T) => ({
  200: { description: 'Done.', content: { 'application/json': { schema } } },
  default: problem,
});

/** No answer but that it was done, or a problem. */
export const done = { 204: { description: 'Done.' }, default: problem };

const caseRoute = createRoute({
  method: 'get',
  path: '/api/case',
  summary: 'The Case page: stages, reconciliation, counts with their denominators, the checkpoint.',
  request: { headers: z.object({ 'if-none-match': z.string().optional() }) },
  responses: {
    200: {
      description: 'The case at its latest checkpoint; the ETag is that checkpoint.',
      headers: z.object({ etag: z.string() }),
      content: { 'application/json': { schema: caseSchema } },
    },
    304: { description: 'The checkpoint is still the one of If-None-Match.' },
    default: problem,
  },
});

const individualsRoute = createRoute({
  method: 'get',
  path: '/api/individuals',
  summary: 'Individuals with their numbers, a page at a time.',
  request: { query: pageQuerySchema },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: individualsPageSchema } } },
    default: problem,
  },
});

const queueRoute = createRoute({
  method: 'get',
  path: '/api/queues/{name}',
  summary: 'What waits for a person: numbers by their crops, pictures beside individuals, categories by folder.',
  request: { params: z.object({ name: queueNameSchema }), query: pageQuerySchema.pick({ limit: true }) },
  responses: {
    200: { description: 'The first of the queue.', content: { 'application/json': { schema: queueSchema } } },
    default: problem,
  },
});

const changesRoute = createRoute({
  method: 'get',
  path: '/api/changes',
  summary: 'Server-sent events: `change` with the new size of the log after each commit.',
  responses: {
    200: {
      description: 'A stream of events, open until one side leaves.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    204: { description: 'Nothing here can tell of changes; ask again now and then.' },
    default: problem,
  },
});

/** A part of the API: what it is asked is validated, and who asks is known (`c.get('visitor')`). */
export function newApi(): OpenAPIHono<Env> {
  return new OpenAPIHono<Env>({
    defaultHook: (result) =>
      result.success
        ? undefined
        : problemResponse(
            new Fault('usage', {
              what: 'A part of the question is not understood.',
              got: result.error.issues.map((issue) => issue.path.join('.')).join(', '),
              next: 'see /api/openapi.json',
            }),
          ),
  });
}

/** The API over one reader. `closing` ends the open event streams. */
export function caseApi(cases: CaseReader, closing: AbortSignal): OpenAPIHono<Env> {
  const api = newApi();

  api.openapi(caseRoute, async (c) => {
    const view = caseSchema.parse(await cases.view());
    // Size and root: the same size with another root is another history, as after a case put back from a copy.
    const etag = `"${String(view.checkpoint.size)}-${view.checkpoint.root.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 12)}"`;
    c.header('etag', etag);
    const known = c.req.header('if-none-match');
    if (known?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) return c.body(null, 304);
    return c.json(view, 200);
  });

  api.openapi(individualsRoute, async (c) => {
    const { after, limit } = c.req.valid('query');
    const page = await cases.individuals({ after: after ?? null, limit });
    return c.json(individualsPageSchema.parse(page), 200);
  });

  api.openapi(queueRoute, async (c) => {
    const { name } = c.req.valid('param');
    const queue = await cases.queue?.(name, c.req.valid('query').limit);
    return c.json(queueSchema.parse(queue ?? { name, waiting: 0, entries: [] }), 200);
  });

  api.openapi(changesRoute, (c) => {
    const changes = cases.changes?.bind(cases);
    if (changes === undefined) return c.body(null, 204);
    return c.body(eventStream(changes, closing), 200, { 'content-type': 'text/event-stream' });
  });

  return api;
}
