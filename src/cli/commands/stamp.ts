// What every command that writes ends with: a timestamp, where the case names somebody to ask. Apart from the command
// `timestamp`, since without an authority, as most cases are, nothing of it is loaded.
import type { OpenCase } from '../../log/case.ts';
import { hasAuthority } from '../../seal/queries.ts';
import type { Context } from '../command.ts';

/** Has the newest checkpoint stamped. Makes no request where the case has no time authority, and never fails the command. */
export async function stampAtEnd(context: Context, opened: OpenCase): Promise<void> {
  if (await hasAuthority(opened)) await (await import('./seal.ts')).stampAtEnd(context, opened);
}

/** How much waits for each authority, a line each; none without an authority. */
export async function waitingLines(opened: OpenCase): Promise<{ authority: string; line: string }[]> {
  if (!(await hasAuthority(opened))) return [];
  const [{ waitingStamps }, { sayWaiting }] = await Promise.all([
    import('../../seal/timestamp.ts'),
    import('./seal.ts'),
  ]);
  return (await waitingStamps(opened)).map((one) => ({
    authority: one.authority,
    line: `${one.genTime === null ? 'no token yet' : `${one.stamped.toLocaleString('en')} records at ${one.genTime}`}; ${sayWaiting(one)}`,
  }));
}
