// The sources by their pseudonyms: what each gave, as sums that close, and what is claimed of the time before. Nothing of the
// vault is asked for.
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Source } from '../../api-types.ts';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Counted, Foreign, Literal, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { Equation } from '../case/reconciliation.tsx';
import './sources.css';

type Delivered = Source['accessions'][number];

function Claims({ claims }: Pick<Delivered, 'claims'>): ReactNode {
  const { m } = useLanguage();
  if (claims.length === 0) return <p className="soft">{m.sources.noClaims}</p>;
  const said = (text: string | null): ReactNode =>
    text === null ? <span className="soft">{m.sources.unknown}</span> : <Foreign>{text}</Foreign>;
  return (
    <>
      <h4>{m.sources.claims}</h4>
      <Table
        label={m.sources.claims}
        columns={[
          { title: m.sources.holder },
          { title: m.sources.from },
          { title: m.sources.to },
          { title: m.sources.by },
          { title: m.sources.how },
          { title: m.sources.record, kind: 'figure' },
        ]}
        rows={claims.map(({ record, holder, from, to, by, note }) => ({
          key: String(record),
          cells: [
            <Foreign key="holder">{holder}</Foreign>,
            said(from),
            said(to),
            <Foreign key="by">{by.join(m.app.comma)}</Foreign>,
            note === null ? '–' : <Foreign key="how">{note}</Foreign>,
            <Link key="record" to={`/activity/${String(record)}`}>
              <Count n={record} />
            </Link>,
          ],
        }))}
      />
    </>
  );
}

function Delivery({ delivered }: { delivered: Delivered }): ReactNode {
  const { m, time } = useLanguage();
  const { handle, received, by, reconciliation, closes, record, claims } = delivered;
  return (
    <li className="stack">
      <h3>
        <Literal>{handle}</Literal>{' '}
        <span className="soft small">
          <Say text={m.sources.received} time={<bdi>{time(received)}</bdi>} by={<Foreign>{by}</Foreign>} />
        </span>
      </h3>
      <Equation of={reconciliation} closes={closes} />
      <p className="soft">
        {record === null ? (
          m.sources.unsigned
        ) : (
          <Link to={`/activity/${String(record)}`}>
            <Say text={m.sources.signed} n={<Count n={record} />} />
          </Link>
        )}
      </p>
      <Claims claims={claims} />
    </li>
  );
}

function One({ source }: { source: Source }): ReactNode {
  const { m } = useLanguage();
  return (
    <li className="section">
      <h2>
        <Foreign>{source.source}</Foreign>{' '}
        <span className="soft small">
          <Counted phrase={m.sources.deliveries} n={source.accessions.length} />
        </span>
      </h2>
      {source.accessions.length > 1 && <Equation of={source.reconciliation} closes={source.closes} large />}
      <ul className="deliveries">
        {source.accessions.map((delivered) => (
          <Delivery key={delivered.handle} delivered={delivered} />
        ))}
      </ul>
    </li>
  );
}

/** The screen. */
export function SourcesScreen(): ReactNode {
  const { m } = useLanguage();
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['sources'],
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/sources', { query: { limit: 50, ...(pageParam !== null && { after: pageParam }) }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const sources = data.pages.flatMap((page) => page.sources);
  return (
    <div className="screen sources">
      <h1>{m.sources.title}</h1>
      <p className="lead">{m.sources.lead}</p>
      {sources.length === 0 && <p>{m.sources.nothing}</p>}
      <ul>
        {sources.map((source) => (
          <One key={source.source} source={source} />
        ))}
      </ul>
      {hasNextPage && (
        <button
          type="button"
          className="button"
          aria-busy={isFetchingNextPage}
          onClick={() => !isFetchingNextPage && void fetchNextPage()}
        >
          <span>{m.sources.more}</span>
        </button>
      )}
    </div>
  );
}
