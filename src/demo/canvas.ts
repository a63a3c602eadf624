// A small canvas: polygons filled with exact coverage (signed-area accumulation), grain, light and blur, in plain
// arithmetic on bytes. Measured against librsvg for a scene of 640 x 480: 4.5 ms there before any grain, about 3 here.

/** Closed polygons as flat x, y lists; several in one shape are joined where they wind the same way, else cut holes. */
export type Shape = number[][];
/** A plane projection in row order: x' = (a x + b y + c) / w, y' = (d x + e y + f) / w, w = g x + h y + i. */
export type Projection = readonly [number, number, number, number, number, number, number, number, number];
export type Colour = readonly [number, number, number];

/** How a shape is painted: `alpha` 0 to 1, `grain` the strength of a speckle in levels of 255. */
export interface Ink {
  colour: Colour;
  alpha?: number;
  grain?: number;
}

export const identity: Projection = [1, 0, 0, 0, 1, 0, 0, 0, 1];
export const moved = (x: number, y: number): Projection => [1, 0, x, 0, 1, y, 0, 0, 1];
export const scaled = (x: number, y = x): Projection => [x, 0, 0, 0, y, 0, 0, 0, 1];
/** Turned clockwise (y points down) by radians. */
export const turned = (angle: number): Projection => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c, -s, 0, s, c, 0, 0, 0, 1];
};

/** The projection that applies the last argument first, like the product of matrices. */
export function after(...all: Projection[]): Projection {
  return all.reduce((m, n) => {
    const cell = (row: number, column: number): number =>
      m[row * 3]! * n[column]! + m[row * 3 + 1]! * n[column + 3]! + m[row * 3 + 2]! * n[column + 6]!;
    return [cell(0, 0), cell(0, 1), cell(0, 2), cell(1, 0), cell(1, 1), cell(1, 2), cell(2, 0), cell(2, 1), cell(2, 2)];
  }, identity);
}

export function project(m: Projection, x: number, y: number): [number, number] {
  const w = m[6] * x + m[7] * y + m[8];
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

export function invert(m: Projection): Projection {
  const [a, b, c, d, e, f, g, h, i] = m;
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

export function projected(m: Projection, shape: Shape): Shape {
  return shape.map((contour) => {
    const out: number[] = [];
    for (let k = 0; k < contour.length; k += 2) {
      const x = contour[k]!;
      const y = contour[k + 1]!;
      const w = m[6] * x + m[7] * y + m[8];
      out.push((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w);
    }
    return out;
  });
}

const grainMask = 0xffff;
let cells = new Float32Array(0);

export class Canvas {
  readonly width: number;
  readonly height: number;
  /** Rows of red, green, blue. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  #grain: Int8Array;
  #cover: Float32Array;
  /** The columns between which a row of the shape being filled has edges. */
  #first: Int32Array;
  #last: Int32Array;
  #seed: number;

  /** `grain` is 65,536 values, about normal with deviation 40; `seed` says where in it this picture begins. */
  constructor(width: number, height: number, grain: Int8Array, seed: number) {
    this.width = width;
    this.height = height;
    this.pixels = new Uint8ClampedArray(width * height * 3);
    // All zero between two fills, so one buffer serves every canvas of a thread.
    if (cells.length < (width + 2) * (height + 1)) cells = new Float32Array((width + 2) * (height + 1));
    this.#cover = cells;
    this.#first = new Int32Array(height).fill(0x7fffffff);
    this.#last = new Int32Array(height).fill(-1);
    this.#grain = grain;
    this.#seed = seed;
  }

  /** One colour all over, before anything else. */
  clear(colour: Colour): void {
    const { pixels } = this;
    const row = this.width * 3;
    for (let k = 0; k < row; k++) pixels[k] = colour[k % 3]!;
    for (let done = row; done < pixels.length; done *= 2)
      pixels.copyWithin(done, 0, Math.min(done, pixels.length - done));
  }

  /** Fills a shape given in pixels, joined where contours wind the same way. */
  paint(shape: Shape, ink: Ink): void {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const contour of shape) {
      for (let k = 0; k < contour.length; k += 2) {
        const x = contour[k]!;
        const y = contour[k + 1]!;
        if (x < x0) x0 = x;
        if (x > x1) x1 = x;
        if (y < y0) y0 = y;
        if (y > y1) y1 = y;
      }
    }
    x0 = Math.max(0, Math.floor(x0));
    y0 = Math.max(0, Math.floor(y0));
    x1 = Math.min(this.width, Math.ceil(x1));
    y1 = Math.min(this.height, Math.ceil(y1));
    if (!(x0 < x1 && y0 < y1)) return;
    const [w, h] = [x1 - x0, y1 - y0];
    for (const contour of shape) {
      const n = contour.length;
      for (let k = 0; k < n; k += 2) {
        const j = k + 2 < n ? k + 2 : 0;
        this.#edge(contour[k]! - x0, contour[k + 1]! - y0, contour[j]! - x0, contour[j + 1]! - y0, w, h);
      }
    }
    this.#blend(x0, y0, w, h, ink);
  }

  /** Adds one edge's signed area to the cells it crosses, in a window of w x h; left of it counts as column 0. */
  #edge(ax: number, ay: number, bx: number, by: number, w: number, h: number): void {
    if (ay === by) return;
    const sign = ay < by ? 1 : -1;
    if (ay > by) [ax, ay, bx, by] = [bx, by, ax, ay];
    if (by <= 0 || ay >= h) return;
    const slope = (bx - ax) / (by - ay);
    const top = Math.max(0, ay);
    const bottom = Math.min(h, by);
    const stride = w + 2;
    const cover = this.#cover;
    for (let row = Math.floor(top); row < bottom; row++) {
      const from = Math.max(row, top);
      const to = Math.min(row + 1, bottom);
      const d = (to - from) * sign;
      let l = Math.min(w, Math.max(0, ax + (from - ay) * slope));
      let r = Math.min(w, Math.max(0, ax + (to - ay) * slope));
      if (l > r) [l, r] = [r, l];
      const base = row * stride;
      const first = Math.floor(l);
      const last = Math.floor(r);
      if (first < this.#first[row]!) this.#first[row] = first;
      if (last + 1 > this.#last[row]!) this.#last[row] = last + 1;
      if (first === last) {
        const mean = (l + r) / 2 - first;
        cover[base + first]! += d * (1 - mean);
        cover[base + first + 1]! += d * mean;
        continue;
      }
      // The edge crosses several cells of this row: the share left of each boundary grows with the square, then evenly.
      const per = 1 / (r - l);
      let done = 0;
      for (let column = first; column <= last; column++) {
        const enter = column === first ? l - first : 0;
        const leave = column === last ? r - last : 1;
        const share = column === last ? 1 - done : (leave - enter) * per;
        done += share;
        const mean = (enter + leave) / 2;
        cover[base + column]! += d * share * (1 - mean);
        cover[base + column + 1]! += d * share * mean;
      }
    }
  }

  #blend(x0: number, y0: number, w: number, h: number, ink: Ink): void {
    const [red, green, blue] = ink.colour.map(Math.round) as unknown as Colour;
    const alpha = Math.round((ink.alpha ?? 1) * 256);
    const strength = ink.grain ?? 0;
    const grain = this.#grain;
    const cover = this.#cover;
    const pixels = this.pixels;
    for (let row = 0; row < h; row++) {
      const first = this.#first[row]!;
      const last = Math.min(w - 1, this.#last[row]!);
      const base = (Math.imul(y0 + row, 40503) + x0 + this.#seed) | 0;
      const start = row * (w + 2);
      let sum = 0;
      let column = first;
      let p = ((y0 + row) * this.width + x0 + first) * 3;
      while (column <= last) {
        sum += cover[start + column]!;
        cover[start + column] = 0;
        // Cells without an edge go on as the one before: most of a shape is such runs, painted without another look.
        let end = column + 1;
        while (end <= last && cover[start + end] === 0) end++;
        const covered = sum < 0 ? -sum : sum;
        const a = covered < 0.004 ? 0 : covered > 0.996 ? alpha : (covered * alpha) | 0;
        if (a === 0) {
          p += (end - column) * 3;
        } else if (a === 256) {
          for (; column < end; column++, p += 3) {
            const speck = (grain[(base + column) & grainMask]! * strength) >> 6;
            pixels[p] = red + speck;
            pixels[p + 1] = green + speck;
            pixels[p + 2] = blue + speck;
          }
        } else {
          for (; column < end; column++, p += 3) {
            const speck = (grain[(base + column) & grainMask]! * strength) >> 6;
            const r = pixels[p]!;
            const g = pixels[p + 1]!;
            const b = pixels[p + 2]!;
            pixels[p] = r + (((red + speck - r) * a) >> 8);
            pixels[p + 1] = g + (((green + speck - g) * a) >> 8);
            pixels[p + 2] = b + (((blue + speck - b) * a) >> 8);
          }
        }
        column = end;
      }
      cover[start + w] = 0;
      cover[start + w + 1] = 0;
      this.#first[row] = 0x7fffffff;
      this.#last[row] = -1;
    }
  }

  /** Light falling off from a point (in shares of the frame), and the sensor's noise in levels: the last thing done. */
  expose(light: { x: number; y: number; falloff: number; level: number; noise: number }): void {
    const { width, height, pixels } = this;
    const grain = this.#grain;
    const across = new Int32Array(width);
    for (let x = 0; x < width; x++) across[x] = Math.round(256 * light.falloff * (x / width - light.x) ** 2);
    const noise = Math.round(light.noise * 4);
    const start = this.#seed >>> 16;
    for (let y = 0, p = 0; y < height; y++) {
      const down = Math.round(256 * light.level) - Math.round(256 * light.falloff * (y / height - light.y) ** 2);
      const base = (Math.imul(y, 25717) + start) & grainMask;
      for (let x = 0; x < width; x++, p += 3) {
        const gain = down - across[x]!;
        const at = base + x;
        const speck = (grain[at & grainMask]! * noise) >> 8;
        const tint = (grain[(at * 3) & grainMask]! * noise) >> 10;
        pixels[p] = ((pixels[p]! * gain) >> 8) + speck + tint;
        pixels[p + 1] = ((pixels[p + 1]! * gain) >> 8) + speck;
        pixels[p + 2] = ((pixels[p + 2]! * gain) >> 8) + speck - tint;
      }
    }
  }

  /** Blurs by a running mean of 2r+1 pixels, across and down each with its own radius (one of them: motion). */
  blur(across: number, down: number): void {
    const { width, height, pixels } = this;
    if (across > 0) meanAcross(pixels, width, height, across);
    if (down > 0) meanDown(pixels, width, height, down);
  }
}

function meanAcross(pixels: Uint8ClampedArray, width: number, height: number, radius: number): void {
  const share = Math.round(65_536 / (2 * radius + 1));
  for (let y = 0; y < height; y++) {
    const from = y * width * 3;
    const line = pixels.slice(from, from + width * 3);
    for (let channel = 0; channel < 3; channel++) {
      let sum = line[channel]! * (radius + 1);
      for (let k = 1; k <= radius; k++) sum += line[k * 3 + channel]!;
      for (let x = 0; x < width; x++) {
        pixels[from + x * 3 + channel] = (sum * share + 32_768) >> 16;
        sum += line[Math.min(x + radius + 1, width - 1) * 3 + channel]! - line[Math.max(x - radius, 0) * 3 + channel]!;
      }
    }
  }
}

/** All columns at once, row by row, so that memory is walked in its own order. */
function meanDown(pixels: Uint8ClampedArray, width: number, height: number, radius: number): void {
  const share = Math.round(65_536 / (2 * radius + 1));
  const row = width * 3;
  const before = pixels.slice();
  const sums = new Int32Array(row);
  for (let k = 0; k < row; k++) {
    let sum = before[k]! * (radius + 1);
    for (let r = 1; r <= radius; r++) sum += before[r * row + k]!;
    sums[k] = sum;
  }
  for (let y = 0; y < height; y++) {
    const out = y * row;
    const enter = Math.min(y + radius + 1, height - 1) * row;
    const leave = Math.max(y - radius, 0) * row;
    for (let k = 0; k < row; k++) {
      const sum = sums[k]!;
      pixels[out + k] = (sum * share + 32_768) >> 16;
      sums[k] = sum + before[enter + k]! - before[leave + k]!;
    }
  }
}
