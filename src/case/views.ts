// What several doors show of a case: the shapes behind `status`, `items`, `individuals`, the Case page and the
// dossier. Every count stands beside its denominator and its rule.

export const stageNames = ['intake', 'describe', 'read', 'group', 'report'] as const;
export type StageName = (typeof stageNames)[number];

/** One stage as a progress line, in items. */
export interface StageLine {
  name: StageName;
  done: number;
  pending: number;
  problems: number;
}

/** received = sealed + duplicate + quarantined, or it does not close. */
export interface Reconciliation {
  received: number;
  sealed: number;
  duplicate: number;
  quarantined: number;
}

/** The reconciliation of one folder of an accession, or of one archive in it (`archive` true). `path` '' is the root. */
export interface ReconciliationLine extends Reconciliation {
  path: string;
  archive: boolean;
}

export interface AccessionView {
  /** A-0001 */
  handle: string;
  /** The source's pseudonym. */
  source: string;
  reconciliation: Reconciliation;
  closes: boolean;
  /** How many were quarantined, by reason code. */
  quarantinedBy: Record<string, number>;
  breakdown: ReconciliationLine[];
  /** Position in the log of the signed reconciliation these numbers come from; null before one is signed. */
  record: number | null;
}

export const categories = ['detainee', 'force', 'incident', 'other', 'unclear', 'unreviewed'] as const;
/** Photo category (DOMAIN 4). Proposed by a rule until a person accepts it. */
export type Category = (typeof categories)[number];

export const identifierRoles = [
  'detainee-number',
  'branch-number',
  'hospital-number',
  'photo-number',
  'folder-date',
  'photographer',
  'name',
  'illegible',
] as const;
export type IdentifierRole = (typeof identifierRoles)[number];
export const carriers = ['skin', 'tape', 'card', 'card-held', 'filename', 'folder', 'document'] as const;
export type Carrier = (typeof carriers)[number];

export interface IdentifierView {
  value: string;
  role: IdentifierRole;
  carrier: Carrier;
  /** null where the reader gives none (a pattern over a path is a rule, not a probability). */
  probability: number | null;
  /** A machine's reading is a proposal until a person accepts it. */
  accepted: boolean;
}

/** One sealed item, as `dalil items` prints it, one a line. */
export interface ItemView {
  /** E-00001 */
  id: string;
  path: string;
  sha256: string;
  size: number;
  /** The format by content, as a media type; null before describe or where unknown. */
  format: string | null;
  width: number | null;
  height: number | null;
  /** Local time of capture as the camera wrote it, with its offset where given; never converted. */
  taken: string | null;
  make: string | null;
  model: string | null;
  serial: string | null;
  /** 64 hex digits. */
  pdq: string | null;
  /** The item this one is an exact or near duplicate of. */
  duplicateOf: string | null;
  /** sealed, described, broken, not-a-picture, duplicate, quarantined; destroyed, also of a duplicate of what was */
  state: string;
}

/** One individual, as `dalil individuals` prints it. */
export interface IndividualView {
  /** I-0001 */
  id: string;
  /** As the case's rule makes it, for example { branch: "215", number: "5447" }. */
  key: Record<string, string>;
  /** provisional: it rests on what a machine read or on neighbourhood, and is not counted. */
  items: { id: string; path: string; provisional: boolean }[];
  identifiers: IdentifierView[];
  /** It has provisional pictures only. */
  provisional: boolean;
  /** Pseudonyms of the sources of its pictures, provisional ones left out: more than one means "seen in several leaks". */
  sources: string[];
}

/** How the individuals were counted, and out of what. */
export interface IndividualsView {
  count: number;
  /** Pictures (exact and near duplicates collapsed or not, as `rule` says) that belong to some individual. */
  pictures: number;
  /** Pictures of category detainee, the denominator of `pictures`. */
  denominator: number;
  /** Pictures of category detainee without a complete key. */
  withoutKey: number;
  /**
   * What numbers read by the machine, or neighbourhood, say beyond that, before a person has accepted it: in no other
   * count. `individuals` have no other pictures; `pictures` are theirs, and further ones of counted individuals.
   */
  provisional: { individuals: number; pictures: number };
  /** Counted individuals whose pictures, provisional ones left out, come from more than one source. */
  severalSources: number;
  rule: string;
  /** Why the count carries no interval. */
  interval: string;
}

/** The Case page and `dalil status` in full. */
export interface CaseView {
  title: string;
  /** The case's random identifier. */
  id: string;
  /** Checkpoint: number of records, root (base64), time it was signed. */
  checkpoint: { size: number; root: string; signedAt: string | null };
  stages: StageLine[];
  reconciliation: Reconciliation;
  accessions: AccessionView[];
  /** How many sealed items were destroyed since, by the reason of the deaccession. They stay in every other count. */
  destroyed: Record<string, number>;
  /** Counts of sealed pictures by category; they add up to `pictures`. */
  categories: Record<Category, number>;
  pictures: number;
  individuals: IndividualsView;
  /** Problems by code, most frequent first. */
  problems: { code: string; count: number; stage: StageName }[];
  /** The command that does what is pending, or null. */
  next: string | null;
}
