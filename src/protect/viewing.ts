// How much somebody has looked at, for their own good: kept in the schema `home`, apart from the evidence log, for as long
// as whoever looks after people sets. Research names how often, day after day, before how long (n = 116, 2014), so there
// is a budget a day and one of days on end. It does not prevent trauma, and says so.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { inTransaction } from './home-schema.ts';

/** What a case allows; set by its welfare lead. */
export const limitsSchema = z.object({
  /** Pictures a day (UTC). No study gives a number: this is a place to begin from. */
  perDay: z.number().int().min(1).max(5000),
  /** Days on end on which somebody may look. */
  days: z.number().int().min(1).max(31),
  /** After so many minutes of looking without a rest a pause is proposed. */
  pauseMinutes: z.number().int().min(5).max(240),
  /** Seconds for which one picture can be seen before it has to be asked for again. */
  seconds: z.number().int().min(5).max(600),
  /** Categories that need to be asked for twice: what nobody has looked at yet, and what is worst. */
  secondStep: z.array(z.string()).max(10),
  /** Days after which what is kept here is removed. */
  keepDays: z.number().int().min(1).max(3650),
});
export type ViewingLimits = z.infer<typeof limitsSchema>;

export const firstLimits: ViewingLimits = {
  perDay: 200,
  days: 5,
  pauseMinutes: 50,
  seconds: 60,
  secondStep: ['incident', 'unclear', 'unreviewed'],
  keepDays: 90,
};

export interface ViewingPlace {
  pool: pg.Pool;
  caseId: string;
}

const dayMs = 86_400_000;
/** A rest: after it, looking begins anew. */
const restMs = 10 * 60_000;
export const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

export async function readLimits({ pool, caseId }: ViewingPlace): Promise<ViewingLimits> {
  const { rows } = await pool.query<{ limits: unknown }>('select limits from viewing_limits where case_id = $1', [
    caseId,
  ]);
  const said = limitsSchema.safeParse(rows[0]?.limits);
  return said.success ? said.data : firstLimits;
}

export async function setLimits({ pool, caseId }: ViewingPlace, limits: ViewingLimits): Promise<void> {
  await pool.query(
    `insert into viewing_limits values ($1, $2) on conflict (case_id) do update set limits = excluded.limits`,
    [caseId, JSON.stringify(limits)],
  );
}

/** What a person sees of their own looking. */
export interface OwnViewing {
  today: number;
  /** Days on end, up to today or yesterday, on which they looked at something. */
  days: number;
  /** Minutes since they began without a rest of ten minutes. */
  minutes: number;
  /** Whether it is time for a pause. */
  pause: boolean;
  /** The last 14 days, newest first. */
  perDay: { day: string; count: number }[];
  limits: ViewingLimits;
}

export async function ownViewing(place: ViewingPlace, account: string, now: number): Promise<OwnViewing> {
  const limits = await readLimits(place);
  return own(place.pool, limits, account, now);
}

/** Over all cases: a person has one pair of eyes. */
async function own(
  client: Pick<pg.ClientBase, 'query'> | pg.Pool,
  limits: ViewingLimits,
  account: string,
  now: number,
): Promise<OwnViewing> {
  const { rows: days } = await (client as pg.Pool).query<{ day: string; count: number }>(
    'select day, count(*) as count from viewing where account = $1 and at > $2 group by day order by day desc',
    [account, now - 40 * dayMs],
  );
  const { rows: times } = await (client as pg.Pool).query<{ at: number }>(
    'select at from viewing where account = $1 and at > $2 order by at desc',
    [account, now - dayMs],
  );
  const had = new Set(days.map(({ day }) => day));
  let streak = 0;
  const start = had.has(dayOf(now)) ? now : now - dayMs;
  while (had.has(dayOf(start - streak * dayMs))) streak++;
  let began = now;
  for (const { at } of times) {
    if (began - at > restMs) break;
    began = at;
  }
  const minutes = Math.floor((now - began) / 60_000);
  return {
    today: days.find(({ day }) => day === dayOf(now))?.count ?? 0,
    days: streak,
    minutes,
    pause: minutes >= limits.pauseMinutes,
    perDay: days.slice(0, 14),
    limits,
  };
}

/**
 * Takes one picture off a person's budget, or says why there is none left. One at a time for each person, so that many
 * requests at once cannot slip past. `id` is what `giveBack` takes.
 */
export async function takeViewing(
  { pool, caseId }: ViewingPlace,
  account: string,
  now: number,
): Promise<{ id: string; own: OwnViewing } | { refused: 'day' | 'days'; own: OwnViewing }> {
  const limits = await readLimits({ pool, caseId });
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`viewing ${account}`]);
    await client.query('delete from viewing where case_id = $1 and at < $2', [caseId, now - limits.keepDays * dayMs]);
    const before = await own(client, limits, account, now);
    if (before.today >= limits.perDay) return { refused: 'day', own: before };
    if (before.today === 0 && before.days >= limits.days) return { refused: 'days', own: before };
    const id = randomUUID();
    await client.query('insert into viewing values ($1, $2, $3, $4, $5, $6)', [
      id,
      caseId,
      account,
      now,
      dayOf(now),
      limits.seconds,
    ]);
    return { id, own: await own(client, limits, account, now) };
  });
}

/** What was taken and not shown after all is not counted. */
export async function giveBack({ pool }: ViewingPlace, id: string): Promise<void> {
  await pool.query('delete from viewing where id = $1', [id]);
}

/** What the welfare lead sees: totals of a day, without who. Below three people the day is left out: it would name them. */
export async function viewingTotals(
  { pool, caseId }: ViewingPlace,
  now: number,
): Promise<{ days: { day: string; people: number; pictures: number; most: number }[]; withheld: number }> {
  const { rows } = await pool.query<{ day: string; people: number; pictures: number; most: number }>(
    `select day, count(*) as people, sum(n)::bigint as pictures, max(n) as most from (
       select day, account, count(*) as n from viewing where case_id = $1 and at > $2 group by day, account) each_of
     group by day order by day desc`,
    [caseId, now - 60 * dayMs],
  );
  const shown = rows.filter(({ people }) => people >= 3);
  return { days: shown, withheld: rows.length - shown.length };
}
