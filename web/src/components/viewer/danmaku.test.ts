import { describe, expect, it } from 'vitest';
import { DanmakuLanes, flyingText, stillWaiting, WAIT_MAX, WAIT_MAX_MS, widthOf, type WaitingText } from './danmaku';

const options = { lanes: 3, width_px: 360, duration_ms: 8_000 };

/** Where the edges of a text are at a time. */
function edges(flight: { at_ms: number; width_px: number }, now_ms: number): [number, number] {
  const way_px = options.width_px + flight.width_px;
  const left = options.width_px - (way_px * (now_ms - flight.at_ms)) / options.duration_ms;
  return [left, left + flight.width_px];
}

describe('lanes', () => {
  it('are taken from the top', () => {
    const lanes = new DanmakuLanes(options);
    expect([lanes.place(0, 100), lanes.place(0, 100), lanes.place(0, 100), lanes.place(0, 100)]).toEqual([0, 1, 2, null]);
  });

  it('are free again when the last has come in whole', () => {
    const lanes = new DanmakuLanes({ ...options, lanes: 1 });
    expect(lanes.place(0, 100)).toBe(0);
    expect(lanes.place(1_000, 100)).toBeNull();
    expect(lanes.place(2_300, 100)).toBe(0);
  });

  it('never let two texts touch, whatever their lengths', () => {
    const lanes = new DanmakuLanes(options);
    const flights = new Map<number, { at_ms: number; width_px: number }[]>();
    let placed = 0;
    // A small generator of our own, so that a failure comes back.
    let seed = 7;
    const chance = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let now_ms = 0; now_ms < 120_000; now_ms += 90) {
      const width_px = 20 + Math.floor(chance() * 700);
      const lane = lanes.place(now_ms, width_px);
      if (lane === null) continue;
      placed += 1;
      const list = flights.get(lane) ?? [];
      flights.set(lane, [...list, { at_ms: now_ms, width_px }]);
    }
    expect(placed).toBeGreaterThan(40);
    for (const list of flights.values()) {
      for (let i = 1; i < list.length; i += 1) {
        const [before, after] = [list[i - 1] as { at_ms: number; width_px: number }, list[i] as { at_ms: number; width_px: number }];
        for (let now_ms = after.at_ms; now_ms <= before.at_ms + options.duration_ms; now_ms += 50) {
          expect(edges(after, now_ms)[0]).toBeGreaterThanOrEqual(edges(before, now_ms)[1] - 0.001);
        }
      }
    }
  });

  it('have room for one’s own text even when they are full', () => {
    const lanes = new DanmakuLanes(options);
    for (let i = 0; i < 3; i += 1) lanes.place(i, 300);
    expect(lanes.place(10, 50)).toBeNull();
    expect(lanes.placeOwn(10, 50)).toBe(0);
    expect(lanes.placeOwn(11, 50)).toBe(1);
  });

  it('that are none take nothing', () => {
    const lanes = new DanmakuLanes({ ...options, lanes: 0 });
    expect([lanes.place(0, 10), lanes.placeOwn(0, 10)]).toEqual([null, null]);
  });
});

describe('texts that wait for a lane', () => {
  const text = (n: number, change: Partial<WaitingText> = {}): WaitingText => ({ id: `c${n}`, line: '', width_px: 0, own: false, at_ms: 0, ...change });

  it('are let go when they are old, own ones never', () => {
    const waiting = [text(1), text(2, { own: true }), text(3, { at_ms: 1_000 })];
    expect(stillWaiting(waiting, WAIT_MAX_MS + 1).map((entry) => entry.id)).toEqual(['c2', 'c3']);
  });

  it('are the newest when 125 a second come, and own ones among them', () => {
    const waiting = [text(0, { own: true }), ...Array.from({ length: 300 }, (_, n) => text(n + 1))];
    const kept = stillWaiting(waiting, 10);
    expect(kept).toHaveLength(WAIT_MAX);
    expect(kept[0]?.id).toBe('c0');
    expect(kept.at(-1)?.id).toBe('c300');
  });

  it('are own ones alone when those are too many', () => {
    const waiting = [...Array.from({ length: WAIT_MAX }, (_, n) => text(n, { own: true })), ...Array.from({ length: 300 }, (_, n) => text(n + 100))];
    expect(stillWaiting(waiting, 10).every(({ own }) => own)).toBe(true);
  });
});

describe('a flying text', () => {
  it('is one line and not longer than 40 characters', () => {
    expect(flyingText(' 一\n二  三 ')).toBe('一 二 三');
    expect(Array.from(flyingText('长'.repeat(200)))).toHaveLength(41);
  });
  it('is as wide as its characters', () => {
    expect(widthOf('水价', 20)).toBe(48);
    expect(widthOf('ab', 20)).toBeLessThan(widthOf('水价', 20));
  });
});
