import { expect, it } from 'vitest';
import type { Role, SessionCard, SessionState } from '@/wire/types';
import { nextStep } from './nextStep';

const session = (state: SessionState, open = 0): SessionCard =>
  ({ state, tally: { raised: 140, answered_live: 12, answered_in_writing: 40, open } }) as SessionCard;
const as = (role: Role) => [{ role, department_id: null }];

it.each([
  ['draft', 'secretary', 'draft'],
  ['draft', 'moderator', 'draftWait'],
  ['live', 'moderator', 'liveModerate'],
  ['live', 'host', 'live'],
  ['closed', 'auditor', 'closed'],
] as const)('a session that is %s asks the %s for %s', (state, role, key) => {
  expect(nextStep(session(state), as(role)).key).toBe(key);
});

it('an ended session is ready only when nothing is open', () => {
  expect(nextStep(session('ended', 3), as('secretary'))).toEqual({ key: 'endedOpen', values: { open: 3 } });
  expect(nextStep(session('ended', 0), as('secretary')).key).toBe('endedReady');
});

it('answered is what was answered live and in writing', () => {
  expect(nextStep(session('closed'), as('secretary')).values).toEqual({ raised: 140, answered: 52 });
});
