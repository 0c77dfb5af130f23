/** The table of reasons, fetched once: what an author is told, in the reader's language. */
import { computed, shallowRef, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { api } from '@/live/api';
import type { ReasonFace } from '@/wire/types';

const table = shallowRef<readonly ReasonFace[]>([]);
let fetching: Promise<void> | undefined;

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

export function useReasons(): UseReasons {
  const { locale } = useI18n();
  const full = (code: string): string => {
    const reason = table.value.find((row) => row.code === code);
    return reason ? (locale.value === 'en' ? reason.en : reason.zh) : code;
  };
  return {
    byHand: computed(() => table.value.filter((row) => row.by_hand)),
    all: computed(() => table.value),
    full,
    short: (code) => shortReason(full(code)),
    load: async () => {
      if (table.value.length > 0) return;
      fetching ??= api.get<ReasonFace[]>('/reasons').then(
        (answer) => {
          table.value = answer;
        },
        () => {
          // Codes are shown until it works; asked for again by whoever opens the desk next.
          fetching = undefined;
        },
      );
      await fetching;
    },
  };
}
