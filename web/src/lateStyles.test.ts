import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bringLostStyles, hrefOf } from './lateStyles';

/** What was put into the page; it is not put there really, because nothing can be fetched here. */
let put: HTMLLinkElement[];
const lost = (message: string): Event => {
  const event = Object.assign(new Event('vite:preloadError', { cancelable: true }), { payload: new Error(message) });
  window.dispatchEvent(event);
  return event;
};

beforeEach(() => {
  vi.useFakeTimers();
  put = [];
  vi.spyOn(document.head, 'append').mockImplementation((link) => void put.push(link as HTMLLinkElement));
});
afterEach(() => void vi.useRealTimers());

describe('a lost style sheet', () => {
  bringLostStyles();

  it('does not keep its part from appearing and is asked for until it is there', () => {
    expect(lost('Unable to preload CSS for /assets/AnswerList-CSD0vJSt.css').defaultPrevented).toBe(true);
    expect(put).toEqual([]);
    for (const wait_ms of [1_000, 2_000, 4_000, 8_000]) {
      const before = put.length;
      vi.advanceTimersByTime(wait_ms - 1);
      expect(put).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(put).toHaveLength(before + 1);
      expect(put.at(-1)?.getAttribute('href')).toBe('/assets/AnswerList-CSD0vJSt.css');
      if (wait_ms < 8_000) put.at(-1)?.onerror?.(new Event('error'));
    }
    vi.advanceTimersByTime(120_000);
    expect(put).toHaveLength(4);
  });

  it('is told apart from lost code, which whoever needs it asks for again', () => {
    expect(lost('Failed to fetch dynamically imported module: /assets/AnswerList-1.js').defaultPrevented).toBe(false);
    expect(hrefOf('Failed to fetch dynamically imported module: /assets/AnswerList-1.js')).toBeNull();
  });
});
