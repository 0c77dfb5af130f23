import { describe, expect, it } from 'vitest';
import { largestFitting } from './fitText';

const bounds = { min_px: 36, max_px: 160 };

describe('the size of the question on the big screen', () => {
  it.each([36, 37, 99, 159, 160])('is the largest that fits: %i', (limit) => {
    expect(largestFitting(bounds, (size) => size <= limit)).toBe(limit);
  });
  it('is the smallest when nothing fits, and the largest when everything does', () => {
    expect(largestFitting(bounds, () => false)).toBe(36);
    expect(largestFitting(bounds, () => true)).toBe(160);
  });
  it('is found in few measurements: each one lays out the page', () => {
    let measured = 0;
    largestFitting(bounds, (size) => {
      measured += 1;
      return size <= 77;
    });
    expect(measured).toBeLessThanOrEqual(9);
  });
});
