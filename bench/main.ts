// Runs the benchmarks that are named, or all, and writes what came out to the terminal and to bench/RESULTS.md.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api } from './api.ts';
import type { Bench, Benchmark, Size } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { cards } from './cards.ts';
import { crowd } from './crowd.ts';
import { openProgram } from './dalil.ts';
import { describe } from './describe.ts';
import { group } from './group.ts';
import { intake } from './intake.ts';
import { items } from './items.ts';
import { likeness } from './likeness.ts';
import { log } from './log.ts';
import { describeMachine, durableWrite, findPeers, freeBytes, load } from './machine.ts';
import { openMaterial } from './material.ts';
import { measure } from './measure.ts';
import { mergeResults, section, table } from './results.ts';
import { run } from './run.ts';
import { search } from './search.ts';
import { verify } from './verify.ts';
import { web } from './web.ts';

const benchmarks: readonly Benchmark[] = [
  intake,
  describe,
  cards,
  group,
  verify,
  items,
  run,
  log,
  bundle,
  likeness,
  search,
  // Before those that make accounts: it comes in by the link, which a home shows while nobody has one.
  web,
  api,
  crowd,
];
const results = new URL('./RESULTS.md', import.meta.url);

const usage = `npm run bench [-- [--quick] [name…]]
  --quick  a small form of each, in tens of seconds, to see that it runs; writes no results
${benchmarks.map(({ name, title }) => `  ${name.padEnd(8)} ${title}`).join('\n')}
The temporary files (up to 32 GB) go to the folder that TMPDIR names.`;

async function main(args: string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--quick');
  const unknown = names.find((name) => !benchmarks.some((one) => one.name === name));
  if (unknown !== undefined) {
    console.error(unknown === '--help' ? usage : `There is no benchmark ${unknown}.\n${usage}`);
    return unknown === '--help' ? 0 : 2;
  }
  const size: Size = args.includes('--quick') ? 'quick' : 'full';
  const chosen = benchmarks.filter(({ name }) => names.length === 0 || names.includes(name));
  const needed = Math.max(...chosen.map(({ room }) => room[size]));
  const free = freeBytes(tmpdir());
  if (free < needed) {
    console.error(`Not enough room in ${tmpdir()}: expected ${gigabytes(needed)} free, got ${gigabytes(free)}.`);
    console.error(
      'next: name a folder on a larger disk by TMPDIR, or pick some benchmarks: npm run bench -- intake log',
    );
    return 1;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'dalil-bench-'));
  // As root the embedded PostgreSQL runs as another user, who must be able to pass.
  await chmod(scratch, 0o711);
  const leave = (): never => {
    rmSync(scratch, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    const peers = findPeers();
    const machine = describeMachine(scratch, peers);
    console.log(`${machine.join('\n')}\n`);
    const say = (text: string): void => console.error(`  ${text}`);
    const material = openMaterial(join(scratch, 'material'), size, say);
    const program = await openProgram(scratch, material);
    const fresh = new Map<string, string>();
    for (const benchmark of chosen) {
      console.log(`${benchmark.name}: ${benchmark.title}${size === 'quick' ? ' (here: far fewer)' : ''}`);
      const folder = join(scratch, benchmark.name);
      await mkdir(folder, { mode: 0o711 });
      const bench: Bench = { size, folder, measure, material, program, has: (tool) => peers.has(tool), say };
      const circumstance = {
        at: `${new Date().toISOString().slice(0, 16)}Z`,
        load: load(),
        durable: durableWrite(scratch),
      };
      const start = performance.now();
      const outcome = await benchmark.run(bench);
      const took = (performance.now() - start) / 1000;
      console.log(`${table(outcome.figures)}\n(${took.toFixed(0)} s)\n`);
      if (size === 'full') {
        fresh.set(benchmark.name, section(benchmark, outcome, { ...circumstance, took }));
        const order = benchmarks.map(({ name }) => name);
        const before = await readFile(results, 'utf8').catch(() => null);
        await writeFile(results, mergeResults(before, machine, order, fresh));
      }
      await rm(folder, { recursive: true });
    }
    if (size === 'quick') console.log('A quick run: start-up weighs too much in it to judge the targets by.');
    return 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

process.exitCode = await main(process.argv.slice(2));
