/** What the view leaves out: whether there is more, and asking for it. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import type { Live } from '@/live/useLive';
import type { QuestionSort, SessionId, View } from '@/wire/types';

/** The view has this many comments when there are more. */
const VIEW_COMMENTS = 200;

export interface Lists {
  hasOlderComments: ComputedRef<boolean>;
  loadingComments: Ref<boolean>;
  olderComments: () => Promise<void>;
  hasMoreQuestions: ComputedRef<boolean>;
  loadingQuestions: Ref<boolean>;
  moreQuestions: (order: QuestionSort) => Promise<void>;
}

export function useLists(session_id: SessionId, live: Live<View>): Lists {
  const loadingComments = ref(false);
  const loadingQuestions = ref(false);
  const commentsEnded = ref(false);
  const questionsEnded = ref(false);
  let commentCursor: string | null = null;
  const questionCursors = new Map<QuestionSort, string | null>();

  async function olderComments(): Promise<void> {
    loadingComments.value = true;
    try {
      const pages = await import('./listPages');
      commentCursor = await pages.olderComments(session_id, live, commentCursor);
      commentsEnded.value = commentCursor === null;
    } finally {
      loadingComments.value = false;
    }
  }

  async function moreQuestions(order: QuestionSort): Promise<void> {
    loadingQuestions.value = true;
    try {
      const pages = await import('./listPages');
      const cursor = await pages.moreQuestions(session_id, live, order, questionCursors.get(order) ?? null);
      questionCursors.set(order, cursor);
      questionsEnded.value = cursor === null;
    } finally {
      loadingQuestions.value = false;
    }
  }

  return {
    hasOlderComments: computed(() => !commentsEnded.value && (live.view.value?.comments.length ?? 0) >= VIEW_COMMENTS),
    loadingComments,
    olderComments,
    hasMoreQuestions: computed(() => {
      const view = live.view.value;
      return !questionsEnded.value && view !== null && view.questions.length < view.questions_total;
    }),
    loadingQuestions,
    moreQuestions,
  };
}
