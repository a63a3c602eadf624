// Choosing many tiles, by key or by press, and what is done with them: a tag put on or taken off in one act, or a look at a
// few side by side.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useId, useMemo, useRef, useState } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import type { TimelineChoices } from '../../../case/work-views.ts';
import { call, read } from '../../api.ts';
import type { Tagged } from '../../api-types.ts';
import { isFor, useDoor } from '../../door.ts';
import { useActs } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, useAct } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Count, Counted, Foreign, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { mostPanes, tableOf } from '../table/address.ts';

/** The most that is chosen at once: what one request takes. */
export const mostChosen = 10_000;

export interface Choosing {
  /** A press chooses, and does not open. */
  on: boolean;
  setOn: (on: boolean) => void;
  chosen: ReadonlySet<string>;
  full: boolean;
  clear: () => void;
  onClick: (event: MouseEvent) => void;
}

/** `itemsBetween`: the handles from one place of the list to another, both included. */
export function useChoosing(itemsBetween: (from: number, to: number) => Promise<string[]>): Choosing {
  const { m } = useLanguage();
  const [on, setOn] = useState(false);
  const [full, setFull] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<number | null>(null);
  const between = useRef(itemsBetween);
  between.current = itemsBetween;

  const toggle = useCallback(async (target: Element | null, range: boolean): Promise<void> => {
    const cell = target?.closest<HTMLElement>('.months [data-index]');
    const index = Number(cell?.dataset['index'] ?? Number.NaN);
    const item = cell?.dataset['item'];
    if (Number.isNaN(index) || item === undefined) return;
    const from = anchor.current;
    anchor.current = index;
    if (!range || from === null) {
      setChosen((now) => new Set(now.has(item) ? [...now].filter((one) => one !== item) : [...now, item]));
      return;
    }
    const added = await between.current(Math.min(from, index), Math.max(from, index));
    setChosen((now) => {
      const all = [...new Set([...now, ...added])];
      setFull(all.length > mostChosen);
      return new Set(all.slice(0, mostChosen));
    });
  }, []);
  const clear = useCallback((): void => {
    setChosen(new Set());
    setFull(false);
    anchor.current = null;
  }, []);
  useActs(
    useMemo(
      () => [
        {
          id: 'timeline.choose',
          key: 'x',
          name: m.tags.choose,
          run: (shift: boolean) => void toggle(document.activeElement, shift),
        },
        { id: 'timeline.choose-none', key: 'n', name: m.tags.clear, run: clear },
      ],
      [clear, m, toggle],
    ),
  );
  return {
    on,
    setOn,
    chosen,
    full,
    clear,
    onClick: (event) => {
      if (!(on || event.shiftKey) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      void toggle(event.target as Element, event.shiftKey);
    },
  };
}

/** How to choose, and what is done with what is chosen. */
export function ChoiceBar({ choosing }: { choosing: Choosing }): ReactNode {
  const { m } = useLanguage();
  const { on, setOn, chosen, full, clear } = choosing;
  const id = useId();
  const queries = useQueryClient();
  const looks = isFor(useDoor(), ['analyst', 'lead']);
  const [tag, setTag] = useState('');
  const [did, setDid] = useState<(Tagged & { removed: boolean }) | null>(null);
  const { busy, error, run } = useAct();
  const { data } = useQuery({
    queryKey: ['choices'],
    queryFn: async ({ signal }) => read<TimelineChoices>('/api/timeline/choices', signal),
  });
  const put = (removed: boolean): void =>
    run(async () => {
      setDid(null);
      const answer = await call('POST /api/tags', {
        body: { tag, items: [...chosen], removed },
        key: crypto.randomUUID(),
      });
      setDid({ ...answer, removed });
      clear();
      await queries.invalidateQueries();
    });
  return (
    <section className="choice-bar stack" aria-label={m.tags.bar}>
      <div className="row">
        <button type="button" className="button" aria-pressed={on} title={m.tags.how} onClick={() => setOn(!on)}>
          <span>{m.tags.mode}</span>
        </button>
        <span role="status">
          <Counted phrase={m.tags.selected} n={chosen.size} />
        </span>
        {chosen.size > 0 && (
          <>
            <ActButton onClick={clear}>{m.tags.clear}</ActButton>
            {looks && chosen.size <= mostPanes && (
              <Link to={tableOf([...chosen])} className="button">
                <span>{m.lightTable.open}</span>
              </Link>
            )}
          </>
        )}
      </div>
      {full && (
        <Mark kind="problem">
          <Say text={m.tags.tooMany} n={<Count n={mostChosen} />} />
        </Mark>
      )}
      {chosen.size > 0 && (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            put(false);
          }}
        >
          <label htmlFor={id}>{m.tags.tag}</label>
          <input
            id={id}
            className="input"
            dir="auto"
            list={`${id}-known`}
            autoComplete="off"
            required
            maxLength={60}
            value={tag}
            onChange={(event) => setTag(event.target.value)}
          />
          <datalist id={`${id}-known`}>
            {data?.tags.map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <ActButton first type="submit" busy={busy}>
            {m.tags.put}
          </ActButton>
          <ActButton busy={busy} onClick={() => tag.trim() !== '' && put(true)}>
            {m.tags.takeOff}
          </ActButton>
        </form>
      )}
      <ActError error={error} />
      <div role="status">
        {did !== null && (
          <Mark kind="done">
            <Counted
              phrase={did.removed ? m.tags.takenOff : m.tags.putOn}
              n={did.changed}
              tag={<Foreign>{did.tag}</Foreign>}
            />
          </Mark>
        )}
      </div>
    </section>
  );
}
