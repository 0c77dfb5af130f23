import { describe, expect, it } from 'vitest';
import { questionFace } from '@/components/host/faces.fixture';
import type { ClosingChecklist } from '@/wire/types';
import { checklistSteps, firstOpenStep, obstacle, settledShare } from './checklist';

function checklist(own: Partial<ClosingChecklist> & { missingCount?: number } = {}): ClosingChecklist {
  const { missingCount = 0, ...rest } = own;
  return {
    missing: Array.from({ length: missingCount }, (_, i) => questionFace({ id: `q${i}`, number: i + 1 })),
    held: 0,
    suggestions: [],
    without_department: 0,
    ready: missingCount === 0,
    tally: { raised: 140, answered_live: 20, answered_in_writing: 40, assigned: 70, merged: 5, declined: 5, withdrawn: 0, open: missingCount },
    ...rest,
  };
}
const standings = (...args: Parameters<typeof checklistSteps>): string => checklistSteps(...args).map(({ standing }) => standing).join(' ');

describe('the checklist', () => {
  it('fills itself: with nothing left every step but the last is done', () => {
    expect(standings('ended', checklist(), true)).toBe('done done done done ready');
    expect(standings('closed', checklist(), true)).toBe('done done done done done');
  });

  it('demands dispositions and decisions, only advises the rest', () => {
    expect(standings('ended', checklist({ missingCount: 3, held: 2, without_department: 1 }), false)).toBe('todo todo advised waiting waiting');
  });

  it('counts what is left in each step', () => {
    const steps = checklistSteps('ended', checklist({ missingCount: 3, held: 2, without_department: 1 }), false);
    expect(steps.map(({ count }) => count)).toEqual([3, 2, 1, 0, 0]);
  });

  it('opens at what keeps the session from closing, then at what is advised, then at closing', () => {
    expect(firstOpenStep(checklistSteps('ended', checklist({ missingCount: 1, held: 4 }), false))).toBe('dispositions');
    expect(firstOpenStep(checklistSteps('ended', checklist({ held: 4 }), false))).toBe('held');
    expect(firstOpenStep(checklistSteps('ended', checklist({ without_department: 4 }), false))).toBe('suggestions');
    expect(firstOpenStep(checklistSteps('ended', checklist(), true))).toBe('close');
  });
});

describe('the reason why a session may not close', () => {
  it('is the missing dispositions before all', () => {
    expect(obstacle('live', checklist({ missingCount: 2 }))).toEqual({ why: 'missing', count: 2 });
  });
  it('is what nobody decided about yet', () => {
    expect(obstacle('ended', checklist({ held: 3 }))).toEqual({ why: 'held', count: 3 });
  });
  it('is that it has not ended', () => {
    expect(obstacle('paused', checklist())).toEqual({ why: 'not_ended', state: 'paused' });
  });
  it('is absent for one that ended with everything settled', () => {
    expect(obstacle('ended', checklist())).toBeNull();
  });
  it('is that it is closed already', () => {
    expect(obstacle('closed', checklist())).toEqual({ why: 'closed' });
  });
});

it('the share settled is whole for a session in which nobody raised anything', () => {
  const empty = checklist();
  expect(settledShare({ missing: [], tally: { ...empty.tally, raised: 0 } })).toBe(1);
  expect(settledShare(checklist({ missingCount: 14 }))).toBeCloseTo(0.9);
});
