import { describe, expect, it } from 'vitest';
import type { StageFace } from '@/wire/types';
import { answerFace, questionFace } from './faces.fixture';
import { stagePhase } from './stagePhase';

const stage: StageFace = { question: questionFace({ id: 'q1' }), since_ms: 1_000, answering: null };
const live = answerFace({ question_id: 'q1', kind: 'live', started_ms: 2_000, ended_ms: 3_000 });

describe('the stage', () => {
  it('is empty, asked, answering, answered', () => {
    expect(stagePhase(null, [live])).toBe('empty');
    expect(stagePhase(stage, [])).toBe('asked');
    expect(stagePhase({ ...stage, answering: { answer_id: 'a', department_id: 'd', speaker: '', started_ms: 2_000 } }, [])).toBe('answering');
    expect(stagePhase(stage, [live])).toBe('answered');
  });

  it('waits for an answer although the question was answered the last time it was there, or in writing', () => {
    expect(stagePhase(stage, [{ ...live, started_ms: 500 }])).toBe('asked');
    expect(stagePhase(stage, [answerFace({ question_id: 'q1', kind: 'written' })])).toBe('asked');
    expect(stagePhase(stage, [{ ...live, question_id: 'q2' }])).toBe('asked');
  });
});
