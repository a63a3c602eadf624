// Safe viewing: a neutral tile until somebody asks; small and grey first; shown only while Space or the button is held;
// gone on Esc, when the page loses the focus, and when nothing happens. Every asking is a record before it is a picture.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import type { CSSProperties, PointerEvent, ReactNode } from 'react';
import type { TileView } from '../../case/work-views.ts';
import type { OwnViewing } from '../../protect/viewing.ts';
import { ApiError, send } from '../api.ts';
import { useLanguage } from '../language.tsx';
import { Choice } from './form.tsx';
import { Mark } from './marks.tsx';
import { Counted, Literal, Say } from './text.tsx';

interface Revealed {
  address: string;
  width: number;
  height: number;
  seconds: number;
  record: number;
  own: OwnViewing;
}

interface Mode {
  colour: boolean;
  side: 240 | 640 | 1280;
}

const first: Mode = { colour: false, side: 240 };
/** Hidden when nothing has been pressed or moved for so long. */
const idleMs = 20_000;
/** A touch in passing asks for nothing. */
const holdMs = 250;
const purposes = ['compare', 'category', 'condition', 'report', 'other'] as const;
export type Purpose = (typeof purposes)[number];

/** How a screen looks at the picture, where it does more than show it. Nothing of the picture is handed to it. */
export interface Lens {
  /** Of what holds the picture: moved, larger, turned. */
  style: CSSProperties;
  /** Drawn over the picture, in fractions of it. */
  overlay: ReactNode;
  /** The pointer draws, and does not ask to see: Space does. */
  drawing: boolean;
  /** Where the pointer is, with the box that holds the picture; while drawing, or while it shows the picture. */
  onPointer: (event: PointerEvent, paper: HTMLElement, began: boolean) => void;
  /** Turned towards oneself (positive) or away, while the picture is shown. */
  onWheel: (delta: number) => void;
}

interface RevealParts {
  /** Says in words what it is. */
  tile: TileView;
  lens?: Lens;
  /** Several pictures for one purpose, and how to see them said once, under this id. */
  shared?: { purpose: Purpose; how: string };
}

/** What somebody looks at pictures for. */
export function PurposeChoice({
  purpose,
  onPurpose,
}: {
  purpose: Purpose;
  onPurpose: (purpose: Purpose) => void;
}): ReactNode {
  const { m } = useLanguage();
  return (
    <Choice
      label={m.reveal.purpose}
      value={purpose}
      options={purposes.map((name) => [name, m.reveal.purposes[name]])}
      onValue={onPurpose}
    />
  );
}

/** One picture, hidden. */
export function Reveal({ tile, lens, shared }: RevealParts): ReactNode {
  const { m } = useLanguage();
  const id = useId();
  const queries = useQueryClient();
  const [chosen, setPurpose] = useState<Purpose>('compare');
  const purpose = shared?.purpose ?? chosen;
  const [shown, setShown] = useState<(Revealed & { mode: Mode; until: number }) | null>(null);
  const [held, setHeld] = useState(false);
  const [asking, setAsking] = useState(false);
  const [step, setStep] = useState<Mode | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const stage = useRef<HTMLButtonElement>(null);
  const paper = useRef<HTMLSpanElement>(null);
  const busy = useRef(false);
  const holding = useRef<ReturnType<typeof setTimeout>>(undefined);

  /** Drops the picture itself: to see it again it has to be asked for again. */
  const drop = useCallback((): void => {
    setShown(null);
    setHeld(false);
  }, []);

  const ask = useCallback(
    async (mode: Mode, confirmed = false): Promise<void> => {
      if (busy.current) return;
      busy.current = true;
      setAsking(true);
      setProblem(null);
      setShown(null);
      try {
        const body = { purpose, ...mode, confirmed };
        const answer = await send<Revealed>('POST', `/api/items/${tile.item}/reveal`, body);
        setStep(null);
        setShown({ ...answer, mode, until: Date.now() + answer.seconds * 1000 });
        void queries.invalidateQueries({ queryKey: ['viewing'] });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.reason === 'second-step') setStep(mode);
        else setProblem(error);
        setHeld(false);
      } finally {
        busy.current = false;
        setAsking(false);
      }
    },
    [purpose, queries, tile.item],
  );

  const press = useCallback(
    (after = holdMs): void => {
      if (step !== null) return;
      setHeld(true);
      clearTimeout(holding.current);
      if (shown === null) holding.current = setTimeout(() => void ask(first), after);
    },
    [ask, shown, step],
  );
  const release = useCallback((): void => {
    clearTimeout(holding.current);
    setHeld(false);
  }, []);
  useEffect(() => () => clearTimeout(holding.current), []);

  useEffect(() => {
    if (shown === null) return undefined;
    const end = setTimeout(drop, Math.max(0, shown.until - Date.now()));
    let idle = setTimeout(drop, idleMs);
    const alive = (): void => {
      clearTimeout(idle);
      idle = setTimeout(drop, idleMs);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') drop();
      else alive();
    };
    const away = (): void => {
      if (document.hidden) drop();
    };
    addEventListener('keydown', escape);
    addEventListener('pointermove', alive);
    addEventListener('blur', drop);
    document.addEventListener('visibilitychange', away);
    return () => {
      clearTimeout(end);
      clearTimeout(idle);
      removeEventListener('keydown', escape);
      removeEventListener('pointermove', alive);
      removeEventListener('blur', drop);
      document.removeEventListener('visibilitychange', away);
    };
  }, [drop, shown]);

  // Space anywhere on the page, where nothing that takes it is in focus.
  useEffect(() => {
    const takes = (target: EventTarget | null): boolean =>
      target instanceof Element &&
      target.closest('.stage') === null &&
      target.closest('a, button, input, select, textarea, summary, dialog') !== null;
    const down = (event: KeyboardEvent): void => {
      if (event.key !== ' ' || takes(event.target) || document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      if (!event.repeat) press();
    };
    const up = (event: KeyboardEvent): void => {
      if (event.key === ' ') release();
    };
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    return () => {
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
    };
  }, [press, release]);

  const visible = shown !== null && held;
  const own = shown?.own;
  const onWheel = useRef(lens?.onWheel);
  onWheel.current = lens?.onWheel;
  useEffect(() => {
    const node = stage.current;
    if (!visible || node === null || onWheel.current === undefined) return undefined;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      onWheel.current?.(event.deltaY);
    };
    node.addEventListener('wheel', turn, { passive: false });
    return () => node.removeEventListener('wheel', turn);
  }, [visible]);
  const point = (event: PointerEvent, began: boolean): void => {
    if (lens === undefined || paper.current === null || !(visible || lens.drawing)) return;
    lens.onPointer(event, paper.current, began);
  };
  return (
    <div className="reveal stack">
      <button
        ref={stage}
        type="button"
        className={visible ? 'stage open' : 'stage'}
        aria-describedby={shared?.how ?? `${id}-how`}
        onPointerDown={(event) => {
          point(event, true);
          if (lens?.drawing !== true) press();
        }}
        onPointerMove={(event) => point(event, false)}
        onPointerUp={release}
        onPointerCancel={release}
        onPointerLeave={() => lens?.drawing !== true && release()}
        onContextMenu={(event) => event.preventDefault()}
        // For whoever cannot hold a key: Enter shows, and Enter hides.
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.repeat) return;
          event.preventDefault();
          if (held) release();
          else press(0);
        }}
        // The keyboard's click is its own affair: Space is held, not pressed.
        onClick={(event) => event.preventDefault()}
      >
        {/* Loaded once and hidden by its parent, since its address answers once. Photographs are never mirrored. */}
        {shown !== null && (
          <span ref={paper} className="paper" dir="ltr" hidden={!held} style={lens?.style}>
            <img
              key={shown.address}
              src={shown.address}
              width={shown.width}
              height={shown.height}
              alt={m.reveal.alt}
              draggable={false}
            />
            {lens?.overlay}
          </span>
        )}
        {!visible && (
          <span className="words">
            <strong>{asking ? m.reveal.asking : m.reveal.hold}</strong>
            <span>
              {m.categories[tile.category]}
              {tile.number !== null && (
                <>
                  {m.app.comma}
                  <Literal>{tile.number}</Literal>
                </>
              )}
            </span>
          </span>
        )}
      </button>
      {shared === undefined && (
        <p id={`${id}-how`} className="soft small">
          {m.reveal.how}
        </p>
      )}
      <div className="row">
        {shared === undefined && <PurposeChoice purpose={purpose} onPurpose={setPurpose} />}
        {shown !== null && (
          <>
            <button
              type="button"
              className="button"
              onClick={() => void ask({ ...shown.mode, colour: !shown.mode.colour })}
            >
              <span>{shown.mode.colour ? m.reveal.grey : m.reveal.colour}</span>
            </button>
            {shown.mode.side < 1280 && (
              <button
                type="button"
                className="button"
                onClick={() => void ask({ ...shown.mode, side: shown.mode.side === 240 ? 640 : 1280 })}
              >
                <span>{m.reveal.larger}</span>
              </button>
            )}
          </>
        )}
      </div>
      <div role="status" className="stack">
        {step !== null && (
          <div className="stack step">
            <Mark kind="problem">
              <Say text={m.reveal.second} category={m.categories[tile.category]} />
            </Mark>
            <div className="row">
              <button type="button" className="button" onClick={() => void ask(step, true)}>
                <span>{m.reveal.yes}</span>
              </button>
              <button type="button" className="button" onClick={() => setStep(null)}>
                <span>{m.reveal.no}</span>
              </button>
            </div>
          </div>
        )}
        {problem !== null && (
          <Mark kind="problem">
            {problem.reason === 'budget-day'
              ? m.reveal.budgetDay
              : problem.reason === 'budget-days'
                ? m.reveal.budgetDays
                : problem.status === 403
                  ? m.reveal.notAllowed
                  : m.reveal.failed}
          </Mark>
        )}
        {shown !== null && own !== undefined && (
          <p className="soft small">
            <Say
              text={m.reveal.recorded}
              n={<bdi>{shown.record}</bdi>}
              today={<Counted phrase={m.reveal.today} n={own.today} />}
              all={<bdi>{own.limits.perDay}</bdi>}
            />
          </p>
        )}
        {own?.pause === true && <Mark kind="waiting">{m.reveal.pause}</Mark>}
      </div>
    </div>
  );
}
