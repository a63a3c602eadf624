// Checks the bag around a bundle, BagIt 1.0 (RFC 8493), and the tag files that it may have beside the standard's own.
import { parseManifest } from './bundle-file.ts';
import type { Files } from './files.ts';
import type { Findings } from './findings.ts';
import { listHashed } from './look-ahead.ts';
import { equalBytes } from './merkle.ts';
import { programs } from './tag-files.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });

export const bagDeclaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';
/** What the standard has beside the payload. The tag manifest names all others, and is named by none. */
const bagFiles = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'];
const tagManifest = 'tagmanifest-sha256.txt';

/** What a bag says of itself. */
export interface BagContents {
  /** Tag files beside the standard's own. */
  tags: readonly string[];
  /** Whether the manifest names this file of the payload. */
  names(path: string): boolean;
  /** SHA-256 (hex) of a file of the payload as it was found; null where there is none that the manifest names. */
  sha256(path: string): string | null;
  /** The day of packing, YYYY-MM-DD; empty where it cannot be read. */
  date: string;
}

/** BagIt 1.0, complete and valid: every file is named, every named file is there, no byte differs. */
export async function checkBag(files: Files, findings: Findings): Promise<BagContents> {
  const declaration = await files.read('bagit.txt');
  if (declaration === null || text.decode(declaration) !== bagDeclaration) {
    findings.problem('bag-malformed', 'bagit.txt', 'not the declaration of a BagIt 1.0 bag');
  }
  const tags = await manifest(files, findings, tagManifest);
  const payload = await manifest(files, findings, 'manifest-sha256.txt');
  for (const name of bagFiles) {
    if (!tags.has(name)) findings.problem('bag-malformed', tagManifest, `it does not name ${name}`);
  }
  for (const path of payload.keys()) {
    // One that names a tag file would count as its payload, and one path could stand in both.
    if (!path.startsWith('data/')) findings.problem('bag-malformed', 'manifest-sha256.txt', 'it names a tag file');
  }
  const expected = new Map([...tags, ...payload]);
  const own = [...tags.keys()].filter((path) => !bagFiles.includes(path));
  let payloadFiles = 0;
  let payloadBytes = 0;
  /** Found to be otherwise than the manifest says. */
  const altered = new Map<string, string | null>();
  const wanted = (path: string, size: number): boolean => size >= 0 && expected.has(path);
  for await (const { path, size, found = null } of listHashed(files, wanted)) {
    if (path === tagManifest) continue;
    const hex = expected.get(path);
    expected.delete(path);
    if (hex === undefined || size < 0) {
      findings.problem('payload-unexpected', path, 'a file that no manifest names');
      continue;
    }
    findings.count('files');
    findings.count('bytes', found?.size ?? 0);
    if (path.startsWith('data/')) {
      payloadFiles++;
      payloadBytes += found?.size ?? 0;
    }
    if (found?.sha256 === hex) continue;
    altered.set(path, found?.sha256 ?? null);
    findings.problem('payload-altered', path, 'its bytes are not those that were packed');
    // Nothing stands over the tag manifest: where it and a tag file part, either may be the altered one.
    if (tags.has(path)) findings.problem('bag-malformed', tagManifest, `it gives another hash than ${path} has`);
  }
  for (const path of expected.keys()) {
    altered.set(path, null);
    findings.problem('payload-missing', path, 'a file that the manifest names is missing');
    if (tags.has(path)) findings.problem('bag-malformed', tagManifest, `it names ${path}, which is not there`);
  }
  const info = await files.read('bag-info.txt');
  const said = info === null ? null : bagInfo.exec(text.decode(info));
  if (info !== null && said?.[2] !== `${payloadBytes}.${payloadFiles}`) {
    findings.problem('bag-malformed', 'bag-info.txt', 'it speaks of other contents than the bag has');
  }
  const sha256 = (path: string): string | null =>
    altered.get(path) ?? (altered.has(path) ? null : (payload.get(path) ?? null));
  return { tags: own, names: (path) => payload.has(path), sha256, date: said?.[1] ?? '' };
}

const bagInfo = /^Bagging-Date: (\d{4}-\d\d-\d\d)\nBag-Software-Agent: dalil\nPayload-Oxum: (\d+\.\d+)\n$/;

async function manifest(files: Files, findings: Findings, path: string): Promise<Map<string, string>> {
  const bytes = await files.read(path);
  if (bytes === null) {
    findings.problem('bag-malformed', path, 'a manifest is missing');
    return new Map();
  }
  return findings.attempt(path, () => parseManifest(text.decode(bytes))) ?? new Map<string, string>();
}

/** Every tag file of ours says what card and records say, none of them is missing, and there is no other. */
export async function checkTagFiles(
  files: Files,
  findings: Findings,
  named: readonly string[],
  made: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const [path, expected] of made) {
    const bytes = await files.read(path);
    if (bytes === null) findings.problem('tag-missing', path, 'without it the bundle cannot be checked by other tools');
    else if (!equalBytes(bytes, expected)) {
      findings.problem('tag-altered', path, 'it says something else than the card and the records do');
    }
  }
  for (const path of named) {
    if (!made.has(path) && !(programs as readonly string[]).includes(path)) {
      findings.problem('tag-unexpected', path, 'a bundle has no such file beside its payload');
    }
  }
}
