// Looking at several pictures at once: what is linked moves together, and a point of the screen is found on the picture.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxBetween, changeView, changeViews, mostZoom, onPicture, plainView, type View } from './view.ts';

test('linked panes do as the one that is acted on; others stay, and do not lead', () => {
  const views = [plainView, plainView, plainView];
  const linked = [true, true, false];
  expect(changeViews(views, linked, 0, { zoom: 2 }).map(({ zoom }) => zoom)).toEqual([2, 2, 1]);
  expect(changeViews(views, linked, 2, { turn: 90 }).map(({ turn }) => turn)).toEqual([0, 0, 90]);
  expect(changeViews(changeViews(views, linked, 1, { turn: -90 }), linked, 0, 'reset')).toEqual(views);
});

test('nothing is zoomed beyond its bounds, turned beyond a circle, or moved out of sight', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ zoom: fc.double({ min: 0.1, max: 4, noNaN: true }) }),
      fc.record({ turn: fc.integer({ min: -720, max: 720 }) }),
      fc.record({ x: fc.double({ min: -3, max: 3, noNaN: true }), y: fc.double({ min: -3, max: 3, noNaN: true }) }),
    ),
  );
  fc.assert(
    fc.property(steps, (changes) => {
      const { zoom, turn, x, y } = changes.reduce<View>(changeView, plainView);
      expect(zoom).toBeGreaterThanOrEqual(1);
      expect(zoom).toBeLessThanOrEqual(mostZoom);
      expect(turn).toBeGreaterThanOrEqual(0);
      expect(turn).toBeLessThan(360);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(zoom / 2);
    }),
  );
});

test('a point on a picture that is turned and larger is found where it was put', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const view = fc.record({
    zoom: fc.double({ min: 1, max: mostZoom, noNaN: true }),
    turn: fc.integer({ min: 0, max: 359 }),
    x: fc.constant(0),
    y: fc.constant(0),
  });
  fc.assert(
    fc.property(unit, unit, view, (px, py, look) => {
      const size = { width: 320, height: 200 };
      const middle = { x: 500, y: 300 };
      const [dx, dy] = [(px - 0.5) * size.width * look.zoom, (py - 0.5) * size.height * look.zoom];
      const turn = (look.turn * Math.PI) / 180;
      const point = {
        x: middle.x + dx * Math.cos(turn) - dy * Math.sin(turn),
        y: middle.y + dx * Math.sin(turn) + dy * Math.cos(turn),
      };
      const [fx, fy] = onPicture(point, middle, size, look);
      expect(fx).toBeCloseTo(px, 6);
      expect(fy).toBeCloseTo(py, 6);
    }),
  );
  // What lies beside the picture is at its edge.
  expect(onPicture({ x: 0, y: 999 }, { x: 500, y: 300 }, { width: 10, height: 10 }, plainView)).toEqual([0, 1]);
});

test('a box has its smaller corner first, in whichever direction it was drawn', () => {
  expect(boxBetween([0.5, 0.75], [0.25, 0.25])).toEqual([0.25, 0.25, 0.25, 0.5]);
});
