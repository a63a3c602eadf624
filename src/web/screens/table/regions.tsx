// What is marked on a picture: the notes, each with where its rectangle lies, drawn without the picture.
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RegionView } from '../../../case/work-views.ts';
import { call } from '../../api.ts';
import { isFor, useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, useAct } from '../../parts/form.tsx';
import { Foreign, Literal } from '../../parts/text.tsx';
import './table.css';

/** A region's handle as it is drawn on the picture: its number. */
export const regionName = (handle: string): string => String(Number(handle.slice(2)));

/** Where a rectangle lies: the outline of the picture, and it. */
function Where({ box: [x, y, width, height] }: Pick<RegionView, 'box'>): ReactNode {
  return (
    <svg className="where" viewBox="-0.02 -0.02 1.04 1.04" aria-hidden="true" focusable="false">
      <rect width="1" height="1" className="whole" />
      <rect x={x} y={y} width={width} height={height} className="part" />
    </svg>
  );
}

export function RegionList({ item, regions }: { item: string; regions: readonly RegionView[] }): ReactNode {
  const { m, time } = useLanguage();
  const queries = useQueryClient();
  const { error, run } = useAct();
  const mayChange = isFor(useDoor(), ['analyst', 'lead']);
  return (
    <>
      <ul className="region-list">
        {regions.map(({ region, box, note, by, at }) => (
          <li key={region}>
            <Where box={box} />
            <div>
              <p>
                <Literal>{region}</Literal> <Foreign>{note}</Foreign>
              </p>
              <p className="soft small">
                <Foreign>{by}</Foreign>
                {m.app.comma}
                <bdi>{time(at)}</bdi>
              </p>
              {mayChange && (
                <ActButton
                  label={m.lightTable.withdrawNamed.replace('{region}', region)}
                  onClick={() =>
                    run(async () => {
                      await call('DELETE /api/regions/{region}', { params: { region } });
                      await queries.invalidateQueries({ queryKey: ['item', item] });
                    })
                  }
                >
                  {m.lightTable.withdraw}
                </ActButton>
              )}
            </div>
          </li>
        ))}
      </ul>
      <ActError error={error} />
    </>
  );
}
