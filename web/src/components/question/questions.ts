/** Orders and states of questions. Plain functions of values. */
import type { AnswerFace, Disposition, QuestionFace, SessionFace } from '@/wire/types';

/** Orders a reader can choose. `mine` is not an order of the server. */
export const QUESTION_TABS = ['support', 'newest', 'answered', 'mine'] as const;
export type QuestionTab = (typeof QUESTION_TABS)[number];

/** Answers by question, oldest first. */
export type AnswersOf = ReadonlyMap<string, readonly AnswerFace[]>;

export function answersByQuestion(answers: readonly AnswerFace[]): AnswersOf {
  const map = new Map<string, AnswerFace[]>();
  for (const answer of answers) {
    const list = map.get(answer.question_id);
    if (list) list.push(answer);
    else map.set(answer.question_id, [answer]);
  }
  return map;
}

/** A new list in the order asked for. Merged questions follow the one that stands for them and are left out here. */
export function sortQuestions(questions: readonly QuestionFace[], order: 'support' | 'newest' | 'answered', answers: AnswersOf): QuestionFace[] {
  const own = questions.filter((question) => question.merged_into === null);
  switch (order) {
    case 'support':
      return own.sort((a, b) => b.supports - a.supports || a.number - b.number);
    case 'newest':
      return own.sort((a, b) => b.at_ms - a.at_ms || b.number - a.number);
    case 'answered': {
      const last_ms = (question: QuestionFace): number => answers.get(question.id)?.at(-1)?.at_ms ?? 0;
      return own.filter((question) => last_ms(question) > 0).sort((a, b) => last_ms(b) - last_ms(a) || b.number - a.number);
    }
  }
}

/** Where a question stands, as its card says it. */
export type QuestionStanding =
  | { kind: 'open' | 'stage' | 'answering' | 'written' | 'assigned' | 'declined' | 'withdrawn' }
  /** Answered on the stream; how far into it, null when the stream's start is not known. */
  | { kind: 'live'; offset_ms: number | null }
  | { kind: 'merged'; into: string };

const OF_DISPOSITION: Record<Exclude<Disposition, 'answered_live' | 'merged'>, 'written' | 'assigned' | 'declined' | 'withdrawn'> = {
  answered_in_writing: 'written',
  assigned: 'assigned',
  declined: 'declined',
  withdrawn: 'withdrawn',
};

export function standingOf(
  question: QuestionFace,
  session: Pick<SessionFace, 'stage' | 'started_ms'>,
  answers: readonly AnswerFace[],
): QuestionStanding {
  if (session.stage?.question.id === question.id) return { kind: session.stage.answering ? 'answering' : 'stage' };
  if (question.disposition === 'merged') return { kind: 'merged', into: question.merged_into ?? '' };
  const live = answers.find((answer) => answer.kind === 'live');
  if (question.disposition === 'answered_live' || (question.disposition === null && live)) {
    return { kind: 'live', offset_ms: streamOffset(live, session.started_ms) };
  }
  if (question.disposition === null) return { kind: answers.length > 0 ? 'written' : 'open' };
  return { kind: OF_DISPOSITION[question.disposition] };
}

/** How far into the stream an answer began, null when that cannot be said. */
export function streamOffset(answer: AnswerFace | undefined, started_ms: number | null): number | null {
  if (answer?.started_ms === null || answer?.started_ms === undefined || started_ms === null) return null;
  return Math.max(0, answer.started_ms - started_ms);
}
