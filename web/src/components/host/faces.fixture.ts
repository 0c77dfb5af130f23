/** Plain faces for tests: what a test is about it names, the rest is ordinary. */
import type { AnswerFace, DeskQuestion, QuestionFace } from '@/wire/types';

export function questionFace(own: Partial<QuestionFace> = {}): QuestionFace {
  return {
    id: 'q1',
    number: 1,
    name: '清风',
    body: '阶梯水价按户还是按人算？',
    topic: '',
    place: '',
    department_id: null,
    at_ms: 1_800_000_000_000,
    supports: 0,
    disposition: null,
    merged_into: null,
    reason: '',
    ...own,
  };
}

export function answerFace(own: Partial<AnswerFace> = {}): AnswerFace {
  return {
    id: 'a1',
    question_id: 'q1',
    department_id: 'water',
    kind: 'written',
    answer_type: 'explanation',
    body: '按户计算。',
    speaker: '',
    owner: '',
    due_date: '',
    basis: '',
    transfer_to: null,
    started_ms: null,
    ended_ms: null,
    at_ms: 1_800_000_000_000,
    ...own,
  };
}

export function deskQuestion(own: Partial<DeskQuestion> = {}): DeskQuestion {
  return { question: questionFace(), on_stage: false, next_up: null, minutes_to_stage: null, answers: [], ...own };
}
