// From the state of a case to what its dossier says. The order is the argument: what was received, then the partition
// by category, and only then any count of individuals, because a count without its denominator was the critics' best
// argument against earlier reports on such a cache.
import type { Authenticity } from '../case/authenticity.ts';
import type { CustodyView, FixityView } from '../case/custody.ts';
import type { CaseView, Category, IdentifierView } from '../case/views.ts';
import { annexes, itemVolumes } from './annexes.ts';
import { camerasChapter } from './cameras.ts';
import { chaptersOf } from './chapters.ts';
import { conditionChapter } from './condition.ts';
import type { DossierContent } from './content.ts';
import { demandCited, Draft } from './content.ts';
import { countsOf } from './counts.ts';
import { custodyChapter } from './custody.ts';
import { frameOf } from './frame.ts';
import { individualsChapter } from './individuals.ts';
import { sequenceChapter } from './sequence.ts';

/** Goes up whenever the same state would print other words or another layout. */
export const templateVersion = 4;

/** A sealed item as the dossier lists it. `number` counts from 1 within this edition. */
export interface DossierItem {
  number: number;
  handle: string;
  path: string;
  /** Media type by content, or null. */
  format: string | null;
  /** Bytes. */
  size: number;
  width: number | null;
  height: number | null;
  /** Local time as the camera wrote it, or null. */
  taken: string | null;
  make: string | null;
  model: string | null;
  /** null for what is no picture. */
  category: Category | null;
  /** The handle of its individual, or null. */
  individual: string | null;
  /** The handle of the item that it nearly repeats, or null. */
  duplicateOf: string | null;
  state: string;
  /** Position of the record that sealed it. */
  record: number;
}

export interface DossierIndividual {
  number: number;
  handle: string;
  key: Record<string, string>;
  pictures: number;
  identifiers: readonly IdentifierView[];
  /** Positions of the records that made it and gave it its pictures; at least one. */
  records: readonly number[];
}

/** A set of records in words ("all observations of kind … up to the checkpoint"), and the positions that lead to it. */
export interface Evidence {
  from: string;
  count: number;
  /** Records that state or sum up the set; empty where only the checkpoint does. */
  records: readonly number[];
}

/** What speaks against the grouping: which kind of disagreement, of which individual or picture (a handle), in words. */
export interface DossierConflict {
  kind: string;
  subject: string;
  what: string;
  /** Positions of the records that disagree; empty where none is known. */
  records: readonly number[];
}

/** By what pictures were put to individuals. A picture may have several reasons. */
export interface DossierGrouping {
  /** Pictures in which the machine looked for numbers, and those that it could look into. */
  read: number;
  readable: number;
  /** Numbers on cards that people have read. */
  settled: number;
  /** Pictures counted with an individual, by each reason: a name, a near copy, a person's reading, placing or linking. */
  counted: { path: number; near: number; settled: number; placed: number; linked: number };
  /** Pictures put to one provisionally: by cards that agree, by what lies beside them, or linked to such a picture. */
  provisional: { card: number; sequence: number; linked: number };
}

/** What outsiders have signed, up to the checkpoint. */
export interface DossierOutside {
  /** Names of the authorities whose tokens stand over the newest checkpoint that has any. */
  authorities: readonly string[];
  /** Records under that checkpoint, and the earliest time that a token over it states; null where there is none. */
  size: number | null;
  time: string | null;
  /** Records after it, those of tokens left out. */
  later: number;
  /** Witnesses that have cosigned a checkpoint, and the records under the newest of these. */
  witnesses: number;
  witnessed: number | null;
}

export interface DossierInput {
  view: CaseView;
  edition: number;
  items: readonly DossierItem[];
  individuals: readonly DossierIndividual[];
  conflicts: readonly DossierConflict[];
  grouping: DossierGrouping;
  outside: DossierOutside;
  /** Pictures whose category a person has accepted. */
  acceptedCategories: number;
  /** Who held each delivery, and which times that leaves open, up to the checkpoint. */
  custody: readonly CustodyView[];
  /** How the originals were found last. */
  fixity: FixityView;
  /** What cameras, clocks and numbers say. */
  authenticity: Authenticity;
  /** When two pictures are near duplicates, in words. */
  nearRule: string;
  /** What the numbers of each part are computed from. */
  evidence: {
    received: Evidence;
    described: Evidence;
    categories: Evidence;
    individuals: Evidence;
    duplicates: Evidence;
    custody: Evidence;
    fixity: Evidence;
    /** Tokens and cosignatures. */
    outside: Evidence;
    /** The case's own settings: keys, patterns, thresholds. */
    settings: Evidence;
  };
  /** Id of the record at a position, at least for every position given anywhere above and in `view`. */
  recordIds: ReadonlyMap<number, string>;
}

/** What a dossier says of a case. Pure. Throws a Fault if a number or a sentence would not lead to its evidence. */
export function dossierContent(input: DossierInput): DossierContent {
  const { view } = input;
  const draft = new Draft({ checkpoint: view.checkpoint.size, root: view.checkpoint.root }, input.recordIds);
  const counts = countsOf(input, draft);
  const frame = frameOf(input, draft, counts);
  const chapter = chaptersOf(input, draft, counts);
  const front = frame.front();
  const sections = [
    frame.summary(),
    chapter.received(),
    custodyChapter(input, draft, counts),
    chapter.partition(),
    individualsChapter(input, draft, counts),
    chapter.duplicates(),
    conditionChapter(input, draft, counts),
    camerasChapter(input, draft, counts),
    sequenceChapter(input, draft, counts),
    frame.method(),
    frame.checking(),
    ...annexes(input, draft),
  ];
  return demandCited({
    templateVersion,
    meta: { title: view.title, caseId: view.id, edition: input.edition, checkpoint: view.checkpoint },
    front,
    volumes: [{ number: 1, title: 'Dossier', sections }, ...itemVolumes(input, draft)],
    figures: draft.figures,
    sets: draft.sets,
  });
}
