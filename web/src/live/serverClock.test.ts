import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope } from 'vue';
import { useNow, useShownNow } from './serverClock';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a clock for the eye', () => {
  it('stands while nobody looks and is right a second after the first look; the other goes on', () => {
    const scope = effectScope();
    const clocks = scope.run(() => ({ now: useNow(), shown: useShownNow() }));
    if (!clocks) throw new Error('no scope');
    vi.advanceTimersByTime(3_000);
    expect(clocks.shown.value).toBe(clocks.now.value);
    const before = clocks.now.value;
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    vi.advanceTimersByTime(10_000);
    expect(clocks.shown.value).toBe(before);
    expect(clocks.now.value).toBeGreaterThanOrEqual(before + 9_000);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
    vi.advanceTimersByTime(1_100);
    expect(clocks.shown.value).toBe(clocks.now.value);
    scope.stop();
  });
});
