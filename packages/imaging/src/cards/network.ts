// The reader of single signs: a small convolutional network in plain loops, so that it runs wherever JavaScript does.
// Two convolutions (3 x 3, stride 2, rectified), one full layer, and outputs: a sign each, and one for handwriting.
// Weights are int8 with a scale for each layer. What it was trained on is in MODEL.md beside this.
import { glyphFacts, glyphSide } from './line.ts';

/** Its outputs in order. Latin and Arabic-Indic digits, what stands beside them, and '' for what is none of these. */
export const signs = [...'0123456789٠١٢٣٤٥٦٧٨٩/أبجد', ''] as const;

export const shape = {
  side: glyphSide,
  facts: glyphFacts,
  first: 8,
  second: 20,
  hidden: 80,
  outputs: signs.length + 1,
} as const;
const half = shape.side / 2;
const quarter = shape.side / 4;
export const flat = quarter * quarter * shape.second + shape.facts;

/** Lengths of the layers: weights, then biases, of each. */
export const layers = [
  shape.first * 9,
  shape.first,
  shape.second * shape.first * 9,
  shape.second,
  shape.hidden * flat,
  shape.hidden,
  shape.outputs * shape.hidden,
  shape.outputs,
] as const;

export type Weights = Float32Array[];

/** What passes through; kept, since training goes back through it. */
export interface Pass {
  input: Float32Array;
  first: Float32Array;
  second: Float32Array;
  hidden: Float32Array;
  outputs: Float32Array;
}

export const newPass = (): Pass => ({
  input: new Float32Array(shape.side ** 2 + shape.facts),
  first: new Float32Array(half * half * shape.first),
  second: new Float32Array(flat),
  hidden: new Float32Array(shape.hidden),
  outputs: new Float32Array(shape.outputs),
});

/** One layer of 3 x 3, stride 2, over channels-last maps: `side` is of what comes in. */
function convolve(
  input: Float32Array,
  side: number,
  inner: number,
  w: Float32Array,
  b: Float32Array,
  out: Float32Array,
  outer: number,
): void {
  const to = side / 2;
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const o = (y * to + x) * outer;
      for (let c = 0; c < outer; c++) out[o + c] = b[c]!;
      for (let ky = 0; ky < 3; ky++) {
        const sy = 2 * y + ky - 1;
        if (sy < 0 || sy >= side) continue;
        for (let kx = 0; kx < 3; kx++) {
          const sx = 2 * x + kx - 1;
          if (sx < 0 || sx >= side) continue;
          const i = (sy * side + sx) * inner;
          for (let d = 0; d < inner; d++) {
            const value = input[i + d]!;
            if (value === 0) continue;
            const at = ((ky * 3 + kx) * inner + d) * outer;
            for (let c = 0; c < outer; c++) out[o + c]! += value * w[at + c]!;
          }
        }
      }
      for (let c = 0; c < outer; c++) if (out[o + c]! < 0) out[o + c] = 0;
    }
  }
}

function dense(input: Float32Array, w: Float32Array, b: Float32Array, out: Float32Array): void {
  const n = input.length;
  for (let c = 0; c < out.length; c++) {
    let sum = b[c]!;
    const at = c * n;
    for (let k = 0; k < n; k++) sum += input[k]! * w[at + k]!;
    out[c] = sum;
  }
}

/** Looks at `pass.input`; leaves raw scores in `pass.outputs`. */
export function forward(weights: Weights, pass: Pass): void {
  const [w1, b1, w2, b2, w3, b3, w4, b4] = weights as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  convolve(pass.input, shape.side, 1, w1, b1, pass.first, shape.first);
  convolve(pass.first, half, shape.first, w2, b2, pass.second, shape.second);
  for (let k = 0; k < shape.facts; k++) pass.second[flat - shape.facts + k] = pass.input[shape.side ** 2 + k]!;
  dense(pass.second, w3, b3, pass.hidden);
  for (let k = 0; k < shape.hidden; k++) if (pass.hidden[k]! < 0) pass.hidden[k] = 0;
  dense(pass.hidden, w4, b4, pass.outputs);
}

/** Log-probabilities of the signs, and the probability that it was written by hand. */
export function judge(weights: Weights, pass: Pass): { logs: Float32Array; hand: number } {
  forward(weights, pass);
  const n = signs.length;
  let most = -Infinity;
  for (let k = 0; k < n; k++) most = Math.max(most, pass.outputs[k]!);
  let sum = 0;
  for (let k = 0; k < n; k++) sum += Math.exp(pass.outputs[k]! - most);
  const all = most + Math.log(sum);
  const logs = Float32Array.from({ length: n }, (_, k) => pass.outputs[k]! - all);
  return { logs, hand: 1 / (1 + Math.exp(-pass.outputs[n]!)) };
}

/** Weights as bytes: for each layer a float32 scale (little-endian) and its int8 values. */
export function packWeights(weights: Weights): Uint8Array {
  const out = new Uint8Array(weights.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const layer of weights) {
    const scale = Math.fround(layer.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9) / 127);
    view.setFloat32(at, scale, true);
    at += 4;
    for (const value of layer) view.setInt8(at++, Math.round(value / scale));
  }
  return out;
}

/** The inverse. Throws a RangeError where the bytes are not of this network. */
export function unpackWeights(bytes: Uint8Array): Weights {
  const wanted = layers.reduce((sum, length) => sum + 4 + length, 0);
  if (bytes.length !== wanted) throw new RangeError(`weights: expected ${wanted} bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return layers.map((length) => {
    const scale = view.getFloat32(at, true);
    at += 4;
    return Float32Array.from({ length }, () => view.getInt8(at++) * scale);
  });
}
