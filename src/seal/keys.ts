// Changing the case's signing keys, and saying that earlier ones must not be trusted any more: both are records, so the
// log itself tells who signed what, and old checkpoints stay verifiable.
import { formatNoteKey, noteKey, toBase64url, type KeyPeriod } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { makeKeys } from '../log/keys.ts';
import type { RevocationReason } from './records.ts';

/** The longest reason, in characters: it stays for ever. */
export const reasonLimit = 500;

/**
 * Makes new keys and has them sign from the next record on. A crash leaves the old keys in force or the new ones, never
 * none: the new ones are durable in the home first, and one commit names them. Fault('usage') on too long a reason.
 */
export async function rotateKeys(opened: OpenCase, reason: string | null): Promise<KeyPeriod> {
  if (reason !== null && reason.length > reasonLimit) {
    throw new Fault('usage', { what: 'This reason is too long.', expected: `at most ${reasonLimit} characters` });
  }
  const { log, home, id, caseFile } = opened;
  const next = await makeKeys(home.path, id, await opened.identity());
  // Crash point: keys that nothing names. They are never used, and do no harm.
  const [record] = await log.append(opened.actor, async (turn) => {
    turn.add({
      kind: 'seal.keys',
      recordKey: toBase64url(next.records.raw),
      checkpointKey: formatNoteKey(noteKey(caseFile.origin, next.checkpoints.raw)),
      reason,
      refs: { previous: await broughtBy(opened, log.history.current) },
    });
    turn.changeKeys(next);
  });
  return log.history.changeAt(record!.position + 1)!;
}

/**
 * Says that keys must not be trusted any more, and why. Those in force are changed first: a crash between leaves them
 * changed, and the same command again does the rest. Fault('usage') where the case never had keys of this number.
 */
export async function revokeKeys(
  opened: OpenCase,
  n: number,
  { reason, since }: { reason: RevocationReason; since: string | null },
): Promise<KeyPeriod> {
  const { log } = opened;
  const period = log.history.periods[n];
  if (period === undefined) {
    throw new Fault('usage', {
      what: 'The case never had keys of this number.',
      expected: `0 to ${log.history.current.n}`,
      got: String(n),
      next: 'dalil keys shows them',
    });
  }
  if (period === log.history.current) await rotateKeys(opened, `revoked: ${reason}`);
  const keys = await broughtBy(opened, period);
  await log.append(opened.actor, (turn) => {
    turn.add({ kind: 'seal.revocation', key: n, reason, since, refs: { keys } });
  });
  return period;
}

/** Id of the record that brought these keys: `case.opened` for the first. */
async function broughtBy({ index }: OpenCase, { from }: KeyPeriod): Promise<string> {
  const { rows } = await index.pool.query<{ id: string }>('select id from record where position = $1', [
    Math.max(from - 1, 0),
  ]);
  return rows[0]!.id;
}
