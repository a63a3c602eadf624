// The standalone verifier, `node verify.mjs`: built into one file that needs Node 20 or later and nothing else.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { checkPath } from './node-check.ts';
import { certificatesFromPem } from './timestamp.ts';
import { TimestampError } from './timestamp-error.ts';
import { verdictLines, type Marks } from './verdict.ts';

const help = `usage: node verify.mjs <bundle or case: a folder or a zip file> [--json] [--since LINE-OR-FILE] [--anchor FILE.pem]

Checks every file, record, signature, proof, checkpoint, citation and timestamp. Changes nothing, needs no network.

  --json                 the whole report as one JSON object
  --since LINE-OR-FILE   whether it still begins with a checkpoint that you kept
  --anchor FILE.pem      trust these time authorities alone, and not those that the case names; several times

Exit codes: 0 it holds, 4 it does not hold, 2 usage, 1 it could not be checked.
A verifier that came with what it checks proves nothing by itself: compare its SHA-256 with one published elsewhere.`;

async function main(args: string[]): Promise<number> {
  const { stdout, stderr, env } = process;
  const fail = (code: number, message: string): number => {
    stderr.write(`${message}\n`);
    return code;
  };
  let given: ReturnType<typeof parse>;
  try {
    given = parse(args);
  } catch (error) {
    return fail(2, `${(error as Error).message}\n\n${help}`);
  }
  const { positionals, values } = given;
  if (values.help === true) {
    stdout.write(`${help}\n`);
    return 0;
  }
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) return fail(2, help);

  const roots: Uint8Array[] = [];
  let kept = values.since;
  try {
    for (const file of values.anchor ?? []) roots.push(...certificatesFromPem(await readFile(file, 'utf8')));
    if (kept !== undefined && !/^\s*dalil-checkpoint\//.test(kept)) kept = await readFile(kept, 'utf8');
  } catch (error) {
    if (!(error instanceof TimestampError || isMissing(error))) throw error;
    return fail(2, `A file that was named cannot be read: ${error.message}`);
  }
  let last = Date.now();
  const progress = ({ files, records }: { files: number; records: number }): void => {
    if (stderr.isTTY !== true || Date.now() - last < 100) return;
    last = Date.now();
    stderr.write(`\r\u001b[2Kchecking ${(files + records).toLocaleString('en')}`);
  };
  try {
    const { ok, report } = await checkPath(path, {
      threads: availableParallelism(),
      now: new Date(),
      progress,
      ...(roots.length === 0 ? {} : { roots }),
      ...(kept === undefined ? {} : { kept }),
    });
    if (stderr.isTTY === true) stderr.write('\r\u001b[2K');
    const paint = marks(stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '');
    const lines = values.json === true ? [JSON.stringify(report)] : verdictLines(report, paint, roots.length > 0);
    stdout.write(`${lines.join('\n')}\n`);
    return ok ? 0 : 4;
  } catch (error) {
    if (isMissing(error)) return fail(2, `There is nothing at this path: ${path}`);
    return fail(1, `It could not be checked: ${(error as Error).message}`);
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      since: { type: 'string' },
      anchor: { type: 'string', multiple: true },
    },
  });
}

function isMissing(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function marks(colour: boolean): Marks {
  const paint = (code: string) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: paint('1'), dim: paint('2'), good: paint('32'), bad: paint('31') };
}

process.exitCode = await main(process.argv.slice(2));
