// Describing pictures against the chain that people use instead: a hash, the metadata, a thumbnail, a program for each.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { against, median, seconds, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import { processorTime } from './dalil.ts';
import { filesBelow } from './material.ts';
import type { Measured } from './measure.ts';

const pictures = { full: 500, quick: 24 };
const rounds = { full: 3, quick: 1 };
const chainTools = ['sha256sum', 'exiftool', 'vipsthumbnail'] as const;

export const describe: Benchmark = {
  name: 'describe',
  title: '500 pictures of 5 Mpx, against sha256sum + exiftool -G1 + vipsthumbnail',
  room: { full: 3e9, quick: 1e9 },
  run: measureDescribe,
};

async function measureDescribe(bench: Bench): Promise<Outcome> {
  const { size, folder, program, has, say } = bench;
  const input = await bench.material.pictures(pictures[size]);
  const complete = chainTools.every(has);
  const took: Measured[] = [];
  const described: Measured[] = [];
  const chain: Measured[][] = [];
  for (let round = 0; round < rounds[size]; round++) {
    say(`round ${round + 1} of ${rounds[size]}`);
    const path = await program.newCase(join(folder, 'case'));
    took.push(await program.dalil('-C', path, 'intake', '--source', 'bench', input));
    described.push(await program.dalil('-C', path, 'describe'));
    await rm(path, { recursive: true });
    if (complete) chain.push(await runChain(bench, input));
  }
  const notes = [
    `${pictures[size]} pictures that the demo drew, about 1.1 MB each, no two alike; the median of ${rounds[size]}, in turns.`,
    'Describe: `dalil describe` from the start of Node to its end, PostgreSQL included: format, metadata, quantisation tables, perceptual hash, thumbnail of 320, a signed record for each, projected. Reading and hashing was done in intake.',
    'With intake: `dalil intake` too, which hashes as sha256sum does, and copies durably and signs as none of the chain does.',
    'The chain: one `sha256sum`, one `exiftool -G1`, one `vipsthumbnail --size 320` over all files, summed; what they print is thrown away. It makes no perceptual hash and no record. The EXIF of these pictures is short and has no maker note, so exiftool has less to do than on most cameras.',
  ];
  if (described.some(({ cpu }) => cpu === null)) {
    return {
      figures: [],
      notes: [...notes, 'Processor time is read from /proc: nothing was measured on this system.'],
    };
  }
  const sum = (parts: readonly Measured[], of: (one: Measured) => number) =>
    parts.reduce((all, one) => all + of(one), 0);
  const processor = (one: Measured) => processorTime(one)!;
  const wall = (one: Measured) => one.wall;
  const ours = median(described.map(processor));
  const both = median(described.map((one, i) => processor(one) + processor(took[i]!)));
  const peer = complete ? median(chain.map((parts) => sum(parts, processor))) : null;
  const each = chainTools.map((tool, i) => `${tool} ${seconds(median(chain.map((parts) => processor(parts[i]!))))}`);
  if (complete) notes.push(`Processor time in the chain: ${each.join(', ')}.`);
  return {
    figures: [
      against('describe, processor time', ours, peer, seconds, 'chain', 1),
      against('intake and describe, processor time', both, peer, seconds, 'chain'),
      against(
        'describe, by the clock',
        median(described.map(wall)),
        complete ? median(chain.map((parts) => sum(parts, wall))) : null,
        seconds,
        'chain',
      ),
    ],
    notes,
  };
}

async function runChain({ folder, measure }: Bench, input: string): Promise<Measured[]> {
  const files = await filesBelow(input);
  const out = join(folder, 'thumbnails');
  await mkdir(out);
  const parts = [
    await measure({ command: 'sha256sum', args: files }),
    await measure({ command: 'exiftool', args: ['-G1', ...files] }),
    await measure({ command: 'vipsthumbnail', args: ['--size', '320', '-o', join(out, '%s.jpg'), ...files] }),
  ];
  await rm(out, { recursive: true });
  return parts;
}
