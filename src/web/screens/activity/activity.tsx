// The log, readable: what was written down, when and by whom, as far as one's roles may read it; each with its proof.
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { read } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Foreign, Literal } from '../../parts/text.tsx';
import { go, Link, useAddress } from '../../router.tsx';

interface Records {
  records: { position: number; kind: string; at: string; by: string; handle: string | null }[];
  next: number | null;
  kinds: string[];
}

/** Where a handle leads; only items and individuals have a screen. */
function Handle({ of }: { of: string }): ReactNode {
  const path = of.startsWith('E-') ? `/items/${of}` : of.startsWith('I-') ? `/individuals/${of}` : null;
  return path === null ? (
    <Literal>{of}</Literal>
  ) : (
    <Link to={path}>
      <Literal>{of}</Literal>
    </Link>
  );
}

/** The screen. */
export function ActivityScreen(): ReactNode {
  const { m, time } = useLanguage();
  const { query } = useAddress();
  const kind = query.get('kind') ?? '';
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['records', kind],
    queryFn: async ({ pageParam, signal }) => {
      const asked = new URLSearchParams({
        ...(kind !== '' && { kind }),
        ...(pageParam !== null && { before: String(pageParam) }),
      });
      return read<Records>(`/api/records?${asked.toString()}`, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const words: Record<string, string> = m.kinds;
  const word = (name: string): string => (Object.hasOwn(words, name) ? (words[name] ?? name) : name);
  const records = data.pages.flatMap((page) => page.records);
  return (
    <div className="screen stack">
      <h1>{m.activity.title}</h1>
      <p className="lead soft">{m.activity.text}</p>
      <div className="field">
        <label htmlFor="activity-kind">{m.activity.kind}</label>
        <select
          id="activity-kind"
          value={kind}
          onChange={(event) =>
            go(
              event.target.value === '' ? '/activity' : `/activity?kind=${encodeURIComponent(event.target.value)}`,
              true,
            )
          }
        >
          <option value="">{m.activity.all}</option>
          {(data.pages[0]?.kinds ?? []).map((name) => (
            <option key={name} value={name}>
              {word(name)}
            </option>
          ))}
        </select>
      </div>
      {records.length === 0 ? (
        <p className="soft">{m.activity.nothing}</p>
      ) : (
        <Table
          label={m.activity.title}
          columns={[
            { title: m.item.record, kind: 'figure' },
            { title: m.item.what },
            { title: m.item.who },
            { title: m.item.when },
            { title: m.activity.handle, kind: 'handle' },
          ]}
          rows={records.map(({ position, kind: name, at, by, handle }) => ({
            key: String(position),
            cells: [
              <a
                key="record"
                href={`/api/records/${String(position)}/proof`}
                download={`record-${String(position)}.tlog-proof`}
                title={m.item.proof}
              >
                <Count n={position} />
              </a>,
              word(name),
              <Foreign key="by">{by}</Foreign>,
              <bdi key="at">{time(at)}</bdi>,
              handle === null ? '' : <Handle key="handle" of={handle} />,
            ],
          }))}
        />
      )}
      {hasNextPage && (
        <button type="button" className="button" aria-busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <span>{m.activity.older}</span>
        </button>
      )}
    </div>
  );
}
