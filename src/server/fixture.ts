// A made-up case in memory, as large as a real one, for the tests of the two doors that show it: Arabic and Latin
// names, two deliveries, archives, and thousands of individuals. Nothing in it is of a person.
import type { Carrier, CaseView, IdentifierView, IndividualView, ReconciliationLine } from '../case/views.ts';
import type { CaseReader } from './api.ts';
import type { Change } from './changes.ts';

const branches = ['215', '227', '235', '248', '251'];
const individualCount = 7000;
/** Nine individuals that only the machine has read, and a picture more of such of twenty-two that are counted. */
const provisionalIndividuals = 9;
const isProvisional = (index: number): boolean => index % 800 === 3;
const hasProvisional = (index: number): boolean => index % 320 === 6;

// A small generator (mulberry32), so that every run shows the same case.
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const arabicDigits = (text: string): string =>
  text.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));

function individuals(): IndividualView[] {
  const random = randomness(7);
  let item = 0;
  return Array.from({ length: individualCount }, (_, index) => {
    const branch = branches[Math.floor(random() * branches.length)] ?? '215';
    const number = String(1000 + Math.floor(random() * 9000));
    const id = `I-${String(index + 1).padStart(4, '0')}`;
    const provisional = isProvisional(index);
    const pictures = 3 + Math.floor(random() * 4);
    const items = Array.from({ length: provisional ? 2 : pictures }, (_unused, n) => ({
      id: `E-${String((item += 1)).padStart(5, '0')}`,
      path: `2012/${branch}/${number}/DSC_${String(n).padStart(4, '0')}.JPG`,
      provisional: provisional || (n === 0 && hasProvisional(index)),
    }));
    const reading = (value: string, role: IdentifierView['role'], carrier: Carrier): IdentifierView => {
      const read = carrier === 'card' || carrier === 'tape';
      return { value, role, carrier, probability: read ? 0.81 : null, accepted: index < 12 && !provisional };
    };
    const identifiers = [reading(number, 'detainee-number', 'folder'), reading(branch, 'branch-number', 'folder')];
    if (index % 3 === 0) identifiers.push(reading(arabicDigits(number), 'detainee-number', 'card'));
    if (index % 4 === 0) identifiers.push(reading(`${String(index + 4000)}/ب`, 'hospital-number', 'tape'));
    return { id, key: { branch, number }, items, identifiers, provisional, sources: ['S'] };
  });
}

function breakdown(parts: number, archive: boolean): ReconciliationLine[] {
  return Array.from({ length: parts }, (_, index) => {
    const branch = branches[index % branches.length] ?? '215';
    const month = String((index % 12) + 1).padStart(2, '0');
    const path = archive
      ? `أرشيف/${branch}_${month}.zip`
      : index === 0
        ? ''
        : `${index % 4 === 0 ? 'صور الفرع' : 'branch'} ${branch}/${String(2012 + (index % 2))}-${month}/${String(index)}`;
    const sealed = 120 + ((index * 37) % 260);
    const duplicate = (index * 7) % 23;
    const quarantined = index % 9 === 0 ? 3 : 0;
    return { path, archive, received: sealed + duplicate + quarantined, sealed, duplicate, quarantined };
  });
}

const sum = (lines: ReconciliationLine[]): Omit<ReconciliationLine, 'path' | 'archive'> =>
  lines.reduce(
    (total, line) => ({
      received: total.received + line.received,
      sealed: total.sealed + line.sealed,
      duplicate: total.duplicate + line.duplicate,
      quarantined: total.quarantined + line.quarantined,
    }),
    { received: 0, sealed: 0, duplicate: 0, quarantined: 0 },
  );

/** The case that the fixture serves; `change` alters it before each reading. */
export function fixtureView(): CaseView {
  const first = [...breakdown(180, false), ...breakdown(14, true)];
  const second = breakdown(6, false);
  const [a, b] = [sum(first), sum(second)];
  const reconciliation = {
    received: a.received + b.received,
    sealed: a.sealed + b.sealed,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
  };
  const pictures = reconciliation.sealed - 260;
  const detainee = Math.round(pictures * 0.52);
  const force = Math.round(pictures * 0.21);
  const incident = Math.round(pictures * 0.12);
  const other = Math.round(pictures * 0.04);
  return {
    title: 'أرشيف المصوّر العسكري — the military photographer’s archive',
    id: 'q8Xr2mVtLk0',
    checkpoint: {
      size: 152_411,
      root: 'Zk3tq9p0mC7WbE1xYh5uVd2rJ8sLfQa6NnTgKo4iPzA=',
      signedAt: '2026-11-12T14:03:22Z',
    },
    stages: [
      { name: 'intake', done: reconciliation.received, pending: 0, problems: reconciliation.quarantined },
      { name: 'describe', done: reconciliation.sealed, pending: 0, problems: 412 },
      { name: 'read', done: reconciliation.sealed, pending: 0, problems: 0 },
      { name: 'group', done: reconciliation.sealed - 1204, pending: 1204, problems: 0 },
      { name: 'report', done: 0, pending: 1, problems: 0 },
    ],
    reconciliation,
    accessions: [
      {
        handle: 'A-0001',
        source: 'الزيتون',
        reconciliation: a,
        closes: true,
        quarantinedBy: { 'over-limit': 4, encrypted: 11, unreadable: a.quarantined - 15 },
        breakdown: first,
        record: 61_003,
      },
      {
        handle: 'A-0002',
        source: 'Juniper',
        reconciliation: b,
        closes: true,
        quarantinedBy: { unreadable: b.quarantined },
        breakdown: second,
        record: null,
      },
    ],
    destroyed: {},
    categories: {
      detainee,
      force,
      incident,
      other,
      unclear: 0,
      unreviewed: pictures - detainee - force - incident - other,
    },
    pictures,
    individuals: {
      count: individualCount - provisionalIndividuals,
      pictures: detainee - 193,
      denominator: detainee,
      withoutKey: 193,
      provisional: { individuals: provisionalIndividuals, pictures: 40 },
      severalSources: 0,
      rule: 'One individual for each pair of branch and detainee number, read from folder and file names; exact and near duplicates collapsed.',
      interval: 'No interval: a complete count of the pictures received, not a sample of them.',
    },
    problems: [
      { code: 'truncated', count: 201, stage: 'describe' },
      { code: 'unreadable', count: reconciliation.quarantined - 15, stage: 'intake' },
      { code: 'extension-differs', count: 148, stage: 'describe' },
      { code: 'no-decoder', count: 63, stage: 'describe' },
      { code: 'encrypted', count: 11, stage: 'intake' },
      { code: 'over-limit', count: 4, stage: 'intake' },
    ],
    next: 'dalil group',
  };
}

export interface Fixture extends CaseReader {
  /** What `view` answers; tests replace it. */
  current: CaseView;
  /** Where set, every question fails with it. */
  failure: unknown;
  /** Tells the open pages of a commit. */
  commit(size: number): void;
  /** How many pages listen for changes. */
  readonly listeners: number;
}

/** A reader of the made-up case. */
export function fixtureReader(view: CaseView = fixtureView()): Fixture {
  const all = individuals();
  const waiting = new Set<(change: Change) => void>();
  return {
    current: view,
    failure: null,
    get listeners() {
      return waiting.size;
    },
    commit(size) {
      for (const tell of waiting) tell({ size });
    },
    async view() {
      if (this.failure !== null) throw this.failure;
      return this.current;
    },
    async individuals({ after, limit }) {
      if (this.failure !== null) throw this.failure;
      const from = this.current.individuals.count === 0 ? all.length : after === null ? 0 : Number(after.slice(2));
      const page = all.slice(from, from + limit);
      return { individuals: page, next: from + limit < all.length ? (page.at(-1)?.id ?? null) : null };
    },
    async *changes(signal) {
      const queue: Change[] = [];
      let wake: (() => void) | null = null;
      const tell = (change: Change): void => {
        queue.push(change);
        wake?.();
      };
      waiting.add(tell);
      signal.addEventListener('abort', () => wake?.());
      try {
        while (!signal.aborted) {
          const change = queue.shift();
          if (change === undefined) await new Promise<void>((resolve) => (wake = resolve));
          else yield change;
        }
      } finally {
        waiting.delete(tell);
      }
    },
  };
}
