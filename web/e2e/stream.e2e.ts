/** The live picture of the demonstration: it plays, it may die, and the rest of the page does not mind. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comes, openBrowser, PHONE, see, takeSeat, type Seat } from './harness/browser.ts';
import { demo, type Server } from './harness/server.ts';
import { t } from './harness/words.ts';
import * as viewer from './seats/viewer.ts';

/** Enough that something happens, few enough for a machine that also plays and encodes. */
const CROWD = 20;

let server: Server;
let browser: Browser;
let seat: Seat;

interface Picture {
  readyState: number;
  time_s: number;
}
const picture = (page: Page): Promise<Picture> => page.locator('video').evaluate((video: HTMLVideoElement) => ({ readyState: video.readyState, time_s: video.currentTime }));

beforeAll(async () => {
  [server, browser] = await Promise.all([demo(CROWD), openBrowser()]);
  seat = await takeSeat(browser, server.base, 'viewer', { size: PHONE });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('the live picture', () => {
  test('plays in the page of a viewer', async () => {
    const { links } = (await (await fetch(`${server.base}/api/v1/demonstration/links`)).json()) as { links: { role: string; url: string }[] };
    await seat.page.goto(links.find(({ role }) => role === 'viewer')?.url ?? '/');
    await comes(async () => (await picture(seat.page)).readyState >= 3, true, 'the picture is there');
    const { time_s } = await picture(seat.page);
    await comes(async () => (await picture(seat.page)).time_s > time_s + 1, true, 'the picture moves');
  });

  test('says so when it dies, and questions and comments go on', async () => {
    const media = join(server.folder, 'demo', 'media');
    const [session = ''] = readdirSync(media);
    // A file where the folder was: the encoder can write no more, and the server has nothing to send.
    rmSync(join(media, session), { recursive: true });
    writeFileSync(join(media, session), '');
    await see(seat.page.getByText(t('viewer.stream.failed')).or(seat.page.getByText(t('viewer.stream.stalled'))));
    await see(seat.page.getByText(t('viewer.stream.failed')));

    await viewer.comment(seat.page, '画面没了，字还在');
    await viewer.takeName(seat.page, '林阿姨');
    await see(viewer.commentsSaying(seat.page, '画面没了，字还在'));
    await comes(async () => (await seat.page.locator('.comment').first().textContent())?.includes('画面没了'), false, 'the crowd is heard on');

    rmSync(join(media, session));
    mkdirSync(join(media, session));
    await seat.page.getByRole('button', { name: t('common.retry') }).first().click();
    await comes(async () => (await picture(seat.page)).readyState >= 3, true, 'the picture comes back');
  });

  test('nothing was logged but the missing files', () => {
    expect(seat.wrong).toEqual([]);
  });
});
