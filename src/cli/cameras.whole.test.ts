// Cameras and sequences of a whole made-up cache, by the commands, against what its truth says of every file.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Body, Cameras, FolderClock, Sequences } from '../case/authenticity.ts';
import type { ItemView } from '../case/views.ts';
import type { DemoTruth, TruthFile } from '../demo/truth.ts';
import { cameras as bodies } from '../demo/words.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil } from './dalil.fixture.ts';

let home: TestHome;
let folder: string;
let truth: DemoTruth;
let pictures: TruthFile[];
const dalil = (...args: string[]) => runDalil(home.env, ['-C', join(folder, 'case'), ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-cameras-'));
  const demo = ['--individuals', '50', '--seed', 'cameras', '--megapixels', '0.1'];
  expect((await runDalil(home.env, ['demo', join(folder, 'demo'), ...demo])).code).toBe(0);
  truth = JSON.parse(await readFile(join(folder, 'demo/truth.json'), 'utf8')) as DemoTruth;
  pictures = [...new Map(truth.files.map((file) => [file.sha256, file])).values()].filter(
    ({ camera }) => camera !== null,
  );
  expect((await runDalil(home.env, ['new', join(folder, 'case'), '--name', 'Cameras'])).code).toBe(0);
  for (const command of [
    ['intake', join(folder, 'demo/cache'), '--source', 'S'],
    ['describe'],
    ['group', '--rules', join(folder, 'demo/rules.json')],
  ])
    expect([0, 3]).toContain((await dalil(...command)).code);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('every body is found, with its pictures, its exposures, its range and the numbers that are missing', async () => {
  const said = (await dalil('cameras', '--json')).json<Cameras>();
  const expected = bodies
    .map(({ id, make, model, serial }) => {
      const own = pictures.filter(({ camera }) => camera === id);
      const numbers = new Set(own.map(({ counter }) => counter!));
      const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
      const exposures = numbers.size;
      return {
        make,
        model,
        serial,
        pictures: own.length,
        exposures,
        copies: own.length - exposures,
        from,
        to,
        missing: to - from + 1 - numbers.size,
        backwards: 0,
        twice: 0,
      };
    })
    .filter(({ pictures: many }) => many > 0);
  const key = (body: Pick<Body, 'model' | 'serial'>) => `${body.model} ${body.serial}`;
  const found = said.bodies.map(
    (body) =>
      Object.fromEntries(Object.keys(expected[0]!).map((name) => [name, body[name as keyof Body]])) as unknown as Body,
  );
  expect(found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(
    expected.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
  );
  expect(said.named).toBe(pictures.length);
  expect(said.serial).toBe(
    pictures.filter(({ camera }) => bodies.find(({ id }) => id === camera)!.serial !== null).length,
  );
});

test('pictures whose tables are not those of their model are the re-encoded ones, and no others', async () => {
  const { looks } = (await dalil('cameras', '--json')).json<Cameras>();
  const usual = new Map<string, string>();
  for (const { model, signature } of looks) if (!usual.has(model!)) usual.set(model!, signature);
  const odd = looks.filter(({ model, signature }) => usual.get(model!) !== signature);
  const copies = pictures.filter(({ nearDuplicateOf }) => nearDuplicateOf !== null);
  expect(copies.length).toBeGreaterThan(0);
  const many = odd.reduce((sum, each) => sum + each.pictures, 0);
  expect(many).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(copies.length);
  const listed = (await dalil('cameras', '--odd', '--json')).lines<{ item: string; others: number; of: number }>();
  expect(listed).toHaveLength(many);
  const paths = new Map((await dalil('items', '--json')).lines<ItemView>().map(({ id, path }) => [id, path]));
  const altered = new Set(copies.map(({ path }) => path));
  for (const { item } of listed) expect(altered).toContain(paths.get(item));
});

test('small pictures inside show the same scene, of all that there are, and the words make no finding of it', async () => {
  const { thumbnails } = (await dalil('cameras', '--json')).json<Cameras>();
  const held = pictures.filter(({ camera }) => bodies.find(({ id }) => id === camera)!.make !== null).length;
  expect(thumbnails).toMatchObject({ waiting: 0, differs: 0 });
  expect(thumbnails.held).toBeGreaterThan(0.9 * held);
  expect(thumbnails.same + thumbnails.undecided).toBe(thumbnails.held);
  const listed = (await dalil('cameras', '--thumbnails', '--json')).lines<{ verdict: string }>();
  expect(listed).toHaveLength(thumbnails.undecided);
  const { stdout } = await dalil('cameras');
  expect(stdout).toMatch(/0 were not found in the picture, \d+ could not be compared/);
  expect(stdout).toMatch(/0 of \d+ timed pictures state a time by satellite/);
  expect((await dalil('describe')).stderr).not.toContain('embedded thumbnails compared');
});

test('a clock that was never set shows against the dates of folders', async () => {
  const { folderClocks } = (await dalil('cameras', '--json')).json<{ folderClocks: FolderClock[] }>();
  const sony = folderClocks.find(({ model }) => model === 'DSC-H90');
  if (sony !== undefined) expect(sony).toMatchObject({ days: -731, agreeing: sony.pictures });
  for (const { days, model } of folderClocks) if (model !== 'DSC-H90') expect(days).toBe(0);
  expect(folderClocks.length).toBeGreaterThan(1);
});

test('the numbers of each branch are those that paths tell, with what is missing between them', async () => {
  const { segments, shared } = (await dalil('sequence', '--json')).json<Sequences>();
  const told = new Set(
    truth.files
      .filter(({ toldByPath, individual }) => toldByPath && individual !== null)
      .map(({ individual }) => individual!),
  );
  for (const branch of new Set([...told].map((key) => key.split('/')[0]!))) {
    const numbers = [...told].filter((key) => key.startsWith(`${branch}/`)).map((key) => Number(key.split('/')[1]));
    const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
    expect(segments.filter((each) => each.branch === branch)).toMatchObject([
      { role: 'detainee-number', numbers: numbers.length, from, to, missing: to - from + 1 - numbers.length },
    ]);
  }
  expect(segments.every(({ settings }) => !settings.issuedAtDeath)).toBe(true);
  const twice = [...told].map((key) => key.split('/')[1]!).filter((number, i, all) => all.indexOf(number) !== i);
  expect(shared.map(({ number }) => number)).toEqual([...new Set(twice)].toSorted((a, b) => Number(a) - Number(b)));
  expect(shared.every(({ conflict }) => !conflict)).toBe(true);
});

test('documents are held against bodies by number and date, with what chance alone would give', async () => {
  const dated = truth.files.filter(
    ({ individual, toldByPath, path }) => individual !== null && toldByPath && /^\d{4}-\d\d-\d\d\//.test(path),
  );
  const lines = [
    'number,date,branch',
    ...dated
      .slice(0, 3)
      .map(({ individual, path }) => `${individual!.split('/')[1]},${path.slice(0, 10)},${individual!.split('/')[0]}`),
    '999999,2013-01-01',
  ];
  const file = join(folder, 'documents.csv');
  await writeFile(file, `${lines.join('\n')}\n`);
  const said = (await dalil('chance', file, '--range', '9000', '--json')).json<{
    documents: number;
    matched: number;
    expected: number;
    atLeast: number[];
  }>();
  expect(said).toMatchObject({ documents: 4, matched: 3 });
  expect(said.expected).toBeGreaterThan(0);
  expect(said.expected).toBeLessThan((4 * truth.individuals.length) / 9000);
  expect(said.atLeast[3]).toBeLessThan(0.001);
  const plain = await dalil('chance', '--candidates', '250', '--range', '9000', '--documents', '2');
  expect(plain.stdout).toContain('2.8 % of each');
  expect(plain.stdout).toMatch(/2 {2}0\.08 %/);
  await writeFile(file, 'number,date\n12,2013-02-30\n');
  const refused = await dalil('chance', file);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('line 2')]);
});
