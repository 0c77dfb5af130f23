/** The steps of a session's life as buttons: which there are, and how hard each is to press by mistake. */
import type { SessionState } from '@/wire/types';

export type StepName = 'schedule' | 'unschedule' | 'start' | 'pause' | 'resume' | 'end' | 'reopen';

export interface LifeStep {
  name: StepName;
  to: SessionState;
  /** Everything here is seen by everybody at once, so each step but the harmless ones asks again and says what it does. */
  guarded: boolean;
  tone: 'primary' | 'secondary' | 'danger';
}

const steps: Record<SessionState, readonly LifeStep[]> = {
  draft: [
    { name: 'schedule', to: 'scheduled', guarded: true, tone: 'primary' },
    { name: 'start', to: 'live', guarded: true, tone: 'secondary' },
  ],
  scheduled: [
    { name: 'start', to: 'live', guarded: true, tone: 'primary' },
    { name: 'unschedule', to: 'draft', guarded: true, tone: 'secondary' },
  ],
  live: [
    { name: 'pause', to: 'paused', guarded: true, tone: 'secondary' },
    { name: 'end', to: 'ended', guarded: true, tone: 'danger' },
  ],
  paused: [
    { name: 'resume', to: 'live', guarded: false, tone: 'primary' },
    { name: 'end', to: 'ended', guarded: true, tone: 'danger' },
  ],
  ended: [{ name: 'reopen', to: 'live', guarded: true, tone: 'secondary' }],
  closed: [],
};

/** Steps from `state`, of those the server says this person may take (`next_states`). */
export function lifeSteps(state: SessionState, allowed: readonly SessionState[]): LifeStep[] {
  return steps[state].filter((step) => allowed.includes(step.to));
}
