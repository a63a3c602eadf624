// The timeline: every picture in the order of time, month by month, as tiles of words. What is out of sight is not there.
import { keepPreviousData, queryOptions, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import type { TileView, TimelineChoices, TimelineView } from '../../../case/work-views.ts';
import { read } from '../../api.ts';
import { useActs } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Count, Counted } from '../../parts/text.tsx';
import { Tile } from '../../parts/tile.tsx';
import { go, useAddress } from '../../router.tsx';
import { ChoiceBar, useChoosing } from './choosing.tsx';
import { Filters, filterOf } from './filters.tsx';
import { inSight, layOut, stepFrom, topOf } from './layout.ts';
import type { Layout } from './layout.ts';
import './timeline.css';

/** Measures of the design in rem, as pixels: they follow the size of letters that somebody has chosen. */
function useMeasures(room: RefObject<HTMLDivElement | null>): { width: number; rem: number } {
  const [size, setSize] = useState({ width: 0, rem: 16 });
  useLayoutEffect(() => {
    const node = room.current;
    if (node === null) return undefined;
    const look = (): void => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setSize((before) =>
        before.width === node.clientWidth && before.rem === rem ? before : { width: node.clientWidth, rem },
      );
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(node);
    return () => observer.disconnect();
  }, [room]);
  return size;
}

/** Which part of `room` is in sight, in its own pixels, with as much again before and after. */
function useSight(room: RefObject<HTMLDivElement | null>): { from: number; to: number } {
  const [sight, setSight] = useState({ from: 0, to: 2000 });
  useEffect(() => {
    let asked = 0;
    const look = (): void => {
      asked = 0;
      const top = room.current?.getBoundingClientRect().top ?? 0;
      setSight({ from: -top - innerHeight / 2, to: -top + innerHeight * 1.5 });
    };
    const soon = (): void => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    look();
    addEventListener('scroll', soon, { passive: true });
    addEventListener('resize', soon);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener('scroll', soon);
      removeEventListener('resize', soon);
    };
  }, [room]);
  return sight;
}

/** A page of tiles: those from one mark to the next. */
const pageOf = (view: TimelineView, filter: string, page: number) =>
  queryOptions({
    queryKey: ['tiles', filter, page, view.marks[page]],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams(filter);
      query.set('from', view.marks[page] ?? '');
      query.set('limit', String(view.step));
      return read<{ items: TileView[] }>(`/api/items?${query.toString()}`, signal);
    },
  });

function Months({ view, filter }: { view: TimelineView; filter: string }): ReactNode {
  const { m, month: monthName, code } = useLanguage();
  const room = useRef<HTMLDivElement>(null);
  const queries = useQueryClient();
  const { width, rem } = useMeasures(room);
  const sight = useSight(room);
  const wanted = useRef<number | null>(null);
  const layout = useMemo(
    () =>
      // Arabic letters stand higher.
      layOut(view.months, {
        width,
        tile: 8.5 * rem,
        row: (code === 'ar' ? 8 : 7) * rem,
        gap: 0.5 * rem,
        heading: 3 * rem,
      }),
    [view.months, width, rem, code],
  );
  const months = width === 0 ? [] : inSight(layout, sight.from, sight.to);
  const pages = [
    ...new Set(
      months.flatMap(({ first, from, to }) => {
        const [a, b] = [
          Math.floor((first + from) / view.step),
          Math.floor((first + Math.max(from, to - 1)) / view.step),
        ];
        return Array.from({ length: b - a + 1 }, (_, i) => a + i);
      }),
    ),
  ].filter((page) => page < view.marks.length);
  const tiles = useQueries({
    queries: pages.map((page) => pageOf(view, filter, page)),
    combine: (answers) => {
      const known = new Map<number, TileView>();
      for (const [i, { data }] of answers.entries())
        for (const [k, tile] of (data?.items ?? []).entries()) known.set((pages[i] ?? 0) * view.step + k, tile);
      return known;
    },
  });

  const choosing = useChoosing(async (from, to) => {
    const found: string[] = [];
    for (let page = Math.floor(from / view.step); page <= Math.floor(to / view.step); page++) {
      const { items } = await queries.fetchQuery(pageOf(view, filter, page));
      for (const [k, { item }] of items.entries()) {
        const index = page * view.step + k;
        if (index >= from && index <= to) found.push(item);
      }
    }
    return found;
  });
  const goTo = (index: number): void => {
    const node = room.current;
    if (node === null) return;
    const top = node.getBoundingClientRect().top + scrollY + topOf(layout, index);
    scrollTo({ top: Math.max(0, top - innerHeight / 3), behavior: 'instant' });
  };
  const goToMonth = (step: 1 | -1): void => {
    const top = -(room.current?.getBoundingClientRect().top ?? 0) + 1;
    const at = layout.months.findLastIndex((one) => one.top <= top + rem);
    const to = layout.months[Math.max(0, Math.min(layout.months.length - 1, at + step))];
    if (to !== undefined && room.current !== null)
      scrollTo({ top: room.current.getBoundingClientRect().top + scrollY + to.top, behavior: 'instant' });
  };
  useActs(
    useMemo(
      () => [
        { id: 'timeline.next-month', key: 'j', name: m.timeline.nextMonth, run: () => goToMonth(1) },
        { id: 'timeline.previous-month', key: 'k', name: m.timeline.previousMonth, run: () => goToMonth(-1) },
      ],
      [layout, m],
    ),
  );
  useEffect(() => {
    if (wanted.current === null) return;
    const link = room.current?.querySelector<HTMLElement>(`[data-index="${String(wanted.current)}"] a`);
    if (link === null || link === undefined) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });
  const onKey = (event: KeyboardEvent): void => {
    const from = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'];
    const rtl = document.documentElement.dir === 'rtl';
    const steps: Record<string, 'next' | 'previous' | 'up' | 'down'> = {
      ArrowRight: rtl ? 'previous' : 'next',
      ArrowLeft: rtl ? 'next' : 'previous',
      ArrowUp: 'up',
      ArrowDown: 'down',
    };
    const step = steps[event.key];
    if (from === undefined || step === undefined) return;
    event.preventDefault();
    const to = stepFrom(layout, Number(from), step);
    wanted.current = to;
    const link = room.current?.querySelector<HTMLElement>(`[data-index="${String(to)}"] a`);
    if (link !== null && link !== undefined) {
      link.focus({ preventScroll: true });
      link.scrollIntoView({ block: 'nearest' });
      wanted.current = null;
    } else goTo(to);
  };

  return (
    <>
      <div className="field jump">
        <label htmlFor="timeline-month">{m.timeline.goTo}</label>
        <select
          id="timeline-month"
          value=""
          onChange={(event) => goTo(layout.months.find(({ month }) => month === event.target.value)?.first ?? 0)}
        >
          <option value="" disabled>
            {m.timeline.month}
          </option>
          {view.months.map(({ month }) => (
            <option key={month} value={month}>
              {month === '' ? m.timeline.undated : monthName(month)}
            </option>
          ))}
        </select>
      </div>
      <div
        ref={room}
        className={choosing.on ? 'months choosing' : 'months'}
        style={{ blockSize: layout.height }}
        onKeyDown={onKey}
        onClickCapture={choosing.onClick}
      >
        {months.map(({ month, count, first, top, height, from, to }) => (
          <section key={month} style={{ insetBlockStart: top, blockSize: height }}>
            <h2>
              {month === '' ? m.timeline.undated : monthName(month)}{' '}
              <span className="soft small">
                <Count n={count} />
              </span>
            </h2>
            <ul>
              {Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k).map((n) => (
                <Cell
                  key={n}
                  layout={layout}
                  n={n}
                  index={first + n}
                  total={count}
                  tile={tiles.get(first + n)}
                  chosen={choosing.chosen}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
      <ChoiceBar choosing={choosing} />
    </>
  );
}

interface CellParts {
  layout: Layout;
  n: number;
  index: number;
  total: number;
  tile: TileView | undefined;
  chosen: ReadonlySet<string>;
}

function Cell({ layout, n, index, total, tile, chosen }: CellParts): ReactNode {
  const isChosen = tile !== undefined && chosen.has(tile.item);
  const { columns, tileWidth, rowHeight, heading, gap } = layout;
  return (
    <li
      data-index={index}
      data-item={tile?.item}
      className={isChosen ? 'chosen' : undefined}
      aria-setsize={total}
      aria-posinset={n + 1}
      style={{
        insetBlockStart: heading + Math.floor(n / columns) * rowHeight,
        insetInlineStart: (n % columns) * (tileWidth + gap),
        inlineSize: tileWidth,
        blockSize: rowHeight - gap,
      }}
    >
      {tile === undefined ? <span className="tile" /> : <Tile tile={tile} chosen={isChosen} />}
    </li>
  );
}

/** The screen. Its filter is its address, so that it can be kept and sent. */
export function TimelineScreen(): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const filter = filterOf(query).toString();
  const choices = useQuery({
    queryKey: ['choices'],
    queryFn: async ({ signal }) => read<TimelineChoices>('/api/timeline/choices', signal),
  });
  const view = useQuery({
    queryKey: ['timeline', filter],
    queryFn: async ({ signal }) => read<TimelineView>(`/api/timeline?${filter}`, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <div className="screen timeline">
      <h1>{m.timeline.title}</h1>
      <p className="lead soft">{m.timeline.text}</p>
      <Filters
        query={query}
        choices={choices.data}
        onChange={(next) => go(`/timeline${next.size === 0 ? '' : `?${next.toString()}`}`, true)}
      />
      {view.data === undefined ? (
        view.error === null ? (
          <Loading />
        ) : (
          <Failure error={view.error} onRetry={() => void view.refetch()} />
        )
      ) : (
        <>
          <p role="status">
            <Counted phrase={m.timeline.total} n={view.data.total} />
          </p>
          {view.data.total > 0 && <Months key={filter} view={view.data} filter={filter} />}
        </>
      )}
    </div>
  );
}
