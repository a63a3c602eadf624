// An invented case for the tests of the dossier: any number of items, no chance in it, every count closing.
import { createHash } from 'node:crypto';
import type { CustodyView, FixityView } from '../case/custody.ts';
import type { Category, IdentifierView, Reconciliation } from '../case/views.ts';
import type { Authenticity, Body } from '../case/authenticity.ts';
import { categories } from '../case/views.ts';
import { seriesOf, testSeries } from '../group/series.ts';
import type { DossierIndividual, DossierInput, DossierItem, Evidence } from './dossier.ts';

export interface Invention {
  items: number;
  title?: string;
  source?: string;
  /** Used in turn as the name of every item. */
  names?: readonly string[];
  /** At most this many individuals. */
  individuals?: number;
  conflicts?: DossierInput['conflicts'];
  /** Of how many models the pictures are. */
  models?: number;
}

const idOf = (position: number): string => createHash('sha256').update(`record ${position}`).digest('base64');
const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** What a dossier is made from, as a case of so many items would give it. */
export function inventedCase(invention: Invention): DossierInput {
  const { names = ['5447/1132.jpg', '5447/1133.jpg'], title = 'The Branch 215 cache', source = 'ORCHARD' } = invention;
  const models =
    invention.models === undefined
      ? ['COOLPIX P50', 'FinePix S5600', 'PowerShot A530']
      : Array.from({ length: invention.models }, (_, n) => `PowerShot A${500 + n}`);
  const size = 40 + 4 * invention.items;
  const items: DossierItem[] = [];
  const individuals: DossierIndividual[] = [];
  const counts = Object.fromEntries(categories.map((name) => [name, 0])) as Record<Category, number>;
  let left = 0;
  for (let n = 1; n <= invention.items; n++) {
    const picture = n % 19 !== 0;
    const detainee = picture && n % 13 < 7;
    const category: Category | null = !picture
      ? null
      : detainee
        ? 'detainee'
        : n % 5 === 0
          ? 'unreviewed'
          : n % 2 === 0
            ? 'force'
            : 'incident';
    if (category) counts[category]++;
    const full = individuals.length >= (invention.individuals ?? Infinity);
    if (detainee && left === 0 && !full && n % 29 !== 0) {
      const number = String(5000 + 7 * individuals.length);
      left = 1 + ((individuals.length * 5) % 7);
      individuals.push({
        number: individuals.length + 1,
        handle: `I-${pad(individuals.length + 1, 4)}`,
        key: { branch: individuals.length % 3 === 0 ? '227' : '215', number },
        pictures: 0,
        identifiers: identifiers(number, individuals.length),
        records: [20 + 4 * n, 21 + 4 * n],
      });
    }
    const individual = detainee && left > 0 ? individuals.at(-1) : undefined;
    if (individual) {
      left--;
      individual.pictures++;
    }
    const broken = n % 97 === 0;
    items.push({
      number: n,
      handle: `E-${pad(n, 5)}`,
      path: `2013-0${1 + (n % 9)}/${pad(1 + (n % 28), 2)}/${names[n % names.length]}`,
      format: picture ? 'image/jpeg' : n % 2 === 0 ? 'application/pdf' : null,
      size: 180_000 + ((n * 7919) % 90_000),
      width: picture && !broken ? 2592 : null,
      height: picture && !broken ? 1944 : null,
      taken:
        picture && n % 4 !== 0
          ? `2013-0${1 + (n % 9)}-${pad(1 + (n % 28), 2)}T${pad(n % 24, 2)}:${pad(n % 60, 2)}:00`
          : null,
      make: picture && n % 4 !== 0 ? (['NIKON', 'FUJIFILM', 'Canon'][n % 3] as string) : null,
      model: picture && n % 4 !== 0 ? models[n % models.length]! : null,
      category,
      individual: individual?.handle ?? null,
      duplicateOf: picture && n > 3 && n % 31 === 0 ? `E-${pad(n - 1, 5)}` : null,
      state: broken ? 'broken' : picture ? 'described' : 'not-a-picture',
      record: 10 + 4 * n,
    });
  }
  const pictures = items.filter((item) => item.category !== null).length;
  const shown = individuals.reduce((sum, each) => sum + each.pictures, 0);
  const none = invention.items === 0;
  const quarantined = none ? 0 : 7;
  const duplicate = Math.floor(invention.items / 12);
  const reconciliation: Reconciliation = {
    received: invention.items + duplicate + quarantined,
    sealed: invention.items,
    duplicate,
    quarantined,
  };
  const breakdown = Array.from({ length: Math.min(14, Math.ceil(invention.items / 10)) }, (_, index) => ({
    path:
      index === 0
        ? ''
        : index === 3
          ? 'from-the-second-disk.zip'
          : `2013-0${1 + (index % 9)}/${names[index % names.length]?.split('/')[0] ?? ''}`,
    archive: index === 3,
    received: 40 - index,
    sealed: 37 - index,
    duplicate: 2,
    quarantined: 1,
  }));
  const evidence = (from: string, count: number, records: number[]): Evidence => ({
    from: `${from} up to the checkpoint of ${size} records`,
    count,
    records: none ? [] : records,
  });
  const stage = (name: 'intake' | 'describe' | 'read' | 'group' | 'report', problems: number) => ({
    name,
    done: invention.items,
    pending: 0,
    problems,
  });
  return {
    view: {
      title,
      id: 'f2b1c5d0-6c1e-4b57-9d3e-0c52a8f7e6aa',
      checkpoint: { size, root: idOf(-1), signedAt: '2026-11-23T05:35:12.000Z' },
      stages: [stage('intake', 7), stage('describe', 11), stage('read', 0), stage('group', 0), stage('report', 0)],
      reconciliation,
      accessions: none
        ? []
        : [
            {
              handle: 'A-0001',
              source,
              reconciliation,
              closes: true,
              quarantinedBy: { 'encrypted-member': 4, 'special-file': 2, link: 1 },
              breakdown,
              record: 8,
            },
          ],
      categories: counts,
      pictures,
      destroyed: {},
      individuals: {
        count: individuals.length,
        pictures: shown,
        denominator: counts.detainee,
        withoutKey: counts.detainee - shown,
        provisional: none ? { individuals: 0, pictures: 0 } : { individuals: 3, pictures: 14 },
        severalSources: 0,
        rule: 'one individual for each pair of branch and detainee number read from the path; near duplicates are counted as pictures',
        interval: 'not a probability sample; a complete count of keys in the paths of the pictures received',
      },
      problems: none
        ? []
        : [
            { code: 'truncated', count: 6, stage: 'describe' },
            { code: 'encrypted-member', count: 4, stage: 'intake' },
            { code: 'format-differs-from-name', count: 3, stage: 'describe' },
          ],
      next: null,
    },
    edition: 1,
    items,
    individuals,
    conflicts: invention.conflicts ?? [],
    grouping: {
      read: 0,
      readable: pictures,
      settled: 0,
      counted: { path: shown, near: 0, settled: 0, placed: 0, linked: 0 },
      provisional: { card: 0, sequence: 0, linked: 0 },
    },
    outside: { authorities: [], size: null, time: null, later: size, witnesses: 0, witnessed: null },
    acceptedCategories: 0,
    custody: none ? [] : [inventedCustody(source)],
    fixity: inventedFixity(invention.items),
    authenticity: inventedAuthenticity(items, individuals),
    nearRule: 'PDQ distance at most 31, and no different time of capture or camera model',
    evidence: {
      received: evidence('all records of files received', reconciliation.received, [8]),
      described: evidence('all observations of format, dimensions and camera', invention.items, [9]),
      categories: evidence('all observations of category', pictures, [3, 9]),
      individuals: evidence(
        'all records of individuals and of the pictures assigned to them',
        2 * individuals.length,
        [],
      ),
      duplicates: evidence('all observations of likeness', pictures, []),
      custody: evidence('all claims of custody, receipts and deliveries', none ? 0 : 4, []),
      fixity: evidence('all checks of the originals', none ? 0 : 2, []),
      outside: evidence('all tokens and cosignatures', 0, []),
      settings: evidence('the settings of the case', 1, [0]),
    },
    recordIds: new Map(Array.from({ length: size }, (_, position) => [position, idOf(position)])),
  };
}

function identifiers(number: string, index: number): IdentifierView[] {
  const plain = { probability: null, accepted: false };
  return [
    { value: number, role: 'detainee-number', carrier: 'filename', ...plain },
    { value: index % 3 === 0 ? '227' : '215', role: 'branch-number', carrier: 'folder', ...plain },
  ];
}

/** Two holders claimed with a gap between them, received, handed over by a receipt, a copy given away. */
function inventedCustody(source: string): CustodyView {
  const line = { holder: null, giver: null, to: null, by: [], covers: [], note: null };
  return {
    accession: 'A-0001',
    source,
    lines: [
      {
        ...line,
        record: 4,
        event: 'claimed',
        holder: 'the photographer',
        from: '2011',
        to: '2013-08',
        by: ['ORCHARD'],
        note: 'on a flash drive',
      },
      { ...line, record: 5, event: 'claimed', holder: 'مؤسسة الأرشيف', from: '2014-01', to: null, by: ['ORCHARD'] },
      {
        ...line,
        record: 8,
        event: 'accession',
        holder: 'archivist',
        giver: source,
        from: '2026-11-20T09:00:00.000Z',
        by: ['archivist'],
        covers: ['A-0001'],
      },
      {
        ...line,
        record: 12,
        event: 'transfer',
        holder: 'second archive',
        giver: 'archivist',
        from: '2026-11-21T10:30:00.000Z',
        by: ['archivist', 'second archive'],
        covers: ['case'],
        note: 'safekeeping',
      },
      {
        ...line,
        record: 13,
        event: 'dissemination',
        giver: 'archivist',
        from: '2026-11-22T08:00:00.000Z',
        by: ['archivist'],
        covers: ['case'],
        note: 'exported as a bundle; who has it is not recorded',
      },
    ],
    gaps: [
      { kind: 'gap', from: null, to: '2011-01-01T00:00:00.000Z', holders: [], records: [] },
      { kind: 'gap', from: '2013-09-01T00:00:00.000Z', to: '2014-01-01T00:00:00.000Z', holders: [], records: [4, 5] },
      {
        kind: 'unknown',
        from: '2014-01-01T00:00:00.000Z',
        to: '2014-02-01T00:00:00.000Z',
        holders: ['مؤسسة الأرشيف'],
        records: [5],
      },
    ],
  };
}

/** Half of the originals were read again, and one of them was damaged. */
function inventedFixity(items: number): FixityView {
  const checked = Math.floor(items / 2);
  if (checked === 0) return { items, checked, oldest: null, newest: null, unsound: [] };
  return {
    items,
    checked,
    oldest: '2026-11-21T23:00:00.000Z',
    newest: '2026-11-22T23:10:00.000Z',
    unsound: [{ item: 'E-00001', state: 'damaged', at: '2026-11-22T23:10:00.000Z', record: 14 }],
  };
}

/** Three cameras, one a year behind, with gaps; the numbers of each branch as they come. */
function inventedAuthenticity(items: readonly DossierItem[], individuals: readonly DossierIndividual[]): Authenticity {
  const pictures = items.filter(({ category }) => category !== null);
  const models = [...new Set(pictures.flatMap(({ model }) => (model === null ? [] : [model])))].toSorted();
  const bodies = models.map((model, place): Body => {
    const own = pictures.filter((item) => item.model === model);
    const days = own.map(({ taken }) => taken!).toSorted();
    const range = { from: 9900, to: 9900 + own.length + place };
    return {
      body: `${own[0]!.make}|${model}|`,
      make: own[0]!.make,
      model,
      serial: place === 0 ? '6004217' : null,
      pictures: own.length,
      timed: own.length,
      first: days[0]!,
      last: days.at(-1)!,
      numbering: 'image number',
      exposures: own.length,
      copies: 0,
      numbers: own.length,
      ...range,
      missing: place + 1,
      gaps: 1,
      longest: [],
      backwards: place === 2 ? 3 : 0,
      twice: 0,
    };
  });
  const named = bodies.reduce((sum, body) => sum + body.pictures, 0);
  const branches = [...new Set(individuals.map(({ key }) => key['branch']!))].toSorted();
  const first = Date.UTC(2012, 0, 1);
  const segments = branches.flatMap((branch) =>
    testSeries(
      { role: 'detainee-number', branch, suffix: null },
      seriesOf('detainee-number'),
      individuals
        .filter(({ key }) => key['branch'] === branch)
        .map(({ key, handle, pictures: many }, i) => ({
          number: Number(key['number']),
          day: new Date(first + (i === 4 ? 400 : 3 * i) * 86_400_000).toISOString().slice(0, 10),
          datedBy: 'folder' as const,
          pictures: many,
          individuals: [handle],
          item: 'E-00001',
        })),
    ),
  );
  return {
    cameras: {
      pictures: pictures.length,
      named,
      serial: bodies[0]?.pictures ?? 0,
      located: 0,
      bodies,
      days: [],
      satelliteClocks: bodies.slice(0, 2).map(({ make, model, serial, timed }, place) => {
        const seconds = place === 0 ? 3 : 10_800;
        const [middle, range] = [place + 1, 60].map((by) => [seconds - by, seconds + by] as [number, number]);
        return {
          make,
          model,
          serial,
          zoned: place === 0,
          pictures: timed,
          of: timed,
          seconds,
          middle: middle!,
          range: range!,
        };
      }),
      looks: bodies.flatMap(({ make, model, pictures: of }) => [
        { make, model, of, signature: 'usual', software: null, pictures: of - 1, bodies: 1 },
        { make, model, of, signature: 'another', software: 'An editor', pictures: 1, bodies: 1 },
      ]),
      thumbnails: {
        held: named,
        same: Math.max(0, named - 2),
        differs: Math.min(1, named),
        undecided: named > 1 ? 1 : 0,
        waiting: 0,
      },
      rewritten: Math.min(2, named),
    },
    folderClocks: bodies.map(({ make, model, serial, pictures: many }, i) => ({
      make,
      model,
      serial,
      pictures: many,
      days: i === 2 ? -366 : 0,
      agreeing: many,
    })),
    pairClocks: [],
    sequences: { segments, shared: [], unreadable: 0, undated: 0 },
  };
}
