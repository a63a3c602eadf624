// What the demo's cache holds, decided in full before a byte is drawn: seed -> list of files. Pure, so that proportions
// can be tested at any size without rendering.
import type { Carrier, IdentifierRole } from '../case/views.ts';
import { chanceOf, type Chance } from './chance.ts';
import { plantMistakes, type PlantedMistake } from './mistakes.ts';
import { folderOf, memberFolder, namesOf, type Named } from './paths.ts';
import { day0, planShoots, type Shoot } from './shoots.ts';
import { cameras, writings, type Camera } from './words.ts';

/** A number in the frame: as it is compared (Latin digits), and as it is written. */
export interface CardLine {
  role: Extract<IdentifierRole, 'detainee-number' | 'branch-number' | 'hospital-number'>;
  value: string;
  written: string;
}

/** What carries the numbers: a card, strips of tape, or the mannequin's cloth itself, which stands for skin. */
export interface Card {
  carrier: Extract<Carrier, 'card' | 'tape' | 'skin'>;
  style: 'printed' | 'hand';
  script: 'latin' | 'arabic-indic';
  lines: CardLine[];
}

export type Scene =
  | {
      kind: 'detainee';
      subject: string;
      branch: string;
      view: 'card' | 'whole' | 'half' | 'detail';
      card: Card | null;
      blur: number;
    }
  | { kind: 'force'; subject: string; name: string; script: 'latin' | 'arabic' }
  | { kind: 'incident'; subject: string }
  | { kind: 'document'; script: 'latin' | 'arabic' };

/** One picture as taken: all that drawing and EXIF need. `width` and `height` are those of the file, before orientation. */
export interface Picture {
  /** Names this picture's stream of chance. */
  key: string;
  width: number;
  height: number;
  camera: string;
  counter: number;
  /** Local time by the camera's own clock. */
  taken: string;
  orientation: 1 | 3 | 6 | 8;
  scene: Scene;
}

/** How a file's bytes come about. `keep` is the share of bytes left; `scale` that of the width. */
export type Content =
  | { type: 'picture'; picture: Picture }
  | { type: 're-encoded'; picture: Picture; quality: number; exif: boolean }
  | { type: 'resized'; picture: Picture; scale: number; exif: boolean }
  | { type: 'truncated'; picture: Picture; keep: number }
  | { type: 'png'; picture: Picture }
  | { type: 'text'; text: string }
  | { type: 'binary'; key: string; head: string; length: number }
  | { type: 'archive'; format: 'zip' | 'tar.gz' };

export type FileKind = 'picture' | 'archive' | 'text' | 'foreign';
export type DemoCategory = 'detainee' | 'force' | 'incident' | 'other';

/** What is true of a file, apart from its bytes. */
export interface FileFacts {
  /** Relative to the cache, '/' between parts; a member's path goes on behind its archive's. */
  path: string;
  kind: FileKind;
  /** Of pictures only. */
  category: DemoCategory | null;
  /** "branch/number", Latin digits. */
  individual: string | null;
  /** Whether the shipped patterns can tell the category (and the individual) from the path. */
  toldByPath: boolean;
  /** The numbers in the frame. */
  card: Card | null;
  camera: string | null;
  /** The body's count of its pictures, as in its metadata. */
  counter: number | null;
  taken: string | null;
  /** EXIF orientation; null where the file carries no EXIF. */
  orientation: number | null;
  exactDuplicateOf: string | null;
  nearDuplicateOf: { path: string; change: string } | null;
  /** The problems planted in this file: truncated, empty, extension-differs, foreign. */
  problems: string[];
}

export interface PlannedFile {
  facts: FileFacts;
  /** The archive that holds it; null on the disk itself. */
  container: string | null;
  /** Modification time, milliseconds since 1970. */
  modified: number;
  content: Content;
}

export interface PlannedIndividual {
  key: string;
  branch: string;
  number: string;
  hospitalNumber: string | null;
  date: string;
}

/** What a demo is made from: the same ones, the same bytes. */
export interface DemoParameters {
  individuals: number;
  seed: string;
  megapixels: number;
  /** Whether mistakes of people are planted; absent where they are not. */
  mistakes?: true;
}

export interface DemoPlan {
  width: number;
  height: number;
  individuals: PlannedIndividual[];
  mistakes: PlantedMistake[];
  /** Sorted by path (code units), archives before their members. */
  files: PlannedFile[];
}

/** Decides the whole cache. `megapixels` is reached or passed, in 4:3 with a width that 16 divides. */
export function planDemo(options: DemoParameters): DemoPlan {
  const { seed } = options;
  const width = Math.ceil(Math.sqrt((options.megapixels * 1e6 * 4) / 3) / 16) * 16;
  const height = (width * 3) / 4;
  const { shoots, individuals } = planShoots(seed, options.individuals);
  const mistakes = options.mistakes === true ? plantMistakes(shoots, individuals, seed) : [];
  photograph(shoots, seed, width, height);

  const chance = chanceOf(seed, 'files');
  const files = new Files();
  placeShoots(shoots, files, chance);
  const pictures = files.all.filter((file) => file.content.type === 'picture');
  plantDuplicates(pictures, files, chance);
  plantProblems(pictures, files, seed, chance);
  for (const { path, text } of writings(chanceOf(seed, 'writings'))) {
    files.add({
      facts: factsOf(path, 'text'),
      container: null,
      modified: day0 + 830 * 86_400_000,
      content: { type: 'text', text },
    });
  }
  return {
    width,
    height,
    individuals,
    mistakes,
    files: files.all.toSorted((a, b) => (a.facts.path < b.facts.path ? -1 : 1)),
  };
}

/** The files so far; a path is taken once. */
class Files {
  readonly all: PlannedFile[] = [];
  #taken = new Set<string>();

  add(file: PlannedFile): void {
    const { path } = file.facts;
    if (this.#taken.has(path)) throw new Error(`The plan has two files of one path: ${path}`);
    this.#taken.add(path);
    this.all.push(file);
  }

  has(path: string): boolean {
    return this.#taken.has(path);
  }
}

const factsOf = (path: string, kind: FileKind, more: Partial<FileFacts> = {}): FileFacts => ({
  path,
  kind,
  category: null,
  individual: null,
  toldByPath: false,
  card: null,
  camera: null,
  counter: null,
  taken: null,
  orientation: null,
  exactDuplicateOf: null,
  nearDuplicateOf: null,
  problems: [],
  ...more,
});

/** Gives every picture its camera, counter, time and orientation, in the order in which they were taken. */
function photograph(shoots: Shoot[], seed: string, width: number, height: number): void {
  const state = new Map(cameras.map((camera) => [camera.id, { counter: camera.start, time: 0 }]));
  shoots.forEach((shoot, index) => {
    const chance = chanceOf(seed, 'shoot', index);
    const camera = chance.weighted(cameras.map((body) => [body, body.weight] as const)) as Camera;
    const body = state.get(camera.id)!;
    let time = Math.max(day0 + shoot.day * 86_400_000 + shoot.second * 1000, body.time + 45_000);
    shoot.camera = camera;
    shoot.pictures = shoot.scenes.map((scene, place) => {
      body.counter++;
      time += chance.whole(6, 75) * 1000;
      body.time = time;
      const upright = scene.kind === 'document' ? 0.3 : camera.id === 'telephone' ? 0.6 : 0.1;
      return {
        key: `${index}/${place}`,
        width,
        height,
        camera: camera.id,
        counter: body.counter,
        taken: new Date(time + camera.clock * 1000).toISOString().slice(0, 19),
        orientation: chance.happens(upright) ? chance.pick([6, 6, 8] as const) : chance.happens(0.02) ? 3 : 1,
        scene,
      };
    });
  });
}

function placeShoots(shoots: Shoot[], files: Files, chance: Chance): void {
  const total = shoots.reduce((sum, shoot) => sum + shoot.pictures.length, 0);
  const quota = Math.min(150, Math.max(5, Math.round(total * 0.02)));
  const archives: [string, 'zip' | 'tar.gz', number, string | null][] = [
    ['archives/usb 2012.zip', 'zip', quota, null],
    ['archives/usb 2012.zip/older/first card.zip', 'zip', 3, 'archives/usb 2012.zip'],
    ['archives/بطاقة ب.tar.gz', 'tar.gz', quota, null],
  ];
  const held = new Map<Shoot, string>();
  const order = chance.shuffled(shoots);
  for (const [path, format, wanted, container] of archives) {
    let count = 0;
    while (count < wanted) {
      const shoot = order.pop();
      if (shoot === undefined) break;
      held.set(shoot, path);
      count += shoot.pictures.length;
    }
    const modified = day0 + 829 * 86_400_000;
    files.add({ facts: factsOf(path, 'archive'), container, modified, content: { type: 'archive', format } });
  }
  const names = namesOf();
  for (const shoot of shoots) {
    const container = held.get(shoot) ?? null;
    const folder = folderOf(shoot, names);
    shoot.pictures.forEach((picture, index) => {
      const named: Named = shoot.strays.has(index) ? memberFolder(shoot, picture) : folder(picture, index);
      files.add({
        facts: factsOf(container === null ? named.path : `${container}/${named.path}`, 'picture', {
          category: shoot.category,
          individual: shoot.individual,
          toldByPath: named.told,
          card: picture.scene.kind === 'detainee' ? picture.scene.card : null,
          camera: picture.camera,
          counter: picture.counter,
          taken: picture.taken,
          orientation: picture.orientation,
        }),
        container,
        modified: Date.parse(`${picture.taken}Z`),
        content: { type: 'picture', picture },
      });
    });
  }
}

const pictureOf = (file: PlannedFile): Picture => (file.content as { picture: Picture }).picture;
const several = (total: number, share: number, least: number): number => Math.max(least, Math.round(total * share));

/** Exact copies under other names and in archives; copies encoded again or made smaller. */
function plantDuplicates(pictures: PlannedFile[], files: Files, chance: Chance): void {
  const sources = chance.shuffled(pictures.filter((file) => file.container === null));
  const total = pictures.length;
  const copied = day0 + 828 * 86_400_000;
  for (let k = 0; k < several(total, 0.02, 5); k++) {
    const source = sources.pop();
    if (source === undefined) return;
    const { path } = source.facts;
    const container = ['archives/usb 2012.zip', 'archives/بطاقة ب.tar.gz'][k] ?? null;
    const number = String(k + 1).padStart(4, '0');
    const [copy, told] =
      container !== null
        ? [`${container}/copies/${number}.jpg`, false]
        : k % 3 === 0
          ? [`backup/disk 2/${path}`, source.facts.toldByPath]
          : k % 3 === 1 && source.facts.individual !== null
            ? [`sorted/again/Branch ${source.facts.individual.replace('/', ' - ')} (${900 + k}).jpg`, true]
            : [`to send/${number}.jpg`, false];
    files.add({
      ...source,
      facts: { ...source.facts, path: copy, toldByPath: told, exactDuplicateOf: path },
      container,
      modified: copied,
    });
  }
  for (let k = 0; k < several(total, 0.024, 6); k++) {
    // Without its EXIF a turned picture would need its pixels turned as well: such copies are made of upright ones only.
    const bare = k % 4 > 1;
    const at = sources.findLastIndex((file) => !bare || pictureOf(file).orientation === 1);
    const [source] = at < 0 ? [] : sources.splice(at, 1);
    if (source === undefined) return;
    const { facts } = source;
    const picture = pictureOf(source);
    const content: Content =
      k % 2 === 0
        ? { type: 're-encoded', picture, quality: chance.whole(35, 65), exif: !bare }
        : { type: 'resized', picture, scale: chance.pick([0.5, 0.6, 0.75]), exif: !bare };
    const change =
      content.type === 'resized'
        ? `resized to ${content.scale}`
        : `re-encoded at quality ${(content as { quality: number }).quality}`;
    const path = bare ? `to send/small/${String(k + 1).padStart(4, '0')}.jpg` : `backup/reduced/${facts.path}`;
    files.add({
      facts: {
        ...facts,
        path,
        toldByPath: !bare && facts.toldByPath,
        nearDuplicateOf: { path: facts.path, change },
        ...(bare ? { camera: null, counter: null, taken: null, orientation: null } : {}),
      },
      container: null,
      modified: copied + 3_600_000,
      content,
    });
  }
}

/** What is wrong in a real cache: cut off, empty, named as something else, left by other programs. */
function plantProblems(pictures: PlannedFile[], files: Files, seed: string, chance: Chance): void {
  const total = pictures.length;
  const copiedFrom = new Set(
    files.all.flatMap(({ facts }) => facts.exactDuplicateOf ?? facts.nearDuplicateOf?.path ?? []),
  );
  const free = chance.shuffled(pictures.filter((file) => file.container === null && !copiedFrom.has(file.facts.path)));
  for (let k = 0; k < several(total, 0.001, 2); k++) {
    const file = free.pop();
    if (file === undefined) break;
    file.content = { type: 'truncated', picture: pictureOf(file), keep: chance.between(0.35, 0.85) };
    file.facts.problems.push('truncated');
  }
  for (let k = 0; k < several(total, 0.0005, 1); k++) {
    const file = free.pop();
    if (file === undefined) break;
    file.content = { type: 'png', picture: pictureOf(file) };
    file.facts.problems.push('extension-differs');
    Object.assign(file.facts, { camera: null, counter: null, taken: null, orientation: null });
  }
  const odd = (path: string, kind: FileKind, problem: string, content: Content): void => {
    if (files.has(path)) return;
    const facts = factsOf(path, kind, { problems: [problem] });
    files.add({ facts, container: null, modified: day0 + 827 * 86_400_000, content });
  };
  const folder = (file: PlannedFile | undefined): string => file?.facts.path.replace(/[^/]+$/, '') ?? 'to send/';
  const untold = free.filter((file) => !file.facts.toldByPath);
  for (let k = 0; k < several(total, 0.0004, 2); k++) {
    // Where names say nothing: no rule can then mistake an empty file for a picture of somebody.
    const at = untold.length === 0 ? 'to send/' : folder(chance.pick(untold));
    odd(`${at}IMG_000${k % 10}.JPG`, 'foreign', 'empty', { type: 'text', text: '' });
  }
  const compound = 'd0cf11e0a1b11ae1';
  for (let k = 0; k < several(total, 0.0004, 2); k++) {
    const at = folder(chance.pick(free));
    odd(`${at}Thumbs.db`, 'foreign', 'foreign', {
      type: 'binary',
      key: `${seed} thumbs ${k}`,
      head: compound,
      length: 4096,
    });
  }
  for (let k = 0; k < several(total, 0.0003, 2); k++) {
    const at = folder(chance.pick(free));
    odd(`${at}.DS_Store`, 'foreign', 'foreign', {
      type: 'binary',
      key: `${seed} store ${k}`,
      head: '0000000142756431',
      length: 6148,
    });
  }
  odd('to send/list.doc', 'foreign', 'foreign', { type: 'binary', key: `${seed} doc`, head: compound, length: 9728 });
  odd('to send/desktop.ini', 'foreign', 'foreign', { type: 'text', text: '[.ShellClassInfo]\r\nIconIndex=4\r\n' });
  odd('to send/read me.jpg', 'text', 'extension-differs', { type: 'text', text: 'The rest is on the other disk.\n' });
}
