// The size of the log by the checkpoint that lies on the disk now: read past every process that may hold another.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export function sizeOnDisk(folder: string): number {
  return Number(readFileSync(join(folder, 'log/checkpoint'), 'utf8').split('\n')[1]);
}
