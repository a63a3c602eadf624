// Checks a bundle, which strangers are given: the bag, the checkpoint, each disclosed record with its proofs, what must not
// be kept silent, each file carried, every citation of its dossier, and the files for other tools.
import { fromBase64, toBase64 } from '#engine';
import { consistencyPath, parseBundleFile, proofPath, recordPath, spicyPath } from './bundle-file.ts';
import { parseCaseFile } from './case-file.ts';
import { checkBag, checkTagFiles } from './check-bag.ts';
import { descriptionPaths } from './check-descriptions.ts';
import { checkDossier, leadsTo } from './check-dossier.ts';
import { KeysCheck } from './check-keys.ts';
import { Outsiders } from './check-outside.ts';
import { checkRecords, type Disclosed, type OpenBundle } from './check-records.ts';
import type { CheckOptions, CheckProgress, Files, Report } from './files.ts';
import { Findings } from './findings.ts';
import { openCheckpoint } from './note.ts';
import { citedPath, type FileCitation } from './record.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });

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
  const bag = await checkBag(files, findings);
  const read = async <T>(path: string, parse: (content: string) => T): Promise<T | null> => {
    const bytes = await files.read(path);
    if (bytes !== null) return findings.attempt(path, () => parse(text.decode(bytes)));
    // A bag can be complete by its own manifest without it, and nothing in it would be bound to anything.
    findings.problem('payload-missing', path, 'without it nothing in the bundle can be checked');
    return null;
  };
  const card = await read('data/case.json', parseCaseFile);
  const bundle = await read('data/bundle.json', parseBundleFile);
  const keys = card === null ? null : new KeysCheck(card, files, findings);
  await keys?.read();
  const checkpoint = keys === null ? null : await read('data/checkpoint', (note) => openCheckpoint(note, keys.history));
  if (checkpoint !== null) findings.count('checkpoints');
  if (card !== null && keys !== null && bundle !== null && checkpoint !== null) {
    if (bundle.case !== card.id) findings.problem('bag-malformed', 'data/bundle.json', 'it speaks of another case');
    if ((bundle.records.at(-1) ?? 0) >= bundle.checkpoint.size) {
      findings.problem('bag-malformed', 'data/bundle.json', 'it lists a record beyond its checkpoint');
    }
    if (bundle.records[0] !== 0) {
      findings.problem('record-withheld', recordPath(0), 'the first record, which binds the card, is not disclosed');
    }
    if (bundle.checkpoint.size !== checkpoint.size || bundle.checkpoint.root !== toBase64(checkpoint.root)) {
      findings.problem('bag-malformed', 'data/bundle.json', 'it speaks of another checkpoint');
      findings.problem('checkpoint-root', 'data/checkpoint', 'it is not the one that bundle.json speaks of');
    }
    const outsiders = new Outsiders(findings, timestamps);
    const opened: OpenBundle = { files, findings, bag, card, keys, bundle, checkpoint, outsiders };
    const disclosed = await checkRecords(opened);
    const older = await checkDossier(files, findings, disclosed.ids, checkpoint);
    older.push(...(await checkOutside(opened, disclosed)));
    older.push(...(await checkKeyChanges(opened)));
    await checkPayload(opened, disclosed, older);
    const made = await disclosed.tagFiles.make((file) => files.read(`data/${citedPath(file)}`));
    await checkTagFiles(files, findings, bag.tags, made);
    disclosed.descriptions.judge(bag, findings);
  }
  return findings.finish(checkpoint);
}

/**
 * Every checkpoint that an outsider signed must lead to the bundle's, and every token and cosignature hold. Gives the proofs
 * that are carried for it.
 */
async function checkOutside(
  { files, findings, keys, checkpoint, outsiders }: OpenBundle,
  { outside }: Disclosed,
): Promise<string[]> {
  const roots = new Map<number, string>();
  for (const { size, root } of outside) {
    if (roots.has(size)) continue;
    if (await leadsTo(files, findings, checkpoint, size, fromBase64(root))) roots.set(size, root);
  }
  outsiders.noteUnread('data/records');
  const parts = {
    key: keys.history,
    read: (file: FileCitation) => files.read(`data/${citedPath(file)}`),
    rootAt: (size: number) => roots.get(size) ?? null,
  };
  await outsiders.judge(parts, recordPath);
  return outside.filter(({ size }) => size !== checkpoint.size).map(({ size }) => consistencyPath(size));
}

/** Every change of keys must lie under the bundle's checkpoint. Gives the files that are carried for it. */
async function checkKeyChanges({ files, findings, keys, checkpoint }: OpenBundle): Promise<string[]> {
  const carried: string[] = [];
  for (const { n, note } of keys.history.periods.slice(1)) {
    const { size, root } = openCheckpoint(note!, keys.history);
    carried.push(keys.path(n));
    if (size !== checkpoint.size) carried.push(consistencyPath(size));
    if (size > checkpoint.size) {
      findings.problem('key-change', keys.path(n), "it changes the keys after the bundle's checkpoint");
    } else await leadsTo(files, findings, checkpoint, size, root);
  }
  keys.revocations(checkpoint.size, findings.tokens);
  return carried;
}

/** The payload's files that every bundle has. */
const pages = ['data/case.json', 'data/bundle.json', 'data/checkpoint', ...descriptionPaths];

/**
 * Every file of the payload is a listed record, a proof of it, a page of the bundle itself, or a file that a disclosed
 * record cites, with the bytes it seals. What is cited and not carried is counted, and the count must be as said.
 */
async function checkPayload(
  { files, findings, bag, bundle }: OpenBundle,
  { cited }: Disclosed,
  older: readonly string[],
): Promise<void> {
  const known = new Set([...pages, ...older]);
  const positions = new Set(bundle.records);
  const isOfRecord = (path: string): boolean => {
    const position = Number(/^data\/(?:records|proofs)\/\d{4,}\/(\d{7,})\.[a-z-]+$/.exec(path)?.[1] ?? -1);
    return positions.has(position) && [recordPath, proofPath, spicyPath].some((pathOf) => pathOf(position) === path);
  };
  // A dossier lies where people find it, under a name of its own: it is known by its hash.
  const derived = new Set(
    [...cited.values()].filter(({ store }) => store === 'derivatives').map((file) => file.sha256),
  );
  const carried = new Set<string>();
  for await (const { path, size } of files.list()) {
    if (!path.startsWith('data/') || known.has(path) || isOfRecord(path)) continue;
    const below = path.slice('data/'.length);
    const citation = cited.get(below);
    if (below.startsWith('dossier/')) {
      if (!derived.has(bag.sha256(path) ?? ''))
        findings.problem('payload-altered', path, 'no disclosed record seals these bytes');
    } else if (citation === undefined || citation.store === 'vault') {
      findings.problem(
        'payload-unexpected',
        path,
        'neither a listed record nor a file that one cites and that may leave',
      );
    } else {
      carried.add(below);
      if (citation.size !== size) findings.problem('citation-broken', path, 'its record gives another size');
      else if (bag.sha256(path) !== citation.sha256) {
        findings.problem('payload-altered', path, 'its bytes are not those that its record seals');
      }
    }
  }
  const card = cited.get('case.json');
  if (card === undefined) {
    findings.problem('citation-broken', 'data/case.json', 'no disclosed record seals the card');
  } else if (bag.sha256('data/case.json') !== card.sha256) {
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
}
