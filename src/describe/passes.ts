// Every pass over the items, in the order in which they are made. What is pending, what is done again and what `status`
// counts are made from this list: a pass that is not in it would be done by nobody.
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { cardObservation, cardReader, numberGrammarSchema, type CardSettings } from './card-records.ts';
import { defaultSettings, describer, type DescribeSettings } from './description.ts';
import { currentEmbedded, embeddedComparer } from './embedded-records.ts';
import { defaultDocumentSettings, documentFormats, documentTool, documentVersion } from './document-set.ts';
import { findFfmpeg } from './ffmpeg.ts';
import {
  defaultMediaSettings,
  mediaTool,
  mediaVersion,
  mostFrames,
  recordingFormats,
  type MediaSettings,
} from './media-set.ts';
import { hasPerl } from './perl.ts';
import { defaultMetadataSettings, metadataTool, metadataVersion } from './metadata-set.ts';
import type { Standing } from './pass.ts';
import { defaultProvenanceSettings, provenanceTool, provenanceVersion } from './provenance-records.ts';
import { countSearched } from './provenance-search.ts';
import { observationKey } from './records.ts';

/** The problems of a kind of record, of the item i. */
const troubled = (kind: string): string =>
  `exists (select from item_problem p where p.item = i.handle and p.kind = '${kind}' and p.code = $1)`;

/** The first one: of every item whose bytes are here. */
export const descriptionPass = (settings: DescribeSettings): Standing => ({
  stage: 'describe',
  tool: describer.name,
  kind: 'describe.item',
  key: observationKey(describer.version, settings),
  concerns: 'from item i left join description d on d.item = i.handle where i.destroyed is null',
  row: 'd',
  troubled: troubled('describe.item'),
});

/** Of a format that has metadata. A row that the first pass has made is no second reading. */
export const metadataPass: Standing = {
  stage: 'describe',
  tool: metadataTool,
  kind: 'describe.metadata',
  key: observationKey(metadataVersion, defaultMetadataSettings),
  concerns: `from item i join description d on d.item = i.handle left join metadata m on m.item = i.handle and m.second
    where i.destroyed is null and d.format ~ '^(image/|video/|audio/|application/pdf$)'`,
  row: 'm',
  troubled: troubled('describe.metadata'),
  lacks: () => (hasPerl() ? null : 'perl'),
};

/** PDFs, office documents, mail and texts. */
export const documentPass: Standing = {
  stage: 'describe',
  tool: documentTool,
  kind: 'describe.document',
  key: observationKey(documentVersion, defaultDocumentSettings),
  concerns: `from item i join description d on d.item = i.handle left join document t on t.item = i.handle
    where i.destroyed is null and d.format ~ '${documentFormats}'`,
  row: 't',
  troubled: troubled('describe.document'),
};

/** Pictures with a small one of themselves inside. */
export const embeddedPass: Standing = {
  stage: 'describe',
  tool: embeddedComparer.name,
  kind: 'describe.embedded',
  key: currentEmbedded,
  concerns: `from item i join encoding e on e.item = i.handle left join embedded m on m.item = i.handle
    where i.destroyed is null and e.embedded`,
  row: 'm',
  troubled: troubled('describe.embedded'),
};

/** Asked once: a server counts its passes every other second. */
let here: boolean | null = null;
const ffmpegHere = (): boolean => (here ??= findFfmpeg() !== null);

const mediaKey = (settings: MediaSettings): string => observationKey(mediaVersion, settings);
const everyCount = Array.from({ length: mostFrames + 1 }, (_, frames) => mediaKey({ ...defaultMediaSettings, frames }));

/**
 * Videos and sounds. How many key frames are made is looked at only where `frames` says a number: otherwise what was once
 * chosen stands. A video without key frames for want of an ffmpeg is pending wherever there is one.
 */
export const mediaPass = (frames?: number, ffmpeg: boolean = ffmpegHere()): Standing => {
  const key = mediaKey({ ...defaultMediaSettings, ...(frames === undefined ? {} : { frames }) });
  const likewise = frames === undefined ? everyCount : [key];
  const want = ffmpeg && frames !== 0 ? "when frames_why = 'no-ffmpeg' then 'without ffmpeg' " : '';
  return {
    stage: 'describe',
    tool: mediaTool,
    kind: 'describe.media',
    key,
    concerns: `from item i join description d on d.item = i.handle left join (
        select item, position, case ${want}when observation = any('{${likewise.join(',')}}') then '${key}' else observation end as observation
        from media) m on m.item = i.handle
      where i.destroyed is null and d.format ~ '${recordingFormats}'`,
    row: 'm',
    troubled: troubled('describe.media'),
  };
};

/** What the decoder here takes; HEIC is not read for numbers yet. */
const readableFormats = ['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/avif'];

/** Pictures that the first pass could decode, in part at least. */
export const cardPass = (settings: CardSettings): Standing => ({
  stage: 'read',
  tool: cardReader.name,
  kind: 'describe.card',
  key: cardObservation(settings),
  concerns: `from item i join description d on d.item = i.handle left join card c on c.item = i.handle
    where i.destroyed is null and d.format = any('{${readableFormats.join(',')}}') and d.decode in ('complete', 'partial')`,
  row: 'c',
  troubled: `c.problems @> jsonb_build_array(jsonb_build_object('code', $1::text))`,
});

/** The reader's settings in force: the grammar is that of the case's rules, empty where they give none. */
export async function cardSettings({ index }: Pick<OpenCase, 'index'>): Promise<CardSettings> {
  const { rows } = await index.pool.query<{ numbers: unknown }>(
    `select body->'numbers' as numbers from rules order by position desc limit 1`,
  );
  const grammar = numberGrammarSchema.parse(rows[0]?.numbers ?? []);
  return { pixelLimit: defaultSettings.pixelLimit, grammar };
}

/** All of them. */
export async function passes(opened: Pick<OpenCase, 'index'>): Promise<Standing[]> {
  return [
    descriptionPass(defaultSettings),
    metadataPass,
    mediaPass(),
    documentPass,
    embeddedPass,
    cardPass(await cardSettings(opened)),
  ];
}

/** How far a pass is: `done` and `pending` add up to the items that it concerns. */
export interface PassLine {
  stage: Standing['stage'];
  tool: string;
  done: number;
  pending: number;
  /** What this machine lacks to do what is pending, or null. */
  lacks: string | null;
}

/** How far each pass is, in their order, and the search for other tools' claims, which is no pass over items: it reads names. */
export async function countPasses(opened: Pick<OpenCase, 'index'>): Promise<PassLine[]> {
  const claims = countSearched(
    opened,
    observationKey(provenanceVersion, defaultProvenanceSettings),
    defaultProvenanceSettings,
  ).then((counts): PassLine => ({ stage: 'describe', tool: provenanceTool, ...counts, lacks: null }));
  const lines = await Promise.all(
    (await passes(opened)).map(async ({ stage, tool, key, concerns, row, lacks }) => {
      const { rows } = await opened.index.pool.query<{ done: number; pending: number }>(
        `select count(*) filter (where ${row}.observation = $1) as done,
           count(*) filter (where ${row}.observation is distinct from $1) as pending ${concerns}`,
        [key],
      );
      const { done, pending } = rows[0]!;
      return { stage, tool, done, pending, lacks: pending === 0 ? null : (lacks?.() ?? null) };
    }),
  );
  const reading = lines.findIndex(({ stage }) => stage === 'read');
  return lines.toSpliced(reading, 0, await claims);
}

/**
 * The items that these handles name; a duplicate names the item that it repeats. Throws Fault('usage') where one names
 * none, or one whose bytes were destroyed.
 */
export async function itemsNamed({ index }: Pick<OpenCase, 'index'>, handles: readonly string[]): Promise<string[]> {
  const { rows } = await index.pool.query<{ handle: string; item: string; destroyed: boolean }>(
    `select r.handle, i.handle as item, i.destroyed is not null as destroyed
     from receipt r join item i on i.handle = r.item where r.handle = any($1)`,
    [handles],
  );
  const here = new Map(rows.filter(({ destroyed }) => !destroyed).map(({ handle, item }) => [handle, item]));
  const missing = handles.filter((handle) => !here.has(handle));
  if (missing.length > 0) {
    const gone = missing.every((handle) => rows.some((row) => row.handle === handle));
    throw new Fault('usage', {
      what: gone ? 'The bytes of an item that was named were destroyed.' : 'There is no such item.',
      expected: 'handles of sealed items, such as E-00012',
      got: missing.slice(0, 5).join(', '),
      next: 'dalil items lists them',
    });
  }
  return [...new Set(here.values())];
}
