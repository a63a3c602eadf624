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
  metadataTool,
  metadataVersion,
  type MetadataRecord,
  type MetadataSettings,
} from './metadata-set.ts';
import { metadataOf, tagsOf } from './metadata-tags.ts';
import { countChosen, runPass, type Looked, type PassOptions } from './pass.ts';
import { metadataPass } from './passes.ts';

export interface SecondReading extends Looked {
  /** Items that could not be, since this machine has no Perl. */
  withoutPerl: number;
}

/** Reads the metadata of what is chosen. Throws Fault('cancelled') with everything up to then kept. */
export async function readMetadataAgain(
  opened: OpenCase,
  { processes, ...options }: PassOptions & { processes: number },
): Promise<SecondReading> {
  const settings = defaultMetadataSettings;
  const total = await countChosen(opened, metadataPass, options.choice);
  if (total === 0) return { looked: 0, written: 0, withoutPerl: 0 };
  const exiftool = await openExiftool({ processes, timeLimit: settings.timeLimit });
  if (exiftool === null) return { looked: 0, written: 0, withoutPerl: total };
  try {
    const did = await runPass(
      opened,
      {
        ...metadataPass,
        window: processes * 8,
        look: async ({ sha256, size }) => {
          const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
          return metadataFields(await exiftool.read(path), settings) as unknown as Record<string, Json>;
        },
      },
      options,
    );
    return { ...did, withoutPerl: 0 };
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
    observation: { tool: metadataTool, version: metadataVersion, settings },
    ...metadataOf(kept),
    raw: { tags: raw, cut: budget.cut, withheld },
    problems: codes.map(problem),
  };
}
