import { expect, it } from 'vitest';
import type { PolicyFace } from '@/wire/types';
import { changesOf, putBack } from './modes';
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

it('switches and numbers that were never set are off and none', () => {
  expect(changesOf(policy, { ...policy, links_off: false, first_held: 0 })).toEqual([]);
  expect(changesOf(policy, { ...policy, chat_off: true, first_held: 3, min_age_s: 60 })).toEqual([
    { key: 'chat_off', value: 'moderation.mode.switch.on', values: {} },
    { key: 'first_held', value: 'moderation.mode.posts', values: { n: 3, s: 3 } },
    { key: 'min_age_s', value: 'moderation.mode.slowSeconds', values: { n: 60, s: 60 } },
  ]);
});

it('undoing a change puts back only what was changed and nobody changed since', () => {
  const after: PolicyFace = { ...policy, comment_mode: 'hold_first', slow_mode_s: 30, links_off: true };
  expect(putBack(policy, after, { ...after, slow_mode_s: 60, question_tier: 'verified' })).toEqual({ ...policy, slow_mode_s: 60, question_tier: 'verified' });
  expect(putBack(policy, after, policy)).toBeUndefined();
});

it('only a ban may last until it is lifted', () => {
  expect(sanctionChoices('mute').every((choice) => choice.minutes !== null)).toBe(true);
  expect(sanctionChoices('ban').some((choice) => choice.minutes === null)).toBe(true);
});
