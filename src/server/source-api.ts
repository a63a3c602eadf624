// The sources, by their pseudonyms: what each has given, as counts that must close, and where that is said to have been before
// it was received. Who they are lies in the vault, and nothing of it is asked for here.
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { accessions, sumReconciliations } from '../intake/queries.ts';
import type { IntakeTables } from '../intake/project.ts';
import { readCustody } from '../seal/queries.ts';
import { answers, newApi } from './api.ts';
import { pageQuerySchema, reconciliationSchema } from './schemas.ts';
import type { People } from './server.ts';
import type { Env } from './visitor.ts';

const count = z.int().min(0);

const claimSchema = z.object({
  record: count.openapi({ description: 'Position in the log.' }),
  holder: z.string(),
  from: z.string().nullable().openapi({ description: 'As precise as it was said; null: unknown.' }),
  to: z.string().nullable(),
  by: z.array(z.string()).openapi({ description: 'Who says so.' }),
  note: z.string().nullable(),
});

const sourceSchema = z
  .object({
    source: z.string().openapi({ description: 'The pseudonym.' }),
    reconciliation: reconciliationSchema,
    closes: z.boolean(),
    accessions: z.array(
      z.object({
        handle: z.string(),
        received: z.string(),
        by: z.string().openapi({ description: 'Who received it, by their working name.' }),
        reconciliation: reconciliationSchema,
        closes: z.boolean(),
        record: count.nullable().openapi({ description: 'The signed reconciliation; null: not signed yet.' }),
        claims: z.array(claimSchema).openapi({ description: 'Custody before intake, as claimed.' }),
      }),
    ),
  })
  .openapi('Source');

const route = createRoute({
  method: 'get',
  path: '/api/sources',
  summary: 'Sources by their pseudonyms, with what each has given, a page at a time.',
  request: { query: pageQuerySchema },
  responses: answers(z.object({ sources: z.array(sourceSchema), next: z.string().nullable() })),
});

/** The route of the sources. */
export function sourceApi({ accounts, opened }: People): OpenAPIHono<Env> {
  const api = newApi();

  api.openapi(route, async (c) => {
    const { after, limit } = c.req.valid('query');
    const { pool } = opened.index;
    const named = await pool.query<{ source: string }>(
      `select distinct source collate "C" as source from accession
       where $1::text is null or source collate "C" > $1 order by 1 limit $2`,
      [after ?? null, limit + 1],
    );
    const names = named.rows.slice(0, limit).map(({ source }) => source);
    const [given, custody] = await Promise.all([
      accessions(opened.index.kysely<IntakeTables>()),
      readCustody(opened, accounts.clock().toISOString()),
    ]);
    const linesOf = new Map(custody.map(({ accession, lines }) => [accession, lines]));
    const sources = names.map((source) => {
      const own = given.filter((accession) => accession.source === source);
      return sourceSchema.parse({
        source,
        reconciliation: sumReconciliations(own.map(({ reconciliation }) => reconciliation)),
        closes: own.every(({ closes }) => closes),
        accessions: own.map((accession) => {
          const lines = linesOf.get(accession.handle) ?? [];
          const receipt = lines.find(({ event }) => event === 'accession');
          return {
            ...accession,
            received: receipt?.from ?? '',
            by: receipt?.holder ?? '',
            claims: lines.filter(({ event }) => event === 'claimed'),
          };
        }),
      });
    });
    return c.json({ sources, next: named.rows.length > limit ? names.at(-1)! : null }, 200);
  });
  return api;
}
