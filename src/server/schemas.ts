// The shapes that the HTTP API answers with, as zod schemas: they validate every answer and make the OpenAPI 3.1
// document. The compiler holds them equal to the views of src/case, so the two cannot drift apart.
import { z } from '@hono/zod-openapi';
import { faultExitCodes } from '../case/fault.ts';
import type { FaultCode } from '../case/fault.ts';
import { carriers, categories, identifierRoles, stageNames } from '../case/views.ts';
import { roles } from '../protect/roles.ts';
import type { AccessionView, CaseView, IdentifierView, IndividualView } from '../case/views.ts';

const count = z.number().int().min(0);

const stageLine = z.object({ name: z.enum(stageNames), done: count, pending: count, problems: count });

export const reconciliationSchema = z
  .object({ received: count, sealed: count, duplicate: count, quarantined: count })
  .openapi('Reconciliation', { description: 'received = sealed + duplicate + quarantined, or it does not close.' });

const accession = z
  .object({
    handle: z.string().openapi({ example: 'A-0001' }),
    source: z.string().openapi({ description: 'The pseudonym of the source.' }),
    reconciliation: reconciliationSchema,
    closes: z.boolean(),
    quarantinedBy: z.record(z.string(), count),
    breakdown: z.array(
      z.object({
        path: z.string().openapi({ description: 'Relative to the given root; empty for the root itself.' }),
        archive: z.boolean(),
        received: count,
        sealed: count,
        duplicate: count,
        quarantined: count,
      }),
    ),
    record: count.nullable().openapi({ description: 'Position in the log of the signed reconciliation.' }),
  })
  .openapi('Accession');

/** `CaseView` of src/case/views.ts. */
export const caseSchema = z
  .object({
    title: z.string(),
    id: z.string(),
    checkpoint: z.object({
      size: count,
      root: z.string().openapi({ description: 'The root hash of the log (RFC 6962), base64.' }),
      signedAt: z.string().nullable(),
    }),
    stages: z.array(stageLine),
    reconciliation: reconciliationSchema,
    accessions: z.array(accession),
    destroyed: z
      .record(z.string(), count)
      .openapi({ description: 'Sealed items whose bytes were destroyed since, by reason.' }),
    categories: z.record(z.enum(categories), count),
    pictures: count,
    individuals: z.object({
      count,
      pictures: count,
      denominator: count,
      withoutKey: count,
      provisional: z
        .object({ individuals: count, pictures: count })
        .openapi({ description: 'By numbers that no person has accepted; in no other count.' }),
      severalSources: count,
      rule: z.string(),
      interval: z.string(),
    }),
    problems: z.array(z.object({ code: z.string(), count, stage: z.enum(stageNames) })),
    next: z.string().nullable().openapi({ description: 'The command that does what is pending.' }),
  })
  .openapi('Case');

const identifier = z
  .object({
    value: z.string(),
    role: z.enum(identifierRoles),
    carrier: z.enum(carriers),
    probability: z.number().min(0).max(1).nullable(),
    accepted: z.boolean(),
  })
  .openapi('Identifier');

/** `IndividualView` of src/case/views.ts. */
export const individualSchema = z
  .object({
    id: z.string().openapi({ example: 'I-0001' }),
    key: z.record(z.string(), z.string()),
    items: z.array(z.object({ id: z.string(), path: z.string(), provisional: z.boolean() })),
    identifiers: z.array(identifier),
    provisional: z.boolean(),
    sources: z.array(z.string()),
  })
  .openapi('Individual');

/** One page of individuals, in the order of their handles. */
export const individualsPageSchema = z
  .object({
    individuals: z.array(individualSchema),
    next: z.string().nullable().openapi({ description: 'What to give as `after` for the next page; null at the end.' }),
  })
  .openapi('IndividualsPage');

/** `numbers`: one to read off its crop. */
export const numberEntrySchema = z
  .object({
    id: z.string().openapi({ example: 'E-00012.0' }),
    item: z.string(),
    reading: count,
    role: z
      .string()
      .nullable()
      .openapi({ description: 'null: the rules of the case cannot tell; the answer says it.' }),
    proposed: z.string(),
    probability: z.number().min(0).max(1),
    alternatives: z.array(z.object({ value: z.string(), probability: z.number() })),
    state: z.enum(['open', 'provisional']),
    crop: z.string().nullable(),
    pictures: count,
  })
  .openapi('NumberEntry');

const numberCrop = z
  .object({ id: z.string(), role: z.string().nullable(), value: z.string(), probability: z.number() })
  .openapi('NumberCrop', { description: 'A number by its crop: /api/crops/{id}.' });

/** One as it waits: at the end are pictures in which no number was found. */
export const waitingNumberSchema = numberEntrySchema
  .extend({
    reading: count.nullable(),
    proposed: z.string().nullable(),
    probability: z.number().min(0).max(1).nullable(),
    state: z.enum(['open', 'provisional', 'unread']),
  })
  .openapi('WaitingNumber');

/** `merges`: pictures that may belong to an individual. */
export const mergeEntrySchema = z
  .object({
    id: z.string(),
    items: z.array(z.string()),
    individual: z.string().nullable(),
    key: z.record(z.string(), z.string()),
    why: z.enum(['far-apart', 'beside', 'between-two', 'differs', 'cut']),
    others: z.array(z.string()),
    probability: z.number().min(0).max(1).nullable(),
    pictures: count,
    crops: z.array(numberCrop),
    theirs: z.array(numberCrop),
  })
  .openapi('MergeEntry');

/** `categories`: pictures of one folder that no rule tells the category of. */
export const categoryEntrySchema = z
  .object({
    id: z.string(),
    folder: z.string(),
    proposed: z.enum(categories).nullable(),
    items: z.array(z.string()),
    pictures: count,
  })
  .openapi('CategoryEntry');

/** One queue, what settles most first. */
export const queueSchema = z
  .discriminatedUnion('name', [
    z.object({ name: z.literal('numbers'), waiting: count, entries: z.array(waitingNumberSchema) }),
    z.object({ name: z.literal('merges'), waiting: count, entries: z.array(mergeEntrySchema) }),
    z.object({ name: z.literal('categories'), waiting: count, entries: z.array(categoryEntrySchema) }),
  ])
  .openapi('Queue', { description: '`waiting` counts all, beyond the entries given as well.' });
export type QueueAnswer = z.infer<typeof queueSchema>;
export const queueNameSchema = z.enum(['numbers', 'merges', 'categories']);

/** Cursor paging: `after` is what the page before gave as `next`. */
export const pageQuerySchema = z.object({
  after: z.string().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Which door to show, and who one is. */
export const doorSchema = z
  .object({
    state: z.enum(['link', 'set-up', 'sign-in', 'in']).openapi({
      description:
        '`link`: opened by the link, and nobody can have an account; `set-up`: the first account can be made.',
    }),
    person: z
      .object({
        member: z.string().openapi({ description: 'What records of this case know the person by.' }),
        name: z.string().openapi({ description: 'The working name in this case.' }),
        roles: z.array(z.enum(roles)),
        proved: z.boolean().openapi({ description: 'Whether who it is was proved in the last minutes.' }),
      })
      .nullable(),
  })
  .openapi('Door');
export type DoorView = z.infer<typeof doorSchema>;

/** RFC 9457, with the codes that the command line uses as well. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(faultExitCodes) as [FaultCode, ...FaultCode[]]),
    detail: z.string().optional(),
    changed: z
      .array(
        z.object({ item: z.string(), said: z.string().nullable(), by: z.string(), at: z.string(), position: count }),
      )
      .optional()
      .openapi({ description: 'Of `conflict`: what has been decided since.' }),
    reason: z.string().optional().openapi({ description: 'A word that programs act on, where there is one.' }),
    next: z.string().optional().openapi({ description: 'The next command or act.' }),
  })
  .openapi('Problem');

/** The body of every error. */
export type ProblemBody = z.infer<typeof problemSchema>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<T extends true> = T;
/** Does not compile where a schema and its view differ. */
export type SchemasMatchTheViews = [
  Holds<Same<z.infer<typeof caseSchema>, CaseView>>,
  Holds<Same<z.infer<typeof accession>, AccessionView>>,
  Holds<Same<z.infer<typeof identifier>, IdentifierView>>,
  Holds<Same<z.infer<typeof individualSchema>, IndividualView>>,
];
