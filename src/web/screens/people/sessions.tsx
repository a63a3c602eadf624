// Open sessions, each to be ended.
import type { ReactNode } from 'react';
import type { Session } from '../../api-types.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, useAct } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Literal, Say } from '../../parts/text.tsx';

interface SessionListParts {
  sessions: readonly Session[];
  onEnd: (id: string) => Promise<void>;
}

export function SessionList({ sessions, onEnd }: SessionListParts): ReactNode {
  const { m, time } = useLanguage();
  const { error, run } = useAct();
  if (sessions.length === 0) return <p className="soft">{m.people.noSessions}</p>;
  return (
    <>
      <ul className="lines">
        {sessions.map(({ id, program, how, seen, own }) => (
          <li key={id} className="row">
            <span>
              {program === '' ? m.account.unknownProgram : <Literal>{program}</Literal>}
              {m.app.comma}
              {m.proofs[how]}
            </span>
            <span className="soft">
              <Say text={m.account.seen} time={<bdi>{time(seen)}</bdi>} />
            </span>
            {own ? (
              <Mark kind="accepted">{m.account.own}</Mark>
            ) : (
              <ActButton onClick={() => run(() => onEnd(id))}>{m.account.end}</ActButton>
            )}
          </li>
        ))}
      </ul>
      <ActError error={error} />
    </>
  );
}
