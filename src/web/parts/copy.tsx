// Copying by a button that says that it did, and a command that can be copied.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { useLanguage } from '../language.tsx';

/** A button that puts `text` on the clipboard. */
export function CopyButton({ text, label }: { text: string; label?: string }): ReactNode {
  const { m } = useLanguage();
  const [state, setState] = useState<'ready' | 'copied' | 'failed'>('ready');
  useEffect(() => {
    if (state === 'ready') return undefined;
    const timer = setTimeout(() => setState('ready'), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  return (
    <>
      <button type="button" className="button" onClick={copy}>
        <span className={state === 'copied' ? 'hidden' : ''}>{label ?? m.app.copy}</span>
        <span className={state === 'copied' ? '' : 'hidden'}>{m.app.copied}</span>
      </button>
      <span className={state === 'failed' ? 'soft' : 'spoken'} role="status">
        {state === 'copied' ? m.app.copied : state === 'failed' ? m.app.notCopied : ''}
      </span>
    </>
  );
}

/** A command for the terminal. */
export function Command({ children }: { children: string }): ReactNode {
  return (
    <span className="command" dir="ltr">
      <code>{children}</code>
      <CopyButton text={children} />
    </span>
  );
}
