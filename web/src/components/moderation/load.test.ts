import { expect, it } from 'vitest';
import { ageTone, oldestAge_ms, recent } from './load';
import { swipeOf, swipeProgress } from './swipe';
import type { QueueItem } from '@/wire/types';

it('a rate counts the last minute only', () => {
  expect(recent([0, 39_999, 40_001, 99_000], 100_000)).toEqual([40_001, 99_000]);
});

it('the oldest age is that of what waits longest, and never negative', () => {
  const at = (at_ms: number): QueueItem => ({ at_ms }) as QueueItem;
  expect(oldestAge_ms([at(8_000), at(3_000)], 10_000)).toBe(7_000);
  expect(oldestAge_ms([at(12_000)], 10_000)).toBe(0);
  expect(oldestAge_ms([], 10_000)).toBeUndefined();
});

it('an age warns after two minutes and alarms after five', () => {
  expect([undefined, 119_999, 120_000, 300_000].map((age_ms) => ageTone(age_ms))).toEqual(['good', 'good', 'warn', 'danger']);
});

it('a swipe is far and straight, anything else is a scroll', () => {
  expect(swipeOf(120, 10)).toBe('right');
  expect(swipeOf(-120, -20)).toBe('left');
  expect(swipeOf(10, -130)).toBe('up');
  expect(swipeOf(60, 0)).toBeUndefined();
  expect(swipeOf(0, 200)).toBeUndefined();
  expect(swipeOf(110, 100)).toBeUndefined();
});

it('the words under the finger grow with the way and not downwards', () => {
  expect(swipeProgress(48, 0)).toBe(0.5);
  expect(swipeProgress(0, 90)).toBe(0);
  expect(swipeProgress(500, 0)).toBe(1);
});
