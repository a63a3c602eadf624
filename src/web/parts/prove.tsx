// Proof of the last minutes: where an act needs it, the page asks for it and then does the act.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { ApiError, call } from '../api.ts';
import { doorQuery } from '../queries.ts';
import { useLanguage } from '../language.tsx';
import { hasPasskeys, usePasskeyFor } from '../passkeys.ts';
import { Dialog } from './dialog.tsx';
import { ActButton, ActError, Field, PasswordField, useAct } from './form.tsx';

/** `run` does an act, and asks for proof first where the server wants it; `dialog` is to be drawn. */
export function useProving(): {
  busy: boolean;
  error: unknown;
  run: (act: () => Promise<unknown>) => void;
  dialog: ReactNode;
} {
  const { busy, error, run } = useAct();
  const [waiting, setWaiting] = useState<(() => Promise<unknown>) | null>(null);
  const attempt = (act: () => Promise<unknown>): void =>
    run(() =>
      act().catch((reason: unknown) => {
        if (!(reason instanceof ApiError) || reason.reason !== 'prove-again') throw reason;
        setWaiting(() => act);
      }),
    );
  const dialog =
    waiting === null ? null : (
      <Prove
        onClose={() => setWaiting(null)}
        onProved={() => {
          setWaiting(null);
          attempt(waiting);
        }}
      />
    );
  return { busy, error, run: attempt, dialog };
}

function Prove({ onClose, onProved }: { onClose: () => void; onProved: () => void }): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const { busy, error, run } = useAct();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const proved = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: doorQuery.queryKey });
    onProved();
  };
  const byPasskey = async (): Promise<void> => {
    const response = await usePasskeyFor(await call('POST /api/account/challenge'));
    await call('POST /api/account/prove/passkey', { body: { response } });
    await proved();
  };
  const byPassword = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      await call('POST /api/account/prove/password', { body: { password, code } });
      await proved();
    });
  };
  return (
    <Dialog title={m.prove.title} onClose={onClose}>
      <p>{m.prove.text}</p>
      {hasPasskeys() && (
        <ActButton first busy={busy} onClick={() => run(byPasskey)}>
          {m.prove.withPasskey}
        </ActButton>
      )}
      <details>
        <summary>{m.prove.withPassword}</summary>
        <form className="stack form" onSubmit={byPassword}>
          <PasswordField
            label={m.door.password}
            value={password}
            onValue={setPassword}
            autoComplete="current-password"
            required
          />
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
            {m.prove.withPassword}
          </ActButton>
        </form>
      </details>
      <ActError error={error} />
    </Dialog>
  );
}
