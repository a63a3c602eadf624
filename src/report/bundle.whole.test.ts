// Bundles of a real case: any choice verifies, shows what was chosen and no more, hides no deletion, and can be checked by
// the tools that VERIFY.txt names.
import { execFile, execFileSync } from 'node:child_process';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  citedPath,
  formatBundleFile,
  openDisclosure,
  parseBundleFile,
  proofPath,
  recordPath,
  spicyPath,
  type BundleFile,
} from '@dalil/verify';
import { bytesBelow } from '../protect/vault.fixture.ts';
import { checked, openBundleCase, packAgain, problemsOf, secrets, type BundleCase } from './bundle.fixture.ts';
import { exportBundle, type Bundle, type BundleOptions } from './bundle.ts';
import type { Selection } from './selection.ts';

const run = promisify(execFile);
let sample: BundleCase;
let count = 0;
beforeAll(async () => void (sample = await openBundleCase()), 180_000);
afterAll(() => sample.close());

async function pack(selection: Selection = {}, more: Partial<BundleOptions> = {}): Promise<Bundle> {
  const out = join(sample.folder, `bundle-${count++}`);
  return exportBundle(sample.opened, { out, selection, originals: false, date: '2026-01-02', ...more });
}
const handles = (): string[] =>
  sample.records.flatMap(({ kind, handle }) => (kind === 'intake.item' && handle !== null ? [handle] : []));
const bundleFileOf = async (path: string): Promise<BundleFile> =>
  parseBundleFile(await readFile(join(path, 'data/bundle.json'), 'utf8'));

/** What each disclosed record shows, by its position. */
async function shownIn(path: string): Promise<Map<number, Record<string, unknown>>> {
  const { records } = await bundleFileOf(path);
  const shown = new Map<number, Record<string, unknown>>();
  for (const position of records) {
    const [, ...openings] = (await readFile(join(path, recordPath(position)), 'utf8')).split('~').slice(0, -1);
    shown.set(position, Object.fromEntries(openings.map((one) => Object.values(openDisclosure(one)!))));
  }
  return shown;
}

test('every export is a record of its own, with what was chosen and by whom, after the record of its inventory', async () => {
  const written = async (kind: string) => {
    const found = [];
    for await (const record of sample.opened.log.read(0)) if (record.kind === kind) found.push(record);
    return found;
  };
  const chosen: Selection[] = [{}, { items: handles().slice(0, 1) }, { fields: { without: ['path'] } }];
  for (const selection of chosen) {
    const [exports, inventories] = [await written('report.bundle'), await written('report.inventory')];
    const { path } = await pack(selection);
    const [ours, ...others] = (await written('report.bundle')).slice(exports.length);
    expect(others).toEqual([]);
    const { checkpoint, records } = await bundleFileOf(path);
    expect(ours!.fields).toMatchObject({ checkpoint, records: records.length });
    expect(ours!.fields['selection'] === undefined).toBe(Object.keys(selection).length === 0);
    expect(ours!.actor).toEqual(sample.opened.actor);
    const [inventory] = (await written('report.inventory')).slice(inventories.length);
    expect(inventory!.position).toBeLessThan(ours!.position);
  }
});

test('any choice of items and fields gives a bundle that holds', { timeout: 300_000 }, async () => {
  const names = [
    ...new Set(sample.records.flatMap(({ fields }) => Object.keys(fields))),
    'files',
    'refs',
    'at',
    'actor',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.uniqueArray(fc.constantFrom(...handles()), { minLength: 1 }), { nil: undefined }),
      fc.option(fc.tuple(fc.constantFrom('only', 'without'), fc.uniqueArray(fc.constantFrom(...names))), {
        nil: undefined,
      }),
      fc.boolean(),
      async (items, choice, originals) => {
        const fields =
          choice === undefined ? undefined : ({ [choice[0]]: choice[1] } as unknown as Selection['fields']);
        const selection = { ...(items === undefined ? {} : { items }), ...(fields === undefined ? {} : { fields }) };
        const { path, items: told } = await pack(selection, { originals });
        expect(problemsOf(await checked(path))).toEqual([]);
        expect(told.disclosed).toBe(items?.length ?? handles().length);
        for (const shown of (await shownIn(path)).values()) {
          const chosen = choice === undefined || choice[1].includes('path') === (choice[0] === 'only');
          if (!chosen) expect(Object.keys(shown)).not.toContain('path');
        }
        await rm(path, { recursive: true });
      },
    ),
    // The name of a holder withheld, and with it what a receipt and a deaccession are judged by.
    { numRuns: 25, examples: [[undefined, ['without', ['name']], false]] },
  );
});

test('an item is disclosed with what speaks of it alone, and beside it stands what must be told', async () => {
  const { records } = sample;
  const duplicate = records.find(({ kind }) => kind === 'intake.duplicate')!;
  const item = records.find(({ id }) => id === duplicate.refs['item'])!;
  const { path, records: disclosed } = await pack({ items: [item.handle!] });
  const shown = await shownIn(path);
  const { id } = item;
  const about = records.filter(({ refs }) => [refs['item'], refs['of'], refs['items']].flat().includes(id));
  const alone = about.filter(({ refs }) =>
    [refs['item'], refs['of'], refs['items']].flat().every((one) => one === undefined || one === id),
  );
  expect(alone.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['intake.duplicate', 'describe.item', 'group.reading']),
  );
  for (const one of [item, ...alone]) {
    const all = ['kind', 'at', 'actor', ...Object.keys(one.fields), 'refs'];
    expect(Object.keys(shown.get(one.position)!)).toEqual(expect.arrayContaining(all));
  }
  const others = [...shown].filter(([position]) => ![item, ...alone].some((one) => one.position === position));
  const kinds = others.map(([, said]) => String(said['kind']));
  expect(kinds.filter((kind) => kind !== 'seal.authority' && kind !== 'seal.timestamp').toSorted()).toEqual([
    'case.opened',
    'intake.reconciliation',
    'intake.reconciliation',
    'report.inventory',
    'seal.deaccession',
  ]);
  // No more of them than what must be told: no title, no folder names, no approvals, no address.
  for (const [, said] of others) {
    for (const name of ['title', 'breakdown', 'approvals', 'url', 'at', 'actor']) expect(said).not.toHaveProperty(name);
  }
  expect(disclosed).toBe(1 + alone.length + others.length);
});

test('an item that there is not is named before anything is written down', async () => {
  const { size } = sample.opened.log;
  await expect(pack({ items: [handles()[0]!, 'E-99999'] })).rejects.toThrow(/E-99999/);
  await expect(pack({ items: [] })).rejects.toThrow(/none/);
  expect(sample.opened.log.size).toBe(size);
});

test('the hash of a withheld value is withheld with it, and a large value never stands alone', async () => {
  // The long paths of the letters make a large breakdown, which its record cites in `files`.
  const large = sample.records.filter(
    ({ kind, fields }) => kind === 'intake.reconciliation' && JSON.stringify(fields['breakdown']).length > 4096,
  );
  expect(large).toHaveLength(1);
  const { position } = large[0]!;
  for (const [selection, expected] of [
    [{}, { breakdown: null, files: expect.anything() }],
    [{ fields: { without: ['breakdown'] } }, {}],
    [{ fields: { only: ['breakdown'] } }, { breakdown: null, files: expect.anything() }],
    [{ fields: { only: ['files'] } }, {}],
  ] as [Selection, object][]) {
    const { path } = await pack(selection);
    const { breakdown, files } = (await shownIn(path)).get(position)!;
    expect(JSON.parse(JSON.stringify({ breakdown, files }))).toEqual(expected);
    expect(problemsOf(await checked(path))).toEqual([]);
  }
});

test('the dossier goes with everything, and with a choice only where it is asked for', async () => {
  const dossier = async (bundle: Bundle): Promise<boolean> =>
    (await readdir(join(bundle.path, 'data'))).includes('dossier');
  expect(await dossier(await pack())).toBe(true);
  const chosen = await pack({ items: handles().slice(0, 2) });
  expect(await dossier(chosen)).toBe(false);
  const asked = await pack({ items: handles().slice(0, 2) }, { dossier: true });
  expect(await dossier(asked)).toBe(true);
  const { ok, notes } = await checked(asked.path);
  expect(ok).toBe(true);
  expect(notes.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^\d+ of its citations lead to records that are not disclosed/),
  );
  await expect(pack({ fields: { without: ['files'] } }, { dossier: true })).rejects.toThrow(
    /known by what its record says/,
  );
});

test('while others write, a bundle still ends with its inventory', { timeout: 60_000 }, async () => {
  const other = await sample.open();
  const packing = (async () => {
    const bundles: Bundle[] = [];
    for (let i = 0; i < 3; i++) bundles.push(await pack());
    return bundles;
  })();
  // Enough that tiles are replaced under the reader's hands, and a whole one comes to be.
  for (let i = 0; i < 150; i++) {
    await other.log.append(other.actor, (turn) => void turn.add({ kind: 'note', text: 'meanwhile' }));
  }
  for (const { path } of await packing) expect(problemsOf(await checked(path))).toEqual([]);
  await other.close();
});

test('a bundle cannot hide a deletion, however consistently it is packed again', { timeout: 60_000 }, async () => {
  const whole = await pack({ items: handles().slice(0, 3) });
  const inventory = (await bundleFileOf(whole.path)).records.at(-1)!;
  const [deaccession] = [...(await shownIn(whole.path))].find(([, { kind }]) => kind === 'seal.deaccession')!;
  const [reconciliation] = [...(await shownIn(whole.path))].find(([, { kind }]) => kind === 'intake.reconciliation')!;
  const hidden = async (
    positions: number[],
    alter: (bundle: BundleFile) => BundleFile = (one) => one,
  ): Promise<string[]> => {
    const path = join(sample.folder, `bundle-${count++}`);
    await cp(whole.path, path, { recursive: true });
    for (const position of positions) {
      for (const of of [recordPath, proofPath, spicyPath]) await rm(join(path, of(position)));
    }
    const bundle = await bundleFileOf(path);
    const records = bundle.records.filter((position) => !positions.includes(position));
    await writeFile(join(path, 'data/bundle.json'), formatBundleFile(alter({ ...bundle, records })));
    await packAgain(path);
    return problemsOf(await checked(path));
  };
  expect(await hidden([])).toEqual([]);
  expect(await hidden([deaccession])).toEqual([
    `record-withheld ${recordPath(inventory)}`,
    `inventory-broken ${recordPath(inventory)}`,
  ]);
  expect(await hidden([reconciliation])).toEqual([`record-withheld ${recordPath(inventory)}`]);
  expect(await hidden([inventory])).toEqual(['inventory-missing data/records']);
  expect(await hidden([inventory, deaccession, reconciliation])).toEqual(['inventory-missing data/records']);
  expect(await hidden([], (one) => ({ ...one, items: { disclosed: 3, withheld: 0 } }))).toEqual([
    'bag-malformed data/bundle.json',
  ]);
  // An older inventory, of before the deletion, does not stand at the end of this checkpoint.
  expect(await hidden([0])).toEqual([`record-withheld ${recordPath(0)}`, 'citation-broken data/case.json']);
});

/** The commands of VERIFY.txt, but for those of a tool that is not here. */
async function commandsOf(path: string): Promise<string> {
  const lines = (await readFile(join(path, 'VERIFY.txt'), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('    '));
  return lines.map((line) => line.slice(4)).join('\n');
}

const has = (tool: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`]);
    return true;
  } catch {
    return false;
  }
};

test('the commands of VERIFY.txt hold, and find what was altered', { timeout: 120_000 }, async (context) => {
  const missing = ['sha256sum', 'openssl', 'basenc', 'xargs'].filter((tool) => !has(tool));
  if (missing.length > 0) return context.skip(`VERIFY.txt was not tried: no ${missing.join(', ')}`);
  if (!has('spicy-litetlog')) console.warn('spicy-litetlog is not here: its step of VERIFY.txt was not tried');
  const everything = await pack();
  const { path } = await pack({ items: handles().slice(0, 3) });
  const try_ = async (at: string): Promise<{ failed: boolean; said: string }> => {
    const commands = (await commandsOf(at)).replace(/^find .*spicy-litetlog.*$/m, (line) =>
      has('spicy-litetlog') ? line : ':',
    );
    try {
      const { stdout, stderr } = await run('bash', ['-eo', 'pipefail', '-c', commands], { cwd: at });
      return { failed: /not signed|stands elsewhere|differ/.test(stdout), said: stdout + stderr };
    } catch (error) {
      return { failed: true, said: String((error as { stderr?: string }).stderr) };
    }
  };
  const signed = await try_(everything.path);
  expect(signed.failed).toBe(false);
  if (sample.records.some(({ kind }) => kind === 'seal.custody')) {
    // Both have signed; the names are a signer's, and nothing that a shell runs.
    for (const name of secrets.holders) {
      for (const what of ['custody@dalil', 'deaccession@dalil']) {
        expect(signed.said).toContain(`Good "${what}" signature for ${name}`);
      }
    }
  }
  const whole = await try_(path);
  expect(whole.said).toContain('"case.opened"');
  expect(whole.said.match(/Signature Verified Successfully/g)).toHaveLength(2);
  if (sample.records.some(({ kind }) => kind === 'seal.timestamp')) {
    expect(whole.said).toMatch(/Time stamp: .* GMT\n.*Verification: OK/s);
  }
  expect(whole.failed).toBe(false);

  const first = recordPath(0);
  const alterations: Record<string, (at: string) => Promise<unknown>> = {
    'a byte of the payload': (at) => edit(at, 'data/bundle.json', (text) => text.replace('"withheld"', '"Withheld"')),
    'a file more': (at) => writeFile(join(at, 'data/more.txt'), 'more'),
    'a file less': (at) => rm(join(at, proofPath(0))),
  };
  const packedAgain: Record<string, (at: string) => Promise<unknown>> = {
    'the checkpoint': (at) => edit(at, 'data/checkpoint', (text) => text.replace(/\n(\d+)\n/, '\n1$1\n')),
    'a record': (at) => edit(at, first, (text) => text.replace('.', '.A')),
    'a disclosure': (at) =>
      edit(at, first, (text) =>
        text.replace(
          /~[^~]+~$/,
          `~${Buffer.from('["AAAAAAAAAAAAAAAAAAAAAA","title","Another"]').toString('base64url')}~`,
        ),
      ),
    'the record key': (at) =>
      edit(at, 'keys/record.pem', () =>
        String(
          execFileSync('openssl', ['pkey', '-pubout'], {
            input: execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']),
          }),
        ),
      ),
    'a place': async (at) => {
      const [a, b] = (await bundleFileOf(at)).records.slice(0, 2) as [number, number];
      for (const of of [recordPath, proofPath, spicyPath]) {
        const [x, y] = [await readFile(join(at, of(a))), await readFile(join(at, of(b)))];
        await writeFile(join(at, of(a)), y);
        await writeFile(join(at, of(b)), x);
      }
    },
  };
  for (const [all, again] of [
    [alterations, false],
    [packedAgain, true],
  ] as const) {
    for (const [what, alter] of Object.entries(all)) {
      const at = join(sample.folder, `bundle-${count++}`);
      await cp(path, at, { recursive: true });
      await alter(at);
      if (again) await packAgain(at);
      expect((await try_(at)).failed, what).toBe(true);
    }
  }
});

async function edit(at: string, path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(join(at, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`nothing was altered in ${path}`);
  await writeFile(join(at, path), after);
}

test('programs that were built are carried at the root, and named in the tag manifest', async () => {
  const built = join(sample.folder, 'built');
  await cp(join(sample.folder, 'demo/rules.json'), join(built, 'verify.mjs'));
  const { path } = await pack({ items: handles().slice(0, 1) }, { programs: built });
  expect(await readFile(join(path, 'tagmanifest-sha256.txt'), 'utf8')).toMatch(/ {2}verify\.mjs\n/);
  expect(await readFile(join(path, 'verify.mjs'))).toEqual(await readFile(join(built, 'verify.mjs')));
  expect(problemsOf(await checked(path))).toEqual([]);
  const names: string[] = [];
  for await (const { path: file } of bytesBelow(path)) names.push(file.slice(path.length + 1));
  expect(names).not.toContain('verify.html');
});

test('an original that was destroyed is withheld where the others are carried, and the bundle holds', async () => {
  const { path, withheld } = await pack({}, { originals: true });
  const destroyed = sample.records.filter(({ kind }) => kind === 'intake.item').slice(-2);
  const names: string[] = [];
  for await (const { path: file } of bytesBelow(join(path, 'data/originals')))
    names.push(file.slice(file.lastIndexOf('/') + 1));
  const hashes = sample.records.flatMap(({ kind, files }) =>
    kind === 'intake.item' ? [files['original']!.sha256] : [],
  );
  const gone = destroyed.map(({ files }) => files['original']!.sha256);
  expect(hashes.filter((hash) => !names.includes(hash))).toEqual(gone);
  expect(withheld).toBeGreaterThanOrEqual(2);
  expect(problemsOf(await checked(path))).toEqual([]);
});

test('a damaged original is not packed: no bundle of either form is left, and the fault names what mends it', async () => {
  const one = sample.records.find(({ kind }) => kind === 'intake.item')!.files['original']!;
  const place = join(sample.path, citedPath(one));
  const sound = await readFile(place);
  const altered = Buffer.from(sound);
  altered[0]! ^= 1;
  for (const bytes of [altered, sound.subarray(0, -1)]) {
    await rm(place);
    await writeFile(place, bytes);
    for (const zip of [false, true]) {
      const before = await readdir(sample.folder);
      const packing = pack({}, { originals: true, zip });
      await expect(packing).rejects.toMatchObject({ code: 'case-damaged', exitCode: 4 });
      await expect(packing).rejects.toThrow('dalil fixity restore');
      expect(await readdir(sample.folder)).toEqual(before);
    }
  }
  await rm(place);
  await writeFile(place, sound);
  expect(problemsOf(await checked((await pack({}, { originals: true })).path))).toEqual([]);
});

test('an original that is absent is named by its handle, with the command that puts it back, and no bundle is left', async () => {
  const { files, handle } = sample.records.find(({ kind }) => kind === 'intake.item')!;
  const place = join(sample.path, citedPath(files['original']!));
  const sound = await readFile(place);
  await rm(place);
  try {
    for (const zip of [false, true]) {
      const before = await readdir(sample.folder);
      const packing = pack({}, { originals: true, zip });
      await expect(packing).rejects.toMatchObject({ code: 'case-damaged', exitCode: 4 });
      await expect(packing).rejects.toThrow(`The original of ${handle} is not in the case folder any more`);
      await expect(packing).rejects.toThrow('dalil fixity restore --from <copy>');
      await expect(packing).rejects.not.toThrow(files['original']!.sha256);
      expect(await readdir(sample.folder)).toEqual(before);
    }
  } finally {
    await writeFile(place, sound);
  }
});

test('a receipt that says something else than its record is named, and one that is withheld is no problem', async (context) => {
  const custody = sample.records.find(({ kind }) => kind === 'seal.custody');
  if (custody === undefined) return context.skip('no receipt was signed: no ssh-keygen');
  const { event, when, from, to, covers } = custody.fields as Record<string, string>;
  const { refs } = custody;
  const [forged] = await sample.opened.log.append(sample.opened.actor, (turn) => {
    const files = { ...custody.files, receipt: custody.files['receipt']! };
    turn.add({
      kind: 'seal.custody',
      refs,
      files,
      event: event!,
      when: when!,
      from: from!,
      to: to!,
      covers: covers!,
      why: 'another reason',
    });
  });
  expect(problemsOf(await checked((await pack()).path))).toEqual([`custody-unsound ${recordPath(forged!.position)}`]);
  expect(problemsOf(await checked((await pack({ fields: { without: ['why'] } })).path))).toEqual([]);
});
