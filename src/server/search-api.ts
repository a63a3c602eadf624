// Searching over the API. The words come in a body and leave in none but the asker's answer: an address would stand in logs
// of proxies and in histories of browsers.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { categories } from '../case/views.ts';
import { numberStates, searchFields, thingKinds } from '../search/lines.ts';
import { longestQuery } from '../search/query.ts';
import { forgetSearch, listSaved, mostSaved, saveSearch, type SavedPlace } from '../search/saved.ts';
import { afterPattern, mostRanked, readOn, search } from '../search/search.ts';
import type { Person } from '../protect/accounts.ts';
import { answers, asked, done, newApi } from './api.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const count = z.number().int().min(0);
const text = z.string().nullable();

const narrowedSchema = z
  .object({
    kinds: z.array(z.enum(thingKinds)).max(thingKinds.length).optional(),
    source: z.string().min(1).max(200).optional(),
    category: z.enum(categories).optional(),
  })
  .openapi('Narrowed', { description: 'What an answer is narrowed to; what is left out narrows nothing.' });

/** Twice as long as may be asked for: its own message says more than a schema does. */
const wordsSchema = z.string().max(longestQuery * 2);

const whySchema = z
  .object({
    field: z.enum(searchFields),
    name: text.openapi({ description: 'The role of a number, the name of a value of metadata.' }),
    text: z.string().openapi({ description: 'As it is written, or a part of it. Text, never HTML.' }),
    before: z.boolean().openapi({ description: 'Something stands before the part.' }),
    after: z.boolean(),
    marks: z
      .array(z.object({ start: count, end: count, exact: z.boolean() }))
      .openapi({ description: 'What matched, in UTF-16 code units. Not exact: without an article or clitic.' }),
    page: count.nullable().openapi({ description: 'Page, slide, sheet or message of a document, from 1.' }),
    state: z.enum(numberStates).nullable().openapi({
      description:
        'Of a number: said by a person; by a rule, from a path; read by a machine, a proposal; overruled: so read, and a person said another.',
    }),
    probability: z.number().nullable().openapi({ description: 'That a number which was read is right.' }),
    record: count.openapi({ description: 'Position of the record that says it.' }),
  })
  .openapi('SearchWhy');

const hitSchema = z
  .object({
    handle: z.string().openapi({ example: 'E-00012' }),
    kind: z.enum(thingKinds),
    title: z.string().openapi({ description: 'The name of a file, the pseudonym of a source.' }),
    key: z
      .record(z.string(), z.string())
      .nullable()
      .openapi({ description: 'Of an individual: numbers by their roles.' }),
    category: z.enum(categories).nullable(),
    sources: z.array(z.string()),
    destroyed: z.boolean(),
    why: z.array(whySchema),
  })
  .openapi('SearchHit', {
    description: 'A thing in words, with what matched. No answer but a reveal holds a picture.',
  });

const facet = <T extends z.ZodType>(name: T) => z.array(z.object({ name, count }));

const answerSchema = z
  .object({
    search: count.openapi({ description: 'Position of the record of this search.' }),
    words: z.string(),
    narrowed: narrowedSchema,
    count: count.openapi({
      description: `Things found. With \`more\` there are more, and the newest ${String(mostRanked)} alone are ranked and counted.`,
    }),
    more: z.boolean(),
    facets: z
      .object({ kinds: facet(z.enum(thingKinds)), sources: facet(z.string()), categories: facet(z.enum(categories)) })
      .openapi({
        description:
          'Of the things in `count`: each is of one kind, of one category or none, and of each of its sources.',
      }),
    hits: z.array(hitSchema),
    next: text.openapi({ description: 'What to give as `after`; null on the last page.' }),
  })
  .openapi('SearchAnswer');

const savedSchema = z
  .object({ id: z.string(), name: z.string(), words: z.string(), narrowed: narrowedSchema })
  .openapi('SavedSearch');

const searchRoute = createRoute({
  method: 'post',
  path: '/api/searches',
  summary: 'Searches: texts, names of files, metadata, numbers, handles, notes. Writes the search down first.',
  description:
    'Words in any order, all of which must be there; "words that follow each other"; a beginning*; -without. Arabic is found in whatever spelling of alef, hamza, ya and ta marbuta, with and without article and clitics; digits of either script are the same.',
  request: asked(z.object({ words: wordsSchema, narrowed: narrowedSchema.default({}) })),
  responses: answers(answerSchema),
});

const pageRoute = createRoute({
  method: 'get',
  path: '/api/searches/{search}',
  summary: 'A further page of a search that one has made within the last hour; without `after` the first again.',
  request: {
    params: z.object({ search: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
    query: z.object({ after: z.string().max(80).regex(afterPattern).optional() }),
  },
  responses: answers(answerSchema),
});

const savedRoute = createRoute({
  method: 'get',
  path: '/api/saved-searches',
  summary: `Searches that one keeps to make again, by name: at most ${String(mostSaved)}.`,
  responses: answers(z.object({ searches: z.array(savedSchema) })),
});

const saveRoute = createRoute({
  method: 'post',
  path: '/api/saved-searches',
  summary: 'Keeps a search to make again. The same name again replaces it. No record: it can be forgotten.',
  request: asked(
    z.object({ name: z.string().trim().min(1).max(80), words: wordsSchema, narrowed: narrowedSchema.default({}) }),
  ),
  responses: answers(savedSchema),
});

const forgetRoute = createRoute({
  method: 'delete',
  path: '/api/saved-searches/{id}',
  summary: 'Forgets one of one’s own.',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: done,
});

/** The routes of searching. */
export function searchApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const now = (): number => accounts.clock().getTime();
  const placeOf = ({ account }: Person): SavedPlace => ({ pool: accounts.pool, caseId: opened.id, account });

  api.openapi(searchRoute, async (c) => {
    const { words, narrowed } = c.req.valid('json');
    return c.json(answerSchema.parse(await search(caseOf(opened, signedIn(c)), words, narrowed)), 200);
  });

  api.openapi(pageRoute, async (c) => {
    const { after } = c.req.valid('query');
    const position = c.req.valid('param').search;
    const answer = await readOn(opened, signedIn(c).name, position, after ?? null, now());
    return c.json(answerSchema.parse(answer), 200);
  });

  api.openapi(savedRoute, async (c) => c.json({ searches: await listSaved(placeOf(signedIn(c))) }, 200));

  api.openapi(saveRoute, async (c) => {
    const saved = await saveSearch(placeOf(signedIn(c)), c.req.valid('json'), now());
    return c.json(savedSchema.parse(saved), 200);
  });

  api.openapi(forgetRoute, async (c) => {
    await forgetSearch(placeOf(signedIn(c)), c.req.valid('param').id);
    return c.body(null, 204);
  });
  return api;
}
