// One's own account: ways to sign in, sessions, tokens for scripts.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api.ts';
import type { Account, CredentialOffer } from '../../api-types.ts';
import { doorQuery } from '../../queries.ts';
import { useLanguage } from '../../language.tsx';
import { CopyButton } from '../../parts/copy.tsx';
import { CredentialForm, RecoveryCodes } from '../../parts/credential.tsx';
import { ActButton, ActError, Check, Field } from '../../parts/form.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { useProving } from '../../parts/prove.tsx';
import { RoleNames } from '../../parts/role-choice.tsx';
import { Section } from '../../parts/section.tsx';
import { Counted, Foreign, Literal, Say } from '../../parts/text.tsx';
import { hasPasskeys } from '../../passkeys.ts';
import { SessionList } from './sessions.tsx';

const accountKey = ['account'];

/** Ends this session, and shows the door. */
export async function signOut(queries: ReturnType<typeof useQueryClient>): Promise<void> {
  await call('POST /api/sign-out');
  // Nothing of the case stays in memory.
  queries.setQueryData(doorQuery.queryKey, { state: 'sign-in', person: null });
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== doorQuery.queryKey[0] });
}

/** The screen. */
export function AccountScreen(): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: accountKey,
    queryFn: async ({ signal }) => call('GET /api/account', { signal }),
  });
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: accountKey });
  return (
    <div className="screen stack">
      <h1>{m.account.screen}</h1>
      <p className="lead">
        <Say text={m.account.as} name={<Foreign>{data.name}</Foreign>} />{' '}
        {data.roles.length === 0 ? (
          m.account.noRoles
        ) : (
          <>
            {m.account.roles}: <RoleNames held={data.roles} none="" />
          </>
        )}
      </p>
      <p>
        <ActButton onClick={() => void signOut(queries)}>{m.door.signOut}</ActButton>
      </p>
      <Passkeys account={data} onDone={again} />
      <Password account={data} onDone={again} />
      <Codes account={data} onDone={again} />
      <Section title={m.account.sessions} lead={m.account.sessionsText}>
        <SessionList
          sessions={data.sessions}
          onEnd={async (id) => {
            await call('DELETE /api/account/sessions/{id}', { params: { id } });
            await again();
          }}
        />
        {data.sessions.length > 1 && (
          <ActButton onClick={() => void call('DELETE /api/account/sessions').then(again)}>
            {m.account.endOthers}
          </ActButton>
        )}
      </Section>
      <Tokens account={data} onDone={again} />
    </div>
  );
}

interface PartParts {
  account: Account;
  onDone: () => Promise<void>;
}

function Passkeys({ account, onDone }: PartParts): ReactNode {
  const { m, time } = useLanguage();
  const { error, run, dialog } = useProving();
  const [adding, setAdding] = useState(false);
  return (
    <Section title={m.account.passkeys} lead={m.account.passkeysText}>
      {account.passkeys.length === 0 && <p className="soft">{m.account.noPasskeys}</p>}
      <ul className="lines">
        {account.passkeys.map(({ id, name, synced, made, used }) => (
          <li key={id} className="row">
            <Foreign>{name}</Foreign>
            <span className="soft">
              {synced ? m.account.synced : m.account.bound}
              {m.app.comma}
              <Say text={m.account.made} time={<bdi>{time(made)}</bdi>} />
              {m.app.comma}
              {used === null ? m.account.unused : <Say text={m.account.used} time={<bdi>{time(used)}</bdi>} />}
            </span>
            <ActButton
              onClick={() =>
                run(async () => {
                  await call('DELETE /api/account/credentials/{id}', { params: { id } });
                  await onDone();
                })
              }
            >
              {m.account.remove}
            </ActButton>
          </li>
        ))}
      </ul>
      <ActError error={error} />
      {!hasPasskeys() ? (
        <p className="soft">{m.door.noPasskeys}</p>
      ) : adding ? (
        <Add kind="passkey" account={account} submit={m.account.add} onDone={onDone} onAdded={() => setAdding(false)} />
      ) : (
        <ActButton onClick={() => setAdding(true)}>{m.account.add}</ActButton>
      )}
      {dialog}
    </Section>
  );
}

interface AddParts extends PartParts {
  kind: 'passkey' | 'password';
  submit: string;
  onAdded: () => void;
}

/** Adds a way to sign in, with proof before it is offered: a passkey that was made is not to be made twice. */
function Add({ kind, account, submit, onDone, onAdded }: AddParts): ReactNode {
  const { run, error, dialog } = useProving();
  return (
    <>
      <CredentialForm
        signInName={account.signInName}
        submit={submit}
        only={kind}
        onOffer={async (offer: CredentialOffer) =>
          run(async () => {
            await call('POST /api/account/credentials', { body: { offer } });
            await onDone();
            onAdded();
          })
        }
      />
      <ActError error={error} />
      {dialog}
    </>
  );
}

function Password({ account, onDone }: PartParts): ReactNode {
  const { m } = useLanguage();
  const { error, run, dialog } = useProving();
  const [setting, setSetting] = useState(false);
  return (
    <Section title={m.account.password} lead={account.password ? m.account.hasPassword : m.account.noPassword}>
      {setting ? (
        <Add
          kind="password"
          account={account}
          submit={m.account.save}
          onDone={onDone}
          onAdded={() => setSetting(false)}
        />
      ) : (
        <p className="row">
          <ActButton onClick={() => setSetting(true)}>
            {account.password ? m.account.changePassword : m.account.setPassword}
          </ActButton>
          {account.password && account.passkeys.length > 0 && (
            <ActButton
              onClick={() =>
                run(async () => {
                  await call('DELETE /api/account/credentials/{id}', { params: { id: 'password' } });
                  await onDone();
                })
              }
            >
              {m.account.remove}
            </ActButton>
          )}
        </p>
      )}
      <ActError error={error} />
      {dialog}
    </Section>
  );
}

function Codes({ account, onDone }: PartParts): ReactNode {
  const { m } = useLanguage();
  const { error, run, dialog } = useProving();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <Section title={m.account.codes} lead={<Counted phrase={m.account.codesLeft} n={account.recoveryCodes} />}>
      {codes === null ? (
        <ActButton
          onClick={() =>
            run(async () => {
              setCodes((await call('POST /api/account/recovery-codes')).recoveryCodes);
              await onDone();
            })
          }
        >
          {m.account.newCodes}
        </ActButton>
      ) : (
        <RecoveryCodes codes={codes} onKept={() => setCodes(null)} />
      )}
      <ActError error={error} />
      {dialog}
    </Section>
  );
}

function Tokens({ account, onDone }: PartParts): ReactNode {
  const { m, time } = useLanguage();
  const { busy, error, run, dialog } = useProving();
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [writes, setWrites] = useState(false);
  const [token, setToken] = useState<string | null>(null);
  const make = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const scopes: ('read' | 'write')[] = writes ? ['read', 'write'] : ['read'];
      setToken((await call('POST /api/account/tokens', { body: { name, scopes, days: Number(days) } })).token);
      setName('');
      await onDone();
    });
  };
  return (
    <Section title={m.account.tokens} lead={m.account.tokensText}>
      {account.tokens.length === 0 && <p className="soft">{m.account.noTokens}</p>}
      <ul className="lines">
        {account.tokens.map(({ id, name: purpose, scopes, until, used }) => (
          <li key={id} className="row">
            <Foreign>{purpose}</Foreign>
            <span className="soft">
              {scopes.includes('write') ? m.account.writes : m.account.reads}
              {m.app.comma}
              <Say text={m.account.until} time={<bdi>{time(until)}</bdi>} />
              {m.app.comma}
              {used === null ? m.account.unused : <Say text={m.account.used} time={<bdi>{time(used)}</bdi>} />}
            </span>
            <ActButton
              onClick={() =>
                run(async () => {
                  await call('DELETE /api/account/tokens/{id}', { params: { id } });
                  await onDone();
                })
              }
            >
              {m.account.revoke}
            </ActButton>
          </li>
        ))}
      </ul>
      <form className="stack form" onSubmit={make}>
        <Field label={m.account.tokenName} value={name} onValue={setName} required maxLength={40} autoComplete="off" />
        <Field
          label={m.account.days}
          value={days}
          onValue={setDays}
          required
          dir="ltr"
          inputMode="numeric"
          pattern="[1-9]\d{0,2}"
          autoComplete="off"
        />
        <Check label={m.account.tokenWrites} checked={writes} onChecked={setWrites} />
        <ActButton type="submit" busy={busy}>
          {m.account.makeToken}
        </ActButton>
        <ActError error={error} />
      </form>
      <div role="status">
        {token !== null && (
          <p className="shown-once">
            <span>{m.account.newToken}</span>
            <code className="secret">
              <Literal>{token}</Literal>
            </code>
            <CopyButton text={token} />
          </p>
        )}
      </div>
      {dialog}
    </Section>
  );
}
