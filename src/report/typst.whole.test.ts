import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { inventedCase } from './case.fixture.ts';
import { dossierContent } from './dossier.ts';
import { compileDossier } from './typst.ts';

const scratch = mkdtempSync(join(tmpdir(), 'dossier-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const hostile = {
  items: 60,
  title: 'قضية الفرع ٢١٥: صور 5447/1132',
  source: 'بستان',
  names: [
    'صور/محتجز 5447/1132.jpg',
    '#import "x"/]] $x$ *b* @cite <a> \\u{202e}.jpg',
    'gpj.\u202eevil/x.jpg',
    `${'a_long_name'.repeat(20)}.jpg`,
    '漢字 😀/x.jpg',
  ],
  conflicts: [
    {
      kind: 'one-body-two-numbers',
      subject: 'E-00001',
      what: 'number 5447 is on two bodies in محتجز 5447/1132',
      records: [31],
    },
  ],
};
const sizes = [{ items: 0 }, { items: 4, individuals: 1, title: '= x ]] #panic()' }, hostile, { items: 550 }];

function tool(name: string): boolean {
  const found = spawnSync(name, ['-v']).error === undefined;
  if (!found) console.log(`skipped: ${name} is not installed here`);
  return found;
}
const printed = async (invention: Parameters<typeof inventedCase>[0]): Promise<string> => {
  const file = join(scratch, 'dossier.pdf');
  writeFileSync(file, (await compileDossier(dossierContent(inventedCase(invention)))).pdf);
  return file;
};

test.each(sizes)(
  'a case of $items items is set as PDF/A-3a, and as PDF/UA-1 with nothing a screen reader would miss',
  async (invention) => {
    const content = dossierContent(inventedCase(invention));
    const archive = await compileDossier(content);
    const text = Buffer.from(archive.pdf).toString('latin1');
    expect(text).toMatch(/^%PDF-1\.7/);
    expect(text).toMatch(/<pdfaid:part>3<\/pdfaid:part>[\s\S]*<pdfaid:conformance>A</);
    const accessible = await compileDossier(content, { standard: 'ua-1' });
    expect(accessible.pages).toBe(archive.pages);
  },
);

test('the same case gives the same bytes in other processes, folders and time zones', async () => {
  const { pdf } = await compileDossier(dossierContent(inventedCase(hostile)));
  const here = createHash('sha256').update(pdf).digest('hex');
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const script = fileURLToPath(new URL('./dossier.sample.ts', import.meta.url));
  const elsewhere = await Promise.all(
    [
      { cwd: scratch, TZ: 'Asia/Damascus', LANG: 'ar_SY.UTF-8' },
      { cwd: tmpdir(), TZ: 'Pacific/Kiritimati', LANG: 'C' },
    ].map(async ({ cwd, ...env }) => {
      const args = ['--import', loader, script, JSON.stringify(hostile)];
      return (await promisify(execFile)(process.execPath, args, { cwd, env: { ...process.env, ...env } })).stdout;
    }),
  );
  expect(elsewhere).toEqual([here, here]);
});

test('any string at all can be a title or a path', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      async (title, name) => {
        const { pages } = await compileDossier(
          dossierContent(inventedCase({ items: 3, title, source: name, names: [name, title] })),
        );
        expect(pages).toBeGreaterThan(3);
      },
    ),
    { numRuns: 15 },
  );
});

test('a long list of items is set as a second volume', async () => {
  const content = dossierContent(inventedCase({ items: 3200 }));
  const [main, list] = [await compileDossier(content), await compileDossier(content, { volume: 2 })];
  expect(main.pages).toBeLessThan(40);
  expect(list.pages).toBeGreaterThan(50);
});

test('a template that warns, as for a font that is not there, is a Fault', async () => {
  const template = pathToFileURL(join(scratch, 'template.typ'));
  writeFileSync(template, '#set document(title: "x")\n#set text(font: "No Such Font")\nText');
  await expect(compileDossier(dossierContent(inventedCase({ items: 0 })), { template })).rejects.toThrow(Fault);
});

test('a template can read nothing but the content', async () => {
  const template = pathToFileURL(join(scratch, 'reader.typ'));
  writeFileSync(template, '#set document(title: "x")\n#read("/etc/hostname")');
  await expect(compileDossier(dossierContent(inventedCase({ items: 0 })), { template })).rejects.toThrow(
    /could not be set/,
  );
});

test('only the fonts of the dossier are in it, each embedded and with its letters', async ({ skip }) => {
  if (!tool('pdffonts')) return skip();
  const lines = execFileSync('pdffonts', [await printed(hostile)], { encoding: 'utf8' })
    .split('\n')
    .slice(2, -1);
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) expect(line).toMatch(/\+(SourceSerif4|SourceSans3|Amiri|RobotoMono)-\w+ .* yes yes yes /);
});

test('its words can be taken out again: sentences, numbers, Arabic letters, and hostile names as they are', async ({
  skip,
}) => {
  if (!tool('pdftotext')) return skip();
  const text = execFileSync('pdftotext', [await printed(hostile), '-'], { encoding: 'utf8' });
  const flat = text.replace(/[\u202a-\u202e]/g, '').replace(/\s+/g, ' ');
  expect(flat).toContain('No finding on cause of death is made in this dossier.');
  expect(flat).toContain('5447/1132');
  expect(flat).toContain('محتجز');
  expect(flat).toContain(']] $x$ *b* @cite <a> \\u{202e}.jpg');
  expect(flat).toContain('gpj.‹U+202E›evil');
});
