// What the screens of daily work show: the shapes between the queries over several stages, the API and the page. None of
// them holds a picture.
import type { CustodyGap, CustodyLine } from './custody.ts';
import type { Category, IdentifierRole } from './views.ts';

/**
 * Where a picture stands. destroyed: its bytes are gone. broken: it does not decode in full. placed: it belongs to an
 * individual by a name or by a person. provisional: by what a machine read, or by neighbourhood. open: to none.
 */
export const pictureStates = ['open', 'provisional', 'placed', 'broken', 'destroyed'] as const;
export type PictureState = (typeof pictureStates)[number];

/** A picture as a tile: what is known of it in a few words, in the place of the picture. */
export interface TileView {
  item: string;
  /** Local time of capture as the camera wrote it, to the second; null where there is none. */
  taken: string | null;
  category: Category;
  /** Whether a person has said so; else a rule has, or nothing. */
  sorted: boolean;
  /** The number by which it is known: a person's, its individual's, its name's or its card's, in this order. */
  number: string | null;
  individual: string | null;
  /** Make and model. */
  camera: string | null;
  state: PictureState;
  /** Near-duplicates of it, which a collapsed list leaves out. */
  copies: number;
}

/** What a list of pictures is narrowed to; each is left out where it is not asked for. */
export interface TimelineFilter {
  source?: string | undefined;
  category?: Category | undefined;
  camera?: string | undefined;
  number?: string | undefined;
  /** YYYY-MM-DD */
  day?: string | undefined;
  state?: PictureState | undefined;
  individual?: string | undefined;
  tag?: string | undefined;
  /** Near-duplicates are left out, all but the one that stands for them. */
  collapsed?: boolean | undefined;
}

/** How many pictures there are month by month, and where to begin to read anywhere among them. */
export interface TimelineView {
  total: number;
  /** In order; '' is what has no time, at the end. */
  months: { month: string; count: number }[];
  /** `marks[k]` is what to give `from` for the picture number k x step. */
  step: number;
  marks: string[];
}

/** What the pictures of the case can be narrowed to. */
export interface TimelineChoices {
  sources: { name: string; count: number }[];
  cameras: { name: string; count: number }[];
  categories: { name: Category; count: number }[];
  states: { name: PictureState; count: number }[];
  tags: { name: string; count: number }[];
}

/** A number read in a picture, or said by a person. */
export interface NumberView {
  /** Of its crop; null where a person said it without one. */
  crop: string | null;
  item: string;
  role: IdentifierRole | null;
  value: string | null;
  probability: number | null;
  /** Who said it; null: the machine. */
  by: string | null;
}

/** A reason for membership, with the records that it rests on. */
export interface ReasonView {
  reason: string;
  probability: number | null;
  of: string | null;
  records: number[];
}

/** One individual with everything that its screen shows. */
export interface IndividualPage {
  id: string;
  key: Record<string, string>;
  rule: string;
  /** Position of the record that stands. */
  record: number;
  /** Changes whenever its members, or what was decided about it, do: an act carries it back. */
  state: string;
  /** The individual that this is another name of. */
  mergedInto: string | null;
  others: string[];
  members: (TileView & { path: string; provisional: boolean; reasons: ReasonView[] })[];
  numbers: NumberView[];
  decided: { kind: string; said: string; by: string; at: string; position: number; why: string }[];
}

/** A rectangle that somebody has marked on a picture. */
export interface RegionView {
  region: string;
  /** Left, top, width, height as fractions of the upright picture. */
  box: [number, number, number, number];
  note: string;
  by: string;
  at: string;
  record: number;
}

/** One item: why what is said of it can be believed. */
export interface ItemPage {
  tile: TileView | null;
  item: string;
  sha256: string;
  size: number;
  format: string | null;
  width: number | null;
  height: number | null;
  record: number;
  id: string;
  received: {
    path: string;
    state: string;
    accession: string;
    source: string;
    modified: string | null;
    record: number;
  }[];
  destroyed: { reason: string; at: string; record: number } | null;
  /** The checkpoint over all of this, and who outside has signed one that covers the item's record. */
  seal: {
    size: number;
    root: string;
    tokens: { authority: string; time: string; size: number; record: number }[];
    witnesses: { witness: string; time: string; size: number }[];
  };
  fixity: { state: string; at: string; record: number } | null;
  custody: Pick<CustodyLine, 'record' | 'event' | 'holder' | 'from' | 'to' | 'by'>[];
  gaps: Pick<CustodyGap, 'kind' | 'from' | 'to'>[];
  /** As the file says, by two readers; null where a reader has nothing. */
  metadata: { name: string; first: string | null; second: string | null }[];
  problems: { code: string; message: string; record: number }[];
  likeness: { item: string; distance: number; basis: string; direction: 'copy' | 'original'; record: number }[];
  numbers: NumberView[];
  regions: RegionView[];
  tags: { tag: string; by: string; at: string; record: number }[];
  /** Every record that is about it, oldest first. */
  history: { position: number; kind: string; at: string; by: string }[];
}
