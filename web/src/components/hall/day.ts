/** `2026年11月21日` or `21 November 2026`, in the reader's zone. */
export function formatDay(at_ms: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(at_ms);
}

/** The same with the time of day, to the minute. */
export function formatMoment(at_ms: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', hourCycle: 'h23' }).format(at_ms);
}
