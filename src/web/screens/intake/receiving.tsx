// A delivery received: how far it is, then what became of each file, as a sum that must close.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { read, send } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Count, Counted, Say } from '../../parts/text.tsx';
import { ActError } from '../../parts/form.tsx';
import { caseQuery } from '../../queries.ts';
import { Link } from '../../router.tsx';
import { Accession } from '../case/accessions.tsx';
import { Equation, gap } from '../case/reconciliation.tsx';
import type { Delivery } from '../../api-types.ts';

type Received = Extract<Delivery['receiving'], { state: 'received' }>;

const pollMs = 700;

/** Receives it where `begin` says so, or goes on looking where it is being received. */
export function Receiving({ delivery, begin }: { delivery: Delivery; begin: boolean }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const key = ['delivery', delivery.id];
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => read<Delivery>(`/api/deliveries/${delivery.id}`, signal),
    initialData: delivery,
    refetchInterval: ({ state }) => (state.data?.receiving.state === 'receiving' ? pollMs : false),
  });
  const receive = useMutation({
    mutationFn: () => send<Delivery>('POST', `/api/deliveries/${delivery.id}/receive`),
    onSuccess: (view) => queries.setQueryData(key, view),
  });
  const { mutate } = receive;
  useEffect(() => {
    if (begin) mutate();
  }, [begin, mutate]);
  const { receiving } = data;
  const { state } = receiving;
  useEffect(() => {
    // The case has grown, whether or not anything else has told of it.
    if (state === 'received') void queries.invalidateQueries({ queryKey: caseQuery.queryKey });
  }, [state, queries]);
  return (
    <div className="stack">
      <p role="status">
        {(state === 'receiving' || (state === 'open' && receive.error === null)) && (
          <Mark kind="working">{m.intake.receiving}</Mark>
        )}
        {state === 'received' && <Mark kind="done">{m.intake.received}</Mark>}
        {state === 'failed' && <Mark kind="broken">{m.intake.failed}</Mark>}
      </p>
      {state === 'receiving' && <Progress done={receiving.done} total={receiving.total} />}
      {state === 'received' && <Outcome received={receiving} />}
      {state === 'failed' && (
        <>
          <p lang="en" dir="auto">
            {receiving.title} {receiving.next}
          </p>
          <p className="soft">{m.intake.failedText}</p>
        </>
      )}
      {(state === 'failed' || receive.error !== null) && (
        <button type="button" className="button" onClick={() => receive.mutate()}>
          <span>{m.intake.again}</span>
        </button>
      )}
      <ActError error={receive.error ?? error} />
    </div>
  );
}

function Progress({ done, total }: { done: number; total: number | null }): ReactNode {
  const { m } = useLanguage();
  return (
    <>
      <Bar label={m.intake.receiving} done={done} all={total} />
      <p className="soft">
        {total === null ? (
          <Counted phrase={m.intake.receivingSome} n={done} />
        ) : (
          <Say text={m.intake.receivingOf} done={<Count n={done} />} all={<Count n={total} />} />
        )}
      </p>
    </>
  );
}

/** How far something is, as a bar; without an end where none is known. */
export function Bar({ label, done, all }: { label: string; done: number; all: number | null }): ReactNode {
  const percent = all === null || all === 0 ? 0 : Math.floor((100 * done) / all);
  return (
    <div
      className="gauge"
      role="progressbar"
      aria-label={label}
      {...(all !== null && { 'aria-valuenow': percent, 'aria-valuemin': 0, 'aria-valuemax': 100 })}
    >
      <i style={{ inlineSize: `${String(percent)}%` }} />
    </div>
  );
}

function Outcome({ received }: { received: Received }): ReactNode {
  const { m } = useLanguage();
  const { data: view } = useQuery(caseQuery);
  const own = view?.accessions.find(({ handle }) => handle === received.accession);
  return (
    <>
      {own === undefined ? (
        <Equation of={received.reconciliation} closes={gap(received.reconciliation) === 0} />
      ) : (
        <ul className="accessions">
          <Accession accession={own} />
        </ul>
      )}
      <p>
        {received.problems === 0 ? (
          m.intake.noProblems
        ) : (
          <Mark kind="problem">
            <Counted phrase={m.intake.problems} n={received.problems} />
          </Mark>
        )}
      </p>
      <p>
        <Link to="/">{m.app.toCase}</Link>
      </p>
    </>
  );
}
