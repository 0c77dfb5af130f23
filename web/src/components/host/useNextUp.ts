/** The host's list with changes shown at once and put right by the server's word. */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { api } from '@/live/api';
import type { BackstageView } from '@/wire/types';
import { latestWins } from './latestWins';
import type { Ids } from './nextUp';

export interface NextUpOptions {
  session_id: string;
  backstage: Readonly<Ref<BackstageView | null>>;
  onRefused: (error: unknown) => void;
}

export function useNextUp({ session_id, backstage, onRefused }: NextUpOptions): { ids: ComputedRef<Ids>; change: (ids: Ids) => void } {
  /** What the person sees while the server has not confirmed it. */
  const wished = shallowRef<Ids | null>(null);
  let settled = true;

  const line = latestWins<Ids>({
    send: (question_ids) => api.put(`/sessions/${session_id}/next-up`, { question_ids }),
    onIdle: (failed) => {
      settled = true;
      if (failed !== undefined) {
        wished.value = null;
        onRefused(failed);
      } else if (same(wished.value, backstage.value?.next_up)) {
        wished.value = null;
      }
    },
  });

  // The event of our own change often comes before its answer; a colleague's later one replaces what we wished for.
  watch(
    () => backstage.value?.next_up,
    () => {
      if (settled) wished.value = null;
    },
  );

  return {
    ids: computed(() => wished.value ?? backstage.value?.next_up ?? []),
    change: (ids) => {
      wished.value = ids;
      settled = false;
      line.push(ids);
    },
  };
}

const same = (a: Ids | null, b: Ids | undefined): boolean => a?.length === b?.length && (a ?? []).every((id, at) => id === b?.[at]);
