// A dialogue over the page: the browser's own, which keeps the focus inside and gives it back.
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { useLanguage } from '../language.tsx';

interface DialogParts {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Open for as long as it is drawn; Esc and its last button close it. */
export function Dialog({ title, onClose, children }: DialogParts): ReactNode {
  const { m } = useLanguage();
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      <button type="button" className="button" onClick={onClose}>
        <span>{m.app.close}</span>
      </button>
    </dialog>
  );
}
