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
  /** What was sent and not yet heard back as an event; the oldest first. */
  let unheard: Ids[] = [];
  let answered = true;

  function trustServer(): void {
    wished.value = null;
    unheard = [];
  }

  const line = latestWins<Ids>({
    send: (question_ids) => {
      unheard.push(question_ids);
      return api.put(`/sessions/${session_id}/next-up`, { question_ids });
    },
    onIdle: (failed) => {
      answered = true;
      if (failed !== undefined) {
        trustServer();
        onRefused(failed);
      } else if (same(wished.value, backstage.value?.next_up)) {
        trustServer();
      }
    },
  });

  // Events come in their own time, often after the answer: one that says what was sent before the last change is no news,
  // and to show it would let the next press start from an old list. Anything else is a colleague's word and wins.
  watch(
    () => backstage.value?.next_up,
    (heard) => {
      const at = unheard.findIndex((ids) => same(ids, heard));
      if (at >= 0) unheard.splice(0, at + 1);
      if (answered && (at < 0 || unheard.length === 0 || same(wished.value, heard))) trustServer();
    },
  );

  return {
    ids: computed(() => wished.value ?? backstage.value?.next_up ?? []),
    change: (ids) => {
      wished.value = ids;
      answered = false;
      line.push(ids);
    },
  };
}

const same = (a: Ids | null, b: Ids | undefined): boolean => a?.length === b?.length && (a ?? []).every((id, at) => id === b?.[at]);
