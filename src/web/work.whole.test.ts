// Timeline, individual, item and the picture behind an act, in a real browser over a real case: no picture is asked for
// before somebody does, and what is said by files stays text.
import { mkdir } from 'node:fs/promises';
import { isIncluded, openProof } from '@dalil/verify';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { exifSegment, withSegment } from '../demo/exif.ts';
import { openEvidence, type EvidenceFixture, type Worker } from '../server/evidence.fixture.ts';
import { axeFindings, misfits, openWeb, watchedPage, type Watched, type Web } from './web.fixture.ts';

let web: Web;
let evidence: EvidenceFixture;
let anna: Worker;
const watched: Watched[] = [];
/** A name as an enemy would give it; `/` cannot be in one. */
const hostile = `<img src=x onerror=alert(1)>"'\u202Egpj.jpg`;
/** What an enemy's camera would be called. */
const hostileModel = `<img src=x onerror=alert(2)>"'`;

/** A grey picture with EXIF in the enemy's words. */
async function hostilePicture(): Promise<Buffer> {
  const [width, height] = [320, 240];
  const grey = await sharp({ create: { width, height, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer();
  const segment = exifSegment({
    byteOrder: 'little',
    make: 'ACME<script>',
    model: hostileModel,
    software: `<script>alert(3)</script>`,
    orientation: 1,
    taken: '2013-05-14T10:22:31',
    subsecond: '00',
    width,
    height,
    serial: `"><svg onload=alert(4)>`,
    lens: `javascript:alert(5)`,
    counter: 7,
    imageId: '0'.repeat(32),
    exposure: [1, 60],
    aperture: 40,
    sensitivity: 200,
    focalLength: 35,
    flash: false,
    thumbnail: null,
  });
  return withSegment(grey, segment);
}

beforeAll(async () => {
  web = await openWeb();
  evidence = await openEvidence({
    webRoot: web.root,
    individuals: 3,
    files: {
      [`odd/${hostile}`]: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      'enemy/DSC_0007.JPG': await hostilePicture(),
    },
  });
  anna = await evidence.worker('Anna <b>', ['analyst', 'lead']);
}, 300_000);
afterAll(async () => {
  await evidence?.close();
  await web?.close();
});
afterEach(async () => {
  for (const { context } of watched) await context.close();
  expect(watched.splice(0).flatMap((one) => one.complaints)).toEqual([]);
});

async function open(path: string, options: Parameters<typeof watchedPage>[2] = {}): Promise<Page> {
  const one = await watchedPage(web.browser, evidence.address.url, options);
  watched.push(one);
  await one.context.addCookies([{ ...anna.cookie, url: evidence.address.url }]);
  await one.page.goto(new URL(path, evidence.address.url).href);
  await one.page.getByRole('heading', { level: 1 }).waitFor();
  return one.page;
}
const forget = (word: string): void => {
  for (const { complaints } of watched)
    complaints.splice(0, complaints.length, ...complaints.filter((one) => !one.includes(word)));
};
const itemOf = async (category: string): Promise<string> =>
  (
    await evidence.opened.index.pool.query<{ item: string }>(
      `select t.item from timeline t join description d on d.item = t.item where t.category = $1 and d.format = 'image/jpeg'
         and t.state <> 'broken' order by t.position limit 1`,
      [category],
    )
  ).rows[0]!.item;
const exposures = async (): Promise<number> =>
  (await evidence.opened.index.pool.query<{ n: number }>('select count(*) as n from exposure')).rows[0]!.n;
const individualOf = async (): Promise<string> =>
  (
    await evidence.opened.index.pool.query<{ handle: string }>(
      'select handle from individual where members > 2 limit 1',
    )
  ).rows[0]!.handle;

test('the timeline shows tiles of words, by month, narrowed by its address; arrows go from tile to tile', async () => {
  const page = await open('/timeline');
  const tiles = page.locator('.months a.tile');
  await tiles.first().waitFor();
  expect(await page.locator('img, picture, video, canvas').count()).toBe(0);
  for (const words of (await tiles.allInnerTexts()).map((text) => text.split(/\s+/)))
    expect(words.length).toBeLessThanOrEqual(9);
  const all = (await page.getByRole('status').first().textContent()) ?? '';
  await tiles.first().focus();
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate(() => document.activeElement?.parentElement?.dataset['index'])).toBe('1');
  await page.keyboard.press('ArrowLeft');
  expect(await page.evaluate(() => document.activeElement?.parentElement?.dataset['index'])).toBe('0');
  await page.getByLabel('Category').selectOption('force');
  await expect.poll(async () => page.getByRole('status').first().textContent()).not.toBe(all);
  expect(new URL(page.url()).searchParams.get('category')).toBe('force');
  for (const text of await tiles.allInnerTexts()) expect(text).toContain('Soldier');
  await page.getByLabel('Number').fill('no such number');
  await page.getByText('0 pictures').waitFor();
});

test('55,000 pictures: few are in the page at a time, a jump is quick, and nothing moves', async () => {
  const { pool } = evidence.opened.index;
  await pool.query(
    `insert into timeline select 'E-' || (900000 + g), 900000 + g,
       to_char(timestamp '2011-05-01' + g * interval '22 minutes', 'YYYY-MM-DD"T"HH24:MI:SS'),
       to_char(timestamp '2011-05-01' + g * interval '22 minutes', 'YYYY-MM'),
       array['JUNIPER'], 'detainee', false, 'MANY', null, g::text, array[g::text], 'open', null
     from generate_series(1, 55000) g`,
  );
  await pool.query(
    `insert into timeline_count select month, sources, category, camera, state, false, count(*) from timeline
       where position > 900000 group by month, sources, category, camera, state`,
  );
  try {
    const page = await open('/timeline?camera=MANY');
    await page.getByText('55,000 pictures').waitFor();
    const cells = page.locator('.months li');
    await cells.first().waitFor();
    const jumps: number[] = [];
    for (const share of [0.5, 0.9, 0.1, 0.7, 0.3, 0.95, 0.05, 0.6]) {
      const ms = await page.evaluate(async (at) => {
        const room = document.querySelector<HTMLElement>('.months');
        const before = document.querySelector<HTMLElement>('.months li')?.dataset['index'];
        const start = performance.now();
        scrollTo({ top: (room?.offsetHeight ?? 0) * at, behavior: 'instant' });
        while (document.querySelector<HTMLElement>('.months li')?.dataset['index'] === before)
          await new Promise((resolve) => requestAnimationFrame(resolve));
        return performance.now() - start;
      }, share);
      jumps.push(ms);
      expect(await cells.count()).toBeLessThan(400);
    }
    const middle = jumps.toSorted((a, b) => a - b)[4]!;
    console.log(
      `a jump among 55,000 pictures: ${middle.toFixed(0)} ms in the middle, ${Math.max(...jumps).toFixed(0)} at most`,
    );
    // A busy machine takes many times as long as one at rest.
    expect(middle).toBeLessThan(500);
    await page.locator('.months a.tile').first().waitFor();
    const moved = await page.evaluate(() =>
      (window as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0),
    );
    expect(moved).toBeLessThan(0.05);
  } finally {
    await pool.query('delete from timeline where position > 900000');
    await pool.query(`delete from timeline_count where camera = 'MANY'`);
  }
});

test('nothing of a picture is loaded before Space is held; Esc, blur and release hide it; every asking is a record', async () => {
  const item = await itemOf('detainee');
  const asked: string[] = [];
  const page = await open(`/items/${item}`);
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.getByText('Hold Space to see it').waitFor();
  const pictures = page.locator('.stage img');
  expect(await pictures.count()).toBe(0);
  const before = await exposures();
  await page.keyboard.down(' ');
  await pictures.waitFor();
  expect(await exposures()).toBe(before + 1);
  await expect.poll(() => pictures.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  const side = await pictures.evaluate((image) => [
    (image as HTMLImageElement).naturalWidth,
    (image as HTMLImageElement).naturalHeight,
  ]);
  expect(Math.max(...side)).toBe(240);
  await page.keyboard.up(' ');
  expect(await pictures.isVisible()).toBe(false);
  // Within its minute it is the same showing: no second record.
  await page.keyboard.down(' ');
  expect(await pictures.isVisible()).toBe(true);
  expect(await exposures()).toBe(before + 1);
  await page.keyboard.press('Escape');
  expect(await pictures.count()).toBe(0);
  await page.keyboard.up(' ');
  await page.keyboard.down(' ');
  await pictures.waitFor();
  expect(await exposures()).toBe(before + 2);
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  await expect.poll(() => pictures.count()).toBe(0);
  await page.keyboard.up(' ');
  expect(asked.filter((path) => path.startsWith('/api/reveals/')).length).toBe(2);
  // Colour and size are acts of their own. Enter is for whoever cannot hold a key.
  await page.locator('.stage').focus();
  await page.keyboard.press('Enter');
  await pictures.waitFor();
  await page.getByRole('button', { name: 'In colour' }).click();
  await expect.poll(exposures).toBe(before + 4);
  await page.goto(new URL('/viewing', evidence.address.url).href);
  await page.getByText(`${String(before + 4)} of 200`).waitFor();
});

test('what is worst is asked for twice', async () => {
  const page = await open(`/items/${await itemOf('incident')}`);
  const before = await exposures();
  await page.getByText('Hold Space to see it').waitFor();
  // A touch in passing asks for nothing.
  await page.keyboard.press(' ');
  await page.waitForTimeout(400);
  expect(await page.getByText('This may be hard to look at.').count()).toBe(0);
  await page.keyboard.press(' ', { delay: 500 });
  await page.getByText('This may be hard to look at.').waitFor();
  expect(await exposures()).toBe(before);
  await page.getByRole('button', { name: 'Leave it' }).click();
  await page.locator('.stage').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Show it' }).click();
  await page.locator('.stage img').waitFor({ state: 'attached' });
  expect(await exposures()).toBe(before + 1);
  forget('403 (Forbidden)');
});

test('an item says why it can be believed, and its proof can be taken along', async () => {
  const item = await itemOf('detainee');
  const page = await open(`/items/${item}`);
  await page.getByRole('heading', { name: 'History' }).waitFor();
  const text = await page.innerText('main');
  expect(text).toMatch(/under the signed checkpoint of [\d,]+ records/);
  expect(text).toContain('received and sealed');
  expect(text).toContain('JUNIPER');
  const address = await page.locator('a[download]').first().getAttribute('href');
  const proof = await anna.ask('GET', address!);
  expect(proof.headers.get('content-type')).toContain('text/plain');
  // Checked as a stranger would: the record's own hash leads to the root of a checkpoint that this case has signed.
  const opened = openProof(proof.bytes.toString(), evidence.opened.log.history.current.checkpoints);
  const { rows } = await evidence.opened.index.pool.query<{ id: string; position: number }>(
    'select id, position from item where handle = $1',
    [item],
  );
  expect(opened.index).toBe(rows[0]!.position);
  expect(isIncluded(Buffer.from(rows[0]!.id, 'base64url'), opened)).toBe(true);
  expect(isIncluded(Buffer.alloc(32), opened)).toBe(false);
});

test('an individual: why each picture is there; a split is a record; what has changed meanwhile is a conflict', async () => {
  const handle = await individualOf();
  const page = await open(`/individuals/${handle}`);
  await page.getByText('by its name').first().waitFor();
  expect(await page.locator('.members img').count()).toBe(0);
  await page.locator('.members input').first().check();
  const { size } = evidence.opened.log;
  await page.getByRole('button', { name: 'Move…' }).click();
  await page.getByLabel('Why').fill('سبب — a reason');
  // Somebody else decides on the same individual in between.
  const member = (await page.locator('.members .check').nth(1).innerText()).trim().split(/\s+/).at(-1)!;
  const { movePictures } = await import('../group/decisions.ts');
  await movePictures(evidence.opened, [member], null, 'another');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('It has changed since you saw it.').waitFor();
  expect(evidence.opened.log.size).toBe(size + 1);
  await page.waitForTimeout(300);
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('Written down.').waitFor();
  expect(evidence.opened.log.size).toBe(size + 2);
  forget('409 (Conflict)');
});

test('names from files stay text on every screen', async () => {
  const { rows } = await evidence.opened.index.pool.query<{ handle: string }>(
    `select handle from item where path like 'odd/%'`,
  );
  expect(rows).toHaveLength(1);
  const page = await open(`/items/${rows[0]!.handle}`);
  await page.getByRole('heading', { name: 'History' }).waitFor();
  expect((await page.textContent('main'))?.includes(hostile)).toBe(true);
  expect(await page.locator('main img').count()).toBe(0);
});

test('what the metadata of a picture say stays text, on its page and among the cameras of the timeline', async () => {
  const { rows } = await evidence.opened.index.pool.query<{ handle: string }>(
    `select handle from item where path like 'enemy/%'`,
  );
  const page = await open(`/items/${rows[0]!.handle}`);
  await page.getByRole('heading', { name: 'History' }).waitFor();
  const said = (await page.textContent('main')) ?? '';
  for (const words of [hostileModel, 'ACME<script>']) expect(said).toContain(words);
  expect(await page.locator('main img, main script, main svg[onload]').count()).toBe(0);
  await page.goto(new URL('/timeline', evidence.address.url).href);
  await page.getByLabel('Camera').waitFor();
  await expect.poll(() => page.getByLabel('Camera').textContent()).toContain(hostileModel);
  expect(await page.locator('main img, main script').count()).toBe(0);
});

const shots = process.env['DALIL_SHOTS'];
test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 768],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels the screens fit, and axe finds nothing', async (lang, width) => {
  const paths = {
    timeline: '/timeline',
    item: `/items/${await itemOf('detainee')}`,
    individual: `/individuals/${await individualOf()}`,
    viewing: '/viewing',
  };
  for (const [name, path] of Object.entries(paths)) {
    const page = await open(path, { viewport: { width, height: 900 }, locale: lang });
    await page.waitForLoadState('networkidle');
    if (shots !== undefined) {
      await mkdir(shots, { recursive: true });
      await page.screenshot({ path: `${shots}/${name}-${lang}-${String(width)}.png`, fullPage: name !== 'timeline' });
    }
    expect([name, await misfits(page)]).toEqual([name, []]);
    if (width !== 768) expect([name, await axeFindings(page)]).toEqual([name, []]);
  }
});
