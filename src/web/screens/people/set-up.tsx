// The first account: by the link of the terminal, once.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api.ts';
import { useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { CredentialForm, RecoveryCodes } from '../../parts/credential.tsx';
import { Check, Field } from '../../parts/form.tsx';
import { go, Link } from '../../router.tsx';

/** The screen. */
export function SetUpScreen(): ReactNode {
  const { m } = useLanguage();
  const queries = useQueryClient();
  const door = useDoor();
  const [signInName, setSignInName] = useState('');
  const [name, setName] = useState('');
  const [alone, setAlone] = useState(false);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes !== null) {
    const onKept = (): void => {
      go('/', true);
      void queries.resetQueries();
    };
    return (
      <div className="screen stack">
        <h1>{m.setUp.title}</h1>
        <RecoveryCodes codes={codes} onKept={onKept} />
      </div>
    );
  }
  // Somebody has made it, perhaps in another window.
  if (door?.state !== 'set-up')
    return (
      <div className="notice">
        <h1>{m.setUp.title}</h1>
        <p>
          <Link to="/">{m.app.toCase}</Link>
        </p>
      </div>
    );
  return (
    <div className="screen stack">
      <h1>{m.setUp.title}</h1>
      <p className="lead">{m.setUp.text}</p>
      <CredentialForm
        signInName={signInName}
        submit={m.setUp.create}
        onOffer={async (offer) =>
          setCodes((await call('POST /api/set-up', { body: { signInName, name, alone, offer } })).recoveryCodes ?? [])
        }
      >
        <Names {...{ signInName, setSignInName, name, setName }} />
        <Check label={m.setUp.alone} hint={m.setUp.aloneText} checked={alone} onChecked={setAlone} />
      </CredentialForm>
    </div>
  );
}

interface NamesParts {
  signInName: string;
  setSignInName: (name: string) => void;
  name: string;
  setName: (name: string) => void;
}

/** The two names of a person: one for this machine, one for the records. */
export function Names({ signInName, setSignInName, name, setName }: NamesParts): ReactNode {
  const { m } = useLanguage();
  return (
    <>
      <Field
        label={m.setUp.signInName}
        hint={m.setUp.signInNameText}
        value={signInName}
        onValue={setSignInName}
        autoComplete="username"
        required
        maxLength={60}
      />
      <Field
        label={m.setUp.workingName}
        hint={m.setUp.workingNameText}
        value={name}
        onValue={setName}
        autoComplete="off"
        required
        maxLength={60}
      />
    </>
  );
}
