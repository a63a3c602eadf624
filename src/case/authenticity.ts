// What cameras, clocks and numbers say of a case: the shapes behind `dalil cameras`, `dalil sequence` and the dossier. All
// of it is claimed by files; agreement is "consistent with", never "is".
import type { MissingRun } from '@dalil/statistics';

/** A camera's body. Without a serial number several bodies of one model cannot be told apart. */
export interface BodyName {
  make: string | null;
  model: string | null;
  serial: string | null;
}

/** As people call it: "NIKON D3100, 6004217"; the maker is left out where the model says it, and what is not there too. */
export function nameOfBody({ make, model, serial }: BodyName): string {
  const maker =
    make !== null && (model ?? '').toLowerCase().startsWith(make.split(' ')[0]!.toLowerCase()) ? null : make;
  const name = [maker, model].filter((part) => part !== null).join(' ');
  return serial === null ? name : `${name}, ${serial}`;
}

export interface Gap {
  /** The last picture before, and the first after: handle, unwrapped number, time by the body's clock. */
  before: { item: string; number: number; taken: string };
  after: { item: string; number: number; taken: string };
  missing: number;
}

export interface Body extends BodyName {
  /** Its key: MAKE|MODEL|SERIAL in capitals. */
  body: string;
  /** Sealed pictures that name it, and how many of them carry a time. */
  pictures: number;
  timed: number;
  first: string | null;
  last: string | null;
  /** Where its numbers come from: a count in the metadata, or the four digits of its file names. */
  numbering: 'shutter count' | 'image number' | 'file number' | 'file name' | null;
  /** Distinct exposures (body, time, number) with a number and a time; copies of one count once. */
  exposures: number;
  /** Further pictures of the same exposure: copies, smaller versions, edits. */
  copies: number;
  /** Distinct numbers, unwrapped, and the range in which they lie. */
  numbers: number;
  from: number | null;
  to: number | null;
  /** Numbers in that range that no picture has, and in how many gaps. */
  missing: number;
  gaps: number;
  longest: Gap[];
  /** Exposures whose number is lower than that of the one before by the clock. */
  backwards: number;
  /** Numbers that two exposures have at different times. */
  twice: number;
}

export interface BodyDay {
  body: BodyName;
  day: string;
  exposures: number;
  from: number;
  to: number;
  /** Numbers between the first and the last of that day that no picture has. */
  missing: number;
}

/** Pictures of one model with the same tables and the same program: `pictures` - 1 others are consistent with each. */
export interface Look {
  make: string | null;
  model: string | null;
  /** Of the model's pictures with a JPEG's tables. */
  of: number;
  signature: string;
  software: string | null;
  pictures: number;
  bodies: number;
}

/** A body's clock against the satellites', by pictures that state both times. */
export interface SatelliteClock extends BodyName {
  /** Whether these pictures state the zone of their clock. Where they do not, the differences hold the zone as well. */
  zoned: boolean;
  /** Pictures that state both, and all of the body that state a time of capture. */
  pictures: number;
  of: number;
  /** Clock less satellites, in seconds: the median, the middle half, the smallest and the largest. */
  seconds: number;
  middle: [number, number];
  range: [number, number];
}

export interface Cameras {
  /** Sealed pictures, how many name a make or model, and how many carry a body's serial number. */
  pictures: number;
  named: number;
  serial: number;
  /** Sealed pictures that carry a place by satellite. */
  located: number;
  bodies: Body[];
  days: BodyDay[];
  looks: Look[];
  satelliteClocks: SatelliteClock[];
  /**
   * Pictures that hold a small one of themselves: held = same + differs + undecided + waiting. same: it shows the same
   * scene; undecided: it could not be compared; waiting: nobody has compared it yet.
   */
  thumbnails: { held: number; same: number; differs: number; undecided: number; waiting: number };
  /** Pictures that say that they were written later than taken. */
  rewritten: number;
}

/** A number of a series, with what carries it. */
export interface SeriesNumber {
  number: number;
  /** Day as YYYY-MM-DD, or null. */
  day: string | null;
  datedBy: 'folder' | 'camera' | null;
  pictures: number;
  /** Handles of the individuals that carry it. */
  individuals: string[];
  /** One picture that shows it. */
  item: string;
}

export interface SeriesName {
  role: string;
  /** null where branches share the series. */
  branch: string | null;
  /** What follows the digits: each letter is a series of its own. */
  suffix: string | null;
}

export interface SeriesSettings {
  perBranch: boolean;
  issuedAtDeath: boolean;
  start: number | null;
}

/** A number whose day does not fit: all others rise if the fewest such are set aside. */
export interface Violator extends SeriesNumber {
  /** The days between which its number would lie. */
  between: [string | null, string | null];
}

export interface Month {
  month: string;
  numbers: number;
  from: number;
  to: number;
  /** Numbers between these two that were not seen in any month of the segment. */
  missing: number;
}

/** What lies between two beginnings of a series. */
export interface Segment extends SeriesName {
  /** From 1. */
  segment: number;
  settings: SeriesSettings;
  numbers: number;
  pictures: number;
  individuals: number;
  from: number;
  to: number;
  /** Of to - from + 1 numbers those that were never seen: a count, not an estimate. */
  missing: number;
  gaps: number;
  /** The chance supposes that each number between the first and the last was lost alike; null above 50,000 numbers. */
  longest: (MissingRun & { chance: number | null }) | null;
  /** Whether seen and missing are mixed as by chance; null where nothing is missing. */
  runs: { runs: number; expected: number; z: number | null; fewer: number } | null;
  /** Whether loss lies in blocks (a card, a day, a folder): the chance of so few runs, or of so long a run, below 5 %. */
  blocks: boolean;
  dated: number;
  window: [string, string] | null;
  violators: Violator[];
  months: Month[];
  /** Numbers given out within the dated window, per 30 days, as if it gave them out one by one; null without a window. */
  rate: { issued: number; days: number; per30: number; interval: [number, number] } | null;
  /** How long the series was, or why that is not estimated. */
  length: { estimate: number; interval: [number, number] | null; method: string } | { none: string };
}

/** One number that two individuals carry: in one series a conflict, in series of their own to be expected. */
export interface Shared {
  role: string;
  number: string;
  /** Each individual with the branch under which it carries the number. */
  individuals: { handle: string; branch: string | null }[];
  /** Whether both lie in one series. */
  conflict: boolean;
}

export interface Sequences {
  segments: Segment[];
  shared: Shared[];
  /** Numbers of a role that are no digits with at most a few signs behind, and those in no segment for want of a day. */
  unreadable: number;
  undated: number;
}

/** A body's clock against the dates that people gave to folders. */
export interface FolderClock extends BodyName {
  /** Pictures with a time and a folder's date. */
  pictures: number;
  /** Median of the camera's day less the folder's, in days: negative where the clock is behind. */
  days: number;
  /** Pictures that differ by exactly that. */
  agreeing: number;
}

/** Two bodies that photographed the same individuals: by how many seconds the first one's clock is ahead, in the median. */
export interface PairClock {
  a: BodyName;
  b: BodyName;
  individuals: number;
  seconds: number;
}

export interface Authenticity {
  cameras: Cameras;
  folderClocks: FolderClock[];
  pairClocks: PairClock[];
  sequences: Sequences;
}
