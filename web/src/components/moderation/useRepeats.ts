/** Which questions ask the same as another, as the server compares them; refreshed while somebody reads questions. */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef } from 'vue';
import { api } from '@/live/api';
import type { QuestionId, RepeatedAnswer, RepeatedQuestion, SessionId } from '@/wire/types';

export interface RepeatsOptions {
  session_id: SessionId;
  /** The question being read, absent while it is something else. */
  question_id: () => QuestionId | undefined;
  /** Between two looks, in milliseconds. @default 5000 */
  every_ms?: number;
}

/** What the question being read has to do with others. */
export interface Repeats {
  /** The cluster it is in, if any. */
  group: ComputedRef<RepeatedQuestion | undefined>;
  /** How likely it asks the same as the first of the cluster, in percent; absent for the first itself. */
  percent: ComputedRef<number | undefined>;
}

export function useRepeats({ session_id, question_id, every_ms = 5_000 }: RepeatsOptions): Repeats {
  const groups = shallowRef<readonly RepeatedQuestion[]>([]);
  let asked_ms = 0;

  async function look(): Promise<void> {
    if (!question_id() || document.visibilityState === 'hidden' || Date.now() - asked_ms < every_ms) return;
    asked_ms = Date.now();
    // A hint: without an answer the last one stays.
    const answer = await api.get<RepeatedAnswer>(`/sessions/${session_id}/queue/similar`).catch(() => undefined);
    if (answer) groups.value = answer.groups;
  }
  watch(question_id, () => void look(), { immediate: true });
  const often = setInterval(() => void look(), every_ms);
  onScopeDispose(() => clearInterval(often));

  const group = computed(() => {
    const id = question_id();
    return id ? groups.value.find((one) => one.id === id || one.members.some((member) => member.id === id)) : undefined;
  });
  const percent = computed(() => group.value?.members.find((member) => member.id === question_id())?.percent);
  return { group, percent };
}
