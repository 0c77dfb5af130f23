/** The close assistant's list: what is done, what is not, and why the session may not close yet. */
import type { ClosingChecklist, SessionState } from '@/wire/types';

export const STEP_NAMES = ['dispositions', 'held', 'suggestions', 'documents', 'close'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** `todo` keeps the session from closing, `advised` does not. `waiting`: its turn comes after the others. */
export type StepStanding = 'done' | 'todo' | 'advised' | 'waiting';

export interface Step {
  name: StepName;
  standing: StepStanding;
  /** How many things it is about; 0 when nothing is left. */
  count: number;
}

/** `not_ended` and `missing` are the server's reasons; `closed` means there is nothing to do any more. */
export type Obstacle = { why: 'closed' } | { why: 'not_ended'; state: SessionState } | { why: 'missing'; count: number };

/** Why the session may not close now; null when it may. */
export function obstacle(state: SessionState, checklist: Pick<ClosingChecklist, 'missing'>): Obstacle | null {
  if (state === 'closed') return { why: 'closed' };
  if (checklist.missing.length > 0) return { why: 'missing', count: checklist.missing.length };
  return state === 'ended' ? null : { why: 'not_ended', state };
}

/** `filesFetched`: the package was downloaded at least once on this page. */
export function checklistSteps(state: SessionState, checklist: ClosingChecklist, filesFetched: boolean): Step[] {
  const missing = checklist.missing.length;
  const closed = state === 'closed';
  const standing = (open: number, otherwise: StepStanding): StepStanding => (open === 0 ? 'done' : otherwise);
  return [
    { name: 'dispositions', standing: standing(missing, 'todo'), count: missing },
    { name: 'held', standing: standing(checklist.held, 'advised'), count: checklist.held },
    { name: 'suggestions', standing: standing(checklist.without_department, 'advised'), count: checklist.without_department },
    { name: 'documents', standing: filesFetched ? 'done' : missing > 0 ? 'waiting' : 'advised', count: 0 },
    { name: 'close', standing: closed ? 'done' : obstacle(state, checklist) ? 'waiting' : 'todo', count: 0 },
  ];
}

/** The step to look at first: the first that keeps the session from closing, else the first that is advised. */
export function firstOpenStep(steps: readonly Step[]): StepName {
  const open = steps.find((step) => step.standing === 'todo' && step.name !== 'close') ?? steps.find((step) => step.standing === 'advised');
  return (open ?? steps.find((step) => step.name === 'close'))?.name ?? 'close';
}

/** Share of accepted questions with a disposition, from 0 to 1. */
export function settledShare(checklist: Pick<ClosingChecklist, 'tally' | 'missing'>): number {
  const { raised } = checklist.tally;
  return raised === 0 ? 1 : Math.max(0, raised - checklist.missing.length) / raised;
}
