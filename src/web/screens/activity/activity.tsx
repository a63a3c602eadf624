// The log, readable: what happened, about what, by whom, when; each line leads to its proof. No name of a file, no picture.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { ReactNode } from 'react';
import type { Activity } from '../../api-types.ts';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Counted, Foreign, Literal } from '../../parts/text.tsx';
import { go, Link, useAddress } from '../../router.tsx';
import './activity.css';

/** A kind of record in words; one that has none stands for itself. */
export function Kind({ kind }: { kind: string }): ReactNode {
  const { m } = useLanguage();
  const words: Readonly<Record<string, string>> = m.activity.kinds;
  return Object.hasOwn(words, kind) ? <span title={kind}>{words[kind]}</span> : <code dir="ltr">{kind}</code>;
}

/** The handles that a record is about. */
export function About({ record }: { record: NonNullable<Activity['record']> }): ReactNode {
  const { m } = useLanguage();
  if (record.about.length === 0) return '–';
  return (
    <>
      {record.about.map((handle, i) => (
        <span key={handle}>
          {i > 0 && m.app.comma}
          <Literal>{handle}</Literal>
        </span>
      ))}
      {record.more && ` ${m.activity.andMore}`}
    </>
  );
}

interface ChoiceParts {
  label: string;
  all: string;
  value: string;
  choices: readonly { value: string; text: string }[];
  onChoose: (value: string) => void;
}

function Choice({ label, all, value, choices, onChoose }: ChoiceParts): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{all}</option>
        {choices.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Filters({ kind, actor }: { kind: string; actor: string }): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const { data } = useQuery({
    queryKey: ['activity', 'filters'],
    queryFn: ({ signal }) => call('GET /api/activity/filters', { signal }),
  });
  const words: Readonly<Record<string, string>> = m.activity.kinds;
  const choose = (name: string, value: string): void => {
    const next = new URLSearchParams(query);
    if (value === '') next.delete(name);
    else next.set(name, value);
    go(next.size === 0 ? '/activity' : `/activity?${next.toString()}`, true);
  };
  return (
    <div className="row filters" role="group" aria-label={m.activity.filters}>
      <Choice
        label={m.activity.kind}
        all={m.activity.all}
        value={kind}
        choices={(data?.kinds ?? []).map((value) => ({ value, text: words[value] ?? value }))}
        onChoose={(value) => choose('kind', value)}
      />
      <Choice
        label={m.activity.actor}
        all={m.activity.everybody}
        value={actor}
        choices={(data?.actors ?? []).map((value) => ({ value, text: value }))}
        onChoose={(value) => choose('actor', value)}
      />
    </div>
  );
}

function Rows({ records }: { records: readonly Activity[] }): ReactNode {
  const { m, time, number } = useLanguage();
  if (records.length === 0) return <p>{m.activity.nothing}</p>;
  return (
    <Table
      label={m.activity.title}
      columns={[
        { title: m.activity.kind },
        { title: m.activity.about },
        { title: m.activity.actor },
        { title: m.activity.when },
        { title: m.activity.record, kind: 'figure' },
      ]}
      rows={records.map(({ position, at, record }) => ({
        key: String(position),
        cells: [
          record === null ? (
            <span key="kind" className="soft">
              {m.activity.hidden}
            </span>
          ) : (
            <Kind key="kind" kind={record.kind} />
          ),
          record === null ? '–' : <About key="about" record={record} />,
          record === null ? '–' : <Foreign key="actor">{record.actor}</Foreign>,
          <bdi key="at">{time(at)}</bdi>,
          record === null ? (
            <Count key="position" n={position} />
          ) : (
            <Link
              key="position"
              to={`/activity/${String(position)}`}
              label={m.activity.toProof.replace('{n}', number(position))}
            >
              <Count n={position} />
            </Link>
          ),
        ],
      }))}
    />
  );
}

/** The screen. */
export function ActivityScreen(): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const [kind, actor] = [query.get('kind') ?? '', query.get('actor') ?? ''];
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['activity', 'list', kind, actor],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/activity', {
        query: {
          limit: 50,
          ...(pageParam !== null && { after: pageParam }),
          ...(kind !== '' && { kind }),
          ...(actor !== '' && { actor }),
        },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  return (
    <div className="screen activity">
      <h1>{m.activity.title}</h1>
      <p className="lead">{m.activity.lead}</p>
      <Filters kind={kind} actor={actor} />
      {data === undefined ? (
        error === null ? (
          <Loading />
        ) : (
          <Failure error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Rows records={data.pages.flatMap(({ records }) => records)} />
          <div className="more">
            {hasNextPage && (
              <button
                type="button"
                className="button"
                aria-busy={isFetchingNextPage}
                onClick={() => !isFetchingNextPage && void fetchNextPage()}
              >
                <span>{m.activity.earlier}</span>
              </button>
            )}
            <span className="soft" role="status">
              <Counted phrase={m.activity.size} n={data.pages.at(-1)?.size ?? 0} />
            </span>
          </div>
        </>
      )}
    </div>
  );
}
