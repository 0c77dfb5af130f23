import { describe, expect, it } from 'vitest';
import type { SessionState } from '@/wire/types';
import { lifeSteps } from './lifecycle';

const ALL: SessionState[] = ['draft', 'scheduled', 'live', 'paused', 'ended', 'closed'];
const names = (state: SessionState, allowed = ALL): string[] => lifeSteps(state, allowed).map(({ name }) => name);

describe('the steps of a session', () => {
  it.each([
    ['draft', ['schedule', 'start']],
    ['scheduled', ['start', 'unschedule']],
    ['live', ['pause', 'end']],
    ['paused', ['resume', 'end']],
    ['ended', ['reopen']],
    ['closed', []],
  ] as const)('from %s are %j', (state, expected) => {
    expect(names(state)).toEqual(expected);
  });

  it('are only those this person may take', () => {
    expect(names('live', ['paused'])).toEqual(['pause']);
    expect(names('live', [])).toEqual([]);
  });

  it('that end or begin something for everybody ask again', () => {
    for (const state of ALL) {
      for (const step of lifeSteps(state, ALL)) expect({ step: step.name, guarded: step.guarded }).toEqual({ step: step.name, guarded: step.name !== 'resume' });
    }
  });
});
