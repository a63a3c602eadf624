// What whoever looks after people sees: totals by day without names, and the limits, which are theirs to set.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { categories } from '../../../case/views.ts';
import type { ViewingLimits } from '../../../protect/viewing.ts';
import { ApiError, read, send } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Counted, Foreign, Literal } from '../../parts/text.tsx';

interface Totals {
  days: { day: string; people: number; pictures: number; most: number }[];
  withheld: number;
  limits: ViewingLimits;
}

const numbers = ['perDay', 'days', 'pauseMinutes', 'seconds', 'keepDays'] as const;

/** The form by which limits are set. */
export function Limits({ limits }: { limits: ViewingLimits }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(limits);
  const [told, setTold] = useState<'' | 'kept' | ApiError>('');
  const submit = async (): Promise<void> => {
    try {
      await send('PUT', '/api/viewing/limits', draft);
      setTold('kept');
      await queries.invalidateQueries({ queryKey: ['viewing'] });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setTold(error);
    }
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {numbers.map((name) => (
        <div key={name} className="field">
          <label htmlFor={`limit-${name}`}>{m.welfare.names[name]}</label>
          <input
            id={`limit-${name}`}
            className="input"
            type="number"
            dir="ltr"
            min={1}
            required
            value={draft[name]}
            onChange={(event) => setDraft({ ...draft, [name]: event.target.valueAsNumber })}
          />
        </div>
      ))}
      <fieldset>
        <legend>{m.welfare.secondStep}</legend>
        {categories.map((category) => (
          <label key={category} className="check">
            <input
              type="checkbox"
              checked={draft.secondStep.includes(category)}
              onChange={(event) =>
                setDraft({
                  ...draft,
                  secondStep: event.target.checked
                    ? [...draft.secondStep, category]
                    : draft.secondStep.filter((one) => one !== category),
                })
              }
            />
            <span>{m.categories[category]}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" className="button chosen">
        <span>{m.welfare.keep}</span>
      </button>
      <p role="status">
        {told === 'kept' && <Mark kind="done">{m.welfare.kept}</Mark>}
        {told instanceof ApiError && (
          <Mark kind="problem">
            <Foreign>{told.message}</Foreign>
          </Mark>
        )}
      </p>
    </form>
  );
}

/** The part of the screen that is for the welfare lead. */
export function Welfare(): ReactNode {
  const { m } = useLanguage();
  const { data, error, refetch } = useQuery({
    queryKey: ['viewing', 'totals'],
    queryFn: async ({ signal }) => read<Totals>('/api/viewing/totals', signal),
    staleTime: 0,
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <Section title={m.welfare.totals} lead={m.welfare.totalsText}>
        {data.days.length > 0 && (
          <Table
            label={m.welfare.totals}
            columns={[
              { title: m.viewing.day, kind: 'handle' },
              { title: m.welfare.people, kind: 'figure' },
              { title: m.viewing.pictures, kind: 'figure' },
              { title: m.welfare.most, kind: 'figure' },
            ]}
            rows={data.days.map(({ day, people, pictures, most }) => ({
              key: day,
              cells: [
                <Literal key="day">{day}</Literal>,
                <Count key="people" n={people} />,
                <Count key="pictures" n={pictures} />,
                <Count key="most" n={most} />,
              ],
            }))}
          />
        )}
        <p className="soft">
          <Counted phrase={m.welfare.withheld} n={data.withheld} />
        </p>
      </Section>
      <Section title={m.welfare.limits} lead={m.welfare.limitsText}>
        <Limits limits={data.limits} />
      </Section>
    </>
  );
}
