// Tella (Horizontal): beside an exported photograph, video or recording a CSV of two lines under the same name, with its
// hash. Columns: PublicMetadataMapper.java, MediaFileHandler.java; the hash is SHA-256: BaseVault.java (Tella-Android e157b6d39).
import { objectOf, readSmall, shortText, type ClaimFile } from './claim-file.ts';
import { claimValues } from './claim-values.ts';
import { claimedFile, mediaCheck } from './proofmode.ts';
import type { Judgement, ProvenanceSettings } from './provenance-records.ts';

/** What Tella wrote about a file, by name; null where this is something else. JSON has the names of PublicMetadata.java. */
export function parseTella(text: string): Record<string, unknown> | null {
  const [head = '', values = ''] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (head.startsWith('File hash,File path,File name,')) {
    const cells = values.split(',');
    const said = head.split(',').flatMap((column, i) => (column === '' ? [] : [[column, cells[i] ?? ''] as const]));
    return Object.fromEntries(said);
  }
  const said = head.trimStart().startsWith('{') ? objectOf(text) : null;
  return said !== null && 'fileHash' in said && 'fileName' in said && 'timestamp' in said ? said : null;
}

export function tellaHash(said: Readonly<Record<string, unknown>>): string | null {
  const hash = said['File hash'] ?? said['fileHash'];
  return typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash.trim()) ? hash.trim().toLowerCase() : null;
}

/** The name that it states for its file. */
export const tellaName = (said: Readonly<Record<string, unknown>>): string | null =>
  shortText(said['File name'] ?? said['fileName']);

/** Judges one such file. `files`: 'metadata', and 'media' or 'other-media'. Tella signs nothing. */
export async function judgeTella(
  files: readonly ClaimFile[],
  { textLimit, rawLimit }: ProvenanceSettings,
): Promise<Judgement | null> {
  const of = (role: string): ClaimFile | undefined => files.find((file) => file.role === role);
  const bytes = await readSmall(of('metadata'), textLimit);
  const said = bytes === null ? null : parseTella(bytes.toString('utf8'));
  if (said === null) return null;
  const stated = tellaHash(said);
  // Milliseconds since 1970, in UTC: Metadata.java.
  const time = Number(said['Timestamp'] ?? said['timestamp']);
  return {
    software: 'Tella',
    created: time > 0 && time < 8.64e15 ? new Date(time).toISOString() : null,
    checks: [mediaCheck(stated, of('media'), of('other-media'))],
    signers: [],
    claims: claimValues(said, rawLimit),
    parts: files.map((file) => claimedFile(file, stated)),
    captures: { count: 0, listed: [] },
  };
}
