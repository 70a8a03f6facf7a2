import { expect, test } from 'vitest';
import { mostOfAShop, SMALLEST_POOL, sharesOf } from '../src/db/pool-shares.ts';

test('what each kind of work may hold leaves a connection of every pool that can be set', () => {
  const sizes = Array.from({ length: 20 }, (_, index) => SMALLEST_POOL + index);
  for (const size of sizes) {
    const { batches, loneDrafts, queries } = sharesOf(size);
    expect(batches + loneDrafts + queries).toBeLessThan(size);
    expect(Math.min(batches, loneDrafts - 1, queries)).toBeGreaterThan(0);
  }
});

test('of the usual pool, and of a larger one, each kind has three, of which a shop may hold two', () => {
  const three = { batches: 3, loneDrafts: 3, queries: 3 };
  expect([sharesOf(10), sharesOf(100)]).toEqual([three, three]);
  expect([mostOfAShop(3), mostOfAShop(2), mostOfAShop(1)]).toEqual([2, 1, 1]);
});
