// The queues over the API, on a real case: nobody is served what another holds, an answer stands on what was seen, a line
// that drops costs nothing, and no more of a picture is shown than its number.
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import sharp from 'sharp';
import type { ProblemBody } from './schemas.ts';
import type { ClaimsView } from './queue-api.ts';
import { forgetRoles, openEvidence, type EvidenceFixture, type Worker } from './evidence.fixture.ts';
import { cropPath } from '../describe/crop.ts';
import { leaseMs } from '../group/claims.ts';
import { numberQueue } from '../group/queue.ts';

let evidence: EvidenceFixture;
let anna: Worker;
let boris: Worker;

beforeAll(async () => {
  evidence = await openEvidence({ individuals: 5, unnamed: true });
  anna = await evidence.worker('Anna', ['analyst']);
  boris = await evidence.worker('Boris', ['analyst']);
}, 180_000);
afterAll(async () => evidence?.close());

interface Recorded {
  position: number;
  id: string;
}
const claim = async (who: Worker, limit = 3, without: string[] = [], name = 'numbers'): Promise<ClaimsView> =>
  (await who.ask<ClaimsView>('POST', `/api/queues/${name}/claims`, { limit, without })).json;
const ids = ({ served }: ClaimsView): string[] => served.map(({ entry }) => entry.id);
const answer = (who: Worker, one: ClaimsView['served'][number], value: string | null) =>
  who.ask<Recorded & ProblemBody>('POST', '/api/queues/numbers/answers', {
    entry: one.entry.id,
    state: one.state,
    answer: { queue: 'numbers', value, ...('role' in one.entry && one.entry.role === null && { role: 'illegible' }) },
  });
const recordAt = async (position: number) => {
  for await (const record of evidence.opened.log.read(position, position + 1)) return record;
  throw new Error('no such record');
};

test('two people, asking at once and again, are never served the same entry', async () => {
  const asked = await Promise.all([claim(anna, 2), claim(boris, 2), claim(anna, 2), claim(boris, 2)]);
  const [first, second] = [
    new Set([...ids(asked[0]!), ...ids(asked[2]!)]),
    new Set(ids(asked[1]!).concat(ids(asked[3]!))),
  ];
  expect(first.size).toBe(2);
  expect(second.size).toBe(2);
  expect([...first].filter((id) => second.has(id))).toEqual([]);
  expect((await claim(anna, 2)).others).toBe(1);
  // Asking again renews, and gives the same.
  expect(new Set(ids(await claim(anna, 2)))).toEqual(first);
  // A lease ends, and its entries go to whoever asks, what settles most first: whichever of the two had come before.
  evidence.people.now.at += leaseMs + 1;
  const next = new Set(ids(await claim(boris, 2)));
  expect([...next].every((id) => first.has(id)) || [...next].every((id) => second.has(id))).toBe(true);
  expect((await boris.ask('DELETE', '/api/queues/numbers/claims')).status).toBe(204);
  expect(new Set(ids(await claim(anna, 2)))).toEqual(next);
  // What one holds stays with its holder although what settles more has been let go by another.
  const held = ids(await claim(boris, 2));
  expect((await anna.ask('DELETE', '/api/queues/numbers/claims')).status).toBe(204);
  expect(ids(await claim(boris, 2))).toEqual(held);
  expect((await boris.ask('DELETE', '/api/queues/numbers/claims')).status).toBe(204);
  // What is put off does not come again, nor to the other, who does not hold it, before its lease ends.
  const [off] = ids(await claim(anna, 1));
  expect(ids(await claim(anna, 2, [off!]))).not.toContain(off);
});

test('an answer is the record that the command line writes, in the name of who gave it', async () => {
  const [one] = (await claim(anna)).served;
  const { status, json } = await answer(anna, one!, '٥٤٤٧');
  expect(status).toBe(200);
  const record = await recordAt(json.position);
  expect(record).toMatchObject({ kind: 'group.settlement', id: json.id, actor: { name: 'Anna' } });
  expect(record.fields).toMatchObject({ value: '5447', withdrawn: false });
  expect(ids(await claim(anna, 50))).not.toContain(one!.entry.id);
  expect(ids(await claim(boris, 50))).not.toContain(one!.entry.id);
});

test('the same answer sent twice is one record; another, on what was seen before, is a conflict that says what changed', async () => {
  const [one] = (await claim(anna)).served;
  const first = await answer(anna, one!, '1234');
  const size = evidence.opened.log.size;
  const again = await answer(anna, one!, '1234');
  expect([again.status, again.json.position]).toEqual([200, first.json.position]);
  const late = await answer(boris, one!, '1235');
  expect([late.status, late.json.code]).toEqual([409, 'conflict']);
  expect(late.json.changed).toEqual([
    expect.objectContaining({ said: '1234', by: 'Anna', position: first.json.position }),
  ]);
  expect(JSON.stringify([late.json.title, late.json.detail])).not.toContain('Anna');
  expect(evidence.opened.log.size).toBe(size);
  // Two at the very same moment: one record, one conflict.
  const [two] = (await claim(anna)).served;
  const both = await Promise.all([answer(anna, two!, '1'), answer(boris, two!, '2')]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
});

test('undo is a record, of one’s own answer alone, while it stands', async () => {
  const [one] = (await claim(anna)).served;
  const { json } = await answer(anna, one!, null);
  const undo = (who: Worker) =>
    who.ask<Recorded & ProblemBody>('POST', `/api/queues/numbers/answers/${json.position}/undo`, {
      entry: one!.entry.id,
    });
  expect((await undo(boris)).status).toBe(409);
  const undone = await undo(anna);
  expect(undone.status).toBe(200);
  expect((await recordAt(undone.json.position)).fields).toMatchObject({ withdrawn: true });
  expect((await undo(anna)).status).toBe(409);
  expect(ids(await claim(anna, 50))).toContain(one!.entry.id);
});

test('a crop is the number alone: as high as a line, without metadata, kept by no cache; nothing else is served there', async () => {
  const [one] = (await claim(anna)).served;
  const { status, headers, bytes } = await anna.ask('GET', `/api/crops/${one!.entry.id}`);
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'image/webp', 'no-store']);
  const { height, width, exif, xmp } = await sharp(bytes).metadata();
  expect(height).toBe(64);
  expect(width).toBeLessThanOrEqual(640);
  expect([exif, xmp]).toEqual([undefined, undefined]);
  const { rows } = await evidence.opened.index.pool.query<{ sha256: string }>(
    'select sha256 from item where handle = $1',
    [one!.entry.id.split('.')[0]],
  );
  await rm(`${cropPath(evidence.opened, rows[0]!.sha256)}.${one!.entry.id.split('.')[1]}.webp`);
  const again = await anna.ask('GET', `/api/crops/${one!.entry.id}`);
  expect([again.status, (await sharp(again.bytes).metadata()).height]).toEqual([200, 64]);
  for (const id of ['E-99999.0', `${one!.entry.id}9`, '..%2f..%2fkeys', 'E-00001'])
    expect((await anna.ask('GET', `/api/crops/${id}`)).status).toBe(400);
});

test('merges and categories are answered the same way; an individual that is not asked about is refused', async () => {
  const merges = (await claim(anna, 5, [], 'merges')).served;
  const [category] = (await claim(anna, 5, [], 'categories')).served;
  expect(category).toBeDefined();
  const sorted = await anna.ask<Recorded>('POST', '/api/queues/categories/answers', {
    entry: category!.entry.id,
    state: category!.state,
    answer: { queue: 'categories', category: 'other' },
    why: 'a test',
  });
  expect(sorted.status).toBe(200);
  expect(await recordAt(sorted.json.position)).toMatchObject({ kind: 'group.category', fields: { category: 'other' } });
  console.log(`merges waiting in this sample: ${merges.length}`);
  for (const one of merges.slice(0, 1)) {
    const send = (to: string | null) =>
      anna.ask<Recorded & ProblemBody>('POST', '/api/queues/merges/answers', {
        entry: one.entry.id,
        state: one.state,
        answer: { queue: 'merges', to },
      });
    expect((await send('I-9999')).status).toBe(400);
    expect((await send(null)).status).toBe(200);
  }
});

test('a body that is not as the schema says is refused before anything is looked up', async () => {
  for (const body of [{}, { entry: 'E-1', state: 'x', answer: { queue: 'numbers' } }, { entry: 1 }, null, 'x'])
    expect((await anna.ask('POST', '/api/queues/numbers/answers', body)).status).toBe(400);
  const unserved = { entry: 'E-00001.77', state: 'x', answer: { queue: 'numbers', value: '1' } };
  expect((await anna.ask('POST', '/api/queues/numbers/answers', unserved)).status).toBe(409);
});

test('a reading without a role is served, and answered with it; of a picture without readings only the count is told', async () => {
  await anna.ask('DELETE', '/api/queues/numbers/claims');
  await boris.ask('DELETE', '/api/queues/numbers/claims');
  await forgetRoles(evidence);
  const claims = await claim(anna, 50);
  const { entries } = await numberQueue(evidence.opened, 10_000);
  const readable = entries.filter(({ state }) => state !== 'unread').map(({ id }) => id);
  expect(ids(claims)).toEqual(readable.slice(0, 50));
  expect(claims.waiting).toBe(readable.length);
  expect(claims.unread).toBe(entries.length - readable.length);
  expect(claims.unread).toBeGreaterThan(0);
  const asked = claims.served.filter(
    ({ queue, entry }) => queue === 'numbers' && 'role' in entry && entry.role === null,
  );
  const [one, two] = asked;
  expect(asked.length).toBeGreaterThanOrEqual(4);

  const send = (who: Worker, { entry, state }: (typeof asked)[number], said: object) =>
    who.ask<Recorded & ProblemBody>('POST', '/api/queues/numbers/answers', {
      entry: entry.id,
      state,
      answer: { queue: 'numbers', ...said },
    });
  const { size } = evidence.opened.log;
  const silent = await send(anna, one!, { value: '5447' });
  expect([silent.status, silent.json.code]).toEqual([400, 'usage']);
  expect((await send(anna, one!, { role: 'shoe size', value: '5447' })).status).toBe(400);
  expect(evidence.opened.log.size).toBe(size);

  const said = { role: 'branch-number', value: '٢١٥' };
  const first = await send(anna, one!, said);
  expect(first.status).toBe(200);
  expect(await recordAt(first.json.position)).toMatchObject({
    kind: 'group.settlement',
    fields: { role: 'branch-number', value: '215', reading: Number(one!.entry.id.split('.')[1]), withdrawn: false },
  });
  expect(ids(await claim(anna, 50))).not.toContain(one!.entry.id);
  // Sent twice it is one record; said by another, or of another role, it is a conflict.
  const again = { ...said, value: '215' };
  expect((await send(anna, one!, again)).json.position).toBe(first.json.position);
  expect((await send(anna, one!, { ...again, role: 'hospital-number' })).status).toBe(409);
  const late = await send(boris, one!, { role: 'branch-number', value: '216' });
  expect([late.status, late.json.changed]).toMatchObject([409, [{ said: '215', by: 'Anna' }]]);

  // Taken back it waits again.
  const undone = await anna.ask('POST', `/api/queues/numbers/answers/${first.json.position}/undo`, {
    entry: one!.entry.id,
  });
  expect(undone.status).toBe(200);
  expect(ids(await claim(anna, 50))).toContain(one!.entry.id);
  expect((await send(anna, two!, { role: 'illegible', value: null })).status).toBe(200);

  // Readings of one picture are answered each for itself, in any order; but one does not silently replace another.
  const pictureOf = ({ entry }: (typeof asked)[number]): string => entry.id.split('.')[0]!;
  const left = asked.slice(2);
  const pair = left
    .map((entry) => left.filter((other) => pictureOf(other) === pictureOf(entry)))
    .find((all) => all.length > 1)!;
  const detainee = { role: 'detainee-number', value: '5447' };
  expect((await send(anna, pair[0]!, detainee)).status).toBe(200);
  const opposed = await send(anna, pair[1]!, { ...detainee, value: '5448' });
  expect([opposed.status, opposed.json.title]).toEqual([409, expect.stringContaining('Another reading')]);
  expect((await send(anna, pair[1]!, { role: 'branch-number', value: '215' })).status).toBe(200);
  // What has a role is not answered with another.
  const known = claims.served.find(({ entry }) => 'role' in entry && entry.role === 'detainee-number');
  if (known !== undefined) expect((await send(anna, known, { role: 'hospital-number', value: '1' })).status).toBe(400);
});
