// The proof of one record: to be copied or saved, and checked by anybody without this server.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Foreign, Say } from '../../parts/text.tsx';
import { Link } from '../../router.tsx';
import { About, Kind } from './activity.tsx';
import './activity.css';

/** The screen. */
export function ProofScreen({ position = '' }: { position?: string }): ReactNode {
  const { m, time } = useLanguage();
  const { data, error, refetch } = useQuery({
    queryKey: ['activity', 'proof', position],
    queryFn: ({ signal }) => call('GET /api/activity/{position}', { params: { position: Number(position) }, signal }),
  });
  if (data === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { record, at } = data.record;
  if (record === null) return null;
  return (
    <div className="screen proof">
      <p>
        <Link to="/activity">{m.activity.back}</Link>
      </p>
      <h1>
        <Say text={m.activity.proofOf} n={<Count n={data.record.position} />} />
      </h1>
      <dl className="facts-list">
        <div>
          <dt>{m.activity.kind}</dt>
          <dd>
            <Kind kind={record.kind} />
          </dd>
        </div>
        <div>
          <dt>{m.activity.about}</dt>
          <dd>
            <About record={record} />
          </dd>
        </div>
        <div>
          <dt>{m.activity.actor}</dt>
          <dd>
            <Foreign>{record.actor}</Foreign>
          </dd>
        </div>
        <div>
          <dt>{m.activity.when}</dt>
          <dd>
            <bdi>{time(at)}</bdi>
          </dd>
        </div>
      </dl>
      <p className="lead">{m.activity.proofLead}</p>
      <Section title={m.activity.id} lead={m.activity.idText}>
        <pre dir="ltr">
          <code>{record.id}</code>
        </pre>
        <CopyButton text={record.id} label={m.activity.copyId} />
      </Section>
      <Section title={m.activity.proofText}>
        <pre dir="ltr">
          <code>{data.proof}</code>
        </pre>
        <div className="row">
          <CopyButton text={data.proof} label={m.activity.copyProof} />
          <a
            href={`/api/records/${String(data.record.position)}/proof`}
            download={`record-${String(data.record.position)}.tlog-proof`}
          >
            {m.activity.download}
          </a>
        </div>
      </Section>
      <Section title={m.activity.checkpoint}>
        <pre dir="ltr">
          <code>{data.checkpoint}</code>
        </pre>
        <CopyButton text={data.checkpoint} label={m.activity.copyCheckpoint} />
      </Section>
      <Section title={m.activity.keys} lead={m.activity.keysText}>
        <pre dir="ltr">
          <code>{data.keys.join('\n')}</code>
        </pre>
      </Section>
    </div>
  );
}
