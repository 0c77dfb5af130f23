import { expect, it } from 'vitest';
import type { Tally } from '@/wire/types';
import { BUCKETS, listOf, sumOf } from './tally';

const tally: Tally = { raised: 28, answered_live: 1, answered_in_writing: 2, assigned: 3, merged: 4, declined: 5, withdrawn: 6, open: 7 };

it('every line of the tally is in the sum', () => {
  expect(sumOf(tally)).toBe(tally.raised);
  expect([...BUCKETS].sort()).toEqual(Object.keys(tally).filter((name) => name !== 'raised').sort());
});

it('a query opens only a list there is', () => {
  expect(['raised', 'assigned', 'everything', undefined, ['open']].map(listOf)).toEqual(['raised', 'assigned', null, null, null]);
});
