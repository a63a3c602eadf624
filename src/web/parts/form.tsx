// Parts of forms: a field with its words, what went wrong with an act, an act that is under way.
import { useId, useState } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';
import { ApiError, isOffline } from '../api.ts';
import { useLanguage } from '../language.tsx';
import { NoPasskey } from '../passkeys.ts';
import { Mark } from './marks.tsx';

interface FieldParts extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  label: string;
  hint?: string;
  value: string;
  onValue: (value: string) => void;
}

/** A line of text with its label, and a hint that is read with it. */
export function Field({ label, hint, value, onValue, ...input }: FieldParts): ReactNode {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        dir="auto"
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onValue(event.target.value)}
        {...input}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className="soft small">
          {hint}
        </span>
      )}
    </p>
  );
}

/** A password, which can be shown: pasted and typed alike, by people and by their programs. */
export function PasswordField(parts: FieldParts): ReactNode {
  const { m } = useLanguage();
  const [shown, setShown] = useState(false);
  return (
    <>
      <Field {...parts} dir="ltr" type={shown ? 'text' : 'password'} />
      <Check label={m.door.showPassword} checked={shown} onChecked={setShown} />
    </>
  );
}

interface CheckParts {
  label: string;
  hint?: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  type?: 'checkbox' | 'radio';
  name?: string;
}

/** A box to tick, or one of several to choose, its whole line to be pressed. */
export function Check({ label, hint, checked, onChecked, type = 'checkbox', name }: CheckParts): ReactNode {
  return (
    <label className="check">
      <input type={type} name={name} checked={checked} onChange={(event) => onChecked(event.target.checked)} />
      <span>
        {label}
        {hint !== undefined && <span className="soft small">{hint}</span>}
      </span>
    </label>
  );
}

/** What went wrong with an act, where it was asked for. */
export function ActError({ error }: { error: unknown }): ReactNode {
  const { m } = useLanguage();
  if (error === null || error === undefined) return <p role="alert" className="act-error" />;
  return (
    <p role="alert" className="act-error">
      <Mark kind="problem">
        {error instanceof NoPasskey
          ? m.door.cancelled
          : isOffline(error)
            ? m.app.lostNothing
            : !(error instanceof ApiError)
              ? m.door.failed
              : error.reason === 'wrong'
                ? m.door.wrong
                : error.status === 429
                  ? m.door.wait
                  : error.reason === 'changed-meanwhile'
                    ? m.people.stale
                    : sentences(error)}
      </Mark>
    </p>
  );
}

/** The server's own sentences, in the language that the program writes. */
function sentences({ message, detail, next }: ApiError): ReactNode {
  return (
    <span lang="en" dir="ltr">
      {message} {detail === null ? '' : `(${detail}) `}
      {next === null ? '' : `${next.charAt(0).toUpperCase()}${next.slice(1)}.`}
    </span>
  );
}

/** Runs acts one at a time, and keeps what went wrong with the last. */
export function useAct(): { busy: boolean; error: unknown; run: (act: () => Promise<unknown>) => void } {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (act: () => Promise<unknown>): void => {
    if (busy) return;
    setBusy(true);
    setError(null);
    act()
      .catch((reason: unknown) => setError(reason ?? new Error()))
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}

interface ActButtonParts {
  children: ReactNode;
  busy?: boolean;
  /** The act of the screen. */
  first?: boolean;
  type?: 'button' | 'submit';
  label?: string;
  onClick?: () => void;
}

/** A button that keeps the keyboard while its act is under way. */
export function ActButton({
  children,
  busy = false,
  first = false,
  type = 'button',
  label,
  onClick,
}: ActButtonParts): ReactNode {
  return (
    <button
      type={type}
      className={first ? 'button chosen' : 'button'}
      aria-busy={busy}
      aria-label={label}
      onClick={() => !busy && onClick?.()}
    >
      <span>{children}</span>
    </button>
  );
}

interface ChoiceParts<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, name: string])[];
  onValue: (value: T) => void;
}

/** One of a closed list. */
export function Choice<T extends string>({ label, value, options, onValue }: ChoiceParts<T>): ReactNode {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onValue(event.target.value as T)}>
        {options.map(([one, name]) => (
          <option key={one} value={one}>
            {name}
          </option>
        ))}
      </select>
    </p>
  );
}

interface TextAreaParts {
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string | undefined;
  dir?: 'ltr' | 'auto';
  rows?: number;
  required?: boolean;
  maxLength?: number;
}

/** Lines of text with their label. */
export function TextArea({ label, value, onValue, hint, dir = 'auto', ...area }: TextAreaParts): ReactNode {
  const id = useId();
  return (
    <p className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className={dir === 'ltr' ? 'input code' : 'input'}
        dir={dir}
        value={value}
        spellCheck={dir !== 'ltr'}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onValue(event.target.value)}
        {...area}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className="soft small">
          {hint}
        </span>
      )}
    </p>
  );
}
