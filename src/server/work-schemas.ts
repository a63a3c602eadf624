// The shapes of the screens of daily work, as the API answers them; the compiler holds them equal to src/case/work-views.
import { z } from '@hono/zod-openapi';
import { categories, identifierRoles } from '../case/views.ts';
import {
  pictureStates,
  type IndividualPage,
  type ItemPage,
  type TileView,
  type TimelineChoices,
  type TimelineFilter,
  type TimelineView,
} from '../case/work-views.ts';
import { placePattern } from '../timeline.ts';

const count = z.number().int().min(0);
const text = z.string().nullable();

export const tileSchema = z
  .object({
    item: z.string().openapi({ example: 'E-00012' }),
    taken: text.openapi({ description: 'Local time as the camera wrote it, to the second.' }),
    category: z.enum(categories),
    sorted: z.boolean().openapi({ description: 'Whether a person has said the category.' }),
    number: text,
    individual: text,
    camera: text,
    state: z.enum(pictureStates),
    copies: count.openapi({ description: 'Near-duplicates, which a collapsed list leaves out.' }),
  })
  .openapi('Tile', { description: 'A picture in words. No answer but a reveal holds a picture.' });

export const filterSchema = z.object({
  source: z.string().max(200).optional(),
  category: z.enum(categories).optional(),
  camera: z.string().max(300).optional(),
  number: z.string().max(60).optional(),
  day: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .optional(),
  state: z.enum(pictureStates).optional(),
  individual: z.string().max(40).optional(),
  tag: z.string().max(60).optional(),
  collapsed: z
    .enum(['true', 'false'])
    .transform((said) => said === 'true')
    .optional(),
});

export const placeSchema = z.string().regex(placePattern).openapi({ description: 'As `marks` and `next` hold it.' });

export const timelineSchema = z
  .object({
    total: count,
    months: z.array(z.object({ month: z.string(), count })),
    step: count,
    marks: z.array(z.string()),
  })
  .openapi('Timeline');

const choice = <T extends z.ZodType>(name: T) => z.array(z.object({ name, count }));
export const choicesSchema = z
  .object({
    sources: choice(z.string()),
    cameras: choice(z.string()),
    categories: choice(z.enum(categories)),
    states: choice(z.enum(pictureStates)),
    tags: choice(z.string()),
  })
  .openapi('TimelineChoices');

export const tilesSchema = z.object({ items: z.array(tileSchema), next: z.string().nullable() }).openapi('Tiles');

const numberView = z
  .object({
    crop: text.openapi({ description: 'Of /api/crops/{id}.' }),
    item: z.string(),
    role: z.enum(identifierRoles).nullable(),
    value: text,
    probability: z.number().nullable(),
    by: text.openapi({ description: 'Who said it; null: the machine.' }),
  })
  .openapi('Number');

const reason = z.object({
  reason: z.string(),
  probability: z.number().nullable(),
  of: text,
  records: z.array(count),
});

export const individualPageSchema = z
  .object({
    id: z.string(),
    key: z.record(z.string(), z.string()),
    rule: z.string(),
    record: count,
    state: z.string().openapi({ description: 'What an act carries back.' }),
    mergedInto: text,
    others: z.array(z.string()),
    members: z.array(
      tileSchema.extend({ path: z.string(), provisional: z.boolean(), reasons: z.array(reason) }).openapi('Member'),
    ),
    numbers: z.array(numberView),
    decided: z.array(
      z.object({
        kind: z.string(),
        said: z.string(),
        by: z.string(),
        at: z.string(),
        position: count,
        why: z.string(),
      }),
    ),
  })
  .openapi('IndividualPage');

const fraction = z.number().min(0).max(1);
export const boxSchema = z
  .tuple([fraction, fraction, fraction, fraction])
  .openapi({ description: 'Left, top, width, height as fractions of the upright picture.' });
export const regionSchema = z
  .object({ region: z.string(), box: boxSchema, note: z.string(), by: z.string(), at: z.string(), record: count })
  .openapi('Region');

export const itemPageSchema = z
  .object({
    tile: tileSchema.nullable(),
    item: z.string(),
    sha256: z.string(),
    size: count,
    format: text,
    width: count.nullable(),
    height: count.nullable(),
    record: count,
    id: z.string(),
    received: z.array(
      z.object({
        path: z.string(),
        state: z.string(),
        accession: z.string(),
        source: z.string(),
        modified: text,
        record: count,
      }),
    ),
    destroyed: z.object({ reason: z.string(), at: z.string(), record: count }).nullable(),
    seal: z.object({
      size: count,
      root: z.string(),
      tokens: z.array(z.object({ authority: z.string(), time: z.string(), size: count, record: count })),
      witnesses: z.array(z.object({ witness: z.string(), time: z.string(), size: count })),
    }),
    fixity: z.object({ state: z.string(), at: z.string(), record: count }).nullable(),
    custody: z.array(
      z.object({
        record: count,
        event: z.enum(['claimed', 'accession', 'transfer', 'replication', 'dissemination', 'deaccession']),
        holder: text,
        from: text,
        to: text,
        by: z.array(z.string()),
      }),
    ),
    gaps: z.array(z.object({ kind: z.enum(['gap', 'unknown', 'overlap']), from: text, to: z.string() })),
    metadata: z.array(z.object({ name: z.string(), first: text, second: text })),
    problems: z.array(z.object({ code: z.string(), message: z.string(), record: count })),
    likeness: z.array(
      z.object({
        item: z.string(),
        distance: count,
        basis: z.string(),
        direction: z.enum(['copy', 'original']),
        record: count,
      }),
    ),
    numbers: z.array(numberView),
    regions: z.array(regionSchema),
    tags: z.array(z.object({ tag: z.string(), by: z.string(), at: z.string(), record: count })),
    history: z.array(z.object({ position: count, kind: z.string(), at: z.string(), by: z.string() })),
  })
  .openapi('ItemPage');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Holds<T extends true> = T;
/** Does not compile where a schema and its view differ. */
export type SchemasMatchTheViews = [
  Holds<Same<z.infer<typeof tileSchema>, TileView>>,
  Holds<Same<z.infer<typeof timelineSchema>, TimelineView>>,
  Holds<Same<z.infer<typeof choicesSchema>, TimelineChoices>>,
  Holds<z.infer<typeof filterSchema> extends TimelineFilter ? true : false>,
  Holds<z.infer<typeof itemPageSchema> extends ItemPage ? true : false>,
  Holds<z.infer<typeof individualPageSchema> extends IndividualPage ? true : false>,
];
