// Describing pictures against the chain that people use instead: a hash, the metadata, a thumbnail, a program for each.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { against, median, seconds, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import { processorTime } from './dalil.ts';
import { filesBelow } from './material.ts';
import type { Measured } from './measure.ts';

const pictures = { full: 500, quick: 24 };
const rounds = { full: 3, quick: 1 };
const chain = ['sha256sum', 'exiftool', 'vipsthumbnail'];

export const describe: Benchmark = {
  name: 'describe',
  title: '500 pictures of 5 Mpx, against sha256sum + exiftool -G1 + vipsthumbnail, and against decoding alone',
  room: { full: 3e9, quick: 1e9 },
  run: measureDescribe,
};

async function measureDescribe(bench: Bench): Promise<Outcome> {
  const { size, folder, program, has, say } = bench;
  const input = await bench.material.pictures(pictures[size]);
  const files = await filesBelow(input);
  const described: Measured[] = [];
  const received: Measured[] = [];
  const others = new Map<string, Measured[]>();
  for (let round = 0; round < rounds[size]; round++) {
    say(`round ${round + 1} of ${rounds[size]}`);
    const path = await program.newCase(join(folder, 'case'));
    received.push(await program.dalil('-C', path, 'intake', '--source', 'bench', input));
    described.push(await program.dalil('-C', path, 'describe'));
    await rm(path, { recursive: true });
    const out = join(folder, 'thumbnails');
    await mkdir(out);
    for (const [tool, [command, ...args]] of Object.entries(commands(out))) {
      if (!has(tool)) continue;
      const took = await bench.measure({ command: command!, args: [...args, ...files] });
      others.set(tool, [...(others.get(tool) ?? []), took]);
    }
    await rm(out, { recursive: true });
  }
  const notes = [
    `${pictures[size]} pictures that the demo drew, about 1.1 MB each, no two alike; the median of ${rounds[size]}, in turns.`,
    'Describe: `dalil describe` from the start of Node to its end, PostgreSQL included: format, metadata, quantisation tables, perceptual hash, thumbnail of 320, a signed record for each, projected. Reading and hashing was done in intake.',
    'With intake: `dalil intake` too, which hashes as sha256sum does, and copies durably and signs as none of the chain does.',
    'The chain: one `sha256sum`, one `exiftool -G1`, one `vipsthumbnail --size 320` over all files, summed; what they print is thrown away. It makes no perceptual hash and no record. The EXIF of these pictures is short and has no maker note, so exiftool has less to do than on most cameras.',
    'The whole chain: `findimagedupes` as well, which makes a perceptual hash and compares all.',
    'The floor: `djpeg -scale 1/4`, a process for each picture, which decodes to a quarter of the sides and writes nothing.',
  ];
  if (described.some(({ cpu }) => cpu === null)) {
    return {
      figures: [],
      notes: [...notes, 'Processor time is read from /proc: nothing was measured on this system.'],
    };
  }
  const processor = (one: Measured) => processorTime(one)!;
  /** The median of the rounds, of several tools summed; null where one of them is not here. */
  const summed = (tools: readonly string[], of: (one: Measured) => number): number | null =>
    tools.every((tool) => others.has(tool))
      ? median(described.map((_, round) => tools.reduce((all, tool) => all + of(others.get(tool)![round]!), 0)))
      : null;
  const wholeChain = [...chain, 'findimagedupes'];
  const ours = median(described.map(processor));
  const both = median(described.map((one, round) => processor(one) + processor(received[round]!)));
  notes.push(
    `Processor time: ${[...others].map(([tool, took]) => `${tool} ${seconds(median(took.map(processor)))}`).join(', ')}; a picture takes describe ${Math.round((1000 * ours) / files.length)} ms.`,
  );
  const wall = ({ wall: took }: Measured) => took;
  return {
    figures: [
      against('describe, processor time', ours, summed(chain, processor), seconds, 'chain', 1),
      against('the same', ours, summed(['djpeg'], processor), seconds, 'decode floor', 2.2),
      against('intake and describe, processor time', both, summed(wholeChain, processor), seconds, 'whole chain', 0.4),
      against('describe, by the clock', median(described.map(wall)), summed(chain, wall), seconds, 'chain'),
    ],
    notes,
  };
}

/** What the peers are called with, before the files. */
const commands = (out: string): Record<string, string[]> => ({
  sha256sum: ['sha256sum'],
  exiftool: ['exiftool', '-G1'],
  vipsthumbnail: ['vipsthumbnail', '--size', '320', '-o', join(out, '%s.jpg')],
  findimagedupes: ['findimagedupes', '-q', '--'],
  djpeg: ['sh', '-c', 'for file; do djpeg -scale 1/4 -outfile /dev/null "$file"; done', 'sh'],
});
