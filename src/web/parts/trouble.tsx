// An act that the server did not do, in its own words, beside where it was asked for.
import type { ReactNode } from 'react';
import { ApiError, isOffline } from '../api.ts';
import { useLanguage } from '../language.tsx';
import { Mark } from './marks.tsx';

/** Nothing where there is no error. */
export function Trouble({ error }: { error: unknown }): ReactNode {
  const { m } = useLanguage();
  if (error === null || error === undefined) return null;
  return (
    <div role="alert" className="trouble">
      <Mark kind="broken">
        {isOffline(error) || !(error instanceof ApiError) ? (
          m.app.lostNothing
        ) : (
          <span lang="en" dir="auto">
            {error.message}
          </span>
        )}
      </Mark>
      {error instanceof ApiError && error.next !== null && (
        <p lang="en" dir="auto" className="soft">
          {error.next}
        </p>
      )}
    </div>
  );
}
