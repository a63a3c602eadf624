// The reader's rows: which pictures were looked at for numbers, and each number read, the latest observation of an item.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { cardObservation, cardRecord } from './card-records.ts';

const tables = `
  create table card (item text primary key, position bigint not null, observation text not null,
    problems jsonb not null);
  create table card_reading (item text not null, n int not null, value text not null, script text not null, style text not null,
    carrier text not null, role text, quad jsonb not null, probability float8 not null, alternatives jsonb not null,
    crop text not null, primary key (item, n));
  create index on card_reading (value);
`;

const columns = {
  item: 'text',
  n: 'int',
  value: 'text',
  script: 'text',
  style: 'text',
  carrier: 'text',
  role: 'text',
  quad: 'jsonb',
  probability: 'float8',
  alternatives: 'jsonb',
  crop: 'text',
};

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const ids = records.map(({ refs }) => refs['item']);
  const { rows } = await client.query<{ id: string; handle: string }>(
    'select id, handle from item where id = any($1)',
    [ids],
  );
  const itemOf = new Map(rows.map(({ id, handle }) => [id, handle]));
  // The last observation of an item stands: a batch may hold several.
  const latest = new Map(records.map((record) => [itemOf.get(record.refs['item'] as string)!, record]));
  const items = [...latest.keys()];
  for (const table of ['card', 'card_reading'])
    await client.query(`delete from ${table} where item = any($1)`, [items]);
  const cards: Record<string, unknown>[] = [];
  const readings: Record<string, unknown>[] = [];
  for (const [item, { position, fields }] of latest) {
    const said = cardRecord.parse(fields);
    const { version, settings } = said.observation;
    cards.push({ item, position, observation: cardObservation(settings, version), problems: said.problems });
    said.readings.forEach(({ quad, alternatives, ...one }, n) => {
      readings.push({ item, n, ...one, quad, alternatives });
    });
  }
  await insertRows(client, 'card', { item: 'text', position: 'bigint', observation: 'text', problems: 'jsonb' }, cards);
  await insertRows(client, 'card_reading', columns, readings);
}

/** The reader's tables, as queries see them. */
export interface CardTables {
  card: { item: string; position: number; observation: string; problems: { code: string; message: string }[] };
  card_reading: {
    item: string;
    n: number;
    value: string;
    script: 'latin' | 'arabic-indic';
    style: 'print' | 'hand';
    carrier: 'card' | 'tape' | 'skin';
    role: string | null;
    quad: [number, number][];
    probability: number;
    alternatives: { value: string; probability: number }[];
    crop: string;
  };
}

export const cardProjection: Projection = { name: 'read', tables, kinds: ['describe.card'], project };
