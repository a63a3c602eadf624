// ProofMode (Guardian Project): beside each photograph a proof, as CSV and JSON, and OpenPGP signatures of all three. Names
// and columns: android-libproofmode ProofMode.java, MediaWatcher.kt, ProofModeV1Constants.java (proofmode-android b2906d95).
import { objectOf, readSmall, shortText, type ClaimFile } from './claim-file.ts';
import { claimValues } from './claim-values.ts';
import { checkDetached, readPublicKeys } from './openpgp.ts';
import {
  checked,
  unchecked,
  type Check,
  type ClaimedFile,
  type Judgement,
  type ProvenanceSettings,
  type Signer,
} from './provenance-records.ts';

/** The name that all files of one proof begin with, by the name of its JSON or CSV; null for other files. */
export const proofStem = (name: string): string | null => /^(.+)\.proof\.(?:json|csv)$/i.exec(name)?.[1] ?? null;

/** What the other files of a proof are called, and what they are. */
export const proofRoles = (stem: string): Readonly<Record<string, string>> => ({
  [`${stem}.proof.json`]: 'proof-json',
  [`${stem}.proof.csv`]: 'proof-csv',
  [`${stem}.proof.json.asc`]: 'proof-json-signature',
  [`${stem}.proof.csv.asc`]: 'proof-csv-signature',
  [`${stem}.asc`]: 'media-signature',
  [`${stem}.ots`]: 'opentimestamps',
  [`${stem}.gst`]: 'safetynet',
  [`${stem}.nostr`]: 'nostr',
  'pubkey.asc': 'public-key',
});

/** A proof as its values by name; null where it is none. Its CSV has commas in values made blanks, and quotes nothing. */
export function parseProof(text: string): Record<string, unknown> | null {
  const said = objectOf(text);
  if (said !== null) return said;
  const [head = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const columns = head.split(',').map((column) => column.trim());
  const values = (lines.findLast((line) => line.trim() !== '') ?? '').split(',');
  if (!columns.includes('File Hash SHA256') || values.length < 2) return null;
  return Object.fromEntries(
    columns.flatMap((column, i) => (column === '' ? [] : [[column, values[i]?.trim() ?? ''] as const])),
  );
}

/** The SHA-256 that a proof states for its media, in small letters; null where it states none. */
export function proofHash(said: Readonly<Record<string, unknown>>): string | null {
  const hash = said['File Hash SHA256'];
  return typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash.trim()) ? hash.trim().toLowerCase() : null;
}

/** Judges one proof. `files` have the roles above, and 'media' or 'other-media' (the name that the proof states, another hash). */
export async function judgeProof(
  stem: string,
  files: readonly ClaimFile[],
  { textLimit, assetLimit, rawLimit }: ProvenanceSettings,
): Promise<Judgement | null> {
  const of = (role: string): ClaimFile | undefined => files.find((file) => file.role === role);
  const small = (role: string): Promise<Buffer | null> => readSmall(of(role), textLimit);
  const proofs = new Map<string, Record<string, unknown> | null>();
  for (const role of ['proof-json', 'proof-csv']) {
    const bytes = await small(role);
    if (bytes !== null) proofs.set(role, parseProof(bytes.toString('utf8')));
  }
  const said = [...proofs.values()].find((proof) => proof !== null) ?? null;
  if (said === null) return null;
  const stated = proofHash(said);
  const checks: Check[] = [mediaCheck(stated, of('media'), of('other-media'))];
  if (/^[0-9a-f]{64}$/i.test(stem))
    checks.push(
      checked(
        'hash in the names',
        stem.toLowerCase() === stated,
        'The names of the files state the same hash.',
        'The names of the files state another hash.',
      ),
    );
  if (proofs.size === 2) {
    const [one, two] = [...proofs.values()].map((proof) => (proof === null ? null : proofHash(proof)));
    checks.push(
      checked('CSV and JSON', one === two, 'Both proofs state one hash.', 'The two proofs state different hashes.'),
    );
  }
  const signers: Signer[] = [];
  const published = await small('public-key');
  const keys = published === null ? null : await readPublicKeys(published);
  for (const role of ['media', 'proof-json', 'proof-csv']) {
    const file = of(role) ?? (role === 'media' ? of('other-media') : undefined);
    if (file === undefined && role !== 'media') continue;
    const what = `signature of the ${{ media: 'media', 'proof-json': 'JSON', 'proof-csv': 'CSV' }[role]}`;
    const signature = await small(`${role}-signature`);
    const bytes = await readSmall(file, role === 'media' ? assetLimit : textLimit);
    const why =
      signature === null
        ? 'No signature came with it.'
        : keys === null
          ? published === null
            ? 'No public key came with it.'
            : 'The public key that came with it cannot be read.'
          : bytes === null
            ? 'There are no bytes here to hold it against, or more than the limit.'
            : null;
    if (why !== null) {
      checks.push(unchecked(what, why));
      continue;
    }
    const { check, signer } = await checkDetached(what, { bytes: bytes!, signature: signature!, keys: keys! });
    checks.push(check);
    if (signer !== null && !signers.some(({ key }) => key === signer.key)) signers.push(signer);
  }
  const stamp = await small('opentimestamps');
  if (stamp !== null) checks.push(...stampChecks(stamp, stated));
  if (of('safetynet') !== undefined)
    checks.push(unchecked('device attestation', "A service of the device's maker signed it; its keys are not here."));
  if (of('nostr') !== undefined) checks.push(unchecked('Nostr event', 'It points to relays, and none is asked.'));
  return {
    software: shortText(/ProofMode v\S+/.exec(String(said['Notes'] ?? ''))?.[0]) ?? 'ProofMode',
    created: shortText(said['Proof Generated'], 100),
    checks,
    signers,
    claims: claimValues(said, rawLimit),
    parts: files.map((file) => claimedFile(file, stated)),
    captures: { count: 0, listed: [] },
  };
}

/** Whether an item of this case is what the claim is about. */
export function mediaCheck(stated: string | null, media: ClaimFile | undefined, other: ClaimFile | undefined): Check {
  const what = 'SHA-256 of the media';
  if (stated === null) return unchecked(what, 'The claim states no SHA-256.');
  if (media !== undefined) return checked(what, true, 'An item of this case has the stated SHA-256.');
  if (other !== undefined)
    return checked(what, false, 'The file of the stated name that lies beside it has another SHA-256.');
  return unchecked(what, 'No item of this case has the stated SHA-256.');
}

export function claimedFile({ role, path, item, sha256 }: ClaimFile, stated: string | null): ClaimedFile {
  const media = role === 'media' || role === 'other-media';
  const outcome = item === null ? 'not-sealed' : !media ? 'unstated' : sha256 === stated ? 'same' : 'differs';
  return { role: role === 'other-media' ? 'media' : role, path, stated: media ? stated : null, item, outcome };
}

const stampMagic = Buffer.from('\0OpenTimestamps\0\0Proof\0\xbf\x89\xe2\xe8\x84\xe8\x92\x94', 'latin1');

/** An OpenTimestamps proof begins with its magic, version 1, the operation 0x08 (SHA-256) and the digest that was stamped. */
function stampChecks(stamp: Buffer, stated: string | null): Check[] {
  const at = stampMagic.length;
  const what = 'OpenTimestamps: what was stamped';
  const known = stamp.subarray(0, at).equals(stampMagic) && stamp[at] === 1 && stamp[at + 1] === 8;
  const digest = stamp.subarray(at + 2, at + 34);
  return [
    known && digest.length === 32
      ? checked(
          what,
          digest.toString('hex') === stated,
          'The stamp is of the stated SHA-256.',
          'The stamp is of another SHA-256 than the stated one.',
        )
      : unchecked(what, 'It is not a stamp over SHA-256 that can be read here.'),
    unchecked('OpenTimestamps: when', 'The time stands in the block chain of Bitcoin, which is not asked.'),
  ];
}
