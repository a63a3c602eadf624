// A small case of made-up words for the tests of searching: a testimony in Arabic, lists of names in both scripts, a mail,
// pictures whose cards were read, and names of files as an enemy would give them.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Json } from '../case/json.ts';
import { describeDocuments } from '../describe/document-pass.ts';
import { describe } from '../describe/describe.ts';
import { settleCategory, settleNumber } from '../group/decisions.ts';
import { receive } from '../intake/receive.ts';
import type { OpenCase } from '../log/case.ts';

/** In the words of a testimony: article, clitics, hamza, ta marbuta, diacritics, tatweel. Nobody of these is or was. */
export const testimony = `قال الشاهد إن السجناء نُقلوا إلى المستشفى ليلاً، وكان أحمد الحموي بينهم.
ورأى الشاهدُ الأرقامَ على البطاقات: ٥٤٤٧/١١٣٢.\fوفي الصفحة الثانية ذكر مـــدرسة وسجناً آخر.`;

export const hostileName = `<img src=x onerror=alert(1)>"'\u202Egpj.txt`;
export const hostileText = `كتب الشاهد <img src=x onerror="alert(2)"> ثم <script>alert(3)</script> & انتهى الكلام العدائي`;

const files: Record<string, string> = {
  'testimonies/one.txt': testimony,
  'lists/names.csv': 'name,الاسم\nYusuf Haddad,يوسف حداد\nLayla Khoury,ليلى خوري\n',
  'mail/letter.eml': [
    'From: hidden.sender@example.org',
    'To: other@example.org',
    'Subject: Delivery of the second drive',
    'Date: Mon, 6 May 2013 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'The drive is in the courtyard.',
    '',
  ].join('\r\n'),
  [`odd/${hostileName}`]: hostileText,
};

/** Pictures by their paths; each is another grey. */
const pictures = ['branch 215/DSC_0042.JPG', 'branch 215/DSC_0043.JPG', 'branch 227/صورة ٧.jpg'];

/** What the made-up reader read: of the first picture a detainee's number, which a person then says otherwise. */
export const numberRead = '5447';
export const numberSaid = '3021';

const reading = (value: string, role: string): Json =>
  ({
    value,
    probability: 0.75,
    alternatives: [],
    script: 'arabic-indic',
    style: 'hand',
    carrier: 'card',
    role,
    quad: [
      [0, 0],
      [9, 0],
      [9, 3],
      [0, 3],
    ],
    crop: '0'.repeat(64),
  }) as unknown as Json;

/** Fills a case: received from JUNIPER, described, read, and a little of it decided. Gives the handle of each path. */
export async function fillSample(opened: OpenCase, folder: string): Promise<Map<string, string>> {
  const root = join(folder, 'sample');
  const all: [string, string | Buffer][] = Object.entries(files);
  for (const [i, path] of pictures.entries()) {
    const background = { r: 60 + i * 40, g: 60, b: 60 };
    all.push([
      path,
      await sharp({ create: { width: 64, height: 48, channels: 3, background } })
        .jpeg()
        .toBuffer(),
    ]);
  }
  for (const [path, content] of all) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await receive(opened, { roots: [root], source: 'JUNIPER' });
  await describe(opened);
  await describeDocuments(opened, { threads: 1 });
  const { rows } = await opened.index.pool.query<{ handle: string; id: string; path: string }>(
    'select handle, id, path from item order by position',
  );
  const handles = new Map(rows.map(({ handle, path }) => [path, handle]));
  const ids = new Map(rows.map(({ id, path }) => [path, id]));
  const [one, two] = pictures as [string, string];
  await opened.log.append(opened.actor, ({ add }) => {
    for (const path of [one, two])
      add({
        kind: 'describe.card',
        refs: { item: ids.get(path)! },
        observation: { tool: 'made-up reader', version: '1', settings: { pixelLimit: 1, grammar: [] } },
        readings: [reading(numberRead, 'detainee-number')],
        problems: [],
      });
  });
  await settleNumber(opened, { item: handles.get(one)!, role: 'detainee-number', value: numberSaid, reading: 0 });
  await settleCategory(opened, [handles.get(two)!], 'incident', 'a courtyard, seen from above');
  return handles;
}
