// An invitation taken up: its secret comes behind the #, which no server and no log sees, and leaves the address at once.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError, call } from '../../api.ts';
import type { InvitationLook } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { CredentialForm, RecoveryCodes } from '../../parts/credential.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { RoleNames } from '../../parts/role-choice.tsx';
import { Foreign, Say } from '../../parts/text.tsx';
import { go } from '../../router.tsx';
import { Names } from './set-up.tsx';

let taken: string | null = null;

/** The secret of the address, taken out of it: a look over the shoulder, or the browser's history, has it no more. */
function takeSecret(): string {
  if (location.hash.length > 1) {
    taken = location.hash.slice(1);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return taken ?? '';
}

/** The screen. */
export function JoinScreen(): ReactNode {
  const { m } = useLanguage();
  const [secret] = useState(takeSecret);
  const { data, error, refetch } = useQuery({
    queryKey: ['invitation', secret],
    queryFn: async ({ signal }) => call('POST /api/invitation/look', { body: { secret }, signal }),
  });
  if (error instanceof ApiError && error.status === 403)
    return (
      <div className="notice" role="alert">
        <h1>{m.join.dead}</h1>
        <p className="soft">{m.join.deadText}</p>
      </div>
    );
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Loading /> : <Accept look={data} secret={secret} />;
}

function Accept({ look, secret }: { look: InvitationLook; secret: string }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const recovers = look.kind === 'recovery';
  const [signInName, setSignInName] = useState('');
  const [name, setName] = useState(look.name ?? '');
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const title = recovers ? m.join.recoverTitle : m.join.title;
  if (codes !== null) {
    const onKept = (): void => {
      taken = null;
      go('/', true);
      void queries.resetQueries();
    };
    return (
      <div className="screen stack door">
        <h1>{title}</h1>
        <RecoveryCodes codes={codes} onKept={onKept} />
      </div>
    );
  }
  return (
    <div className="screen stack door">
      <h1>{title}</h1>
      <p className="lead">
        {recovers ? (
          <Say text={m.join.recoverText} name={<Foreign>{look.name ?? ''}</Foreign>} />
        ) : (
          <Say text={m.join.text} by={<Foreign>{look.by}</Foreign>} />
        )}
      </p>
      {!recovers && (
        <p>
          {m.join.roles}: <RoleNames held={look.roles} none={m.join.noRoles} />
        </p>
      )}
      <CredentialForm
        signInName={recovers ? (look.name ?? '') : signInName}
        submit={m.join.accept}
        onOffer={async (offer) => {
          const body = { secret, offer, ...(!recovers && { signInName, name }) };
          setCodes((await call('POST /api/invitation/accept', { body })).recoveryCodes ?? []);
        }}
      >
        {!recovers && <Names {...{ signInName, setSignInName, name, setName }} />}
      </CredentialForm>
    </div>
  );
}
