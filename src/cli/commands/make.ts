// dalil new, demo.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text, usage, whole, type Command } from '../command.ts';

export const newCommand: Command = {
  name: 'new',
  usage: '<case> --name TEXT',
  summary: 'make a case: keys, log, first checkpoint',
  options: { name: { type: 'string' } },
  help: [['--name TEXT', 'the title of the case; it stays inside the case, and is in no checkpoint']],
  async run({ terminal, json, cwd, makeCase }, { positionals, values }) {
    const [path, ...more] = positionals;
    const name = text(values, 'name');
    if (path === undefined || more.length > 0 || name === undefined || name.trim() === '') {
      throw usage(
        'A case needs a folder and a title.',
        'dalil new <case> --name TEXT',
        `${positionals.length} folders, ${name === undefined ? 'no title' : 'a title'}`,
      );
    }
    const opened = await makeCase(resolve(cwd, path), name);
    if (json)
      terminal.out(JSON.stringify({ id: opened.id, folder: opened.folder.path, origin: opened.caseFile.origin }));
    else terminal.say(`${terminal.good('made')}  ${opened.folder.path}`);
    terminal.say(
      [
        'Originals, records, thumbnails and the index lie in the clear on this disk: use full-disk encryption',
        `(LUKS, FileVault, BitLocker). The signing keys are in ${opened.home.keys}, encrypted to this home's identity;`,
        'keep a copy of that folder apart: without it nothing can be added to the case, and nothing is lost.',
      ].join('\n'),
    );
    terminal.say(`next: dalil -C ${path} intake <path…> --source PSEUDONYM`);
    return 0;
  },
};

export const demoCommand: Command = {
  name: 'demo',
  usage: '<dir> --individuals N --seed S [--megapixels M] [--mistakes]',
  summary: 'a harmless made-up cache with its ground truth',
  options: {
    individuals: { type: 'string' },
    seed: { type: 'string' },
    megapixels: { type: 'string' },
    mistakes: { type: 'boolean' },
    threads: { type: 'string' },
  },
  help: [
    ['--individuals N', 'how many individuals (130)'],
    ['--seed S', 'the same seed gives the same bytes (1)'],
    ['--megapixels M', 'size of the pictures (0.3)'],
    ['--mistakes', 'plant two mistakes of people: a number written wrong, and the card of another'],
    ['--threads N', 'worker threads (as many as processors)'],
  ],
  async run({ terminal, json, cwd, signal }, { positionals, values }) {
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0)
      throw usage('The sample needs a folder.', 'dalil demo <dir>', `${positionals.length} folders`);
    const megapixels = Number(text(values, 'megapixels') ?? '0.3');
    if (!(megapixels >= 0.1 && megapixels <= 24))
      throw usage('--megapixels takes a number', '0.1 to 24', text(values, 'megapixels') ?? '');
    const threads = whole(values, 'threads', 1, 64);
    const directory = resolve(cwd, path);
    const { makeDemo } = await import('../../demo/demo.ts');
    const truth = await makeDemo({
      directory,
      individuals: whole(values, 'individuals', 1, 1_000_000) ?? 130,
      seed: text(values, 'seed') ?? '1',
      megapixels,
      mistakes: values['mistakes'] === true,
      signal,
      ...(threads === undefined ? {} : { threads }),
      onProgress: (done, total) => terminal.progress({ stage: 'demo', done, total }),
    });
    if (json) terminal.out(JSON.stringify({ directory, totals: truth.totals }));
    else terminal.say(`${terminal.good('made')}  ${directory}: cache/, rules.json, truth.json`);
    terminal.say(
      `next: dalil new <case> --name TEXT, then dalil -C <case> run --source P --rules ${path}/rules.json ${path}/cache`,
    );
    return 0;
  },
};

/** The rules in a JSON file. */
export async function readRules(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    throw usage(
      'The rules file cannot be read.',
      'a JSON file of grouping rules',
      error instanceof SyntaxError ? 'not JSON' : (error as Error).message,
      'check the path given to --rules',
    );
  }
}
