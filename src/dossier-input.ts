// From the index of a case to what its dossier is made of: items, individuals, the records that the numbers rest on.
// It stands above the stages because a dossier reads them all.
import { readAuthenticity } from './authenticity.ts';
import type { Category, IdentifierView } from './case/views.ts';
import { nearRule } from './group/near.ts';
import type { OpenCase } from './log/case.ts';
import { sql } from './store/kysely.ts';
import { distinctIdentifiers, readCase, tablesOf } from './overview.ts';
import { readCustody, readFixity } from './seal/queries.ts';
import type { DossierState } from './report/build.ts';
import type { DossierIndividual, DossierInput, DossierItem, Evidence } from './report/dossier.ts';

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
  const conflicts = await sql<{ what: string; record: number }>`
    select r.item || ': ' || (p->>'message') as what, r.position as record
    from reading r, jsonb_array_elements(r.problems) p order by r.position, p->>'code'`.execute(index);
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
    ...conflicts.rows.map(({ record }) => record),
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
    conflicts: conflicts.rows.map(({ what, record }) => ({ what, records: [record] })),
    custody,
    fixity,
    authenticity: await readAuthenticity(opened),
    acceptedCategories: accepted.rows[0]!.n,
    nearRule,
    evidence,
    recordIds: await readIds(opened, positions),
  };
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
