// The words of describing recordings: what a container says of itself and of its streams, and key frames where they were
// made. All of it is what the file states. docs/formats/metadata.md.
import { z } from 'zod';

const text = z.string().nullable();
const count = z.number().int().nonnegative();
const measure = z.number().nonnegative().nullable();

/** Key frames that can be asked for. */
export const mostFrames = 32;

export const mediaSettingsSchema = z.object({
  /** Milliseconds that the container may take. */
  timeLimit: z.number().int().positive(),
  /** Streams that are listed. */
  streamLimit: z.number().int().positive(),
  /** Key frames that are made at most; 0 for none. */
  frames: z.number().int().min(0).max(mostFrames),
  /** Milliseconds that one key frame may take. */
  frameTimeLimit: z.number().int().positive(),
  /** The longer side of a key frame while it is looked at, and of its thumbnail, in pixels. */
  frameSide: z.number().int().positive(),
  thumbnailSide: z.number().int().positive(),
});
export type MediaSettings = z.infer<typeof mediaSettingsSchema>;
export const defaultMediaSettings: MediaSettings = {
  timeLimit: 30_000,
  streamLimit: 64,
  frames: 6,
  frameTimeLimit: 20_000,
  frameSide: 640,
  thumbnailSide: 320,
};

/** The formats of recordings, as a pattern for the index. */
export const recordingFormats = '^(video|audio)/';

/** The name and version that observations carry. */
export const mediaTool = 'mediainfo' as const;
/** Of mediainfo.js, as package.json has it, and after it the number of our reading of what it says. */
export const mediaInfoVersion = '0.3.8';
export const mediaVersion = `${mediaInfoVersion}-1`;

export const mediaTimeSchema = z.object({
  /** As written, never converted. */
  value: z.string(),
  /** '+03:00', where the file states one; null where not. */
  zone: text,
  /** Whether the format means UTC. Cameras often write local time there all the same, so it is no zone. */
  meantUtc: z.boolean(),
  precision: z.enum(['year', 'month', 'day', 'minute', 'second', 'fraction']),
  /** MediaInfo's name of the field. */
  from: z.string(),
});
export type MediaTime = z.infer<typeof mediaTimeSchema>;

export const streamSchema = z.object({
  kind: z.enum(['video', 'audio', 'text', 'other']),
  /** MediaInfo's name of the codec ('AVC', 'AAC', 'JPEG'), and the identifier in the container ('avc1'). */
  codec: text,
  codecId: text,
  profile: text,
  /** Seconds. */
  duration: measure,
  /** As stored, before the rotation is applied. */
  width: count.nullable(),
  height: count.nullable(),
  /** Degrees clockwise by which it is to be turned for showing: 0, 90, 180, 270, as stated. */
  rotation: z.number().nullable(),
  /** Frames a second; null where it varies without an average. */
  frameRate: measure,
  /** Samples a second. */
  sampleRate: measure,
  channels: count.nullable(),
  bitDepth: count.nullable(),
  language: text,
});
export type MediaStream = z.infer<typeof streamSchema>;

/** Why there are no key frames, or fewer than could be. */
export const framesWhy = {
  'not-asked': 'Key frames were not asked for.',
  'no-video': 'There is no video in it.',
  'no-ffmpeg': 'There is no ffmpeg on this machine, which key frames are made with.',
  'no-demuxer': 'ffmpeg is not given files of this format.',
  failed: 'ffmpeg could not decode a key frame.',
  'timed-out': 'ffmpeg took longer than the limit.',
} as const;
export type FramesWhy = keyof typeof framesWhy;

export const framesSchema = z.object({
  made: count,
  /** At how many places one was asked for; places that lead to the same key frame give it once. */
  of: count,
  /** Why fewer were made; null where all were. */
  why: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** 'ffmpeg 5.1.6', where one was run. */
  tool: text,
  list: z.array(
    z.object({
      /** From 1; the thumbnail in the home is called by it. */
      n: z.number().int().positive(),
      /** Seconds from the start at which it was asked for; the key frame is the one before or after it. */
      at: z.number().nonnegative(),
      /** As shown, while it was looked at. */
      width: count,
      height: count,
      pdq: z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/), quality: z.number().int().min(0).max(100) }),
      thumbnail: z.object({ width: count, height: count, bytes: count }),
    }),
  ),
});
export type Frames = z.infer<typeof framesSchema>;

/** `kind: describe.media`, `refs.item`. What a recording says. */
export const mediaRecord = z.object({
  observation: z.object({ tool: z.literal(mediaTool), version: z.string(), settings: mediaSettingsSchema }),
  media: z.object({
    /** 'MPEG-4', 'AVI'; null where nothing was recognised. */
    container: text,
    profile: text,
    /** Seconds. */
    duration: measure,
    /** The program or library that says it wrote the file. */
    software: text,
    streams: z.array(streamSchema),
    /** How many streams there are. */
    streamCount: count,
    /** Fields that name people: their names, without their values. */
    withheld: z.array(z.string()),
  }),
  times: z.object({
    /** When it was recorded, as the recorder wrote it with a field of its own. */
    recorded: mediaTimeSchema.nullable(),
    /** When the container was made, and last changed. */
    created: mediaTimeSchema.nullable(),
    modified: mediaTimeSchema.nullable(),
  }),
  /** `system`: the operating system, where the recorder states it. */
  device: z.object({ make: text, model: text, system: text }),
  /** WGS 84 degrees, north and east positive; metres above sea level. */
  place: z
    .object({ latitude: z.number(), longitude: z.number(), altitude: z.number().nullable(), from: z.string() })
    .nullable(),
  frames: framesSchema,
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type MediaRecord = z.infer<typeof mediaRecord>;
