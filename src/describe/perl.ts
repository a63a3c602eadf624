// Perl, which exiftool is written in: counting what is pending asks for it, and loads nothing of exiftool.
import { spawnSync } from 'node:child_process';

/** Whether this machine has a Perl to run exiftool with. */
export function hasPerl(path: string | undefined = process.env['PATH']): boolean {
  if (process.platform === 'win32') return true;
  return spawnSync('perl', ['-e', '1'], { env: { PATH: path }, timeout: 10_000 }).status === 0;
}
