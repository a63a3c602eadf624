// What a number is written on, by colour: on a card or a tape the ground ends soon beyond the writing, on skin it goes on.

/** Colours, three bytes a pixel. */
export interface Colours {
  data: Uint8Array;
  width: number;
  height: number;
}

type Point = readonly [number, number];

/** Ground that is as yellow as masking tape, as (max - min) / max. */
const tapeSaturation = 0.17;
/** Share of the ground around that is the ground beneath: on skin, and on a limb, which goes on one way only. */
const everywhere = 0.45;
const alongOneWay = 0.12;
/** Colours nearer than this are one ground. */
const sameGround = 34;

/** Judges by the quads of one card's lines, in pixels of these colours. */
export function carrierOf(picture: Colours, quads: readonly (readonly Point[])[]): 'card' | 'tape' | 'skin' {
  const ground = brightest(quads.flatMap((quad) => inside(picture, quad)));
  const [first] = quads;
  const all = quads.flat();
  const middle: Point = [mean(all.map(([x]) => x)), mean(all.map(([, y]) => y))];
  const [a, b, c] = first as [Point, Point, Point];
  const [length, height] = [Math.hypot(b[0] - a[0], b[1] - a[1]), Math.hypot(c[0] - b[0], c[1] - b[1])];
  const reach =
    Math.max(...all.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1]))) + Math.max(height, length * 0.35);
  let [same, seen] = [0, 0];
  for (let k = 0; k < 24; k++) {
    const [x, y] = [middle[0] + Math.cos((k * Math.PI) / 12) * reach, middle[1] + Math.sin((k * Math.PI) / 12) * reach];
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) continue;
    seen++;
    if (distance(at(picture, x, y), ground) < sameGround) same++;
  }
  const goesOn = same / Math.max(1, seen);
  if (goesOn > everywhere) return 'skin';
  const yellow = (Math.max(...ground) - Math.min(...ground)) / Math.max(1, ...ground);
  return yellow > tapeSaturation ? 'tape' : goesOn > alongOneWay ? 'skin' : 'card';
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function at({ data, width }: Colours, x: number, y: number): number[] {
  const n = (Math.floor(y) * width + Math.floor(x)) * 3;
  return [data[n]!, data[n + 1]!, data[n + 2]!];
}

const distance = (a: number[], b: number[]): number => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);

function inside(picture: Colours, quad: readonly Point[]): number[][] {
  const [p, q, , s] = quad as [Point, Point, Point, Point];
  const out: number[][] = [];
  for (let v = 1; v < 10; v++) {
    for (let u = 1; u < 10; u++) {
      const x = p[0] + ((q[0] - p[0]) * u + (s[0] - p[0]) * v) / 10;
      const y = p[1] + ((q[1] - p[1]) * u + (s[1] - p[1]) * v) / 10;
      if (x >= 0 && y >= 0 && x < picture.width && y < picture.height) out.push(at(picture, x, y));
    }
  }
  return out;
}

/** The middle of the brighter half: ground, where ink covers less than half. */
function brightest(colours: number[][]): number[] {
  const sorted = colours.toSorted((a, b) => a[0]! + a[1]! + a[2]! - b[0]! - b[1]! - b[2]!);
  return sorted[Math.floor(sorted.length * 0.7)] ?? [255, 255, 255];
}
