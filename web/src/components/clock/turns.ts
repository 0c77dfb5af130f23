/** How long a question takes on stage, and so how long the next ones wait. */
import type { AnswerFace } from '@/wire/types';

/** Assumed until the session has shown its own pace: reading the question out, answering, a word of the host. */
export const TURN_DEFAULT_MS = 5 * 60_000;
/** Answers that show the pace of now; older ones were another segment. */
const TURNS_SEEN = 7;
/** Between two answers the next question is read out. */
const READING_MS = 45_000;
/** Shorter than this somebody pressed start by mistake. */
const TURN_MIN_MS = 15_000;

/** The median time one question takes in this session, by its latest live answers. */
export function typicalTurn_ms(answers: readonly Pick<AnswerFace, 'started_ms' | 'ended_ms'>[]): number {
  const lengths = answers
    .flatMap(({ started_ms, ended_ms }) => (started_ms === null || ended_ms === null ? [] : [{ ended_ms, length: ended_ms - started_ms }]))
    .filter(({ length }) => length >= TURN_MIN_MS)
    .sort((a, b) => b.ended_ms - a.ended_ms)
    .slice(0, TURNS_SEEN)
    .map(({ length }) => length)
    .sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)];
  return median === undefined ? TURN_DEFAULT_MS : median + READING_MS;
}

/**
 * Minutes until the question at `place` (from 1) of the host's list is on stage, rounded up; 0 means any moment.
 *
 * `stageSince_ms` is when the present question came on stage, null with an empty stage.
 */
export function minutesToStage(place: number, turn_ms: number, stageSince_ms: number | null, now_ms: number): number {
  const present_ms = stageSince_ms === null ? 0 : Math.max(0, turn_ms - (now_ms - stageSince_ms));
  return Math.ceil((present_ms + (place - 1) * turn_ms) / 60_000);
}

/** An estimate of `minutes` made at `made_ms`, as it stands at `now_ms`. Never below 0: late is "any moment", not minus three. */
export function minutesLeft(minutes: number, made_ms: number, now_ms: number): number {
  return Math.max(0, minutes - Math.floor(Math.max(0, now_ms - made_ms) / 60_000));
}
