// Safe viewing, on the wire: no byte of an original or of anything made from one leaves before the record of the viewing is
// sealed; and nobody is shown more than was asked for, twice, or beyond their budget.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:http';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sizeOnDisk } from '../log/checkpoint.fixture.ts';
import { firstLimits, type OwnViewing } from '../protect/viewing.ts';
import { openEvidence, type EvidenceFixture, type Worker } from './evidence.fixture.ts';
import type { ProblemBody } from './schemas.ts';
import { openWire, type Wire } from './wire.fixture.ts';

let evidence: EvidenceFixture;
let anna: Worker;
let lead: Worker;
let wire: Wire;

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>';
const html = '<!doctype html><title>x</title><script>alert(1)</script>';

beforeAll(async () => {
  evidence = await openEvidence({
    individuals: 2,
    files: { 'odd/drawing.svg': svg, 'odd/page.html': html, 'odd/no picture.jpg': `${svg} ` },
  });
  anna = await evidence.worker('Anna', ['analyst']);
  lead = await evidence.worker('Lena', ['lead']);
}, 240_000);
afterAll(async () => evidence?.close());
afterEach(async () => {
  await wire?.close();
});

interface Revealed {
  address: string;
  width: number;
  height: number;
  seconds: number;
  record: number;
  own: OwnViewing;
}
const reveal = (who: Worker, item: string, body: object = {}) =>
  who.ask<Revealed & ProblemBody>('POST', `/api/items/${item}/reveal`, { purpose: 'compare', ...body });
const pictures = async (category = 'detainee'): Promise<{ handle: string; sha256: string }[]> =>
  (
    await evidence.opened.index.pool.query<{ handle: string; sha256: string }>(
      `select i.handle, i.sha256 from item i join timeline t on t.item = i.handle join description d on d.item = i.handle
       where t.category = $1 and d.format = 'image/jpeg' and t.state <> 'broken' order by i.position`,
      [category],
    )
  ).rows;

/** Every file that pictures lie in on this machine, originals and what was made from them, but the numbers alone. */
async function pictureFiles(): Promise<Buffer[]> {
  const below = async (root: string): Promise<string[]> =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const originals = await below(join(evidence.opened.folder.path, 'originals'));
  const thumbnails = (await below(evidence.opened.home.thumbnails)).filter((path) => path.endsWith('.jpg'));
  expect(thumbnails.length).toBeGreaterThan(10);
  return Promise.all([...originals, ...thumbnails].map((path) => readFile(path)));
}

/** Windows of the content of files, by which a piece of any of them is known wherever it is cut. */
function windowsOf(files: readonly Buffer[]): Set<string> {
  const windows = new Set<string>();
  for (const file of files)
    for (let at = 0; at + 16 <= file.length; at += 16) {
      const window = file.subarray(at, at + 16);
      // What is the same byte over and over is in everything; words (of metadata, of names in an archive) are shown.
      const plain = window.filter((byte) => byte >= 0x20 && byte < 0x7f).length;
      if (new Set(window).size > 8 && plain < 12) windows.add(window.toString('latin1'));
    }
  return windows;
}

function holdsAny(sent: Buffer, windows: ReadonlySet<string>): boolean {
  const text = sent.toString('latin1');
  for (let at = 0; at + 16 <= text.length; at += 1) if (windows.has(text.slice(at, at + 16))) return true;
  return false;
}
/** The first bytes of every format of pictures. */
const beginnings = [
  Buffer.from([0xff, 0xd8, 0xff]),
  Buffer.from('\x89PNG\r\n', 'latin1'),
  Buffer.from('GIF8'),
  Buffer.from('WEBP'),
];
const looksLikePicture = (sent: Buffer): boolean => beginnings.some((beginning) => sent.includes(beginning));

/** A client that speaks through the wire. */
const through = (method: string, path: string, body?: unknown): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: wire.port,
        path,
        method,
        headers: {
          host: new URL(evidence.address.url).host,
          cookie: `${anna.cookie.name}=${anna.cookie.value}`,
          origin: evidence.address.url.slice(0, -1),
          'accept-encoding': 'identity',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
      },
      (got) => {
        const pieces: Buffer[] = [];
        got.on('data', (piece: Buffer) => pieces.push(piece));
        got.on('end', () => resolve({ status: got.statusCode ?? 0, body: Buffer.concat(pieces) }));
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

test('on the wire: no byte of a picture before its record is sealed on disk; then one small grey one, once', async () => {
  wire = await openWire(evidence.address.port);
  const windows = windowsOf(await pictureFiles());
  const [picture] = await pictures();
  const original = await readFile(
    join(
      evidence.opened.folder.path,
      'originals/sha256',
      picture!.sha256.slice(0, 2),
      picture!.sha256.slice(2, 4),
      picture!.sha256,
    ),
  );
  // The instrument works: it knows a piece of an original when it sees one.
  expect(holdsAny(original.subarray(1001, 1101), windows)).toBe(true);
  expect(looksLikePicture(original)).toBe(true);

  // Everything there is to ask for, but a reveal.
  const { items } = JSON.parse((await through('GET', '/api/items?limit=200')).body.toString()) as {
    items: { item: string }[];
  };
  const { individuals } = JSON.parse((await through('GET', '/api/individuals')).body.toString()) as {
    individuals: { id: string }[];
  };
  expect(items.length).toBeGreaterThan(10);
  for (const path of [
    '/',
    '/api/case',
    '/api/timeline',
    '/api/timeline/choices',
    '/api/viewing/mine',
    '/api/queues/numbers',
    '/api/openapi.json',
  ])
    await through('GET', path);
  for (const { item } of items) expect((await through('GET', `/api/items/${item}`)).status).toBe(200);
  for (const { id } of individuals) expect((await through('GET', `/api/individuals/${id}`)).status).toBe(200);
  for (const name of ['numbers', 'merges', 'categories'])
    await through('POST', `/api/queues/${name}/claims`, { limit: 50 });
  // Marks are words and numbers, also where they are of a picture.
  const { sha256, handle } = picture!;
  const marked = await through('POST', `/api/items/${handle}/regions`, { box: [0.1, 0.2, 0.3, 0.4], note: 'a stamp' });
  expect(marked.status).toBe(200);
  expect((await through('POST', '/api/tags', { tag: 'stamped', items: [handle], removed: false })).status).toBe(200);
  expect((await through('GET', `/api/items/${handle}`)).body.toString()).toContain('a stamp');
  await through('GET', '/api/items?tag=stamped');
  await through('GET', '/api/settings/rules');
  // And what somebody would try.
  for (const path of [
    `/originals/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`,
    `/api/items/${handle}/original`,
    `/api/items/${handle}/thumbnail`,
    `/thumbnails/${sha256}.jpg`,
    `/api/reveals/${'A'.repeat(43)}`,
    `/api/crops/${handle}.jpg`,
    `/api/regions/M-0001`,
    `/api/items/${handle}/regions/M-0001`,
    `/api/crops/..%2f${sha256}`,
  ])
    expect((await through('GET', path)).status).toBeGreaterThanOrEqual(400);
  for (const sent of wire.sent()) {
    expect(holdsAny(sent, windows)).toBe(false);
    expect(looksLikePicture(sent)).toBe(false);
  }

  // The reveal: when the first byte of its answer passes, the record is under the checkpoint that lies on the disk.
  const size = evidence.opened.log.size;
  const seen: number[] = [];
  wire.before = () => {
    seen.push(sizeOnDisk(evidence.opened.folder.path));
  };
  const answer = await through('POST', `/api/items/${handle}/reveal`, { purpose: 'compare' });
  expect(answer.status).toBe(201);
  expect(seen[0]).toBe(size + 1);
  const revealed = JSON.parse(answer.body.toString()) as Revealed;
  for await (const record of evidence.opened.log.read(revealed.record, revealed.record + 1)) {
    expect(record).toMatchObject({ kind: 'protect.exposure', actor: { name: 'Anna' } });
    expect(record.fields).toEqual({ purpose: 'compare', colour: false, side: 240, seconds: 60, confirmed: false });
  }
  expect(wire.sent().some((sent) => looksLikePicture(sent))).toBe(false);
  const shown = await through('GET', revealed.address);
  expect(shown.status).toBe(200);
  const { width, height, exif, xmp, icc } = await sharp(shown.body).metadata();
  expect(Math.max(width, height)).toBe(240);
  expect([exif, xmp, icc]).toEqual([undefined, undefined, undefined]);
  const { channels } = await sharp(shown.body).stats();
  // In greys: the three channels say the same.
  expect(channels.slice(0, 3).every(({ mean }) => Math.abs(mean - channels[0]!.mean) < 0.5)).toBe(true);
  // Drawn anew: no piece of the original or of the thumbnail is in it.
  expect(holdsAny(shown.body, windows)).toBe(false);
  expect((await through('GET', revealed.address)).status).toBe(404);
}, 120_000);

test('where the record cannot be written, there is no picture and no address', async () => {
  const [picture] = await pictures();
  const { log } = evidence.opened;
  const { append } = log;
  const before = (await anna.ask<OwnViewing>('GET', '/api/viewing/mine')).json.today;
  // As a full disk would have it, at the one place where records are written.
  log.append = async () => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  };
  try {
    const failed = await reveal(anna, picture!.handle);
    expect(failed.status).toBe(500);
    expect(failed.json.address).toBeUndefined();
  } finally {
    log.append = append;
  }
  expect((await anna.ask<OwnViewing>('GET', '/api/viewing/mine')).json.today).toBe(before);
});

test('colour and size come after the first look, each by a record; the worst is asked for twice', async () => {
  const [, picture] = await pictures();
  for (const more of [{ colour: true }, { side: 640 }]) {
    const early = await reveal(anna, picture!.handle, more);
    expect([early.status, early.json.reason]).toEqual([403, 'first-grey']);
  }
  expect((await reveal(anna, picture!.handle)).status).toBe(201);
  const { size } = evidence.opened.log;
  const large = await reveal(anna, picture!.handle, { colour: true, side: 640 });
  expect([large.status, evidence.opened.log.size]).toEqual([201, size + 1]);
  expect(Math.max(large.json.width, large.json.height)).toBe(640);
  // Another person has not looked yet.
  expect((await reveal(lead, picture!.handle, { colour: true })).json.reason).toBe('first-grey');
  const [worse] = await pictures('incident');
  const once = await reveal(anna, worse!.handle);
  expect([once.status, once.json.reason, evidence.opened.log.size]).toEqual([403, 'second-step', size + 1]);
  expect((await reveal(anna, worse!.handle, { confirmed: true })).status).toBe(201);
});

test('an address is for the one who asked, for seconds, in the page alone; no cache keeps it', async () => {
  const [picture] = await pictures();
  const first = (await reveal(anna, picture!.handle)).json.address;
  expect((await lead.ask('GET', first)).status).toBe(404);
  const { status, headers } = await anna.ask('GET', first);
  expect([status, headers.get('cache-control'), headers.get('content-type')]).toEqual([200, 'no-store', 'image/webp']);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  const late = (await reveal(anna, picture!.handle)).json.address;
  evidence.people.now.at += 16_000;
  expect((await anna.ask('GET', late)).status).toBe(404);
  const archivist = await evidence.worker('Aram', ['archivist']);
  expect((await reveal(archivist, picture!.handle)).status).toBe(403);
});

test('SVG, HTML and what only calls itself a picture are never sent, inline or otherwise', async () => {
  const { rows } = await evidence.opened.index.pool.query<{ handle: string; name: string }>(
    `select handle, name from item where name in ('drawing.svg', 'page.html', 'no picture.jpg')`,
  );
  expect(rows).toHaveLength(3);
  for (const { handle } of rows) {
    const refused = await reveal(anna, handle, { confirmed: true });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.json.address).toBeUndefined();
    const page = await anna.ask('GET', `/api/items/${handle}`);
    expect(page.headers.get('content-type')).toContain('application/json');
    expect(page.bytes.toString()).not.toContain('<script');
  }
});

test('a budget holds against many requests at once, and against days on end; one’s own is one’s own', async () => {
  const welfare = await evidence.worker('Wafa', ['welfare-lead']);
  const viewer = await evidence.worker('Vera', ['analyst']);
  const [picture] = await pictures();
  expect((await anna.ask('PUT', '/api/viewing/limits', firstLimits)).status).toBe(403);
  expect((await welfare.ask('PUT', '/api/viewing/limits', { ...firstLimits, perDay: 3, days: 2 })).status).toBe(200);
  const many = await Promise.all(Array.from({ length: 8 }, () => reveal(viewer, picture!.handle)));
  expect(many.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(many.find(({ status }) => status === 403)?.json.reason).toBe('budget-day');
  const mine = (await viewer.ask<OwnViewing>('GET', '/api/viewing/mine')).json;
  expect([mine.today, mine.days, mine.limits.perDay]).toEqual([3, 1, 3]);
  const day = 86_400_000;
  evidence.people.now.at += day;
  const again = { cookie: `${viewer.cookie.name}=${await evidence.people.session(evidence.opened, viewer.person)}` };
  const once = async (): Promise<{ status: number; reason?: string }> => {
    const answer = await fetch(new URL(`/api/items/${picture!.handle}/reveal`, evidence.address.url), {
      method: 'POST',
      headers: { ...again, origin: evidence.address.url.slice(0, -1), 'content-type': 'application/json' },
      body: JSON.stringify({ purpose: 'compare' }),
    });
    const { reason } = (await answer.json()) as { reason?: string };
    return { status: answer.status, ...(reason !== undefined && { reason }) };
  };
  expect((await once()).status).toBe(201);
  evidence.people.now.at += day;
  again.cookie = `${viewer.cookie.name}=${await evidence.people.session(evidence.opened, viewer.person)}`;
  expect(await once()).toEqual({ status: 403, reason: 'budget-days' });
  const totals = await (
    await evidence.worker('Wanda', ['welfare-lead'])
  ).ask<{ days: { people: number }[]; withheld: number }>('GET', '/api/viewing/totals');
  expect(totals.status).toBe(200);
  expect(totals.bytes.toString()).not.toMatch(/Anna|Vera/);
  for (const { people } of totals.json.days) expect(people).toBeGreaterThanOrEqual(3);
});
