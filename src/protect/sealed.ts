// Ciphertexts of the vault: age (X25519) files under the SHA-256 of the ciphertext, so that the log binds them, and
// `age -d` opens them without this program. Nothing in the clear touches the disk here.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Decrypter, Encrypter } from 'age-encryption';
import { citedPath, type FileCitation } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Folder } from '../store/folder.ts';
import { openOriginals } from '../store/originals.ts';

/** Texts are filled up to a multiple of this many bytes, so that a size does not tell one identity from another. */
export const textUnit = 4096;
/** The longest text, in bytes. */
export const textLimit = 1 << 20;

/** Encrypts a stream of any size; when this resolves the ciphertext is durable. An error of the stream is passed on. */
export async function sealStream(
  folder: Folder,
  recipient: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<FileCitation> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const sealed = await encrypter.encrypt(toStream(chunks));
  const store = await openOriginals(join(folder.path, 'vault'));
  const { sha256, size } = await store.receive(fromStream(sealed));
  await store.settle();
  return { store: 'vault', sha256, size };
}

/** Encrypts a text, filled up with line feeds. Throws Fault('usage') where it is empty or too long. */
export async function sealText(folder: Folder, recipient: string, text: string): Promise<FileCitation> {
  const bytes = new TextEncoder().encode(text.trimEnd());
  if (bytes.length === 0 || bytes.length >= textLimit) {
    throw new Fault('usage', {
      what: 'This text cannot be put into the vault.',
      expected: `1 to ${textLimit - 1} bytes`,
      got: `${bytes.length}`,
      next: 'put a longer paper in as a file: dalil vault keep',
    });
  }
  const filled = new Uint8Array(Math.ceil((bytes.length + 1) / textUnit) * textUnit).fill(0x0a);
  filled.set(bytes);
  bytes.fill(0);
  const sealed = await sealStream(folder, recipient, once(filled));
  filled.fill(0);
  return sealed;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * What a ciphertext holds, piece by piece. Throws Fault('case-damaged') where it is not the one that the log binds: with
 * the public recipient anybody can make another. That is known at the end only, so the pieces count when all have come.
 */
export async function* openSealed(
  folder: Folder,
  file: FileCitation,
  identities: readonly string[],
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  async function* read(): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(join(folder.path, citedPath(file)), { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
  let whole = false;
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    yield* fromStream(await decrypter.decrypt(toStream(read())));
    whole = hash.digest('hex') === file.sha256;
  } catch {
    // Missing, unreadable, not age, encrypted to another key, or altered: one answer, without the library's words.
  }
  if (!whole) {
    throw new Fault('case-damaged', {
      what: 'A file of the vault is missing, altered, or encrypted to another key.',
      expected: 'the ciphertext whose hash is in the log',
      next: 'run `dalil verify`, and put the file back from a copy of the case',
    });
  }
}

/** A text as it was before it was filled up and encrypted. */
export async function openText(folder: Folder, file: FileCitation, identities: readonly string[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of openSealed(folder, file, identities)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString('utf8').trimEnd();
  for (const piece of [...pieces, bytes]) piece.fill(0);
  return text;
}

/** Pulled, not pushed: a recording of an hour is never in memory. */
function toStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

async function* fromStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
