// The published age vectors of CCTV (C2SP): first the package that encrypts for us, over all of them, then the vault's
// own reader, which must give what is whole and refuse the rest.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { armor, Decrypter } from 'age-encryption';
import { citedPath } from '@dalil/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { openFolder, type Folder } from '../store/folder.ts';
import { openSealed } from './sealed.ts';

interface Vector {
  name: string;
  expect: string;
  /** SHA-256 of what comes out. Where it breaks off nobody uses the pieces that came: those are not compared. */
  payload?: string;
  compressed?: 'zlib';
  armored?: 'yes';
  identities?: string[];
  passphrases?: string[];
  file: string;
}
const { vectors } = JSON.parse(readFileSync(new URL('./fixtures/cctv-age.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};
const bytesOf = ({ file, compressed }: Vector): Uint8Array => {
  const bytes = Buffer.from(file, 'base64');
  return compressed === 'zlib' ? inflateSync(bytes) : bytes;
};
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the package opens what must open, and nothing else, over all the published vectors', async () => {
  const wrong: string[] = [];
  for (const vector of vectors) {
    const decrypter = new Decrypter();
    let opened: string;
    try {
      for (const identity of vector.identities ?? []) decrypter.addIdentity(identity);
      for (const passphrase of vector.passphrases ?? []) decrypter.addPassphrase(passphrase);
      const bytes = bytesOf(vector);
      opened = hex(
        await decrypter.decrypt(vector.armored === 'yes' ? armor.decode(Buffer.from(bytes).toString('latin1')) : bytes),
      );
    } catch {
      opened = 'refused';
    }
    if (opened !== (vector.expect === 'success' ? vector.payload : 'refused')) wrong.push(vector.name);
  }
  expect(wrong).toEqual([]);
});

let folder: Folder;
beforeAll(async () => {
  folder = openFolder(await mkdtemp(join(tmpdir(), 'dalil-cctv-')));
});
afterAll(() => rm(folder.path, { recursive: true, force: true }));

test('the vault opens the files to X25519 keys that are whole, and refuses all others without the library’s words', async () => {
  const wrong: string[] = [];
  for (const vector of vectors) {
    const bytes = bytesOf(vector);
    const file = { store: 'vault', sha256: hex(bytes), size: bytes.length } as const;
    await folder.write([{ path: citedPath(file), bytes }]);
    const pieces: Uint8Array[] = [];
    let state = 'success';
    try {
      for await (const piece of openSealed(folder, file, vector.identities ?? [])) pieces.push(piece);
    } catch (error) {
      state = error instanceof Fault && error.code === 'case-damaged' ? 'refused' : String(error);
    }
    // The vault writes no armour and takes no passphrase.
    const own = vector.armored === undefined && vector.passphrases === undefined;
    const expected = own && vector.expect === 'success' ? 'success' : 'refused';
    const other = state === 'success' && hex(Buffer.concat(pieces)) !== vector.payload;
    if (state !== expected || other) wrong.push(`${vector.name}: ${state}`);
  }
  expect(wrong).toEqual([]);
});
