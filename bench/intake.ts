// Intake against a backup program that also copies, hashes and makes durable (borg), and against hashing alone (hashdeep).
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { against, median, megabytes, seconds, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import { processorTime } from './dalil.ts';
import type { Measured } from './measure.ts';

const files = { full: 1024, quick: 64 };
const rounds = { full: 3, quick: 1 };

export const intake: Benchmark = {
  name: 'intake',
  title: '2 GiB in 1,024 files, against borg create and hashdeep',
  room: { full: 9e9, quick: 1e9 },
  run: measureIntake,
};

async function measureIntake(bench: Bench): Promise<Outcome> {
  const { size, folder, measure, program, has } = bench;
  const input = await bench.material.random(files[size]);
  const ours: Measured[] = [];
  const borg: Measured[] = [];
  const hashdeep: Measured[] = [];
  for (let round = 0; round < rounds[size]; round++) {
    bench.say(`round ${round + 1} of ${rounds[size]}`);
    const path = await program.newCase(join(folder, 'case'));
    ours.push(await program.dalil('-C', path, 'intake', '--source', 'bench', input));
    await rm(path, { recursive: true });
    if (has('borg')) borg.push(await borgCreate(bench, input));
    if (has('hashdeep')) {
      hashdeep.push(await measure({ command: 'hashdeep', args: ['-c', 'sha256', '-r', input], cwd: folder }));
    }
  }
  const middle = (all: Measured[], of: (one: Measured) => number | null): number | null => {
    const values = all.map(of).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  const wall = (one: Measured) => one.wall;
  const time = middle(ours, wall)!;
  const processor = middle(ours, processorTime);
  const bytes = files[size] * 2 ** 21;
  return {
    figures: [
      against('intake, by the clock', time, middle(borg, wall), seconds, 'borg create', 1),
      against('the same', time, middle(hashdeep, wall), seconds, 'hashdeep'),
      ...(processor === null
        ? []
        : [against('processor time', processor, middle(borg, processorTime), seconds, 'borg create')]),
    ],
    notes: [
      `${megabytes(bytes)} of random bytes in ${files[size]} files; ${megabytes(bytes / time)} a second; the median of ${rounds[size]}, in turns.`,
      'Ours: `dalil intake` into an empty case, from the start of Node to its end, with the start and the end of its PostgreSQL. It hashes, copies, makes each file durable, signs a record for each and projects it.',
      '`borg create` with its defaults (lz4) into an empty repository without encryption: it chunks, hashes, compresses and writes; durable by segment. `hashdeep -c sha256 -r` only reads, in as many threads as there are cores.',
      'Processor time of ours includes PostgreSQL.',
    ],
  };
}

async function borgCreate({ folder, measure }: Bench, input: string): Promise<Measured> {
  const repository = join(folder, 'repository');
  const env = { BORG_BASE_DIR: join(folder, 'borg'), BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' };
  await measure({ command: 'borg', args: ['init', '--encryption', 'none', repository], env });
  const measured = await measure({ command: 'borg', args: ['create', `${repository}::one`, input], env });
  await rm(repository, { recursive: true });
  await rm(join(folder, 'borg'), { recursive: true });
  return measured;
}
