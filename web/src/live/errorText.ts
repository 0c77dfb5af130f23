/**
 * A refusal in the reader's words: `errors.<code>` of the locale files with the server's values put in.
 *
 *   const words = useErrorText();
 *   words(error)                       // "请等 4 秒再发"
 *
 * Pages name the area `errors` in their route; one that loads it later says only that something did not work until then.
 */
import { useI18n } from 'vue-i18n';
import { formatTimeOfDay } from '@/format';
import type { ErrorMessage } from '@/wire/types';
import { toApiError, type ApiError, type FailureCode } from './api';

/** What has a code and values: an `ApiError`, or an `error` of the live channel. */
export type Refusal = Pick<ApiError, 'code' | 'params' | 'retry_after_ms'> | Pick<ErrorMessage, 'code' | 'params' | 'retry_after_ms'>;

/** A message of `errors` and its values. */
export interface SaidRefusal {
  key: string;
  values: Record<string, string | number>;
}

/** Which message says it. Some codes have a fuller wording when their value is there. */
export function describeRefusal(refusal: Refusal, locale: string): SaidRefusal {
  const code: FailureCode = refusal.code;
  const values: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(refusal.params ?? {})) if (value !== undefined) values[name] = value;
  const wait_ms = refusal.retry_after_ms;
  if (wait_ms !== undefined) values.seconds = Math.max(1, Math.ceil(wait_ms / 1000));
  if (values.until_ms !== undefined) values.until = formatTimeOfDay(Number(values.until_ms), locale);
  if (values.max_bytes !== undefined) values.kib = Math.round(Number(values.max_bytes) / 1024);
  const fuller = FULLER[code];
  return { key: fuller && fuller.every((name) => values[name] !== undefined) ? `${code}_said` : code, values };
}

/** Values without which the fuller wording would have a hole. */
const FULLER: Partial<Record<FailureCode, readonly string[]>> = {
  too_long: ['max'],
  too_large: ['kib'],
  muted: ['until'],
  too_new: ['seconds'],
  rate_limited: ['seconds'],
  wrong_code: ['tries_left'],
  weak_password: ['min'],
  dispositions_missing: ['count'],
};

export function useErrorText(): (thrown: unknown) => string {
  const { t, te, locale } = useI18n();
  return (thrown) => {
    const refusal = isRefusal(thrown) ? thrown : toApiError(thrown);
    const { key, values } = describeRefusal(refusal, locale.value);
    for (const name of ['field', 'tier', 'state'] as const) {
      const word = `errors.${name}.${values[name]}`;
      if (values[name] !== undefined && te(word)) values[name] = t(word);
    }
    const fielded = `errors.${key}_field`;
    if (values.field !== undefined && te(fielded)) return t(fielded, values);
    if (te(`errors.${key}`)) return t(`errors.${key}`, values);
    return te('errors.unexpected') ? t('errors.unexpected') : t('common.error.title');
  };
}

function isRefusal(thrown: unknown): thrown is Refusal {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'params' in thrown;
}
