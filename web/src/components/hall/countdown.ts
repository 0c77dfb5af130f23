/** How long until something begins, in the two largest units that matter. */
export type Countdown =
  | { unit: 'days'; days: number; hours: number }
  | { unit: 'hours'; hours: number; minutes: number }
  | { unit: 'minutes'; minutes: number; seconds: number }
  | { unit: 'due' };

export function countdownTo(at_ms: number, now_ms: number): Countdown {
  const seconds = Math.ceil((at_ms - now_ms) / 1_000);
  if (seconds <= 0) return { unit: 'due' };
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return { unit: 'days', days, hours };
  if (hours > 0) return { unit: 'hours', hours, minutes };
  return { unit: 'minutes', minutes, seconds: seconds % 60 };
}
