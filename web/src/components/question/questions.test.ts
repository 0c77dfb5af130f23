import { describe, expect, it } from 'vitest';
import type { AnswerFace, QuestionFace } from '@/wire/types';
import { answersByQuestion, sortQuestions, standingOf } from './questions';

const question = (number: number, change: Partial<QuestionFace> = {}): QuestionFace => ({
  id: `q${number}`,
  number,
  name: '',
  body: '',
  topic: '',
  place: '',
  department_id: null,
  at_ms: number,
  supports: 0,
  disposition: null,
  merged_into: null,
  reason: '',
  ...change,
});
const answer = (question_id: string, at_ms: number, change: Partial<AnswerFace> = {}): AnswerFace => ({
  id: `a-${question_id}-${at_ms}`,
  question_id,
  department_id: 'd1',
  kind: 'written',
  answer_type: 'explanation',
  body: '',
  speaker: '',
  owner: '',
  due_date: '',
  basis: '',
  transfer_to: null,
  started_ms: null,
  ended_ms: null,
  at_ms,
  ...change,
});
const numbers = (list: readonly QuestionFace[]): number[] => list.map((entry) => entry.number);

describe('orders', () => {
  const list = [question(1, { supports: 3 }), question(2, { supports: 9 }), question(3, { supports: 3 }), question(4, { merged_into: 'q2', disposition: 'merged', supports: 99 })];

  it('by support put the most supported first, of equals the earlier one, and leave merged ones to theirs', () => {
    expect(numbers(sortQuestions(list, 'support', new Map()))).toEqual([2, 1, 3]);
  });
  it('by time put the newest first', () => {
    expect(numbers(sortQuestions(list, 'newest', new Map()))).toEqual([3, 2, 1]);
  });
  it('by answer hold only answered ones, the last answered first', () => {
    const answers = answersByQuestion([answer('q1', 50), answer('q3', 20), answer('q1', 60)]);
    expect(answers.get('q1')).toHaveLength(2);
    expect(numbers(sortQuestions(list, 'answered', answers))).toEqual([1, 3]);
  });
  it('change nothing in the list they are given', () => {
    sortQuestions(list, 'support', new Map());
    expect(numbers(list)).toEqual([1, 2, 3, 4]);
  });
});

describe('where a question stands', () => {
  const session = { stage: null, started_ms: 1_000 };
  it.each([
    ['without anything', question(1), [], { kind: 'open' }],
    ['answered on the stream', question(1, { disposition: 'answered_live' }), [answer('q1', 9, { kind: 'live', started_ms: 2_531_000 })], { kind: 'live', offset_ms: 2_530_000 }],
    ['answered on the stream, its time unknown', question(1, { disposition: 'answered_live' }), [], { kind: 'live', offset_ms: null }],
    ['answered in writing before anybody disposed of it', question(1), [answer('q1', 9)], { kind: 'written' }],
    ['handed on', question(1, { disposition: 'assigned' }), [answer('q1', 9)], { kind: 'assigned' }],
    ['merged', question(1, { disposition: 'merged', merged_into: 'q2' }), [], { kind: 'merged', into: 'q2' }],
  ] as const)('%s', (_name, it, answers, standing) => {
    expect(standingOf(it, session, answers)).toEqual(standing);
  });
  it('on stage counts before everything else', () => {
    const it_ = question(1, { disposition: 'answered_in_writing' });
    const stage = { question: it_, since_ms: 1, answering: null };
    expect(standingOf(it_, { stage, started_ms: 1 }, [])).toEqual({ kind: 'stage' });
    const answering = { answer_id: 'a', department_id: 'd', speaker: '', started_ms: 2 };
    expect(standingOf(it_, { stage: { ...stage, answering }, started_ms: 1 }, [])).toEqual({ kind: 'answering' });
  });
});
