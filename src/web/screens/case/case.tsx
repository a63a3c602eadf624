// The Case page: what was received, what was done with it, what is pending, and the seal over it. No picture.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { CaseView } from '../../../case/views.ts';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Counted, Foreign, Literal, Say } from '../../parts/text.tsx';
import { caseQuery } from '../../queries.ts';
import { Accessions } from './accessions.tsx';
import { Categories } from './categories.tsx';
import { Individuals } from './individuals.tsx';
import { NeedsMe } from './needs-me.tsx';
import { Problems } from './problems.tsx';
import { Reconciled } from './reconciliation.tsx';
import { Seal } from './seal.tsx';
import { Stages } from './stages.tsx';

function Title({ view }: { view: CaseView }): ReactNode {
  const { m, time } = useLanguage();
  const { size, signedAt } = view.checkpoint;
  return (
    <header className="title wide">
      <h1>
        <Foreign>{view.title}</Foreign>
      </h1>
      <p className="soft">
        <span>
          <Say text={m.case.identifier} id={<Literal>{view.id}</Literal>} />
        </span>
        <span>
          <Counted phrase={m.case.records} n={size} />
        </span>
        <span>
          {signedAt === null ? m.case.notSealed : <Say text={m.case.sealedAt} time={<bdi>{time(signedAt)}</bdi>} />}
        </span>
      </p>
    </header>
  );
}

function Empty({ next }: { next: string | null }): ReactNode {
  const { m } = useLanguage();
  return (
    <section className="section">
      <h2>{m.case.empty}</h2>
      <p className="lead">{m.case.emptyText}</p>
      <p className="verdict">
        <Command>{next ?? 'dalil intake PATH --source PSEUDONYM'}</Command>
      </p>
    </section>
  );
}

/** The screen. */
export function CaseScreen(): ReactNode {
  const { data: view, error, refetch } = useQuery(caseQuery);
  if (view === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  if (view.accessions.length === 0 && view.reconciliation.received === 0)
    return (
      <div className="case">
        <Title view={view} />
        <Empty next={view.next} />
        <Seal checkpoint={view.checkpoint} />
      </div>
    );
  return (
    <div className="case">
      <Title view={view} />
      <NeedsMe />
      <Stages stages={view.stages} next={view.next} />
      <Reconciled reconciliation={view.reconciliation} destroyed={view.destroyed} />
      <Accessions accessions={view.accessions} />
      <Seal checkpoint={view.checkpoint} />
      <Categories categories={view.categories} pictures={view.pictures} />
      <Problems problems={view.problems} />
      <Individuals summary={view.individuals} />
    </div>
  );
}
