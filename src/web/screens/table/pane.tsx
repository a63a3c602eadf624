// One picture of the light table: what it is in words, the picture behind its act, and what is marked on it. What is drawn
// over the picture are lines and numbers; it holds nothing of the picture, and is there when the picture is not.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import type { ItemPage } from '../../../case/work-views.ts';
import type { Box } from '../../../group/marks.ts';
import { call, read } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, Check, Field, useAct } from '../../parts/form.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Reveal, type Lens, type Purpose } from '../../parts/reveal.tsx';
import { Counted, Literal } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { boxBetween, onPicture, transformOf, type Change, type View } from './view.ts';
import { RegionList, regionName } from './regions.tsx';

interface PaneParts {
  item: string;
  n: number;
  view: View;
  active: boolean;
  linked: boolean;
  shared: { purpose: Purpose; how: string };
  onActive: () => void;
  onLinked: (linked: boolean) => void;
  onChange: (change: Change) => void;
}

const percent = (fraction: number): string => `${String(fraction * 100)}%`;

function Rectangle({ box, name }: { box: Box; name: string }): ReactNode {
  const [x, y, width, height] = box;
  return (
    <span
      className="region"
      style={{ left: percent(x), top: percent(y), width: percent(width), height: percent(height) }}
    >
      <span>{name}</span>
    </span>
  );
}

export function Pane({ item, n, view, active, linked, shared, onActive, onLinked, onChange }: PaneParts): ReactNode {
  const { m } = useLanguage();
  const words = m.lightTable;
  const [draft, setDraft] = useState<Box | null>(null);
  const corner = useRef<readonly [number, number] | null>(null);
  const last = useRef<{ x: number; y: number } | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['item', item],
    queryFn: async ({ signal }) => read<ItemPage>(`/api/items/${item}`, signal),
  });
  if (data === undefined)
    return <li>{error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}</li>;
  const { tile, regions, destroyed } = data;

  const onPointer = (event: PointerEvent, paper: HTMLElement, began: boolean): void => {
    const point = { x: event.clientX, y: event.clientY };
    if (draft === null) {
      // Held and drawn along, the picture moves.
      if (began || last.current === null) last.current = point;
      else if (event.buttons === 1) {
        const size = { width: paper.offsetWidth, height: paper.offsetHeight };
        onChange({ x: (point.x - last.current.x) / size.width, y: (point.y - last.current.y) / size.height });
        last.current = point;
      }
      return;
    }
    const room = paper.getBoundingClientRect();
    const middle = { x: room.x + room.width / 2, y: room.y + room.height / 2 };
    const at = onPicture(point, middle, { width: paper.offsetWidth, height: paper.offsetHeight }, view);
    if (began) corner.current = at;
    else if (event.buttons === 1 && corner.current !== null) setDraft(boxBetween(corner.current, at));
  };
  const lens: Lens = {
    style: { transform: transformOf(view) },
    drawing: draft !== null,
    onPointer,
    onWheel: (delta) => onChange({ zoom: delta < 0 ? 1.1 : 1 / 1.1 }),
    overlay: (
      <span className="regions" aria-hidden="true">
        {regions.map(({ region, box }) => (
          <Rectangle key={region} box={box} name={regionName(region)} />
        ))}
        {draft !== null && <Rectangle box={draft} name="" />}
      </span>
    ),
  };
  return (
    <li className={active ? 'pane active' : 'pane'} onFocus={onActive} onPointerDown={onActive}>
      <h2>
        <kbd>{n}</kbd>{' '}
        <Link to={`/items/${item}`}>
          <Literal>{item}</Literal>
        </Link>{' '}
        {active && <span className="soft small">{words.active}</span>}
      </h2>
      {tile === null || destroyed !== null ? (
        <p className="soft">{words.noPicture}</p>
      ) : (
        <>
          <Reveal tile={tile} lens={lens} shared={shared} />
          <Check label={words.linked} checked={linked} onChecked={onLinked} />
          {draft === null ? (
            <ActButton onClick={() => setDraft([0.25, 0.25, 0.5, 0.5])}>{words.mark}</ActButton>
          ) : (
            <MarkForm item={item} box={draft} onBox={setDraft} onEnd={() => setDraft(null)} />
          )}
          {regions.length > 0 && (
            <h3>
              <Counted phrase={words.regions} n={regions.length} />
            </h3>
          )}
          <RegionList item={item} regions={regions} />
        </>
      )}
    </li>
  );
}

interface MarkParts {
  item: string;
  box: Box;
  onBox: (box: Box) => void;
  onEnd: () => void;
}

const edges = ['left', 'top', 'width', 'height'] as const;

/** The rectangle in numbers, for whoever does not draw it; and the note. */
function MarkForm({ item, box, onBox, onEnd }: MarkParts): ReactNode {
  const { m } = useLanguage();
  const words = m.lightTable;
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const { busy, error, run } = useAct();
  const whole = (fraction: number): number => Math.round(fraction * 1000) / 10;
  const set = (at: number, said: string): void => {
    const to = box.map((n, i) => (i === at ? Math.min(100, Math.max(0, Number(said))) / 100 : n)) as [
      number,
      number,
      number,
      number,
    ];
    // A rectangle that is pushed out of the picture gets smaller.
    onBox([to[0], to[1], Math.min(to[2], 1 - to[0]), Math.min(to[3], 1 - to[1])]);
  };
  return (
    <form
      className="stack mark-form"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          await call('POST /api/items/{handle}/regions', {
            params: { handle: item },
            body: { box: [...box], note },
            key: crypto.randomUUID(),
          });
          await queries.invalidateQueries({ queryKey: ['item', item] });
          onEnd();
        });
      }}
    >
      <p className="soft small">{words.markText}</p>
      <div className="row">
        {edges.map((edge, i) => (
          <Field
            key={edge}
            label={words.edges[edge]}
            type="number"
            dir="ltr"
            min={0}
            max={100}
            step={0.1}
            required
            value={String(whole(box[i] ?? 0))}
            onValue={(said) => set(i, said)}
          />
        ))}
      </div>
      <Field label={words.note} required maxLength={500} value={note} onValue={setNote} />
      <ActError error={error} />
      <div className="row">
        <ActButton first type="submit" busy={busy}>
          {m.settings.keep}
        </ActButton>
        <ActButton onClick={onEnd}>{words.leave}</ActButton>
      </div>
    </form>
  );
}
