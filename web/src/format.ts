/** Numbers and times as a reader expects them. Plain functions: the language and the time now are parameters. */

const formatters = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

/** Formatters cost a hundred times what they format with, and a busy list shows hundreds of times a second. */
function kept<F extends Intl.DateTimeFormat | Intl.NumberFormat>(name: string, locale: string, make: () => F): F {
  const key = `${name} ${locale}`;
  const known = formatters.get(key) as F | undefined;
  if (known) return known;
  const made = make();
  formatters.set(key, made);
  return made;
}

/** `15,230`, in both languages. */
export function formatCount(value: number, locale: string): string {
  return kept('count', locale, () => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })).format(value);
}

/** A length on the stream: `42:10`, with hours `1:02:03`. */
export function formatClock(duration_ms: number): string {
  const seconds = Math.max(0, Math.floor(duration_ms / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** Date and time to the second, in the reader's zone. */
export function formatExact(at_ms: number, locale: string): string {
  return kept('exact', locale, () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })).format(at_ms);
}

/** `14:05` in the reader's zone. */
export function formatTimeOfDay(at_ms: number, locale: string): string {
  return kept('time', locale, () => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })).format(at_ms);
}

/** Either a message of `common.time` with its values, or a text that needs no translation. */
export type SaidTime =
  | { key: 'now' | 'minutesAgo' | 'hoursAgo' | 'inMinutes' | 'inHours' | 'yesterday' | 'tomorrow'; values: Record<string, string | number>; text?: never }
  | { key?: never; values?: never; text: string };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** "5 小时前" helps; "11 小时前" makes a reader calculate. */
const HOURS_SAID_MAX = 6;

/** How `at_ms` is said at `now_ms`: 刚刚, 3 分钟前, 14:05, 昨天 14:05, 3月2日 14:05, with the year if it is another. */
export function describeTime(at_ms: number, now_ms: number, locale: string): SaidTime {
  const distance_ms = Math.abs(now_ms - at_ms);
  const past = at_ms <= now_ms;
  if (distance_ms < MINUTE_MS) return { key: 'now', values: {} };
  if (distance_ms < HOUR_MS) {
    return { key: past ? 'minutesAgo' : 'inMinutes', values: { n: Math.floor(distance_ms / MINUTE_MS) } };
  }
  const days = calendarDay(at_ms) - calendarDay(now_ms);
  if (days === 0 && distance_ms < HOURS_SAID_MAX * HOUR_MS) {
    return { key: past ? 'hoursAgo' : 'inHours', values: { n: Math.floor(distance_ms / HOUR_MS) } };
  }
  const time = formatTimeOfDay(at_ms, locale);
  if (days === 0) return { text: time };
  if (days === -1) return { key: 'yesterday', values: { time } };
  if (days === 1) return { key: 'tomorrow', values: { time } };
  const sameYear = new Date(at_ms).getFullYear() === new Date(now_ms).getFullYear();
  const date = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', ...(sameYear ? {} : { year: 'numeric' }) }).format(at_ms);
  return { text: `${date} ${time}` };
}

/** Number of the calendar day in the reader's zone; only differences between two of them mean anything. */
function calendarDay(at_ms: number): number {
  const date = new Date(at_ms);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / (24 * HOUR_MS));
}
