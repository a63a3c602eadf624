// A picture in the place of a picture: three to six words on paper. No picture is behind it, and none is on its way.
import type { ReactNode } from 'react';
import type { TileView } from '../../case/work-views.ts';
import { useLanguage } from '../language.tsx';
import { Link } from '../router.tsx';
import { Shape } from './marks.tsx';
import { Foreign, Literal } from './text.tsx';

/** What a tile says, in its link to the item. `chosen`: for an act on many. */
export function Tile({ tile, chosen = false }: { tile: TileView; chosen?: boolean }): ReactNode {
  const { m } = useLanguage();
  const { item, number, category, sorted, state, taken, copies } = tile;
  return (
    <Link to={`/items/${item}`} className={`tile ${state}`}>
      <strong>
        {chosen && (
          <span className="check-mark">
            <Shape kind="accepted" />
            <span className="spoken">{m.tags.isChosen}</span>
          </span>
        )}
        {number === null ? <span className="soft">{m.tile.unnumbered}</span> : <Foreign>{number}</Foreign>}
      </strong>
      <span className="mark">
        <Shape kind={sorted ? 'accepted' : 'proposed'} />
        <span>{m.categories[category]}</span>
      </span>
      <span className="soft small">
        {m.tile.states[state]}
        {copies > 0 && (
          <>
            {' '}
            <bdi>+{copies}</bdi>
          </>
        )}
      </span>
      <span className="soft small">
        <Literal>{taken === null ? item : taken.slice(11, 16)}</Literal>
      </span>
    </Link>
  );
}
