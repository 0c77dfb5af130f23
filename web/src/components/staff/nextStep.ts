/** What a session waits for, said to one person: a message of `staff.next` with its values. */
import { hasRole } from '@/staff/rights';
import type { RoleGrant, SessionCard } from '@/wire/types';

export interface NextStep {
  key: 'draft' | 'draftWait' | 'scheduled' | 'live' | 'liveModerate' | 'paused' | 'endedOpen' | 'endedReady' | 'closed';
  values: Record<string, number>;
}

export function nextStep(session: SessionCard, roles: readonly RoleGrant[]): NextStep {
  const { raised, open } = session.tally;
  switch (session.state) {
    case 'draft':
      return { key: hasRole(roles, 'administrator', 'secretary', 'host') ? 'draft' : 'draftWait', values: {} };
    case 'scheduled':
      return { key: 'scheduled', values: { raised } };
    case 'live':
      return { key: hasRole(roles, 'moderator') ? 'liveModerate' : 'live', values: { raised, open } };
    case 'paused':
      return { key: 'paused', values: {} };
    case 'ended':
      return open > 0 ? { key: 'endedOpen', values: { open } } : { key: 'endedReady', values: {} };
    case 'closed':
      return { key: 'closed', values: { raised, answered: session.tally.answered_live + session.tally.answered_in_writing } };
  }
}
