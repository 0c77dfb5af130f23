import { expect, it } from 'vitest';
import { questionFace } from '@/components/host/faces.fixture';
import type { SessionState, StageFace } from '@/wire/types';
import { screenPhase } from './screenPhase';

const stage: StageFace = { question: questionFace(), since_ms: 0, answering: null };

it.each([
  ['draft', null, 'waiting'],
  ['scheduled', null, 'waiting'],
  ['live', null, 'open'],
  ['live', stage, 'question'],
  ['paused', null, 'paused'],
  ['paused', stage, 'question'],
  ['ended', null, 'over'],
  // A question left on stage at the end does not stand there all night.
  ['ended', stage, 'over'],
  ['closed', null, 'over'],
] as [SessionState, StageFace | null, string][])('%s with stage %j shows %s', (state, onStage, phase) => {
  expect(screenPhase({ state, stage: onStage })).toBe(phase);
});
