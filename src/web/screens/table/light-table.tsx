// The light table: up to four pictures side by side, hidden until asked for, looked at alike; rectangles are marked on them.
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useActs } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { PurposeChoice, type Purpose } from '../../parts/reveal.tsx';
import { Link, useAddress } from '../../router.tsx';
import '../items/item.css';
import { itemsIn } from './address.ts';
import { Pane } from './pane.tsx';
import './table.css';
import { changeViews, plainView, type Change } from './view.ts';

const step = 0.1;

const quarters = { up: 0, right: 90, down: 180, left: 270 } as const;

/** Drawn, since not every machine has a letter for each arrow. */
function Arrow({ to }: { to: keyof typeof quarters }): ReactNode {
  return (
    <svg className="turn" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d="M8 13V3.5M4 7.5l4-4 4 4"
        transform={`rotate(${String(quarters[to])} 8 8)`}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
    </svg>
  );
}

/** An arrow around a quarter: no face that comes along has one. */
function Turn({ right = false }: { right?: boolean }): ReactNode {
  return (
    <svg className={right ? 'turn right' : 'turn'} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d="M3.5 5.5A5.5 5.5 0 1 1 2.6 9M3.2 1.8v4h4" fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

/** The screen. */
export function LightTableScreen(): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const items = itemsIn(query);
  const words = m.lightTable;
  return (
    <div className="screen light-table">
      <h1>{words.title}</h1>
      <p className="lead soft">{words.text}</p>
      {items.length === 0 ? (
        <p>
          {words.none} <Link to="/timeline">{m.timeline.title}</Link>
        </p>
      ) : (
        <Panes key={items.join()} items={items} />
      )}
    </div>
  );
}

function Panes({ items }: { items: readonly string[] }): ReactNode {
  const { m } = useLanguage();
  const words = m.lightTable;
  const [views, setViews] = useState(() => items.map(() => plainView));
  const [linked, setLinked] = useState(() => items.map(() => true));
  const [active, setActive] = useState(0);
  const [purpose, setPurpose] = useState<Purpose>('compare');
  const acts = useMemo(() => {
    const change = (to: Change) => (): void => setViews((now) => changeViews(now, linked, active, to));
    const all: { id: string; key: string; name: string; run: () => void }[] = [
      { id: 'table.larger', key: '+', name: words.larger, run: change({ zoom: 1.25 }) },
      { id: 'table.smaller', key: '-', name: words.smaller, run: change({ zoom: 0.8 }) },
      { id: 'table.right', key: 'r', name: words.turnRight, run: change({ turn: 90 }) },
      { id: 'table.left', key: 'l', name: words.turnLeft, run: change({ turn: -90 }) },
      { id: 'table.bit-right', key: ']', name: words.bitRight, run: change({ turn: 2 }) },
      { id: 'table.bit-left', key: '[', name: words.bitLeft, run: change({ turn: -2 }) },
      { id: 'table.move-left', key: 'ArrowLeft', name: words.moveLeft, run: change({ x: -step, y: 0 }) },
      { id: 'table.move-right', key: 'ArrowRight', name: words.moveRight, run: change({ x: step, y: 0 }) },
      { id: 'table.move-up', key: 'ArrowUp', name: words.moveUp, run: change({ x: 0, y: -step }) },
      { id: 'table.move-down', key: 'ArrowDown', name: words.moveDown, run: change({ x: 0, y: step }) },
      { id: 'table.reset', key: 'z', name: words.reset, run: change('reset') },
      {
        id: 'table.link',
        key: 'u',
        name: words.linked,
        run: () => setLinked((now) => now.map((on, i) => (i === active ? !on : on))),
      },
    ];
    const choose = items.map((item, i) => ({
      id: `table.pane-${String(i + 1)}`,
      key: String(i + 1),
      name: `${words.choose} ${item}`,
      run: () => setActive(i),
    }));
    return { all, choose };
  }, [active, items, linked, words]);
  useActs(useMemo(() => [...acts.all, ...acts.choose], [acts]));
  const button = (id: string, sign: ReactNode): ReactNode => {
    const act = acts.all.find((one) => one.id === id)!;
    return (
      <button type="button" className="button" aria-label={act.name} title={act.name} onClick={act.run}>
        <span>{sign}</span>
      </button>
    );
  };
  return (
    <>
      <p id="table-how" className="soft small">
        {words.how}
      </p>
      <div className="row">
        <PurposeChoice purpose={purpose} onPurpose={setPurpose} />
        {/* Signs point as the pictures do, which are never mirrored. */}
        <div className="row tools" role="group" aria-label={words.tools} dir="ltr">
          {button('table.larger', '+')}
          {button('table.smaller', '−')}
          {button('table.left', <Turn />)}
          {button('table.right', <Turn right />)}
          {button('table.move-left', <Arrow to="left" />)}
          {button('table.move-up', <Arrow to="up" />)}
          {button('table.move-down', <Arrow to="down" />)}
          {button('table.move-right', <Arrow to="right" />)}
        </div>
        <button type="button" className="button" onClick={acts.all.find(({ id }) => id === 'table.reset')!.run}>
          <span>{words.reset}</span>
        </button>
      </div>
      <ul className={`panes of-${String(items.length)}`}>
        {items.map((item, i) => (
          <Pane
            key={item}
            item={item}
            n={i + 1}
            view={views[i] ?? plainView}
            active={i === active}
            linked={linked[i] ?? true}
            shared={{ purpose, how: 'table-how' }}
            onActive={() => setActive(i)}
            onLinked={(on) => setLinked((now) => now.map((one, k) => (k === i ? on : one)))}
            onChange={(to) => setViews((now) => changeViews(now, linked, i, to))}
          />
        ))}
      </ul>
    </>
  );
}
