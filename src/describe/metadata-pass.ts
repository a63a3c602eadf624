// The second reading of metadata: serial numbers, counters and maker notes by exiftool, of everything that has any. What
// names people is left out of it (metadata-names.ts).
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { problem, type DescribeProblemCode } from './description.ts';
import { openExiftool, type ExiftoolAnswer } from './exiftool.ts';
import { plainJson } from './metadata.ts';
import { withholdNames } from './metadata-names.ts';
import {
  defaultMetadataSettings,
  metadataVersion,
  type MetadataRecord,
  type MetadataSettings,
} from './metadata-set.ts';
import { metadataOf, tagsOf } from './metadata-tags.ts';
import { countPending, runPass, type PassOptions } from './pass.ts';
import { observationKey } from './records.ts';

/** The key of what the second reading does now. */
export const currentMetadata = observationKey(metadataVersion, defaultMetadataSettings);

/** Items of a format that has metadata, whose second reading is another or none; $1 is the key. */
export const pendingMetadata = `from item i join description d on d.item = i.handle
  left join metadata m on m.item = i.handle and m.second
  where m.observation is distinct from $1 and i.destroyed is null and d.format ~ '^(image/|video/|audio/|application/pdf$)'`;

export interface SecondReading {
  /** Items that were read now. */
  done: number;
  /** Items that could not be, since this machine has no Perl. */
  withoutPerl: number;
}

/** Reads the metadata of what is pending. Throws Fault('cancelled') with everything up to then kept. */
export async function readMetadataAgain(
  opened: OpenCase,
  { processes, ...options }: PassOptions & { processes: number },
): Promise<SecondReading> {
  const settings = defaultMetadataSettings;
  const pending = { key: currentMetadata, pending: pendingMetadata };
  const total = await countPending(opened, pending);
  if (total === 0) return { done: 0, withoutPerl: 0 };
  const exiftool = await openExiftool({ processes, timeLimit: settings.timeLimit });
  if (exiftool === null) return { done: 0, withoutPerl: total };
  try {
    const done = await runPass(
      opened,
      {
        ...pending,
        kind: 'describe.metadata',
        window: processes * 8,
        look: async ({ sha256, size }) => {
          const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
          return metadataFields(await exiftool.read(path), settings) as unknown as Record<string, Json>;
        },
      },
      options,
    );
    return { done, withoutPerl: 0 };
  } finally {
    await exiftool.close();
  }
}

/** The fields of a record, of what exiftool answered. Pure. */
export function metadataFields({ tags: said, lost }: ExiftoolAnswer, settings: MetadataSettings): MetadataRecord {
  const tags = tagsOf(said);
  const codes: DescribeProblemCode[] = lost !== null ? [lost] : tags.has('ExifTool:Error') ? ['exiftool-error'] : [];
  // The set is made of what is left: no fact of it can say what its tag may not.
  const { tags: values, withheld } = withholdNames(
    Object.fromEntries([...tags].map(([name, { value }]) => [name, value])),
  );
  const { tags: shown } = withholdNames(Object.fromEntries([...tags].map(([name, tag]) => [name, tag.shown])));
  const kept = new Map(Object.entries(values).map(([name, value]) => [name, { value, shown: shown[name] ?? null }]));
  const budget = { left: settings.rawLimit, cut: false };
  const raw = (plainJson(values, budget) ?? {}) as Record<string, Json>;
  return {
    observation: { tool: 'exiftool', version: metadataVersion, settings },
    ...metadataOf(kept),
    raw: { tags: raw, cut: budget.cut, withheld },
    problems: codes.map(problem),
  };
}
