// Describe's rows: what is known of each item's content, and what is wrong with it.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import type { Metadata } from './description.ts';
import { documentRecord } from './document-set.ts';
import { embeddedRecord } from './embedded-records.ts';
import { mediaTables, projectMedia, type MediaTables } from './media-project.ts';
import { metadataRecord } from './metadata-set.ts';
import { bodyKey } from './metadata-tags.ts';
import { projectProvenance, provenanceKinds, provenanceTables, type ProvenanceTables } from './provenance-project.ts';
import { describeRecord, observationKey } from './records.ts';

const tables = `
  create table description (item text primary key, position bigint not null, observation text not null, format text not null,
    width int, height int, orientation int, decode text not null, taken text, make text, model text, serial text,
    software text, counter bigint, latitude float8, longitude float8, pdq text, pdq_quality int, pdq_method text,
    thumbnail boolean not null);
  create index on description (format);
  create table metadata (item text primary key, position bigint not null, observation text not null, second boolean not null,
    original text, original_zone text, original_precision text, digitised text, digitised_zone text, modified text,
    modified_zone text, gps_time text, make text, model text, serial text, body text, firmware text, lens text,
    lens_serial text, orientation int, unique_id text, document_id text, original_document_id text, software text,
    shutter_count bigint, image_number bigint, file_number bigint, latitude float8, longitude float8, altitude float8,
    datum text);
  create index on metadata (body);
  create table document (item text primary key, position bigint not null, observation text not null, form text not null,
    pages int, characters bigint not null, attachments int not null, pictures int, messages int, thumbnails int not null,
    sent text, subject text);
  create table item_problem (item text not null, kind text not null, code text not null, message text not null, position bigint not null);
  create index on item_problem (item);
  create table encoding (item text primary key, position bigint not null, signature text, embedded boolean not null, modified text);
  create table embedded (item text primary key, position bigint not null, observation text not null, verdict text not null,
    shows text, score float8, weakest float8);
  create view shot as
    with said as (
      select d.item, coalesce(m.make, d.make) as make, coalesce(m.model, d.model) as model, coalesce(m.serial, d.serial) as serial,
        coalesce(m.software, d.software) as software, m.modified, m.gps_time, coalesce(m.latitude, d.latitude) as latitude,
        m.shutter_count, coalesce(m.image_number, d.counter) as image_number, m.file_number, m.original, m.original_zone,
        m.digitised, m.digitised_zone, regexp_replace(d.taken, '[+-][0-9]{2}:[0-9]{2}$', '') as quick,
        substring(d.taken from '[+-][0-9]{2}:[0-9]{2}$') as quick_zone
      from description d left join metadata m on m.item = d.item where d.format like 'image/%'),
    taken as (
      select *, case when make is not null or model is not null then upper(concat(make, '|', model, '|', serial)) end as body,
        case when length(original) >= 19 then 'original' when length(digitised) >= 19 then 'digitised' when length(quick) >= 19 then 'quick' end as clock
      from said),
    counted as (
      select *, case greatest(count(shutter_count) over one, count(image_number) over one, count(nullif(file_number % 10000, 0)) over one)
        when 0 then null when count(shutter_count) over one then 'shutter count' when count(image_number) over one then 'image number'
        else 'file number' end as numbering
      from taken window one as (partition by body))
    select item, make, model, serial, software, modified, gps_time, latitude, body,
      case clock when 'original' then original when 'digitised' then digitised when 'quick' then quick end as taken,
      case clock when 'original' then original_zone when 'digitised' then digitised_zone when 'quick' then quick_zone end as zone,
      case when body is not null then numbering end as numbering,
      case when body is null then null when numbering = 'shutter count' then shutter_count when numbering = 'image number' then image_number
        when numbering = 'file number' then nullif(file_number % 10000, 0) end as counter
    from counted;
${mediaTables}
${provenanceTables}`;

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

const metadataColumns = {
  item: 'text',
  position: 'bigint',
  observation: 'text',
  second: 'boolean',
  original: 'text',
  original_zone: 'text',
  original_precision: 'text',
  digitised: 'text',
  digitised_zone: 'text',
  modified: 'text',
  modified_zone: 'text',
  gps_time: 'text',
  make: 'text',
  model: 'text',
  serial: 'text',
  body: 'text',
  firmware: 'text',
  lens: 'text',
  lens_serial: 'text',
  orientation: 'int',
  unique_id: 'text',
  document_id: 'text',
  original_document_id: 'text',
  software: 'text',
  shutter_count: 'bigint',
  image_number: 'bigint',
  file_number: 'bigint',
  latitude: 'float8',
  longitude: 'float8',
  altitude: 'float8',
  datum: 'text',
};

const encodingColumns = { item: 'text', position: 'bigint', signature: 'text', embedded: 'boolean', modified: 'text' };
const problemColumns = { item: 'text', kind: 'text', code: 'text', message: 'text', position: 'bigint' };

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const ids = records.map(({ refs }) => refs['item']);
  const { rows } = await client.query<{ id: string; handle: string }>(
    'select id, handle from item where id = any($1)',
    [ids],
  );
  const itemOf = new Map(rows.map(({ id, handle }) => [id, handle]));
  // The last observation of an item stands: a batch may hold several.
  const latest = (kind: string): [string, LoggedRecord][] => [
    ...new Map(
      records
        .filter((record) => record.kind === kind)
        .map((record) => [itemOf.get(record.refs['item'] as string)!, record]),
    ),
  ];
  await projectItems(client, latest('describe.item'));
  await projectMetadata(client, latest('describe.metadata'));
  await projectDocuments(client, latest('describe.document'));
  await projectEmbedded(client, latest('describe.embedded'));
  await projectProvenance(client, records, itemOf);
  await replaceProblems(client, 'describe.media', await projectMedia(client, latest('describe.media')));
}

async function replaceProblems(
  client: pg.ClientBase,
  kind: string,
  found: readonly { item: string; position: number; problems: readonly { code: string; message: string }[] }[],
): Promise<void> {
  const items = found.map(({ item }) => item);
  await client.query('delete from item_problem where item = any($1) and kind = $2', [items, kind]);
  const problems = found.flatMap(({ item, position, problems: all }) =>
    all.map(({ code, message }) => ({ item, kind, code, message, position })),
  );
  await insertRows(client, 'item_problem', problemColumns, problems);
}

async function projectItems(client: pg.ClientBase, latest: readonly [string, LoggedRecord][]): Promise<void> {
  const said = latest.map(([item, { position, fields }]) => ({ item, position, ...describeRecord.parse(fields) }));
  const items = said.map(({ item }) => item);
  await client.query('delete from description where item = any($1)', [items]);
  await client.query('delete from metadata where item = any($1) and not second', [items]);
  await replaceProblems(client, 'describe.item', said);
  const described = said.map(({ item, position, observation, format, picture, metadata, pdq, encoding }) => ({
    item,
    position,
    observation: observationKey(observation.version, observation.settings),
    format: format.type,
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
    thumbnail: encoding.thumbnail !== null,
  }));
  await insertRows(client, 'description', columns, described);
  await client.query('delete from encoding where item = any($1)', [items]);
  const encodings = said.map(({ item, position, encoding, metadata }) => ({
    item,
    position,
    signature: encoding.jpeg?.signature,
    embedded: encoding.embedded !== null,
    modified: metadata?.modified,
  }));
  await insertRows(client, 'encoding', encodingColumns, encodings);
  // A second reading knows more than this one, and stays.
  const known = await client.query<{ item: string }>('select item from metadata where item = any($1)', [items]);
  const second = new Set(known.rows.map(({ item }) => item));
  const quick = said.flatMap(({ item, position, observation, picture, metadata }) => {
    if (metadata === null || second.has(item)) return [];
    const key = observationKey(observation.version, observation.settings);
    return [{ item, position, observation: key, second: false, ...quickRow(metadata, picture.sides?.orientation) }];
  });
  await insertRows(client, 'metadata', metadataColumns, quick);
}

/** What the quick look of the first pass gives of the set. */
function quickRow(metadata: Metadata, orientation: number | null | undefined): Record<string, unknown> {
  const { taken, takenFrom, modified, make, model, serial, software, counter, latitude, longitude } = metadata;
  const parts = (time: string | null) => /^(.*?)([+-]\d\d:\d\d)?$/.exec(time ?? '')!;
  const [, time, zone] = parts(taken);
  const [, changed, changedZone] = parts(modified);
  const original = takenFrom === 'DateTimeOriginal';
  return {
    original: original ? time : null,
    original_zone: original ? zone : null,
    original_precision: original ? (time!.includes('.') ? 'fraction' : 'second') : null,
    digitised: original || taken === null ? null : time,
    digitised_zone: original ? null : zone,
    modified: changed === '' ? null : changed,
    modified_zone: changedZone,
    make,
    model,
    serial,
    body: bodyKey(make, model, serial),
    orientation,
    software,
    image_number: counter,
    latitude,
    longitude,
  };
}

async function projectMetadata(client: pg.ClientBase, latest: readonly [string, LoggedRecord][]): Promise<void> {
  const said = latest.map(([item, { position, fields }]) => ({ item, position, ...metadataRecord.parse(fields) }));
  await client.query('delete from metadata where item = any($1)', [said.map(({ item }) => item)]);
  await replaceProblems(client, 'describe.metadata', said);
  const rows = said.map(({ item, position, observation, times, camera, picture, place }) => {
    const { make, model, serial, body, firmware, lens, lensSerial } = camera;
    const counter = (kind: string) => picture.counters.find((one) => one.kind === kind)?.value;
    return {
      item,
      position,
      observation: observationKey(observation.version, observation.settings),
      second: true,
      original: times.original?.value,
      original_zone: times.original?.zone,
      original_precision: times.original?.precision,
      digitised: times.digitised?.value,
      digitised_zone: times.digitised?.zone,
      modified: times.modified?.value,
      modified_zone: times.modified?.zone,
      gps_time: times.gps?.value,
      make,
      model,
      serial,
      body,
      firmware,
      lens,
      lens_serial: lensSerial,
      orientation: picture.orientation,
      unique_id: picture.uniqueId,
      document_id: picture.documentId,
      original_document_id: picture.originalDocumentId,
      software: picture.software,
      shutter_count: counter('shutter'),
      image_number: counter('image'),
      file_number: counter('file'),
      latitude: place?.latitude,
      longitude: place?.longitude,
      altitude: place?.altitude,
      datum: place?.datum,
    };
  });
  await insertRows(client, 'metadata', metadataColumns, rows);
}

const documentColumns = {
  item: 'text',
  position: 'bigint',
  observation: 'text',
  form: 'text',
  pages: 'int',
  characters: 'bigint',
  attachments: 'int',
  pictures: 'int',
  messages: 'int',
  thumbnails: 'int',
  sent: 'text',
  subject: 'text',
};

async function projectDocuments(client: pg.ClientBase, latest: readonly [string, LoggedRecord][]): Promise<void> {
  const said = latest.map(([item, { position, fields }]) => ({ item, position, ...documentRecord.parse(fields) }));
  await client.query('delete from document where item = any($1)', [said.map(({ item }) => item)]);
  await replaceProblems(client, 'describe.document', said);
  const rows = said.map(({ item, position, observation, document, mail, attachments }) => ({
    item,
    position,
    observation: observationKey(observation.version, observation.settings),
    form: document.form,
    pages: document.pages,
    characters: document.characters,
    attachments: attachments.length,
    pictures: document.pictures,
    messages: document.messages,
    thumbnails: document.thumbnails?.length ?? 0,
    // Of a mailbox, each message has its own.
    ...(mail === null || Array.isArray(mail) ? {} : { sent: mail.date, subject: mail.subject }),
  }));
  await insertRows(client, 'document', documentColumns, rows);
}

async function projectEmbedded(client: pg.ClientBase, latest: readonly [string, LoggedRecord][]): Promise<void> {
  const said = latest.map(([item, { position, fields }]) => ({ item, position, ...embeddedRecord.parse(fields) }));
  await client.query('delete from embedded where item = any($1)', [said.map(({ item }) => item)]);
  await replaceProblems(client, 'describe.embedded', said);
  await insertRows(
    client,
    'embedded',
    {
      item: 'text',
      position: 'bigint',
      observation: 'text',
      verdict: 'text',
      shows: 'text',
      score: 'float8',
      weakest: 'float8',
    },
    said.map(({ item, position, observation, verdict, shows, alignment }) => ({
      item,
      position,
      observation: observationKey(observation.version, observation.settings),
      verdict,
      shows,
      score: alignment?.score,
      weakest: alignment?.weakest,
    })),
  );
}

/** Describe's tables, as queries see them. */
export interface DescribeTables extends MediaTables, ProvenanceTables {
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
  /** Of every item with metadata, as the second reading gives it, or (`second` false) as far as the first pass does. */
  metadata: {
    item: string;
    position: number;
    observation: string;
    second: boolean;
    /** Local times as written, without their zone ('+hh:mm', where stated). */
    original: string | null;
    original_zone: string | null;
    original_precision: string | null;
    digitised: string | null;
    digitised_zone: string | null;
    modified: string | null;
    modified_zone: string | null;
    /** In UTC. */
    gps_time: string | null;
    make: string | null;
    model: string | null;
    serial: string | null;
    /** MAKE|MODEL|SERIAL. */
    body: string | null;
    firmware: string | null;
    lens: string | null;
    lens_serial: string | null;
    orientation: number | null;
    unique_id: string | null;
    document_id: string | null;
    original_document_id: string | null;
    software: string | null;
    shutter_count: number | null;
    image_number: number | null;
    file_number: number | null;
    latitude: number | null;
    longitude: number | null;
    altitude: number | null;
    datum: string | null;
  };
  /** Of PDFs, office documents, mail and texts. */
  document: {
    item: string;
    position: number;
    observation: string;
    form: string;
    pages: number | null;
    characters: number;
    attachments: number;
    /** Inside an office document. */
    pictures: number | null;
    /** Of a mailbox. */
    messages: number | null;
    /** Pages that were drawn. */
    thumbnails: number;
    /** Of an e-mail, as its head states it. */
    sent: string | null;
    subject: string | null;
  };
  /**
   * A view: each sealed picture with what it says of the camera that took it, by its second reading, and by the first
   * where the second says nothing. `body`: MAKE|MODEL|SERIAL, null where no camera is named; `taken`: to the second at least.
   * `counter`: the count that most pictures of the body carry, and of equals the one that is hardest to change by hand,
   * named by `numbering`; a file number without its folder, since some cameras begin a folder every hundred pictures.
   */
  shot: {
    item: string;
    make: string | null;
    model: string | null;
    serial: string | null;
    software: string | null;
    modified: string | null;
    gps_time: string | null;
    latitude: number | null;
    body: string | null;
    taken: string | null;
    zone: string | null;
    numbering: 'shutter count' | 'image number' | 'file number' | null;
    counter: number | null;
  };
  item_problem: { item: string; kind: string; code: string; message: string; position: number };
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
  /** Of pictures with a small one inside: whether that shows the same. */
  embedded: {
    item: string;
    position: number;
    observation: string;
    verdict: string;
    shows: string | null;
    score: number | null;
    weakest: number | null;
  };
}

export const describeProjection: Projection = {
  name: 'describe',
  tables,
  kinds: [
    'describe.item',
    'describe.metadata',
    'describe.document',
    'describe.embedded',
    'describe.media',
    ...provenanceKinds,
  ],
  project,
};
