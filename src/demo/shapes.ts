// The few shapes that scenes are made of: rectangles, ellipses, strokes, tapered limbs, smooth outlines.
import type { Shape } from './canvas.ts';

export const rectangle = (x: number, y: number, w: number, h: number): Shape => [
  [x, y, x + w, y, x + w, y + h, x, y + h],
];

/** A rectangle that winds the other way: cut out of a shape that it is given with. */
export const hole = (x: number, y: number, w: number, h: number): Shape => [[x, y, x, y + h, x + w, y + h, x + w, y]];

export function ellipse(x: number, y: number, rx: number, ry: number): Shape {
  const out: number[] = [];
  for (let k = 0; k < 36; k++) out.push(x + rx * Math.cos((k * Math.PI) / 18), y + ry * Math.sin((k * Math.PI) / 18));
  return [out];
}

/** A line of some width through points, as one quadrilateral a segment with round joints. */
export function stroke(points: readonly number[], width: number): Shape {
  const out: Shape = [];
  for (let k = 0; k + 3 < points.length; k += 2) {
    out.push(...limb(points[k]!, points[k + 1]!, width / 2, points[k + 2]!, points[k + 3]!, width / 2, 6));
  }
  return out;
}

/** A line cut into stitches. */
export function dashes(x1: number, y1: number, x2: number, y2: number, width: number, length: number): Shape {
  const whole = Math.hypot(x2 - x1, y2 - y1);
  const out: Shape = [];
  for (let at = 0; at < whole; at += length * 2) {
    const [s, e] = [at / whole, Math.min(1, (at + length) / whole)];
    out.push(...stroke([x1 + (x2 - x1) * s, y1 + (y2 - y1) * s, x1 + (x2 - x1) * e, y1 + (y2 - y1) * e], width));
  }
  return out;
}

/** Two circles and what lies between them: the outline winds the way an ellipse does. */
export function limb(x1: number, y1: number, r1: number, x2: number, y2: number, r2: number, steps = 12): Shape {
  const along = Math.atan2(y2 - y1, x2 - x1);
  const out: number[] = [];
  for (let k = 0; k <= steps; k++) {
    const angle = along - Math.PI / 2 + (k * Math.PI) / steps;
    out.push(x2 + r2 * Math.cos(angle), y2 + r2 * Math.sin(angle));
  }
  for (let k = 0; k <= steps; k++) {
    const angle = along + Math.PI / 2 + (k * Math.PI) / steps;
    out.push(x1 + r1 * Math.cos(angle), y1 + r1 * Math.sin(angle));
  }
  return [out];
}

/** A closed smooth curve through points (Catmull-Rom), in the order given. */
export function smooth(points: readonly (readonly [number, number])[]): Shape {
  const out: number[] = [];
  const n = points.length;
  for (let k = 0; k < n; k++) {
    const [p, q, r, s] = [points[(k + n - 1) % n]!, points[k]!, points[(k + 1) % n]!, points[(k + 2) % n]!];
    for (let step = 0; step < 8; step++) {
      const t = step / 8;
      out.push(along(p[0], q[0], r[0], s[0], t), along(p[1], q[1], r[1], s[1], t));
    }
  }
  return [out];
}

const along = (a: number, b: number, c: number, d: number, t: number): number =>
  0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t);
