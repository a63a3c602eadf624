// The two verifiers as strangers get them: verify.mjs alone in an empty folder, run by a bare node; verify.html from
// file:// in a real browser that reaches nothing. Both pass and fail rightly, on folders and zip files.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { formatManifest, proofPath, recordPath } from '@dalil/verify';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { launchBrowser } from '../web/browser.ts';
import { faintTexts } from '../web/contrast.fixture.ts';
import { runDalil } from './dalil.fixture.ts';

const skipped = withoutOpenssl();
if (skipped !== null) console.warn(`left out: timestamps in the bundle (${skipped})`);

let home: TestHome;
let folder: string;
let server: Server;
let browser: Browser;
let built = '';
let kept = '';
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-standalone-'));
  built = await build(at('built'), folder);
  home = await openTestHome();
  const dalil = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runDalil(home.env, ['-C', at('case'), ...args]);
    expect([0, 3], stdout + stderr).toContain(code);
    return stdout;
  };
  await mkdir(at('letters'));
  for (let i = 0; i < 12; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i}\n`.repeat(1 + i * i * 40));
  await dalil('new', at('case'), '--name', 'For strangers');
  await dalil('intake', at('letters'), '--source', 'S');
  kept = (await dalil('checkpoint')).trim();
  if (skipped === null) {
    const authority = new TestAuthority(at('authority'));
    authority.issue('other-root', { by: null, from: '20200101000000Z', to: '20450101000000Z', as: 'root' });
    for (const name of ['root', 'other-root']) await writeFile(at(`${name}.pem`), authority.pem(name));
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await dalil('timestamp', 'authority', 'add', 'outside', '--url', url, '--anchor', at('root.pem'));
  }
  await dalil('describe');
  if (skipped === null) await dalil('timestamp', '--force');
  await dalil('dossier', 'build', 'dossier', '--out', at('dossier.pdf'));
  await dalil('export', '--format', 'bundle', '--out', at('bundle'), '--originals');
  await dalil('export', '--format', 'bundle', '--out', at('bare'));
  await writeFile(at('bundle.zip'), await zipped(await treeOf(at('bundle')), 'bundle/'));
  browser = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((done) => (server === undefined ? done(null) : server.close(done)));
  await home?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Builds both verifiers, from wherever; gives what was printed: a SHA-256 and a name each. */
function build(into: string, cwd: string): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/build-verify.mjs', import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, into], { cwd }, (error, out) =>
      error === null ? resolve(out) : reject(error),
    );
  });
}

type Tree = Map<string, Buffer>;

async function treeOf(root: string): Promise<Tree> {
  const tree: Tree = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) tree.set(path.slice(root.length + 1), await readFile(path));
  }
  return new Map([...tree].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function zipped(tree: Tree, below = ''): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, bytes] of tree) zip.addBuffer(bytes, `${below}${path}`);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The manifests as they would be if somebody had packed the altered bundle. */
function packedAgain(tree: Tree): Tree {
  const own = [...tree.keys()].filter((path) => !path.startsWith('data/') && path !== 'tagmanifest-sha256.txt');
  const payload = [...tree].filter(([path]) => path.startsWith('data/'));
  const bytes = payload.reduce((sum, [, content]) => sum + content.length, 0);
  const info = tree
    .get('bag-info.txt')!
    .toString()
    .replace(/Oxum: .*/, `Oxum: ${bytes}.${payload.length}`);
  tree.set('bag-info.txt', Buffer.from(info));
  tree.set('manifest-sha256.txt', Buffer.from(formatManifest(new Map(payload.map(([path, one]) => [path, hex(one)])))));
  const tags = new Map(own.map((path) => [path, hex(tree.get(path)!)]));
  return tree.set('tagmanifest-sha256.txt', Buffer.from(formatManifest(tags)));
}

const flip = (bytes: Buffer, position: number): Buffer => {
  const altered = Buffer.from(bytes);
  altered[position]! ^= 1;
  return altered;
};
const first = (tree: Tree, below: string): string => [...tree.keys()].find((path) => path.startsWith(below))!;
const swap = (tree: Tree, a: string, b: string): void => {
  const [one, other] = [tree.get(a)!, tree.get(b)!];
  tree.set(a, other).set(b, one);
};

/** What is done to a bundle, each packed again so that its manifests fit, and what the first or a later problem is called. */
const alterations: [what: string, code: string, alter: (tree: Tree) => unknown][] = [
  [
    'a letter of an original',
    'payload-altered',
    (tree) => {
      const path = first(tree, 'data/originals/');
      tree.set(path, flip(tree.get(path)!, 3));
    },
  ],
  ['an original taken away', 'bag-malformed', (tree) => tree.delete(first(tree, 'data/originals/'))],
  ['a file added', 'payload-unexpected', (tree) => tree.set('data/more.txt', Buffer.from('trust me'))],
  ['a record taken away', 'payload-missing', (tree) => tree.delete(recordPath(4))],
  ['a bit of a signature', 'record-signature', (tree) => tree.set(recordPath(4), flip(tree.get(recordPath(4))!, 950))],
  [
    'a repeated disclosure',
    'disclosure-unreferenced',
    (tree) => {
      const parts = tree.get(recordPath(4))!.toString().split('~');
      tree.set(recordPath(4), Buffer.from([...parts.slice(0, 2), ...parts.slice(1)].join('~')));
    },
  ],
  ['two records exchanged', 'proof-altered', (tree) => swap(tree, recordPath(4), recordPath(5))],
  ['a proof of another record', 'proof-altered', (tree) => swap(tree, proofPath(4), proofPath(5))],
  [
    'another checkpoint',
    'checkpoint-signature',
    (tree) => tree.set('data/checkpoint', flip(tree.get('data/checkpoint')!, 60)),
  ],
  [
    'another case',
    'case-unreadable',
    (tree) => tree.set('data/case.json', Buffer.from(tree.get('data/case.json')!.toString().replace('"OKP"', '"EC"'))),
  ],
  [
    'a forged dossier',
    'payload-altered',
    (tree) => tree.set('data/dossier/dossier.pdf', Buffer.from('%PDF-1.7 forged')),
  ],
];
const alteredTree = async (alter: (tree: Tree) => unknown): Promise<Tree> => {
  const tree = await treeOf(at('bundle'));
  alter(tree);
  return packedAgain(tree);
};
/** In place of what was there under this name. */
async function laidOut(tree: Tree, name: string): Promise<string> {
  await rm(at(name), { recursive: true, force: true });
  for (const [path, bytes] of tree) {
    await mkdir(dirname(join(at(name), path)), { recursive: true });
    await writeFile(join(at(name), path), bytes);
  }
  return at(name);
}

test('built twice, the verifiers are the same bytes, wherever they are built', async () => {
  expect(await build(at('again'), tmpdir())).toBe(built);
  const hashes = [...built.matchAll(/^([0-9a-f]{64}) {2}(\S+)$/gm)];
  expect(hashes.map(([, , name]) => name)).toEqual(['verify.html', 'verify.mjs']);
  for (const [, hash, name] of hashes) {
    const bytes = await readFile(join(at('again'), name!));
    expect(hex(bytes)).toBe(hash);
    // No path of this machine.
    expect(bytes.includes(process.cwd())).toBe(false);
    expect(bytes.length).toBeLessThan(1 << 20);
    for (const licence of ['pkijs', 'asn1js', 'bytestreamjs', '@noble/hashes'])
      expect(bytes.includes(licence)).toBe(true);
    expect(bytes.toString().match(/Redistribution and use in source/g)!.length).toBeGreaterThan(1);
  }
});

/** Runs the copy of verify.mjs that lies alone in a folder, without anything of this process's environment. */
async function runAlone(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  await mkdir(at('alone'), { recursive: true });
  await copyFile(join(at('built'), 'verify.mjs'), join(at('alone'), 'verify.mjs'));
  return new Promise((resolve) => {
    execFile(process.execPath, ['verify.mjs', ...args], { cwd: at('alone'), env: {} }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

test('verify.mjs alone passes a bundle, its zip file, and a case', async () => {
  for (const name of ['bundle', 'bundle.zip', 'bare', 'case']) {
    const { code, out, err } = await runAlone(at(name), '--since', kept);
    expect([name, code, err]).toEqual([name, name.startsWith('b') ? expect.any(Number) : 0, '']);
    expect(out).toMatch(/^holds {2}(?:bundle|case) at checkpoint \d+: nothing was changed/m);
    if (skipped === null) expect(out).toMatch(/unchanged since 20\S+Z; this does not show where, when or by whom/);
    // A bundle has proofs for the checkpoints that it speaks of alone.
    expect(out).toMatch(name === 'case' ? /^unchanged {2}The first/m : /^(?:unchanged|not-shown) {2}/m);
  }
  const { code, out } = await runAlone(at('bundle.zip'));
  expect(code).toBe(0);
  const json = await runAlone(at('bundle.zip'), '--json');
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, kind: 'bundle', problems: [] });
  // It prints what the command prints.
  expect(out).toBe((await runDalil(home.env, ['verify', at('bundle.zip')])).stdout);
});

test.each(alterations)('verify.mjs alone finds %s: %s', async (_, code, alter) => {
  const tree = await alteredTree(alter);
  await writeFile(at('altered.zip'), await zipped(tree));
  for (const path of [await laidOut(tree, 'altered'), at('altered.zip')]) {
    const ran = await runAlone(path, '--json');
    expect(ran.code, ran.err).toBe(4);
    const { ok, problems } = JSON.parse(ran.out) as { ok: boolean; problems: { code: string }[] };
    expect(ok).toBe(false);
    expect(problems.map((problem) => problem.code)).toContain(code);
  }
});

test('verify.mjs alone says what cannot be: usage 2, an archive that is not to be believed 4', async () => {
  expect(await runAlone()).toMatchObject({ code: 2, out: '' });
  expect(await runAlone(at('nowhere'))).toMatchObject({ code: 2, out: '' });
  expect(await runAlone(at('bundle'), '--what')).toMatchObject({ code: 2, out: '' });
  expect(await runAlone(at('bundle'), '--anchor', at('nowhere.pem'))).toMatchObject({ code: 2, out: '' });
  expect(await runAlone('--help')).toMatchObject({ code: 0, out: expect.stringContaining('usage: node verify.mjs') });
  await writeFile(at('cut.zip'), (await readFile(at('bundle.zip'))).subarray(0, -1));
  expect(await runAlone(at('cut.zip'))).toMatchObject({ code: 4, out: expect.stringContaining('archive-malformed') });
});

test.skipIf(skipped !== null)('verify.mjs alone believes only the certificates that it is given', async () => {
  const own = await runAlone(at('bundle'), '--anchor', at('root.pem'));
  expect(own).toMatchObject({ code: 0, out: expect.not.stringContaining('the word of the case itself') });
  const other = await runAlone(at('bundle'), '--anchor', at('other-root.pem'));
  expect(other).toMatchObject({ code: 4, out: expect.stringContaining('timestamp-untrusted') });
});

/** Words on the console, errors, requests: nothing of it may there be. */
let complaints: string[] = [];

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, locale: 'en', ...options });
  await context.setOffline(true);
  const page = await context.newPage();
  const address = pathToFileURL(join(at('built'), 'verify.html')).href;
  complaints = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  return page;
}

/** Picks a folder or zip file and waits for the verdict. */
async function pick(page: Page, path: string): Promise<string> {
  await page.locator(path.endsWith('.zip') ? '#zip' : '#folder').setInputFiles(path);
  await page.locator('#verdict').waitFor();
  return (await page.innerText('main')).replaceAll(/\s+/g, ' ');
}
async function closed(page: Page): Promise<void> {
  // A picture of evidence is never drawn.
  expect(await page.locator('img, picture, video, canvas, object, embed, iframe').count()).toBe(0);
  await page.context().close();
  expect(complaints).toEqual([]);
}

test.each(['bundle', 'bundle.zip', 'bare', 'case'])('verify.html passes %s, from file:// and offline', async (name) => {
  const page = await open();
  const said = await pick(page, at(name));
  expect(said).toMatch(/^It holds Nothing in this (?:bundle|case) was changed, added or taken away/);
  expect(said).toContain('A verifier that came with what it checks proves nothing by itself.');
  if (skipped === null) {
    expect(said).toMatch(/records are unchanged since .* UTC\. This does not show where, when or by whom the pictures/);
  }
  if (name !== 'case') {
    expect(said).toContain('12 of 12 items are disclosed; 0 are withheld.');
    expect(said).toContain('No item was destroyed.');
  }
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('verdict');
  await page.getByRole('button', { name: 'العربية' }).click();
  expect(await page.getAttribute('html', 'dir')).toBe('rtl');
  const arabic = await page.innerText('main');
  expect(arabic).toContain('سليمة');
  expect(arabic).toContain('ولا يُبيّن ذلك أين التُقطت الصور ولا متى ولا من التقطها.'.slice(0, skipped === null ? 60 : 0));
  await closed(page);
});

test.each(alterations)('verify.html finds %s: %s', async (_, code, alter) => {
  const tree = await alteredTree(alter);
  const path = await laidOut(tree, 'altered');
  const page = await open();
  const said = await pick(page, path);
  expect(said).toMatch(/^It does not hold \d+ things? (?:is|are) wrong\. The first: /);
  expect(said).toContain(`${code}: `);
  expect(said).not.toContain('unchanged since');
  await page.getByRole('button', { name: 'العربية' }).click();
  expect(await page.innerText('main')).toMatch(/غير سليمة[\s\S]*أولها/);
  await closed(page);
});

test('a zip file that is not to be believed, and a folder that is neither bundle nor case, are said to be that', async () => {
  await writeFile(at('cut.zip'), (await readFile(at('bundle.zip'))).subarray(0, -1));
  const page = await open();
  expect(await pick(page, at('cut.zip'))).toContain('the zip file is damaged, or not to be believed');
  await page.getByRole('button', { name: 'Check something else' }).click();
  expect(await pick(page, at('letters'))).toContain('Neither a bundle nor a case');
  await closed(page);
});

test('a folder and a zip file may be dropped on the page', async () => {
  for (const name of ['bundle', 'bundle.zip']) {
    const page = await open();
    const devtools = await page.context().newCDPSession(page);
    const box = (await page.locator('#pick').boundingBox())!;
    const data = { items: [], files: [at(name)], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await devtools.send('Input.dispatchDragEvent', { type, x: box.x + 40, y: box.y + 40, data });
    }
    await page.locator('#verdict').waitFor();
    expect(await page.innerText('#verdict')).toBe('It holds');
    await closed(page);
  }
});

test('what somebody has kept is compared: a checkpoint, and certificates of their own', async () => {
  const page = await open();
  await page.locator('summary').click();
  await page.locator('#kept').fill(kept);
  if (skipped === null) await page.locator('#anchors').setInputFiles(at('root.pem'));
  const said = await pick(page, at('case'));
  expect(said).toContain('It extends the checkpoint that you kept: none of the first');
  if (skipped === null) expect(said).toContain('Believed because you trust the certificates that you gave.');
  await page.getByRole('button', { name: 'Check something else' }).click();
  expect(await page.locator('#kept').inputValue()).toBe(kept);
  await page
    .locator('#kept')
    .fill(kept.replace(/ [0-9a-f]{8}$/, '').replace(/ (\d+) (\S)/, (_, n, a) => ` ${n} ${a === 'A' ? 'B' : 'A'}`));
  const rewritten = await pick(page, at('case'));
  expect(rewritten).toMatch(/^It does not hold/);
  expect(rewritten).toContain('The log was rewritten');
  await closed(page);
});

test('names from the evidence stay text', async () => {
  const hostile = `<img src=x onerror=alert(1)>\u202Egnp.exe`;
  const tree = await alteredTree((one) => one.set(`data/${hostile}`, Buffer.from('x')));
  await writeFile(at('hostile.zip'), await zipped(tree));
  const page = await open();
  expect(await pick(page, at('hostile.zip'))).toContain('<img src=x onerror=alert(1)>\\u{202e}gnp.exe');
  await closed(page);
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 1280],
  ['ar', 768],
])('in %s at %i pixels nothing is wider than the page, and what is pressed is large enough', async (locale, width) => {
  const page = await open({ viewport: { width, height: 700 }, locale });
  expect(await page.getAttribute('html', 'lang')).toBe(locale);
  const fits = async (): Promise<void> => {
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, summary, .button')]
        .filter((node) => node.getBoundingClientRect().height < 24)
        .map((node) => node.textContent),
    );
    expect(small).toEqual([]);
  };
  await fits();
  await cp(at('bundle'), at('broken'), { recursive: true });
  await writeFile(at('broken/data/checkpoint'), 'x');
  await pick(page, at('broken'));
  await fits();
  await closed(page);
});

test('text stands out from its ground in light and dark, before and after, and more where more is asked for', async () => {
  const page = await open();
  await writeFile(at('cut.zip'), (await readFile(at('bundle.zip'))).subarray(0, -1));
  for (const path of [null, at('bundle.zip'), at('cut.zip')]) {
    if (path !== null) await pick(page, path);
    for (const contrast of ['no-preference', 'more'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, contrast });
        expect([path, await faintTexts(page, contrast === 'more' ? 10 : 4.5)]).toEqual([path, []]);
      }
    }
    if (path !== null) await page.getByRole('button', { name: 'Check something else' }).click();
  }
  await closed(page);
});

test('the keyboard alone checks a bundle, and the focus shows', async () => {
  const page = await open();
  const reached: string[] = [];
  for (let press = 0; press < 4; press++) {
    await page.keyboard.press('Tab');
    reached.push(
      await page.evaluate(() => {
        const node = document.activeElement!;
        // An input is drawn as its label.
        const drawn = node.matches('.button input') ? node.parentElement! : node;
        return `${node.id === '' ? node.localName : node.id} ${getComputedStyle(drawn).outlineStyle}`;
      }),
    );
  }
  expect(reached).toEqual(['language solid', 'folder solid', 'zip solid', 'summary solid']);
  const chooser = page.waitForEvent('filechooser');
  await page.locator('#zip').focus();
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(at('bundle.zip'));
  await page.locator('#verdict').waitFor();
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement!.localName)).toBe('summary');
  await closed(page);
});
