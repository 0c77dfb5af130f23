/** When posts become public: the choices, and a change of policy in words. */
import type { ModerationMode, PolicyFace } from '@/wire/types';

/** From the most open to the most careful. */
export const MODES: readonly ModerationMode[] = ['publish_first', 'hold_suspicious', 'hold_first'];

/** Least seconds between two comments of one person. */
export const SLOW_CHOICES_S: readonly number[] = [0, 5, 10, 30, 60, 120];

/** One line of what a change of policy will do: a message of `moderation.mode.change` and the message of its value. */
export interface PolicyChange {
  key: keyof PolicyFace;
  value: string;
  values: Record<string, number>;
}

export function changesOf(before: PolicyFace, after: PolicyFace): PolicyChange[] {
  const changes: PolicyChange[] = [];
  for (const key of ['question_mode', 'comment_mode'] as const) {
    if (before[key] !== after[key]) changes.push({ key, value: `moderation.mode.name.${after[key]}`, values: {} });
  }
  if (before.slow_mode_s !== after.slow_mode_s) {
    const s = after.slow_mode_s;
    changes.push({ key: 'slow_mode_s', value: s === 0 ? 'moderation.mode.slowOff' : 'moderation.mode.slowSeconds', values: { s } });
  }
  for (const key of ['comment_tier', 'question_tier', 'support_tier'] as const) {
    if (before[key] !== after[key]) changes.push({ key, value: `moderation.tierNeeded.${after[key]}`, values: {} });
  }
  return changes;
}

/** Everything waits for a moderator: what the big switch does. */
export const holdingAll = (policy: PolicyFace): PolicyFace => ({ ...policy, comment_mode: 'hold_first', question_mode: 'hold_first' });

export const holdsAll = (policy: PolicyFace): boolean => policy.comment_mode === 'hold_first' && policy.question_mode === 'hold_first';
