// The program as the benchmarks run it: the command line of this clone, with a home of its own and nothing inherited.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Material } from './material.ts';
import { measure, type Measured } from './measure.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Program {
  home: string;
  /** Makes an empty case in this folder, and gives it back. */
  newCase(path: string): Promise<string>;
  /** A command of the CLI; code 3 (finished, with problems listed) is no failure. */
  dalil(...args: string[]): Promise<Measured>;
  /** A script of this folder that takes one JSON value and prints one. */
  script<T>(name: string, order: unknown): Promise<{ measured: Measured; said: T }>;
}

/** Opens a fresh home in `folder`, and does everything once on a few files, so that no first time is measured. */
export async function openProgram(folder: string, material: Material): Promise<Program> {
  const home = join(folder, 'home');
  const env = {
    DALIL_HOME: home,
    DATABASE_URL: undefined,
    DALIL_CASE: undefined,
    DALIL_ACTOR: undefined,
    NO_COLOR: '1',
  };
  const run = (args: readonly string[], codes: readonly number[]) =>
    measure({ command: process.execPath, args, env, home, codes, cwd: folder });
  const program: Program = {
    home,
    dalil: (...args) => run([join(root, 'bin', 'dalil'), ...args], [0, 3]),
    async newCase(path) {
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
  const warm = await program.newCase(join(folder, 'warm-up'));
  await program.dalil('-C', warm, 'run', '--source', 'bench', await material.pictures(4));
  await program.dalil('verify', warm);
  return program;
}

/** Processor seconds of a command with those of its PostgreSQL; null where unknown. */
export function processorTime({ cpu, databaseCpu }: Measured): number | null {
  return cpu === null ? null : cpu + (databaseCpu ?? 0);
}
