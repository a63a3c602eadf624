// Time as people remember it: a year, a month, a day, an instant, or unknown; and which times a list of holders accounts
// for. What the dates do not tell is said to be unknown, neither a gap nor none. Pure.

/** A partial date as the time it may mean: from `earliest` up to and without `latest`, in ms since 1970, UTC. */
export interface Span {
  /** -Infinity where only the latest is known. */
  earliest: number;
  latest: number;
}

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:\d\d))?)?)?$/;

/**
 * Reads `2013`, `2013-08`, `2013-08-21`, `2013-08-21T09:30Z` (with seconds, fractions and an offset where wanted). A date
 * without a time of day is read in UTC. null on anything else, and on days that no calendar has.
 */
export function parsePartialDate(text: string): Span | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour] = match;
  if (hour !== undefined) {
    const instant = Date.parse(text);
    // The day must exist: Date.parse takes 31 June for 1 July.
    return Number.isNaN(instant) || parsePartialDate(text.slice(0, 10)) === null
      ? null
      : { earliest: instant, latest: instant };
  }
  const parts = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)] as const;
  const earliest = utc(...parts);
  const date = new Date(earliest);
  if (date.getUTCMonth() !== parts[1] || date.getUTCDate() !== parts[2]) return null;
  const [y, m, d] = parts;
  const latest = month === undefined ? utc(y + 1, 0, 1) : day === undefined ? utc(y, m + 1, 1) : utc(y, m, d + 1);
  return { earliest, latest };
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day);
}

/** Somebody's time with a thing. A bound that is not known is null. */
export interface Period {
  holder: string;
  /** Position of the record that says so. */
  record: number;
  start: Span | null;
  end: Span | null;
  /** How it came to them is not recorded: their beginning meets nobody's end. */
  unlinked?: boolean;
}

export interface Uncovered {
  kind: 'gap' | 'unknown' | 'overlap';
  /** ms since 1970, UTC; null: from no known beginning. */
  from: number | null;
  to: number;
  holders: string[];
  records: number[];
}

/**
 * What the periods leave open up to `until`, in order. Two periods that meet in one and the same span (held until May; held
 * from May) meet: the dates say no more, and no gap is made of it. Where no beginning is known, the first stretch has none.
 */
export function uncovered(periods: readonly Period[], until: number): Uncovered[] {
  // What is sure, and what is possible, of each period.
  const covers = periods.map((period) => ({
    period,
    sure: [period.start?.latest ?? Infinity, period.end?.earliest ?? -Infinity] as const,
    possible: [period.start?.earliest ?? -Infinity, period.end?.latest ?? Infinity] as const,
  }));
  const joints = periods.flatMap(({ end }, i) =>
    end !== null &&
    periods.some(({ start, unlinked }, k) => k !== i && start !== null && unlinked !== true && equal(start, end))
      ? [end]
      : [],
  );
  const bounds = periods.flatMap(({ start, end }) => [start, end]).flatMap((span) => (span === null ? [] : [span]));
  const points = [...new Set([...bounds.flatMap(({ earliest, latest }) => [earliest, latest]), until])]
    .filter((point) => Number.isFinite(point) && point <= until)
    .toSorted((a, b) => a - b);
  const begun = periods.some(({ start }) => start !== null && start.earliest === points[0]);
  const stretches = points.slice(1).map((to, i) => [points[i]!, to] as const);
  if (!begun) stretches.unshift([-Infinity, points[0]!]);
  const found: Uncovered[] = [];
  for (const [from, to] of stretches) {
    const within = ([first, last]: readonly [number, number]) => first <= from && to <= last;
    const sure = covers.filter((one) => within(one.sure));
    const possible = covers.filter((one) => within(one.possible));
    if (sure.length === 1) continue;
    // Where nobody could have had it, nobody met: the dates of a period that ends before it begins join nothing.
    if (sure.length === 0 && possible.length > 0 && joints.some(({ earliest, latest }) => within([earliest, latest]))) {
      continue;
    }
    const who = sure.length > 1 ? sure : possible;
    const kind = sure.length > 1 ? 'overlap' : possible.length > 0 ? 'unknown' : 'gap';
    const holders = who.map(({ period }) => period.holder);
    const records = who.map(({ period }) => period.record);
    const last = found.at(-1);
    if (last?.kind === kind && last.to === from && String(last.records) === String(records)) last.to = to;
    else found.push({ kind, from: from === -Infinity ? null : from, to, holders, records });
  }
  return found;
}

function equal(a: Span, b: Span): boolean {
  return a.earliest === b.earliest && a.latest === b.latest;
}
