// The index of hashes in a real PostgreSQL, against looking at each: the same answers, and not by reading all.
import { randomFillSync } from 'node:crypto';
import { fromHex, nearTo, toHex } from '@dalil/imaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openIndex, type IndexDatabase } from '../store/index-database.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { nearTables } from './near-project.ts';
import { likeHash } from './near-queries.ts';

const count = 100_000;
const hashes = randomFillSync(new Uint32Array(count * 8));
let home: TestHome;
let index: IndexDatabase;

beforeAll(async () => {
  // Families: each of the first hundred has relatives 3, 6, … 60 bits away.
  for (let i = 0; i < 100; i++) {
    for (let step = 1; step <= 20; step++) {
      const relative = hashes.slice(i * 8, i * 8 + 8);
      const bits = new Set<number>();
      while (bits.size < step * 3) bits.add(Math.floor(Math.random() * 256));
      for (const bit of bits) relative[bit >> 5]! ^= 1 << (bit & 31);
      hashes.set(relative, (1000 + i * 20 + step) * 8);
    }
  }
  home = await openTestHome();
  index = await openIndex({ ...home, caseId: 'a'.repeat(32) });
  await index.pool.query('create table description (item text primary key, pdq text, pdq_quality int)');
  await index.pool.query(nearTables);
  const items = Array.from({ length: count }, (_, i) => String(i));
  const hex = items.map((_, i) => toHex(hashes.subarray(i * 8, i * 8 + 8)));
  await index.pool.query(
    'insert into description select item, pdq, 100 from unnest($1::text[], $2::text[]) as d(item, pdq)',
    [items, hex],
  );
  await index.pool.query('vacuum analyze description');
});
afterAll(async () => {
  await index?.close();
  await home?.close();
});

test('what the database finds near to a hash is exactly what looking at each finds', async () => {
  let found = 0;
  for (const distance of [0, 6, 15, 16, 31]) {
    for (let i = 0; i < 10; i++) {
      const hash = hashes.slice(i * 8, i * 8 + 8);
      const expected = nearTo(hash, hashes, distance).map((near) => `${near.index}:${near.distance}`);
      const got = await likeHash(index.pool, hash, distance, ['original']);
      expect(got.map((near) => `${near.item}:${near.distance}`).toSorted()).toEqual(expected.toSorted());
      found += expected.length;
    }
  }
  expect(found).toBeGreaterThan(200);
});

test('it asks the index and takes less than reading all', async () => {
  const time = async (act: (i: number) => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < 20; i++) await act(i);
    return (performance.now() - start) / 20;
  };
  const hash = (i: number) => hashes.slice(i * 8, i * 8 + 8);
  const bits = (i: number) => Array.from(hash(i), (word) => word.toString(2).padStart(32, '0')).join('');
  const scan = (i: number) =>
    index.pool.query(`select item from description where bit_count(('x' || pdq)::bit(256) # $1::bit(256)) <= 31`, [
      bits(i),
    ]);
  const ask = (i: number) => likeHash(index.pool, hash(i), 31, ['original']);
  await ask(0);
  const [asked, scanned] = [await time(ask), await time(scan)];
  const near = await time((i) => likeHash(index.pool, hash(i), 15, ['original']));
  console.log(
    `of ${count}: within 15 bits ${near.toFixed(2)} ms, 31 ${asked.toFixed(2)}, reading all ${scanned.toFixed(1)}`,
  );
  expect(asked).toBeLessThan(scanned);
});

test('a distance that the bands cannot serve completely is refused', async () => {
  await expect(likeHash(index.pool, fromHex('0'.repeat(64))!, 32)).rejects.toThrow(RangeError);
});
