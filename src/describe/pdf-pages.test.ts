import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pdfOf } from './pdf.fixture.ts';
import { drawPages } from './pdf-pages.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-pages-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function draw(pdf: string, pages = 3) {
  const path = join(folder, 'document.pdf');
  await writeFile(path, pdf, 'latin1');
  return drawPages({ path, thumbnailStem: join(folder, 'stem'), pages, side: 320 });
}

test('the first pages are drawn, no more than asked for: upright JPEG, for this user alone', async () => {
  const drawn = await draw(pdfOf(['One', 'Two', 'Three'], '', '', '0 0 200 400'), 2);
  expect(drawn).toMatchObject([
    { page: 1, width: 160, height: 320 },
    { page: 2, width: 160, height: 320 },
  ]);
  const names = (await readdir(folder)).filter((name) => name.startsWith('stem'));
  expect(names.toSorted()).toEqual(['stem.page-1.jpg', 'stem.page-2.jpg']);
  const first = join(folder, 'stem.page-1.jpg');
  expect((await stat(first)).mode & 0o777).toBe(0o600);
  expect((await stat(first)).size).toBe(drawn[0]!.bytes);
  // White paper with writing on it.
  const { channels } = await sharp(first).stats();
  expect(channels.map(({ max }) => max)).toEqual([255, 255, 255]);
  expect(channels[0]!.min).toBeLessThan(128);
});

test('colours are not exchanged', async () => {
  await draw(pdfOf(['A) Tj 1 0 0 rg 0 0 200 200 re f (']));
  const { data } = await sharp(join(folder, 'stem.page-1.jpg')).raw().toBuffer({ resolveWithObject: true });
  expect(data[0]).toBeGreaterThan(200);
  expect(data[2]).toBeLessThan(60);
});

test('a page of any stated size costs no more than another', async () => {
  expect(await draw(pdfOf(['x'], '', '', '0 0 14400 14400'))).toMatchObject([{ width: 320, height: 320 }]);
  expect(await draw(pdfOf(['x'], '', '', '0 0 1e30 1e30'))).toHaveLength(1);
  expect(await draw(pdfOf(['x'], '', '', '0 0 0 0'))).toHaveLength(1);
});

test('nothing that a document refers to is fetched, and what is none cannot be drawn', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('asked for'));
  await draw(pdfOf(['A'], '', '/OpenAction<</S/URI/URI(http://127.0.0.1:9/a)>>'));
  await expect(draw('%PDF-1.7\nnothing of the kind')).rejects.toThrow();
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

test('whatever the bytes are, pages are drawn or an error says that they are not', async () => {
  const whole = pdfOf(['First page', 'Second page']);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), fc.string(), async (at, junk) => {
      const drawn = await draw(whole.slice(0, at) + junk + whole.slice(at + junk.length)).catch(() => []);
      expect(drawn.length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 25 },
  );
}, 60_000);
