// Long lists come a page at a time: how many are shown, of how many, and a button for the next ones.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useLanguage } from '../language.tsx';
import { Count, Say } from './text.tsx';

interface MoreParts {
  shown: number;
  all: number;
  step: number;
  busy?: boolean;
  onMore: () => void;
}

/** The foot of a list. Nothing where all are shown. */
export function More({ shown, all, step, busy = false, onMore }: MoreParts): ReactNode {
  const { m } = useLanguage();
  if (shown >= all) return null;
  return (
    <div className="more">
      {/* Busy, not disabled: a disabled button would lose the keyboard's place. */}
      <button type="button" className="button" aria-busy={busy} onClick={() => !busy && onMore()}>
        <span>
          <Say text={m.app.more} n={<Count n={Math.min(step, all - shown)} />} />
        </span>
      </button>
      <span className="soft" role="status">
        <Say text={m.app.shown} shown={<Count n={shown} />} all={<Count n={all} />} />
      </span>
    </div>
  );
}

/** The first entries of a list that is here already, and how to show more. */
export function usePaged<T>(list: readonly T[], step: number): [readonly T[], ReactNode] {
  const [shown, setShown] = useState(step);
  const visible = list.slice(0, shown);
  const foot = <More shown={visible.length} all={list.length} step={step} onMore={() => setShown(shown + step)} />;
  return [visible, foot];
}
