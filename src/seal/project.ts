// Sealing's rows: the authorities and witnesses a case trusts, what they signed, who held what, and how originals were found.
import type pg from 'pg';
import type { CustodyEvent, DestructionReason, FileCitation } from '@dalil/verify';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import {
  authorityRecord,
  claimedCustodyRecord,
  cosignatureRecord,
  custodyRecord,
  deaccessionRecord,
  fixityRecord,
  holderRecord,
  keysRecord,
  restorationRecord,
  revocationRecord,
  timestampRecord,
  witnessRecord,
  type RevocationReason,
} from './records.ts';

const tables = `
  create table authority (position bigint primary key, id text not null, name text not null, url text not null, policy text,
    revocations jsonb not null, withdrawn boolean not null, files jsonb not null);
  create table token (position bigint primary key, at text not null, authority text not null, size bigint not null, root text not null,
    gen_time text not null, valid_until text not null, subject text not null, files jsonb not null);
  create index on token (authority, size);
  create table witness (position bigint primary key, id text not null, name text not null, key text not null, withdrawn boolean not null);
  create table cosignature (position bigint primary key, witness text not null, witness_id text not null, size bigint not null,
    root text not null, time text not null, files jsonb not null);
  create table holder (position bigint primary key, id text not null, name text not null, public_key text not null, note text);
  create table claimed_custody (position bigint primary key, accession text not null, holder text not null, since text,
    until text, who text not null, how text);
  create table custody_event (position bigint primary key, event text not null, at text not null, giver text not null,
    taker text not null, why text not null, covers jsonb not null, receipt text not null);
  create table fixity (position bigint primary key, at text not null, checked int not null, bytes bigint not null,
    damaged jsonb not null, missing jsonb not null);
  create table item_fixity (number bigint primary key, position bigint not null, at text not null, state text not null);
  create table deaccession (position bigint primary key, at text not null, reason text not null, count int not null,
    why text not null, approvals jsonb not null, remains jsonb not null, text text not null);
  create table kept_aside (position bigint primary key, item text not null, sha256 text not null, size bigint not null);
  create table key_change (position bigint primary key, at text not null, record_key text not null, checkpoint_key text not null, reason text);
  create table key_revocation (position bigint primary key, at text not null, key int not null, reason text not null, since text);
`;

async function projectTime(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'authority',
    {
      position: 'bigint',
      id: 'text',
      name: 'text',
      url: 'text',
      policy: 'text',
      revocations: 'jsonb',
      withdrawn: 'boolean',
      files: 'jsonb',
    },
    records
      .filter(({ kind }) => kind === 'seal.authority')
      .map(({ position, id, files, fields }) => ({ position, id, files, ...authorityRecord.parse(fields) })),
  );
  await insertRows(
    client,
    'token',
    {
      position: 'bigint',
      at: 'text',
      authority: 'text',
      size: 'bigint',
      root: 'text',
      gen_time: 'text',
      valid_until: 'text',
      subject: 'text',
      files: 'jsonb',
    },
    records
      .filter(({ kind }) => kind === 'seal.timestamp')
      .map(({ position, at, files, fields }) => {
        const { authority, checkpoint, token } = timestampRecord.parse(fields);
        const { genTime: gen_time, validUntil: valid_until, subject } = token;
        return { position, at, authority, ...checkpoint, gen_time, valid_until, subject, files };
      }),
  );
  await insertRows(
    client,
    'witness',
    { position: 'bigint', id: 'text', name: 'text', key: 'text', withdrawn: 'boolean' },
    records
      .filter(({ kind }) => kind === 'seal.witness')
      .map(({ position, id, fields }) => ({ position, id, ...witnessRecord.parse(fields) })),
  );
  await insertRows(
    client,
    'cosignature',
    {
      position: 'bigint',
      witness: 'text',
      witness_id: 'text',
      size: 'bigint',
      root: 'text',
      time: 'text',
      files: 'jsonb',
    },
    records
      .filter(({ kind }) => kind === 'seal.cosignature')
      .map(({ position, refs, files, fields }) => {
        const { witness, checkpoint, time } = cosignatureRecord.parse(fields);
        return { position, witness, witness_id: String(refs['witness']), ...checkpoint, time, files };
      }),
  );
}

async function projectCustody(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const of = (kind: string) => records.filter((record) => record.kind === kind);
  await insertRows(
    client,
    'holder',
    { position: 'bigint', id: 'text', name: 'text', public_key: 'text', note: 'text' },
    of('seal.holder').map(({ position, id, fields }) => {
      const { name, publicKey: public_key, note } = holderRecord.parse(fields);
      return { position, id, name, public_key, note };
    }),
  );
  await insertRows(
    client,
    'claimed_custody',
    {
      position: 'bigint',
      accession: 'text',
      holder: 'text',
      since: 'text',
      until: 'text',
      who: 'text',
      how: 'text',
    },
    of('seal.claimed-custody').map(({ position, refs, fields }) => {
      const { holder, from: since, to: until, by: who, how } = claimedCustodyRecord.parse(fields);
      return { position, accession: refs['accession'], holder, since, until, who, how };
    }),
  );
  await insertRows(
    client,
    'custody_event',
    {
      position: 'bigint',
      event: 'text',
      at: 'text',
      giver: 'text',
      taker: 'text',
      why: 'text',
      covers: 'jsonb',
      receipt: 'text',
    },
    of('seal.custody').map(({ position, files, fields }) => {
      const { event, when: at, from: giver, to: taker, why, covers } = custodyRecord.parse(fields);
      return { position, event, at, giver, taker, why, covers, receipt: files['receipt']!.sha256 };
    }),
  );
  await insertRows(
    client,
    'deaccession',
    {
      position: 'bigint',
      at: 'text',
      reason: 'text',
      count: 'int',
      why: 'text',
      approvals: 'jsonb',
      remains: 'jsonb',
      text: 'text',
    },
    of('seal.deaccession').map(({ position, at, files, fields }) => {
      return { position, at, ...deaccessionRecord.parse(fields), text: files['text']!.sha256 };
    }),
  );
  await insertRows(
    client,
    'kept_aside',
    { position: 'bigint', item: 'text', sha256: 'text', size: 'bigint' },
    of('seal.restoration').flatMap(({ position, refs, files: { damaged } }) =>
      damaged === undefined ? [] : [{ position, item: refs['item'], sha256: damaged.sha256, size: damaged.size }],
    ),
  );
}

/** How each item was found last: by a check, or by being restored. In the order of the log, since the newest word counts. */
async function projectFixity(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const upsert = `on conflict (number) do update set position = excluded.position, at = excluded.at, state = excluded.state`;
  for (const { kind, position, at, fields } of records) {
    if (kind === 'seal.fixity') {
      const { items, ...counts } = fixityRecord.parse(fields);
      await client.query('insert into fixity values ($1, $2, $3, $4, $5, $6)', [
        position,
        at,
        counts.checked,
        counts.bytes,
        JSON.stringify(counts.damaged),
        JSON.stringify(counts.missing),
      ]);
      await client.query(
        `insert into item_fixity select n, $1, $2, case when n = any($4) then 'damaged' when n = any($5) then 'missing' else 'ok' end
         from json_to_recordset($3) as s(first bigint, last bigint), generate_series(s.first, s.last) n ${upsert}`,
        [
          position,
          at,
          JSON.stringify(items.map(([first, last]) => ({ first, last }))),
          counts.damaged.map(numberOf),
          counts.missing.map(numberOf),
        ],
      );
    } else if (kind === 'seal.restoration') {
      const { item } = restorationRecord.parse(fields);
      await client.query(`insert into item_fixity values ($1, $2, $3, 'ok') ${upsert}`, [numberOf(item), position, at]);
    }
  }
}

/** The number of a handle: 412 of E-00412. */
export function numberOf(handle: string): number {
  return Number(handle.slice(handle.indexOf('-') + 1));
}

async function projectKeys(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'key_change',
    { position: 'bigint', at: 'text', record_key: 'text', checkpoint_key: 'text', reason: 'text' },
    records
      .filter(({ kind }) => kind === 'seal.keys')
      .map(({ position, at, fields }) => {
        const { recordKey: record_key, checkpointKey: checkpoint_key, reason } = keysRecord.parse(fields);
        return { position, at, record_key, checkpoint_key, reason };
      }),
  );
  await insertRows(
    client,
    'key_revocation',
    { position: 'bigint', at: 'text', key: 'int', reason: 'text', since: 'text' },
    records
      .filter(({ kind }) => kind === 'seal.revocation')
      .map(({ position, at, fields }) => ({ position, at, ...revocationRecord.parse(fields) })),
  );
}

/** Sealing's tables, as queries see them. */
export interface SealTables {
  authority: {
    position: number;
    id: string;
    name: string;
    url: string;
    policy: string | null;
    revocations: string[];
    withdrawn: boolean;
    files: Record<string, FileCitation>;
  };
  token: {
    position: number;
    at: string;
    authority: string;
    size: number;
    root: string;
    gen_time: string;
    valid_until: string;
    subject: string;
    files: Record<string, FileCitation>;
  };
  witness: { position: number; id: string; name: string; key: string; withdrawn: boolean };
  cosignature: {
    position: number;
    witness: string;
    witness_id: string;
    size: number;
    root: string;
    time: string;
    files: Record<string, FileCitation>;
  };
  holder: { position: number; id: string; name: string; public_key: string; note: string | null };
  claimed_custody: {
    position: number;
    /** Id of the accession's record. */
    accession: string;
    holder: string;
    since: string | null;
    until: string | null;
    who: string;
    how: string | null;
  };
  custody_event: {
    position: number;
    event: CustodyEvent;
    at: string;
    giver: string;
    taker: string;
    why: string;
    covers: string[];
    /** SHA-256 of the receipt: none is written down twice. */
    receipt: string;
  };
  fixity: { position: number; at: string; checked: number; bytes: number; damaged: string[]; missing: string[] };
  /** How the item of this E-number was found last. */
  item_fixity: { number: number; position: number; at: string; state: 'ok' | 'damaged' | 'missing' };
  deaccession: {
    position: number;
    at: string;
    reason: DestructionReason;
    count: number;
    why: string;
    approvals: { holder: string; key: string }[];
    remains: string[];
    text: string;
  };
  /** Altered bytes of an original, which a restoration kept as a derivative. `item` is the id of the item's record. */
  kept_aside: { position: number; item: string; sha256: string; size: number };
  key_change: { position: number; at: string; record_key: string; checkpoint_key: string; reason: string | null };
  key_revocation: { position: number; at: string; key: number; reason: RevocationReason; since: string | null };
}

export const sealProjection: Projection = {
  name: 'seal',
  tables,
  kinds: [
    'seal.authority',
    'seal.timestamp',
    'seal.witness',
    'seal.cosignature',
    'seal.holder',
    'seal.claimed-custody',
    'seal.custody',
    'seal.fixity',
    'seal.restoration',
    'seal.deaccession',
    'seal.keys',
    'seal.revocation',
  ],
  async project(client, records) {
    await projectTime(client, records);
    await projectCustody(client, records);
    await projectFixity(client, records);
    await projectKeys(client, records);
  },
};
