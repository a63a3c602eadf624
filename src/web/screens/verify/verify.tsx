// The independent check, asked for and watched: what it proves and what it does not, how far it is, what it found, and how
// anybody does the same without this server.
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Check } from '../../api-types.ts';
import { read, send } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Command, CopyButton } from '../../parts/copy.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Bytes } from '../../parts/measure.tsx';
import { usePaged } from '../../parts/more.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Count, Counted, Literal, Say } from '../../parts/text.tsx';
import { ActError } from '../../parts/form.tsx';
import './verify.css';

type Done = Extract<Check, { state: 'done' }>;
type Checked = Done['checked'];

const pollMs = 500;

const checkQuery = queryOptions({
  queryKey: ['check'],
  queryFn: async ({ signal }) => read<Check>('/api/check', signal),
  refetchInterval: ({ state }) => (state.data?.state === 'running' ? pollMs : false),
});

function Counts({ checked }: { checked: Checked }): ReactNode {
  const { m } = useLanguage();
  const names = ['records', 'signatures', 'tiles', 'checkpoints', 'citations', 'files'] as const;
  return (
    <dl className="counts">
      {names.map((name) => (
        <div key={name}>
          <dt>{m.verify.counts[name]}</dt>
          <dd>
            <Count n={checked[name]} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{m.verify.counts.bytes}</dt>
        <dd>
          <Bytes n={checked.bytes} />
        </dd>
      </div>
    </dl>
  );
}

function Problems({ problems, further }: Pick<Done, 'problems' | 'further'>): ReactNode {
  const { m } = useLanguage();
  const [visible, foot] = usePaged(problems, 25);
  return (
    <>
      <Table
        label={m.verify.problems}
        columns={[{ title: m.verify.where, kind: 'long' }, { title: m.verify.code }, { title: m.verify.message }]}
        rows={visible.map(({ code, where, message }, index) => ({
          key: `${String(index)} ${code} ${where}`,
          cells: [
            <Literal key="where">{where}</Literal>,
            <code key="code" dir="ltr">
              {code}
            </code>,
            <span key="message" lang="en" dir="auto">
              {message}
            </span>,
          ],
        }))}
      />
      {foot}
      {further > 0 && (
        <p className="soft">
          <Counted phrase={m.verify.further} n={further} />
        </p>
      )}
    </>
  );
}

function Outsiders({ timestamped, witnessed }: Pick<Done, 'timestamped' | 'witnessed'>): ReactNode {
  const { m, time } = useLanguage();
  if (timestamped === null && witnessed === null) return <p className="soft">{m.verify.nobody}</p>;
  return (
    <ul className="stack">
      {(
        [
          [m.verify.timestamped, timestamped],
          [m.verify.witnessed, witnessed],
        ] as const
      ).map(
        ([phrase, one]) =>
          one !== null && (
            <li key={phrase}>
              <Mark kind="done">
                <Say text={phrase} n={<Count n={one.size} />} time={<bdi>{time(one.time)}</bdi>} />
              </Mark>
            </li>
          ),
      )}
    </ul>
  );
}

function Verdict({ check }: { check: Done }): ReactNode {
  const { m, time } = useLanguage();
  const total = check.problems.length + check.further;
  return (
    <Section title={m.verify.verdict}>
      <p className={check.ok ? 'holds' : 'holds not'} role="status">
        <Mark kind={check.ok ? 'done' : 'broken'}>{check.ok ? m.verify.holds : m.verify.holdsNot}</Mark>
      </p>
      <p className="soft">
        <Say text={m.verify.endedAt} time={<bdi>{time(check.ended)}</bdi>} />
      </p>
      {check.ok ? (
        <>
          <p>
            <Counted phrase={m.verify.meaning} n={check.checkpoint?.size ?? 0} />
          </p>
          <Outsiders timestamped={check.timestamped} witnessed={check.witnessed} />
        </>
      ) : (
        <>
          <p>
            <Counted phrase={m.verify.count} n={total} />
          </p>
          <p className="soft">{m.verify.whatNow}</p>
          <Problems problems={check.problems} further={check.further} />
        </>
      )}
      <Counts checked={check.checked} />
      {check.notes > 0 && (
        <p className="soft">
          <Counted phrase={m.verify.notes} n={check.notes} />
        </p>
      )}
    </Section>
  );
}

function Keep({ line }: { line: string }): ReactNode {
  const { m } = useLanguage();
  return (
    <Section title={m.verify.keep} lead={m.verify.keepText}>
      <div className="kept">
        <code dir="ltr">{line}</code>
        <CopyButton text={line} label={m.verify.copyLine} />
      </div>
    </Section>
  );
}

function Elsewhere({ line }: { line: string | null }): ReactNode {
  const { m } = useLanguage();
  const since = line === null ? '' : ` --since "${line}"`;
  return (
    <Section title={m.verify.elsewhere} lead={m.verify.elsewhereText}>
      <div className="stack commands">
        <Command>{`dalil verify CASE-FOLDER${since}`}</Command>
        <p className="soft">{m.verify.alone}</p>
        <Command>{`node verify.mjs CASE-FOLDER${since}`}</Command>
      </div>
    </Section>
  );
}

/** The screen. */
export function VerifyScreen(): ReactNode {
  const { m, time } = useLanguage();
  const queries = useQueryClient();
  const { data: check, error, refetch } = useQuery(checkQuery);
  const begin = useMutation({
    mutationFn: async () => send<Check>('POST', '/api/check'),
    onSuccess: (begun) => queries.setQueryData(checkQuery.queryKey, begun),
  });
  if (check === undefined)
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  const { state } = check;
  const line = state === 'done' && check.ok ? (check.checkpoint?.line ?? null) : null;
  return (
    <div className="screen verify">
      <h1>{m.verify.title}</h1>
      <p className="lead">{m.verify.proves}</p>
      <p className="lead">{m.verify.provesNot}</p>
      <div className="row begin">
        {/* Busy, not disabled: a disabled button would lose the keyboard's place. */}
        <button
          type="button"
          className="button chosen"
          aria-busy={state === 'running'}
          onClick={() => state !== 'running' && begin.mutate()}
        >
          <span>{state === 'done' || state === 'failed' ? m.verify.again : m.verify.start}</span>
        </button>
        <span role="status">
          {state === 'running' && (
            <Mark kind="working">
              <Say text={m.verify.running} time={<bdi>{time(check.began)}</bdi>} />
            </Mark>
          )}
          {state === 'failed' && <Mark kind="broken">{m.verify.failed}</Mark>}
          {state === 'none' && <span className="soft">{m.verify.none}</span>}
        </span>
      </div>
      <ActError error={begin.error ?? error} />
      {state === 'running' && (
        <Section title={m.verify.soFar}>
          <Counts checked={check.checked} />
        </Section>
      )}
      {state === 'done' && <Verdict check={check} />}
      {line !== null && <Keep line={line} />}
      <Elsewhere line={line} />
    </div>
  );
}
