// Learning: gradients back through the network of src/cards/network.ts, and Adam (Kingma and Ba 2015), in plain loops and
// one thread. Fixed seeds and no clock, so the same drawing and the same engine give the same weights.
import { lineOf, type Line } from '../src/cards/line.ts';
import {
  columnStep,
  heights,
  judge,
  kernelSize,
  layers,
  newPass,
  signs,
  type Layer,
  type LayerWeights,
  type Pass,
  type Weights,
} from '../src/cards/network.ts';
import { ctcLoss, type Target } from './ctc.ts';
import { Dice } from './dice.ts';
import type { Face } from './families.ts';
import { drawScene, markedBox, type Scene } from './writing.ts';

/** A line as the network sees it, and what it ought to say. */
export interface Example {
  line: Line;
  targets: Target[];
  hand: boolean;
}

/** One way of cutting a scene out, drawn out up to `stretch`; null where nothing is to be learnt from it. */
export function exampleOf(dice: Dice, scene: Scene, stretch = 1): Example | null {
  const { box, signs: drawn } = markedBox(dice, scene);
  if (drawn === null) return null;
  const line = lineOf(scene.grey, box, 1, stretch > 1 ? dice.between(0.9, stretch) : 1);
  if (line === null) return null;
  const { ink, width } = line;
  // Pressed or faint, and here and there a spot without ink.
  const [press, lift] = [dice.between(0.8, 1.5), dice.normal() * 0.06];
  for (let k = 0; k < ink.length; k++) ink[k] = Math.max(0, Math.min(1, (ink[k]! - 0.5) * press + 0.5 + lift));
  if (lift > 0) for (let k = 0; k < ink.length; k++) if (ink[k]! < 0.08) ink[k] = 0;
  for (let n = dice.happens(0.15) ? dice.whole(1, 3) : 0; n > 0; n--) {
    const [x, y] = [dice.whole(0, width - 3), dice.whole(0, 29)];
    for (let k = 0; k < 9; k++) ink[(y + Math.floor(k / 3)) * width + x + (k % 3)] = 0;
  }
  const [c, s] = [Math.cos(line.box.angle), Math.sin(line.box.angle)];
  const columns = Math.ceil(width / columnStep);
  const targets = drawn
    .map(({ sign, x, y, half }): Target => {
      const along = (x - line.box.x) * c + (y - line.box.y) * s;
      const [middle, reach] = [
        (along / line.box.length + 0.5) * width,
        (half / line.box.length) * width + 0.75 * columnStep,
      ];
      const near = Math.max(0, Math.min(columns - 1, Math.round(middle / columnStep)));
      return {
        sign: signs.indexOf(sign as (typeof signs)[number]),
        from: Math.min(near, Math.max(0, Math.ceil((middle - reach) / columnStep))),
        to: Math.max(near, Math.min(columns - 1, Math.floor((middle + reach) / columnStep))),
      };
    })
    .toSorted((a, b) => a.from + a.to - b.from - b.to);
  return { line, targets, hand: scene.hand };
}

/** Adds the gradient of one convolution; `back`, its input's, may be null. */
function convolveBack(
  input: Float32Array,
  [rows, columns]: [number, number],
  { inner, outer, high, wide, down, along, above, before }: Layer,
  kernel: Float32Array,
  delta: Float32Array,
  [outRows, outColumns]: [number, number],
  into: LayerWeights,
  back: Float32Array | null,
): void {
  const { kernel: gk, bias: gb } = into;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++) {
      const o = (y * outColumns + x) * outer;
      let any = false;
      for (let c = 0; c < outer; c++) {
        const value = delta[o + c]!;
        if (value !== 0) {
          gb[c]! += value;
          any = true;
        }
      }
      if (!any) continue;
      for (let ky = 0; ky < high; ky++) {
        const sy = down * y + ky - above;
        if (sy < 0 || sy >= rows) continue;
        for (let kx = 0; kx < wide; kx++) {
          const sx = along * x + kx - before;
          if (sx < 0 || sx >= columns) continue;
          const i = (sy * columns + sx) * inner;
          let at = (ky * wide + kx) * inner * outer;
          for (let d = 0; d < inner; d++, at += outer) {
            const value = input[i + d]!;
            if (value === 0) continue; // rectified: nothing goes back through it either
            if (back === null) {
              for (let c = 0; c < outer; c++) gk[at + c]! += value * delta[o + c]!;
              continue;
            }
            let [even, odd] = [0, 0];
            let c = 0;
            for (; c + 1 < outer; c += 2) {
              const [s0, s1] = [delta[o + c]!, delta[o + c + 1]!];
              gk[at + c]! += value * s0;
              gk[at + c + 1]! += value * s1;
              even += kernel[at + c]! * s0;
              odd += kernel[at + c + 1]! * s1;
            }
            if (c < outer) {
              gk[at + c]! += value * delta[o + c]!;
              even += kernel[at + c]! * delta[o + c]!;
            }
            back[i + d]! += even + odd;
          }
        }
      }
    }
  }
}

const empty = (): Weights =>
  layers.map((one) => ({ kernel: new Float32Array(kernelSize(one)), bias: new Float32Array(one.outer) }));

export function initialWeights(dice: Dice): Weights {
  return layers.map((one) => {
    const deviation = Math.sqrt(2 / (one.inner * one.high * one.wide));
    return {
      kernel: Float32Array.from({ length: kernelSize(one) }, () => dice.normal() * deviation),
      bias: new Float32Array(one.outer),
    };
  });
}

/** The weights while they are learnt, with what Adam keeps. */
export class Learner {
  readonly weights: Weights;
  readonly #pass: Pass = newPass();
  readonly #deltas: Float32Array[];
  readonly #gradients = empty();
  readonly #first = empty();
  readonly #second = empty();
  #step = 0;

  constructor(weights: Weights) {
    this.weights = weights;
    this.#deltas = this.#pass.maps.map(({ length }) => new Float32Array(length));
  }

  /** One step by the mean gradient of a batch; gives the sum of the losses. */
  learn(batch: readonly Example[], rate: number): number {
    for (const { kernel, bias } of this.#gradients) {
      kernel.fill(0);
      bias.fill(0);
    }
    let loss = 0;
    for (const example of batch) loss += this.#add(example);
    this.#step++;
    const [c1, c2] = [1 - 0.9 ** this.#step, 1 - 0.999 ** this.#step];
    this.weights.forEach((one, k) => {
      for (const part of ['kernel', 'bias'] as const) {
        const [w, g, m, v] = [one[part], this.#gradients[k]![part], this.#first[k]![part], this.#second[k]![part]];
        for (let j = 0; j < w.length; j++) {
          const gradient = g[j]! / batch.length;
          m[j] = 0.9 * m[j]! + 0.1 * gradient;
          v[j] = 0.999 * v[j]! + 0.001 * gradient * gradient;
          w[j]! -= (rate * (m[j]! / c1)) / (Math.sqrt(v[j]! / c2) + 1e-8);
        }
      }
    });
    return loss;
  }

  #add({ line, targets, hand }: Example): number {
    const pass = this.#pass;
    const columns = judge(this.weights, pass, line.ink, line.width);
    const last = layers.length;
    const row = signs.length + 1;
    const delta = this.#deltas[last]!;
    delta.fill(0, 0, columns.count * row);
    const loss = ctcLoss(columns, targets, delta);
    if (loss === null) return 0;
    if (targets.length > 0) {
      const slope = (0.5 * (columns.hand - (hand ? 1 : 0))) / columns.count;
      for (let t = 0; t < columns.count; t++) delta[t * row + row - 1] = slope;
    }
    for (let k = last - 1; k >= 0; k--) {
      const size: [number, number] = [heights[k]!, pass.widths[k]!];
      const out: [number, number] = [heights[k + 1]!, pass.widths[k + 1]!];
      const back = k === 0 ? null : this.#deltas[k]!;
      back?.fill(0, 0, size[0] * size[1] * layers[k]!.inner);
      convolveBack(
        pass.maps[k]!,
        size,
        layers[k]!,
        this.weights[k]!.kernel,
        this.#deltas[k + 1]!,
        out,
        this.#gradients[k]!,
        back,
      );
    }
    return loss;
  }
}

export interface Course {
  seed: number;
  /** Weights to go on from; absent: chance. */
  from?: Weights;
  /** The highest rate, from which it falls as half a cosine to 0 over all lines. */
  rate?: number;
  /** Lines after which to stop all the same. */
  until?: number;
  /** Lines that are drawn, and ways in which each is cut out. */
  lines: number;
  cuts: number;
  /** How far a line is drawn out along itself at most, which parts narrow signs; 1 for not at all. */
  stretch?: number;
  /** Cuts until the rate is at its full. */
  warmUp?: number;
  /** Lines that are in memory at once. */
  lot?: number;
  faces: readonly Face[];
  /** After each lot of lines: how many were drawn, and the mean loss of a cut. */
  onLot?: (drawn: number, loss: number, weights: Weights) => void;
}

const batchSize = 16;

/** Draws and learns; lot by lot, so that what is in memory does not grow. */
export async function learn(course: Course): Promise<Weights> {
  const {
    seed,
    lines,
    cuts,
    lot = 1500,
    faces,
    rate: fastest = 0.002,
    until = lines,
    stretch = 1,
    warmUp = 3000,
    onLot,
  } = course;
  const dice = new Dice(seed);
  const learner = new Learner(course.from ?? initialWeights(dice));
  const total = lines * cuts;
  let seen = 0;
  for (let drawn = 0; drawn < Math.min(lines, until);) {
    const scenes: Scene[] = [];
    for (; scenes.length < lot && drawn < lines; drawn++) scenes.push(await drawScene(dice, faces));
    const order = Uint32Array.from({ length: scenes.length * cuts }, (_, k) => k % scenes.length);
    for (let k = order.length - 1; k > 0; k--) {
      const other = dice.whole(0, k);
      [order[k], order[other]] = [order[other]!, order[k]!];
    }
    let [loss, count] = [0, 0];
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = [...order.subarray(start, start + batchSize)].flatMap(
        (n) => exampleOf(dice, scenes[n]!, stretch) ?? [],
      );
      seen += Math.min(batchSize, order.length - start);
      if (batch.length === 0) continue;
      // Slow at first, then falling as half a cosine.
      const rate = fastest * (0.5 + 0.5 * Math.cos((Math.PI * seen) / total)) * Math.min(1, seen / warmUp);
      loss += learner.learn(batch, Math.max(rate, 1e-6));
      count += batch.length;
    }
    onLot?.(drawn, loss / Math.max(1, count), learner.weights);
  }
  return learner.weights;
}
