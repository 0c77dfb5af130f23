import { expect, it } from 'vitest';
import type { PolicyFace } from '@/wire/types';
import { changesOf, holdingAll, holdsAll } from './modes';
import { sanctionChoices } from './sanctions';

const policy: PolicyFace = {
  comment_tier: 'guest',
  question_tier: 'guest',
  support_tier: 'guest',
  comment_mode: 'hold_suspicious',
  question_mode: 'hold_first',
  slow_mode_s: 0,
};

it('a change of policy is said line by line, and only what changes', () => {
  expect(changesOf(policy, policy)).toEqual([]);
  expect(changesOf(policy, { ...policy, comment_mode: 'hold_first', slow_mode_s: 30, question_tier: 'verified' })).toEqual([
    { key: 'comment_mode', value: 'moderation.mode.name.hold_first', values: {} },
    { key: 'slow_mode_s', value: 'moderation.mode.slowSeconds', values: { s: 30 } },
    { key: 'question_tier', value: 'moderation.tierNeeded.verified', values: {} },
  ]);
});

it('holding everything leaves tiers and slow mode alone', () => {
  expect(holdsAll(policy)).toBe(false);
  expect(holdingAll(policy)).toEqual({ ...policy, comment_mode: 'hold_first' });
  expect(holdsAll(holdingAll(policy))).toBe(true);
});

it('only a ban may last until it is lifted', () => {
  expect(sanctionChoices('mute').every((choice) => choice.minutes !== null)).toBe(true);
  expect(sanctionChoices('ban').some((choice) => choice.minutes === null)).toBe(true);
});
