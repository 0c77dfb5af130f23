/** When to come back, and by which way. Plain functions: chance is a parameter between 0 and 1. */

const FIRST_MS = 500;
const LONGEST_MS = 20_000;
/** A server that goes away without saying for how long its viewers should spread. */
const SPREAD_MS = 5_000;
const SPREAD_LONGEST_MS = 120_000;

/**
 * Wait before try number `attempt` (from 0): anywhere between half a second and a bound that doubles from 1 s to 20 s.
 * All of the span is left to chance, so that ten thousand viewers of a restarted server do not come in step.
 */
export function backoffMs(attempt: number, chance: number): number {
  const bound_ms = Math.min(LONGEST_MS, 2 * FIRST_MS * 2 ** Math.min(attempt, 16));
  return FIRST_MS + chance * (bound_ms - FIRST_MS);
}

/**
 * Wait after close code 4000. Its reason may name the span in milliseconds, as its first number, and with `after=` a time that
 * comes before it: a server that is alone tells nobody to come before it can be back, and so they return as evenly as they left.
 */
export function spreadMs(reason: string, chance: number): number {
  const said = Number(/\d+/.exec(reason)?.[0]);
  const span_ms = said > 0 ? Math.min(said, SPREAD_LONGEST_MS) : SPREAD_MS;
  const after_ms = Math.min(Number(/after=(\d+)/.exec(reason)?.[1] ?? 0), SPREAD_LONGEST_MS);
  return after_ms + chance * span_ms;
}

export type Transport = 'websocket' | 'events';

/** What was learned about this network since the page opened. */
export interface Experience {
  websocketWorked: boolean;
  /** WebSockets that closed before their first message, in a row. */
  websocketFailures: number;
  eventsWorked: boolean;
}

/** Failures in a row that speak for a network that blocks WebSockets rather than for one that is down. */
const FAILURES_BLOCKED = 2;

/**
 * The way of the next try. A network that ever carried a WebSocket is asked for one again; one that never did gets
 * Server-Sent Events, with a WebSocket in between so that a moved phone finds back.
 */
export function chooseTransport(experience: Experience, attempt: number): Transport {
  const { websocketWorked, websocketFailures, eventsWorked } = experience;
  if (websocketWorked || websocketFailures < FAILURES_BLOCKED) return 'websocket';
  if (eventsWorked) return attempt % 5 === 4 ? 'websocket' : 'events';
  return attempt % 2 === 0 ? 'events' : 'websocket';
}
