// Describe's rows of recordings, and of the key frames that likeness can be looked for in.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { mediaRecord } from './media-set.ts';
import { observationKey } from './records.ts';

export const mediaTables = `
  create table media (item text primary key, position bigint not null, observation text not null, container text,
    duration float8, streams int not null, video text, width int, height int, rotation float8, frame_rate float8, audio text,
    sample_rate float8, channels int, recorded text, recorded_zone text, created text, make text, model text, latitude float8,
    longitude float8, altitude float8, frames int not null, frames_why text);
  create table media_frame (item text not null, n int not null, position bigint not null, at float8 not null,
    width int not null, height int not null, pdq text not null, pdq_quality int not null, primary key (item, n));
`;

const columns = {
  item: 'text',
  position: 'bigint',
  observation: 'text',
  container: 'text',
  duration: 'float8',
  streams: 'int',
  video: 'text',
  width: 'int',
  height: 'int',
  rotation: 'float8',
  frame_rate: 'float8',
  audio: 'text',
  sample_rate: 'float8',
  channels: 'int',
  recorded: 'text',
  recorded_zone: 'text',
  created: 'text',
  make: 'text',
  model: 'text',
  latitude: 'float8',
  longitude: 'float8',
  altitude: 'float8',
  frames: 'int',
  frames_why: 'text',
};
const frameColumns = {
  item: 'text',
  n: 'int',
  position: 'bigint',
  at: 'float8',
  width: 'int',
  height: 'int',
  pdq: 'text',
  pdq_quality: 'int',
};

/** Of every item that has one, its latest record. Gives what problems they have. */
export async function projectMedia(client: pg.ClientBase, latest: readonly [string, LoggedRecord][]) {
  const said = latest.map(([item, { position, fields }]) => ({ item, position, ...mediaRecord.parse(fields) }));
  const items = said.map(({ item }) => item);
  await client.query('delete from media where item = any($1)', [items]);
  await client.query('delete from media_frame where item = any($1)', [items]);
  const rows = said.map(({ item, position, observation, media, times, device, place, frames }) => {
    const video = media.streams.find(({ kind }) => kind === 'video');
    const audio = media.streams.find(({ kind }) => kind === 'audio');
    return {
      item,
      position,
      observation: observationKey(observation.version, observation.settings),
      container: media.container,
      duration: media.duration,
      streams: media.streamCount,
      video: video?.codec,
      width: small(video?.width),
      height: small(video?.height),
      rotation: video?.rotation,
      frame_rate: video?.frameRate,
      audio: audio?.codec,
      sample_rate: audio?.sampleRate,
      channels: small(audio?.channels),
      recorded: times.recorded?.value,
      recorded_zone: times.recorded?.zone,
      created: times.created?.value,
      make: device.make,
      model: device.model,
      latitude: place?.latitude,
      longitude: place?.longitude,
      altitude: place?.altitude,
      frames: frames.made,
      frames_why: frames.why?.code,
    };
  });
  await insertRows(client, 'media', columns, rows);
  const frames = said.flatMap(({ item, position, frames: { list } }) =>
    list.map(({ n, at, width, height, pdq }) => ({
      item,
      n,
      position,
      at,
      width,
      height,
      pdq: pdq.hash,
      pdq_quality: pdq.quality,
    })),
  );
  await insertRows(client, 'media_frame', frameColumns, frames);
  return said;
}

/** A file may state any side; what no column holds is no side. */
const small = (side: number | null | undefined): number | null =>
  side === null || side === undefined || side > 0x7fffffff ? null : side;

export interface MediaTables {
  /** Of every recording: its first video and its first sound, and what it says of itself. */
  media: {
    item: string;
    position: number;
    observation: string;
    container: string | null;
    /** Seconds. */
    duration: number | null;
    streams: number;
    video: string | null;
    width: number | null;
    height: number | null;
    rotation: number | null;
    frame_rate: number | null;
    audio: string | null;
    sample_rate: number | null;
    channels: number | null;
    /** As written, without the zone. */
    recorded: string | null;
    recorded_zone: string | null;
    created: string | null;
    make: string | null;
    model: string | null;
    latitude: number | null;
    longitude: number | null;
    altitude: number | null;
    /** How many key frames were made, and why not more. */
    frames: number;
    frames_why: string | null;
  };
  media_frame: {
    item: string;
    n: number;
    position: number;
    /** Seconds. */
    at: number;
    width: number;
    height: number;
    pdq: string;
    pdq_quality: number;
  };
}
