/**
 * Published questions near to what is being typed, as the server finds them.
 *
 *   const similar = useSimilarQuestions(session_id, () => (kind.value === 'question' ? body.value : ''));
 *   similar.questions.value     nearest first, at most three; empty while nothing is near
 *   similar.clear()
 *
 * Asks when typing rests, drops the question before when it goes on, and is silent when the line is down: a hint that
 * does not come keeps nobody from asking.
 */
import { onScopeDispose, shallowReadonly, shallowRef, watch, type ShallowRef } from 'vue';
import { api } from '@/live/api';
import type { QuestionFace, SessionId, SimilarAnswer } from '@/wire/types';
import { countCharacters } from './characters';

const REST_MS = 250;
/** Shorter texts are near to everything. */
const TYPED_MIN = 4;
/** What decides is said early; the rest of a long text would only make the request long. */
const ASKED_MAX = 200;

export interface SimilarQuestions {
  questions: Readonly<ShallowRef<readonly QuestionFace[]>>;
  clear: () => void;
}

export function useSimilarQuestions(session_id: SessionId, typed: () => string): SimilarQuestions {
  const questions = shallowRef<readonly QuestionFace[]>([]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  function stop(): void {
    clearTimeout(timer);
    asking?.abort();
    asking = undefined;
  }
  function clear(): void {
    stop();
    questions.value = [];
  }

  async function ask(text: string): Promise<void> {
    const mine = new AbortController();
    asking = mine;
    try {
      const answer = await api.get<SimilarAnswer>(`/sessions/${session_id}/questions/similar`, {
        query: { text: Array.from(text).slice(0, ASKED_MAX).join('') },
        signal: mine.signal,
      });
      if (asking === mine) questions.value = answer.questions;
    } catch {
      if (asking === mine) questions.value = [];
    }
  }

  watch(typed, (text) => {
    stop();
    const trimmed = text.trim();
    if (countCharacters(trimmed) < TYPED_MIN) questions.value = [];
    else timer = setTimeout(() => void ask(trimmed), REST_MS);
  });
  onScopeDispose(stop);
  return { questions: shallowReadonly(questions), clear };
}
