// A process of its own for the benchmark of the log: inclusion proofs at random places, from the tiles on the disk, as an
// export makes them. Started with one argument, a ProofsOrder as JSON; prints a ProofsSaid.
import {
  decodeEntries,
  inclusionProof,
  isIncluded,
  leafHash,
  openCheckpoint,
  tilePath,
  tileWidth,
} from '@dalil/verify';
import { readCaseFile } from '../src/log/case.ts';
import { subtreeRoots } from '../src/log/tiles.ts';
import { openFolder } from '../src/store/folder.ts';

export interface ProofsOrder {
  /** Of the case. */
  folder: string;
  proofs: number;
}

export interface ProofsSaid {
  /** Of the log. */
  size: number;
  seconds: number;
  /** Highest resident bytes in the first and the last tenth. */
  firstTenth: number;
  lastTenth: number;
}

const order = JSON.parse(process.argv[2]!) as ProofsOrder;
const folder = openFolder(order.folder);
const note = new TextDecoder().decode((await folder.read('log/checkpoint'))!);
const checkpoint = openCheckpoint(note, (await readCaseFile(folder)).checkpoints);
const { size } = checkpoint;
// The same places in every run: a step without a common divisor with most sizes jumps all over the log.
const placeOf = (n: number): number => (n * 611_953) % size;

const memory: number[] = [];
const roots = subtreeRoots(folder, size);
const start = performance.now();
for (let n = 0; n < order.proofs; n++) {
  await inclusionProof(placeOf(n), size, roots);
  if (n % 1000 === 0) memory.push(process.memoryUsage.rss());
}
const seconds = (performance.now() - start) / 1000;

// That they are proofs, outside the time.
for (let n = 0; n < 200; n++) {
  const index = placeOf(n * 7);
  const bundle = Math.floor(index / tileWidth);
  const bytes = await folder.read(tilePath('log/tile/entries', bundle, Math.min(tileWidth, size - bundle * tileWidth)));
  const leaf = leafHash(decodeEntries(bytes!)[index % tileWidth]!);
  const path = await inclusionProof(index, size, roots);
  if (!isIncluded(leaf, { index, path, checkpoint })) throw new Error(`no proof of record ${index}`);
}
const tenth = Math.ceil(memory.length / 10);
const said: ProofsSaid = {
  size,
  seconds,
  firstTenth: Math.max(...memory.slice(0, tenth)),
  lastTenth: Math.max(...memory.slice(-tenth)),
};
console.log(JSON.stringify(said));
