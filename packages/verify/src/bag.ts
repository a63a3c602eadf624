// Any bag of BagIt 1.0 (RFC 8493): whether it is complete and valid, as section 3 says. What more a bundle must be, which
// is a narrow kind of bag, its own check says.
import type { Files } from './files.ts';
import type { Findings } from './findings.ts';
import { FormatError } from './problem.ts';

// A byte order mark is a byte like any other: section 2.1.1 forbids one.
const text = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Algorithm of a manifest, `sha256` as in its file's name -> hash of a file, lower-case hex; null where it is not. */
export type Digests = ReadonlyMap<string, (path: string) => Promise<string | null>>;

/**
 * Checks a bag, and collects all problems. Manifests whose algorithm is not among `digests` are read for what they list;
 * one of the payload must be by an algorithm that is. Tag files must be UTF-8: an encoding that a bag may name beside it
 * is refused, not guessed at. A bag with files to be fetched is incomplete, and is not fetched.
 */
export async function checkAnyBag(files: Files, findings: Findings, digests: Digests): Promise<void> {
  const read = async <T>(path: string, parse: (content: string) => T): Promise<T | null> => {
    const bytes = await files.read(path);
    return bytes === null ? null : findings.attempt(path, () => parse(decode(bytes)));
  };
  const declared = await read('bagit.txt', parseDeclaration);
  if (declared === null && (await files.read('bagit.txt')) === null) {
    findings.problem('bag-malformed', 'bagit.txt', 'a bag without its declaration');
  }
  const sizes = new Map<string, number>();
  for await (const { path, size } of files.list()) sizes.set(path, size);
  for (const [path, size] of sizes) {
    if (size < 0) findings.problem('payload-unexpected', path, 'a link, or no file: it could lead out of the bag');
  }
  const manifests: Manifest[] = [];
  for (const path of sizes.keys()) {
    const match = /^(tag)?manifest-([a-z0-9]+)\.txt$/.exec(path);
    if (match === null) continue;
    const tags = match[1] !== undefined;
    const listed = await read(path, (content) => parseAnyManifest(content, tags));
    if (listed !== null) manifests.push({ path, algorithm: match[2]!, tags, listed });
  }
  if (!manifests.some(({ algorithm, tags }) => !tags && digests.has(algorithm))) {
    findings.problem('bag-malformed', 'bagit.txt', 'no manifest of the payload by an algorithm known here');
  }
  await read('fetch.txt', (content) => parseFetch(content, manifests));
  const payload = [...sizes.keys()].filter((path) => path.startsWith('data/'));
  for (const manifest of manifests) await checkManifest(manifest, { sizes, payload, digests, findings });
  const oxum = await read('bag-info.txt', parseOxum);
  const bytes = payload.reduce((sum, path) => sum + sizes.get(path)!, 0);
  if (oxum !== null && oxum !== '' && oxum !== `${bytes}.${payload.length}`) {
    findings.problem('bag-malformed', 'bag-info.txt', 'it speaks of other contents than the bag has');
  }
}

interface Manifest {
  path: string;
  algorithm: string;
  /** Whether it lists tag files. */
  tags: boolean;
  /** Path -> hex. */
  listed: ReadonlyMap<string, string>;
}

/** Section 3: all that it lists is there, with these bytes; and a manifest of the payload lists all of the payload. */
async function checkManifest(
  { path: where, algorithm, tags, listed }: Manifest,
  parts: { sizes: ReadonlyMap<string, number>; payload: readonly string[]; digests: Digests; findings: Findings },
): Promise<void> {
  const { sizes, payload, digests, findings } = parts;
  const digest = digests.get(algorithm);
  for (const [path, hex] of listed) {
    if (!sizes.has(path)) findings.problem('payload-missing', path, `a file that ${where} lists is missing`);
    else if (digest !== undefined && (await digest(path)) !== hex) {
      findings.problem('payload-altered', path, `its bytes are not those that ${where} gives`);
    }
  }
  if (tags) return;
  for (const path of payload) {
    if (!listed.has(path)) findings.problem('payload-unexpected', path, `a file that ${where} does not list`);
  }
}

const refuse = (why: string) => new FormatError('bag-malformed', why);

function decode(bytes: Uint8Array): string {
  try {
    return text.decode(bytes);
  } catch {
    throw refuse('not UTF-8');
  }
}

/** Lines end with CR, LF or both; the last one may lack it. */
function linesOf(content: string): string[] {
  const lines = content.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Section 2.1.1: these two lines, with no space but the one. */
function parseDeclaration(content: string): true {
  const [version, encoding, ...more] = linesOf(content);
  const known = /^BagIt-Version: (\d+\.\d+)$/.exec(version ?? '');
  if (known === null || more.length > 0) throw refuse('not the declaration of a bag');
  if (known[1] !== '1.0') throw refuse(`a bag of version ${known[1]}, expected 1.0`);
  if (!/^Tag-File-Character-Encoding: UTF-8$/i.test(encoding ?? ''))
    throw refuse('its tag files are not said to be UTF-8');
  return true;
}

/** Sections 2.1.3 and 2.2.1: hash, space, path; each path once. */
function parseAnyManifest(content: string, tags: boolean): Map<string, string> {
  const listed = new Map<string, string>();
  for (const line of linesOf(content)) {
    const match = /^([0-9a-fA-F]+)[ \t]+(.+)$/u.exec(line);
    if (match === null) throw refuse('a line of a manifest is not a hash and a path');
    const path = openPath(match[2]!);
    if (path.startsWith('data/') === tags) throw refuse('a manifest lists a file that is not of its kind');
    if (path.startsWith('tagmanifest-')) throw refuse('a manifest of tag files lists such a manifest');
    if (listed.has(path)) throw refuse('a manifest lists a file twice');
    listed.set(path, match[1]!.toLowerCase());
  }
  return listed;
}

/** Only line ends and the percent sign are encoded (section 2.1.3). A path must not leave the bag (section 5.1). */
function openPath(spelled: string): string {
  const path = spelled.replaceAll(/%(0[ad]|25)/gi, (code) => decodeURIComponent(code));
  if (path.split('/').some((name) => name === '' || name === '.' || name === '..' || name.startsWith('~'))) {
    throw refuse('a path that leaves the bag, or has several spellings');
  }
  return path;
}

/** Section 2.2.3. Whatever it holds, the bag is not complete until it was fetched, and then it says nothing more. */
function parseFetch(content: string, manifests: readonly Manifest[]): void {
  for (const line of linesOf(content)) {
    const match = /^\S+[ \t]+(?:\d+|-)[ \t]+(.+)$/u.exec(line);
    const path = match === null ? null : openPath(match[1]!);
    if (path === null || manifests.some(({ tags, listed }) => !tags && !listed.has(path))) {
      throw refuse('fetch.txt names what no manifest lists, or cannot be read');
    }
  }
}

/** The sums that bag-info.txt gives (section 2.2.2); empty where it gives none. */
function parseOxum(content: string): string {
  const given = linesOf(content).flatMap((line) => /^Payload-Oxum:[ \t]*(.*)$/i.exec(line)?.[1]?.trim() ?? []);
  if (given.length > 1) throw refuse('bag-info.txt gives its sums twice');
  return given[0] ?? '';
}
