/**
 * The table of reason codes in words, asked for once when the first of them is needed.
 *
 *   const reason = useReasons();
 *   reason(post.reason)          // "含有手机号", or '' while the table is not here or the code is empty
 *   await loadReasons()          // for a text that is said once, such as a toast; never rejects
 */
import { shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { ReasonFace } from '@/wire/types';
import { api } from './api';

const table = shallowRef<ReadonlyMap<string, ReasonFace>>(new Map());
let asked: Promise<void> | null = null;

export function loadReasons(): Promise<void> {
  asked ??= api
    .get<ReasonFace[]>('/reasons')
    .then((reasons) => {
      table.value = new Map(reasons.map((reason) => [reason.code, reason]));
    })
    .catch(() => {
      asked = null; // The next reader of a reason asks again.
    });
  return asked;
}

export function useReasons(): (code: string) => string {
  const { locale } = useI18n();
  return (code) => {
    if (code === '') return '';
    if (table.value.size === 0) void loadReasons();
    const reason = table.value.get(code);
    return (locale.value === 'en' ? reason?.en : reason?.zh) ?? '';
  };
}
