/** One browser, and for every seat a profile of its own that is watched for what must not happen. */
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

const CHROMIUM = [process.env.YISHITING_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** How long anything may take to appear. A page that needs a second needs ten on a machine that does other things too. */
export const PATIENCE_MS = 20_000;

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1440, height: 900 };
export const WALL = { width: 1920, height: 1080 };

export async function openBrowser(): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (!executablePath) throw new Error('no Chromium; set YISHITING_CHROMIUM to its path');
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required'],
  });
}

/** One person at one screen. */
export interface Seat {
  name: string;
  context: BrowserContext;
  page: Page;
  /** What went wrong in the page so far: errors it logged or threw, requests to anywhere but the server. */
  wrong: string[];
}

/** Opens a profile of its own. `size` decides phone, desk or wall. */
export async function takeSeat(browser: Browser, base: string, name: string, options: BrowserContextOptions & { size: { width: number; height: number } }): Promise<Seat> {
  const { size, ...rest } = options;
  const phone = size.width < 700;
  const context = await browser.newContext({
    baseURL: base,
    viewport: size,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    acceptDownloads: true,
    ...(phone ? { isMobile: true, hasTouch: true, deviceScaleFactor: 2 } : {}),
    ...rest,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const wrong: string[] = [];
  const host = new URL(base).host;
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== host) wrong.push(`${name}: asked ${request.url()}`);
  });
  context.on('weberror', (error) => wrong.push(`${name}: ${error.error().stack ?? error.error().message}`));
  context.on('console', (message) => {
    if (message.type() === 'error' && !isAnswer(message.text())) wrong.push(`${name}: ${message.text()} ${message.location().url}`);
  });
  const page = await context.newPage();
  return { name, context, page, wrong };
}

/**
 * The browser itself logs every answer with 4xx and every request on a dead line. Both are part of the story (not logged
 * in yet, offline) and the pages say them in their own words; errors of the server (5xx) are not.
 */
function isAnswer(text: string): boolean {
  return /^(Failed to load resource|WebSocket connection to \S+ failed): .*(status of 4\d\d|response code: 4\d\d|ERR_INTERNET_DISCONNECTED)/.test(text);
}

export const see = (locator: Locator): Promise<void> => locator.first().waitFor({ state: 'visible' });
/** Waits until nothing matches or what matches is hidden. */
export const gone = (locator: Locator): Promise<void> => locator.waitFor({ state: 'hidden' });
/** Waits until `read` gives what was expected. */
export async function comes<T>(read: () => Promise<T>, expected: T, about = ''): Promise<void> {
  await expect.poll(read, { timeout: PATIENCE_MS, interval: 100, message: about }).toEqual(expected);
}

/** Beside the tests, not in the repository: pictures of failures, and figures that were measured. */
export const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

/** What every seat saw when something failed. */
export async function showSeats(seats: readonly Seat[], what: string): Promise<void> {
  mkdirSync(OUTPUT, { recursive: true });
  const name = what.replace(/[^a-z]+/gi, '-').slice(0, 40);
  await Promise.all(seats.map((seat) => seat.page.screenshot({ path: `${OUTPUT}${name}--${seat.name.replaceAll(' ', '-')}.png` }).catch(() => undefined)));
}
