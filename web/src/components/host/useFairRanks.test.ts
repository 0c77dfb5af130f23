import { describe, expect, it } from 'vitest';
import type { FairRow } from '@/wire/types';
import { isOutside } from './useFairRanks';

const row = (over: Partial<FairRow>): FairRow => ({
  question: {} as FairRow['question'],
  on_air_s: 600,
  rate_milli: 100,
  rank_supported: 40,
  rank_unheard: 40,
  first_of_topic: false,
  first_of_department: false,
  first_of_place: false,
  ...over,
});

describe('a choice', () => {
  it('is outside only when it is far down both lists and speaks for no group that was not heard', () => {
    expect(isOutside(row({}))).toBe(true);
    expect(isOutside(row({ rank_supported: 20 }))).toBe(false);
    expect(isOutside(row({ rank_unheard: 1 }))).toBe(false);
    expect(isOutside(row({ first_of_place: true }))).toBe(false);
  });
});
