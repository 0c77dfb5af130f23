/** The checklist of one session, shrinking under the hand: what is settled leaves at once, the server's word follows. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { api, toApiError, type ApiError } from '@/live/api';
import type { Live } from '@/live/useLive';
import type { ClosingChecklist, Disposition, QuestionFace, SuggestionFace, View } from '@/wire/types';
import type { SuggestionDraft } from './suggestionDraft';

export interface ClosingOptions {
  session_id: string;
  live: Live<View>;
  /** True when a refusal was a lost login and the page is being left. */
  leftBy: (thrown: unknown) => boolean;
}

export interface Closing {
  checklist: ShallowRef<ClosingChecklist | null>;
  problem: ShallowRef<ApiError | null>;
  load: () => Promise<void>;
  dispose: (question_id: string, request: { disposition: Disposition | null; merged_into?: string; reason?: string }) => Promise<void>;
  form: (draft: SuggestionDraft) => Promise<SuggestionFace>;
  edit: (id: string, draft: SuggestionDraft) => Promise<void>;
  drop: (id: string) => Promise<void>;
}

/** After others' changes the whole list is asked for once, not for each. */
const RELOAD_MS = 1_000;

export function useClosing({ session_id, live, leftBy }: ClosingOptions): Closing {
  const base = `/sessions/${session_id}`;
  const checklist = shallowRef<ClosingChecklist | null>(null);
  const problem = shallowRef<ApiError | null>(null);

  async function load(): Promise<void> {
    try {
      checklist.value = await api.get<ClosingChecklist>(`${base}/closing`);
      problem.value = null;
    } catch (thrown) {
      if (!leftBy(thrown)) problem.value = toApiError(thrown);
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  live.on('view', (_view, batches) => {
    const relevant = batches.some(({ items }) => items.some(({ type }) => type !== 'comment_published'));
    if (!relevant) return;
    clearTimeout(timer);
    timer = setTimeout(() => void load(), RELOAD_MS);
  });
  onScopeDispose(() => clearTimeout(timer));
  void load();

  function settle(question_ids: readonly string[]): void {
    const now = checklist.value;
    if (now) checklist.value = { ...now, missing: now.missing.filter(({ id }) => !question_ids.includes(id)) };
  }

  return {
    checklist,
    problem,
    load,
    async dispose(question_id, request) {
      await api.put<QuestionFace>(`/questions/${question_id}/disposition`, { merged_into: null, reason: '', ...request });
      if (request.disposition !== null) settle([question_id]);
    },
    async form(draft) {
      const suggestion = await api.post<SuggestionFace>(`${base}/suggestions`, draft);
      // Without a department nobody has it yet, and its questions stay open.
      if (suggestion.department_id !== null) settle(suggestion.question_ids);
      return suggestion;
    },
    async edit(id, draft) {
      await api.put<SuggestionFace>(`/suggestions/${id}`, draft);
    },
    async drop(id) {
      await api.delete(`/suggestions/${id}`);
    },
  };
}
