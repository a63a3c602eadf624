import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import type { DossierContent, Passage, Span } from './content.ts';
import { counted, demandCited, Draft, findUncited, given, instantInWords, say, share, shown, term } from './content.ts';

const checkpoint = { checkpoint: 9, root: 'cm9vdA==' };
const draft = () =>
  new Draft(
    checkpoint,
    new Map([
      [3, 'id-3'],
      [12, 'id-12'],
    ]),
  );

function contentOf(made: Draft, ...blocks: Passage[]): DossierContent {
  return {
    templateVersion: 1,
    meta: { title: 'Case', caseId: 'id', edition: 1, checkpoint: { size: 9, root: 'cm9vdA==', signedAt: null } },
    front: [],
    volumes: [{ number: 1, title: 'Dossier', sections: [{ id: 's', mark: '1', title: 'S', blocks }] }],
    figures: made.figures,
    sets: made.sets,
  };
}

const codes = (content: DossierContent) => findUncited(content).map(({ code }) => code);

test('a sentence whose number is a figure and that cites a record may be published', () => {
  const made = draft();
  const files = made.figure('files', 12, {
    rule: 'files',
    denominator: 48,
    interval: { none: 'complete' },
    cites: [made.record(3)],
  });
  const text = say`${counted(files, 'file', 'files')} (${share(files)}) of ${given('box 7')}, hashed with ${term('SHA-256')}.`;
  const content = contentOf(made, made.passage('p', [made.record(3)], text));
  expect(demandCited(content)).toBe(content);
  expect(text.slice(0, 4)).toEqual([
    { figure: 'files', text: '12' },
    ' files (',
    { figure: 'files', text: '25.0 %' },
    ') of ',
  ]);
});

test.each<[string, Span[], string]>([
  ['a number in the wording, in any script', say`There are 12 files.`, 'number-without-figure'],
  ['an Arabic-Indic number in the wording', ['There are ١٢ files.'], 'number-without-figure'],
  ['a figure nobody made', [{ figure: 'nothing', text: '12' }], 'unknown-figure'],
  ['a figure printed with another value', [{ figure: 'files', text: '13' }], 'figure-misprinted'],
])('found: %s', (_, text, code) => {
  const made = draft();
  made.figure('files', 12, { rule: 'files', denominator: null, interval: { none: 'complete' }, cites: [checkpoint] });
  const content = contentOf(made, made.passage('p', [checkpoint], text));
  expect(findUncited(content)).toEqual([{ code, where: 'p' }]);
});

test('a passage or a figure that leads to nothing is found, also through an empty set', () => {
  const made = draft();
  made.figure('files', 1, { rule: '', denominator: null, interval: { none: '' }, cites: [] });
  const empty = { set: 1, computedFrom: 'nothing', count: 0, cites: [] };
  const content = contentOf(
    made,
    made.passage('p', [], ['Said.']),
    made.passage('q', [empty], ['Said.']),
    made.passage('q', [checkpoint], ['Said.']),
  );
  expect(codes(content)).toEqual(['not-cited', 'no-rule', 'not-cited', 'not-cited', 'twice']);
  expect(() => demandCited(content)).toThrow(Fault);
});

test('a set without records of its own leads to the checkpoint', () => {
  expect(draft().set('all records', 9, []).cites).toEqual([checkpoint]);
});

test('a record beyond the checkpoint, or without an id, cannot be cited', () => {
  expect(draft().record(3)).toEqual({ record: 3, id: 'id-3' });
  expect(() => draft().record(12)).toThrow(Fault);
  expect(() => draft().record(4)).toThrow(Fault);
});

test('numbers and instants are printed the same on every machine', () => {
  expect([0, 999, 1000, 26_948, 1_234_567, 4.2345].map(shown)).toEqual([
    '0',
    '999',
    '1,000',
    '26,948',
    '1,234,567',
    '4.23',
  ]);
  expect(instantInWords('2026-01-02T03:04:05+03:00')).toBe('2 January 2026, 00:04:05 UTC');
  expect(() => instantInWords('yesterday')).toThrow(Fault);
});
