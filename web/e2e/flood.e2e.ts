/**
 * The viewer's page under 125 comments a second and 5,000 items, fed by a stand-in (`load/feed.ts`) that is faster than the
 * server lets comments through. Held here is what does not depend on how fast the machine is: what is kept and drawn is bounded,
 * nothing is missed or doubled, readers are not moved, nobody's ears are flooded, hidden pages rest. How long tasks take is
 * measured by `npm run load`.
 */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { comes, openBrowser, PHONE, see, takeSeat, type Seat } from './harness/browser.ts';
import { t } from './harness/words.ts';
import { Feed } from './load/feed.ts';
import { Meter } from './load/meter.ts';
import { drawnNumbers, eye, openPage, pause, scrollBy, setHidden, showComments } from './load/page.ts';
import * as viewer from './seats/viewer.ts';

const RATE = 125;
const ITEMS = 5_000;
/** Entries a virtual list draws on a phone: the screen and 500 px on both sides, or a short list whole. */
const DRAWN_MAX = 80;
/** Elements of the whole page. About 500 are usual. */
const ELEMENTS_MAX = 1_500;

let browser: Browser;
let feed: Feed;
let seat: Seat;
let meter: Meter;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  feed = await Feed.open();
  seat = await takeSeat(browser, feed.base, 'reader', { size: PHONE });
  meter = await Meter.attach(seat);
  feed.burst(200);
  await openPage(seat.page, feed);
  await showComments(seat.page);
});
afterEach(async () => {
  const { wrong } = seat;
  await seat.context.close();
  await feed.close();
  expect(wrong).toEqual([]);
});

/** The newest that was published is on top, and below it every one before it, each once. */
async function isWhole(): Promise<void> {
  await comes(async () => (await drawnNumbers(seat.page))[0], feed.published);
  const drawn = await drawnNumbers(seat.page);
  expect(drawn).toEqual(drawn.map((_, at) => feed.published - at));
}

describe('a flood of comments', () => {
  test('keeps a bounded page, memory included, and misses nothing', async () => {
    feed.ask(ITEMS);
    feed.burst(ITEMS);
    await isWhole();
    const before = await meter.weigh();
    for (let n = 0; n < 40; n += 1) {
      feed.burst(500);
      await pause(100);
    }
    await isWhole();
    feed.flood(RATE);
    await pause(5_000);
    feed.flood(0);
    await isWhole();
    // What flies over the picture has landed.
    await comes(() => seat.page.locator('.flying').count(), 0);
    const after = await meter.weigh();
    expect(await seat.page.locator('.comment').count()).toBeLessThanOrEqual(DRAWN_MAX);
    expect(after.elements).toBeLessThan(ELEMENTS_MAX);
    expect(after.nodes - before.nodes, 'nodes kept after 20,000 comments').toBeLessThan(2_000);
    expect(after.heap_MiB - before.heap_MiB, 'MiB kept after 20,000 comments').toBeLessThan(8);
    expect(feed.opened, 'one line from beginning to end').toHaveLength(1);
    await viewer.showTab(seat.page, 'questions');
    await see(seat.page.getByRole('article'));
    expect(await seat.page.getByRole('article').count()).toBeLessThanOrEqual(DRAWN_MAX);
  });

  test('does not move a reader who scrolled away, and says how many came', async () => {
    feed.burst(ITEMS);
    await isWhole();
    await scrollBy(seat.page, 4_000);
    await pause(1_000);
    const before = await eye(seat.page);
    const from = feed.published;
    feed.flood(RATE);
    await pause(5_000);
    feed.flood(0);
    const came = feed.published - from;
    const pill = seat.page.getByRole('button', { name: t('viewer.comment.fresh', { n: came.toLocaleString('zh-CN') }) });
    await see(pill);
    expect(await eye(seat.page)).toEqual(before);
    feed.burst(ITEMS + 300);
    await see(seat.page.getByRole('button', { name: t('viewer.comment.fresh', { n: '5,000+' }) }));
    expect(await eye(seat.page)).toEqual(before);
    await seat.page.locator('.pill').click();
    await isWhole();
  });

  test('is followed at its top, though the page is scrolled as far as there', async () => {
    await seat.page.getByRole('tablist').evaluate((tabs) => window.scrollBy(0, tabs.getBoundingClientRect().top));
    await pause(500);
    feed.flood(3);
    await pause(5_000);
    feed.flood(0);
    await isWhole();
    expect(await seat.page.locator('.pill').count()).toBe(0);
  });

  test('is open to all: axe finds nothing, and what is read aloud comes every few seconds', async () => {
    const log = seat.page.getByRole('log');
    await comes(() => log.count(), 1);
    await log.evaluate((element) => {
      const told = { changes: 0 };
      new MutationObserver(() => void (told.changes += 1)).observe(element, { subtree: true, childList: true, characterData: true });
      Object.assign(window, { told });
    });
    feed.flood(RATE);
    const { violations } = await new AxeBuilder({ page: seat.page }).setLegacyMode(true).options({ runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }, resultTypes: ['violations'] }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
    await pause(4_000);
    expect(await seat.page.evaluate(() => (window as unknown as { told: { changes: number } }).told.changes)).toBeLessThanOrEqual(2);
    expect(await seat.page.locator('.comments [aria-live], .comments [role="status"]').count(), 'the list itself is silent').toBe(0);
  });
});

describe('a page out of sight', () => {
  /** Counts what changes in the page from now on. */
  const watchChanges = (): Promise<void> =>
    seat.page.evaluate(() => {
      const watched = { changes: 0 };
      new MutationObserver((changes) => void (watched.changes += changes.length)).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      Object.assign(window, { watched });
    });
  const changes = (): Promise<number> => seat.page.evaluate(() => (window as unknown as { watched: { changes: number } }).watched.changes);

  test('draws nothing, and shows all of it at the first look', async () => {
    feed.flood(RATE);
    await setHidden(seat.page, true);
    // What flew over the picture when it was hidden lands yet.
    await pause(1_000);
    await comes(() => seat.page.locator('.flying').count(), 0);
    await pause(1_000);
    await watchChanges();
    await pause(5_000);
    expect(await changes()).toBe(0);
    feed.flood(0);
    await setHidden(seat.page, false);
    await isWhole();
    expect(feed.opened, 'a glance away costs no new line').toHaveLength(1);
  });

  test('hangs up after half a minute, comes back with its number, and without it where too much came', async () => {
    for (const forget of [false, true]) {
      feed.flood(RATE);
      await setHidden(seat.page, true);
      await expect.poll(() => feed.listeners, { timeout: 60_000, message: 'it hangs up' }).toBe(0);
      await pause(2_000);
      feed.flood(0);
      if (forget) feed.forget();
      await setHidden(seat.page, false);
      await isWhole();
      expect(feed.opened.at(-1)).toMatch(/since=\d+$/);
    }
    expect(feed.opened).toHaveLength(3);
  });

  test('loses neither a draft nor what was sent and not answered', async () => {
    const { page } = seat;
    feed.answering = false;
    await viewer.comment(page, '这条一定要送到');
    await viewer.takeName(page, '林阿姨');
    await expect.poll(() => feed.posted.length).toBe(1);
    await page.getByLabel(t('viewer.composer.write.comment')).fill('写到一半');
    await setHidden(page, true);
    await pause(35_000);
    expect(feed.listeners, 'the line is held while an answer is to come').toBe(1);
    // The line breaks; out of sight it comes back by itself and the post is sent again.
    feed.answering = true;
    feed.dropAll();
    await expect.poll(() => feed.opened.length, { timeout: 30_000 }).toBe(2);
    await comes(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('.outbox.')).length), 0, 'it was answered');
    await setHidden(page, false);
    await see(viewer.commentsSaying(page, '这条一定要送到'));
    expect(await viewer.commentsSaying(page, '这条一定要送到').count()).toBe(1);
    expect(feed.posted).toHaveLength(1);
    expect(await page.getByLabel(t('viewer.composer.write.comment')).inputValue()).toBe('写到一半');
  });
});
