// The independent check of the case, asked for from a page: the same as `dalil verify`, over the folder and not over what this
// server knows of it, with its progress. It writes nothing down: a check that changed the log could not be repeated.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { formatKept, fromBase64, type CheckedCount } from '@dalil/verify';
import { answers, newApi } from './api.ts';
import { peopleOf, type Door } from './door.ts';
import type { Env } from './visitor.ts';

const count = z.int().min(0);
/** How many problems are told of; `dalil verify` has them all. */
const listed = 100;

const checkedSchema = z
  .object({
    files: count,
    bytes: count,
    records: count,
    signatures: count,
    tiles: count,
    checkpoints: count,
    citations: count,
  })
  .openapi({ description: 'What has been checked so far.' }) satisfies z.ZodType<Record<CheckedCount, number>>;

const checkSchema = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('none') }),
    z.object({ state: z.literal('running'), began: z.string(), checked: checkedSchema }),
    z.object({
      state: z.literal('done'),
      began: z.string(),
      ended: z.string(),
      checked: checkedSchema,
      ok: z.boolean(),
      checkpoint: z
        .object({
          size: count,
          root: z.string(),
          line: z.string().openapi({ description: 'To be kept elsewhere, and held against the case by `--since`.' }),
        })
        .nullable(),
      problems: z.array(z.object({ code: z.string(), where: z.string(), message: z.string() })),
      /** Beyond those listed. */
      further: count,
      notes: count,
      timestamped: z
        .object({ size: count, time: z.string() })
        .nullable()
        .openapi({ description: 'Unchanged since then, by a token from outside over so many records.' }),
      witnessed: z.object({ size: count, time: z.string() }).nullable(),
    }),
    z.object({ state: z.literal('failed'), began: z.string() }),
  ])
  .openapi('Check');
type Check = z.infer<typeof checkSchema>;

const routes = {
  read: createRoute({
    method: 'get',
    path: '/api/check',
    summary: 'The check that is running, or the last one since the server began.',
    responses: answers(checkSchema),
  }),
  begin: createRoute({
    method: 'post',
    path: '/api/check',
    summary: 'Begins the independent check of the whole case; one at a time, whoever asks.',
    responses: answers(checkSchema),
  }),
};

const nothing = { files: 0, bytes: 0, records: 0, signatures: 0, tiles: 0, checkpoints: 0, citations: 0 };

/** The routes of the check. `closing` ends one that is running. */
export function checkApi(door: Door, closing: AbortSignal): OpenAPIHono<Env> {
  const api = newApi();
  let check: Check = { state: 'none' };

  const begin = (): void => {
    const { accounts, opened } = peopleOf(door);
    const began = accounts.clock().toISOString();
    check = { state: 'running', began, checked: nothing };
    void run(opened.folder.path, (checked) => {
      closing.throwIfAborted();
      check = { state: 'running', began, checked: { ...checked } };
    }).then(
      (so) => (check = { ...so, began, ended: accounts.clock().toISOString() }),
      () => (check = { state: 'failed', began }),
    );
  };

  api.openapi(routes.read, (c) => c.json(checkSchema.parse(check), 200));
  api.openapi(routes.begin, (c) => {
    if (check.state !== 'running') begin();
    return c.json(checkSchema.parse(check), 200);
  });
  return api;
}

type Done = Omit<Extract<Check, { state: 'done' }>, 'began' | 'ended'>;

async function run(path: string, progress: (checked: Readonly<Record<CheckedCount, number>>) => void): Promise<Done> {
  const { checkPath } = await import('@dalil/verify/node-check');
  // One thread: those who work here go first.
  const { ok, report } = await checkPath(path, { threads: 1, now: new Date(), progress });
  const since = report.timestamps?.unchangedSince ?? null;
  return {
    state: 'done',
    ok,
    checked: report.checked,
    checkpoint: report.checkpoint === null ? null : kept(report.checkpoint),
    problems: report.problems.slice(0, listed),
    further: report.further + Math.max(0, report.problems.length - listed),
    notes: report.notes.length,
    timestamped: since === null ? null : { size: since.size, time: since.genTime },
    witnessed: report.witnessed,
  };
}

function kept({ origin, size, root }: { origin: string; size: number; root: string }): Done['checkpoint'] {
  return { size, root, line: formatKept({ origin, size, root: fromBase64(root)! }) };
}
