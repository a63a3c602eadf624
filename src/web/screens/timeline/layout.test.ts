// The arithmetic of the timeline: every picture has one place, and what is in sight is few.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSight, layOut, stepFrom, topOf } from './layout.ts';

const measures = { width: 1000, tile: 150, row: 90, gap: 10, heading: 40 };

test('every picture is in sight at its own height, once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 200, max: 2000 }),
      fc.nat(),
      (counts, width, pick) => {
        const layout = layOut(
          counts.map((count, i) => ({ month: String(i), count })),
          { ...measures, width },
        );
        const total = counts.reduce((a, b) => a + b, 0);
        const index = pick % total;
        const top = topOf(layout, index);
        const seen = inSight(layout, top, top + 1).filter(
          ({ first, from, to }) => index >= first + from && index < first + to,
        );
        expect(seen).toHaveLength(1);
        expect(top).toBeLessThan(layout.height);
        for (const step of ['next', 'previous', 'up', 'down'] as const) {
          const led = stepFrom(layout, index, step);
          expect(led >= 0 && led < total).toBe(true);
        }
      },
    ),
  );
});

test('of 55,000 pictures in 30 months a screen holds a few dozen', () => {
  const layout = layOut(
    Array.from({ length: 30 }, (_, i) => ({ month: String(i), count: 1834 })),
    measures,
  );
  for (const top of [0, layout.height / 3, layout.height - 800]) {
    const count = inSight(layout, top - 400, top + 1200).reduce((sum, { from, to }) => sum + to - from, 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(130);
  }
});
