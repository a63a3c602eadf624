// From the index of a case to what its dossier is made of: items, individuals, the records that the numbers rest on.
// It stands above the stages because a dossier reads them all.
import { readAuthenticity } from './authenticity.ts';
import type { Category, IdentifierView } from './case/views.ts';
import { cardReader } from './describe/card-records.ts';
import { countPasses } from './describe/passes.ts';
import { readConflicts, type Conflict } from './group/conflicts.ts';
import { nearRule } from './group/near.ts';
import type { OpenCase } from './log/case.ts';
import { sql } from './store/kysely.ts';
import { distinctIdentifiers, readCase, tablesOf } from './overview.ts';
import { readCustody, readFixity } from './seal/queries.ts';
import type { DossierState } from './report/build.ts';
import type {
  DossierGrouping,
  DossierIndividual,
  DossierInput,
  DossierItem,
  DossierOutside,
  Evidence,
} from './report/dossier.ts';

/** Everything a dossier says of this state: the newest one, or an earlier one after which only reports were made. */
export async function readDossierInput(opened: OpenCase, { edition, checkpoint }: DossierState): Promise<DossierInput> {
  const index = tablesOf(opened);
  const now = await readCase(opened);
  const view =
    checkpoint === null
      ? now
      : { ...now, checkpoint: { ...checkpoint, signedAt: await signedAt(opened, checkpoint.size) } };
  const items = await sql<Omit<DossierItem, 'number'>>`
    select i.handle, i.path, d.format, i.size, d.width, d.height, s.taken || coalesce(s.zone, '') as taken, s.make, s.model,
      case when d.format like 'image/%' then coalesce(c.category, r.category, 'unreviewed') end as category,
      m.individual, n.of as "duplicateOf",
      case when i.destroyed is not null then 'destroyed' when d.item is null then 'sealed' when d.format not like 'image/%' then 'not-a-picture'
        when d.decode = 'complete' then 'described' else 'broken' end as state,
      i.position as record
    from item i left join description d on d.item = i.handle left join reading r on r.item = i.handle
      left join near n on n.item = i.handle left join member m on m.item = i.handle and not m.provisional
      left join category_decision c on c.item = i.handle left join shot s on s.item = i.handle
    order by i.position`.execute(index);
  const individuals = await sql<{
    handle: string;
    key: Record<string, string>;
    pictures: number;
    identifiers: IdentifierView[][];
    records: number[];
  }>`
    select v.handle, v.key, v.counted as pictures, array[v.position] as records,
      (select json_agg(r.identifiers order by r.position) from member m join reading r on r.item = m.item where m.individual = v.handle and not m.provisional) as identifiers
    from individual v where v.counted > 0 order by length(v.handle), v.handle`.execute(index);
  const conflicts = await readConflicts(opened);
  const disagreeing = await recordsOf(opened, conflicts);
  const accepted = await sql<{ n: number }>`
    select count(*) as n from category_decision c join description d on d.item = c.item where d.format like 'image/%'`.execute(
    index,
  );
  const evidence = {
    received: await kindEvidence(
      opened,
      'signed reconciliations of the accessions, and of the tables of other tools in them',
      ['intake.reconciliation', 'intake.import-reconciliation'],
      true,
    ),
    described: await kindEvidence(
      opened,
      'observations of the items',
      ['describe.item', 'describe.metadata', 'describe.embedded'],
      false,
    ),
    categories: await kindEvidence(
      opened,
      'readings of the paths by the rules of the case, and what people said of categories',
      ['group.reading', 'group.category'],
      false,
    ),
    individuals: await kindEvidence(opened, 'records of individuals', ['group.individual'], false),
    duplicates: await kindEvidence(
      opened,
      'duplicates received and near duplicates found',
      ['intake.duplicate', 'group.near'],
      false,
    ),
    custody: await kindEvidence(
      opened,
      'claims of custody, receipts signed by both sides, deliveries received and bundles given away',
      ['intake.accession', 'seal.claimed-custody', 'seal.custody', 'seal.deaccession', 'report.bundle'],
      false,
      view.checkpoint.size,
    ),
    fixity: await kindEvidence(
      opened,
      'checks of the originals against their hashes, and originals restored',
      ['seal.fixity', 'seal.restoration'],
      false,
    ),
    outside: await kindEvidence(
      opened,
      'tokens of authorities of time, and cosignatures of witnesses, over checkpoints of this log',
      ['seal.timestamp', 'seal.cosignature'],
      true,
      view.checkpoint.size,
    ),
    settings: await kindEvidence(opened, 'settings of the case', ['case.opened', 'group.rules'], true),
  };
  // What is open is open up to the checkpoint: a dossier is a function of it, not of the day it is printed.
  const custody = await readCustody(
    opened,
    view.checkpoint.signedAt ?? new Date(0).toISOString(),
    view.checkpoint.size,
  );
  const fixity = await readFixity(opened);
  const listed: DossierItem[] = items.rows.map((item, i) => ({
    number: i + 1,
    ...item,
    category: item.category as Category | null,
  }));
  const people: DossierIndividual[] = individuals.rows.map((one, i) => ({
    number: i + 1,
    ...one,
    // A photograph's own number names the picture, not the individual.
    identifiers: distinctIdentifiers(one.identifiers.flat()).filter(({ role }) => role !== 'photo-number'),
  }));
  const positions = new Set<number>([
    ...listed.map((item) => item.record),
    ...people.flatMap((one) => one.records),
    ...disagreeing.flat(),
    ...Object.values(evidence).flatMap(({ records }) => records),
    ...view.accessions.flatMap(({ record }) => (record === null ? [] : [record])),
    ...custody.flatMap(({ lines, gaps }) => [
      ...lines.map(({ record }) => record),
      ...gaps.flatMap(({ records }) => records),
    ]),
    ...fixity.unsound.map(({ record }) => record),
  ]);
  return {
    view,
    edition,
    items: listed,
    individuals: people,
    conflicts: conflicts.map(({ kind, subject, what }, i) => ({ kind, subject, what, records: disagreeing[i]! })),
    grouping: await readGrouping(opened),
    outside: await readOutside(opened, view.checkpoint.size),
    custody,
    fixity,
    authenticity: await readAuthenticity(opened),
    acceptedCategories: accepted.rows[0]!.n,
    nearRule,
    evidence,
    recordIds: await readIds(opened, positions),
  };
}

/** Of each conflict the records that can disagree: of its individual, of readings of its pictures, of what joins or parts them. */
async function recordsOf({ index }: OpenCase, conflicts: readonly Conflict[]): Promise<number[][]> {
  const { rows } = await index.pool.query<{ records: number[] }>(
    `select array(
       select position from individual where handle = c.subject
       union select position from reading where item = any(c.items)
       union select position from settlement where item = any(c.items)
       union select position from near where item = any(c.items) and of = any(c.items)
       union select position from link where a = any(c.items) and b = any(c.items)
       union select position from agreement where items && c.items order by 1) as records
     from rows from (jsonb_to_recordset($1::jsonb) as (subject text, items text[])) with ordinality c
     order by c.ordinality`,
    [JSON.stringify(conflicts.map(({ subject, items }) => ({ subject, items })))],
  );
  return rows.map(({ records }) => records.map(Number));
}

/** By what pictures were put to individuals, and how far cards were read. */
async function readGrouping(opened: OpenCase): Promise<DossierGrouping> {
  const cards = (await countPasses(opened)).find(({ tool }) => tool === cardReader.name)!;
  const { rows } = await opened.index.pool.query<{ reason: string; provisional: boolean; n: number }>(
    `select x->>'reason' as reason, m.provisional, count(distinct m.item) as n
     from member m cross join lateral jsonb_array_elements(m.reasons) x group by 1, 2`,
  );
  const { rows: said } = await opened.index.pool.query<{ settled: number; read: number }>(
    `select (select count(*) from settlement where value is not null) as settled,
       (select count(*) from card c join item i on i.handle = c.item where i.destroyed is null) as read`,
  );
  const of = (reason: string, provisional: boolean): number =>
    rows.find((row) => row.reason === reason && row.provisional === provisional)?.n ?? 0;
  const readable = cards.done + cards.pending;
  return {
    read: Math.min(said[0]!.read, readable),
    readable,
    settled: said[0]!.settled,
    counted: {
      path: of('path', false),
      near: of('near', false),
      settled: of('settled', false),
      placed: of('placed', false),
      linked: of('linked', false),
    },
    provisional: {
      card: of('card', true),
      sequence: of('sequence', true),
      linked: of('linked-to-provisional', true),
    },
  };
}

/** What outsiders have signed, by the records under a checkpoint alone. */
async function readOutside({ index }: OpenCase, size: number): Promise<DossierOutside> {
  const { rows } = await index.pool.query<DossierOutside>(
    `with stamped as (select * from token where position < $1 and size = (select max(size) from token where position < $1)),
       seen as (select * from cosignature where position < $1)
     select array(select distinct authority collate "C" from stamped order by 1) as authorities,
       (select max(size) from stamped) as size, (select min(gen_time collate "C") from stamped) as time,
       (select count(*) from record where position < $1 and position >= (select max(size) from stamped) and kind <> 'seal.timestamp') as later,
       (select count(distinct witness) from seen) as witnesses, (select max(size) from seen) as witnessed`,
    [size],
  );
  return rows[0]!;
}

/** The records of some kinds as evidence: each by its position where they are few, else led to by the checkpoint. */
async function kindEvidence(
  opened: OpenCase,
  from: string,
  kinds: string[],
  each: boolean,
  size: number = opened.log.size,
): Promise<Evidence> {
  const { rows } = await opened.index.pool.query<{ position: number }>(
    'select position from record where kind = any($1) and position < $2 order by position',
    [kinds, size],
  );
  return { from, count: rows.length, records: each ? rows.map(({ position }) => position) : [] };
}

/** When the last record under a checkpoint was written. */
async function signedAt(opened: OpenCase, size: number): Promise<string | null> {
  const { rows } = await opened.index.pool.query<{ at: string }>('select at from record where position = $1', [
    size - 1,
  ]);
  return rows[0]?.at ?? null;
}

async function readIds(opened: OpenCase, positions: ReadonlySet<number>): Promise<Map<number, string>> {
  const { rows } = await opened.index.pool.query<{ position: number; id: string }>(
    'select position, id from record where position = any($1) order by position',
    [[...positions]],
  );
  return new Map(rows.map(({ position, id }) => [position, id]));
}
