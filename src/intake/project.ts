// Intake's rows: a receipt for every file received, an item for every distinct content.
import type pg from 'pg';
import { deaccessionKind } from '@dalil/verify';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { importKinds, importTables, projectImports } from './project-imports.ts';
import {
  accessionRecord,
  duplicateRecord,
  itemRecord,
  openedRecord,
  quarantineRecord,
  reconciliationRecord,
} from './records.ts';

const tables = `
  create table accession (handle text primary key, position bigint not null, id text not null unique, source text not null,
    key text not null);
  create table item (handle text primary key, position bigint not null, id text not null unique, accession text not null,
    sha256 text not null unique, size bigint not null, path text not null, name text not null, root int not null,
    depth int not null, archive text, destroyed bigint);
  create index on item (position);
  create index on item (destroyed) where destroyed is not null;
  create table receipt (handle text primary key, position bigint not null, accession text not null, root int not null,
    path text not null, path_bytes text not null, member int not null, container text, state text not null, item text,
    size bigint, modified text, reason text, message text, folder text not null);
  create index on receipt (accession, root, path);
  create index on receipt (item);
  create table opened (item text primary key, position bigint not null, accession text not null, members bigint not null);
  create table archive_problem (item text not null, code text not null, message text not null, position bigint not null);
  create table reconciliation (accession text primary key, position bigint not null, body jsonb not null);
${importTables}`;

/** Refs of intake's records are single ids. */
const one = (ref: string | string[] | undefined): string => (typeof ref === 'string' ? ref : '');

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const accessions = records.filter((record) => record.kind === 'intake.accession');
  await insertRows(
    client,
    'accession',
    { handle: 'text', position: 'bigint', id: 'text', source: 'text', key: 'text' },
    accessions.map(({ handle, position, id, fields }) => {
      const { source, key } = accessionRecord.parse(fields);
      return { handle, position, id, source, key };
    }),
  );
  const files = records.filter((record) => record.files['original'] !== undefined && record.kind === 'intake.item');
  const accessionOf = await handlesOf(
    client,
    'accession',
    records.map((record) => one(record.refs['accession'])),
  );
  await insertRows(
    client,
    'item',
    {
      handle: 'text',
      position: 'bigint',
      id: 'text',
      accession: 'text',
      sha256: 'text',
      size: 'bigint',
      path: 'text',
      name: 'text',
      root: 'int',
      depth: 'int',
      archive: 'text',
    },
    files.map(({ handle, position, id, refs, files: cited, fields }) => {
      const { path, within, archive } = itemRecord.parse(fields);
      const { sha256, size } = cited['original']!;
      const accession = accessionOf.get(one(refs['accession']));
      return {
        handle,
        position,
        id,
        accession,
        sha256,
        size,
        path: textOf(path),
        name: textOf(path.slice(path.lastIndexOf('/') + 1)),
        root: within.root,
        depth: within.depth,
        archive,
      };
    }),
  );
  const itemOf = await handlesOf(
    client,
    'item',
    records.flatMap(({ refs }) => [one(refs['item']), one(refs['container']), one(refs['table'])]),
  );
  const receipts = records.filter((record) =>
    ['intake.item', 'intake.duplicate', 'intake.quarantine'].includes(record.kind),
  );
  const rows = receipts.map((record) => receiptRow(record, accessionOf, itemOf));
  await insertRows(
    client,
    'receipt',
    {
      handle: 'text',
      position: 'bigint',
      accession: 'text',
      root: 'int',
      path: 'text',
      path_bytes: 'text',
      member: 'int',
      container: 'text',
      state: 'text',
      item: 'text',
      size: 'bigint',
      modified: 'text',
      reason: 'text',
      message: 'text',
      folder: 'text',
    },
    rows,
  );
  // What was in quarantine and has been had since is one file, not two.
  await client.query(
    `delete from receipt r using json_to_recordset($1::json)
       as h(position bigint, accession text, root int, path text, path_bytes text, member int)
     where r.state = 'quarantined' and r.position < h.position
       and (r.accession, r.root, r.path, r.path_bytes, r.member) = (h.accession, h.root, h.path, h.path_bytes, h.member)`,
    [JSON.stringify(rows.filter((row) => row.state !== 'quarantined'))],
  );
  await projectImports(client, records, { accession: accessionOf, item: itemOf });
  for (const { kind, refs, fields, position } of records) {
    if (kind === deaccessionKind) {
      const items = [refs['items'] ?? []].flat();
      await client.query('update item set destroyed = $1 where id = any($2) and destroyed is null', [position, items]);
    }
    const accession = accessionOf.get(one(refs['accession']));
    if (kind === 'intake.opened') {
      const { members, problems } = openedRecord.parse(fields);
      const item = itemOf.get(one(refs['container']));
      await client.query('insert into opened values ($1, $2, $3, $4) on conflict do nothing', [
        item,
        position,
        accession,
        members,
      ]);
      await insertRows(
        client,
        'archive_problem',
        { item: 'text', code: 'text', message: 'text', position: 'bigint' },
        problems.map(({ code, message }) => ({ item, code, message: textOf(message), position })),
      );
    } else if (kind === 'intake.reconciliation') {
      await client.query(
        `insert into reconciliation values ($1, $2, $3)
         on conflict (accession) do update set position = excluded.position, body = excluded.body`,
        [accession, position, JSON.stringify(reconciliationRecord.parse(fields)).replaceAll('\\u0000', '\\ufffd')],
      );
    }
  }
}

function receiptRow(record: LoggedRecord, accessionOf: Map<string, string>, itemOf: Map<string, string>) {
  const { kind, handle, position, refs } = record;
  const quarantined = kind === 'intake.quarantine' ? quarantineRecord.parse(record.fields) : null;
  const said = quarantined ?? (kind === 'intake.item' ? itemRecord : duplicateRecord).parse(record.fields);
  const container = itemOf.get(one(refs['container'])) ?? null;
  const path = textOf(said.path);
  return {
    handle,
    position,
    accession: accessionOf.get(one(refs['accession']))!,
    root: said.within.root,
    path,
    path_bytes: said.pathBytes ?? '',
    member: said.within.member ?? -1,
    container,
    state: kind === 'intake.item' ? 'sealed' : kind === 'intake.duplicate' ? 'duplicate' : 'quarantined',
    item: kind === 'intake.item' ? handle : (itemOf.get(one(refs['item'])) ?? null),
    size: quarantined === null ? (record.files['original']?.size ?? null) : quarantined.refused.size,
    modified: said.modified,
    reason: quarantined?.refused.reason ?? null,
    message: quarantined?.refused.message ?? null,
    folder: folderOf(path),
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** PostgreSQL's text holds no NUL; the record keeps it. */
function textOf(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

/** Record id -> handle. */
async function handlesOf(
  client: pg.ClientBase,
  table: 'accession' | 'item',
  ids: string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== '');
  if (wanted.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; handle: string }>(
    `select id, handle from ${table} where id = any($1)`,
    [wanted],
  );
  return new Map(rows.map(({ id, handle }) => [id, handle]));
}

/** Intake's tables, as queries see them. */
export interface IntakeTables {
  accession: { handle: string; position: number; id: string; source: string; key: string };
  item: {
    handle: string;
    position: number;
    id: string;
    accession: string;
    sha256: string;
    size: number;
    path: string;
    name: string;
    root: number;
    depth: number;
    archive: 'zip' | 'tar' | 'tar.gz' | null;
    /** Position of the deaccession that destroyed its bytes. */
    destroyed: number | null;
  };
  receipt: {
    handle: string;
    position: number;
    accession: string;
    root: number;
    path: string;
    path_bytes: string;
    member: number;
    container: string | null;
    state: 'sealed' | 'duplicate' | 'quarantined';
    item: string | null;
    size: number | null;
    modified: string | null;
    reason: string | null;
    message: string | null;
    folder: string;
  };
  opened: { item: string; position: number; accession: string; members: number };
  archive_problem: { item: string; code: string; message: string; position: number };
  reconciliation: { accession: string; position: number; body: unknown };
}

export const intakeProjection: Projection = {
  name: 'intake',
  tables,
  kinds: [
    'intake.accession',
    'intake.item',
    'intake.duplicate',
    'intake.quarantine',
    'intake.opened',
    'intake.reconciliation',
    ...importKinds,
    deaccessionKind,
  ],
  project,
};
