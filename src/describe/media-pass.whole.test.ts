// Recordings and documents from the command line to the index: counted with their denominators, key frames made when an
// ffmpeg comes.
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemView } from '../case/views.ts';
import { dumpCase } from '../cli/case-dump.fixture.ts';
import { runDalil } from '../cli/dalil.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { findFfmpeg } from './ffmpeg.ts';
import { makeClip, makeSound, since1904 } from './media.fixture.ts';
import { aLetter, odf, outlookOf, zipOf } from './office.fixture.ts';
import { pdfOf } from './pdf.fixture.ts';
import type { PassLine } from './passes.ts';
import type { ReadView } from './queries.ts';

const ffmpeg = findFfmpeg();
if (ffmpeg === null) console.log('skipped in part: no ffmpeg on PATH');

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
/** Without the folders in which an ffmpeg would be found. */
const bare = (): Record<string, string> => ({ ...home.env, PATH: at('empty') });

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-recordings-'));
  for (const name of ['empty', 'cache']) await mkdir(at(name));
  const phone = { width: 320, height: 240, frames: 30, created: since1904('2013-05-06T07:08:09Z') };
  const clip = await makeClip({ ...phone, keys: { 'com.apple.quicktime.location.ISO6709': '+33.5+036.25/' } });
  const files: Record<string, Buffer | string> = {
    'clip.mov': clip,
    'still.jpg': stillOf(clip, 5),
    'cut.mov': (await makeClip({ ...phone, frames: 8 })).subarray(0, 9000),
    'lies.jpg': await makeClip({ ...phone, frames: 3 }),
    'tone.wav': makeSound(),
    'letter.docx': await zipOf(aLetter('<w:p><w:r><w:t>x</w:t></w:r></w:p>', Buffer.from([0xff, 0xd8, 0xff, 0xe0]))),
    'text.odt': await zipOf(odf('text', '<text:p>x</text:p>')),
    'list.pdf': pdfOf(['One', 'Two', 'Three', 'Four']),
    'note.msg': outlookOf([['0037', 'The list']]),
    'box.mbox':
      'From a@example.org Mon May  6 07:08:09 2013\nSubject: x\n\nbody\n\nFrom b@example.org Mon May  6 07:08:09 2013\nSubject: y\n\nbody\n',
    'old.doc': Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(600),
      Buffer.from('WordDocument', 'utf16le'),
    ]),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(at('cache'), name), content);
  await runDalil(home.env, ['new', at('case'), '--name', 'Recordings']);
  await runDalil(home.env, ['-C', at('case'), 'intake', at('cache'), '--source', 'S']);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A picture of a clip, from 0: they lie in it as they are. */
function stillOf(clip: Buffer, n: number): Buffer {
  const starts: number[] = [];
  for (
    let at = clip.indexOf('\xff\xd8\xff', 0, 'latin1');
    at >= 0;
    at = clip.indexOf('\xff\xd8\xff', at + 1, 'latin1')
  ) {
    starts.push(at);
  }
  return clip.subarray(starts[n], starts[n + 1]);
}

const dalil = (env: Record<string, string>, ...args: string[]) => runDalil(env, ['-C', at('case'), ...args]);
const readOf = async (): Promise<ReadView> =>
  (await dalil(home.env, 'status', '--json')).json<{ read: ReadView }>().read;
const thumbnails = async (): Promise<string[]> =>
  (await readdir(join(home.home, 'thumbnails'), { recursive: true })).filter((name) => /\.(?:frame|page)-/.test(name));

async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  const lines = (await dumpCase(home, at('case'))).map((line) => JSON.parse(line) as Record<string, unknown>);
  const start = lines.findIndex((line) => line['table'] === table && Object.keys(line).length <= 2);
  const end = lines.findIndex((line, n) => n > start && 'table' in line);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}

test('without an ffmpeg recordings and documents are described, and it is said that key frames were not made', async () => {
  const run = await dalil(bare(), 'describe');
  expect(run.code, run.stderr).toBe(3);
  expect(run.stderr).toContain(
    'recordings: 4 of 4 described; key frames of 0 of 2 videos (2 without: there was no ffmpeg)',
  );
  expect(run.stderr).toContain('documents: 6 of 6 described, with 2 messages in mailboxes and 1 pictures inside');
  expect(run.stderr).toContain('key frames were not made of 2 videos, since there is no ffmpeg here');
  expect(await readOf()).toEqual({
    recordings: { of: 4, read: 4, videos: 2, withFrames: 0, withProblems: 1, withoutFfmpeg: 2 },
    documents: { of: 6, read: 6, withProblems: 1, pictures: 1, messages: 2 },
  });
  const problems = (await dalil(home.env, 'status', '--problems', '--json')).lines<{ path: string; code: string }>();
  const codes = problems.filter(({ code }) => code !== 'exiftool-error').map(({ path, code }) => `${path} ${code}`);
  expect(codes.toSorted()).toEqual([
    'cut.mov media-broken',
    'cut.mov media-truncated',
    'lies.jpg extension-differs',
    'old.doc document-no-reader',
  ]);
  const media = await rowsOf('media');
  expect(media).toContainEqual(
    expect.objectContaining({
      video: 'JPEG',
      width: 320,
      created: '2013-05-06T07:08:09',
      latitude: 33.5,
      longitude: 36.25,
    }),
  );
  expect(media).toContainEqual(expect.objectContaining({ audio: 'PCM', sample_rate: 8000, frames_why: 'no-video' }));
  expect(await thumbnails()).toHaveLength(3);
});

test.skipIf(ffmpeg === null)('when an ffmpeg comes key frames are made, and only once', async () => {
  const withFfmpeg = { ...home.env, PATH: process.env['PATH'] ?? '' };
  const run = await dalil(withFfmpeg, 'describe');
  expect(run.stderr).toContain('key frames of 2 of 2 videos');
  const frames = await rowsOf('media_frame');
  expect(frames.length).toBeGreaterThanOrEqual(2);
  for (const { pdq, pdq_quality: quality } of frames) {
    expect(pdq).toMatch(/^[0-9a-f]{64}$/);
    expect(quality).toBeGreaterThanOrEqual(0);
  }
  expect(await thumbnails()).toHaveLength(3 + frames.length);
  // A still of the clip that lies beside it is found from the clip, and the clip from the still.
  const items = (await dalil(home.env, 'items', '--json')).lines<ItemView>();
  const [video, still] = ['clip.mov', 'still.jpg'].map((name) => items.find(({ path }) => path === name)!.id);
  const like = async (item: string) =>
    (await dalil(home.env, 'near', 'like', item, '--json')).lines<{ item: string; frame: object | null }>();
  expect(await like(still!)).toContainEqual(
    expect.objectContaining({ item: video, frame: expect.anything() as object }),
  );
  expect(await like(video!)).toContainEqual(expect.objectContaining({ item: still, frame: null }));
  const records = (await dalil(home.env, 'status', '--json')).json<{ checkpoint: { size: number } }>().checkpoint.size;
  await dalil(withFfmpeg, 'describe');
  await dalil(bare(), 'describe');
  expect((await dalil(home.env, 'status', '--json')).json<{ checkpoint: { size: number } }>().checkpoint.size).toBe(
    records,
  );
  expect((await dalil(home.env, 'verify', '--json')).json<{ ok: boolean }>().ok).toBe(true);
});

test('key frames that are not asked for are not made, and that choice stands until another is made', async () => {
  const run = await dalil(home.env, 'describe', '--frames', '0');
  expect(run.stderr).toContain('key frames of 0 of 2 videos');
  expect(new Set((await rowsOf('media')).map(({ frames_why: why }) => why))).toEqual(new Set(['not-asked']));
  expect(await rowsOf('media_frame')).toEqual([]);
  // Those that were made before are gone with the record that named them; the pages of the PDF stay.
  expect(await thumbnails()).toHaveLength(3);
  const again = await dalil(home.env, 'describe');
  expect(again.stderr).not.toContain('recordings read');
  const { passes } = (await dalil(home.env, 'status', '--json')).json<{ passes: PassLine[] }>();
  expect(passes.find(({ tool }) => tool === 'mediainfo')).toMatchObject({ done: 4, pending: 0 });
  const items = (await dalil(home.env, 'items', '--json')).lines<ItemView>();
  expect(items.find(({ path }) => path === 'clip.mov')).toMatchObject({
    format: 'video/quicktime',
    state: 'not-a-picture',
  });
});
