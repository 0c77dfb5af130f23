import { describe, expect, it } from 'vitest';
import { backoffMs, chooseTransport, spreadMs } from './backoff';

describe('the wait before a try', () => {
  it.each([
    [0, 0, 500],
    [0, 1, 1_000],
    [3, 0, 500],
    [3, 1, 8_000],
    [5, 1, 20_000],
    [500, 1, 20_000],
  ])('attempt %i with chance %d waits %d ms', (attempt, chance, wait_ms) => {
    expect(backoffMs(attempt, chance)).toBe(wait_ms);
  });

  it.each([
    ['', 1, 5_000],
    ['retry_ms=12000', 0.5, 6_000],
    ['{"retry_after_ms":3000}', 1, 3_000],
    ['999999999', 1, 120_000],
    ['soon', 0, 0],
    ['retry=1000', 0.5, 500],
    ['retry=1000 after=6000', 0.5, 6_500],
    ['retry=1000 after=999999999', 0, 120_000],
  ])('a leaving server that says %j', (reason, chance, wait_ms) => {
    expect(spreadMs(reason, chance)).toBe(wait_ms);
  });
});

describe('the way of a try', () => {
  const fresh = { websocketWorked: false, websocketFailures: 0, eventsWorked: false };
  it('is a WebSocket until two have failed', () => {
    expect(chooseTransport(fresh, 0)).toBe('websocket');
    expect(chooseTransport({ ...fresh, websocketFailures: 1 }, 1)).toBe('websocket');
    expect(chooseTransport({ ...fresh, websocketFailures: 2 }, 2)).toBe('events');
  });
  it('alternates while neither has worked', () => {
    const both = [2, 3, 4, 5].map((attempt) => chooseTransport({ ...fresh, websocketFailures: 3 }, attempt));
    expect(both).toEqual(['events', 'websocket', 'events', 'websocket']);
  });
  it('stays with events that work and asks for a WebSocket now and then', () => {
    const ways = [0, 1, 2, 3, 4].map((attempt) => chooseTransport({ ...fresh, websocketFailures: 9, eventsWorked: true }, attempt));
    expect(ways).toEqual(['events', 'events', 'events', 'events', 'websocket']);
  });
  it('is always a WebSocket where one has worked', () => {
    expect(chooseTransport({ websocketWorked: true, websocketFailures: 9, eventsWorked: true }, 2)).toBe('websocket');
  });
});
