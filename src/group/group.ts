// The grouping stage: reads the paths of every item by the case's rules, collapses near-duplicates, and gathers the
// pictures of one key into one individual. Only what is new or changed is written down, so a repeat adds nothing.
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import type { Turn } from '../log/log.ts';
import { compileRules, readPaths, type CompiledRules } from './identifier.ts';
import { findNear } from './near-find.ts';
import { rulesSchema, type Rules } from './records.ts';

/** Records a turn: large enough that the commit's cost is spread, small enough to show progress. */
const turnSize = 1024;

export interface GroupOptions {
  /** New rules; absent: the case's own. */
  rules?: Rules;
  signal?: AbortSignal;
  progress?: Progress;
}

/** Groups what is pending. Throws Fault('cancelled') between turns. */
export async function group(opened: OpenCase, options: GroupOptions): Promise<void> {
  const rules = await settleRules(opened, options.rules);
  await readItems(opened, rules, options);
  await findNear(opened, options);
  await gather(opened, rules.compiled, options);
}

interface SettledRules {
  id: string;
  compiled: CompiledRules;
}

/** The rules in force: those given, written down if they differ from the last, or the last, or none at all. */
export async function settleRules({ index, log, actor }: OpenCase, given: Rules | undefined): Promise<SettledRules> {
  const { rows } = await index.pool.query<{ id: string; body: unknown }>(
    'select id, body from rules order by position desc limit 1',
  );
  const last = rows[0] === undefined ? null : { id: rows[0].id, rules: rulesSchema.parse(rows[0].body) };
  const wanted = given ?? last?.rules ?? rulesSchema.parse({ patterns: [] });
  const compiled = compileRules(wanted);
  if (last !== null && sameJson(last.rules, wanted)) return { id: last.id, compiled };
  const [record] = await log.append(actor, (turn) => {
    turn.add({ kind: 'group.rules', rules: wanted as unknown as Json });
  });
  return { id: record!.id, compiled };
}

function sameJson(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(
            Object.entries(value)
              .toSorted(([x], [y]) => (x < y ? -1 : 1))
              .map(([k, v]) => [k, sorted(v)]),
          )
        : value;
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

const pendingReadings = `
  from item i left join reading r on r.item = i.handle
  where (r.item is null or r.rules <> $1
     or r.receipts <> (select count(*) from receipt c where c.item = i.handle))`;

async function readItems({ index, log, actor }: OpenCase, rules: SettledRules, options: GroupOptions): Promise<void> {
  const { rows: counted } = await index.pool.query<{ n: number }>(`select count(*) as n ${pendingReadings}`, [
    rules.id,
  ]);
  const total = counted[0]!.n;
  let done = 0;
  for (let after = -1; ;) {
    checkCancelled(options.signal);
    const { rows } = await index.pool.query<{ id: string; position: number; paths: string[] }>(
      `select i.id, i.position, (select array_agg(c.path order by c.position) from receipt c where c.item = i.handle) as paths
       ${pendingReadings} and i.position > $2 order by i.position limit $3`,
      [rules.id, after, turnSize],
    );
    if (rows.length === 0) break;
    await log.append(actor, (turn) => {
      for (const { id, paths } of rows) {
        turn.add({
          kind: 'group.reading',
          refs: { item: id, rules: rules.id },
          ...asJson(readPaths(paths, rules.compiled)),
        });
      }
    });
    after = rows.at(-1)!.position;
    options.progress?.({ stage: 'group', done: (done += rows.length), total });
  }
}

const asJson = (value: object): Record<string, Json> => value as Record<string, Json>;

/** Pictures by their key. A near-duplicate whose own path gives none has the key that the rest of its set agrees on. */
async function gather({ index, log, actor }: OpenCase, { rules }: CompiledRules, options: GroupOptions): Promise<void> {
  const rule = `pictures of category detainee, by ${rules.individualKey.join(' and ')} as their paths give them`;
  const { rows: now } = await index.pool.query<{ key: string; items: string[]; ids: string[] }>(
    `with picture as (
       select d.item, coalesce(n.of, d.item) as cluster, r.key from description d join reading r on r.item = d.item
       left join near n on n.item = d.item where d.format like 'image/%'
         and (r.category = 'detainee' or r.category = 'unreviewed')),
     agreed as (
       select cluster, min(key) as key from picture group by cluster having count(distinct key) = 1),
     own as (select p.item, coalesce(p.key, a.key) as key from picture p left join agreed a using (cluster))
     select own.key, array_agg(i.handle order by i.position) as items, array_agg(i.id order by i.position) as ids
     from own join item i on i.handle = own.item where own.key is not null
     group by own.key order by min(i.position)`,
  );
  const { rows: before } = await index.pool.query<{ handle: string; key_text: string; rule: string; items: string[] }>(
    `select v.handle, v.key_text, v.rule, coalesce(array_agg(i.handle order by i.position) filter (where i.handle is not null), '{}') as items
     from individual v left join member m on m.individual = v.handle left join item i on i.handle = m.item
     group by v.handle, v.key_text, v.rule order by v.handle`,
  );
  const wanted = new Map(now.map((one) => [one.key, one]));
  const known = new Map(before.map((one) => [one.key_text, one]));
  const changed = before.filter(({ key_text, items, rule: old }) => {
    const after = wanted.get(key_text);
    return old !== rule || after === undefined
      ? items.length > 0 || after !== undefined
      : String(after.items) !== String(items);
  });
  // Members leave their old individual before they join another: an item belongs to one at a time.
  const leaving = changed.map((one) => {
    const stays = new Set(wanted.get(one.key_text)?.items);
    return { ...one, items: one.items.filter((item) => stays.has(item)) };
  });
  const minted = now.filter(({ key }) => !known.has(key));
  const idOf = new Map(now.flatMap(({ items, ids }) => items.map((item, i) => [item, ids[i]!] as const)));
  const acts: ((turn: Turn) => void)[] = [
    ...leaving
      .filter((one) => one.items.length < known.get(one.key_text)!.items.length)
      .map(({ handle, key_text, items }) => (turn: Turn) => {
        add(
          turn,
          handle,
          keyOf(key_text),
          items.map((item) => idOf.get(item)!),
        );
      }),
    ...changed
      .filter(({ key_text }) => wanted.has(key_text))
      .map(
        ({ handle, key_text }) =>
          (turn: Turn) =>
            add(turn, handle, keyOf(key_text), wanted.get(key_text)!.ids),
      ),
    ...minted.map(
      ({ key, ids }) =>
        (turn: Turn) =>
          add(turn, turn.next('I'), keyOf(key), ids),
    ),
  ];
  const add = (turn: Turn, handle: string, key: Record<string, string>, ids: string[]): void => {
    turn.add({ kind: 'group.individual', handle, key, rule, refs: { items: ids } });
  };
  for (let at = 0; at < acts.length; at += turnSize) {
    checkCancelled(options.signal);
    await log.append(actor, (turn) => acts.slice(at, at + turnSize).forEach((act) => act(turn)));
    options.progress?.({ stage: 'group', done: Math.min(at + turnSize, acts.length), total: acts.length });
  }
}

function keyOf(text: string): Record<string, string> {
  return Object.fromEntries(JSON.parse(text) as [string, string][]);
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: 'Cancelled. What was done is kept.',
      next: 'the same command goes on from here',
    });
  }
}
