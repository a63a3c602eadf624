// What the people of a case ask of each other: a few words, about what, of whom. Each act is a record that holds the task as
// it is from then on; the words never leave in a bundle.
import { Fault } from '../case/fault.ts';
import { queueSubjects } from '../case/task-subjects.ts';
import type { OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import type { TaskRecord } from './records.ts';

/** A task as it stands. */
export interface Task {
  /** T-0001 */
  task: string;
  words: string;
  /** An item (E-00012), an individual (I-0001), the name of a queue; null: about nothing that has a name here. */
  subject: string | null;
  /** Working name; null: whoever comes first. */
  assignee: string | null;
  state: TaskRecord['state'];
  /** Who asked, and when. */
  by: string;
  asked: string;
  /** The record that stands, by whom and when. */
  record: number;
  changedBy: string;
  changed: string;
}

type Asked = Pick<TaskRecord, 'words' | 'subject' | 'assignee'>;

/** Words in one form, lines kept. Fault('usage') where there are none, too many, or some that show as others. */
function plain(words: string): string {
  const said = words.normalize('NFC').replaceAll('\r\n', '\n').trim();
  if (said !== '' && said.length <= 1000 && !/[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u.test(said)) return said;
  throw new Fault('usage', {
    what: 'These cannot be the words of a task.',
    expected: '1 to 1,000 characters',
    got: `${said.length} characters`,
  });
}

/** What a task cites of its subject. Fault('usage') where there is nothing of that name. */
async function citation({ index }: OpenCase, subject: string | null): Promise<Record<string, string>> {
  if (subject === null || (queueSubjects as readonly string[]).includes(subject)) return {};
  const [role, sql] = subject.startsWith('I-')
    ? ['individual', 'select r.id from individual v join record r on r.position = v.position where v.handle = $1']
    : ['item', 'select id from item where handle = $1'];
  const { rows } = await index.pool.query<{ id: string }>(sql, [subject]);
  if (rows[0] !== undefined) return { [role]: rows[0].id };
  throw new Fault('usage', {
    what: 'A task cannot be about this: there is nothing of that name.',
    expected: `an item as E-00012, an individual as I-0001, or a queue: ${queueSubjects.join(', ')}`,
    got: subject,
    next: 'dalil items, or: dalil individuals',
  });
}

/** Asks for something. Whether there is such an assignee is the caller's to know. */
export async function addTask(opened: OpenCase, { words, subject, assignee }: Asked): Promise<LoggedRecord> {
  const said = plain(words);
  const refs = await citation(opened, subject);
  const [record] = await opened.log.append(opened.actor, (turn) => {
    const draft = { kind: 'protect.task', handle: turn.next('T'), words: said, subject, assignee, state: 'open' };
    turn.add({ ...draft, ...(Object.keys(refs).length > 0 && { refs }) });
  });
  return record!;
}

/**
 * Hands a task on, closes it, or opens it again. `seen`: the record in which it was seen, where somebody saw it. Fault
 * ('conflict') where another stands by now, ('usage') where there is no such task. What is so already is not written.
 */
export async function changeTask(
  opened: OpenCase,
  handle: string,
  to: Partial<Pick<TaskRecord, 'assignee' | 'state'>>,
  seen?: number,
): Promise<void> {
  await opened.log.append(opened.actor, async (turn) => {
    const task = await readTask(opened, handle);
    if (seen !== undefined && task.record !== seen) {
      throw new Fault('conflict', {
        what: 'Somebody else has changed this task since you saw it.',
        next: 'look at it again, and change it if it is still needed',
      });
    }
    const { words, subject, assignee, state } = { ...task, ...to };
    if (assignee === task.assignee && state === task.state) return;
    // What it was about may have another record by now; it was cited when it was asked.
    turn.add({ kind: 'protect.task', handle, words, subject, assignee, state });
  });
}

const columns = `t.handle as task, t.words, t.subject, t.assignee, t.state, a.actor as by, a.at as asked, t.position as record,
  r.actor as "changedBy", r.at as changed`;
const from = 'task t join record r on r.position = t.position join record a on a.position = t.asked';

/** One task. Fault('usage') where there is none. */
export async function readTask({ index }: OpenCase, handle: string): Promise<Task> {
  const { rows } = await index.pool.query<Task & Record<string, unknown>>(
    `select ${columns} from ${from} where t.handle = $1`,
    [handle],
  );
  if (rows[0] !== undefined) return rows[0];
  throw new Fault('usage', {
    what: 'There is no such task.',
    expected: 'a handle as T-0001',
    got: handle,
    next: 'dalil tasks',
  });
}

export interface TaskQuery {
  state?: TaskRecord['state'];
  assignee?: string;
  /** What the page before ended with. */
  before?: number;
  limit: number;
}

/** Tasks, the newest first. */
export async function listTasks({ index }: OpenCase, query: TaskQuery): Promise<Task[]> {
  const { rows } = await index.pool.query<Task & Record<string, unknown>>(
    `select ${columns} from ${from} where ($1::text is null or t.state = $1) and ($2::text is null or t.assignee = $2)
       and ($3::bigint is null or t.asked < $3) order by t.asked desc limit $4`,
    [query.state ?? null, query.assignee ?? null, query.before ?? null, query.limit],
  );
  return rows;
}

/** How many are open: of one person, of nobody in particular, in all. */
export async function countOpen(
  { index }: OpenCase,
  name: string,
): Promise<{ mine: number; unassigned: number; all: number }> {
  const { rows } = await index.pool.query<{ mine: number; unassigned: number; all: number }>(
    `select count(*) filter (where assignee = $1) as mine, count(*) filter (where assignee is null) as unassigned,
       count(*) as "all" from task where state = 'open'`,
    [name],
  );
  return rows[0]!;
}

/** Where the list goes on behind this task: the position of the record that asked. */
export async function placeOf({ index }: OpenCase, handle: string): Promise<number> {
  const { rows } = await index.pool.query<{ asked: number }>('select asked from task where handle = $1', [handle]);
  return rows[0]?.asked ?? 0;
}
