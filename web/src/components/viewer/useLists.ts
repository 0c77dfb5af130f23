/** What the view leaves out, asked for page by page and put into it: older comments, further questions. */
import { computed, ref, type ComputedRef, type Ref } from 'vue';
import { api } from '@/live/api';
import { withOlderComments, withQuestions } from '@/live/reduce';
import type { Live } from '@/live/useLive';
import type { CommentPage, QuestionPage, QuestionSort, SessionId, View } from '@/wire/types';

const COMMENTS_PAGE = 200;
const QUESTIONS_PAGE = 200;
/** Pages read to find where the view's own comments end: 5,000 of them are 25 pages. */
const PAGES_MAX = 30;
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
  let commentCursor: string | null = null;
  const questionCursors = new Map<QuestionSort, string | null>();
  const questionsEnded = ref(false);

  async function olderComments(): Promise<void> {
    loadingComments.value = true;
    try {
      const known = live.view.value?.comments.length ?? 0;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const answer: CommentPage = await api.get(`/sessions/${session_id}/comments`, { query: { cursor: commentCursor, limit: COMMENTS_PAGE } });
        commentCursor = answer.next_cursor;
        commentsEnded.value = answer.next_cursor === null;
        live.connection.amend((view) => withOlderComments(view, answer.comments));
        if (commentsEnded.value || (live.view.value?.comments.length ?? 0) > known) break;
      }
    } finally {
      loadingComments.value = false;
    }
  }

  async function moreQuestions(order: QuestionSort): Promise<void> {
    loadingQuestions.value = true;
    try {
      const known = live.view.value?.questions.length ?? 0;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const cursor = questionCursors.get(order) ?? null;
        const answer: QuestionPage = await api.get(`/sessions/${session_id}/questions`, { query: { sort: order, cursor, limit: QUESTIONS_PAGE } });
        questionCursors.set(order, answer.next_cursor);
        live.connection.amend((view) => withQuestions(view, answer.questions));
        if (answer.next_cursor === null) {
          questionsEnded.value = true;
          break;
        }
        if ((live.view.value?.questions.length ?? 0) > known) break;
      }
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
