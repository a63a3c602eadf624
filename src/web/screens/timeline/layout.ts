// Where everything stands on the timeline: months with reserved heights, tiles of one size, so that a place among 55,000 is
// arithmetic and nothing moves when its words come. Pure.

export interface Month {
  month: string;
  count: number;
}

export interface Measures {
  /** Of the room there is. */
  width: number;
  /** The least width of a tile, the height of a tile, the gap between tiles, the height of a month's heading. */
  tile: number;
  row: number;
  gap: number;
  heading: number;
}

export interface PlacedMonth extends Month {
  /** The number of its first picture among all. */
  first: number;
  top: number;
  height: number;
}

export interface Layout {
  columns: number;
  tileWidth: number;
  rowHeight: number;
  heading: number;
  gap: number;
  height: number;
  months: PlacedMonth[];
}

export function layOut(months: readonly Month[], { width, tile, row, gap, heading }: Measures): Layout {
  const columns = Math.max(1, Math.floor((width + gap) / (tile + gap)));
  const rowHeight = row + gap;
  let [top, first] = [0, 0];
  const placed = months.map(({ month, count }): PlacedMonth => {
    const height = heading + Math.ceil(count / columns) * rowHeight + gap;
    const one = { month, count, first, top, height };
    top += height;
    first += count;
    return one;
  });
  return {
    columns,
    tileWidth: (width - gap * (columns - 1)) / columns,
    rowHeight,
    heading,
    gap,
    height: top,
    months: placed,
  };
}

export interface VisibleMonth extends PlacedMonth {
  /** Pictures of it that are in sight, by their numbers within it: from, and up to but without. */
  from: number;
  to: number;
}

/** What is in sight between two heights, with a screen's share before and after it. */
export function inSight(layout: Layout, from: number, to: number): VisibleMonth[] {
  return layout.months
    .filter(({ top, height }) => top + height > from && top < to)
    .map((month): VisibleMonth => {
      const rowAt = (y: number): number => Math.floor((y - month.top - layout.heading) / layout.rowHeight);
      const begin = Math.max(0, rowAt(from)) * layout.columns;
      const end = Math.min(month.count, Math.max(0, rowAt(to) + 1) * layout.columns);
      return { ...month, from: Math.min(begin, month.count), to: end };
    });
}

/** The height at which picture number `index` stands. */
export function topOf(layout: Layout, index: number): number {
  const month = layout.months.findLast(({ first }) => first <= index);
  if (month === undefined) return 0;
  return month.top + layout.heading + Math.floor((index - month.first) / layout.columns) * layout.rowHeight;
}

/** The number to which an arrow leads: along the row, or the same place in the row above or below. */
export function stepFrom(layout: Layout, index: number, step: 'next' | 'previous' | 'up' | 'down'): number {
  const total = layout.months.reduce((sum, { count }) => sum + count, 0);
  const by = { next: 1, previous: -1, up: -layout.columns, down: layout.columns }[step];
  return Math.max(0, Math.min(total - 1, index + by));
}
