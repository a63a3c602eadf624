// Key frames by a real ffmpeg where this machine has one, over clips made by hand; and what it is kept from.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, hammingDistance, lumaFromPixels, pdq } from '@dalil/imaging';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFfmpeg, frameArgs } from './ffmpeg.ts';
import { describeFrame } from './media-frame.ts';
import { makeClip } from './media.fixture.ts';
import { parsePpm } from './ppm.ts';

const ffmpeg = findFfmpeg();
if (ffmpeg === null) console.log('skipped in part: no ffmpeg on PATH');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-ffmpeg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const asked = { format: 'video/quicktime', at: 0.5, side: 640, timeLimit: 20_000 };

test.skipIf(ffmpeg === null)('a key frame is the picture that the clip holds, turned for showing', async () => {
  const clip = await makeClip({ width: 320, height: 240, frames: 6 });
  await writeFile(at('clip.mov'), clip);
  await writeFile(at('turned.mov'), await makeClip({ width: 320, height: 240, frames: 6, rotation: 90 }));
  const answer = await ffmpeg!.frame({ ...asked, path: at('clip.mov') });
  if (!('ppm' in answer)) throw new Error(answer.why);
  const thumbnail = { thumbnailPath: at('thumbnail.jpg'), thumbnailSide: 160 };
  const said = await describeFrame({ ppm: answer.ppm, ...thumbnail });
  expect(said).toMatchObject({ width: 320, height: 240, thumbnail: { width: 160, height: 120 } });
  // The frames lie in the clip as they are: one of them has the same likeness.
  const distances: number[] = [];
  for (
    let from = clip.indexOf('\xff\xd8\xff', 0, 'latin1');
    from >= 0;
    from = clip.indexOf('\xff\xd8\xff', from + 1, 'latin1')
  ) {
    const { data, info } = await sharp(clip.subarray(from)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { hash } = pdq(lumaFromPixels(data, info.width, info.height, 3));
    distances.push(hammingDistance(hash, fromHex(said!.pdq.hash)!));
  }
  expect(distances).toHaveLength(6);
  expect(Math.min(...distances)).toBeLessThanOrEqual(8);
  const turned = await ffmpeg!.frame({ ...asked, path: at('turned.mov'), side: 100 });
  expect('ppm' in turned && parsePpm(turned.ppm)).toMatchObject({ width: 75, height: 100 });
});

test.skipIf(ffmpeg === null)(
  'what is no video, or lies about its format, gives no frame, and no address is asked',
  async () => {
    let asks = 0;
    const server = createServer((socket) => {
      asks++;
      socket.destroy();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    await writeFile(at('secret'), 'a file beside it');
    const lies = {
      list: `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${address}\n#EXT-X-ENDLIST\n`,
      concat: `ffconcat version 1.0\nfile ${at('secret')}\nfile ${address}\n`,
      session: `v=0\nc=IN IP4 127.0.0.1\nm=video ${(server.address() as AddressInfo).port} RTP/AVP 96\n`,
      nothing: '',
      cut: (await makeClip({ width: 64, height: 48, frames: 2 })).subarray(0, 900),
    };
    for (const [name, content] of Object.entries(lies)) {
      await writeFile(at(name), content);
      for (const format of ['video/x-msvideo', 'video/quicktime', 'video/mp2t']) {
        expect(await ffmpeg!.frame({ ...asked, format, path: at(name) }), `${name} as ${format}`).toEqual({
          why: 'failed',
        });
      }
    }
    await new Promise((done) => server.close(done));
    expect(asks).toBe(0);
  },
);

test('a program that does not end is ended at the limit, and one that floods its output too', async () => {
  const program = async (body: string): Promise<void> => {
    await writeFile(
      at('ffmpeg'),
      `#!/bin/sh\nif [ "$2" = -version ]; then echo "ffmpeg version 9.9"; exit; fi\n${body}\n`,
    );
    await chmod(at('ffmpeg'), 0o755);
  };
  await program('sleep 60');
  const found = findFfmpeg(folder)!;
  expect(found.name).toBe('ffmpeg 9.9');
  const began = Date.now();
  expect(await found.frame({ ...asked, path: at('ffmpeg'), timeLimit: 300 })).toEqual({ why: 'timed-out' });
  expect(Date.now() - began).toBeLessThan(10_000);
  await program('exec cat /dev/zero');
  expect(await found.frame({ ...asked, path: at('ffmpeg') })).toEqual({ why: 'failed' });
  await program('exit 3');
  expect(await found.frame({ ...asked, path: at('ffmpeg') })).toEqual({ why: 'failed' });
});

test('the program is looked for in absolute folders alone, and one that is not ffmpeg is none', async () => {
  expect(findFfmpeg('')).toBeNull();
  expect(findFfmpeg('.:relative/bin')).toBeNull();
  await writeFile(at('ffmpeg'), '#!/bin/sh\necho something else\n');
  await chmod(at('ffmpeg'), 0o755);
  expect(findFfmpeg(folder)).toBeNull();
});

test('its arguments name one demuxer, files alone, and a path that can be no protocol', () => {
  const args = frameArgs({ path: '/a/http:b', format: 'video/mp4', at: 1.5, side: 640 });
  expect(args).toContain('-nostdin');
  expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file,pipe');
  expect(args[args.indexOf('-f') + 1]).toBe('mov');
  expect(args.indexOf('-f')).toBeLessThan(args.indexOf('-i'));
  expect(args[args.indexOf('-i') + 1]).toBe('file:/a/http:b');
  expect(args.at(-1)).toBe('pipe:1');
});
