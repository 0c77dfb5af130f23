/** When posts become public: the choices, and a change of policy in words. */
import type { ModerationMode, PolicyFace } from '@/wire/types';

/** From the most open to the most careful. */
export const MODES: readonly ModerationMode[] = ['publish_first', 'hold_suspicious', 'hold_first'];

/** Least seconds between two comments of one person. */
export const SLOW_CHOICES_S: readonly number[] = [0, 5, 10, 30, 60, 120];
/** Posts of a newcomer that wait, age of an identity in seconds, and how long a post may wait. */
export const NUMBER_CHOICES = { first_held: [0, 1, 3, 5], min_age_s: [0, 30, 60, 300], wait_limit_s: [0, 60, 120, 300, 600] } as const;

/** One line of what a change of policy will do: a message of `moderation.mode.change` and the message of its value. */
export interface PolicyChange {
  key: keyof PolicyFace;
  value: string;
  values: Record<string, number>;
}

/**
 * `now` with what was changed from `before` to `after` put back, as far as nobody has changed it since; undefined when
 * nothing of it is left. All three as the server tells them.
 */
export function putBack(before: PolicyFace, after: PolicyFace, now: PolicyFace): PolicyFace | undefined {
  const keys = (Object.keys({ ...before, ...after }) as (keyof PolicyFace)[]).filter((key) => before[key] !== after[key] && now[key] === after[key]);
  return keys.length > 0 ? { ...now, ...Object.fromEntries(keys.map((key) => [key, before[key]])) } : undefined;
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
  for (const key of ['links_off', 'chat_off', 'stream_off'] as const) {
    if ((before[key] ?? false) !== (after[key] ?? false)) changes.push({ key, value: `moderation.mode.switch.${after[key] ? 'on' : 'off'}`, values: {} });
  }
  for (const key of ['first_held', 'min_age_s', 'wait_limit_s'] as const) {
    const n = after[key] ?? 0;
    if ((before[key] ?? 0) !== n) changes.push({ key, value: n === 0 ? 'moderation.mode.slowOff' : `moderation.mode.${key === 'first_held' ? 'posts' : 'slowSeconds'}`, values: { n, s: n } });
  }
  return changes;
}
