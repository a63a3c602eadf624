// From the map of a text detector (DB: for each pixel the probability that it belongs to text) to turned rectangles, one
// for each line of writing. DB shrinks what it marks, so rectangles are grown again by area over perimeter.

/** A turned rectangle: centre, length along the writing, height across it, angle of the length in radians. */
export interface TextBox {
  x: number;
  y: number;
  length: number;
  height: number;
  angle: number;
  /** Mean of the map within. */
  score: number;
}

const threshold = 0.3;
const leastScore = 0.5;
const leastArea = 10;
/** How far DB's shrunk regions are grown, in areas over perimeters. */
const growth = 1.6;

/** Lines of writing in a map of `width` x `height` probabilities, coordinates multiplied by `scale`; strongest first. */
export function textBoxes(map: Float32Array, width: number, height: number, scale = 1, most = 24): TextBox[] {
  const seen = new Uint8Array(width * height);
  const boxes: TextBox[] = [];
  const stack: number[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || map[start]! < threshold) continue;
    const points: number[] = [];
    let sum = 0;
    stack.push(start);
    seen[start] = 1;
    while (stack.length > 0) {
      const at = stack.pop()!;
      const [x, y] = [at % width, Math.floor(at / width)];
      points.push(at);
      sum += map[at]!;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          const next = ny * width + nx;
          if (seen[next] === 0 && map[next]! >= threshold) {
            seen[next] = 1;
            stack.push(next);
          }
        }
      }
    }
    const score = sum / points.length;
    if (points.length < leastArea || score < leastScore) continue;
    const box = leastRectangle(points.map((at): Point => [at % width, Math.floor(at / width)]));
    const grown = (box.length * box.height * growth) / (2 * (box.length + box.height));
    boxes.push({
      x: (box.x + 0.5) * scale,
      y: (box.y + 0.5) * scale,
      length: (box.length + 2 * grown) * scale,
      height: (box.height + 2 * grown) * scale,
      angle: box.angle,
      score,
    });
  }
  return boxes.toSorted((a, b) => b.score * b.height * b.length - a.score * a.height * a.length).slice(0, most);
}

type Point = [number, number];

/** The rectangle of least area around points: one side lies on an edge of their hull. */
function leastRectangle(points: Point[]): Omit<TextBox, 'score'> {
  const hull = hullOf(points);
  let best: Omit<TextBox, 'score'> | null = null;
  for (let k = 0; k < hull.length; k++) {
    const [ax, ay] = hull[k]!;
    const [bx, by] = hull[(k + 1) % hull.length]!;
    const angle = Math.atan2(by - ay, bx - ax);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    let [u0, u1, v0, v1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of hull) {
      const [u, v] = [x * c + y * s, y * c - x * s];
      [u0, u1, v0, v1] = [Math.min(u0, u), Math.max(u1, u), Math.min(v0, v), Math.max(v1, v)];
    }
    const [length, height] = [u1 - u0 + 1, v1 - v0 + 1];
    if (best !== null && length * height >= best.length * best.height) continue;
    const [u, v] = [(u0 + u1) / 2, (v0 + v1) / 2];
    best = { x: u * c - v * s, y: u * s + v * c, length, height, angle };
  }
  const box = best!;
  return box.length >= box.height
    ? box
    : { ...box, length: box.height, height: box.length, angle: box.angle + Math.PI / 2 };
}

/** Andrew's monotone chain. */
function hullOf(points: Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (list: Point[]): Point[] => {
    const out: Point[] = [];
    for (const p of list) {
      while (out.length > 1) {
        const [a, b] = [out.at(-2)!, out.at(-1)!];
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
        out.pop();
      }
      out.push(p);
    }
    return out.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}
