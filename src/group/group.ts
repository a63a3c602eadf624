// The grouping stage: reads the paths of every item by the case's rules, collapses near-duplicates, and gathers the
// pictures of one key into one individual. Only what is new or changed is written down, so a repeat adds nothing.
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import type { Turn } from '../log/log.ts';
import { agreementRule } from './agreement.ts';
import type { Assignable, Assignment, Member } from './assign.ts';
import { assign } from './assign.ts';
import { gathered } from './gathering.ts';
import { compileRules, readPaths, type CompiledRules } from './identifier.ts';
import { checkCancelled, findNear } from './near-find.ts';
import { isHandle, readPictures } from './pictures.ts';
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
  await gathered(opened, () => gather(opened, rules.compiled, options));
}

interface SettledRules {
  id: string;
  compiled: CompiledRules;
}

/**
 * The rules in force: those given, written down if they differ from the last, or the last, or none at all. `guard` is
 * called within the turn that writes, on the state that it stands on.
 */
export async function settleRules(
  { index, log, actor }: OpenCase,
  given: Rules | undefined,
  guard?: () => Promise<void>,
): Promise<SettledRules> {
  const { rows } = await index.pool.query<{ id: string; body: unknown }>(
    'select id, body from rules order by position desc limit 1',
  );
  const last = rows[0] === undefined ? null : { id: rows[0].id, rules: rulesSchema.parse(rows[0].body) };
  const wanted = given ?? last?.rules ?? rulesSchema.parse({ patterns: [] });
  const compiled = compileRules(wanted);
  if (last !== null && sameJson(last.rules, wanted)) return { id: last.id, compiled };
  const [record] = await log.append(actor, async (turn) => {
    await guard?.();
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

/** Individuals by names, people, cards that agree, likeness and neighbourhood; and what the cards say together. */
async function gather(opened: OpenCase, { rules }: CompiledRules, options: GroupOptions): Promise<void> {
  const { pictures, known, links, keyOfTarget } = await readPictures(opened, rules.individualKey);
  const { members, agreements } = assign(pictures, known, links);
  const idOf = new Map(pictures.map(({ item, id }) => [item, id]));
  const acts = [
    ...(await agreementChanges(opened, agreements, idOf)),
    ...(await individualChanges(opened, rules.individualKey, members, keyOfTarget, pictures)),
  ];
  for (let at = 0; at < acts.length; at += turnSize) {
    checkCancelled(options.signal);
    await opened.log.append(opened.actor, (turn) => acts.slice(at, at + turnSize).forEach((act) => act(turn)));
    options.progress?.({ stage: 'group', done: Math.min(at + turnSize, acts.length), total: acts.length });
  }
}

type Act = (turn: Turn) => void;

async function agreementChanges(
  { index }: OpenCase,
  now: Assignment['agreements'],
  idOf: ReadonlyMap<string, string>,
): Promise<Act[]> {
  const { rows } = await index.pool.query<{
    head: string;
    items: string[];
    numbers: unknown;
    rule: string;
    id: string;
  }>(
    'select a.head, a.items, a.numbers, a.rule, i.id from agreement a join item i on i.handle = a.head order by i.position',
  );
  const before = new Map(rows.map((row) => [row.head, row]));
  const heads = new Set(now.map(({ head }) => head));
  const gone = rows.filter(({ head }) => !heads.has(head));
  const changed = now.filter(({ head, items, numbers }) => {
    const old = before.get(head);
    return old?.rule !== agreementRule || String(old.items) !== String(items) || !sameJson(old.numbers, numbers);
  });
  return [
    ...gone.map(({ id }) => (turn: Turn): void => {
      turn.add({ kind: 'group.agreement', refs: { head: id }, numbers: [], rule: agreementRule });
    }),
    ...changed.map(({ head, items, numbers }) => (turn: Turn): void => {
      const refs = { head: idOf.get(head)!, items: items.map((item) => idOf.get(item)!) };
      turn.add({ kind: 'group.agreement', refs, numbers: numbers as unknown as Json, rule: agreementRule });
    }),
  ];
}

async function individualChanges(
  { index }: OpenCase,
  keyRoles: readonly string[],
  members: Assignment['members'],
  keyOfTarget: (target: string) => Record<string, string>,
  pictures: readonly Assignable[],
): Promise<Act[]> {
  const rule =
    `pictures of category detainee, by ${keyRoles.join(' and ')} as their paths give them or a person has read them; ` +
    'what only cards read by the machine or neighbourhood say is provisional, and not counted';
  const { rows: before } = await index.pool.query<{
    handle: string;
    rule: string;
    members: { item: string; id: string; reasons: unknown }[];
  }>(
    `select v.handle, v.rule, coalesce(json_agg(json_build_object('item', i.handle, 'id', i.id, 'reasons', m.reasons) order by i.position)
       filter (where i.handle is not null), '[]') as members
     from individual v left join member m on m.individual = v.handle left join item i on i.handle = m.item
     group by v.handle, v.rule order by v.handle`,
  );
  const places = new Map(pictures.map((picture) => [picture.item, picture]));
  const inOrder = (list: Member[]): Member[] =>
    list.toSorted((a, b) => places.get(a.item)!.position - places.get(b.item)!.position);
  const wanted = new Map([...members].map(([target, list]) => [target, inOrder(list)]));
  const known = new Set(before.map(({ handle }) => handle));
  const add = (turn: Turn, handle: string, key: Record<string, string>, list: { id: string; reasons: unknown }[]) => {
    const refs: Record<string, string[]> = { items: list.map(({ id }) => id) };
    turn.add({
      kind: 'group.individual',
      handle,
      key,
      rule,
      reasons: list.map(({ reasons }) => reasons) as Json,
      refs,
    });
  };
  const withIds = (list: Member[]) => list.map(({ item, reasons }) => ({ id: places.get(item)!.id, reasons }));
  const changed = before.filter(({ handle, members: old, rule: oldRule }) => {
    const list = wanted.get(handle) ?? [];
    if (list.length === 0 && old.length === 0) return false;
    return (
      oldRule !== rule ||
      !sameJson(
        old.map(({ item, reasons }) => ({ item, reasons })),
        list,
      )
    );
  });
  // Members leave their old individual before they join another: an item belongs to one at a time.
  const leaving = changed.flatMap(({ handle, members: old }) => {
    const stays = new Set((wanted.get(handle) ?? []).map(({ item }) => item));
    const left = old.filter(({ item }) => stays.has(item));
    return left.length === old.length ? [] : [{ handle, left }];
  });
  const first = (list: Member[]): number => places.get(list[0]!.item)!.position;
  return [
    ...leaving.map(
      ({ handle, left }): Act =>
        (turn) =>
          add(turn, handle, keyOfTarget(handle), left),
    ),
    ...changed
      .filter(({ handle }) => wanted.has(handle))
      .map(
        ({ handle }): Act =>
          (turn) =>
            add(turn, handle, keyOfTarget(handle), withIds(wanted.get(handle)!)),
      ),
    ...[...wanted]
      .filter(([target]) => !known.has(target))
      .toSorted(([, a], [, b]) => first(a) - first(b))
      .map(
        ([target, list]): Act =>
          (turn) =>
            // A split has its handle from the person's act; a key that is new gets the next.
            add(turn, isHandle(target) ? target : turn.next('I'), keyOfTarget(target), withIds(list)),
      ),
  ];
}
