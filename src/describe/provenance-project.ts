// Rows of other tools' claims: each claim where it was received, its checks, its files; and how far was searched.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { provenanceRecord, provenanceSearchRecord } from './provenance-records.ts';
import { claimObservation, observationKey } from './records.ts';

export const provenanceKinds = ['describe.provenance', 'describe.provenance-search'];

export const provenanceTables = `
  create table provenance (receipt text not null, system text not null, item text not null, position bigint not null,
    observation text not null, path text not null, software text, created text, holds int not null, fails int not null,
    unchecked int not null, captures bigint not null, primary key (receipt, system));
  create index on provenance (item);
  create table provenance_check (receipt text not null, system text not null, n int not null, what text not null,
    state text not null, why text not null, primary key (receipt, system, n));
  create table provenance_file (receipt text not null, system text not null, n int not null, role text not null,
    path text not null, item text, outcome text not null, primary key (receipt, system, n));
  create index on provenance_file (item);
  create table provenance_search (observation text primary key, position bigint not null, through bigint not null,
    searched bigint not null);
`;

const keyed = { receipt: 'text', system: 'text' };
const claimColumns = {
  ...keyed,
  item: 'text',
  position: 'bigint',
  observation: 'text',
  path: 'text',
  software: 'text',
  created: 'text',
  holds: 'int',
  fails: 'int',
  unchecked: 'int',
  captures: 'bigint',
};
const checkColumns = { ...keyed, n: 'int', what: 'text', state: 'text', why: 'text' };
const fileColumns = { ...keyed, n: 'int', role: 'text', path: 'text', item: 'text', outcome: 'text' };

/** `itemOf`: handles by the ids of their records. */
export async function projectProvenance(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  itemOf: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { kind, position, fields } of records) {
    if (kind !== 'describe.provenance-search') continue;
    const { observation, through, searched } = provenanceSearchRecord.parse(fields);
    await client.query(
      `insert into provenance_search values ($1, $2, $3, $4) on conflict (observation) do update
       set position = excluded.position, through = excluded.through, searched = excluded.searched`,
      [observationKey(observation.version, observation.settings), position, through, searched],
    );
  }
  // The last judgement of a claim stands: a batch may hold several.
  const latest = new Map(
    records.flatMap(({ kind, position, refs, fields }) => {
      if (kind !== 'describe.provenance') return [];
      const said = provenanceRecord.parse(fields);
      const { receipt, system } = said.source;
      const item = itemOf.get(refs['item'] as string)!;
      return [[`${receipt} ${system}`, { receipt, system, item, position, said }] as const];
    }),
  );
  const claims = [...latest.values()];
  for (const { receipt, system } of claims)
    for (const table of ['provenance', 'provenance_check', 'provenance_file'])
      await client.query(`delete from ${table} where receipt = $1 and system = $2`, [receipt, system]);
  await insertRows(
    client,
    'provenance',
    claimColumns,
    claims.map(({ receipt, system, item, position, said }) => {
      const { observation, source, checks, captures } = said;
      const many = (state: string): number => checks.filter((check) => check.state === state).length;
      return {
        receipt,
        system,
        item,
        position,
        observation: claimObservation(observation.version, observation.settings, observation.inputs),
        path: source.path.replaceAll('\0', '\ufffd'),
        software: source.software,
        created: source.created,
        holds: many('holds'),
        fails: many('fails'),
        unchecked: many('not-checked'),
        captures: captures.count,
      };
    }),
  );
  const each = <T>(of: (claim: (typeof claims)[number]) => readonly T[]) =>
    claims.flatMap((claim) => of(claim).map((one, n) => ({ receipt: claim.receipt, system: claim.system, n, ...one })));
  await insertRows(
    client,
    'provenance_check',
    checkColumns,
    each(({ said }) => said.checks),
  );
  const parts = each(({ said }) => said.parts);
  await insertRows(
    client,
    'provenance_file',
    fileColumns,
    parts.map((file) => ({ ...file, path: file.path.replaceAll('\0', '\ufffd') })),
  );
  await projectProblems(client, claims);
}

/** One item may make several claims: their problems are kept apart by the system in their kind. */
async function projectProblems(
  client: pg.ClientBase,
  claims: readonly {
    receipt: string;
    system: string;
    item: string;
    position: number;
    said: { problems: readonly { code: string; message: string }[] };
  }[],
): Promise<void> {
  const columns = { item: 'text', kind: 'text', code: 'text', message: 'text', position: 'bigint' };
  for (const { receipt, system, item, position, said } of claims) {
    const kind = `describe.provenance ${receipt} ${system}`;
    await client.query('delete from item_problem where item = $1 and kind = $2', [item, kind]);
    await insertRows(
      client,
      'item_problem',
      columns,
      said.problems.map((one) => ({ item, kind, position, ...one })),
    );
  }
}

/** The tables, as queries see them. */
export interface ProvenanceTables {
  provenance: {
    receipt: string;
    system: string;
    /** That makes the claim. */
    item: string;
    position: number;
    observation: string;
    path: string;
    software: string | null;
    created: string | null;
    holds: number;
    fails: number;
    unchecked: number;
    captures: number;
  };
  provenance_check: { receipt: string; system: string; n: number; what: string; state: string; why: string };
  provenance_file: {
    receipt: string;
    system: string;
    n: number;
    role: string;
    path: string;
    item: string | null;
    outcome: string;
  };
  provenance_search: { observation: string; position: number; through: number; searched: number };
}
