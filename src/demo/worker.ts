// A thread of the demo: renders planned files and writes them where it is told.
import { createHash } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { serveWorker } from '../store/workers.ts';
import type { Quad } from './mannequin.ts';
import { render } from './picture.ts';
import type { Content } from './plan.ts';

/** Files to make. `target` is a path on this machine, whose folder exists. */
export interface Order {
  seed: string;
  files: { target: string; modified: number; content: Exclude<Content, { type: 'archive' }> }[];
}

/** What became of a file. */
export interface Made {
  sha256: string;
  size: number;
  width: number | null;
  height: number | null;
  quad: Quad | null;
}

serveWorker<Order, Made[]>(async ({ seed, files }) => {
  const made: Made[] = [];
  for (const { target, modified, content } of files) {
    const { bytes, ...rest } = await render(content, seed);
    await writeFile(target, bytes);
    await utimes(target, modified / 1000, modified / 1000);
    made.push({ sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, ...rest });
  }
  return made;
});
