// Custody as doors and dossiers show it: the chronological list of custodians, copies included, and what it leaves open.
// Pure.

/** One line of the list. */
export interface CustodyLine {
  /** Position of the record it rests on. */
  record: number;
  /**
   * `claimed`: before it was received, by somebody's word; `accession`: received; then PREMIS's names for what happened.
   */
  event: 'claimed' | 'accession' | 'transfer' | 'replication' | 'dissemination' | 'deaccession';
  /** Who held it from then on, or has the copy; null where the record does not say. */
  holder: string | null;
  /** Who handed it over. */
  giver: string | null;
  /** From when, and of what is claimed until when: as precise as it was said; null: unknown. */
  from: string | null;
  to: string | null;
  /** Who says so: the claimant, or those who signed. */
  by: string[];
  /** Handles, or `case`. */
  covers: string[];
  /** Why, or how. */
  note: string | null;
}

/** A time that the list does not account for. */
export interface CustodyGap {
  /**
   * `gap`: nobody is said to have held it; `unknown`: somebody may have, the dates do not tell; `overlap`: two are said to.
   */
  kind: 'gap' | 'unknown' | 'overlap';
  /** RFC 3339 UTC; null: no beginning is known. */
  from: string | null;
  to: string;
  /** Who held it by what was said, or may have. */
  holders: string[];
  /** Positions of the records that say so. */
  records: number[];
}

export interface CustodyView {
  /** A-0001 */
  accession: string;
  source: string;
  lines: CustodyLine[];
  gaps: CustodyGap[];
}

/** How the originals were found when they were read last. */
export interface FixityView {
  /** Items whose originals should be there. */
  items: number;
  /** How many of them were checked at any time, and when the one checked longest ago was, and the last one. */
  checked: number;
  oldest: string | null;
  newest: string | null;
  unsound: { item: string; state: 'damaged' | 'missing'; at: string; record: number }[];
}
