// Key frames by an ffmpeg that this machine may have: one still picture from each of a few places of a video. It decodes
// hostile files with native code, so it gets one demuxer, no protocol but files, no network where the system can take it
// away, and limits of memory, processor and time. It writes to a pipe alone. It is no sandbox: SECURITY.md.
import { spawn, spawnSync } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { accessSync, constants } from 'node:fs';

export interface Ffmpeg {
  /** 'ffmpeg 5.1.6' */
  name: string;
  /**
   * The key frame at `at` seconds as a binary PPM, its longer side `side` pixels at most; or why there is none. Never
   * rejects.
   */
  frame(asked: { path: string; format: string; at: number; side: number; timeLimit: number }): Promise<FrameAnswer>;
}
export type FrameAnswer = { ppm: Buffer } | { why: 'failed' | 'timed-out' };

/**
 * The demuxer for each format, so that none is guessed: an .avi that is a playlist of addresses in truth is refused.
 * Without those that read other files than the one given (hls, concat, dash, image2).
 */
const demuxers: Readonly<Record<string, string>> = {
  'video/mp4': 'mov',
  'video/quicktime': 'mov',
  'video/x-msvideo': 'avi',
  'video/webm': 'matroska',
  'video/x-matroska': 'matroska',
  'video/x-ms-asf': 'asf',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/mp2t': 'mpegts',
  'video/ogg': 'ogg',
};

export const canDemux = (format: string): boolean => demuxers[format] !== undefined;

/** Of address space, in KiB, and of processor, in seconds, for one frame. */
const memory = 2 << 20;
const processor = 30;
/** More than one picture of the largest side cannot come. */
const outputLimit = 64 << 20;

/** The ffmpeg on PATH, or null. It is found by an absolute path, so that no later PATH exchanges it. */
export function findFfmpeg(path: string | undefined = process.env['PATH']): Ffmpeg | null {
  if (process.platform === 'win32') return null;
  const program = (path ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, 'ffmpeg'))
    .find(isProgram);
  if (program === undefined) return null;
  const said = spawnSync(program, ['-hide_banner', '-version'], { env: {}, timeout: 10_000, encoding: 'utf8' });
  const version = said.status === 0 ? /^ffmpeg version ([\w.-]{1,40})/.exec(said.stdout)?.[1] : undefined;
  if (version === undefined) return null;
  let alone: string[] | null = null;
  return {
    name: `ffmpeg ${version}`,
    frame: (asked) => run([...(alone ??= withoutNetwork()), program, ...frameArgs(asked)], asked.timeLimit),
  };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a network of its own, without any interface, is begun with; nothing where the system does not give one. */
function withoutNetwork(): string[] {
  const begin = ['unshare', '--user', '--map-current-user', '--net'];
  const tried = spawnSync(begin[0]!, [...begin.slice(1), 'true'], { env: { PATH: '/usr/bin:/bin' }, timeout: 5000 });
  return tried.status === 0 ? begin : [];
}

/** The arguments for one frame. Exported for a test: what they leave out is what keeps ffmpeg from other files. */
export function frameArgs({ path, format, at, side }: { path: string; format: string; at: number; side: number }) {
  // A key frame before the place asked for would have a negative time, and be dropped for it.
  const filter = `setpts=PTS-STARTPTS,scale=w='min(iw,${side})':h='min(ih,${side})':force_original_aspect_ratio=decrease`;
  return [
    ['-nostdin', '-hide_banner', '-loglevel', 'error', '-threads', '1'],
    ['-protocol_whitelist', 'file,pipe', '-f', demuxers[format]!],
    ['-ss', at.toFixed(3), '-noaccurate_seek', '-skip_frame', 'nokey', '-i', `file:${path}`],
    ['-map', '0:v:0', '-an', '-sn', '-dn', '-frames:v', '1', '-vf', filter, '-pix_fmt', 'rgb24'],
    ['-threads', '1', '-c:v', 'ppm', '-f', 'image2pipe', 'pipe:1'],
  ].flat();
}

function run(command: readonly string[], timeLimit: number): Promise<FrameAnswer> {
  const limits = `ulimit -v ${memory} 2>/dev/null; ulimit -t ${processor} 2>/dev/null; ulimit -f 0 2>/dev/null; ulimit -c 0 2>/dev/null; exec "$@"`;
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', limits, 'sh', ...command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: '/usr/bin:/bin', LANG: 'C' },
      cwd: '/',
      // A group of its own, so that what it may have started ends with it.
      detached: true,
    });
    const kill = (): void => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      kill();
      resolve({ why: 'timed-out' });
    }, timeLimit);
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if ((length += chunk.length) > outputLimit) kill();
    });
    const end = (code: number | null): void => {
      clearTimeout(timer);
      if (code !== 0 || length === 0) resolve({ why: 'failed' });
      else resolve({ ppm: Buffer.concat(chunks) });
    };
    child.on('error', () => end(null));
    child.on('close', end);
  });
}
