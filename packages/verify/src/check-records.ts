// Checks the disclosed records of a bundle, each by its signature, its disclosures, and its two proofs, and gathers what
// they cite.
import { toBase64, toBase64url } from '#engine';
import { proofPath, recordPath, spicyPath, type BundleFile } from './bundle-file.ts';
import type { CaseFile } from './case-file.ts';
import type { BagContents } from './check-bag.ts';
import { CustodyClaims } from './check-custody.ts';
import { DescriptionCheck } from './check-descriptions.ts';
import type { KeysCheck } from './check-keys.ts';
import { InventoryCheck } from './check-inventory.ts';
import { signedOutside, type Outsiders } from './check-outside.ts';
import type { Files } from './files.ts';
import type { Findings } from './findings.ts';
import { leafHash } from './merkle.ts';
import type { Checkpoint } from './note.ts';
import { FormatError } from './problem.ts';
import { isIncluded, openProof, spicyOf } from './proof.ts';
import { citedPath, filesOf, openRecord, refsOf, type FileCitation, type RecordFields } from './record.ts';
import { TagFiles } from './tag-files.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8 = new TextEncoder();

/** A bundle whose card, description and checkpoint could be read. */
export interface OpenBundle {
  files: Files;
  findings: Findings;
  bag: BagContents;
  card: CaseFile;
  keys: KeysCheck;
  bundle: BundleFile;
  checkpoint: Checkpoint;
  outsiders: Outsiders;
}

/** What the disclosed records are and cite. */
export interface Disclosed {
  ids: ReadonlySet<string>;
  /** Cited files, by the path below which a case keeps them. */
  cited: ReadonlyMap<string, FileCitation>;
  /** The checkpoints that records say outsiders have signed. */
  outside: readonly { size: number; root: string }[];
  tagFiles: TagFiles;
  descriptions: DescriptionCheck;
}

/** Reads every record that bundle.json lists, one at a time. */
export async function checkRecords(opened: OpenBundle): Promise<Disclosed> {
  const { files, findings, bag, card, keys, bundle, checkpoint, outsiders } = opened;
  const signed: { size: number; root: string }[] = [];
  const ids = new Set<string>();
  const cited = new Map<string, FileCitation>();
  const tagFiles = new TagFiles(card, keys.history, checkpoint.size);
  const descriptions = new DescriptionCheck({
    case: card.id,
    size: checkpoint.size,
    date: bag.date,
    carries: (path) => bag.names(`data/${path}`),
  });
  const inventory = new InventoryCheck(findings, checkpoint.size);
  const custody = new CustodyClaims();
  let unshown = 0;
  let [references, missing] = [0, 0];
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
      const digests = keys.openEntry(entry, position);
      if (openings.pop() !== '') throw new FormatError('record-malformed', 'the last disclosure does not end');
      return openRecord(digests, openings, false);
    });
    if (said === null) continue;
    findings.count('signatures');
    keys.see(where, position, said);
    const leaf = leafHash(entry);
    const id = toBase64url(leaf);
    await checkProofs(opened, position, leaf);
    const about = findings.attempt(where, () => filesOf(said));
    if (about !== null) {
      for (const file of about) cited.set(citedPath(file), file);
      outsiders.see(position, id, said);
      tagFiles.see(id, said);
      descriptions.see({ position, id, said });
      const older = signedOutside(said, checkpoint.size);
      if (older !== null) signed.push(older);
    }
    const refs = findings.attempt(where, () => refsOf(said.refs));
    if (refs !== null) {
      const whole = await withLargeRefs(files, said);
      inventory.see(position, where, id, whole);
      if (said.kind === 'seal.holder') custody.see(position, id, said);
      if (said.kind === 'seal.custody' || said.kind === 'seal.deaccession') {
        if (about !== null && custody.isShown(whole)) custody.see(position, id, said);
        else unshown++;
      }
      references += refs.length;
      // A record cites only what stands before it, and that has been read.
      missing += refs.filter((cites) => !ids.has(cites)).length;
    }
    ids.add(id);
  }
  inventory.judge(bundle);
  await checkCustody(opened, custody, unshown);
  findings.count('citations', references);
  if (missing > 0) {
    findings.note('data/records', `${missing} of ${references} references lead to records that are not disclosed`);
  }
  return { ids, cited, outside: signed, tagFiles, descriptions };
}

/** What people signed: receipts and deaccessions that show everything, by the signatures of those they name. */
async function checkCustody(
  { files, findings, card, checkpoint }: OpenBundle,
  custody: CustodyClaims,
  unshown: number,
) {
  const { signatures, problems } = await custody.judge({
    case: card.id,
    read: (file) => files.read(`data/${citedPath(file)}`),
    rootAt: (size) => (size === checkpoint.size ? toBase64(checkpoint.root) : null),
  });
  findings.count('signatures', signatures);
  for (const { record, message } of problems) findings.problem('custody-unsound', recordPath(record), message);
  if (unshown > 0) {
    findings.note(
      'data/records',
      `the signatures of ${unshown} receipts and deaccessions are withheld, and not checked`,
    );
  }
}

/** A record's references where they are too large for it and lie in a file. What is wrong with that file is said elsewhere. */
async function withLargeRefs(files: Files, said: RecordFields): Promise<RecordFields> {
  const file = said.refs === null ? said.files?.['value:refs'] : undefined;
  const bytes = file === undefined ? null : await files.read(`data/${citedPath(file)}`);
  if (bytes === null) return said;
  try {
    return { ...said, refs: JSON.parse(text.decode(bytes)) as NonNullable<RecordFields['refs']> };
  } catch {
    return said;
  }
}

/** The proof leads from this record at this place to the very checkpoint of the bundle, and its second form says the same. */
async function checkProofs({ files, findings, keys, checkpoint }: OpenBundle, position: number, leaf: Uint8Array) {
  const where = proofPath(position);
  const bytes = await files.read(where);
  if (bytes === null) return findings.problem('proof-missing', where, 'a record without a proof that it is in the log');
  const said = text.decode(bytes);
  const proof = findings.attempt(where, () => openProof(said, keys.history, checkpoint));
  if (proof === null) return;
  if (proof.checkpoint.note !== checkpoint.note || proof.index !== position || !isIncluded(leaf, proof)) {
    findings.problem('proof-altered', where, 'it does not lead from this record at this place to the checkpoint');
  }
  const beside = await files.read(spicyPath(position));
  if (beside === null) findings.problem('proof-missing', spicyPath(position), 'the proof lacks its second form');
  else if (text.decode(beside) !== spicyOf(said)) {
    findings.problem('proof-altered', spicyPath(position), 'it says something else than the proof beside it');
  }
}
