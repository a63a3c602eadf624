// Time authorities: who is asked, how old their newest reply is, what waits; asked now, added, asked no more.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Authority, Stamped } from '../../api-types.ts';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, Field, TextArea, useAct } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { useProving } from '../../parts/prove.tsx';
import { Section } from '../../parts/section.tsx';
import { Count, Counted, Foreign, Literal, Say } from '../../parts/text.tsx';

const key = ['settings', 'authorities'];

/** How old a moment is, in the largest unit that it fills. */
function Age({ of }: { of: string }): ReactNode {
  const { m } = useLanguage();
  const { age } = m.settings.authorities;
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(of)) / 60_000));
  if (minutes < 60) return <Counted phrase={age.minutes} n={minutes} />;
  if (minutes < 48 * 60) return <Counted phrase={age.hours} n={Math.floor(minutes / 60)} />;
  return <Counted phrase={age.days} n={Math.floor(minutes / 1440)} />;
}

export function Authorities({ mayChange, mayStamp }: { mayChange: boolean; mayStamp: boolean }): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.authorities;
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [stamped, setStamped] = useState<readonly Stamped[]>([]);
  const asking = useAct();
  const { error, run, dialog } = useProving();
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: key });
  const answer = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => call('GET /api/settings/authorities', { signal }),
  });
  if (answer.data === undefined)
    return answer.error === null ? <Loading /> : <Failure error={answer.error} onRetry={() => void answer.refetch()} />;
  const { authorities, ageing } = answer.data;
  return (
    <Section title={words.title} lead={words.lead}>
      {authorities.length === 0 && <p className="soft">{words.none}</p>}
      <ul className="lines authorities">
        {authorities.map((one) => (
          <One key={one.name} authority={one}>
            {mayChange && (
              <ActButton
                label={words.withdrawNamed.replace('{name}', one.name)}
                onClick={() =>
                  run(async () => {
                    await call('DELETE /api/settings/authorities/{name}', { params: { name: one.name } });
                    await again();
                  })
                }
              >
                {words.withdraw}
              </ActButton>
            )}
          </One>
        ))}
      </ul>
      {ageing > 0 && (
        <Mark kind="waiting">
          <Counted phrase={words.ageing} n={ageing} />
        </Mark>
      )}
      <ActError error={error ?? asking.error} />
      {dialog}
      <div className="row">
        {mayStamp && authorities.length > 0 && (
          <ActButton
            first
            busy={asking.busy}
            onClick={() =>
              asking.run(async () => {
                setStamped([]);
                setStamped((await call('POST /api/settings/stamps', { body: {} })).stamped);
                await again();
              })
            }
          >
            {words.stamp}
          </ActButton>
        )}
        {mayChange && !adding && <ActButton onClick={() => setAdding(true)}>{words.add}</ActButton>}
      </div>
      <div role="status">
        {stamped.map((one) => (
          <Became key={one.authority} stamped={one} />
        ))}
      </div>
      {adding && (
        <Add
          onCancel={() => setAdding(false)}
          onAdded={async () => {
            await again();
            setAdding(false);
          }}
        />
      )}
    </Section>
  );
}

function Became({ stamped: { authority, state, size, genTime, failure } }: { stamped: Stamped }): ReactNode {
  const { m, time } = useLanguage();
  return (
    <p>
      <Mark kind={state === 'stamped' ? 'done' : state === 'failed' ? 'problem' : 'waiting'}>
        <Say
          text={m.settings.authorities.states[state]}
          name={<Foreign>{authority}</Foreign>}
          n={<Count n={size} />}
          time={genTime === null ? '' : <bdi>{time(genTime)}</bdi>}
          code={<Literal>{failure ?? ''}</Literal>}
        />
      </Mark>
    </p>
  );
}

function One({ authority, children }: { authority: Authority; children: ReactNode }): ReactNode {
  const { m, time } = useLanguage();
  const words = m.settings.authorities;
  const { name, url, policy, anchors, stamped, genTime, waiting, since } = authority;
  return (
    <li>
      <div className="row head">
        <h3>
          <Literal>{name}</Literal>
        </h3>
        {children}
      </div>
      <dl className="facts-list">
        <div>
          <dt>{words.address}</dt>
          <dd className="anywhere">
            <Literal>{url}</Literal>
            {policy !== null && (
              <>
                {' '}
                <Literal>{policy}</Literal>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{words.newest}</dt>
          <dd>
            {genTime === null ? (
              <Mark kind="waiting">{words.never}</Mark>
            ) : (
              <>
                <Age of={genTime} />
                {m.app.comma}
                <Counted phrase={words.covers} n={stamped} time={<bdi>{time(genTime)}</bdi>} />
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{words.waits}</dt>
          <dd>
            {waiting === 0 || since === null ? (
              words.nothingWaits
            ) : (
              <Counted phrase={words.records} n={waiting} time={<bdi>{time(since)}</bdi>} />
            )}
          </dd>
        </div>
        {anchors.map(({ subject, notAfter, sha256 }) => (
          <div key={sha256}>
            <dt>{words.trusted}</dt>
            <dd className="anywhere">
              <Foreign>{subject}</Foreign>
              {m.app.comma}
              <Say text={words.until} time={<bdi>{time(notAfter)}</bdi>} /> <code dir="ltr">{sha256}</code>
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

const empty = { name: '', url: 'https://', policy: '', revocations: '', anchors: '' };

function Add({ onCancel, onAdded }: { onCancel: () => void; onAdded: () => Promise<void> }): ReactNode {
  const { m } = useLanguage();
  const words = m.settings.authorities;
  const [draft, setDraft] = useState(empty);
  const { busy, error, run, dialog } = useProving();
  const set = (name: keyof typeof empty) => (value: string) => setDraft({ ...draft, [name]: value });
  return (
    <>
      {dialog}
      <form
        className="stack form"
        onSubmit={(event) => {
          event.preventDefault();
          run(async () => {
            const { policy, revocations, ...rest } = draft;
            const lists = revocations.split('\n').map((line) => line.trim());
            await call('POST /api/settings/authorities', {
              body: {
                ...rest,
                policy: policy.trim() === '' ? null : policy.trim(),
                revocations: lists.filter((line) => line !== ''),
              },
            });
            await onAdded();
          });
        }}
      >
        <h3>{words.add}</h3>
        <p className="soft">{words.addText}</p>
        <Field
          label={words.name}
          hint={words.nameHint}
          dir="ltr"
          required
          maxLength={32}
          value={draft.name}
          onValue={set('name')}
        />
        <Field
          label={words.address}
          dir="ltr"
          type="url"
          required
          maxLength={2000}
          value={draft.url}
          onValue={set('url')}
        />
        <TextArea label={words.anchors} dir="ltr" rows={5} required value={draft.anchors} onValue={set('anchors')} />
        <Field
          label={words.policy}
          hint={words.optional}
          dir="ltr"
          maxLength={200}
          value={draft.policy}
          onValue={set('policy')}
        />
        <TextArea
          label={words.revocations}
          hint={words.optional}
          dir="ltr"
          rows={2}
          value={draft.revocations}
          onValue={set('revocations')}
        />
        <ActError error={error} />
        <div className="row">
          <ActButton first type="submit" busy={busy}>
            {m.settings.keep}
          </ActButton>
          <ActButton onClick={onCancel}>{m.settings.cancel}</ActButton>
        </div>
      </form>
    </>
  );
}
