/**
 * What the viewer's page costs under a flood, measured: `npm run load`. Figures go to the terminal and to
 * `e2e/output/load.json`; nothing here fails because a machine is slow. The bounds that must always hold are in
 * `flood.e2e.ts`.
 *
 *   LOAD_SECONDS=30        length of each measured part
 *   LOAD_MINUTES=5         length of the run in real time for what stays in memory
 *   LOAD_COMMENTS=225000   comments of the hurried run: half an hour at 125 a second
 *   LOAD_PICTURES=1        leaves pictures of the page under the flood in `e2e/output/`
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { DESK, openBrowser, OUTPUT, PHONE, see, takeSeat, type Seat } from '../harness/browser.ts';
import * as viewer from '../seats/viewer.ts';
import { Feed, type FeedOptions } from './feed.ts';
import { Meter, type Figures, type Weight } from './meter.ts';
import { drawnNumbers, eye, flick, openPage, pause, scrollBy, setHidden, showComments } from './page.ts';

const RATE = 125;
const ITEMS = 5_000;
const SLOWDOWN = 4;
const SECONDS = Number(process.env.LOAD_SECONDS ?? 30);
const MINUTES = Number(process.env.LOAD_MINUTES ?? 5);
const COMMENTS = Number(process.env.LOAD_COMMENTS ?? 225_000);
/** As many a second in the hurried run. */
const HURRY = 1_500;

const results: Record<string, unknown> = {};
function report(name: string, figures: Record<string, unknown>): void {
  results[name] = figures;
  process.stdout.write(`${name}: ${Object.entries(figures).map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ')}\n`);
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(`${OUTPUT}load.json`, `${JSON.stringify({ rate: RATE, items: ITEMS, slowdown: SLOWDOWN, ...results }, null, 2)}\n`);
});

interface Room {
  feed: Feed;
  seat: Seat;
  meter: Meter;
}
async function withRoom(size: typeof PHONE, options: FeedOptions, act: (room: Room) => Promise<void>): Promise<void> {
  const feed = await Feed.open(options);
  const seat = await takeSeat(browser, feed.base, 'reader', { size });
  try {
    const meter = await Meter.attach(seat, { slowdown: SLOWDOWN });
    feed.burst(200);
    await openPage(seat.page, feed);
    await act({ feed, seat, meter });
    if (seat.wrong.length > 0) process.stdout.write(`the page said: ${seat.wrong.slice(0, 3).join(' | ')}\n`);
  } finally {
    await seat.context.close();
    await feed.close();
  }
}

/** Fills the page's list to what it keeps. */
async function fill({ feed }: Room): Promise<void> {
  for (let n = 0; n < ITEMS; n += 250) {
    feed.burst(250);
    await pause(150);
  }
  await pause(2_000);
}

/** How far what is drawn is behind what was published, looked at once a second. */
async function lag({ feed, seat }: Room, seconds: number): Promise<number> {
  let most = 0;
  for (let n = 0; n < seconds; n += 1) {
    await pause(1_000);
    const published = feed.published;
    const [newest = 0] = await drawnNumbers(seat.page);
    most = Math.max(most, published - newest);
  }
  return most;
}

describe('the page of a viewer under 125 comments a second', () => {
  test('on a phone, at the top of the comments, 5,000 of them', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      feed.flood(RATE);
      let behind = 0;
      const figures: Figures = await meter.during(async () => {
        behind = await lag(room, SECONDS);
      });
      report('phone comments', { ...figures, behind, connections: feed.opened.length, ...(await meter.weigh()) });
    }));

  test('on a phone, scrolled away', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      await scrollBy(seat.page, 6_000);
      await pause(1_000);
      const before = await eye(seat.page);
      feed.flood(RATE);
      const figures = await meter.during(() => pause(SECONDS * 1_000));
      const after = await eye(seat.page);
      const pill = await seat.page.locator('.pill').textContent();
      report('phone scrolled away', { ...figures, moved_px: before.text === after.text ? after.top_px - before.top_px : 'another entry', pill, came: feed.published - ITEMS - 200 });
      report('phone flicking', { ...(await meter.during(async () => {
        for (let n = 0; n < 12; n += 1) await flick(seat.page, n % 3 === 2 ? 3_000 : -4_000);
      })) });
      report('phone jumping', { ...(await meter.during(async () => {
        for (let n = 0; n < 40; n += 1) {
          await scrollBy(seat.page, n % 2 === 0 ? 2_500 : -1_200);
          await pause(250);
        }
      })) });
    }));

  test('on a phone, one message for each comment', () =>
    withRoom(PHONE, { tick_ms: 8 }, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      feed.flood(RATE);
      report('phone message each', { ...(await meter.during(() => pause(SECONDS * 1_000))) });
    }));

  test('on a phone, reading 5,000 questions that are supported meanwhile', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      feed.ask(ITEMS);
      await fill(room);
      await see(seat.page.locator('article'));
      feed.flood(RATE);
      const pressing = setInterval(() => feed.support(10), 100);
      const asking = setInterval(() => feed.ask(1), 2_000);
      const figures = await meter.during(() => pause(SECONDS * 1_000));
      clearInterval(pressing);
      clearInterval(asking);
      report('phone questions', { ...figures, ...(await meter.weigh()) });
    }));

  test('at a desk, comments over a large picture', () =>
    withRoom(DESK, { stream_url: '/media/none.m3u8' }, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      feed.flood(RATE);
      await pause(3_000);
      let flying = 0;
      const figures = await meter.during(async () => {
        for (let n = 0; n < SECONDS; n += 1) {
          await pause(1_000);
          flying = Math.max(flying, await seat.page.locator('.flying').count());
        }
      });
      report('desk with picture', { ...figures, flying });
    }));

  test('out of sight, and back', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      feed.flood(RATE);
      for (const [name, seconds, forget] of [['a glance away', 20, false], ['away for long', 45, false], ['away for too long', 45, true]] as const) {
        await setHidden(seat.page, true);
        await pause(1_000);
        await seat.page.evaluate(() => {
          const watcher = new MutationObserver((changes) => void (watched.changes += changes.length));
          const watched = { changes: 0, watcher };
          watcher.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
          Object.assign(window, { watched });
        });
        const away = await meter.during(() => pause(seconds * 1_000));
        const changes = await seat.page.evaluate(() => (window as unknown as { watched: { changes: number; watcher: MutationObserver } }).watched.changes);
        await seat.page.evaluate(() => (window as unknown as { watched: { watcher: MutationObserver } }).watched.watcher.disconnect());
        if (forget) feed.forget();
        const published = feed.published;
        let correct_ms = 0;
        const back = await meter.during(async () => {
          const from_ms = performance.now();
          await setHidden(seat.page, false);
          while (((await drawnNumbers(seat.page))[0] ?? 0) < published && performance.now() - from_ms < 10_000) await pause(20);
          correct_ms = Math.round(performance.now() - from_ms);
          await pause(3_000);
        });
        const drawn = await drawnNumbers(seat.page);
        const whole = drawn.every((n, at) => at === 0 || n === (drawn[at - 1] as number) - 1);
        report(name, { away, changes, connections: feed.opened.length, correct_ms, whole, back });
      }
    }));

  test('half an hour of comments, hurried', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      const before = await meter.weigh();
      feed.flood(HURRY);
      const until = feed.published + COMMENTS;
      const figures = await meter.during(async () => {
        while (feed.published < until) await pause(200);
      });
      feed.flood(0);
      await pause(12_000);
      report('hurried', { comments: COMMENTS, connections: feed.opened.length, before, after: await meter.weigh(), ...figures });
    }));

  test('minutes in real time', () =>
    withRoom(PHONE, {}, async (room) => {
      const { feed, seat, meter } = room;
      await showComments(seat.page);
      await fill(room);
      feed.flood(RATE);
      await pause(10_000);
      const weights: Weight[] = [await meter.weigh()];
      const figures: Figures[] = [];
      for (let n = 0; n < MINUTES; n += 1) {
        figures.push(await meter.during(() => pause(60_000)));
        weights.push(await meter.weigh());
      }
      const worst = { over100: Math.max(...figures.map((f) => f.over100)), longest_ms: Math.max(...figures.map((f) => f.longest_ms)), frameP95_ms: Math.max(...figures.map((f) => f.frameP95_ms)) };
      report('minutes', { minutes: MINUTES, comments: MINUTES * 60 * RATE, heap_MiB: weights.map((w) => w.heap_MiB), nodes: weights.map((w) => w.nodes), elements: weights.at(-1)?.elements, worst });
    }));

  test.runIf(process.env.LOAD_PICTURES)('looks like this', async () => {
    mkdirSync(OUTPUT, { recursive: true });
    for (const [name, size] of [['phone', PHONE], ['desk', DESK]] as const) {
      await withRoom(size, { stream_url: name === 'desk' ? '/media/none.m3u8' : '' }, async (room) => {
        const { feed, seat, meter } = room;
        feed.ask(40);
        if (name === 'desk') await meter.slow(1); // Drawn by the processor, a large picture with comments over it takes a second.
        feed.flood(RATE);
        await showComments(seat.page);
        await pause(6_000);
        for (const colorScheme of ['light', 'dark'] as const) {
          await seat.page.emulateMedia({ colorScheme });
          await scrollBy(seat.page, -100_000);
          await pause(2_500);
          await seat.page.screenshot({ path: `${OUTPUT}flood--${name}-${colorScheme}.png` });
          await scrollBy(seat.page, 1_500);
          await pause(4_000);
          await seat.page.screenshot({ path: `${OUTPUT}flood-away--${name}-${colorScheme}.png` });
        }
        await viewer.showTab(seat.page, 'questions');
        await pause(1_000);
        await seat.page.screenshot({ path: `${OUTPUT}flood-questions--${name}.png` });
      });
    }
  });
});
