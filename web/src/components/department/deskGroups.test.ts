import { describe, expect, it } from 'vitest';
import { deskQuestion, questionFace } from '@/components/host/faces.fixture';
import type { DeskQuestion } from '@/wire/types';
import { groupDesk, mostUrgent, nextOpen } from './deskGroups';

const entry = (id: string, supports: number, own: Partial<DeskQuestion> = {}, settled = false): DeskQuestion =>
  deskQuestion({ question: questionFace({ id, supports, disposition: settled ? 'answered_in_writing' : null }), ...own });
const desk = [
  entry('settled', 900, {}, true),
  entry('few', 2),
  entry('second', 5, { next_up: 7, minutes_to_stage: 30 }),
  entry('many', 80),
  entry('first', 1, { next_up: 2, minutes_to_stage: 6 }),
];
const ids = (entries: readonly DeskQuestion[]): string[] => entries.map(({ question }) => question.id);

describe('a department’s desk', () => {
  it('puts what comes to stage in the host’s order and the rest by support', () => {
    const groups = groupDesk(desk);
    expect(ids(groups.coming)).toEqual(['first', 'second']);
    expect(ids(groups.open)).toEqual(['many', 'few']);
    expect(ids(groups.settled)).toEqual(['settled']);
    expect(groups.on_stage).toEqual([]);
  });

  it('loses no question and shows none twice', () => {
    const groups = groupDesk(desk);
    expect(ids(Object.values(groups).flat()).sort()).toEqual(ids(desk).sort());
  });

  it('opens with the most urgent: on stage before all', () => {
    expect(mostUrgent(desk)?.question.id).toBe('first');
    expect(mostUrgent([...desk, entry('now', 0, { on_stage: true })])?.question.id).toBe('now');
    expect(mostUrgent([])).toBeNull();
  });

  it('keeps a question on stage there although it was answered a moment ago', () => {
    expect(ids(groupDesk([entry('now', 0, { on_stage: true }, true)]).on_stage)).toEqual(['now']);
  });

  it('goes on with the next open one, and round to the first at the end', () => {
    expect(nextOpen(desk, 'many')?.question.id).toBe('few');
    expect(nextOpen(desk, 'few')?.question.id).toBe('first');
    expect(nextOpen([entry('only', 1)], 'only')).toBeNull();
  });
});
