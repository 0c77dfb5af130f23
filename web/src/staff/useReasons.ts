/** A hall's table of reasons for its staff: what they may choose, and what an author is told, in the reader's language. */
import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { loadReasons, reasonOf, reasonsOf } from '@/live/reasons';
import type { HallId, ReasonFace } from '@/wire/types';

/** The part that names the reason, before what the author may do about it. */
export function shortReason(text: string): string {
  return text.split(/[，,。；;]/)[0]?.trim() || text;
}

export interface UseReasons {
  /** Those a moderator may choose, in the order of their number keys. */
  byHand: ComputedRef<readonly ReasonFace[]>;
  /** All of them, those of screening too. */
  all: ComputedRef<readonly ReasonFace[]>;
  /** A few words; the code itself while the table is not here or does not know it. */
  short: (code: string) => string;
  /** All the author reads. */
  full: (code: string) => string;
  load: () => Promise<void>;
}

export function useReasons(hall_id: () => HallId | undefined): UseReasons {
  const { locale } = useI18n();
  const full = (code: string): string => {
    const reason = reasonOf(hall_id(), code);
    return reason ? (locale.value === 'en' && reason.en ? reason.en : reason.zh) : code;
  };
  return {
    byHand: computed(() => reasonsOf(hall_id()).filter((row) => row.by_hand)),
    all: computed(() => reasonsOf(hall_id())),
    full,
    short: (code) => shortReason(full(code)),
    load: () => loadReasons(hall_id()),
  };
}
