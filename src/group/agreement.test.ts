// Agreement of readings: what one picture says, what several say together, and how often the sure ones are right.
import { expect, test } from 'vitest';
import { agree, provisionalFrom, surest, surestAlone, type Witness } from './agreement.ts';
import { simulateReading } from './reader.fixture.ts';

const says = (item: string, value: string, probability: number, copyOf = item): Witness => ({
  copyOf,
  item,
  n: 0,
  values: [{ value, probability }],
});

test('one picture alone keeps the probability that its reader gave', () => {
  expect(agree([says('E-00001', '412', 0.8)])).toMatchObject({ value: '412', probability: 0.8, witnesses: 1 });
  expect(agree([])).toBeNull();
});

test('pictures that agree raise each other, pictures that differ lower each other', () => {
  const alone = agree([says('E-00001', '412', 0.6)])!.probability;
  // By hand: 412 scores 0.6 * sqrt(0.6) = 0.464758, the rest 40 * (0.4/40) * sqrt(0.4/40) = 0.04.
  const both = agree([says('E-00001', '412', 0.6), says('E-00002', '412', 0.6)])!;
  expect(both.probability).toBeCloseTo(0.464758 / (0.464758 + 0.04), 5);
  expect(both.probability).toBeGreaterThan(alone);
  const torn = agree([says('E-00001', '412', 0.6), says('E-00002', '472', 0.5)])!;
  expect(torn.value).toBe('412');
  expect(torn.probability).toBeLessThan(alone);
});

test('two pictures are no surer than one may be, three are', () => {
  const sure = ['1', '2', '3'].map((item) => says(`E-${item}`, '412', 0.99));
  expect(agree(sure.slice(0, 2))!.probability).toBe(surestAlone);
  expect(agree(sure)!.probability).toBeGreaterThanOrEqual(provisionalFrom);
});

test('copies of one picture are one witness, however many', () => {
  const copies = Array.from({ length: 20 }, (_, i) => says(`E-0000${i}`, '412', 0.8, 'E-00000'));
  expect(agree(copies)).toMatchObject({ probability: 0.8, witnesses: 1 });
});

test('no number of pictures makes a machine certain', () => {
  const many = Array.from({ length: 50 }, (_, i) => says(`E-${i}`, '412', 0.99));
  expect(agree(many)!.probability).toBe(surest);
});

test('the order of the pictures changes nothing', () => {
  const some = [says('E-1', '412', 0.7), says('E-2', '472', 0.7), says('E-3', '412', 0.6)];
  expect(agree(some.toReversed())).toEqual(agree(some));
});

test.each(['unseen-1', 'unseen-2', 'unseen-3'])(
  'with a simulated reader that errs alike on one card, at least 99.5 %% of the provisional numbers are right (%s)',
  (seed) => {
    let [used, right, all] = [0, 0, 0];
    for (let body = 0; body < 6000; body++) {
      const truth = String(200 + ((body * 7919) % 8000));
      // Print is read well, hands and blurred pictures less so.
      const skill = [0.99, 0.97, 0.92, 0.85][body % 4]!;
      const witnesses = Array.from({ length: 1 + (body % 5) }, (_, k): Witness => {
        const reading = simulateReading(truth, { card: `${seed} ${body}`, picture: `${k}`, skill });
        const values = reading === null ? [] : [reading, ...reading.alternatives];
        return { copyOf: `${k}`, item: `${k}`, n: 0, values };
      });
      const agreed = agree(witnesses);
      if (agreed === null) continue;
      all++;
      if (agreed.probability < provisionalFrom) continue;
      used++;
      if (agreed.value === truth) right++;
    }
    console.log(`${seed}: ${right} right of ${used} provisional, of ${all} read`);
    expect(right / used).toBeGreaterThanOrEqual(0.995);
    expect(used / all).toBeGreaterThan(0.5);
  },
);
