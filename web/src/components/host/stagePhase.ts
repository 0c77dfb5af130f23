/** What the stage is doing, and so what the one big button of the desk does. */
import type { AnswerFace, StageFace } from '@/wire/types';

/** `empty`: nothing there. `asked`: a question, nobody answers yet. `answering`: somebody does. `answered`: somebody did. */
export type StagePhase = 'empty' | 'asked' | 'answering' | 'answered';

/** Live answers given to the question on stage since it came on, latest first. */
export function answersOnStage(stage: StageFace | null, answers: readonly AnswerFace[]): AnswerFace[] {
  if (!stage) return [];
  return answers
    .filter((answer) => answer.kind === 'live' && answer.question_id === stage.question.id && (answer.started_ms ?? 0) >= stage.since_ms)
    .sort((a, b) => (b.started_ms ?? 0) - (a.started_ms ?? 0));
}

export function stagePhase(stage: StageFace | null, answers: readonly AnswerFace[]): StagePhase {
  if (!stage) return 'empty';
  if (stage.answering) return 'answering';
  return answersOnStage(stage, answers).length > 0 ? 'answered' : 'asked';
}
