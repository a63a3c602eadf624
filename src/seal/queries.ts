// What sealing's rows say: whether there is anybody to ask for the time, who has watched, who is registered, who held what, which times that
// leaves open, and how originals were found.
import type { CustodyGap, CustodyLine, CustodyView, FixityView } from '../case/custody.ts';
import type { OpenCase } from '../log/case.ts';
import type { SealTables } from './project.ts';
import { parsePartialDate, uncovered, type Period } from './span.ts';

type Indexed = Pick<OpenCase, 'index'>;

/** True where the case names a time authority that was not withdrawn since. */
export async function hasAuthority({ index }: Indexed): Promise<boolean> {
  const { rows } = await index.pool.query<{ withdrawn: boolean }>(
    'select distinct on (name collate "C") withdrawn from authority order by name collate "C", position desc',
  );
  return rows.some(({ withdrawn }) => !withdrawn);
}

/** What witnesses have cosigned: for each the checkpoint over most records, and its earliest time. By name. */
export async function witnessed({ index }: Indexed): Promise<{ witness: string; size: number; time: string }[]> {
  const { rows } = await index.pool.query<{ witness: string; size: number; time: string }>(
    'select distinct on (witness collate "C") witness, size, time from cosignature order by witness collate "C", size desc, time collate "C"',
  );
  return rows;
}

/** Holders by name, each with the newest key. */
export async function holders({ index }: Indexed): Promise<SealTables['holder'][]> {
  const { rows } = await index.pool.query<SealTables['holder']>(
    'select distinct on (name collate "C") * from holder order by name collate "C", position desc',
  );
  return rows;
}

/** How the originals were found last. */
export async function readFixity({ index }: Indexed): Promise<FixityView> {
  const whole = 'i.destroyed is null';
  const join = 'item i left join item_fixity f on f.number = substr(i.handle, 3)::bigint';
  const counts = await index.pool.query<Omit<FixityView, 'unsound'>>(
    `select count(*) as items, count(f.at) as checked, min(f.at collate "C") as oldest, max(f.at collate "C") as newest from ${join} where ${whole}`,
  );
  const unsound = await index.pool.query<FixityView['unsound'][number]>(
    `select i.handle as item, f.state, f.at, f.position as record from ${join}
     where ${whole} and f.state <> 'ok' order by i.position`,
  );
  return { ...counts.rows[0]!, unsound: unsound.rows };
}

interface Accession {
  handle: string;
  id: string;
  position: number;
  source: string;
  at: string;
  actor: string;
}

/**
 * The custodians of each accession up to `until` (RFC 3339), copies included, each line with its record, and the times that
 * the list leaves open. Custody within begins with whoever received the delivery, by their working name. `size`: by the
 * records under that checkpoint alone, for a text that is a function of it.
 */
export async function readCustody(opened: Indexed, until: string, size = 2 ** 53 - 1): Promise<CustodyView[]> {
  const { pool } = opened.index;
  const accessions = await pool.query<Accession>(
    `select a.handle, a.id, a.position, a.source, r.at, r.actor from accession a join record r on r.position = a.position
     where a.position < $1 order by a.position`,
    [size],
  );
  const claims = await pool.query<SealTables['claimed_custody']>(
    'select * from claimed_custody where position < $1 order by position',
    [size],
  );
  const events = await pool.query<SealTables['custody_event']>(
    'select * from custody_event where position < $1 order by position',
    [size],
  );
  const bundles = await pool.query<{ position: number; at: string; actor: string }>(
    `select position, at, actor from record where kind = 'report.bundle' and position < $1 order by position`,
    [size],
  );
  const destroyed = await pool.query<{
    position: number;
    at: string;
    accession: string;
    reason: string;
    items: string[];
  }>(
    `select d.position, d.at, i.accession, d.reason, array_agg(i.handle order by i.position) as items
     from deaccession d join item i on i.destroyed = d.position where d.position < $1
     group by d.position, d.at, i.accession, d.reason order by d.position`,
    [size],
  );
  const { rows: members } = await pool.query<{ handle: string; accession: string }>(
    'select handle, accession from item where handle = any($1)',
    [events.rows.flatMap(({ covers }) => covers)],
  );
  const accessionOf = new Map(members.map(({ handle, accession }) => [handle, accession]));
  return accessions.rows.map((accession) => {
    const own = events.rows.filter(({ covers }) =>
      covers.some((one) => one === 'case' || one === accession.handle || accessionOf.get(one) === accession.handle),
    );
    const claimed = claims.rows.filter((claim) => claim.accession === accession.id);
    const lines: CustodyLine[] = [
      ...claimed.map(claimedLine),
      receivedLine(accession),
      ...own.map(eventLine),
      ...bundles.rows
        .filter(({ position }) => position > accession.position)
        .map(({ position, at, actor }): CustodyLine => ({
          ...within(position, at, [actor]),
          event: 'dissemination',
          giver: actor,
          covers: ['case'],
          note: 'exported as a bundle; who has it is not recorded',
        })),
      ...destroyed.rows
        .filter((one) => one.accession === accession.handle)
        .map(({ position, at, reason, items }): CustodyLine => ({
          ...within(position, at, []),
          event: 'deaccession',
          covers: items,
          note: `originals destroyed: ${reason}`,
        })),
    ];
    const received = Date.parse(accession.at);
    const periods = [...claimed.map((claim) => claimedPeriod(claim, received)), ...recordedPeriods(accession, own)];
    const gaps = uncovered(periods, Math.max(Date.parse(until), received)).map(gapView);
    if (claimed.length === 0)
      gaps.unshift(gapView({ kind: 'gap', from: null, to: received, holders: [], records: [] }));
    return {
      accession: accession.handle,
      source: accession.source,
      lines: lines.toSorted((a, b) => startOf(a) - startOf(b) || a.record - b.record),
      gaps,
    };
  });
}

function within(
  record: number,
  from: string,
  by: string[],
): Pick<CustodyLine, 'record' | 'holder' | 'giver' | 'from' | 'to' | 'by'> {
  return { record, holder: null, giver: null, from, to: null, by };
}

function claimedLine({ position, holder, since, until, who, how }: SealTables['claimed_custody']): CustodyLine {
  return {
    record: position,
    event: 'claimed',
    holder,
    giver: null,
    from: since,
    to: until,
    by: [who],
    covers: [],
    note: how,
  };
}

function receivedLine({ handle, position, source, at, actor }: Accession): CustodyLine {
  return {
    ...within(position, at, [actor]),
    event: 'accession',
    holder: actor,
    giver: source,
    covers: [handle],
    note: null,
  };
}

function eventLine({ position, event, at, giver, taker, why, covers }: SealTables['custody_event']): CustodyLine {
  return { record: position, event, holder: taker, giver, from: at, to: null, by: [giver, taker], covers, note: why };
}

/** What is claimed to have no beginning stands first. */
function startOf({ from, to }: CustodyLine): number {
  return parsePartialDate(from ?? '')?.earliest ?? parsePartialDate(to ?? '')?.earliest ?? -Infinity;
}

/** A claim is about the time before the delivery was received, also where it names no end. */
function claimedPeriod(claim: SealTables['claimed_custody'], received: number): Period {
  const { holder, position, since, until } = claim;
  const start = since === null ? null : parsePartialDate(since);
  const end = until === null ? { earliest: -Infinity, latest: received } : parsePartialDate(until);
  return { holder, record: position, start, end };
}

/** From the accession on: each transfer of all of it ends one custody and begins another. */
function recordedPeriods(accession: Accession, events: readonly SealTables['custody_event'][]): Period[] {
  const instant = (at: number) => ({ earliest: at, latest: at });
  const received = Date.parse(accession.at);
  let holder: { name: string; record: number; from: number } = {
    name: accession.actor,
    record: accession.position,
    from: received,
  };
  const periods: Period[] = [];
  const transfers = events
    .filter(
      ({ event, covers }) => event === 'transfer' && (covers.includes('case') || covers.includes(accession.handle)),
    )
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.position - b.position);
  for (const { at, giver, taker, position } of transfers) {
    // A hand-over that is said to be older than the receipt of the delivery is shown, and ends nobody's custody.
    const when = Date.parse(at);
    if (when < holder.from) continue;
    const begun = instant(holder.from);
    if (giver === holder.name) {
      periods.push({ holder: holder.name, record: holder.record, start: begun, end: instant(when) });
    } else {
      // How it came from the one to the other is not recorded: at some time between.
      const between = { earliest: holder.from, latest: when };
      periods.push({ holder: holder.name, record: holder.record, start: begun, end: between });
      periods.push({ holder: giver, record: position, start: between, end: instant(when), unlinked: true });
    }
    holder = { name: taker, record: position, from: when };
  }
  periods.push({ holder: holder.name, record: holder.record, start: instant(holder.from), end: instant(Infinity) });
  return periods;
}

function gapView({ kind, from, to, holders: who, records }: ReturnType<typeof uncovered>[number]): CustodyGap {
  const iso = (at: number) => new Date(at).toISOString();
  return { kind, from: from === null ? null : iso(from), to: iso(to), holders: who, records };
}
