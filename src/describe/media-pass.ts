// The pass over recordings: the container in a worker thread, then key frames by an ffmpeg in a process of its own, each
// looked at in a worker thread again. A recording that ends one of them costs only itself.
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { lostCodes, problem, type DescribeProblemCode } from './description.ts';
import { canDemux, findFfmpeg, type Ffmpeg } from './ffmpeg.ts';
import { mediaOf, type MediaSaid } from './media.ts';
import {
  defaultMediaSettings,
  framesWhy,
  mediaTool,
  mediaVersion,
  mostFrames,
  type Frames,
  type FramesWhy,
  type MediaRecord,
  type MediaSettings,
} from './media-set.ts';
import type { MediaAnswer, MediaJob } from './media-worker.ts';
import { countChosen, runPass, type Looked, type PassOptions, type Pending } from './pass.ts';
import { mediaPass } from './passes.ts';

export interface MediaLooked extends Looked {
  /** Of those looked at, videos without key frames because there is no ffmpeg here. */
  withoutFfmpeg: number;
}

export interface MediaOptions extends PassOptions {
  threads: number;
  /** How many key frames are made of a video, 0 for none; of what was described before, only where it is given. */
  frames?: number | undefined;
}

/** Describes the recordings that are chosen. Throws Fault('cancelled') with what was done kept. */
export async function describeRecordings(opened: OpenCase, options: MediaOptions): Promise<MediaLooked> {
  const settings = { ...defaultMediaSettings, frames: options.frames ?? defaultMediaSettings.frames };
  const ffmpeg = settings.frames === 0 ? null : findFfmpeg();
  const pass = mediaPass(options.frames, ffmpeg !== null);
  if ((await countChosen(opened, pass, options.choice)) === 0) return { looked: 0, written: 0, withoutFfmpeg: 0 };
  const { threads, frames: _, ...chosen } = options;
  const workers = openWorkers<MediaJob, MediaAnswer>(new URL('./media-worker.ts', import.meta.url), {
    threads,
    timeLimit: settings.timeLimit,
  });
  let withoutFfmpeg = 0;
  try {
    const did = await runPass(
      opened,
      {
        ...pass,
        window: threads * 2,
        look: async (item) => {
          const record = await look(opened, workers, ffmpeg, item, settings);
          if (record.frames.why?.code === 'no-ffmpeg') withoutFfmpeg++;
          return record as unknown as Record<string, Json>;
        },
      },
      chosen,
    );
    return { ...did, withoutFfmpeg };
  } finally {
    await workers.close();
  }
}

type Media = Workers<MediaJob, MediaAnswer>;

async function look(
  opened: OpenCase,
  workers: Media,
  ffmpeg: Ffmpeg | null,
  { sha256, size }: Pending,
  settings: MediaSettings,
): Promise<MediaRecord> {
  const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
  const { said, format } = await container(workers, { path, size, settings });
  const folder = join(opened.home.thumbnails, opened.id, sha256.slice(0, 2));
  const frames = await keyFrames(workers, ffmpeg, said, settings, {
    path,
    format,
    thumbnail: (n) => join(folder, `${sha256}.frame-${n}.jpg`),
  });
  return { observation: { tool: mediaTool, version: mediaVersion, settings }, ...said, frames };
}

async function container(
  workers: Media,
  input: { path: string; size: number; settings: MediaSettings },
): Promise<{ said: MediaSaid; format: string }> {
  try {
    const answer = await workers.run({ container: input });
    if ('said' in answer) return answer;
    throw new Error('a thread answered another question');
  } catch (error) {
    if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
    const codes: DescribeProblemCode[] = [lostCodes[error.reason]];
    return { said: { ...mediaOf([], input.settings), problems: codes.map(problem) }, format: '' };
  }
}

interface Source {
  path: string;
  format: string;
  thumbnail(n: number): string;
}

async function keyFrames(
  workers: Media,
  ffmpeg: Ffmpeg | null,
  { media }: MediaSaid,
  settings: MediaSettings,
  { path, format, thumbnail }: Source,
): Promise<Frames> {
  // Of an earlier look, which may have made more of them.
  const earlier = Array.from({ length: mostFrames }, (_, i) => thumbnail(i + 1));
  await Promise.all(earlier.map((file) => rm(file, { force: true })));
  const none = (code: FramesWhy, of = 0): Frames => ({ made: 0, of, why: reason(code), tool: null, list: [] });
  if (settings.frames === 0) return none('not-asked');
  const videos = media.streams.filter(({ kind }) => kind === 'video');
  if (videos.length === 0) return none('no-video');
  const places = placesOf(media.duration ?? videos[0]!.duration, settings.frames);
  if (ffmpeg === null) return none('no-ffmpeg', places.length);
  if (!canDemux(format)) return none('no-demuxer', places.length);
  await mkdir(dirname(thumbnail(1)), { recursive: true, mode: 0o700 });
  const list: Frames['list'] = [];
  let why: FramesWhy | null = null;
  let before: Buffer | null = null;
  const ask = async (at: number): Promise<void> => {
    const asked = { path, format, at, side: settings.frameSide, timeLimit: settings.frameTimeLimit };
    const answer = await ffmpeg.frame(asked);
    if ('why' in answer) {
      why = answer.why;
      return;
    }
    // Where key frames are rare, several places lead to the same one.
    if (before?.equals(answer.ppm) === true) return;
    before = answer.ppm;
    const n = list.length + 1;
    const frame = await lookAt(workers, answer.ppm, thumbnail(n), settings);
    if (frame === null) why = 'failed';
    else list.push({ n, at, ...frame });
  };
  for (const at of places) {
    await ask(at);
    // The next place of the same file would take as long.
    if (why === 'timed-out') break;
  }
  // Some files cannot be sought in, and begin all the same.
  if (list.length === 0 && why !== 'timed-out' && places[0] !== 0) await ask(0);
  return { made: list.length, of: places.length, why: why === null ? null : reason(why), tool: ffmpeg.name, list };
}

async function lookAt(workers: Media, ppm: Buffer, thumbnailPath: string, { thumbnailSide }: MediaSettings) {
  try {
    const answer = await workers.run({ frame: { ppm, thumbnailPath, thumbnailSide } });
    return 'frame' in answer ? answer.frame : null;
  } catch (error) {
    if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
    return null;
  }
}

const reason = (code: FramesWhy): { code: FramesWhy; message: string } => ({ code, message: framesWhy[code] });

/** Places in the middle of equal parts, in seconds; the start alone where the duration is not known or under a second. */
export function placesOf(duration: number | null, most: number): number[] {
  if (duration === null || duration < 1) return [0];
  const places = Math.min(most, Math.max(1, Math.floor(duration)));
  return Array.from({ length: places }, (_, i) => Math.round(((i + 0.5) * duration * 1000) / places) / 1000);
}
