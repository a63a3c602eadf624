// Made-up pictures for tests, by whole-number arithmetic alone, so that every machine makes the same bytes.

/** Interleaved 8-bit pixels: gradients, discs and noise that depend on the seed. */
export function syntheticPixels(width: number, height: number, channels: 1 | 3, seed: number): Uint8Array {
  const pixels = new Uint8Array(width * height * channels);
  let state = (seed * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
  const discs = Array.from({ length: 12 }, () => ({
    x: next() % width,
    y: next() % height,
    r: 1 + (next() % Math.max(2, width >> 2)),
    add: [next() % 200, next() % 200, next() % 200],
  }));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const noise = next() % 24;
      for (let c = 0; c < channels; c++) {
        let value = Math.trunc((x * 90) / width) + Math.trunc((y * 60 * (c + 1)) / height) + noise;
        for (const disc of discs) {
          if ((x - disc.x) ** 2 + (y - disc.y) ** 2 <= disc.r ** 2) value += disc.add[c]!;
        }
        pixels[at++] = value % 256;
      }
    }
  }
  return pixels;
}
