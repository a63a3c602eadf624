// What a recording says of itself: container, streams, times, device and place, by MediaInfo compiled to WebAssembly. It is
// given bytes on demand and has no way to any file or network. Runs in a worker thread, in a fresh instance for each file.
import { open, type FileHandle } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import { mediaInfoFactory } from 'mediainfo.js';
import { problem, type DescribeProblemCode } from './description.ts';
import { namesPeople } from './metadata-names.ts';
import { writtenTime } from './metadata-time.ts';
import type { MediaRecord, MediaSettings, MediaStream, MediaTime } from './media-set.ts';

export interface MediaInput {
  path: string;
  size: number;
  settings: MediaSettings;
}

/** What is said of a recording before any frame of it is looked at. */
export type MediaSaid = Omit<MediaRecord, 'observation' | 'frames'>;

type Track = Readonly<Record<string, unknown>>;

/** Bytes that MediaInfo is given at a time. */
const piece = 256 << 10;
/** More bytes, or more often, it reads of no recording: a file that leads it to and fro ends here. */
const readLimit = 512 << 20;
const readsLimit = 20_000;

/** Describes a recording; whatever the bytes are, the answer is a description with its problems, and the format by the first bytes. 20 ms, 17 of them the start. */
export async function describeMedia({
  path,
  size,
  settings,
}: MediaInput): Promise<{ said: MediaSaid; format: string }> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    const { type } = formatOf(buffer.subarray(0, bytesRead), size);
    return { said: mediaOf(await tracksOf(file, size), settings), format: type };
  } finally {
    await file.close();
  }
}

/** MediaInfo's tracks of a file; null where it ended on it. */
async function tracksOf(file: FileHandle, size: number): Promise<Track[] | null> {
  try {
    const info = await mediaInfoFactory({ format: 'JSON', full: false, coverData: false, chunkSize: piece });
    let [read, reads] = [0, 0];
    const answer = await info.analyzeData(size, async (length, offset) => {
      if ((read += length) > readLimit || ++reads > readsLimit) throw new Error('it reads on and on');
      const buffer = Buffer.alloc(Math.min(length, piece));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return new Uint8Array(buffer.buffer, buffer.byteOffset, bytesRead);
    });
    info.close();
    const { media } = JSON.parse(answer) as { media: { track: Track[] } | null };
    return media?.track ?? [];
  } catch {
    return null;
  }
}

/** The words for what MediaInfo said. Pure, for any tracks whatever. */
export function mediaOf(tracks: readonly Track[] | null, settings: MediaSettings): MediaSaid {
  const codes = new Set<DescribeProblemCode>();
  const general = tracks?.find((track) => track['@type'] === 'General') ?? {};
  const extra = (typeof general['extra'] === 'object' && general['extra'] !== null ? general['extra'] : {}) as Track;
  const all = (tracks ?? []).flatMap((track) => streamOf(track) ?? []);
  const streams = all.slice(0, settings.streamLimit);
  if (tracks === null || textOf(general['Format']) === null || all.length === 0) codes.add('media-broken');
  if (extra['IsTruncated'] === 'Yes') codes.add('media-truncated');
  if (all.length > streams.length) codes.add('media-cut');
  return {
    media: {
      container: textOf(general['Format']),
      profile: textOf(general['Format_Profile']),
      duration: numberOf(general['Duration']),
      software:
        first(general, ['Encoded_Application']) ??
        named(general, 'Encoded_Application') ??
        first(general, ['Encoded_Library']),
      streams,
      streamCount: all.length,
      withheld: [...Object.keys(general), ...Object.keys(extra)].filter(namesSomebody).slice(0, 64),
    },
    times: {
      recorded: timeOf(general, ['Recorded_Date', 'Mastered_Date']),
      created: timeOf(general, ['Encoded_Date']),
      modified: timeOf(general, ['Tagged_Date']),
    },
    device: {
      make: first(general, ['Encoded_Hardware_CompanyName']) ?? first(extra, ['Make']),
      model: first(general, ['Encoded_Hardware_Model', 'Encoded_Hardware_Name']) ?? first(extra, ['Model']),
      system: named(general, 'Encoded_OperatingSystem'),
    },
    place: placeOf(general['Recorded_Location']),
    problems: [...codes].map(problem),
  };
}

const performers = /^(?:performer|composer|director|producer|lyricist|actor|publisher|encodedby|distributedby)/i;

/** Whether a field of MediaInfo names people. What is not listed above is not written down in any case. */
function namesSomebody(name: string): boolean {
  return performers.test(name.replaceAll('_', '')) || namesPeople(name.replaceAll('_', ''));
}

const kinds = { Video: 'video', Audio: 'audio', Text: 'text', Other: 'other', Image: 'other', Menu: null } as const;

function streamOf(track: Track): MediaStream | null {
  const kind = kinds[track['@type'] as keyof typeof kinds] ?? null;
  if (kind === null) return null;
  return {
    kind,
    codec: textOf(track['Format']),
    codecId: textOf(track['CodecID']),
    profile: textOf(track['Format_Profile']),
    duration: numberOf(track['Duration']),
    width: wholeOf(track['Width']),
    height: wholeOf(track['Height']),
    rotation: numberOf(track['Rotation']),
    frameRate: numberOf(track['FrameRate']),
    sampleRate: numberOf(track['SamplingRate']),
    channels: wholeOf(track['Channels']),
    bitDepth: wholeOf(track['BitDepth']),
    language: textOf(track['Language']),
  };
}

/** Moments that a writer leaves where it knows none: the beginnings of QuickTime's, Windows' and Unix' time. */
const beginnings = /^(?:1904|1601|1970)-01-01T00:00:00/;

function timeOf(track: Track, names: readonly string[]): MediaTime | null {
  for (const from of names) {
    const stated = textOf(track[from]);
    const utc = stated !== null && /(?:^UTC\s| UTC$)/.test(stated);
    const time = writtenTime(stated?.replace(/(?:^UTC\s+| UTC$)/g, ''));
    if (time !== null && !(time.zone === null && beginnings.test(time.value))) return { ...time, meantUtc: utc, from };
  }
  return null;
}

/** As MediaInfo writes it: 33.5138°N 36.2765°E 690.0m. */
function placeOf(stated: unknown): MediaRecord['place'] {
  const found = /^(\d+(?:\.\d+)?)°([NS]) (\d+(?:\.\d+)?)°([EW])(?: (-?\d+(?:\.\d+)?)m)?/.exec(textOf(stated) ?? '');
  if (found === null) return null;
  const latitude = Number(found[1]) * (found[2] === 'S' ? -1 : 1);
  const longitude = Number(found[3]) * (found[4] === 'W' ? -1 : 1);
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180 || (latitude === 0 && longitude === 0)) return null;
  return {
    latitude: latitude + 0,
    longitude: longitude + 0,
    altitude: found[5] === undefined ? null : Number(found[5]),
    from: 'Recorded_Location',
  };
}

function first(track: Track, names: readonly string[]): string | null {
  for (const name of names) {
    const value = textOf(track[name]);
    if (value !== null) return value;
  }
  return null;
}

/** A program by its name and version, which MediaInfo gives apart. */
function named(track: Track, what: string): string | null {
  const parts = ['Name', 'Version'].map((part) => textOf(track[`${what}_${part}`]));
  return parts.every((part) => part === null) ? null : parts.filter((part) => part !== null).join(' ');
}

// PostgreSQL takes neither NUL nor half a surrogate pair in its text.
function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value)
    .replaceAll('\0', '')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim()
    .slice(0, 200);
  return text === '' ? null : text;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function wholeOf(value: unknown): number | null {
  const number = numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}
