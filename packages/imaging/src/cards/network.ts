// The reader of a line: a small convolutional network in plain loops, so that it runs wherever JavaScript does. Five
// convolutions take the line's ink, 32 pixels high, to columns of scores, one column for every four pixels along it:
// of each sign, of none, and of handwriting. Weights are int8, with a scale for each output. MODEL.md says what it
// was trained on.
import { lineHeight, widest } from './line.ts';

/** What a column may show, in order: Latin and Arabic-Indic digits, what stands beside them, and '' for none of these. */
export const signs = [...'0123456789٠١٢٣٤٥٦٧٨٩/أبجد', ''] as const;
export const none = signs.length - 1;

/** One convolution: channels in and out, its extent, its steps, and how far it reaches beyond the edge (up, left). */
export interface Layer {
  inner: number;
  outer: number;
  high: number;
  wide: number;
  down: number;
  along: number;
  above: number;
  before: number;
}

const layer = (
  [inner, outer]: [number, number],
  [high, wide]: [number, number],
  [down, along]: [number, number],
  [above, before]: [number, number],
): Layer => ({ inner, outer, high, wide, down, along, above, before });

/** All are rectified but the last. Heights: 32, 16, 8, 4, 1, 1. */
export const layers: readonly Layer[] = [
  layer([1, 12], [3, 3], [2, 2], [1, 1]),
  layer([12, 28], [3, 3], [2, 2], [1, 1]),
  layer([28, 56], [3, 3], [2, 1], [1, 1]),
  layer([56, 96], [4, 5], [4, 1], [0, 2]),
  layer([96, signs.length + 1], [1, 1], [1, 1], [0, 0]),
];

/** Pixels along a line for each column of scores. */
export const columnStep = layers.reduce((product, { along }) => product * along, 1);

export interface LayerWeights {
  /** By row, column, channel in, channel out. */
  kernel: Float32Array;
  bias: Float32Array;
}
export type Weights = LayerWeights[];

export const kernelSize = ({ inner, outer, high, wide }: Layer): number => inner * outer * high * wide;

/** The maps between the layers, kept, since training goes back through them: `maps[0]` is the ink. */
export interface Pass {
  maps: Float32Array[];
  /** Of the line that is in it now: the width of each map. */
  widths: number[];
}

/** The sides of all maps in one direction. */
function sides(first: number, step: 'down' | 'along'): number[] {
  const all = [first];
  for (const one of layers) all.push(Math.ceil(all.at(-1)! / one[step]));
  return all;
}

/** Rows of each map. */
export const heights = sides(lineHeight, 'down');

export function newPass(): Pass {
  const channels = [1, ...layers.map(({ outer }) => outer)];
  const widths = sides(widest, 'along');
  return { maps: heights.map((rows, k) => new Float32Array(rows * widths[k]! * channels[k]!)), widths };
}

/** What one output sees: values that are not 0, and where in the kernel each has its row. Reused. */
const seen = { values: new Float32Array(2048), rows: new Int32Array(2048) };

function convolve(
  input: Float32Array,
  rows: number,
  columns: number,
  { inner, outer, high, wide, down, along, above, before }: Layer,
  { kernel, bias }: LayerWeights,
  out: Float32Array,
  [outRows, outColumns]: [number, number],
  rectified: boolean,
): void {
  const { values, rows: at } = seen;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++) {
      let n = 0;
      for (let ky = 0; ky < high; ky++) {
        const sy = down * y + ky - above;
        if (sy < 0 || sy >= rows) continue;
        for (let kx = 0; kx < wide; kx++) {
          const sx = along * x + kx - before;
          if (sx < 0 || sx >= columns) continue;
          const from = (sy * columns + sx) * inner;
          const row = (ky * wide + kx) * inner;
          for (let d = 0; d < inner; d++) {
            const value = input[from + d]!;
            if (value === 0) continue;
            values[n] = value;
            at[n++] = (row + d) * outer;
          }
        }
      }
      const o = (y * outColumns + x) * outer;
      for (let c = 0; c < outer; c++) out[o + c] = bias[c]!;
      // Four at a time: 1.6 times as fast as one by one.
      let k = 0;
      for (; k + 4 <= n; k += 4) {
        const [v0, v1, v2, v3] = [values[k]!, values[k + 1]!, values[k + 2]!, values[k + 3]!];
        const [a0, a1, a2, a3] = [at[k]!, at[k + 1]!, at[k + 2]!, at[k + 3]!];
        for (let c = 0; c < outer; c++)
          out[o + c]! += v0 * kernel[a0 + c]! + v1 * kernel[a1 + c]! + v2 * kernel[a2 + c]! + v3 * kernel[a3 + c]!;
      }
      for (; k < n; k++) {
        const [value, row] = [values[k]!, at[k]!];
        for (let c = 0; c < outer; c++) out[o + c]! += value * kernel[row + c]!;
      }
      if (rectified) for (let c = 0; c < outer; c++) if (out[o + c]! < 0) out[o + c] = 0;
    }
  }
}

/** Looks at `ink` (32 rows of `width`); raw scores are left in the last map. */
export function forward(weights: Weights, pass: Pass, ink: Float32Array, width: number): void {
  pass.widths = sides(width, 'along');
  pass.maps[0]!.set(ink);
  layers.forEach((one, k) => {
    const size: [number, number] = [heights[k + 1]!, pass.widths[k + 1]!];
    const last = k === layers.length - 1;
    convolve(pass.maps[k]!, heights[k]!, pass.widths[k]!, one, weights[k]!, pass.maps[k + 1]!, size, !last);
  });
}

/** Log-probabilities of the signs, column by column, and the probability that the line was written by hand. */
export interface Columns {
  count: number;
  /** `count` times `signs.length`. */
  logs: Float32Array;
  hand: number;
}

export function judge(weights: Weights, pass: Pass, ink: Float32Array, width: number): Columns {
  forward(weights, pass, ink, width);
  const count = pass.widths.at(-1)!;
  const scores = pass.maps.at(-1)!;
  const n = signs.length;
  const logs = new Float32Array(count * n);
  let hand = 0;
  for (let t = 0; t < count; t++) {
    const at = t * (n + 1);
    let most = -Infinity;
    for (let k = 0; k < n; k++) most = Math.max(most, scores[at + k]!);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += Math.exp(scores[at + k]! - most);
    const all = most + Math.log(sum);
    for (let k = 0; k < n; k++) logs[t * n + k] = scores[at + k]! - all;
    hand += scores[at + n]! / count;
  }
  return { count, logs, hand: 1 / (1 + Math.exp(-hand)) };
}

const sizeOf = (one: Layer): number => 8 * one.outer + kernelSize(one);

/** The next number of 16 binary digits, so that 127 times as much is exact, and bytes read are written as they were. */
function coarse(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(value)) - 15);
  return Math.ceil(value / unit) * unit;
}

/** Weights as bytes: for each layer biases, then a scale for each output, as float32 (little-endian); then int8 values. */
export function packWeights(weights: Weights): Uint8Array {
  const out = new Uint8Array(layers.reduce((sum, one) => sum + sizeOf(one), 0));
  const view = new DataView(out.buffer);
  let at = 0;
  layers.forEach(({ outer }, k) => {
    const { kernel, bias } = weights[k]!;
    const most = new Float32Array(outer).fill(1e-9);
    kernel.forEach((value, j) => (most[j % outer] = Math.max(most[j % outer]!, Math.abs(value))));
    const scales = most.map((value) => coarse(value / 127));
    for (const value of [...bias, ...scales]) {
      view.setFloat32(at, value, true);
      at += 4;
    }
    kernel.forEach((value, j) => view.setInt8(at++, Math.round(value / scales[j % outer]!)));
  });
  return out;
}

/** The inverse. Throws a RangeError where the bytes are not of this network. */
export function unpackWeights(bytes: Uint8Array): Weights {
  const wanted = layers.reduce((sum, one) => sum + sizeOf(one), 0);
  if (bytes.length !== wanted) throw new RangeError(`weights: expected ${wanted} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const float = (): number => view.getFloat32((at += 4) - 4, true);
  return layers.map((one) => {
    const bias = Float32Array.from({ length: one.outer }, float);
    const scales = Float32Array.from({ length: one.outer }, float);
    const kernel = Float32Array.from(
      { length: kernelSize(one) },
      (_, j) => view.getInt8(at++) * scales[j % one.outer]!,
    );
    return { kernel, bias };
  });
}
