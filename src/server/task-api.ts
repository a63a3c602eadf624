// Tasks over the API: what the team asks of each other. An assignee is a working name of this case, nobody else's.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { Fault } from '../case/fault.ts';
import { findPerson, listPeople } from '../protect/accounts.ts';
import { addTask, changeTask, countOpen, listTasks, placeOf, readTask } from '../protect/tasks.ts';
import { answers, asked, newApi } from './api.ts';
import { kindRules } from './policy.ts';
import type { People } from './server.ts';
import { caseOf, signedIn, type Env } from './visitor.ts';

const count = z.number().int().min(0);
const state = z.enum(['open', 'done']);
const handle = z.string().regex(/^T-\d{1,12}$/);

const taskSchema = z
  .object({
    task: z.string().openapi({ example: 'T-0001' }),
    words: z.string(),
    subject: z.string().nullable().openapi({ description: 'A handle, or the name of a queue.' }),
    assignee: z.string().nullable().openapi({ description: 'A working name; null: whoever comes first.' }),
    state,
    by: z.string(),
    asked: z.string(),
    record: count.openapi({ description: 'The record that stands: what a change gives back as `seen`.' }),
    changedBy: z.string(),
    changed: z.string(),
  })
  .openapi('Task');

const routes = {
  list: createRoute({
    method: 'get',
    path: '/api/tasks',
    summary: 'What the team asks of each other, the newest first, a page at a time; and how much is open.',
    request: {
      query: z.object({
        state: state.optional(),
        mine: z.enum(['true', 'false']).optional(),
        after: handle.optional().openapi({ description: 'What the page before gave as `next`.' }),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: answers(
      z.object({
        tasks: z.array(taskSchema),
        next: z.string().nullable(),
        open: z.object({ mine: count, unassigned: count, all: count }),
      }),
    ),
  }),
  people: createRoute({
    method: 'get',
    path: '/api/tasks/people',
    summary: 'The working names of whom a task can be asked.',
    responses: answers(z.object({ names: z.array(z.string()) })),
  }),
  add: createRoute({
    method: 'post',
    path: '/api/tasks',
    summary: 'Asks for something.',
    request: asked(
      z.object({
        words: z.string().max(2000),
        subject: z.string().max(40).nullable(),
        assignee: z.string().max(60).nullable(),
      }),
    ),
    responses: answers(taskSchema),
  }),
  change: createRoute({
    method: 'put',
    path: '/api/tasks/{task}',
    summary: 'Hands a task on, closes it, or opens it again. 409 `conflict` where it is no longer as it was seen.',
    request: {
      params: z.object({ task: handle }),
      ...asked(z.object({ state: state.optional(), assignee: z.string().max(60).nullable().optional(), seen: count })),
    },
    responses: answers(taskSchema),
  }),
};

/** The routes of tasks. */
export function taskApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();
  const { read } = kindRules['protect.task']!;

  /** Refuses whoever is not of this case, or may not read what they would be asked. */
  const refuseStranger = async (name: string | null | undefined): Promise<void> => {
    if (name === null || name === undefined) return;
    const person = await findPerson(accounts, opened.id, { name });
    if (person !== null && person.gone === null && person.roles.some((role) => read.includes(role))) return;
    throw new Fault('usage', {
      what: 'This cannot be asked of anybody of that name.',
      expected: 'the working name of somebody of this case who works on its evidence',
      next: 'GET /api/tasks/people',
    });
  };

  api.openapi(routes.list, async (c) => {
    const { name } = signedIn(c);
    const { state: wanted, mine, after, limit } = c.req.valid('query');
    const found = await listTasks(opened, {
      ...(wanted !== undefined && { state: wanted }),
      ...(mine === 'true' && { assignee: name }),
      ...(after !== undefined && { before: await placeOf(opened, after) }),
      limit: limit + 1,
    });
    const tasks = found.slice(0, limit).map((task) => taskSchema.parse(task));
    const next = found.length > limit ? tasks.at(-1)!.task : null;
    return c.json({ tasks, next, open: await countOpen(opened, name) }, 200);
  });

  api.openapi(routes.people, async (c) => {
    const people = await listPeople(accounts, opened.id);
    const able = people.filter(({ gone, roles }) => gone === null && roles.some((role) => read.includes(role)));
    return c.json({ names: able.map(({ name }) => name) }, 200);
  });

  api.openapi(routes.add, async (c) => {
    const { words, subject, assignee } = c.req.valid('json');
    await refuseStranger(assignee);
    const { handle: task } = await addTask(caseOf(opened, signedIn(c)), { words, subject, assignee });
    return c.json(taskSchema.parse(await readTask(opened, task!)), 200);
  });

  api.openapi(routes.change, async (c) => {
    const { task } = c.req.valid('param');
    const { seen, state: to, assignee } = c.req.valid('json');
    await refuseStranger(assignee);
    const change = { ...(to !== undefined && { state: to }), ...(assignee !== undefined && { assignee }) };
    await changeTask(caseOf(opened, signedIn(c)), task, change, seen);
    return c.json(taskSchema.parse(await readTask(opened, task)), 200);
  });
  return api;
}
