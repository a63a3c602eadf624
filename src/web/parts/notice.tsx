// What stands in a screen's place: loading, an error and what to do, a session that has ended.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError, isEnded, isOffline } from '../api.ts';
import { useLanguage } from '../language.tsx';
import { Command } from './copy.tsx';
import { Mark } from './marks.tsx';

/** Says that something is being read, but only where it takes long enough to be noticed. */
export function Loading(): ReactNode {
  const { m } = useLanguage();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="notice" role="status">
      {late && <Mark kind="working">{m.app.loading}</Mark>}
    </div>
  );
}

/** An error in a screen's place. */
export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactNode {
  const { m } = useLanguage();
  if (isEnded(error))
    return (
      <div className="notice" role="alert">
        <h1>{m.app.endedTitle}</h1>
        <p className="soft">{m.app.endedText}</p>
        <Command>dalil serve</Command>
      </div>
    );
  return (
    <div className="notice" role="alert">
      <h1>{m.app.errorTitle}</h1>
      {isOffline(error) ? (
        <p className="soft">{m.app.lostNothing}</p>
      ) : (
        error instanceof ApiError && (
          <>
            {/* The server's own sentence, in the language that the program writes. */}
            <p lang="en" dir="auto">
              {error.message}
            </p>
            {error.next !== null && (
              <p lang="en" dir="auto" className="soft">
                {error.next}
              </p>
            )}
            <p className="soft">
              {m.app.code}: <code>{error.code}</code>
            </p>
          </>
        )
      )}
      <button type="button" className="button" onClick={onRetry}>
        <span>{m.app.again}</span>
      </button>
    </div>
  );
}
