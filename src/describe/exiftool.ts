// exiftool as a process that stays open: what its tags say of one file after another. It decodes hostile files, so it
// gets no user's configuration, no environment of ours, a limit of memory and one of time for each file.
import { spawn } from 'node:child_process';
import { ExifTool, exiftoolPath } from 'exiftool-vendored';
import { hasPerl } from './perl.ts';

export type ExiftoolAnswer = { tags: unknown; lost: null } | { tags: null; lost: 'timed-out' | 'exiftool-lost' };

export interface Exiftool {
  /** What it says of a file, in its long form (-l) by group; never rejects. 9 ms a file. */
  read(path: string): Promise<ExiftoolAnswer>;
  close(): Promise<void>;
}

/**
 * -fast reads no trailers. Not -fast2, which leaves out maker notes: of 101 real pictures it gave 2 serial numbers, this
 * 7. Dates of our own copy say nothing (--System); numbers stay as written, so that a version 1.10 is not 1.1 (JSONQ).
 */
const readArgs = [
  '-json',
  '-long',
  '-G1',
  '-fast',
  '--System:all',
  '-api',
  'StructFormat=JSONQ',
  '-api',
  'QuickTimeUTC=0',
];
const stayOpen = ['-config', '', '-stay_open', 'True', '-@', '-'];
/** Of address space, in KiB. Where a shell knows no such limit there is none. */
const memory = 1 << 20;

/** Starts as many processes as are needed, `processes` at most; null where there is no Perl. */
export async function openExiftool(settings: { processes: number; timeLimit: number }): Promise<Exiftool | null> {
  if (!hasPerl()) return null;
  const program = await exiftoolPath();
  // No network is in exiftool's reading. TZ, so that no answer depends on where it is asked.
  const env = { PATH: process.env['PATH'], LANG: 'C', TZ: 'UTC' };
  const limited = `ulimit -v ${memory} 2>/dev/null; ulimit -f 0 2>/dev/null; exec perl "$@"`;
  const tool = new ExifTool({
    maxProcs: settings.processes,
    taskTimeoutMillis: settings.timeLimit,
    taskRetries: 0,
    useMWG: false,
    ignoreMinorErrors: false,
    exiftoolArgs: stayOpen,
    exiftoolEnv: env,
    ...(process.platform === 'win32'
      ? {}
      : {
          processFactory: () => spawn('/bin/sh', ['-c', limited, 'sh', program, ...stayOpen], { stdio: 'pipe', env }),
        }),
  });
  return {
    async read(path) {
      try {
        return { tags: await tool.readRaw(path, readArgs), lost: null };
      } catch (error) {
        return { tags: null, lost: /time[d ]?out/i.test(String(error)) ? 'timed-out' : 'exiftool-lost' };
      }
    },
    close: () => tool.end(true),
  };
}
