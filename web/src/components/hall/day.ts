/** `2026年11月21日` or `21 November 2026`, in the reader's zone. */
export function formatDay(at_ms: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(at_ms);
}
