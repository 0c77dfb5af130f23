/** The session's page under a flood, as a reader meets it. */
import type { Page } from 'playwright-core';
import { see } from '../harness/browser.ts';
import * as viewer from '../seats/viewer.ts';
import type { Feed } from './feed.ts';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Opens the page and waits until everything that loads later has come (see `PREFETCH_MS` of the page). */
export async function openPage(page: Page, feed: Feed): Promise<void> {
  await page.goto(feed.base + feed.path);
  await see(page.locator('textarea'));
  await pause(7_000);
}

export async function showComments(page: Page): Promise<void> {
  await viewer.showTab(page, 'comments');
  await see(page.locator('.comment'));
}

/** Numbers of the comments that are drawn, top first. */
export const drawnNumbers = (page: Page): Promise<number[]> =>
  page.locator('.comment .body').evaluateAll((all) => all.map((body) => Number.parseInt(body.textContent ?? '', 10)).filter((n) => n > 0));

/** Tells the page that it is out of sight, as a browser does with a tab nobody looks at; the drawing goes on all the same. */
export const setHidden = (page: Page, hidden: boolean): Promise<void> =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (value ? 'hidden' : 'visible') });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** The entry at the reader's eye and where it is on the screen. */
export const eye = (page: Page): Promise<{ text: string; top_px: number }> =>
  page.evaluate(() => {
    const entries = [...document.querySelectorAll('.comment')];
    const entry = entries.find((one) => one.getBoundingClientRect().top > window.innerHeight / 2);
    return { text: entry?.querySelector('.body')?.textContent ?? '', top_px: Math.round(entry?.getBoundingClientRect().top ?? 0) };
  });

/** Scrolls whatever scrolls the list: the page on a phone, a column on a desk. */
export const scrollBy = (page: Page, px: number): Promise<void> =>
  page.evaluate((by) => {
    const column = document.querySelector('[role="tabpanel"]')?.parentElement;
    const scrolls = column !== null && column !== undefined && getComputedStyle(column).overflowY === 'auto' ? column : document.scrollingElement;
    scrolls?.scrollBy(0, by);
  }, px);

/** A finger that throws the list: down the list for negative distances. */
export async function flick(page: Page, yDistance: number): Promise<void> {
  const line = await page.context().newCDPSession(page);
  await line.send('Input.synthesizeScrollGesture', { x: 180, y: 500, yDistance, speed: 6_000, gestureSourceType: 'touch' });
  await line.detach();
}
