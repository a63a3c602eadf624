// Tasks: what the team asks of each other. The list, what one can do with each, and asking for another.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { queueSubjects } from '../../../case/task-subjects.ts';
import { ApiError, call } from '../../api.ts';
import type { Task } from '../../api-types.ts';
import { useDoor } from '../../door.ts';
import { useLanguage } from '../../language.tsx';
import { ActButton, ActError, Choice, Field, TextArea, useAct } from '../../parts/form.tsx';
import { Mark } from '../../parts/marks.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { Foreign, Literal, Say } from '../../parts/text.tsx';
import { go, Link, useAddress } from '../../router.tsx';
import './tasks.css';

const shows = ['mine', 'open', 'done'] as const;
type Show = (typeof shows)[number];
const asked = {
  mine: { state: 'open', mine: 'true' },
  open: { state: 'open' },
  done: { state: 'done' },
} as const;

/** What a task is about, as a link. */
function Subject({ subject }: { subject: string }): ReactNode {
  const { m } = useLanguage();
  const queue = queueSubjects.find((name) => name === subject);
  if (queue !== undefined) return <Link to={`/queues/${queue}`}>{m.queues[queue]}</Link>;
  return (
    <Link to={`/${subject.startsWith('I-') ? 'individuals' : 'items'}/${subject}`}>
      <Literal>{subject}</Literal>
    </Link>
  );
}

/** The screen. */
export function TasksScreen(): ReactNode {
  const { m } = useLanguage();
  const { query } = useAddress();
  const about = query.get('about') ?? '';
  const show: Show = shows.find((one) => one === query.get('show')) ?? (about === '' ? 'mine' : 'open');
  const queries = useQueryClient();
  const people = useQuery({
    queryKey: ['tasks', 'people'],
    queryFn: async ({ signal }) => call('GET /api/tasks/people', { signal }),
  });
  const list = useInfiniteQuery({
    queryKey: ['tasks', 'list', show],
    queryFn: async ({ pageParam, signal }) =>
      call('GET /api/tasks', {
        query: { ...asked[show], limit: 50, ...(pageParam !== null && { after: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (list.data === undefined)
    return list.error === null ? <Loading /> : <Failure error={list.error} onRetry={() => void list.refetch()} />;
  const tasks = list.data.pages.flatMap((page) => page.tasks);
  const names = people.data?.names ?? [];
  const again = (): Promise<void> => queries.invalidateQueries({ queryKey: ['tasks'] });
  return (
    <div className="screen tasks">
      <h1>{m.tasks.title}</h1>
      <p className="lead soft">{m.tasks.text}</p>
      <details className="asking" open={about !== '' || tasks.length === 0}>
        <summary>{m.tasks.add}</summary>
        <Ask key={about} about={about} names={names} onAsked={again} />
      </details>
      <Choice
        label={m.tasks.show}
        value={show}
        options={shows.map((one) => [one, m.tasks.filters[one]])}
        onValue={(to) => go(`/tasks?show=${to}`, true)}
      />
      {tasks.length === 0 && <p>{m.tasks.none}</p>}
      <ul className="lines">
        {tasks.map((task) => (
          <One key={task.task} task={task} names={names} onChanged={again} />
        ))}
      </ul>
      {list.hasNextPage && (
        <ActButton busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {m.tasks.more}
        </ActButton>
      )}
    </div>
  );
}

interface OneParts {
  task: Task;
  names: readonly string[];
  onChanged: () => Promise<void>;
}

function One({ task, names, onChanged }: OneParts): ReactNode {
  const { m, time } = useLanguage();
  const { error, run } = useAct();
  const change = (to: { state?: 'open' | 'done'; assignee?: string | null }): void =>
    run(async () => {
      try {
        await call('PUT /api/tasks/{task}', { params: { task: task.task }, body: { ...to, seen: task.record } });
      } finally {
        await onChanged();
      }
    });
  const { subject, words, assignee, state, by, asked, changedBy, changed } = task;
  const open = state === 'open';
  // Whoever is no longer of the case keeps what was asked of them until it is handed on.
  const able = assignee === null || names.includes(assignee) ? names : [assignee, ...names];
  return (
    <li className="task">
      <p className="row">
        <Literal>{task.task}</Literal>
        {subject !== null && <Subject subject={subject} />}
        <Mark kind={open ? 'waiting' : 'done'}>{open ? (assignee ?? m.tasks.anyone) : m.tasks.done}</Mark>
      </p>
      <p className="words" dir="auto">
        {words}
      </p>
      <p className="soft small">
        <Say text={m.tasks.asked} by={<Foreign>{by}</Foreign>} time={<bdi>{time(asked)}</bdi>} />
        {!open && (
          <>
            {m.app.comma}
            <Say text={m.tasks.doneBy} by={<Foreign>{changedBy}</Foreign>} time={<bdi>{time(changed)}</bdi>} />
          </>
        )}
      </p>
      <div className="row">
        {open ? (
          <>
            <ActButton label={m.tasks.doneNamed.replace('{task}', task.task)} onClick={() => change({ state: 'done' })}>
              {m.tasks.done}
            </ActButton>
            <Choice
              label={m.tasks.handOn.replace('{task}', task.task)}
              value={assignee ?? ''}
              options={[['', m.tasks.anyone], ...able.map((name) => [name, name] as const)]}
              onValue={(name) => change({ assignee: name === '' ? null : name })}
            />
          </>
        ) : (
          <ActButton label={m.tasks.againNamed.replace('{task}', task.task)} onClick={() => change({ state: 'open' })}>
            {m.tasks.again}
          </ActButton>
        )}
      </div>
      {error instanceof ApiError && error.code === 'conflict' ? (
        <p role="alert">
          <Mark kind="problem">{m.tasks.stale}</Mark>
        </p>
      ) : (
        <ActError error={error} />
      )}
    </li>
  );
}

function Ask({
  about,
  names,
  onAsked,
}: {
  about: string;
  names: readonly string[];
  onAsked: () => Promise<void>;
}): ReactNode {
  const { m } = useLanguage();
  const me = useDoor()?.person?.name;
  const [words, setWords] = useState('');
  const [subject, setSubject] = useState(about);
  const [queue, setQueue] = useState<'' | (typeof queueSubjects)[number]>('');
  const [assignee, setAssignee] = useState('');
  const { busy, error, run } = useAct();
  return (
    <form
      className="stack form"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          const named = queue === '' ? subject.trim().toUpperCase() : queue;
          const body = {
            words,
            subject: named === '' ? null : named,
            assignee: assignee === '' ? null : assignee,
          };
          await call('POST /api/tasks', { body, key: crypto.randomUUID() });
          setWords('');
          await onAsked();
          go(`/tasks?show=${assignee === me ? 'mine' : 'open'}`, true);
        });
      }}
    >
      <TextArea label={m.tasks.words} rows={3} required maxLength={1000} value={words} onValue={setWords} />
      <div className="row">
        <Choice
          label={m.tasks.assignee}
          value={assignee}
          options={[['', m.tasks.anyone], ...names.map((name) => [name, name] as const)]}
          onValue={setAssignee}
        />
        <Choice
          label={m.tasks.queue}
          value={queue}
          options={[['', m.tasks.noQueue], ...queueSubjects.map((name) => [name, m.queues[name]] as const)]}
          onValue={setQueue}
        />
      </div>
      {queue === '' && (
        <Field
          label={m.tasks.about}
          hint={m.tasks.aboutHint}
          dir="ltr"
          autoComplete="off"
          pattern="\s*[EeIi]-[0-9]{1,12}\s*"
          maxLength={20}
          value={subject}
          onValue={setSubject}
        />
      )}
      <ActError error={error} />
      <ActButton first type="submit" busy={busy}>
        {m.tasks.ask}
      </ActButton>
    </form>
  );
}
