// How the pictures of the light table are looked at: larger, turned, moved; panes that are linked do as the one does that is
// acted on. Pure.
import type { Box } from '../../../group/marks.ts';

/** `x`, `y`: by how much its middle is moved, in widths and heights of the picture. `turn`: degrees, clockwise. */
export interface View {
  zoom: number;
  turn: number;
  x: number;
  y: number;
}

export const plainView: View = { zoom: 1, turn: 0, x: 0, y: 0 };
export const mostZoom = 8;

export type Change = { zoom: number } | { turn: number } | { x: number; y: number } | 'reset';

/** `zoom` multiplies, the others add. A picture cannot be moved out of its place. */
export function changeView(view: View, change: Change): View {
  if (change === 'reset') return plainView;
  const within = (n: number, most: number): number => Math.min(most, Math.max(-most, n));
  const zoom = 'zoom' in change ? Math.min(mostZoom, Math.max(1, view.zoom * change.zoom)) : view.zoom;
  const turn = 'turn' in change ? (((view.turn + change.turn) % 360) + 360) % 360 : view.turn;
  const [x, y] = 'x' in change ? [view.x + change.x, view.y + change.y] : [view.x, view.y];
  return { zoom, turn, x: within(x, zoom / 2), y: within(y, zoom / 2) };
}

/** The views after a change of one: of all that are linked where it is linked itself. */
export function changeViews(views: readonly View[], linked: readonly boolean[], at: number, change: Change): View[] {
  return views.map((view, i) =>
    i === at || (linked[at] === true && linked[i] === true) ? changeView(view, change) : view,
  );
}

/** The CSS transform of the box that holds the picture. */
export const transformOf = ({ zoom, turn, x, y }: View): string =>
  `translate(${String(x * 100)}%, ${String(y * 100)}%) rotate(${String(turn)}deg) scale(${String(zoom)})`;

/**
 * Where a point of the screen is on the picture, in fractions of it, within it. `middle`: of the box on the screen, turned
 * or not it is the same; `size`: of the box as it would be plain.
 */
export function onPicture(
  point: { x: number; y: number },
  middle: { x: number; y: number },
  size: { width: number; height: number },
  { zoom, turn }: View,
): [number, number] {
  const back = (-turn * Math.PI) / 180;
  const [dx, dy] = [(point.x - middle.x) / zoom, (point.y - middle.y) / zoom];
  const [px, py] = [dx * Math.cos(back) - dy * Math.sin(back), dx * Math.sin(back) + dy * Math.cos(back)];
  const fraction = (n: number): number => Math.min(1, Math.max(0, n));
  return [fraction(0.5 + px / size.width), fraction(0.5 + py / size.height)];
}

/** The box between two corners. */
export function boxBetween([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): Box {
  return [Math.min(ax, bx), Math.min(ay, by), Math.abs(ax - bx), Math.abs(ay - by)];
}
