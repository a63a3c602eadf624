import { expect, test } from 'vitest';
import { runsTest } from './runs.ts';
import { runs } from './statistics.fixture.ts';

const count = (x: string) => ({
  seen: [...x].filter((c) => c === '1').length,
  missing: [...x].filter((c) => c === '0').length,
  runs: x.split(/(?<=1)(?=0)|(?<=0)(?=1)/).length,
});

test('runs of the vector are counted and have its mean, deviation and z', () => {
  const said = runsTest(count(runs.x));
  expect(said.runs).toBe(runs.r);
  expect(said.expected).toBeCloseTo(runs.mu, 9);
  expect(said.sd).toBeCloseTo(runs.sd, 8);
  expect(said.z).toBeCloseTo(runs.z, 7);
});

test('the chance of so few runs is that of counting every order of 6 and 5', () => {
  const orders: number[] = [];
  for (let ways = 0; ways < 2 ** 11; ways++) {
    const x = ways.toString(2).padStart(11, '0');
    const { seen, runs: r } = count(x);
    if (seen === 6) orders.push(r);
  }
  for (let r = 2; r <= 11; r++) {
    const share = orders.filter((each) => each <= r).length / orders.length;
    expect(runsTest({ seen: 6, missing: 5, runs: r }).fewer).toBeCloseTo(share, 12);
  }
});

test('where nothing is missing there is nothing to compare', () => {
  expect(runsTest({ seen: 9, missing: 0, runs: 1 })).toMatchObject({ z: null, fewer: 1 });
});
