// What the figures were measured on: the machine, its disk, and the versions of everything that took part.
import { spawnSync } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { version } from '../src/version.ts';
import { median } from './benchmark.ts';

/** Peers, each with the question that makes it say its version. */
const peers: Record<string, string[]> = {
  borg: ['--version'],
  hashdeep: ['-V'],
  sha256sum: ['--version'],
  openssl: ['version'],
  exiftool: ['-ver'],
  vipsthumbnail: ['--vips-version'],
  djpeg: ['-version'],
  findimagedupes: ['--version'],
  'bagit.py': ['--version'],
};

/** How to install all that may be missing, on Debian and its kin. */
export const installPeers =
  'apt-get install borgbackup hashdeep libimage-exiftool-perl libvips-tools libjpeg-turbo-progs findimagedupes; pip install bagit';

/** Name -> version of each peer that is here. */
export function findPeers(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [tool, args] of Object.entries(peers)) {
    const { error, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
    const line = `${stdout || stderr || ''}`.split('\n')[0]!.trim();
    if (error === undefined) found.set(tool, /\d+(?:\.\d+)+\w*/.exec(line)?.[0] ?? line);
  }
  return found;
}

/** The machine in lines of "what: value". */
export function describeMachine(folder: string, found: ReadonlyMap<string, string>): string[] {
  const models = new Map<string, number>();
  for (const { model } of cpus()) models.set(model.trim(), (models.get(model.trim()) ?? 0) + 1);
  const missing = Object.keys(peers).filter((tool) => !found.has(tool));
  return [
    `Processor: ${[...models].map(([model, cores]) => `${cores} x ${model}`).join(', ')}`,
    `Memory: ${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    `Disk of the temporary folder: ${diskOf(folder)}`,
    `System: ${process.platform} ${release().replace(/-.*/, '')}, ${process.arch}`,
    `Node: ${process.version}; Dalil ${version}`,
    `Peers: ${[...found].map(([tool, its]) => `${tool} ${its}`).join(', ') || 'none'}`,
    ...(missing.length > 0 ? [`Not installed: ${missing.join(', ')} (${installPeers})`] : []),
  ];
}

/** Processes that want a processor, over the last minute: above 0.3 before a run, others were at work. */
export const load = (): number => loadavg()[0]!;

/** Bytes free for us below a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function diskOf(folder: string): string {
  let best = ['', '', ''];
  try {
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
      const [device = '', mount = '', type = ''] = line.split(' ');
      const holds = folder === mount || folder.startsWith(mount.endsWith('/') ? mount : `${mount}/`);
      if (holds && mount.length >= best[1]!.length) best = [device, mount, type];
    }
  } catch {
    // No such list on this system.
  }
  const [device, , type] = best;
  return type === '' ? 'unknown file system' : `${type} on ${device}`;
}

/** Milliseconds of one append and fdatasync, the median of 50. */
export function durableWrite(folder: string): number {
  const path = join(folder, 'durable');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now();
    writeSync(file, block);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}
