import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { itemsInVolume } from './annexes.ts';
import { inventedCase } from './case.fixture.ts';
import type { DossierContent, Passage, Table } from './content.ts';
import { blocksOf, citedRecords, findUncited } from './content.ts';
import { dossierContent } from './dossier.ts';

const wordsOf = (passage: Passage): string =>
  passage.text
    .map((span) => (typeof span === 'string' ? span : 'figure' in span ? span.text : Object.values(span)[0]))
    .join('');
const passages = (content: DossierContent): Map<string, string> =>
  new Map(
    [...blocksOf(content)].flatMap((block) => (block.kind === 'passage' ? [[block.id, wordsOf(block)] as const] : [])),
  );
const table = (content: DossierContent, id: string): Table =>
  [...blocksOf(content)].find((block) => 'id' in block && block.id === id) as Table;

test('every sentence and every figure leads to records under the checkpoint', () => {
  const input = inventedCase({ items: 550 });
  const content = dossierContent(input);
  expect(findUncited(content)).toEqual([]);
  const cited = citedRecords(content);
  expect(cited.length).toBeGreaterThan(0);
  for (const { record, id } of cited) {
    expect(record).toBeLessThan(input.view.checkpoint.size);
    expect(id).toBe(input.recordIds.get(record));
  }
});

test('the same case gives the same content, and the content is plain JSON', () => {
  const once = dossierContent(inventedCase({ items: 60 }));
  expect(JSON.parse(JSON.stringify(once))).toEqual(once);
  expect(JSON.stringify(dossierContent(inventedCase({ items: 60 })))).toBe(JSON.stringify(once));
});

test('the partition by category stands before any count of individuals, and adds up', () => {
  const input = inventedCase({ items: 550 });
  const content = dossierContent(input);
  const order = content.volumes[0]?.sections.map((section) => section.id);
  expect(order?.slice(0, 5)).toEqual(['summary', 'received', 'custody', 'partition', 'individuals']);
  const counts = table(content, 'partition.table').rows.map((row) => row.cells[2] as number);
  expect(counts.slice(0, -1).reduce((a, b) => a + b)).toBe(counts.at(-1));
  expect(counts.at(-1)).toBe(input.view.pictures);
});

test('figures carry their denominator, their rule, and why they have no interval', () => {
  const figures = new Map(dossierContent(inventedCase({ items: 550 })).figures.map((figure) => [figure.id, figure]));
  expect(figures.get('category.detainee')).toMatchObject({
    value: 283,
    denominator: 522,
    rule: 'sealed pictures that a person has sorted as detainee, and those that patterns of the case propose as detainee and no person has sorted; detainee: the body of a detainee',
  });
  expect(figures.get('individuals')).toMatchObject({
    value: 71,
    interval: { none: expect.stringContaining('not a probability sample') },
  });
  expect(figures.get('individuals.mean')?.value).toBeCloseTo(281 / 71);
});

test('it says that it makes no finding on cause of death, and, where that is so, that nothing is timestamped', () => {
  for (const items of [0, 4, 550]) {
    const said = passages(dossierContent(inventedCase({ items })));
    expect(said.get('method.cause')).toBe(
      'No finding on cause of death is made in this dossier. None can be made from photographs alone.',
    );
    expect(said.get('front.what-sealed-does-not-mean')).toContain(
      'No outside authority has yet signed this checkpoint',
    );
  }
});

test('an empty case says so, and counts nothing', () => {
  const said = passages(dossierContent(inventedCase({ items: 0 })));
  expect(said.get('summary.empty')).toContain('Nothing had been received');
  expect(said.get('individuals.none')).toContain('no individual is counted');
});

test('one individual is spoken of in the singular', () => {
  const said = passages(dossierContent(inventedCase({ items: 4, individuals: 1 })));
  expect(said.get('individuals.count')).toMatch(/^1 individual is named .* in 1 picture, /);
});

test('a reconciliation that does not close, and work still pending, are said first', () => {
  const input = inventedCase({ items: 20 });
  const [accession] = input.view.accessions;
  const open = { ...accession!, closes: false, record: null };
  const stages = input.view.stages.map((stage) => ({ ...stage, pending: 2 }));
  const content = dossierContent({ ...input, view: { ...input.view, stages, accessions: [open] } });
  const warnings = [...blocksOf(content)].flatMap((block) =>
    block.kind === 'passage' && block.tone === 'warning' ? [block.id] : [],
  );
  expect(warnings.slice(0, 3)).toEqual(['summary.pending', 'received.A-0001.open', 'received.A-0001.unsigned']);
});

const conflict = (n: number) => ({
  kind: n % 2 === 0 ? 'one-body-two-numbers' : 'one-number-two-bodies',
  subject: n % 2 === 0 ? `E-${String(n).padStart(5, '0')}` : 'I-0001',
  what: `number ${5447 + n} is on two bodies`,
  records: [31],
});

test('all conflicts are printed with their records, and counted out of the individuals and pictures there are', () => {
  const conflicts = Array.from({ length: 25 }, (_, n) => conflict(n));
  const input = inventedCase({ items: 60, conflicts });
  const content = dossierContent(input);
  expect(passages(content).get('individuals.conflicts')).toMatch(
    /^The records disagree in 25 places: over 1 individual \(\d+\.\d %\) and 13 single pictures/,
  );
  expect([...blocksOf(content)].find((block) => 'id' in block && block.id === 'individuals.conflicts')).toMatchObject({
    tone: 'warning',
  });
  expect(table(content, 'individuals.conflicts.list').rows).toHaveLength(20);
  const whole = table(content, 'long.individuals.conflicts.list');
  expect(whole.rows).toHaveLength(25);
  expect(whole.rows[3]).toMatchObject({ cites: [{ record: 31 }] });
  const figures = new Map(content.figures.map((figure) => [figure.id, figure]));
  expect(figures.get('conflicts.individuals')).toMatchObject({
    value: 1,
    denominator: input.view.individuals.count + input.view.individuals.provisional.individuals,
  });
  expect(figures.get('conflicts.pictures')).toMatchObject({ value: 13, denominator: input.view.pictures });
  expect(passages(dossierContent(inventedCase({ items: 60 }))).has('individuals.conflicts')).toBe(false);
});

test('how pictures were grouped, and what the cards still hide, is told as it was in this case', () => {
  const input = inventedCase({ items: 60 });
  const unread = passages(dossierContent(input));
  expect(unread.get('method.grouped')).toContain('The machine has read no card in a picture.');
  expect(unread.get('method.grouped')).toMatch(/nearly repeats one that has it, and for no other reason\.$/);
  expect(unread.get('individuals.too-few')).toMatch(/cards in the pictures have not been read: only paths have\.$/);
  expect(unread.get('summary.individuals')).toMatch(/^The paths of \d+ of those pictures name/);

  const { grouping } = input;
  const half = { ...grouping, read: 30, readable: 57, provisional: { card: 9, sequence: 2, linked: 0 } };
  const begun = passages(dossierContent({ ...input, grouping: half }));
  expect(begun.get('method.grouped')).toMatch(/in 30 of the pictures that it can look into \(52\.6 %\)\. No face/);
  expect(begun.get('method.grouped')).toContain('provisionally, and into no count. There is no other reason.');
  expect(begun.get('method.grouped')).not.toContain('a person');
  expect(begun.get('individuals.too-few')).toContain('27 of the pictures that can be read have not been looked into');

  const counted = { ...grouping.counted, settled: 5, placed: 1, linked: 1 };
  const people = dossierContent({ ...input, grouping: { ...half, read: 57, settled: 8, counted } });
  const said = passages(people);
  expect(said.get('method.grouped')).toContain('People have read 8 numbers on cards.');
  expect(said.get('method.grouped')).toContain('where a person has read its number, placed it or linked it');
  expect(said.get('individuals.too-few')).toMatch(/counts only once a person has accepted it\.$/);
  expect(said.get('individuals.too-few')).not.toContain('not been');
  expect(said.get('individuals.too-many')).toContain('or misread by a person');
  expect(said.get('summary.individuals')).toContain('and what people read in them');
  expect(table(people, 'method.reasons').rows.map(({ cells }) => [cells[1], cells[2]])).toEqual([
    [['counted'], grouping.counted.path],
    [['counted'], 5],
    [['counted'], 1],
    [['counted'], 1],
    [['provisional'], 9],
    [['provisional'], 2],
  ]);
});

test('the front page says how many authorities and witnesses have signed, over how many records, and what they did not', () => {
  const input = inventedCase({ items: 60 });
  const { size } = input.view.checkpoint;
  const outside = {
    authorities: ['dfn', 'freetsa'],
    size: size - 6,
    time: '2026-11-23T05:40:00Z',
    later: 4,
    witnesses: 1,
    witnessed: size - 2,
  };
  const said = passages(dossierContent({ ...input, outside }));
  const text = said.get('front.what-sealed-does-not-mean')!;
  expect(text).toContain(
    `2 outside authorities of time have signed the checkpoint over the first ${size - 6} of these`,
  );
  expect(text).toContain('(dfn, freetsa): they stood, in this order, by 23 November 2026, 05:40:00 UTC.');
  expect(text).toContain('Of the 4 records written down since');
  expect(said.get('front.witnessed')).toContain(`over its first ${size - 2} records`);
  const one = { ...outside, authorities: ['dfn'], later: 0, witnesses: 0, witnessed: null };
  const now = passages(dossierContent({ ...input, outside: one }));
  expect(now.get('front.what-sealed-does-not-mean')).toMatch(
    /1 outside authority of time has signed .* Nothing but such tokens was written down since\.$/,
  );
  expect(now.has('front.witnessed')).toBe(false);
});

test('a long list of items goes into volumes of its own, each item once', () => {
  const content = dossierContent(inventedCase({ items: 2 * itemsInVolume + 1 }));
  expect(content.volumes.map((volume) => volume.number)).toEqual([1, 2, 3, 4]);
  const listed = [...blocksOf(content)].flatMap((block) =>
    block.kind === 'table' && block.id.startsWith('items.') ? block.rows.map((row) => row.cells[0]) : [],
  );
  expect(listed).toEqual(Array.from({ length: 2 * itemsInVolume + 1 }, (_, index) => index + 1));
});

test('a picture whose record is not under the checkpoint stops the dossier', () => {
  const input = inventedCase({ items: 3 });
  expect(() => dossierContent({ ...input, items: [{ ...input.items[0]!, record: 10_000 }] })).toThrow(Fault);
});

test('one camera, one place, no edits: each is asked, and the answer is what was computed', () => {
  const said = passages(dossierContent(inventedCase({ items: 550 })));
  expect(said.get('bodies.one')).toContain('By what the files say, no: 3 cameras are named');
  expect(said.get('bodies.anonymous')).toContain('2 cameras among them');
  expect(said.get('bodies.order')).toContain('do not agree everywhere: 3 exposures run backwards');
  expect(said.get('bodies.clocks')).toContain('1 body is off by a day or more');
  expect(said.get('bodies.edits')).toContain('3 (0.8 %) are made otherwise');
  expect(said.get('bodies.place')).toContain('Cameras do not tell. 0 pictures carry a position');
  expect(said.get('bodies.consistent')).toContain('Consistent with is not the same as is');
  const one = inventedCase({ items: 550 });
  one.authenticity.cameras.bodies.splice(1);
  expect(passages(dossierContent(one)).get('bodies.one')).toContain('By what the files say, yes: 1 camera is named');
  one.authenticity.cameras.bodies[0]!.serial = null;
  expect(passages(dossierContent(one)).get('bodies.one')).toContain('It cannot be told');
});

test('a missing number speaks of a death only where the case holds its series to be given at death', () => {
  const input = inventedCase({ items: 550 });
  expect(passages(dossierContent(input)).get('sequence.gap')).toContain('no gap here speaks of a death');
  const content = dossierContent(input);
  const { numbers, missing } = input.authenticity.sequences.segments.reduce(
    (sum, each) => ({
      numbers: sum.numbers + each.numbers,
      missing: sum.missing + each.missing,
    }),
    { numbers: 0, missing: 0 },
  );
  const figures = new Map(content.figures.map((figure) => [figure.id, figure]));
  expect(figures.get('sequence.seen')).toMatchObject({ value: numbers, denominator: numbers + missing });
  expect(figures.get('sequence.missing')).toMatchObject({ value: missing, denominator: numbers + missing });
  expect(figures.get('sequence.violators')!.value).toBe(input.authenticity.sequences.segments.length);
  for (const segment of input.authenticity.sequences.segments)
    segment.settings = { ...segment.settings, issuedAtDeath: true };
  expect(passages(dossierContent(input)).get('sequence.gap')).toContain('Only in a series that this case holds');
});

test('custody is told with who says so, its receipts, and each time that it leaves open, by their records', () => {
  const content = dossierContent(inventedCase({ items: 550 }));
  const said = passages(content);
  expect(said.get('custody.A-0001.received')).toBe(
    'Delivery A-0001 came from ORCHARD and was received by archivist on 20 November 2026, 09:00:00 UTC.',
  );
  expect(said.get('custody.A-0001.before')).toContain('2 custodies are claimed, by the word of ORCHARD');
  expect(said.get('custody.A-0001.after')).toContain('1 receipt was signed by both sides');
  expect(said.get('custody.A-0001.gaps')).toContain('3 times of delivery A-0001 are left open');
  const lines = table(content, 'custody.A-0001.lines');
  expect(lines.rows.map(({ cites }) => cites.map((cite) => 'record' in cite && cite.record))).toEqual(
    [4, 5, 8, 12, 13].map((record) => [record]),
  );
  const open = table(content, 'custody.A-0001.open-times');
  expect(open.rows.map(({ cells }) => wordsOf({ text: cells[2] } as Passage))).toEqual([
    'nobody is said to have held it',
    'nobody is said to have held it',
    'the dates do not tell whether somebody held it',
  ]);
  expect(open.rows[1]!.cites).toMatchObject([{ record: 4 }, { record: 5 }]);
  // Where the dates name nobody, what leads there is the set of all that is said of custody.
  expect(open.rows[0]!.cites).toMatchObject([{ computedFrom: expect.stringContaining('claims of custody') }]);
});

test('custody of which nothing is claimed, signed or open is told as that', () => {
  const input = inventedCase({ items: 20 });
  const [view] = input.custody;
  const received = { ...view!, lines: view!.lines.filter(({ event }) => event === 'accession'), gaps: [] };
  const said = passages(dossierContent({ ...input, custody: [received] }));
  expect(said.get('custody.A-0001.unclaimed')).toContain('Nobody has said who held delivery A-0001');
  expect(said.get('custody.A-0001.kept')).toContain('no receipt of a hand-over has been signed');
  expect(said.get('custody.A-0001.whole')).toContain('leave no time of delivery A-0001 open');
});

test('the last check of the originals is told with its denominator, and that there was none', () => {
  const input = inventedCase({ items: 550 });
  const content = dossierContent(input);
  const said = passages(content).get('fixity.last');
  expect(said).toContain('Of 550 originals that should be there, 275 (50.0 %) were read again');
  expect(said).toContain('the last on 22 November 2026, 23:10:00 UTC');
  expect(said).toContain('274 had the bytes that were sealed');
  expect(table(content, 'fixity.unsound').rows).toMatchObject([{ cites: [{ record: 14 }] }]);
  const never = dossierContent({
    ...input,
    fixity: { items: 550, checked: 0, oldest: null, newest: null, unsound: [] },
  });
  expect(passages(never).get('fixity.never')).toContain('None of 550 originals has been read again');
});

test('a case without cameras and numbers says that it has none', () => {
  const said = passages(dossierContent(inventedCase({ items: 0 })));
  expect(said.get('bodies.none')).toContain('No picture names a camera');
  expect(said.get('sequence.none')).toContain('no series is tested');
});

test('a table of many cameras says how many of them it shows, and stands whole in the last annex', () => {
  const input = inventedCase({ items: 550, models: 41 });
  const { bodies } = input.authenticity.cameras;
  const content = dossierContent(input);
  expect(findUncited(content)).toEqual([]);
  const [shown, whole] = [table(content, 'bodies.table'), table(content, 'long.bodies.table')];
  expect([shown.rows.length, whole.rows.length, bodies.length]).toEqual([20, bodies.length, 41]);
  expect(whole.rows.slice(0, 20)).toEqual(shown.rows);
  const caption = wordsOf({ kind: 'passage', id: '', text: shown.caption, cites: [] });
  expect(caption).toBe('Cameras as the pictures name them (20 of 41 lines; all of them in the annex of long tables)');
  const marks = content.volumes[0]!.sections.map(({ mark }) => mark);
  expect(marks.slice(marks.indexOf('A'))).toEqual(['A', 'B', 'C', 'D', 'E']);
  const few = dossierContent(inventedCase({ items: 550 }));
  expect(few.volumes[0]!.sections.map(({ id }) => id)).not.toContain('annex.long');
});

test('what small pictures inside show is counted out of all that there are, and is no finding', () => {
  const said = passages(dossierContent(inventedCase({ items: 60 }))).get('bodies.embedded')!;
  expect(said).toMatch(/42 pictures hold one: 40 of these .* 1 was not found in it, and 1 could not be compared/);
  expect(said).toContain('a question for a person and no finding');
  expect(said).not.toMatch(/manipulat|forg(?!et)/);
  const none = inventedCase({ items: 60 });
  const { cameras } = none.authenticity;
  cameras.thumbnails = { held: 5, same: 2, differs: 0, undecided: 0, waiting: 3 };
  expect(passages(dossierContent(none)).get('bodies.embedded')).toContain('3 had not been compared');
});

test('clocks are held against satellites with what that supposes, and where no picture has both it says so', () => {
  const input = inventedCase({ items: 60 });
  const said = passages(dossierContent(input));
  expect(said.get('bodies.satellites')).toMatch(/pictures state both/);
  expect(said.get('bodies.satellites.limit')).toContain('last fix');
  expect(table(dossierContent(input), 'bodies.satellites.table').rows.map(({ cells }) => cells[6])).toEqual([
    3, 10_800,
  ]);
  input.authenticity.cameras.satelliteClocks = [];
  expect(passages(dossierContent(input)).get('bodies.satellites')).toMatch(/0 state such a time as well/);
});
