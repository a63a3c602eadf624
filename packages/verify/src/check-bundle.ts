// Checks a bundle, which strangers are given: the bag, the checkpoint, each disclosed record with its proof, each file
// carried, and every citation of its dossier.
import { fromBase64, toBase64, toBase64url } from '#engine';
import {
  consistencyPath,
  parseBundleFile,
  parseConsistency,
  parseManifest,
  proofPath,
  recordPath,
  type BundleFile,
} from './bundle-file.ts';
import { parseCaseFile, type CaseFile } from './case-file.ts';
import type { CheckOptions, CheckProgress, Files, Report, TimestampJudge } from './files.ts';
import { Findings } from './findings.ts';
import { equalBytes, isConsistent, leafHash } from './merkle.ts';
import { openCheckpoint, type Checkpoint } from './note.ts';
import { FormatError } from './problem.ts';
import { isIncluded, openProof } from './proof.ts';
import { citedPath, filesOf, openEntry, openRecord, refsOf, type FileCitation } from './record.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8 = new TextEncoder();

/** The tag files of a bag of ours: these four, and no other. */
const tagFiles = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt'];
const tagManifest = 'tagmanifest-sha256.txt';
export const bagDeclaration = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';

/** Whether a folder is a bundle rather than a case. */
export async function isBundle(files: Files): Promise<boolean> {
  // Each is enough: a bundle from which one was taken is a bundle still, and is told what it lacks.
  for (const path of ['bagit.txt', 'manifest-sha256.txt', 'data/bundle.json']) {
    if ((await files.read(path)) !== null) return true;
  }
  return false;
}

/** Checks everything in a bundle and collects all problems. Throws only where the disk itself fails. */
export async function checkBundle(
  files: Files,
  progress?: CheckProgress,
  { timestamps }: CheckOptions = {},
): Promise<Report> {
  const findings = new Findings('bundle', progress);
  await checkBag(files, findings);
  const read = async <T>(path: string, parse: (content: string) => T): Promise<T | null> => {
    const bytes = await files.read(path);
    if (bytes !== null) return findings.attempt(path, () => parse(text.decode(bytes)));
    // A bag can be complete by its own manifest without it, and nothing in it would be bound to anything.
    findings.problem('payload-missing', path, 'without it nothing in the bundle can be checked');
    return null;
  };
  const card = await read('data/case.json', parseCaseFile);
  const bundle = await read('data/bundle.json', parseBundleFile);
  const checkpoint =
    card === null ? null : await read('data/checkpoint', (note) => openCheckpoint(note, card.checkpoints));
  if (checkpoint !== null) findings.count('checkpoints');
  if (card !== null && bundle !== null && checkpoint !== null) {
    if (bundle.case !== card.id) findings.problem('bag-malformed', 'data/bundle.json', 'it speaks of another case');
    if ((bundle.records.at(-1) ?? 0) >= bundle.checkpoint.size) {
      findings.problem('bag-malformed', 'data/bundle.json', 'it lists a record beyond its checkpoint');
    }
    if (bundle.checkpoint.size !== checkpoint.size || bundle.checkpoint.root !== toBase64(checkpoint.root)) {
      findings.problem('bag-malformed', 'data/bundle.json', 'it speaks of another checkpoint');
      findings.problem('checkpoint-root', 'data/checkpoint', 'it is not the one that bundle.json speaks of');
    }
    const disclosed = await checkRecords(files, findings, card, bundle, checkpoint, timestamps);
    const older = await checkDossier(files, findings, disclosed, checkpoint);
    older.push(...(await checkStamped(files, findings, card, disclosed.stamped, checkpoint, timestamps)));
    await checkPayload(files, findings, bundle, disclosed.cited, older);
  }
  return findings.finish(checkpoint);
}

/** BagIt 1.0, complete and valid: every file is named, every named file is there, no byte differs. */
async function checkBag(files: Files, findings: Findings): Promise<void> {
  const declaration = await files.read('bagit.txt');
  if (declaration === null || text.decode(declaration) !== bagDeclaration) {
    findings.problem('bag-malformed', 'bagit.txt', 'not the declaration of a BagIt 1.0 bag');
  }
  const tags = await manifest(files, findings, tagManifest);
  const payload = await manifest(files, findings, 'manifest-sha256.txt');
  for (const name of tagFiles) {
    if (!tags.has(name)) findings.problem('bag-malformed', tagManifest, `it does not name ${name}`);
  }
  const expected = new Map([...tags, ...payload]);
  let payloadFiles = 0;
  let payloadBytes = 0;
  for await (const { path, size } of files.list()) {
    if (path === tagManifest) continue;
    const hex = expected.get(path);
    expected.delete(path);
    if (hex === undefined || size < 0) {
      findings.problem('payload-unexpected', path, 'a file that no manifest names');
      continue;
    }
    const found = await files.hash(path);
    findings.count('files');
    findings.count('bytes', found?.size ?? 0);
    if (path.startsWith('data/')) {
      payloadFiles++;
      payloadBytes += found?.size ?? 0;
    }
    if (found?.sha256 === hex) continue;
    findings.problem('payload-altered', path, 'its bytes are not those that were packed');
    // Nothing stands over the tag manifest: where it and a tag file part, either may be the altered one.
    if (tags.has(path)) findings.problem('bag-malformed', tagManifest, `it gives another hash than ${path} has`);
  }
  for (const path of expected.keys())
    findings.problem('payload-missing', path, 'a file that the manifest names is missing');
  const info = await files.read('bag-info.txt');
  if (info !== null && !describes(text.decode(info), payloadBytes, payloadFiles)) {
    findings.problem('bag-malformed', 'bag-info.txt', 'it speaks of other contents than the bag has');
  }
}

function describes(info: string, bytes: number, files: number): boolean {
  const match = /^Bagging-Date: \d{4}-\d\d-\d\d\nBag-Software-Agent: dalil\nPayload-Oxum: (\d+)\.(\d+)\n$/.exec(info);
  return match !== null && match[1] === String(bytes) && match[2] === String(files);
}

async function manifest(files: Files, findings: Findings, path: string): Promise<Map<string, string>> {
  const bytes = await files.read(path);
  if (bytes === null) {
    findings.problem('bag-malformed', path, 'a manifest is missing');
    return new Map();
  }
  return findings.attempt(path, () => parseManifest(text.decode(bytes))) ?? new Map<string, string>();
}

/** What the disclosed records are and cite: their ids, and files by the path below which a case keeps them. */
interface Disclosed {
  ids: ReadonlySet<string>;
  cited: ReadonlyMap<string, FileCitation>;
  /** The checkpoints that records say were stamped. */
  stamped: readonly { size: number; root: string }[];
}

/** The disclosed records, each by its signature, its disclosures, and its proof under the bundle's checkpoint. */
async function checkRecords(
  files: Files,
  findings: Findings,
  card: CaseFile,
  bundle: BundleFile,
  checkpoint: Checkpoint,
  timestamps: TimestampJudge | undefined,
): Promise<Disclosed> {
  const stamped: { size: number; root: string }[] = [];
  const ids = new Set<string>();
  const cited = new Map<string, FileCitation>();
  const refs: { where: string; id: string }[] = [];
  for (const position of bundle.records) {
    const where = recordPath(position);
    const bytes = await files.read(where);
    if (bytes === null) {
      findings.problem('payload-missing', where, 'a record that bundle.json lists is missing');
      continue;
    }
    findings.count('records');
    const [jwt, ...openings] = text.decode(bytes).split('~');
    const entry = utf8.encode(jwt);
    const said = findings.attempt(where, () => {
      const digests = openEntry(entry, card.records);
      if (openings.pop() !== '') throw new FormatError('record-malformed', 'the last disclosure does not end');
      return openRecord(digests, openings, false);
    });
    if (said === null) continue;
    findings.count('signatures');
    const leaf = leafHash(entry);
    ids.add(toBase64url(leaf));
    await checkProof(files, findings, card, position, leaf, checkpoint);
    const about = findings.attempt(where, () => filesOf(said));
    for (const file of about ?? []) cited.set(citedPath(file), file);
    if (about !== null) timestamps?.see(position, toBase64url(leaf), said);
    const stamp = said.kind === 'seal.timestamp' ? stampedOf(said['checkpoint'], checkpoint.size) : null;
    if (stamp !== null) stamped.push(stamp);
    for (const id of findings.attempt(where, () => refsOf(said.refs)) ?? []) refs.push({ where, id });
  }
  const outside = refs.filter(({ id }) => !ids.has(id)).length;
  findings.count('citations', refs.length);
  if (outside > 0)
    findings.note(
      'data/records',
      `${outside} of ${refs.length} references lead to records that are not disclosed here`,
    );
  return { ids, cited, stamped };
}

function stampedOf(value: unknown, most: number): { size: number; root: string } | null {
  const { size, root } = (value ?? {}) as Record<string, unknown>;
  const sound = Number.isSafeInteger(size) && (size as number) > 0 && (size as number) <= most;
  return sound && typeof root === 'string' ? { size: size as number, root } : null;
}

/** Every stamped checkpoint must lead to the bundle's, and every token hold. Gives the proofs that are carried for it. */
async function checkStamped(
  files: Files,
  findings: Findings,
  card: CaseFile,
  stamped: Disclosed['stamped'],
  checkpoint: Checkpoint,
  timestamps: TimestampJudge | undefined,
): Promise<string[]> {
  const roots = new Map<number, string>();
  for (const { size, root } of stamped) {
    if (roots.has(size)) continue;
    if (await leadsTo(files, findings, checkpoint, size, fromBase64(root))) roots.set(size, root);
  }
  if (timestamps !== undefined) {
    const judged = await timestamps.judge({
      key: card.checkpoints,
      read: (file) => files.read(`data/${citedPath(file)}`),
      rootAt: (size) => roots.get(size) ?? null,
    });
    findings.timestamps(judged, recordPath);
  } else if (stamped.length > 0) {
    findings.note('data/records', `${stamped.length} timestamps, which this check cannot read`);
  }
  return stamped.filter(({ size }) => size !== checkpoint.size).map(({ size }) => consistencyPath(size));
}

async function checkProof(
  files: Files,
  findings: Findings,
  card: CaseFile,
  position: number,
  leaf: Uint8Array,
  checkpoint: Checkpoint,
): Promise<void> {
  const where = proofPath(position);
  const bytes = await files.read(where);
  if (bytes === null) return findings.problem('proof-missing', where, 'a record without a proof that it is in the log');
  const proof = findings.attempt(where, () => openProof(text.decode(bytes), card.checkpoints));
  if (proof === null) return;
  const here = proof.checkpoint.size === checkpoint.size && equalBytes(proof.checkpoint.root, checkpoint.root);
  if (!here || proof.index !== position || !isIncluded(leaf, proof)) {
    findings.problem('proof-altered', where, 'it does not lead from this record at this place to the checkpoint');
  }
}

/**
 * Every file of the payload is a listed record, its proof, a page of the bundle itself, or a file that a disclosed record
 * cites, with the bytes it seals. What is cited and not carried is counted, and the count must be as said.
 */
async function checkPayload(
  files: Files,
  findings: Findings,
  bundle: BundleFile,
  cited: ReadonlyMap<string, FileCitation>,
  older: readonly string[],
): Promise<void> {
  const listed = new Set(['data/case.json', 'data/bundle.json', 'data/checkpoint', ...older]);
  for (const position of bundle.records) listed.add(recordPath(position)).add(proofPath(position));
  // A dossier lies where people find it, under a name of its own: it is known by its hash.
  const derived = new Set(
    [...cited.values()].filter(({ store }) => store === 'derivatives').map((file) => file.sha256),
  );
  const carried = new Set<string>();
  for await (const { path, size } of files.list()) {
    if (!path.startsWith('data/') || listed.has(path)) continue;
    const below = path.slice('data/'.length);
    const citation = cited.get(below);
    if (below.startsWith('dossier/')) {
      const hash = (await files.hash(path))?.sha256 ?? '';
      if (!derived.has(hash)) findings.problem('payload-altered', path, 'no disclosed record seals these bytes');
    } else if (citation === undefined || citation.store === 'vault') {
      findings.problem(
        'payload-unexpected',
        path,
        'neither a listed record nor a file that one cites and that may leave',
      );
    } else {
      carried.add(below);
      if (citation.size !== size) findings.problem('citation-broken', path, 'its record gives another size');
      else if ((await files.hash(path))?.sha256 !== citation.sha256) {
        findings.problem('payload-altered', path, 'its bytes are not those that its record seals');
      }
    }
  }
  const card = cited.get('case.json');
  if (card !== undefined && (await files.hash('data/case.json'))?.sha256 !== card.sha256) {
    findings.problem('citation-broken', 'data/case.json', 'the first record seals another card');
  }
  const absent = [...cited.keys()].filter((path) => path !== 'case.json' && !carried.has(path));
  if (carried.size !== bundle.files.carried || absent.length !== bundle.files.withheld) {
    findings.problem('bag-malformed', 'data/bundle.json', 'it counts other files than are carried and withheld');
    // Values of records are always carried, and originals all or none: so it can be said which file is the missing one.
    const originals = [...carried].some((path) => path.startsWith('originals/'));
    for (const path of absent) {
      if (path.startsWith('records/blobs/') || (originals && path.startsWith('originals/'))) {
        findings.problem('payload-missing', `data/${path}`, 'a file that a disclosed record cites is missing');
      }
    }
  }
  if (absent.length > 0) {
    findings.note('data', `${absent.length} files that the records seal are withheld from this bundle`);
  }
}

/** Every record that the dossier cites must be in the bundle, and every checkpoint that it cites must be the bundle's. */
async function checkDossier(
  files: Files,
  findings: Findings,
  { ids }: Disclosed,
  checkpoint: Checkpoint,
): Promise<string[]> {
  const path = 'data/dossier/dossier.json';
  const bytes = await files.read(path);
  if (bytes === null) return [];
  let dossier: unknown;
  try {
    dossier = JSON.parse(text.decode(bytes));
  } catch {
    findings.problem('file-malformed', path, 'not JSON');
    return [];
  }
  const checkpoints = new Map<string, { size: number; root: string }>();
  const cite = (citation: unknown): void => {
    const { id, checkpoint: size, root, cites } = (citation ?? {}) as Record<string, unknown>;
    if (Array.isArray(cites)) return cites.forEach(cite);
    findings.count('citations');
    if (typeof size === 'number' && typeof root === 'string') checkpoints.set(`${size} ${root}`, { size, root });
    else if (typeof id !== 'string' || !ids.has(id)) {
      findings.problem('citation-broken', path, 'it cites a record that is not in the bundle');
    }
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === 'cites' && Array.isArray(member)) member.forEach(cite);
      else walk(member);
    }
  };
  walk(dossier);
  const older: string[] = [];
  for (const { size, root } of checkpoints.values()) {
    if (size !== checkpoint.size) older.push(consistencyPath(size));
    if (!(await leadsTo(files, findings, checkpoint, size, fromBase64(root)))) {
      findings.problem(
        'citation-broken',
        path,
        `it cites checkpoint ${size}, which is not shown to lead to the bundle's`,
      );
    }
  }
  return older;
}

/** Whether an earlier checkpoint is a prefix of the bundle's: it is the same, or a consistency proof says so. */
async function leadsTo(
  files: Files,
  findings: Findings,
  checkpoint: Checkpoint,
  size: number,
  root: Uint8Array | null,
): Promise<boolean> {
  if (size === checkpoint.size) return root !== null && equalBytes(root, checkpoint.root);
  const where = consistencyPath(size);
  const bytes = await files.read(where);
  if (bytes === null) {
    findings.problem('proof-missing', where, 'an earlier checkpoint without a proof that the log only grew since');
    return false;
  }
  const proof = findings.attempt(where, () => parseConsistency(text.decode(bytes)));
  if (proof === null || root === null) return false;
  const leads = isConsistent(size, checkpoint.size, root, checkpoint.root, proof);
  if (!leads) findings.problem('proof-altered', where, "it does not lead from the earlier checkpoint to the bundle's");
  return leads;
}
