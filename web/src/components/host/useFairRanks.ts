/**
 * Places of the questions that wait, by the server's rule (`docs/fairness.md`): for the order "not yet heard" and to know
 * when the host chooses outside both lists. Without an answer the desk works all the same.
 */
import { computed, onScopeDispose, shallowReadonly, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { api } from '@/live/api';
import type { FairAnswer, FairRow, SessionId } from '@/wire/types';

/** Ranks move slowly; the server makes a new list about once a second at most. */
const AGAIN_MS = 10_000;
/** Rows asked for: what is further down is outside anyway. */
const ROWS = 200;
/** How far down a list a choice still counts as of the list (`LIST_LEN` in `src/domain/fair.rs`). */
export const LIST_LEN = 20;

export interface FairRanks {
  rows: Readonly<ShallowRef<ReadonlyMap<string, FairRow>>>;
  unheard: ComputedRef<ReadonlyMap<string, number>>;
  /** Its row when a choice of it would be outside both lists. */
  outside: (question_id: string) => FairRow | undefined;
}

/** Not among the first of either list, and not the first of a group nobody heard from. */
export const isOutside = (row: FairRow): boolean =>
  row.rank_supported > LIST_LEN && row.rank_unheard > LIST_LEN && !row.first_of_topic && !row.first_of_department && !row.first_of_place;

export function useFairRanks(session_id: SessionId): FairRanks {
  const rows = shallowRef<ReadonlyMap<string, FairRow>>(new Map());

  async function load(): Promise<void> {
    try {
      const answer = await api.get<FairAnswer>(`/sessions/${session_id}/fair`, { query: { view: 'not_yet_heard', limit: ROWS } });
      rows.value = new Map(answer.rows.map((row) => [row.question.id, row]));
    } catch {
      // Kept as they were; asked for again soon.
    }
  }
  void load();
  const again = setInterval(() => void load(), AGAIN_MS);
  onScopeDispose(() => clearInterval(again));

  return {
    rows: shallowReadonly(rows),
    unheard: computed(() => new Map([...rows.value.values()].map((row) => [row.question.id, row.rank_unheard]))),
    outside: (question_id) => {
      const row = rows.value.get(question_id);
      return row && isOutside(row) ? row : undefined;
    },
  };
}
