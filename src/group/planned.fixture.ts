// The pictures of a made-up cache as grouping reads them from the index: names read by the demo's rules, cards by whatever
// reader is given. And a person who answers the queue from the truth.
import { cameras } from '../demo/words.ts';
import { planDemo, type FileFacts } from '../demo/plan.ts';
import { demoRules } from '../demo/rules.ts';
import { provisionalFrom } from './agreement.ts';
import { assign, type Assignable, type Assignment, type Known, type NumberQuestion, type Proposal } from './assign.ts';
import { compileRules, parseRules, readPaths } from './identifier.ts';
import { compare, type PartitionMeasures } from './partition-measures.ts';
import { keyText } from './project.ts';
import { inOrder } from './queue.ts';

export const known: Known = { keyRoles: ['branch-number', 'detainee-number'], targetOf: keyText };

/** What a reader says of one picture. */
export interface Read {
  role: string;
  value: string;
  probability: number;
  alternatives: { value: string; probability: number }[];
}

export interface Planned {
  all: Assignable[];
  /** Picture to "branch/number". */
  truth: Map<string, string>;
}

/** `read` gives null for a picture that is to be left out. */
export function plannedPictures(
  demo: { individuals: number; seed: string; megapixels: number },
  read: (facts: FileFacts) => readonly Read[] | null,
): Planned {
  const rules = compileRules(parseRules(demoRules));
  const files = planDemo(demo).files.filter(({ facts }) => facts.kind === 'picture');
  const paths = new Map<string, string[]>();
  for (const { facts } of files) {
    const content = facts.exactDuplicateOf ?? facts.path;
    paths.set(content, [...(paths.get(content) ?? []), facts.path]);
  }
  const truth = new Map<string, string>();
  const all = files.flatMap(({ facts, content }, position): Assignable[] => {
    if (facts.exactDuplicateOf !== null) return [];
    const readings = read(facts);
    if (readings === null) return [];
    const named = readPaths(paths.get(facts.path)!, rules);
    if (facts.individual !== null) truth.set(facts.path, facts.individual);
    if (!['detainee', 'unreviewed'].includes(named.category)) return [];
    const camera = cameras.find(({ id }) => id === facts.camera);
    return [
      {
        item: facts.path,
        id: facts.path,
        position,
        cluster: facts.nearDuplicateOf?.path ?? facts.path,
        body: camera === undefined ? null : `${camera.model} ${camera.serial ?? ''}`,
        serial: camera?.serial !== null,
        taken: facts.taken === null ? null : Date.parse(`${facts.taken}Z`) / 1000,
        counter: camera === undefined ? null : (content as { picture: { counter: number } }).picture.counter,
        target: named.key === null ? null : keyText(named.key),
        number: named.key?.['detainee-number'] ?? null,
        by: named.key === null ? null : 'path',
        readings: readings.map(({ role, value, probability, alternatives }, n) => ({
          n,
          role,
          values: [{ value, probability }, ...alternatives],
        })),
        settled: [],
        excluded: false,
      },
    ];
  });
  return { all, truth };
}

export const partitionOf = (all: Assignment): Map<string, string> =>
  new Map([...all.members].flatMap(([target, list]) => list.map(({ item }) => [item, target] as const)));

/** What was found before and after so many answers, in the order of the queue, and what a person did not have to see. */
export interface Answered {
  before: PartitionMeasures;
  after: PartitionMeasures;
  answers: number;
  queue: number;
  /** Numbers used before any answer, and how many of them are wrong. */
  provisional: number;
  wrong: number;
}

const nameOf = (question: NumberQuestion | Proposal): string =>
  'role' in question ? `${question.role} ${question.item}` : `${question.target} ${question.items.join(' ')}`;

function partOf(truth: Planned['truth'], item: string, role: string): string | undefined {
  const [branch, number] = truth.get(item)?.split('/') ?? [];
  return role === 'branch-number' ? branch : number;
}

/** One at a time, as a person would: what a crop says, and whose the pictures beside are. Changes the pictures. */
export function answered({ all, truth }: Planned, most: number): Answered {
  const byItem = new Map(all.map((picture) => [picture.item, picture]));
  const before = assign(all, known);
  const first = compare(partitionOf(before), truth);
  const unseen = before.questions.filter(({ state }) => state === 'provisional');
  const wrong = unseen.filter(({ item, role, value }) => partOf(truth, item, role) !== value).length;
  const size = before.questions.filter(({ state }) => state === 'open').length + before.proposals.length;
  const asked = new Set<string>();
  let state = before;
  // What an answer brings up is asked as well, once.
  while (asked.size < most) {
    const open = [...state.questions.filter((one) => one.state === 'open'), ...state.proposals];
    const queue = inOrder(open).filter((question) => !asked.has(nameOf(question)));
    if (queue.length === 0) break;
    for (const question of queue.slice(0, most - asked.size)) {
      asked.add(nameOf(question));
      if ('role' in question) {
        const value = partOf(truth, question.item, question.role) ?? null;
        byItem.get(question.item)!.settled.push({ role: question.role, value });
        continue;
      }
      const body = truth.get(question.items[0]!);
      const [branch, number] = body?.split('/') ?? [];
      const key = body === undefined ? null : keyText({ 'branch-number': branch!, 'detainee-number': number! });
      for (const item of question.items) {
        if (truth.get(item) === body)
          Object.assign(byItem.get(item)!, { target: key, by: 'placed', excluded: key === null });
      }
    }
    state = assign(all, known);
  }
  return {
    before: first,
    after: compare(partitionOf(state), truth),
    answers: asked.size,
    queue: size,
    provisional: unseen.length,
    wrong,
  };
}

/** Numbers of the key that machines agree on well enough to be used unseen, whether or not a name says the same. */
export function agreedUnseen({ all, truth }: Planned): { sure: number; wrong: number; read: number } {
  const numbers = assign(all, known).agreements.flatMap((one) => one.numbers);
  const asked = numbers.filter(({ role }) => known.keyRoles.includes(role));
  const sure = asked.filter(({ probability }) => probability >= provisionalFrom);
  const wrong = sure.filter(({ item, role, value }) => partOf(truth, item, role) !== value);
  return { sure: sure.length, wrong: wrong.length, read: asked.length };
}
