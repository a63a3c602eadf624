// Files that a person has dropped on a page or picked in it: a folder, or one zip file. They are read where they lie, and
// only when the check asks for them.
import { hashWhole, openSha256, toHex } from '#engine';
import type { Files, Source } from './files.ts';
import { isZip, openZip, startLength } from './zip-files.ts';

/** Up to here a file is hashed in one piece, by the browser itself at 500 to 700 MB/s; beyond, by noble at 150. */
const onePiece = 256 << 20;
const piece = 4 << 20;
/** How many files are asked of the browser at a time; each costs a message to another process. */
const together = 32;
const smallFile = 64 << 10;
const keptBytes = 256 << 20;

/** Files by their path below the root. */
export type Blobs = ReadonlyMap<string, Blob>;

/** A folder's files. */
export function blobFiles(blobs: Blobs): Files {
  const bytesOf = openAhead(blobs);
  return {
    lanes: together,
    async *list() {
      for (const [path, { size }] of blobs) yield { path, size };
    },
    read: async (path) => (await bytesOf(path)) ?? null,
    async hash(path) {
      const blob = blobs.get(path);
      if (blob === undefined) return null;
      const whole = blob.size <= onePiece ? await bytesOf(path) : undefined;
      return { sha256: whole === undefined ? await hashLarge(blob) : toHex(await hashWhole(whole)), size: blob.size };
    },
  };
}

/**
 * Gives the bytes of a file, and has the next ones fetched meanwhile. Small files stay in memory up to a limit, since most
 * of them, the records and proofs, are asked for twice: once for the bag, once for what they say.
 */
function openAhead(blobs: Blobs): (path: string) => Promise<Uint8Array | undefined> {
  const order = [...blobs.keys()];
  const places = new Map(order.map((path, i) => [path, i]));
  const kept = new Map<string, Promise<Uint8Array>>();
  let room = keptBytes;
  const fetch = (path: string): Promise<Uint8Array> => {
    const blob = blobs.get(path)!;
    const bytes = kept.get(path) ?? blob.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    if (blob.size <= smallFile && blob.size <= room && !kept.has(path)) {
      // A failure waits here until the file is asked for.
      bytes.catch(() => undefined);
      kept.set(path, bytes);
      room -= blob.size;
    }
    return bytes;
  };
  return async (path) => {
    const place = places.get(path);
    if (place === undefined) return undefined;
    for (const next of order.slice(place + 1, place + 1 + together)) {
      if (!kept.has(next) && blobs.get(next)!.size <= Math.min(smallFile, room)) void fetch(next);
    }
    return fetch(path);
  };
}

async function hashLarge(blob: Blob): Promise<string> {
  const hash = openSha256();
  for (let at = 0; at < blob.size; at += piece) {
    hash.update(new Uint8Array(await blob.slice(at, at + piece).arrayBuffer()));
  }
  return toHex(hash.digest());
}

/** A file, to be read from anywhere in it. */
export function blobSource(blob: Blob): Source {
  return {
    size: blob.size,
    read: async (at, length) => new Uint8Array(await blob.slice(at, at + length).arrayBuffer()),
  };
}

/** What was picked by `<input type="file">`, with `webkitdirectory` or without: a folder, or one zip file. */
export async function filesOfInput(list: Iterable<File>): Promise<Files> {
  const files = [...list];
  const [only] = files;
  if (files.length === 1 && only !== undefined && only.webkitRelativePath === '') return filesOfOne(only);
  // The first name is that of the folder itself.
  return blobFiles(new Map(files.map((file) => [withoutFirst(file.webkitRelativePath), file])));
}

/**
 * What was dropped. To be called within the event: what it gives access to is gone afterwards. `seen` is told how many
 * files were found so far. Throws the browser's own error where it does not let a page read what was dropped on it.
 */
export async function filesOfDrop(transfer: DataTransfer, seen: (count: number) => void): Promise<Files> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  // Chromium does not read entries dropped on a page from file://, and gives handles; Firefox and Safari give entries.
  const handles = items.map((item) => handleOf(item));
  const entries = items.map((item) => item.webkitGetAsEntry());
  const plain = items.map((item) => item.getAsFile());
  const blobs = new Map<string, Blob>();
  const add = (path: string, blob: Blob): void => {
    blobs.set(path, blob);
    seen(blobs.size);
  };
  let folders = 0;
  for (const [i, given] of handles.entries()) {
    const handle = await given;
    const entry = entries[i] ?? null;
    if (handle !== null) {
      if (handle.kind === 'directory') folders++;
      await walkHandle(handle, handle.name, add);
    } else if (entry !== null) {
      if (entry.isDirectory) folders++;
      await walkEntry(entry, entry.name, add);
    } else if (plain[i] instanceof File) add(plain[i].name, plain[i]);
  }
  if (items.length === 1 && folders === 1) {
    return blobFiles(new Map([...blobs].map(([path, blob]) => [withoutFirst(path), blob])));
  }
  const [only] = blobs.values();
  return items.length === 1 && only !== undefined ? filesOfOne(only) : blobFiles(blobs);
}

/** A single file is an archive, or a folder with that file in it, in which nothing will be found. */
async function filesOfOne(file: Blob): Promise<Files> {
  const source = blobSource(file);
  return isZip(await source.read(0, startLength)) ? openZip(source) : blobFiles(new Map([['', file]]));
}

function withoutFirst(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

type Add = (path: string, blob: Blob) => void;
type Handle = FileSystemFileHandle | FileSystemDirectoryHandle;

function handleOf(item: DataTransferItem): Promise<Handle | null> {
  const get = (item as { getAsFileSystemHandle?: () => Promise<Handle | null> }).getAsFileSystemHandle;
  return get === undefined ? Promise.resolve(null) : get.call(item).catch(() => null);
}

async function walkHandle(handle: Handle, path: string, add: Add): Promise<void> {
  if (handle.kind === 'file') return add(path, await (handle as FileSystemFileHandle).getFile());
  const folder = handle as FileSystemDirectoryHandle & { values(): AsyncIterable<Handle> };
  let under: Promise<void>[] = [];
  for await (const below of folder.values()) {
    const walked = walkHandle(below, `${path}/${below.name}`, add);
    // Folders one after the other, so that no more than so many questions are open.
    if (below.kind === 'directory') await walked;
    else under.push(walked);
    if (under.length >= together) await Promise.all(under.splice(0));
  }
  await Promise.all(under);
}

async function walkEntry(entry: FileSystemEntry, path: string, add: Add): Promise<void> {
  if (entry.isFile) {
    return add(path, await new Promise<File>((give, fail) => (entry as FileSystemFileEntry).file(give, fail)));
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // At most a hundred at a time, until there are none.
    const some = await new Promise<FileSystemEntry[]>((give, fail) => reader.readEntries(give, fail));
    if (some.length === 0) return;
    await Promise.all(some.filter(({ isFile }) => isFile).map((file) => walkEntry(file, `${path}/${file.name}`, add)));
    for (const folder of some.filter(({ isFile }) => !isFile)) await walkEntry(folder, `${path}/${folder.name}`, add);
  }
}
