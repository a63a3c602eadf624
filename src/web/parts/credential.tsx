// How somebody will sign in: a passkey first; a password with an authenticator application where there is none.
import { useEffect, useId, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../api.ts';
import type { CredentialOffer, TotpOffer } from '../api-types.ts';
import { useLanguage } from '../language.tsx';
import { hasPasskeys, makePasskey } from '../passkeys.ts';
import { CopyButton } from './copy.tsx';
import { ActButton, ActError, Check, Field, PasswordField, useAct } from './form.tsx';
import { Literal } from './text.tsx';

interface CredentialParts {
  signInName: string;
  /** What the button says. */
  submit: string;
  /** Only this way, where the choice was made before. */
  only?: 'passkey' | 'password';
  onOffer: (offer: CredentialOffer) => Promise<unknown>;
  /** Further fields of the same form, above. */
  children?: ReactNode;
}

/** A form that ends with a new way to sign in. */
export function CredentialForm({ signInName, submit, only, onOffer, children }: CredentialParts): ReactNode {
  const { m } = useLanguage();
  const [kind, setKind] = useState<'passkey' | 'password'>(only ?? (hasPasskeys() ? 'passkey' : 'password'));
  const [name, setName] = useState(m.credential.passkeyNameDefault);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [totp, setTotp] = useState<TotpOffer | null>(null);
  const { busy, error, run } = useAct();
  const group = useId();

  const send = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      if (kind === 'passkey') {
        await onOffer({ kind, name, response: await makePasskey(signInName) });
      } else if (totp !== null) await onOffer({ kind, password, secret: totp.secret, code });
    });
  };
  return (
    <form className="stack form" onSubmit={send}>
      {children}
      {only === undefined && (
        <fieldset className="stack">
          <legend>{m.credential.title}</legend>
          <Check
            type="radio"
            name={group}
            label={m.credential.passkey}
            hint={hasPasskeys() ? m.credential.passkeyText : m.door.noPasskeys}
            checked={kind === 'passkey'}
            onChecked={() => hasPasskeys() && setKind('passkey')}
          />
          <Check
            type="radio"
            name={group}
            label={m.credential.password}
            checked={kind === 'password'}
            onChecked={() => setKind('password')}
          />
        </fieldset>
      )}
      {kind === 'passkey' ? (
        <Field label={m.credential.passkeyName} value={name} onValue={setName} required maxLength={40} />
      ) : (
        <>
          <PasswordField
            label={m.credential.newPassword}
            hint={m.credential.newPasswordText}
            value={password}
            onValue={setPassword}
            autoComplete="new-password"
            required
            minLength={12}
          />
          <Authenticator signInName={signInName} totp={totp} onTotp={setTotp} />
          <Field
            label={m.credential.firstCode}
            value={code}
            onValue={setCode}
            dir="ltr"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            pattern="\s*\d{3}\s*\d{3}\s*"
          />
        </>
      )}
      <ActError error={error} />
      <ActButton type="submit" first busy={busy}>
        {submit}
      </ActButton>
    </form>
  );
}

interface AuthenticatorParts {
  signInName: string;
  totp: TotpOffer | null;
  onTotp: (totp: TotpOffer) => void;
}

/** The secret of an authenticator application: a picture for its camera, and letters for whoever has none. */
function Authenticator({ signInName, totp, onTotp }: AuthenticatorParts): ReactNode {
  const { m } = useLanguage();
  useEffect(() => {
    const ending = new AbortController();
    // Asked once: a new secret for each letter of the name would not be the one that was scanned.
    call('POST /api/totp/offer', { body: { signInName: signInName.trim() || 'Dalil' }, signal: ending.signal }).then(
      onTotp,
      () => undefined,
    );
    return () => ending.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const size = totp?.qr.length ?? 33;
  const dark = totp?.qr.flatMap((row, y) => [...row].flatMap((bit, x) => (bit === '1' ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <div className="authenticator">
      <p>{m.credential.scan}</p>
      <svg className="qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={m.credential.qr}>
        <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
        <path d={dark?.join('') ?? ''} fill="#000" shapeRendering="crispEdges" />
      </svg>
      <p className="row">
        <span>{m.credential.key}</span>
        <code className="secret">
          <Literal>{totp?.secret.match(/.{4}/g)?.join(' ') ?? ''}</Literal>
        </code>
        {totp !== null && <CopyButton text={totp.secret} />}
      </p>
    </div>
  );
}

/** Recovery codes, shown once, until somebody says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }): ReactNode {
  const { m } = useLanguage();
  return (
    <div className="stack">
      <h2>{m.recovery.title}</h2>
      <p className="lead">{m.recovery.text}</p>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>
              <Literal>{code}</Literal>
            </code>
          </li>
        ))}
      </ul>
      <p className="row">
        <CopyButton text={codes.join('\n')} label={m.recovery.copy} />
        <ActButton first onClick={onKept}>
          {m.recovery.kept}
        </ActButton>
      </p>
    </div>
  );
}
