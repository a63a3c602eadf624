// What one has looked at oneself: for the person alone, without a comparison with anybody.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { OwnViewing } from '../../../protect/viewing.ts';
import { read } from '../../api.ts';
import { useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Literal, Say } from '../../parts/text.tsx';
import { Welfare } from './welfare.tsx';

/** The screen. */
export function ViewingScreen(): ReactNode {
  const { m } = useLanguage();
  const door = useDoor();
  const { data, error, refetch } = useQuery({
    queryKey: ['viewing', 'mine'],
    queryFn: async ({ signal }) => read<OwnViewing>('/api/viewing/mine', signal),
    staleTime: 0,
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { today, days, minutes, pause, perDay, limits } = data;
  const of = (n: number, all: number): ReactNode => (
    <Say text={m.viewing.of} n={<Count n={n} />} all={<Count n={all} />} />
  );
  return (
    <div className="screen stack">
      <h1>{m.viewing.name}</h1>
      <p className="lead soft">{m.viewing.text}</p>
      <dl className="facts-list stack">
        <div>
          <dt>{m.viewing.today}</dt>
          <dd>{of(today, limits.perDay)}</dd>
        </div>
        <div>
          <dt>{m.viewing.days}</dt>
          <dd>{of(days, limits.days)}</dd>
        </div>
        <div>
          <dt>{m.viewing.minutes}</dt>
          <dd>{of(minutes, limits.pauseMinutes)}</dd>
        </div>
      </dl>
      {pause && <Mark kind="waiting">{m.reveal.pause}</Mark>}
      <Section title={m.viewing.lately}>
        {perDay.length === 0 ? (
          <p className="soft">{m.viewing.nothing}</p>
        ) : (
          <Table
            label={m.viewing.lately}
            columns={[
              { title: m.viewing.day, kind: 'handle' },
              { title: m.viewing.pictures, kind: 'figure' },
            ]}
            rows={perDay.map(({ day, count }) => ({
              key: day,
              cells: [<Literal key="day">{day}</Literal>, <Count key="count" n={count} />],
            }))}
          />
        )}
      </Section>
      {door?.person?.roles.includes('welfare-lead') === true && <Welfare />}
      <p className="soft">{m.viewing.truth}</p>
    </div>
  );
}
