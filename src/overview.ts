// A case at a glance, from what its stages' rows say: behind `dalil status`, the Case page and the dossier. Every count
// comes with its denominator and its rule.
import type { Kysely } from 'kysely';
import {
  categories,
  stageNames,
  type CaseView,
  type Category,
  type IdentifierView,
  type IndividualsView,
  type IndividualView,
  type ItemView,
  type StageLine,
} from './case/views.ts';
import type { CardTables } from './describe/card-project.ts';
import { countPasses, type PassLine } from './describe/passes.ts';
import type { DescribeTables } from './describe/project.ts';
import { waitsForGathering } from './group/gathering.ts';
import type { GroupTables } from './group/project.ts';
import type { IntakeTables } from './intake/project.ts';
import { accessions, sumReconciliations } from './intake/queries.ts';
import type { OpenCase } from './log/case.ts';
import { countProblems } from './problems.ts';
import type { ReportTables } from './report/project.ts';
import { sql } from './store/kysely.ts';

type Tables = IntakeTables &
  DescribeTables &
  CardTables &
  GroupTables &
  ReportTables & {
    record: {
      position: number;
      id: string;
      kind: string;
      at: string;
      actor: string;
      tool: string;
      handle: string | null;
    };
  };
type Index = Kysely<Tables>;

/** The index of a case with all its tables. */
export function tablesOf({ index }: Pick<OpenCase, 'index'>): Index {
  return index.kysely<Tables>();
}

export async function readCase(opened: OpenCase): Promise<CaseView> {
  const index = tablesOf(opened);
  const checkpoint = opened.log.checkpoint!;
  const [passes, received, destroyed, byCategory, individuals, problems, signed] = await Promise.all([
    countPasses(opened),
    accessions(opened.index.kysely<IntakeTables>()),
    countDestroyed(index),
    countCategories(index),
    countIndividuals(index),
    countProblems(opened),
    index.selectFrom('record').select(['at']).orderBy('position', 'desc').limit(1).executeTakeFirst(),
  ]);
  const stages = await readStages(index, passes, problems);
  return {
    title: await readTitle(opened),
    id: opened.id,
    checkpoint: {
      size: checkpoint.size,
      root: Buffer.from(checkpoint.root).toString('base64'),
      signedAt: signed?.at ?? null,
    },
    stages,
    reconciliation: sumReconciliations(received.map(({ reconciliation }) => reconciliation)),
    accessions: received,
    destroyed,
    categories: byCategory,
    pictures: Object.values(byCategory).reduce((sum, n) => sum + n, 0),
    individuals,
    problems,
    next: nextCommand(stages, passes, await waitsForGathering(opened)),
  };
}

async function readTitle(opened: OpenCase): Promise<string> {
  for await (const record of opened.log.read(0, 1)) {
    const title = record.fields['title'];
    if (typeof title === 'string') return title;
  }
  return '';
}

/** `decided`: something was said that grouping has not taken in. */
function nextCommand(stages: readonly StageLine[], passes: readonly PassLine[], decided: boolean): string | null {
  const line = (name: string) => stages.find((stage) => stage.name === name)!;
  // What this machine lacks the means for would be the next command for ever.
  const possible = (name: string) =>
    passes.some(({ stage, pending, lacks }) => stage === name && pending > 0 && lacks === null);
  if (line('intake').done === 0) return 'dalil intake <path…> --source PSEUDONYM';
  if (possible('describe')) return 'dalil describe';
  if (possible('read')) return 'dalil read';
  if (line('group').pending > 0 || decided) return 'dalil group';
  if (line('report').done === 0) return 'dalil dossier build dossier';
  return null;
}

/**
 * done + pending are files received of intake, dossiers of report, items of group; of describe and read the items of each
 * of their passes, so that an item counts once for each pass that concerns it.
 */
async function readStages(
  index: Index,
  passes: readonly PassLine[],
  problems: CaseView['problems'],
): Promise<StageLine[]> {
  const { rows } = await sql<Pick<StageLine, 'name' | 'done' | 'pending'>>`
    select * from (values
      ('intake', (select count(*) from receipt), (select count(*) from accession a where not exists (
          select from reconciliation r where r.accession = a.handle))),
      ('group', (select count(*) from reading r where r.rules = (select id from rules order by position desc limit 1)),
        (select count(*) from item) - (select count(*) from reading r where r.rules = (select id from rules order by position desc limit 1))),
      ('report', (select count(*) from dossier), 0)) as s(name, done, pending)`.execute(index);
  const sum = (lines: readonly { done: number; pending: number }[], of: 'done' | 'pending') =>
    lines.reduce((total, line) => total + line[of], 0);
  return stageNames.map((name) => {
    const lines = [...rows.filter((row) => row.name === name), ...passes.filter(({ stage }) => stage === name)];
    const found = problems.filter(({ stage }) => stage === name).reduce((total, { count }) => total + count, 0);
    return { name, done: sum(lines, 'done'), pending: sum(lines, 'pending'), problems: found };
  });
}

/** How many items were destroyed, by the reason of their deaccessions. */
async function countDestroyed(index: Index): Promise<Record<string, number>> {
  const { rows } = await sql<{ reason: string; n: number }>`
    select d.reason, count(*) as n from item i join deaccession d on d.position = i.destroyed
    group by d.reason order by d.reason`.execute(index);
  return Object.fromEntries(rows.map(({ reason, n }) => [reason, n]));
}

/** Sealed pictures by category; they add up to all sealed pictures. */
async function countCategories(index: Index): Promise<Record<Category, number>> {
  const { rows } = await sql<{ category: Category; n: number }>`
    select category, count(*) as n from (
      select coalesce(c.category, r.category, 'unreviewed') as category from description d left join reading r on r.item = d.item
        left join category_decision c on c.item = d.item where d.format like 'image/%') as sorted
    group by category`.execute(index);
  const counted = new Map(rows.map(({ category, n }) => [category, n]));
  return Object.fromEntries(categories.map((name) => [name, counted.get(name) ?? 0])) as Record<Category, number>;
}

async function countIndividuals(index: Index): Promise<IndividualsView> {
  const { rows } = await sql<{
    count: number;
    pictures: number;
    denominator: number;
    withoutKey: number;
    provisionalIndividuals: number;
    provisionalPictures: number;
    severalSources: number;
    rule: string | null;
  }>`
    with detainee as (
      select d.item from description d join reading r on r.item = d.item left join category_decision c on c.item = d.item
      where d.format like 'image/%' and coalesce(c.category, r.category) = 'detainee'),
    sources as (
      select m.individual from member m join receipt t on t.item = m.item join accession a on a.handle = t.accession
      where not m.provisional group by m.individual having count(distinct a.source) > 1)
    select (select count(*) from individual where counted > 0) as count,
      (select count(*) from detainee d join member m on m.item = d.item where not m.provisional) as pictures,
      (select count(*) from detainee) as denominator,
      (select count(*) from detainee d left join member m on m.item = d.item and not m.provisional where m.item is null) as "withoutKey",
      (select count(*) from individual where members > 0 and counted = 0) as "provisionalIndividuals",
      (select count(*) from member where provisional) as "provisionalPictures",
      (select count(*) from sources) as "severalSources",
      (select rule from individual order by position desc limit 1) as rule`.execute(index);
  const { rule, provisionalIndividuals, provisionalPictures, ...counts } = rows[0]!;
  return {
    ...counts,
    provisional: { individuals: provisionalIndividuals, pictures: provisionalPictures },
    rule: rule ?? 'no rule has been set, so no individual is counted',
    interval: 'none: a complete count of the keys that names give and people have read, not a sample',
  };
}

const page = 2000;

/** Every file received, a line each, in the order received: items, further copies of them, and what is in quarantine. */
export async function* listItems(index: Index): AsyncGenerator<ItemView> {
  for (let after = -1; ;) {
    const { rows } = await sql<ItemView & { position: number }>`
      select c.handle as id, c.path, i.sha256, coalesce(i.size, c.size) as size, d.format, d.width, d.height, d.taken, m.make, m.model,
        m.serial, d.pdq, c.position,
        case when c.state = 'duplicate' then c.item when c.state = 'sealed' then n.of end as "duplicateOf",
        case when i.destroyed is not null then 'destroyed' when c.state <> 'sealed' then c.state when d.item is null then 'sealed'
          when d.format not like 'image/%' then 'not-a-picture' when d.decode = 'complete' then 'described' else 'broken' end as state
      from receipt c left join item i on i.handle = c.item left join description d on d.item = c.item left join metadata m on m.item = c.item left join near n on n.item = c.handle
      where c.position > ${after} order by c.position limit ${page}`.execute(index);
    for (const { position, ...view } of rows) {
      after = position;
      yield view;
    }
    if (rows.length < page) return;
  }
}

/** Individuals with their members and what their paths say, after the one named, in the order of their handles. */
export async function listIndividuals(
  index: Index,
  { after, limit }: { after: string | null; limit: number },
): Promise<{ individuals: IndividualView[]; next: string | null }> {
  const { rows } = await sql<{
    id: string;
    key: Record<string, string>;
    items: IndividualView['items'];
    identifiers: IdentifierView[][];
    provisional: boolean;
    sources: string[];
  }>`
    select v.handle as id, v.key, v.counted = 0 as provisional,
      array(select distinct a.source from member m join receipt t on t.item = m.item join accession a on a.handle = t.accession
        where m.individual = v.handle and not m.provisional order by a.source) as sources,
      (select json_agg(json_build_object('id', i.handle, 'path', i.path, 'provisional', m.provisional) order by i.position) from member m join item i on i.handle = m.item
        where m.individual = v.handle) as items,
      (select json_agg(r.identifiers order by r.position) from member m join reading r on r.item = m.item where m.individual = v.handle) as identifiers
    from individual v where v.members > 0 and (length(v.handle), v.handle) > (length(${after ?? ''}), ${after ?? ''})
    order by length(v.handle), v.handle limit ${limit + 1}`.execute(index);
  const individuals = rows.slice(0, limit).map(({ id, key, items, identifiers, provisional, sources }) => ({
    id,
    key,
    items,
    provisional,
    sources,
    identifiers: distinctIdentifiers(identifiers.flat()),
  }));
  return { individuals, next: rows.length > limit ? individuals.at(-1)!.id : null };
}

/** Each value once for a role and a carrier. What a pattern reads is a proposal; a rule gives no probability. */
export function distinctIdentifiers(
  identifiers: readonly Pick<IdentifierView, 'value' | 'role' | 'carrier'>[],
): IdentifierView[] {
  const seen = new Map(
    identifiers.map(({ value, role, carrier }) => [`${role}\n${carrier}\n${value}`, { value, role, carrier }]),
  );
  return [...seen.values()].map((one) => ({ ...one, probability: null, accepted: false }));
}
