import { expect, it } from 'vitest';
import { gapAt } from './dragGap';

const rows = [0, 40, 80].map((top) => ({ top, bottom: top + 40 }));

it.each([
  [-500, 0],
  [0, 0],
  [19, 0],
  [21, 1],
  [60, 1],
  [61, 2],
  [101, 3],
  [999, 3],
])('a finger at %i is over gap %i', (y, gap) => {
  expect(gapAt(y, rows)).toBe(gap);
});

it('an empty list has one gap', () => {
  expect(gapAt(10, [])).toBe(0);
});
