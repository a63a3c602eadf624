// What every queue has around its question: how much waits, a calm pace, what was answered last, what is on its way.
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useActs } from '../../keys.tsx';
import type { Act } from '../../keys.tsx';
import { useLanguage } from '../../language.tsx';
import { Command } from '../../parts/copy.tsx';
import { Key } from '../../parts/keyboard.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Counted, Foreign, Literal, Say } from '../../parts/text.tsx';
import { doorQuery } from '../../queries.ts';
import { keyOf } from '../../keys.tsx';
import { useQueue } from './use-queue.ts';
import type { QueueName } from '../../../group/queue.ts';
import type { QueueWork, Served } from './use-queue.ts';
import './queues.css';

interface ActButtonParts {
  act: Act;
  chosen?: boolean;
  /** Of one that stays chosen. */
  pressed?: boolean;
}

/** An act as a button that shows its key. */
export function ActButton({ act, chosen = false, pressed }: ActButtonParts): ReactNode {
  return (
    <button
      type="button"
      className={chosen || pressed === true ? 'button chosen' : 'button'}
      aria-pressed={pressed}
      onClick={() => act.run(false)}
    >
      <span>{act.name}</span>
      {keyOf(act) !== '' && <Key of={keyOf(act)} />}
    </button>
  );
}

/** A number by its cut-out, or the words that there is none here. Never mirrored, and named without what it says. */
export function Crop({ id, hidden = false }: { id: string; hidden?: boolean }): ReactNode {
  const { m } = useLanguage();
  const [missing, setMissing] = useState(false);
  return (
    <span className="crop" dir="ltr" hidden={hidden}>
      {missing ? (
        <span className="soft">{m.queues.noCrop}</span>
      ) : (
        <img src={`/api/crops/${id}`} alt={m.queues.crop} onError={() => setMissing(true)} />
      )}
    </span>
  );
}

function Refused({ work }: { work: QueueWork<QueueName> }): ReactNode {
  const { m } = useLanguage();
  const { refused } = work.outbox;
  if (refused.length === 0) return null;
  return (
    <section className="refused" aria-label={m.queues.conflicts} role="alert">
      <Mark kind="problem">{m.queues.conflicts}</Mark>
      <ul>
        {refused.flatMap(({ key, why, changed }) =>
          changed.length === 0
            ? [
                <li key={key} lang="en" dir="auto">
                  <Say text={m.queues.refused} why={why} />
                </li>,
              ]
            : changed.map(({ item, said, by }) => (
                <li key={`${key} ${item}`}>
                  <Say
                    text={m.queues.conflict}
                    item={<Literal>{item}</Literal>}
                    said={said === null ? m.queues.nothingSaid : <Foreign>{said}</Foreign>}
                    by={<Foreign>{by}</Foreign>}
                  />
                </li>
              )),
        )}
      </ul>
      <button type="button" className="button" onClick={work.dismiss}>
        <span>{m.queues.dismiss}</span>
      </button>
    </section>
  );
}

interface FrameParts<Name extends QueueName> {
  name: Name;
  /** The question before the eyes. */
  Question: (parts: { one: Served<Name>; work: QueueWork<Name> }) => ReactNode;
  /** What can be fetched while another is answered. */
  Ahead?: (parts: { one: Served<Name> }) => ReactNode;
}

/** The screen of one queue. */
export function QueueFrame<Name extends QueueName>(parts: FrameParts<Name>): ReactNode {
  const door = useQuery(doorQuery);
  if (door.data === undefined)
    return door.error === null ? <Loading /> : <Failure error={door.error} onRetry={() => void door.refetch()} />;
  return <Working {...parts} member={door.data.person?.member ?? ''} />;
}

function Working<Name extends QueueName>({
  name,
  member,
  Question,
  Ahead,
}: FrameParts<Name> & { member: string }): ReactNode {
  const { m, number } = useLanguage();
  const work = useQueue(name, member);
  const [told, setTold] = useState('');
  const { current, ahead, last, outbox } = work;
  const undo: Act = {
    id: 'queue.undo',
    key: 'z',
    name: m.queues.undo,
    run: () =>
      void work.undo().then((back) => setTold(back === null ? '' : back ? m.queues.undone : m.queues.notUndone)),
  };
  const later: Act = { id: 'queue.later', key: 'l', name: m.queues.later, run: work.later };
  // The acts hold on to the state of this very drawing, so they are given anew with each.
  useActs(useMemo(() => [undo, later], [work]));
  if (current === undefined)
    return work.error === null ? <Loading /> : <Failure error={work.error} onRetry={work.retry} />;
  return (
    <div className="screen queue">
      <h1>{m.queues[name]}</h1>
      <p className="soft row">
        <span>
          <Counted phrase={m.queues.waiting} n={work.waiting} />
        </span>
        {work.others > 0 && (
          <span>
            <Counted phrase={m.queues.others} n={work.others} />
          </span>
        )}
        <span>
          <Counted phrase={m.queues.sitting} n={work.answered} />
          {work.pace !== null && (
            <>
              {m.app.comma}
              <Say text={m.queues.pace} n={<bdi>{number(work.pace)}</bdi>} />
            </>
          )}
        </span>
      </p>
      {work.unread > 0 && (
        <p className="soft small">
          <Counted phrase={m.queues.unread} n={work.unread} command={<Literal>dalil queue numbers</Literal>} />
        </p>
      )}
      <Refused work={work as unknown as QueueWork<QueueName>} />
      {current === null ? (
        <div className="question stack">
          <p>{m.queues.empty}</p>
          <p className="soft">{m.queues.emptyText}</p>
          <Command>dalil group</Command>
        </div>
      ) : (
        <Question key={current.entry.id} one={current} work={work} />
      )}
      {Ahead !== undefined && ahead.slice(0, 2).map((one) => <Ahead key={one.entry.id} one={one} />)}
      <div className="row after">
        {current !== null && <ActButton act={later} />}
        {last !== null && <ActButton act={undo} />}
        <span role="status" className="soft">
          {told !== '' ? told : last !== null && <Say text={m.queues.answered} what={<Foreign>{last.said}</Foreign>} />}
        </span>
      </div>
      <p role="status" className="soft unsent">
        {outbox.waitingForLine && outbox.unsent.length > 0 && (
          <Mark kind="waiting">
            <Counted phrase={m.queues.unsent} n={outbox.unsent.length} />
          </Mark>
        )}
      </p>
    </div>
  );
}
