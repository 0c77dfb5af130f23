/** The close assistant's list: what is done, what is not, and why the session may not close yet. */
import type { ClosingChecklist, SessionState } from '@/wire/types';

export const STEP_NAMES = ['dispositions', 'held', 'suggestions', 'documents', 'close'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/**
 * `todo` keeps the session from closing, `advised` does not. `waiting`: its turn comes after the others. `ready`: the
 * session may be closed now.
 */
export type StepStanding = 'done' | 'todo' | 'advised' | 'waiting' | 'ready';

export interface Step {
  name: StepName;
  standing: StepStanding;
  /** How many things it is about; 0 when nothing is left. */
  count: number;
}

/** `missing`, `held` and `not_ended` are the server's reasons; `closed` means there is nothing to do any more. */
export type Obstacle = { why: 'closed' } | { why: 'not_ended'; state: SessionState } | { why: 'missing' | 'held'; count: number };

/** Why the session may not close now; null when it may. */
export function obstacle(state: SessionState, checklist: Pick<ClosingChecklist, 'missing' | 'held'>): Obstacle | null {
  if (state === 'closed') return { why: 'closed' };
  if (checklist.missing.length > 0) return { why: 'missing', count: checklist.missing.length };
  if (checklist.held > 0) return { why: 'held', count: checklist.held };
  return state === 'ended' ? null : { why: 'not_ended', state };
}

/** `filesFetched`: the package was downloaded at least once on this page. */
export function checklistSteps(state: SessionState, checklist: ClosingChecklist, filesFetched: boolean): Step[] {
  const missing = checklist.missing.length;
  const closed = state === 'closed';
  const standing = (open: number, otherwise: StepStanding): StepStanding => (open === 0 ? 'done' : otherwise);
  return [
    { name: 'dispositions', standing: standing(missing, 'todo'), count: missing },
    { name: 'held', standing: standing(checklist.held, 'todo'), count: checklist.held },
    { name: 'suggestions', standing: standing(checklist.without_department, 'advised'), count: checklist.without_department },
    { name: 'documents', standing: filesFetched ? 'done' : missing + checklist.held > 0 ? 'waiting' : 'advised', count: 0 },
    { name: 'close', standing: closed ? 'done' : obstacle(state, checklist) ? 'waiting' : 'ready', count: 0 },
  ];
}

/** The step to look at first: the first that keeps the session from closing, else the first that is advised. */
export function firstOpenStep(steps: readonly Step[]): StepName {
  const open = steps.find((step) => step.standing === 'todo') ?? steps.find((step) => step.standing === 'advised');
  return (open ?? steps.find((step) => step.name === 'close'))?.name ?? 'close';
}

/** Share of accepted questions with a disposition, from 0 to 1. */
export function settledShare(checklist: Pick<ClosingChecklist, 'tally' | 'missing'>): number {
  const { raised } = checklist.tally;
  return raised === 0 ? 1 : Math.max(0, raised - checklist.missing.length) / raised;
}
