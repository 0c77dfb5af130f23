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

/** What a hall that set nothing lets a post wait: longer, and its author gives up. */
export const WAIT_LIMIT_MS = 5 * 60_000;
/** At this part of the limit the author begins to wonder. */
const WARN_PART = 0.4;

export function ageTone(age_ms: number | undefined, limit_ms = WAIT_LIMIT_MS): 'good' | 'warn' | 'danger' {
  if (age_ms === undefined || age_ms < WARN_PART * limit_ms) return 'good';
  return age_ms < limit_ms ? 'warn' : 'danger';
}
