// Finds the claims of other tools among what was received: by the names that those tools give, and the hashes that stand in
// their texts. What belongs together is looked for among received names and sealed hashes alone.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { OpenCase } from '../log/case.ts';
import { objectOf, readSmall, type ClaimFile } from './claim-file.ts';
import { parseProof, proofHash, proofRoles, proofStem } from './proofmode.ts';
import type { Claim } from './provenance.ts';
import type { ProvenanceSettings } from './provenance-records.ts';
import { isWacz } from './wacz.ts';
import { parseTella, tellaHash, tellaName } from './tella.ts';

/** A claim with the records that it will cite. */
export interface FoundClaim {
  claim: Claim;
  /** Id of the record of the item that makes the claim. */
  id: string;
  /** Ids of the items that it is about. */
  about: string[];
  /** Hash of its files. */
  inputs: string | null;
}

interface Row {
  handle: string;
  position: number;
  accession: string;
  root: number;
  folder: string;
  path: string;
  container: string | null;
  state: string;
  id: string | null;
  item: string | null;
  sha256: string | null;
  size: number | null;
  destroyed: boolean;
}

const columns = `r.handle, r.position, r.accession, r.root, r.folder, r.path, r.container, r.state, i.id, i.handle as item, i.sha256,
  i.size, i.destroyed is not null as destroyed`;
const receipts = `from receipt r left join item i on i.handle = r.item`;
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Names that ProofMode and WACZ give, of the receipt r; and those that Tella gives, as others do. */
const isNamedClaim = String.raw`(r.path ~* '\.proof\.(json|csv)$' or r.path ~ '(^|/)datapackage\.json$')`;
const mayBeTella = String.raw`r.path ~* '\.(csv|json)$'`;

/** Claims that stand in files of their own. Those of Tella are told by their first line: only receipts after `through` are. */
export async function* findClaims(
  opened: OpenCase,
  through: number,
  settings: ProvenanceSettings,
): AsyncGenerator<FoundClaim> {
  const { rows } = await opened.index.pool.query<Row>(
    `select ${columns} ${receipts} where r.state <> 'quarantined' and i.destroyed is null
       and (${isNamedClaim} or (${mayBeTella} and i.size <= $1
           and (r.position > $2 or exists (select from provenance p where p.receipt = r.handle and p.system = 'tella'))))
     order by r.position`,
    [settings.textLimit, through],
  );
  const seen = new Set<string>();
  for (const row of rows) {
    const name = nameOf(row.path);
    const stem = proofStem(name);
    if (stem !== null) {
      const key = JSON.stringify([row.accession, row.root, row.folder, stem]);
      if (!seen.has(key)) yield* findProof(opened, row, stem, settings);
      seen.add(key);
    } else if (name === 'datapackage.json') yield* findPackage(opened, row, settings);
    else yield* findTella(opened, row, settings);
  }
}

async function* findProof(
  opened: OpenCase,
  anchor: Row,
  stem: string,
  settings: ProvenanceSettings,
): AsyncGenerator<FoundClaim> {
  const roles = proofRoles(stem);
  // The key may lie above: on the phone it is one for all proofs.
  const above = foldersAbove(anchor.folder);
  const { rows } = await opened.index.pool.query<Row>(
    `select ${columns} ${receipts} where r.accession = $1 and r.root = $2
       and (r.path = any($3) or r.path = any($4)) order by length(r.path) desc, r.position`,
    [
      anchor.accession,
      anchor.root,
      Object.keys(roles).map((name) => within(anchor.folder, name)),
      above.map((folder) => within(folder, 'pubkey.asc')),
    ],
  );
  const files: ClaimFile[] = [];
  for (const row of rows) {
    const role = roles[nameOf(row.path)];
    if (role !== undefined && !files.some((file) => file.role === role)) files.push(fileOf(opened, row, role));
  }
  let said: Record<string, unknown> | null = null;
  for (const role of ['proof-json', 'proof-csv']) {
    const bytes = await readSmall(
      files.find((file) => file.role === role),
      settings.textLimit,
    );
    said ??= bytes === null ? null : parseProof(bytes.toString('utf8'));
  }
  const path = typeof said?.['File Path'] === 'string' ? said['File Path'] : '';
  const media = await findMedia(opened, anchor, said === null ? null : proofHash(said), nameOf(path));
  yield foundClaim(opened, anchor, { system: 'proofmode', stem, files }, media);
}

async function* findTella(opened: OpenCase, anchor: Row, settings: ProvenanceSettings): AsyncGenerator<FoundClaim> {
  const file = fileOf(opened, anchor, 'metadata');
  const bytes = await readSmall(file, settings.textLimit);
  const said = bytes === null ? null : parseTella(bytes.toString('utf8'));
  if (said === null) return;
  const media = await findMedia(opened, anchor, tellaHash(said), tellaName(said) ?? '');
  yield foundClaim(opened, anchor, { system: 'tella', files: [file] }, media);
}

async function* findPackage(opened: OpenCase, anchor: Row, settings: ProvenanceSettings): AsyncGenerator<FoundClaim> {
  const bytes = await readSmall(fileOf(opened, anchor, 'description'), settings.textLimit * 16);
  const said = bytes === null ? null : objectOf(bytes.toString('utf8'));
  if (said === null || !isWacz(said)) return;
  const prefix = anchor.folder === '' ? '' : `${anchor.folder}/`;
  // In an archive all its members; in a folder what lies below.
  const { rows } = await opened.index.pool.query<Row>(
    `select ${columns} ${receipts} where r.accession = $1 and r.root = $2 and starts_with(r.path, $3)
       and r.container is not distinct from $4 order by r.position limit $5`,
    [anchor.accession, anchor.root, prefix, anchor.container, settings.fileLimit * 2],
  );
  const files = rows.map((row) => {
    const path = row.path.slice(prefix.length);
    const role = { 'datapackage.json': 'description', 'datapackage-digest.json': 'digest' }[path] ?? 'member';
    return { ...fileOf(opened, row, role), path };
  });
  const container = anchor.container === null ? null : await itemOf(opened, anchor.container);
  const found = foundClaim(opened, anchor, { system: 'wacz', files, whole: container !== null });
  yield { ...found, about: container === null ? [] : [container] };
}

/** Pictures, videos, sounds and PDFs after `through` in which a manifest may lie. */
export const mayHoldManifest = `i.destroyed is null and d.format ~ '^(image/|video/|audio/|application/pdf$)'`;

/**
 * How far the search for claims is: items in which one may lie, by their format or by a name that they came under, with a
 * receipt after the last one that the search `observation` knew, and the others.
 */
export async function countSearched(
  { index }: Pick<OpenCase, 'index'>,
  observation: string,
  { textLimit }: ProvenanceSettings,
): Promise<{ done: number; pending: number }> {
  const { rows } = await index.pool.query<{ done: number; pending: number }>(
    `with known as (select coalesce((select max(through) from provenance_search where observation = $1), -1) as through),
       concerned as (
         select i.handle, i.position from item i join description d on d.item = i.handle where ${mayHoldManifest}
         union all
         select i.handle, r.position ${receipts} where r.state <> 'quarantined' and i.destroyed is null
           and (${isNamedClaim} or (${mayBeTella} and i.size <= $2))),
       newest as (select handle, max(position) as position from concerned group by handle)
     select count(*) filter (where n.position <= k.through) as done, count(*) filter (where n.position > k.through) as pending
     from newest n cross join known k`,
    [observation, textLimit],
  );
  return rows[0]!;
}

export async function* findManifests(opened: OpenCase, through: number): AsyncGenerator<FoundClaim> {
  for (let after = through; ;) {
    const { rows } = await opened.index.pool.query<Row & { format: string }>(
      `select ${columns}, d.format from item i join receipt r on r.handle = i.handle join description d on d.item = i.handle
       where ${mayHoldManifest} and i.position > $1 order by i.position limit 4096`,
      [after],
    );
    for (const row of rows) {
      const files = [fileOf(opened, row, 'asset')];
      yield { ...foundClaim(opened, row, { system: 'c2pa', files, format: row.format }), inputs: null };
    }
    if (rows.length < 4096) return;
    after = rows.at(-1)!.position;
  }
}

/** The item of the stated hash, wherever it was received; else the file of the stated name beside the claim. */
async function findMedia({ index }: OpenCase, anchor: Row, stated: string | null, name: string) {
  const one = async (where: string, values: unknown[]): Promise<Row | undefined> => {
    const text = `select ${columns} ${receipts} where ${where} order by r.position limit 1`;
    return (await index.pool.query<Row>(text, values)).rows[0];
  };
  const same = stated === null ? undefined : await one('i.sha256 = $1 and r.handle = i.handle', [stated]);
  const named = name !== '' && !name.includes('\0');
  const beside = [anchor.accession, anchor.root, within(anchor.folder, name)];
  const row = same ?? (named ? await one('r.accession = $1 and r.root = $2 and r.path = $3', beside) : undefined);
  return row === undefined ? null : { row, stated };
}

/** `media`: with the hash that was stated for it. */
function foundClaim(
  opened: OpenCase,
  anchor: Row,
  claim: Pick<Claim, 'system' | 'files'> & Partial<Claim>,
  media: { row: Row; stated: string | null } | null = null,
): FoundClaim {
  const files = [...claim.files];
  if (media !== null)
    files.push(fileOf(opened, media.row, media.row.sha256 === media.stated ? 'media' : 'other-media'));
  const { handle: receipt, path } = anchor;
  return {
    claim: { receipt, path, stem: '', whole: false, format: '', ...claim, files },
    id: anchor.id!,
    about: media?.row.id == null ? [] : [media.row.id],
    inputs: inputsOf(files),
  };
}

/** What a claim is keyed by beside tool and settings: destroyed bytes change nothing, so what was judged of them stands. */
const inputsOf = (files: readonly ClaimFile[]): string =>
  createHash('sha256')
    .update(JSON.stringify(files.map(({ role, path, sha256 }) => [role, path, sha256])))
    .digest('hex')
    .slice(0, 16);

function fileOf({ folder }: OpenCase, row: Row, role: string): ClaimFile {
  const { path, item, sha256, size, destroyed } = row;
  const readable = sha256 !== null && size !== null && !destroyed;
  const at = readable ? join(folder.path, citedPath({ store: 'originals', sha256, size })) : null;
  return { role, path, item, sha256, size, at };
}

async function itemOf({ index }: OpenCase, handle: string): Promise<string | null> {
  const { rows } = await index.pool.query<{ id: string }>('select id from item where handle = $1', [handle]);
  return rows[0]?.id ?? null;
}

const within = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

function foldersAbove(folder: string): string[] {
  const parts = folder.split('/').filter((part) => part !== '');
  return parts.map((_, i) => parts.slice(0, i).join('/'));
}
