// A backup of a case's signing keys: one age file, for a passphrase or a recipient, that needs neither the case nor the
// home it came from. Inside it is JSON, so that `age -d` and any key tool can use it without this program.
import { z } from 'zod';
import { Fault } from '../case/fault.ts';
import { encryptFor, identitiesIn, type Lock } from './identity.ts';
import { keepKeys, keysOf, openPem, purposes, readPem } from './keys.ts';

const format = 'dalil-keys/1';

const backup = z.object({
  format: z.literal(format),
  case: z.string().regex(/^[0-9a-f]{32}$/),
  /** Name of a key's file -> PKCS #8 in PEM. */
  keys: z.record(z.string().regex(/^(?:records|checkpoints)-[A-Za-z0-9_-]{43}\.age$/), z.string()),
});

/** All keys of the case in this home, earlier ones too. Fault('wrong-key') where there is none, or one does not open. */
export async function backUpKeys(home: string, caseId: string, identity: string, lock: Lock): Promise<Uint8Array> {
  const keys: Record<string, string> = {};
  for (const name of (await keysOf(home, caseId).names('.')).filter((one) => one.endsWith('.age'))) {
    keys[name] = (await openPem(home, caseId, name, identity))!;
  }
  if (Object.keys(keys).length === 0) {
    throw new Fault('wrong-key', {
      what: 'This home holds no key of this case, so there is nothing to back up.',
      next: 'set DALIL_HOME to the home in which the case was made',
    });
  }
  return encryptFor(
    `${JSON.stringify({ format, case: caseId, keys } satisfies z.infer<typeof backup>, null, 2)}\n`,
    lock,
  );
}

/** What opens a backup: a passphrase, or the text of an identity file. */
export type BackupOpener = { passphrase: string } | { identity: string };

/** Whether a backup asks for a passphrase. Fault('input-unreadable') where it is no age file. */
export function backupNeeds(bytes: Uint8Array): 'passphrase' | 'identity' {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (!head.startsWith('age-encryption.org/v1\n')) throw noBackup();
  return head.includes('\n-> scrypt ') ? 'passphrase' : 'identity';
}

/**
 * Puts the keys of a backup into this home, encrypted to its identity. Gives the case, and how many keys. Throws
 * Fault('wrong-key') where it does not open; ('input-unreadable') where it is none. No message holds anything of it.
 */
export async function restoreKeys(
  home: string,
  identity: () => Promise<string>,
  bytes: Uint8Array,
  opener: BackupOpener,
): Promise<{ case: string; keys: number }> {
  const parsed = backup.safeParse(jsonOf(await openBackup(bytes, opener)));
  if (!parsed.success) throw noBackup();
  const pems = Object.entries(parsed.data.keys).map(([path, pem]) => ({ path, pem }));
  for (const { path, pem } of pems)
    readPem(
      pem,
      path,
      purposes.find((purpose) => path.startsWith(purpose))!,
    );
  await keepKeys(home, parsed.data.case, await identity(), pems);
  return { case: parsed.data.case, keys: pems.length };
}

/** The text in an age file that was made for a backup. Fault('wrong-key') where it does not open. */
export async function openBackup(bytes: Uint8Array, opener: BackupOpener): Promise<string> {
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  if ('passphrase' in opener) decrypter.addPassphrase(opener.passphrase);
  else for (const line of identitiesIn(opener.identity)) decrypter.addIdentity(line);
  try {
    return await decrypter.decrypt(bytes, 'text');
  } catch {
    throw new Fault('wrong-key', {
      what: 'The backup does not open with this.',
      expected: 'the passphrase, or an identity of the recipient, for which it was made',
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function noBackup(): Fault {
  return new Fault('input-unreadable', {
    what: 'This file is no backup of keys.',
    expected: 'a file that `dalil keys backup` has written',
  });
}
