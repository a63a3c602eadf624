// A delivery over the network: files put down piece by piece in this machine's home until they are all there, and received
// then like any folder. A cut line costs the piece under way; what is there is asked for and gone on from.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { asFault, Fault } from '../case/fault.ts';
import type { Home } from '../store/home.ts';
import { syncFolder } from '../store/folder.ts';
import { replaceFile } from '../store/home.ts';

/** The largest piece of a file, in bytes. */
export const pieceSize = 8 * 1024 * 1024;

const cardSchema = z.strictObject({
  id: z.string(),
  case: z.string(),
  /** Pseudonym of the source. */
  source: z.string(),
  /** Who began it: their identifier in this case. */
  member: z.string(),
  begun: z.iso.datetime(),
});
export type Delivery = z.infer<typeof cardSchema>;

/** One file of a delivery, as its sender names it. */
export interface SentFile {
  /** Relative, `/` between names. */
  path: string;
  /** Bytes, in all. */
  size: number;
  /** When it was last changed, milliseconds since 1970; null where that is not known. */
  modified: number | null;
}

export interface Put {
  /** How much of it is here. */
  offset: number;
  /** Whether all of it is. */
  whole: boolean;
}

const idShape = /^[A-Za-z0-9_-]{22}$/;
const placeOf = (home: Home, caseId: string): string => join(home.path, 'deliveries', caseId);

/** Begins a delivery. */
export async function beginDelivery(
  home: Home,
  { caseId, source, member, now }: { caseId: string; source: string; member: string; now: Date },
): Promise<Delivery> {
  const delivery: Delivery = {
    id: randomBytes(16).toString('base64url'),
    case: caseId,
    source,
    member,
    begun: now.toISOString(),
  };
  const folder = join(placeOf(home, caseId), delivery.id);
  try {
    await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 });
    await mkdir(join(folder, 'parts'), { mode: 0o700 });
    await replaceFile(join(folder, 'delivery.json'), `${JSON.stringify(delivery)}\n`, 0o600);
  } catch (error) {
    throw asFault(error, 'beginning a delivery');
  }
  return delivery;
}

/** The deliveries of a case that were begun and not received yet, oldest first. */
export async function listDeliveries(home: Home, caseId: string): Promise<Delivery[]> {
  const ids = await readdir(placeOf(home, caseId)).catch(() => []);
  const all = await Promise.all(ids.map((id) => findDelivery(home, caseId, id)));
  return all.filter((one) => one !== null).toSorted((a, b) => (a.begun < b.begun ? -1 : 1));
}

/** The delivery of this id; null where this case has none. */
export async function findDelivery(home: Home, caseId: string, id: string): Promise<Delivery | null> {
  if (!idShape.test(id)) return null;
  const text = await readFile(join(placeOf(home, caseId), id, 'delivery.json'), 'utf8').catch(() => null);
  return text === null ? null : cardSchema.parse(JSON.parse(text));
}

/** The folder of a delivery's whole files: what is received. */
export function deliveredFolder(home: Home, { case: caseId, id }: Delivery): string {
  return join(placeOf(home, caseId), id, 'files');
}

/** How much of a file is here. Fault('usage') where its path is none. */
export async function whatIsHere(home: Home, delivery: Delivery, file: SentFile): Promise<Put> {
  const { target, part } = placesOf(home, delivery, file);
  const whole = await stat(target).catch(absent);
  if (whole?.isFile() === true && whole.size === file.size) return { offset: file.size, whole: true };
  const begun = await stat(part).catch(absent);
  return { offset: begun?.size ?? 0, whole: false };
}

/** Files under way in this process: two pieces for one file follow one another. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Puts a piece of a file where the last one ended. Gives how much is here then; where `offset` is not where the last piece
 * ended, nothing is written and the true one is given. Fault('usage') where the path is none or the piece goes beyond the
 * file's size, ('case-exists') where something else stands at its place, ('disk-full').
 */
export async function putPiece(
  home: Home,
  delivery: Delivery,
  file: SentFile,
  piece: { offset: number; bytes: Uint8Array },
): Promise<Put> {
  const { part } = placesOf(home, delivery, file);
  const turn = (underWay.get(part) ?? Promise.resolve()).then(
    () => put(home, delivery, file, piece),
    () => put(home, delivery, file, piece),
  );
  underWay.set(part, turn);
  try {
    return await turn;
  } finally {
    if (underWay.get(part) === turn) underWay.delete(part);
  }
}

async function put(
  home: Home,
  delivery: Delivery,
  file: SentFile,
  { offset, bytes }: { offset: number; bytes: Uint8Array },
): Promise<Put> {
  const here = await whatIsHere(home, delivery, file);
  if (here.whole || here.offset !== offset) return here;
  if (offset + bytes.length > file.size) {
    throw new Fault('usage', {
      what: 'This piece goes beyond the end of its file.',
      expected: `at most ${file.size - offset} bytes`,
      got: `${bytes.length}`,
      next: 'send the file again from its beginning, if it has changed',
    });
  }
  const { target, part } = placesOf(home, delivery, file);
  try {
    const writing = await open(part, 'a', 0o600);
    try {
      await writing.writeFile(bytes);
      // Crash point: what is counted as here must be on the disk when the sender forgets it.
      if (offset + bytes.length === file.size) await writing.datasync();
    } finally {
      await writing.close();
    }
    if (offset + bytes.length < file.size) return { offset: offset + bytes.length, whole: false };
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    if ((await stat(target).catch(absent)) !== null) throw taken();
    if (file.modified !== null) await utimes(part, new Date(), new Date(file.modified));
    await rename(part, target);
    await syncFolder(dirname(target));
    return { offset: file.size, whole: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A file where a folder is to be, or the other way round.
    if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR') throw taken();
    throw asFault(error, 'keeping what was sent');
  }
}

/** The whole files of a delivery by their paths, in the order of their names, after one of them. */
export async function listSent(
  home: Home,
  delivery: Delivery,
  { after, limit }: { after: string | null; limit: number },
): Promise<{ files: { path: string; size: number }[]; next: string | null }> {
  const files: { path: string; size: number }[] = [];
  for await (const path of pathsAfter(deliveredFolder(home, delivery), '', after?.split('/') ?? null)) {
    if (files.length === limit) return { files, next: files.at(-1)!.path };
    const facts = await stat(join(deliveredFolder(home, delivery), path)).catch(absent);
    if (facts !== null) files.push({ path, size: facts.size });
  }
  return { files, next: null };
}

/** Depth first, in the order of names; folders that lie before `after` are not entered, so a page costs a page. */
async function* pathsAfter(root: string, below: string, after: readonly string[] | null): AsyncGenerator<string> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const [first, ...rest] = after ?? [];
    if (first !== undefined && entry.name < first) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const onTheWay = first !== undefined && entry.name === first;
    if (entry.isDirectory()) yield* pathsAfter(root, path, onTheWay && rest.length > 0 ? rest : null);
    else if (!onTheWay) yield path;
  }
}

/** Takes a delivery away: when it was received, or is not to be. */
export async function endDelivery(home: Home, { case: caseId, id }: Delivery): Promise<void> {
  await rm(join(placeOf(home, caseId), id), { recursive: true, force: true });
}

/** Whole, and under way. The part bears what its sender says of the file: one that has changed begins anew. */
function placesOf(home: Home, delivery: Delivery, file: SentFile): { target: string; part: string } {
  const folder = join(placeOf(home, delivery.case), delivery.id);
  const key = createHash('sha256')
    .update(JSON.stringify([file.path, file.size, file.modified]))
    .digest('hex');
  return { target: join(folder, 'files', ...namesOf(file.path)), part: join(folder, 'parts', key) };
}

/**
 * The names of a path that somebody sent. Fault('usage') for what could lead out of the delivery, or be no name here: an
 * empty one, `.`, `..`, a NUL, lone surrogates (which would become something else), more than 255 bytes, 64 levels.
 */
export function namesOf(path: string): string[] {
  const names = path.split('/');
  const sound = names.every(
    (name) =>
      name !== '' &&
      name !== '.' &&
      name !== '..' &&
      !name.includes('\0') &&
      !/\p{Surrogate}/u.test(name) &&
      Buffer.byteLength(name) <= 255,
  );
  if (sound && names.length <= 64 && Buffer.byteLength(path) <= 3072) return names;
  throw new Fault('usage', {
    what: 'This is no path of a file in a delivery.',
    expected: 'names with `/` between them, relative, without `.` and `..`, at most 255 bytes each and 64 levels',
    next: 'put this file into an archive, and send that',
  });
}

function taken(): Fault {
  return new Fault('case-exists', {
    what: 'Something else was sent to this place already.',
    next: 'begin another delivery for what differs',
  });
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
