/** Pages of what the view leaves out, asked for until something new was found. Loads with the first press of "more". */
import { api } from '@/live/api';
import { withOlderComments, withQuestions } from '@/live/reduce';
import type { Live } from '@/live/useLive';
import type { CommentPage, QuestionPage, QuestionSort, SessionId, View } from '@/wire/types';

const PAGE = 200;
/** Pages read to find where the view's own entries end: 5,000 of them are 25 pages. */
const PAGES_MAX = 30;

/** Puts the next older comments into the view; the cursor of the page after them, null at the end. */
export async function olderComments(session_id: SessionId, live: Live<View>, from: string | null): Promise<string | null> {
  const known = live.view.value?.comments.length ?? 0;
  let cursor = from;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer: CommentPage = await api.get(`/sessions/${session_id}/comments`, { query: { cursor, limit: PAGE } });
    cursor = answer.next_cursor;
    live.connection.amend((view) => withOlderComments(view, answer.comments));
    if (cursor === null || (live.view.value?.comments.length ?? 0) > known) break;
  }
  return cursor;
}

/** The same for questions in one of the server's orders. */
export async function moreQuestions(session_id: SessionId, live: Live<View>, sort: QuestionSort, from: string | null): Promise<string | null> {
  const known = live.view.value?.questions.length ?? 0;
  let cursor = from;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer: QuestionPage = await api.get(`/sessions/${session_id}/questions`, { query: { sort, cursor, limit: PAGE } });
    cursor = answer.next_cursor;
    live.connection.amend((view) => withQuestions(view, answer.questions));
    if (cursor === null || (live.view.value?.questions.length ?? 0) > known) break;
  }
  return cursor;
}
