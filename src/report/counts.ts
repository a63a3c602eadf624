// The figures that several chapters print, made once and in one order, with the evidence that they are computed from.
import type { Category } from '../case/views.ts';
import { categories } from '../case/views.ts';
import type { Citation, Figure, Interval, SetCitation } from './content.ts';
import { complete, Draft } from './content.ts';
import type { DossierInput } from './dossier.ts';

/** A category as a word, and what it means (DOMAIN: photo category). */
export const categoryWords: Record<Category, [string, string]> = {
  detainee: ['Detainee', 'the body of a detainee'],
  force: ['Force', 'a dead soldier'],
  incident: ['Incident', 'the aftermath of an incident'],
  other: ['Other', 'a document, a room, equipment'],
  unclear: ['Unclear', 'it cannot be told which'],
  unreviewed: ['Unreviewed', 'not sorted: no pattern of the case speaks of it'],
};

/** What a figure needs beside its value where it counts everything there is. */
export function all(rule: string, cites: Citation[], denominator: number | null = null): Omit<Figure, 'id' | 'value'> {
  return { rule, denominator, interval: complete, cites };
}

/** A person's word stands before that of a pattern. */
const categoryRule = (name: Category): string =>
  name === 'unreviewed'
    ? 'sealed pictures that no person has sorted and no pattern of the case speaks of, or that a person has put back there'
    : `sealed pictures that a person has sorted as ${name}, and those that patterns of the case propose as ${name} and no person has sorted; ${name}: ${categoryWords[name][1]}`;

export const receivedRule = (what: string): string =>
  `files ${what}: every file that is no folder, every archive and every member of one`;

export type Counts = ReturnType<typeof countsOf>;

/** The shared figures of a case. Makes them in the draft: to be called once. */
export function countsOf(input: DossierInput, draft: Draft) {
  const { view } = input;
  const here = draft.checkpoint;
  const evidence = Object.fromEntries(
    Object.entries(input.evidence).map(([name, each]) => [name, draft.set(each.from, each.count, each.records)]),
  ) as Record<keyof DossierInput['evidence'], SetCitation>;
  const total = view.reconciliation;
  const fromReconciliations: Citation[] = [
    ...view.accessions.flatMap(({ record }) => (record === null ? [] : [draft.record(record)])),
    evidence.received,
  ];
  const received = draft.figure('received', total.received, all(receivedRule('received'), fromReconciliations));
  const part = (name: 'sealed' | 'duplicate' | 'quarantined', rule: string) =>
    draft.figure(name, total[name], all(receivedRule(rule), fromReconciliations, total.received));
  const sealed = part('sealed', 'sealed (kept whole, named by their SHA-256)');
  const duplicate = part('duplicate', 'whose bytes repeat a sealed file');
  const quarantined = part('quarantined', 'that could not be had whole');
  const pictures = draft.figure(
    'pictures',
    view.pictures,
    all('sealed items that are pictures by their content', [evidence.described], total.sealed),
  );
  const byCategory = Object.fromEntries(
    categories.map((name) => [
      name,
      draft.figure(
        `category.${name}`,
        view.categories[name],
        all(categoryRule(name), [evidence.categories], view.pictures),
      ),
    ]),
  ) as Record<Category, Figure>;
  const accepted = draft.figure(
    'category.accepted',
    input.acceptedCategories,
    all('pictures whose category a person has accepted', [evidence.categories], view.pictures),
  );
  const people = view.individuals;
  const notASample: Interval = { none: people.interval };
  const individuals = draft.figure('individuals', people.count, {
    rule: `individuals: distinct keys among the pictures proposed as detainee; ${people.rule}`,
    denominator: null,
    interval: notASample,
    cites: [evidence.individuals],
  });
  const withKey = draft.figure(
    'individuals.pictures',
    people.pictures,
    all('pictures proposed as detainee that belong to an individual', [evidence.individuals], people.denominator),
  );
  const withoutKey = draft.figure(
    'individuals.without-key',
    people.withoutKey,
    all('pictures proposed as detainee without a complete key', [evidence.individuals], people.denominator),
  );
  // Made where there is something to keep apart: a figure that nothing prints would be a fault.
  const { provisional } = people;
  const unaccepted =
    provisional.pictures === 0
      ? null
      : {
          individuals: draft.figure(
            'individuals.provisional',
            provisional.individuals,
            all('individuals named by nothing but numbers that no person has accepted; in no other count', [
              evidence.individuals,
            ]),
          ),
          pictures: draft.figure(
            'individuals.provisional-pictures',
            provisional.pictures,
            all(
              'pictures put to an individual by numbers that no person has accepted, or by neighbourhood; in no other count',
              [evidence.individuals],
              view.pictures,
            ),
          ),
        };
  const { read, readable, settled } = input.grouping;
  // As above: only where a sentence prints it.
  const looked =
    read === 0
      ? null
      : draft.figure(
          'cards.read',
          read,
          all(
            'pictures in which the machine has looked for numbers, of those that it can look into',
            [evidence.described],
            readable,
          ),
        );
  const unlooked =
    looked === null || read >= readable || (people.denominator === 0 && people.count === 0)
      ? null
      : draft.figure(
          'cards.unread',
          readable - read,
          all('pictures that the machine can look into for numbers and has not', [evidence.described], readable),
        );
  const answered =
    settled === 0
      ? null
      : draft.figure('cards.settled', settled, all('numbers on cards that a person has read', [evidence.individuals]));
  const size = draft.figure('checkpoint.size', view.checkpoint.size, all('records under the checkpoint', [here]));
  const empty = total.received === 0;
  const pending = view.stages.reduce((sum, stage) => sum + stage.pending, 0);

  return {
    view,
    here,
    evidence,
    total,
    fromReconciliations,

    received,
    sealed,
    duplicate,
    quarantined,
    pictures,
    byCategory,
    accepted,
    people,
    individuals,
    withKey,
    withoutKey,
    unaccepted,
    looked,
    unlooked,
    answered,
    size,
    empty,
    pending,
  };
}
