/** How busy the desk is. Plain functions over instants; the clock is a parameter. */
import type { QueueItem } from '@/wire/types';

/** Rates are said per minute and counted over the last one. */
const WINDOW_MS = 60_000;

/** Instants of the last minute before `now_ms`. */
export function recent(instants_ms: readonly number[], now_ms: number): number[] {
  return instants_ms.filter((at_ms) => at_ms > now_ms - WINDOW_MS && at_ms <= now_ms + WINDOW_MS);
}

/** How long the oldest of `items` has waited, in milliseconds; absent when nothing waits. */
export function oldestAge_ms(items: Iterable<QueueItem>, now_ms: number): number | undefined {
  let oldest: number | undefined;
  for (const item of items) if (oldest === undefined || item.at_ms < oldest) oldest = item.at_ms;
  return oldest === undefined ? undefined : Math.max(0, now_ms - oldest);
}

/** Waiting longer than this the author begins to wonder, and longer than that gives up. */
const AGE_WARN_MS = 2 * 60_000;
const AGE_DANGER_MS = 5 * 60_000;

export function ageTone(age_ms: number | undefined): 'good' | 'warn' | 'danger' {
  if (age_ms === undefined || age_ms < AGE_WARN_MS) return 'good';
  return age_ms < AGE_DANGER_MS ? 'warn' : 'danger';
}
