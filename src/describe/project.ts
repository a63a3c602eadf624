// Describe's rows: what is known of each item's content, and what is wrong with it.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { cardRecord, describeRecord, observationKey } from './records.ts';

const tables = `
  create table description (item text primary key, position bigint not null, observation text not null, format text not null,
    width int, height int, orientation int, decode text not null, taken text, make text, model text, serial text,
    software text, counter bigint, latitude float8, longitude float8, pdq text, pdq_quality int, pdq_method text,
    thumbnail boolean not null);
  create index on description (format);
  create table item_problem (item text not null, code text not null, message text not null, position bigint not null);
  create index on item_problem (item);
  create table encoding (item text primary key, position bigint not null, signature text, embedded boolean not null, modified text);
  create table card_reading (item text not null, n int not null, position bigint not null, value text not null, script text not null,
    style text not null, carrier text not null, role text, quad jsonb not null, probability float8 not null,
    alternatives jsonb not null, crop text not null, primary key (item, n));
`;

const columns = {
  item: 'text',
  position: 'bigint',
  observation: 'text',
  format: 'text',
  width: 'int',
  height: 'int',
  orientation: 'int',
  decode: 'text',
  taken: 'text',
  make: 'text',
  model: 'text',
  serial: 'text',
  software: 'text',
  counter: 'bigint',
  latitude: 'float8',
  longitude: 'float8',
  pdq: 'text',
  pdq_quality: 'int',
  pdq_method: 'text',
  thumbnail: 'boolean',
};

const readingColumns = {
  item: 'text',
  n: 'int',
  position: 'bigint',
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

async function project(client: pg.ClientBase, all: LoggedRecord[]): Promise<void> {
  const records = all.filter(({ kind }) => kind === 'describe.item');
  const ids = all.map(({ refs }) => refs['item']);
  const { rows } = await client.query<{ id: string; handle: string }>(
    'select id, handle from item where id = any($1)',
    [ids],
  );
  const itemOf = new Map(rows.map(({ id, handle }) => [id, handle]));
  // The last observation of an item stands: a batch may hold several.
  const latest = new Map(records.map((record) => [itemOf.get(record.refs['item'] as string)!, record]));
  const items = [...latest.keys()];
  await client.query('delete from description where item = any($1)', [items]);
  await client.query('delete from item_problem where item = any($1)', [items]);
  await client.query('delete from encoding where item = any($1)', [items]);
  const problems: Record<string, unknown>[] = [];
  const encodings: Record<string, unknown>[] = [];
  const described = [...latest].map(([item, { position, fields }]) => {
    const said = describeRecord.parse(fields);
    const { metadata, pdq, picture } = said;
    encodings.push({
      item,
      position,
      signature: said.encoding.jpeg?.signature,
      embedded: said.encoding.embedded !== null,
      modified: metadata?.modified,
    });
    for (const { code, message } of said.problems) problems.push({ item, code, message, position });
    return {
      item,
      position,
      observation: observationKey(said.observation.version, said.observation.settings),
      format: said.format.type,
      width: picture.sides?.shownWidth,
      height: picture.sides?.shownHeight,
      orientation: picture.sides?.orientation,
      decode: picture.decode.state,
      taken: metadata?.taken,
      make: metadata?.make,
      model: metadata?.model,
      serial: metadata?.serial,
      software: metadata?.software,
      counter: metadata?.counter,
      latitude: metadata?.latitude,
      longitude: metadata?.longitude,
      pdq: pdq?.hash,
      pdq_quality: pdq?.quality,
      pdq_method: pdq?.method,
      thumbnail: said.encoding.thumbnail !== null,
    };
  });
  const cards = new Map(
    all.filter(({ kind }) => kind === 'describe.card').map((one) => [itemOf.get(one.refs['item'] as string)!, one]),
  );
  await client.query('delete from card_reading where item = any($1)', [[...cards.keys()]]);
  await insertRows(
    client,
    'card_reading',
    readingColumns,
    [...cards].flatMap(([item, { position, fields }]) =>
      cardRecord.parse(fields).readings.map((reading, n) => ({ item, n, position, ...reading })),
    ),
  );
  await insertRows(client, 'description', columns, described);
  await insertRows(
    client,
    'encoding',
    { item: 'text', position: 'bigint', signature: 'text', embedded: 'boolean', modified: 'text' },
    encodings,
  );
  await insertRows(
    client,
    'item_problem',
    { item: 'text', code: 'text', message: 'text', position: 'bigint' },
    problems,
  );
}

/** Describe's tables, as queries see them. */
export interface DescribeTables {
  description: {
    item: string;
    position: number;
    observation: string;
    format: string;
    /** As shown, with the orientation applied. */
    width: number | null;
    height: number | null;
    orientation: number | null;
    decode: string;
    taken: string | null;
    make: string | null;
    model: string | null;
    serial: string | null;
    software: string | null;
    counter: number | null;
    latitude: number | null;
    longitude: number | null;
    pdq: string | null;
    pdq_quality: number | null;
    pdq_method: string | null;
    thumbnail: boolean;
  };
  item_problem: { item: string; code: string; message: string; position: number };
  encoding: {
    item: string;
    position: number;
    /** Sampling and quantisation tables of a JPEG. */
    signature: string | null;
    /** Whether there is a small picture inside. */
    embedded: boolean;
    /** When a program last wrote it, by its own account. */
    modified: string | null;
  };
  card_reading: {
    item: string;
    /** Its place among the readings of its picture, from 0. */
    n: number;
    position: number;
    value: string;
    script: string;
    style: string;
    carrier: string;
    role: string | null;
    quad: [number, number][];
    probability: number;
    alternatives: { value: string; probability: number }[];
    crop: string;
  };
}

export const describeProjection: Projection = {
  name: 'describe',
  tables,
  kinds: ['describe.item', 'describe.card'],
  project,
};
