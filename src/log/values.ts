// Values too large for a record: moved into blobs when it is written, and fetched again when it is read.
import { citedPath, sha256, toHex, valueLimit, type FileCitation, type RecordFields } from '@dalil/verify';
import type { Folder } from '../store/folder.ts';

/** Values over the limit become blobs: null in the field, and a citation `value:<field>` in `files`. */
export function moveToBlobs(fields: RecordFields, blobs: Map<string, Uint8Array>): void {
  for (const [name, value] of Object.entries(fields)) {
    const json = value === undefined || name === 'files' ? '' : JSON.stringify(value);
    if (json.length * 3 <= valueLimit) continue;
    const bytes = new TextEncoder().encode(json);
    if (bytes.length <= valueLimit) continue;
    const citation: FileCitation = { store: 'blobs', sha256: toHex(sha256(bytes)), size: bytes.length };
    blobs.set(citedPath(citation), bytes);
    fields[name] = null;
    fields.files = { ...fields.files, [`value:${name}`]: citation };
  }
}

/** Puts values that lie in blobs back into their fields; false where one is missing or altered. */
export async function fetchValues(folder: Folder, said: RecordFields): Promise<boolean> {
  for (const [role, file] of Object.entries(said.files ?? {})) {
    if (!role.startsWith('value:')) continue;
    const bytes = await folder.read(citedPath(file));
    if (bytes === null || toHex(sha256(bytes)) !== file.sha256) return false;
    said[role.slice('value:'.length)] = JSON.parse(new TextDecoder().decode(bytes));
    delete said.files![role];
  }
  return true;
}
