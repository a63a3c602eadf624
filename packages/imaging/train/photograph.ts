// What a camera makes of a drawn line: out of focus or moved, lit from one side, grainy, compressed. Its luma is what the
// reader learns from.
import sharp from 'sharp';
import type { Grey } from '../src/cards/line.ts';
import type { Dice } from './dice.ts';

sharp.concurrency(1);
sharp.cache(false);

/** Drawn, out of focus or moved, lit from one side, grainy, compressed: luma. */
export async function photographed(
  dice: Dice,
  svg: string,
  [width, height]: [number, number],
  tall: number,
  contrast: number,
  onSkin: boolean,
): Promise<Grey> {
  let image = sharp(Buffer.from(svg)).greyscale();
  const blur = dice.happens(0.55) ? dice.between(0.3, Math.min(3, 0.09 * tall)) : 0;
  if (blur > 0.3) image = image.blur(blur);
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  let level = Float32Array.from({ length: width * height }, (_, k) => data[k * info.channels]!);
  if (dice.happens(0.15))
    level = moved(level, width, height, dice.happens(0.5), dice.whole(1, Math.max(1, Math.round(tall * 0.09))));
  const noise = Math.min(contrast * 0.1, dice.happens(0.2) ? dice.between(6, 16) : dice.between(0, 6));
  const [slopeX, slopeY] = [dice.normal() * 25, dice.normal() * 12];
  const blotch = onSkin ? dice.between(0.05, 0.25) * contrast : dice.happens(0.2) ? dice.between(2, 8) : 0;
  const [bx, by, b1, b2] = [dice.between(0.05, 0.5), dice.between(0.05, 0.5), dice.between(0, 6), dice.between(0, 6)];
  const out = new Uint8Array(width * height);
  for (let k = 0; k < out.length; k++) {
    const [x, y] = [k % width, Math.floor(k / width)];
    let value = level[k]! + slopeX * (x / width - 0.5) + slopeY * (y / height - 0.5) + dice.normal() * noise;
    if (blotch > 0) value += blotch * Math.sin((bx * x * 8) / tall + b1 + 2 * Math.sin((by * y * 5) / tall + b2));
    out[k] = Math.max(0, Math.min(255, Math.round(value)));
  }
  if (!dice.happens(0.4)) return { data: out, width, height };
  const jpeg = await sharp(out, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: dice.whole(45, 94) })
    .toBuffer();
  const again = await sharp(jpeg).greyscale().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  for (let k = 0; k < out.length; k++) out[k] = again.data[k * again.info.channels]!;
  return { data: out, width, height };
}

/** The mean of 2 n + 1 pixels along one side: a hand that moved. */
function moved(
  level: Float32Array,
  width: number,
  height: number,
  across: boolean,
  n: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(level, (_, k) => {
    const [x, y] = [k % width, Math.floor(k / width)];
    let sum = 0;
    for (let j = -n; j <= n; j++) {
      const u = across ? Math.max(0, Math.min(width - 1, x + j)) : x;
      const v = across ? y : Math.max(0, Math.min(height - 1, y + j));
      sum += level[v * width + u]!;
    }
    return sum / (2 * n + 1);
  });
}
