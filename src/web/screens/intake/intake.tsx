// Intake in the browser: files go from this computer into the case in pieces, over whatever line there is.
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { read } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Foreign, Say } from '../../parts/text.tsx';
import { Begin } from './begin.tsx';
import { Deliveries } from './deliveries.tsx';
import { SendingPanel } from './progress.tsx';
import { Receiving } from './receiving.tsx';
import { useCurrent } from './sending.ts';
import type { Delivery } from '../../api-types.ts';
import './intake.css';

const deliveriesQuery = queryOptions({
  queryKey: ['deliveries'],
  queryFn: async ({ signal }) => (await read<{ deliveries: Delivery[] }>('/api/deliveries', signal)).deliveries,
});

/** The screen. */
export function IntakeScreen(): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const current = useCurrent();
  // Once received it is in the list no longer, and its outcome is to be read all the same.
  const [received, setReceived] = useState<Delivery | null>(null);
  const { data, error, refetch } = useQuery(deliveriesQuery);
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <div className="screen intake">
      <h1>{m.intake.title}</h1>
      <p className="lead">{m.intake.lead}</p>
      {current !== null ? (
        <SendingPanel key={current.delivery.id} sending={current} />
      ) : received !== null ? (
        <section className="section sending" aria-labelledby="receiving">
          <h2 id="receiving">
            <Say text={m.intake.of} source={<Foreign>{received.source}</Foreign>} />
          </h2>
          <Receiving delivery={received} begin />
          <button
            type="button"
            className="button"
            onClick={() => {
              setReceived(null);
              void queries.invalidateQueries({ queryKey: deliveriesQuery.queryKey });
            }}
          >
            <span>{m.intake.another}</span>
          </button>
        </section>
      ) : (
        <>
          {data.length > 0 && <Deliveries deliveries={data} onReceive={setReceived} />}
          <Begin />
        </>
      )}
    </div>
  );
}
