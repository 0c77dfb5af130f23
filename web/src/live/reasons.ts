/**
 * The tables of reason codes in words, one per hall: a hall adds codes of its own. Each is asked for once, when the first
 * reason is needed, and again when a code turns up that it does not know: a hall may have added it since.
 *
 *   const reason = useReasons(() => session.value?.hall_id);
 *   reason(post.reason)          // "含有手机号", or '' while the table is not here or does not know the code
 *   await loadReasons(hall_id)   // for a text that is said once, such as a toast; never rejects
 */
import { shallowReactive } from 'vue';
import { useI18n } from 'vue-i18n';
import type { HallId, ReasonFace } from '@/wire/types';
import { api } from './api';

const tables = shallowReactive(new Map<HallId, readonly ReasonFace[]>());
const asked = new Map<HallId, Promise<void>>();
/** Codes a table was asked for again because of, by hall and code: once each. */
const puzzled = new Set<string>();

export function loadReasons(hall_id: HallId | undefined): Promise<void> {
  if (!hall_id) return Promise.resolve();
  const known = asked.get(hall_id);
  if (known) return known;
  const asking = api
    .get<ReasonFace[]>('/reasons', { query: { hall_id } })
    .then((reasons) => void tables.set(hall_id, reasons))
    .catch(() => void asked.delete(hall_id)); // The next reader of a reason asks again.
  asked.set(hall_id, asking);
  return asking;
}

/** The hall's table as far as it is here. */
export const reasonsOf = (hall_id: HallId | undefined): readonly ReasonFace[] => (hall_id && tables.get(hall_id)) || [];

/** What the hall's table says of a code; asks for the table if it is not here or older than the code. */
export function reasonOf(hall_id: HallId | undefined, code: string): ReasonFace | undefined {
  if (!hall_id || code === '') return undefined;
  const table = tables.get(hall_id);
  const reason = table?.find((row) => row.code === code);
  if (reason) return reason;
  const puzzle = `${hall_id} ${code}`;
  if (table && !puzzled.has(puzzle)) {
    puzzled.add(puzzle);
    asked.delete(hall_id);
  }
  void loadReasons(hall_id);
  return undefined;
}

export function useReasons(hall_id: () => HallId | undefined): (code: string) => string {
  const { locale } = useI18n();
  return (code) => {
    const reason = reasonOf(hall_id(), code);
    return (locale.value === 'en' ? reason?.en || reason?.zh : reason?.zh) ?? '';
  };
}
