// The program as the benchmarks run it: the command line of this clone, with a home of its own and nothing inherited.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './benchmark.ts';
import type { Measured } from './measure.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Program {
  home: string;
  /** Makes an empty case in the benchmark's folder, and gives its path. */
  newCase(name: string): Promise<string>;
  /** A command of the CLI; code 3 (finished, with problems listed) is no failure. */
  dalil(...args: string[]): Promise<Measured>;
  /** A script of this folder that prints one JSON value. */
  script<T>(name: string, order: unknown): Promise<{ measured: Measured; said: T }>;
}

/** Opens a fresh home in the benchmark's folder, and does everything once on a few files, so that no first time is measured. */
export async function openProgram(bench: Bench): Promise<Program> {
  const home = join(bench.folder, 'home');
  const env = { DALIL_HOME: home, DATABASE_URL: undefined, DALIL_CASE: undefined, NO_COLOR: '1' };
  const run = (args: readonly string[], codes: number[]) =>
    bench.measure({ command: process.execPath, args, env, home, codes, cwd: bench.folder });
  const program: Program = {
    home,
    dalil: (...args) => run([join(root, 'bin', 'dalil'), ...args], [0, 3]),
    async newCase(name) {
      const path = join(bench.folder, name);
      await program.dalil('new', path, '--name', 'bench');
      return path;
    },
    async script(name, order) {
      const path = join(root, 'bench', name);
      const measured = await run(['--import', import.meta.resolve('tsx'), path, JSON.stringify(order)], [0]);
      return { measured, said: JSON.parse(measured.stdout) as never };
    },
  };
  await mkdir(home, { recursive: true });
  const few = await bench.material.pictures(4);
  const warm = await program.newCase('warm-up');
  await program.dalil('-C', warm, 'run', '--source', 'bench', few);
  await program.dalil('-C', warm, 'verify');
  return program;
}

/** Processor seconds of a command with those of its PostgreSQL; null where unknown. */
export function processorTime({ cpu, databaseCpu }: Measured): number | null {
  return cpu === null ? null : cpu + (databaseCpu ?? 0);
}
