// Trains the reader of single signs and writes its weights: node --import tsx packages/imaging/train/train.ts [lines] [file]
// One process, fixed seeds, no clock: the same versions of fonts, sharp and this give the same bytes.
import { writeFileSync } from 'node:fs';
import { dividedLine, glyphFacts, glyphOf, glyphSide } from '../src/cards/line.ts';
import {
  flat,
  forward,
  judge,
  layers,
  newPass,
  packWeights,
  shape,
  signs,
  type Weights,
} from '../src/cards/network.ts';
import { Dice, drawLine, faces, heldFaces, type Sample } from './writing.ts';

const size = glyphSide * glyphSide + glyphFacts;
const lines = Number(process.argv[2] ?? 20_000);
const rounds = 4;
const none = signs.length - 1;
/** Turned upside down these are signs again, so they teach nothing of which way is up. */
const symmetric = new Set('01869٠١٥٧٨/');

interface Examples {
  glyphs: Uint8Array;
  labels: Uint8Array;
  hands: Uint8Array;
  count: number;
}

/** What spans of atoms show: a sign where they are one sign's extent, else none. */
function examplesOf(sample: Sample): { glyph: Float32Array; label: number; hand: boolean }[] {
  const line = dividedLine(sample.grey);
  if (line === null) return [];
  const out: { glyph: Float32Array; label: number; hand: boolean }[] = [];
  for (let from = 0; from < line.atoms.length; from++) {
    for (let to = from + 1; to <= Math.min(line.atoms.length, from + 3); to++) {
      const span = line.atoms.slice(from, to);
      const left = Math.min(...span.map((atom) => atom.left));
      const right = Math.max(...span.map((atom) => atom.right)) + 1;
      if (to - from > 1 && right - left > line.tall * 2) break;
      const overlaps = sample.signs.map((sign) => {
        const shared = Math.min(right, sign.right) - Math.max(left, sign.left);
        return shared <= 0 ? 0 : shared / (Math.max(right, sign.right) - Math.min(left, sign.left));
      });
      const best = overlaps.reduce((most, value, k) => (value > overlaps[most]! ? k : most), 0);
      const { sign } = sample.signs[best]!;
      const match = overlaps[best]!;
      // Between the two it is nobody's to say.
      if (match > 0.45 && match < 0.68) continue;
      let label: number = none;
      if (sample.script !== null && match >= 0.68) {
        if (sample.flipped && symmetric.has(sign)) continue;
        label = sample.flipped ? none : signs.indexOf(sign as (typeof signs)[number]);
      } else if (to - from > 1 && from % 2 === 1) continue;
      out.push({ glyph: glyphOf(line, from, to), label: label < 0 ? none : label, hand: sample.hand });
    }
  }
  return out;
}

async function gather(seed: number, count: number, from: typeof faces): Promise<Examples> {
  const dice = new Dice(seed);
  const most = count * 9;
  const out: Examples = {
    glyphs: new Uint8Array(most * size),
    labels: new Uint8Array(most),
    hands: new Uint8Array(most),
    count: 0,
  };
  for (let k = 0; k < count; k++) {
    for (const { glyph, label, hand } of examplesOf(await drawLine(dice, from))) {
      if (out.count === most) break;
      for (let j = 0; j < size; j++)
        out.glyphs[out.count * size + j] = j < size - glyphFacts ? glyph[j]! * 255 : (glyph[j]! + 2) * 63;
      out.labels[out.count] = label;
      out.hands[out.count] = hand ? 1 : 0;
      out.count++;
    }
    if (k % 5000 === 4999) console.error(`drawn ${k + 1} lines, ${out.count} examples`);
  }
  return out;
}

function load(examples: Examples, n: number, into: Float32Array): void {
  for (let j = 0; j < size; j++) {
    const value = examples.glyphs[n * size + j]!;
    into[j] = j < size - glyphFacts ? value / 255 : value / 63 - 2;
  }
}

function initial(dice: Dice): Weights {
  const inputs = [9, 0, 9 * shape.first, 0, flat, 0, shape.hidden, 0];
  return layers.map((length, k) =>
    Float32Array.from({ length }, () => (inputs[k] === 0 ? 0 : dice.normal() * Math.sqrt(2 / inputs[k]!))),
  );
}

/** Adds the gradient of one convolution; `back` (its input's) may be null. */
function convolveBack(
  input: Float32Array,
  side: number,
  inner: number,
  w: Float32Array,
  delta: Float32Array,
  outer: number,
  gw: Float32Array,
  gb: Float32Array,
  back: Float32Array | null,
): void {
  const to = side / 2;
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const o = (y * to + x) * outer;
      let any = false;
      for (let c = 0; c < outer; c++) {
        const value = delta[o + c]!;
        if (value !== 0) {
          gb[c]! += value;
          any = true;
        }
      }
      if (!any) continue;
      for (let ky = 0; ky < 3; ky++) {
        const sy = 2 * y + ky - 1;
        if (sy < 0 || sy >= side) continue;
        for (let kx = 0; kx < 3; kx++) {
          const sx = 2 * x + kx - 1;
          if (sx < 0 || sx >= side) continue;
          const i = (sy * side + sx) * inner;
          for (let d = 0; d < inner; d++) {
            const value = input[i + d]!;
            if (value === 0) continue; // rectified: nothing goes back through it either
            const at = ((ky * 3 + kx) * inner + d) * outer;
            let sum = 0;
            for (let c = 0; c < outer; c++) {
              gw[at + c]! += value * delta[o + c]!;
              sum += w[at + c]! * delta[o + c]!;
            }
            if (back !== null) back[i + d]! += sum;
          }
        }
      }
    }
  }
}

function train(examples: Examples): Weights {
  const dice = new Dice(7);
  const weights = initial(dice);
  const gradients = layers.map((length) => new Float32Array(length));
  const [first, second] = [
    layers.map((length) => new Float32Array(length)),
    layers.map((length) => new Float32Array(length)),
  ];
  const pass = newPass();
  const order = Uint32Array.from({ length: examples.count }, (_, k) => k);
  const batch = 48;
  const deltas = {
    out: new Float32Array(shape.outputs),
    hidden: new Float32Array(shape.hidden),
    second: new Float32Array(flat),
    first: new Float32Array(pass.first.length),
  };
  const steps = Math.floor(examples.count / batch) * rounds;
  let step = 0;
  for (let round = 0; round < rounds; round++) {
    for (let k = order.length - 1; k > 0; k--) {
      const other = dice.whole(0, k);
      [order[k], order[other]] = [order[other]!, order[k]!];
    }
    let loss = 0;
    for (let start = 0; start + batch <= order.length; start += batch) {
      for (const gradient of gradients) gradient.fill(0);
      for (let k = start; k < start + batch; k++) {
        const n = order[k]!;
        load(examples, n, pass.input);
        const { logs, hand } = judge(weights, pass);
        const label = examples.labels[n]!;
        loss -= logs[label]!;
        for (let j = 0; j < signs.length; j++) deltas.out[j] = Math.exp(logs[j]!) - (j === label ? 1 : 0);
        deltas.out[signs.length] = label === none ? 0 : 0.3 * (hand - examples.hands[n]!);
        deltas.hidden.fill(0);
        for (let o = 0; o < shape.outputs; o++) {
          const delta = deltas.out[o]!;
          if (Math.abs(delta) < 1e-5) continue;
          gradients[7]![o]! += delta;
          for (let h = 0; h < shape.hidden; h++) {
            gradients[6]![o * shape.hidden + h]! += delta * pass.hidden[h]!;
            deltas.hidden[h]! += delta * weights[6]![o * shape.hidden + h]!;
          }
        }
        deltas.second.fill(0);
        for (let h = 0; h < shape.hidden; h++) {
          const delta = deltas.hidden[h]!;
          if (pass.hidden[h]! <= 0 || Math.abs(delta) < 1e-6) continue;
          gradients[5]![h]! += delta;
          const at = h * flat;
          const [gw, w] = [gradients[4]!, weights[4]!];
          for (let j = 0; j < flat; j++) {
            const value = pass.second[j]!;
            if (value === 0) continue;
            gw[at + j]! += delta * value;
            deltas.second[j]! += delta * w[at + j]!;
          }
        }
        deltas.first.fill(0);
        convolveBack(
          pass.first,
          shape.side / 2,
          shape.first,
          weights[2]!,
          deltas.second,
          shape.second,
          gradients[2]!,
          gradients[3]!,
          deltas.first,
        );
        convolveBack(
          pass.input,
          shape.side,
          1,
          weights[0]!,
          deltas.first,
          shape.first,
          gradients[0]!,
          gradients[1]!,
          null,
        );
      }
      step++;
      // Adam, its rate falling as half a cosine.
      const rate = 0.0022 * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps)) * Math.min(1, step / 200);
      const [c1, c2] = [1 - 0.9 ** step, 1 - 0.999 ** step];
      for (let l = 0; l < weights.length; l++) {
        const [w, g, m, v] = [weights[l]!, gradients[l]!, first[l]!, second[l]!];
        for (let j = 0; j < w.length; j++) {
          const gradient = g[j]! / batch;
          m[j] = 0.9 * m[j]! + 0.1 * gradient;
          v[j] = 0.999 * v[j]! + 0.001 * gradient * gradient;
          w[j]! -= (rate * (m[j]! / c1)) / (Math.sqrt(v[j]! / c2) + 1e-8);
        }
      }
    }
    console.error(`round ${round + 1} of ${rounds}: loss ${(loss / order.length).toFixed(4)}`);
    writeFileSync(out, packWeights(weights));
    for (const [name, test] of Object.entries(tests)) console.error(`  ${name}: ${report(weights, test)}`);
  }
  return weights;
}

function report(weights: Weights, test: Examples): string {
  const pass = newPass();
  const right = { latin: [0, 0], arabic: [0, 0], suffix: [0, 0], none: [0, 0], style: [0, 0] } as Record<
    string,
    [number, number]
  >;
  for (let n = 0; n < test.count; n++) {
    load(test, n, pass.input);
    forward(weights, pass);
    let best = 0;
    for (let k = 1; k < signs.length; k++) if (pass.outputs[k]! > pass.outputs[best]!) best = k;
    const label = test.labels[n]!;
    const kind = label < 10 ? 'latin' : label < 20 ? 'arabic' : label < none ? 'suffix' : 'none';
    right[kind]![1]++;
    if (best === label) right[kind]![0]++;
    if (label < 20) {
      right['style']![1]++;
      if (pass.outputs[signs.length]! > 0 === (test.hands[n] === 1)) right['style']![0]++;
    }
  }
  return Object.entries(right)
    .map(([kind, [r, all]]) => `${kind} ${r}/${all} ${((100 * r) / Math.max(1, all)).toFixed(1)}%`)
    .join(', ');
}

const out = process.argv[3] ?? new URL('../src/cards/digits.bin', import.meta.url);
const tests = {
  'same fonts, other lines': await gather(2, 400, faces),
  'fonts never seen': await gather(3, 400, heldFaces),
};
train(await gather(1, lines, faces));
