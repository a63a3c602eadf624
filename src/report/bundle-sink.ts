// Where the files of a bundle go: a folder, one zip, or a zip encrypted to recipients by age. Each appears under its name
// when it is whole; nothing of an encrypted one is ever on the disk in the clear.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Encrypter } from 'age-encryption';
import { asFault, Fault } from '../case/fault.ts';
import { openZip, type Source } from './zip.ts';

/** A file as it was packed. */
export interface Packed {
  /** 64 hex digits. */
  sha256: string;
  /** Bytes. */
  size: number;
}

export interface BundleSink {
  /** Where the bundle stands when it is finished. */
  readonly path: string;
  /**
   * Takes a file: whole, or as what gives its bytes from the start each time it is called. Several may be under way; a
   * zip takes them one after the other, in the order of the calls. Throws Faults.
   */
  put(path: string, content: Uint8Array | Source): Promise<Packed>;
  /** Makes the bundle appear under its name. */
  finish(): Promise<void>;
  /** Removes what was begun. */
  discard(): Promise<void>;
}

export interface SinkOptions {
  /** As a person gave it; what exists is never written over. */
  out: string;
  /** One zip instead of a folder; also where `out` ends with .zip. */
  zip?: boolean;
  /** age recipients (`age1…`); with any, the zip is encrypted to them. */
  recipients?: readonly string[];
}

const chunk = 1 << 20;

/** A file on the disk as a source. */
export function fileSource(path: string): Source {
  return () => createReadStream(path, { highWaterMark: chunk });
}

/**
 * Opens the place of a new bundle. `out` gets the ending that it lacks: `.zip`, and `.age` with recipients. Throws
 * Fault('usage') where something stands there, or a recipient is none.
 */
export async function openSink({ out, zip = false, recipients = [] }: SinkOptions): Promise<BundleSink> {
  const encrypter = recipients.length === 0 ? null : encrypterTo(recipients);
  const bare = out.replace(/\.age$/, '');
  const zipped = zip || encrypter !== null || bare.endsWith('.zip');
  const named = zipped && !bare.endsWith('.zip') ? `${bare}.zip` : bare;
  const path = encrypter !== null ? `${named}.age` : zipped ? named : out;
  if ((await stat(path).catch(() => null)) !== null) {
    throw new Fault('usage', {
      what: 'The bundle would be written over something.',
      expected: 'a name that does not exist yet',
      next: 'choose another --out, or remove what is there',
    });
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    if (!zipped) return await folderSink(path);
    return await zipSink(path, named, encrypter);
  } catch (error) {
    throw asFault(error, 'writing the bundle');
  }
}

/** Packed beside its place and moved there when it is whole: one broken off is never taken for a bundle. */
const unfinishedOf = (path: string): string => join(dirname(path), `.${basename(path)}.unfinished`);

async function folderSink(path: string): Promise<BundleSink> {
  const unfinished = unfinishedOf(path);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  const made = new Map<string, Promise<unknown>>();
  const place = async (file: string): Promise<string> => {
    const target = join(unfinished, file);
    const parent = dirname(target);
    if (!made.has(parent)) made.set(parent, mkdir(parent, { recursive: true }));
    await made.get(parent);
    return target;
  };
  return {
    path,
    put: (file, content) =>
      faulting(async () => {
        const target = await place(file);
        if (typeof content !== 'function') {
          await writeFile(target, content);
          return packed(content);
        }
        const hash = createHash('sha256');
        let size = 0;
        const to = await open(target, 'w');
        try {
          for await (const bytes of content()) {
            hash.update(bytes);
            size += bytes.length;
            await to.write(bytes);
          }
        } finally {
          await to.close();
        }
        return { sha256: hash.digest('hex'), size };
      }),
    finish: () => faulting(() => rename(unfinished, path)),
    discard: () => rm(unfinished, { recursive: true, force: true }),
  };
}

/** The members lie below one folder, called as the zip is: unpacked, a bundle does not spill over where one stands. */
async function zipSink(path: string, named: string, encrypter: Encrypter | null): Promise<BundleSink> {
  const top = basename(named, '.zip').replaceAll(/[^A-Za-z0-9._-]/g, '-') || 'bundle';
  const unfinished = unfinishedOf(path);
  await rm(unfinished, { recursive: true, force: true });
  const target = await outlet(unfinished, encrypter);
  const zip = openZip(target.write);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  return {
    path,
    put: (file, content) =>
      inTurn(() =>
        faulting(async () => {
          if (typeof content !== 'function') {
            await zip.add(`${top}/${file}`, () => [content]);
            return packed(content);
          }
          // The zip reads it twice; the second time counts, and is held against the first.
          const hash = createHash('sha256');
          let [size, pass] = [0, 0];
          await zip.add(`${top}/${file}`, async function* () {
            const counts = ++pass === 2;
            for await (const bytes of content()) {
              if (counts) {
                hash.update(bytes);
                size += bytes.length;
              }
              yield bytes;
            }
          });
          return { sha256: hash.digest('hex'), size };
        }),
      ),
    finish: () =>
      inTurn(() =>
        faulting(async () => {
          await zip.end();
          await target.end();
          await rename(unfinished, path);
        }),
      ),
    discard: async () => {
      await target.abort();
      await rm(unfinished, { force: true });
    },
  };
}

interface Outlet {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  abort(): Promise<void>;
}

/** A file that takes bytes in order, gathered to 1 MiB; encrypted on their way where an encrypter is given. */
async function outlet(path: string, encrypter: Encrypter | null): Promise<Outlet> {
  const file = await open(path, 'wx', 0o600);
  let write = async (bytes: Uint8Array): Promise<unknown> => file.writeFile(bytes);
  let end = async (): Promise<unknown> => undefined;
  let abort = async (): Promise<unknown> => undefined;
  if (encrypter !== null) {
    const clear = new TransformStream<Uint8Array, Uint8Array>();
    const writer = clear.writable.getWriter();
    const written = (async () => {
      for await (const bytes of await encrypter.encrypt(clear.readable)) await file.writeFile(bytes);
    })();
    // Where the disk fails, whoever writes must hear of it and not wait for ever.
    written.catch((error: unknown) => writer.abort(error).catch(() => undefined));
    write = (bytes) => writer.write(bytes);
    end = async () => {
      await writer.close();
      await written;
    };
    abort = async () => {
      await writer.abort().catch(() => undefined);
      await written.catch(() => undefined);
    };
  }
  let gathered: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(gathered);
    [gathered, size] = [[], 0];
    if (bytes.length > 0) await write(bytes);
  };
  return {
    async write(bytes) {
      gathered.push(bytes);
      if ((size += bytes.length) >= chunk) await flush();
    },
    async end() {
      await flush();
      await end();
      await file.close();
    },
    async abort() {
      await abort();
      await file.close().catch(() => undefined);
    },
  };
}

function encrypterTo(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      // It is not repeated: somebody may have given the secret key.
      throw new Fault('usage', {
        what: 'A recipient is none.',
        expected: 'age1…, as age-keygen prints it',
        next: 'ask for their recipient: the line that may be public',
      });
    }
  }
  return encrypter;
}

function packed(bytes: Uint8Array): Packed {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

async function faulting<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFault(error, 'writing the bundle');
  }
}
