// The sample case from beginning to end, each step the command that a person would type: make the cache, make the case,
// run every stage, build the dossier and a bundle, verify both, serve. What is there already is used again.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { main } from '../src/cli/main.ts';
import type { DemoTruth } from '../src/demo/truth.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'sample');
const at = (name: string): string => join(folder, name);
const env = { ...process.env };

/** Runs a command as typed; ends the whole where it does not end as it should. */
async function dalil(args: string[], allowed: readonly number[] = [0]): Promise<void> {
  const shown = args
    .map((arg) => (/^[\w./:=-]+$/.test(arg) ? arg : `'${arg}'`))
    .map((arg) => arg.replace(`${root}/`, ''));
  process.stderr.write(`\n$ dalil ${shown.join(' ')}\n`);
  const code = await main(args, env, root);
  if (!allowed.includes(code)) process.exit(code);
}

/** What one command prints as JSON. */
async function json<T>(args: string[]): Promise<T[]> {
  const lines: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = ((text: string) => lines.push(text) > 0) as typeof process.stdout.write;
  try {
    const code = await main(args, env, root);
    if (code !== 0) process.exit(code);
  } finally {
    process.stdout.write = write;
  }
  return lines
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Whether the problems found are exactly those that the sample plants, content by content. */
async function comparePlanted(): Promise<boolean> {
  const truth = JSON.parse(await readFile(at('demo/truth.json'), 'utf8')) as DemoTruth;
  const found = await json<{ path: string; code: string }>(['-C', at('case'), 'status', '--problems', '--json']);
  const pathOf = new Map(truth.files.map(({ path, sha256 }) => [sha256, path]));
  const contentOf = new Map(truth.files.map(({ path, sha256 }) => [path, pathOf.get(sha256)!]));
  // A foreign file is sealed like any other: that it is no picture is no problem of it.
  const planted = new Set(
    truth.files.flatMap(({ path, problems }) =>
      problems.filter((code) => code !== 'foreign').map((code) => `${code}  ${contentOf.get(path)}`),
    ),
  );
  const seen = new Set(found.map(({ path, code }) => `${code}  ${contentOf.get(path) ?? path}`));
  const missed = [...planted].filter((one) => !seen.has(one));
  const unexpected = [...seen].filter((one) => !planted.has(one));
  process.stderr.write(`\nproblems: ${seen.size} found, ${planted.size} planted in the sample\n`);
  for (const one of missed) process.stderr.write(`  planted and not found: ${one}\n`);
  for (const one of unexpected) process.stderr.write(`  found and not planted: ${one}\n`);
  return missed.length === 0 && unexpected.length === 0;
}

/** The whole sample; gives the exit code. `--once` stops before serving, all else goes to `dalil serve`. */
export async function sample(args: readonly string[]): Promise<number> {
  await dalil(['demo', at('demo'), '--individuals', '130', '--seed', '1']);
  if (!existsSync(at('case/case.json'))) await dalil(['new', at('case'), '--name', 'Sample case · قضية للتجربة']);
  await dalil(
    ['-C', at('case'), 'run', '--source', 'P-photographer', '--rules', at('demo/rules.json'), at('demo/cache')],
    [0, 3],
  );
  const asPlanted = await comparePlanted();
  await dalil(['-C', at('case'), 'dossier', 'build', 'dossier', '--out', at('dossier.pdf')]);
  if (!existsSync(at('bundle'))) await dalil(['-C', at('case'), 'export', '--format', 'bundle', '--out', at('bundle')]);
  await dalil(['-C', at('case'), 'verify']);
  await dalil(['verify', at('bundle')]);

  process.stderr.write('\n');
  for (const [what, name] of [
    ['the cache as received', 'demo/cache'],
    ['the case', 'case'],
    ['the dossier', 'dossier.pdf'],
    ['the bundle', 'bundle'],
  ] as const) {
    process.stderr.write(`  ${what.padEnd(22)} ${relative(process.cwd(), at(name)) || '.'}\n`);
  }
  if (!asPlanted) {
    process.stderr.write('\nThe problems found are not those that the sample plants: this must not happen.\n');
    return 1;
  }
  if (!args.includes('--once')) await dalil(['-C', at('case'), 'serve', ...args.filter((arg) => arg !== '--once')]);
  return 0;
}
