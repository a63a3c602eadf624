// The door for whoever has an account: a passkey first, a password below.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api.ts';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { ActButton, ActError, Field, PasswordField, useAct } from '../../parts/form.tsx';
import { hasPasskeys, usePasskeyFor } from '../../passkeys.ts';

/** The screen. */
export function SignInScreen(): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { busy, error, run } = useAct();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const byPasskey = async (): Promise<void> => {
    const response = await usePasskeyFor(await call('POST /api/passkeys/challenge'));
    await call('POST /api/sign-in/passkey', { body: { response } });
    await queries.resetQueries();
  };
  const byPassword = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await call('POST /api/sign-in/password', { body: { name, password, code } });
      await queries.resetQueries();
    });
  };
  return (
    <div className="screen stack door">
      <h1>{m.door.signIn}</h1>
      <p className="lead">{m.door.signInText}</p>
      {hasPasskeys() ? (
        <ActButton first busy={busy} onClick={() => run(byPasskey)}>
          {m.door.withPasskey}
        </ActButton>
      ) : (
        <p className="soft">{m.door.noPasskeys}</p>
      )}
      <ActError error={error} />
      <form className="stack form" onSubmit={byPassword}>
        <h2>{m.door.withPassword}</h2>
        <Field label={m.door.name} value={name} onValue={setName} autoComplete="username" required />
        <PasswordField label={m.door.password} value={password} onValue={setPassword} autoComplete="current-password" />
        <Field
          label={m.door.code}
          hint={m.door.codeText}
          value={code}
          onValue={setCode}
          dir="ltr"
          autoComplete="one-time-code"
          required
        />
        <ActButton type="submit" busy={busy}>
          {m.door.signIn}
        </ActButton>
      </form>
      <p className="soft">{m.door.lostAll}</p>
      <Command>dalil accounts recover NAME</Command>
    </div>
  );
}
