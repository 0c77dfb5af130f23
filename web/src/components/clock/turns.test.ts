import { describe, expect, it } from 'vitest';
import { minutesLeft, minutesToStage, TURN_DEFAULT_MS, typicalTurn_ms } from './turns';

const MINUTE_MS = 60_000;
const answer = (start: number, minutes: number): { started_ms: number; ended_ms: number } => ({
  started_ms: start * MINUTE_MS,
  ended_ms: (start + minutes) * MINUTE_MS,
});

describe('the typical turn', () => {
  it('is a plain assumption before the first answer, and written answers say nothing about it', () => {
    expect(typicalTurn_ms([])).toBe(TURN_DEFAULT_MS);
    expect(typicalTurn_ms([{ started_ms: null, ended_ms: null }])).toBe(TURN_DEFAULT_MS);
  });

  it('is the median, so that one speech of half an hour does not frighten the next department', () => {
    expect(typicalTurn_ms([answer(0, 3), answer(10, 30), answer(50, 4)])).toBe(4 * MINUTE_MS + 45_000);
  });

  it('leaves out a start and stop by mistake', () => {
    expect(typicalTurn_ms([answer(0, 0.1), answer(1, 6)])).toBe(6 * MINUTE_MS + 45_000);
  });

  it('follows the pace of now', () => {
    const slow = Array.from({ length: 20 }, (_, i) => answer(i * 20, 15));
    const fast = Array.from({ length: 7 }, (_, i) => answer(500 + i * 3, 2));
    expect(typicalTurn_ms([...slow, ...fast])).toBe(2 * MINUTE_MS + 45_000);
  });
});

describe('minutes until a question is on stage', () => {
  const turn = 5 * MINUTE_MS;
  it('are none for the first of an empty stage', () => {
    expect(minutesToStage(1, turn, null, 0)).toBe(0);
  });
  it('are the rest of the present turn for the first, and one turn more for each further', () => {
    expect(minutesToStage(1, turn, 0, 2 * MINUTE_MS)).toBe(3);
    expect(minutesToStage(3, turn, 0, 2 * MINUTE_MS)).toBe(13);
  });
  it('do not go below none when the present one takes long', () => {
    expect(minutesToStage(1, turn, 0, 60 * MINUTE_MS)).toBe(0);
  });
  it('are rounded up, never promising too little time', () => {
    expect(minutesToStage(1, turn, 0, 4.5 * MINUTE_MS)).toBe(1);
  });
});

describe('an estimate grown old', () => {
  it('is smaller by the minutes that passed', () => {
    expect(minutesLeft(12, 0, 5.9 * MINUTE_MS)).toBe(7);
  });
  it('stops at none, and a clock behind changes nothing', () => {
    expect(minutesLeft(2, 0, 9 * MINUTE_MS)).toBe(0);
    expect(minutesLeft(2, 9 * MINUTE_MS, 0)).toBe(2);
  });
});
