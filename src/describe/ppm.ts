// Binary PPM (Netpbm's P6): how a decoder in another process hands over pixels.
import type { Pixels } from './thumbnail.ts';

/** The first picture in the bytes, three samples of eight bits a pixel; null where they are none, or cut off. */
export function parsePpm(bytes: Uint8Array): Pixels | null {
  const head = /^P6\s(\d{1,5})\s(\d{1,5})\s255\s/.exec(Buffer.from(bytes.subarray(0, 32)).toString('latin1'));
  if (head === null) return null;
  const [width, height] = [Number(head[1]), Number(head[2])];
  const start = head[0].length;
  const length = width * height * 3;
  if (length === 0 || bytes.length < start + length) return null;
  return { data: Buffer.from(bytes.buffer, bytes.byteOffset + start, length), width, height };
}
