/**
 * The moderation desk by hand: thirty items by keys alone, two people at one queue, a phone with a thumb, and the emergency
 * switch as the public sees it.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PolicyFace, QuestionPage, QueuePage, StaffMe } from '../src/wire/types.ts';
import { comes, DESK, gone, openBrowser, PHONE, see, takeSeat, type Seat } from './harness/browser.ts';
import { serve, type Server } from './harness/server.ts';
import { t } from './harness/words.ts';
import { Client, makeWorld, PASSWORD, type World } from './harness/world.ts';
import { bring, reading } from './seats/moderator.ts';
import * as viewers from './seats/viewer.ts';

const PICTURES = fileURLToPath(new URL('screenshots/', import.meta.url));
const ITEMS = 36;
const DECIDED = 30;

let server: Server;
let browser: Browser;
let world: World;
let colleague: Client;
let session: string;

/** Fills the queue with held comments of many people. */
async function fill(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const person = await Client.netizen(server.base, `街坊${i}`);
    await person.post(session, 'comment', `第${i + 1}条：${['楼道灯坏了', '水压太低了', '抄表不准', '停车收费高'][i % 4]}，请给个说法`);
  }
}
const queue = (state = 'held'): Promise<QueuePage> => world.staff.ask('GET', `/sessions/${session}/queue?state=${state}&limit=1`);
const held = async (): Promise<number> => (await queue()).total;

async function sit(name: string, who: Client, size = DESK): Promise<Seat> {
  const seat = await takeSeat(browser, server.base, name, { size, reducedMotion: 'reduce' });
  await seat.context.addCookies([{ ...who.cookie, url: server.base }]);
  await seat.page.goto(`/staff/s/${session}/moderate`);
  return seat;
}
/** The line of the list that a colleague has open. */
const rowOf = (page: Page, name: string): Locator => page.getByRole('region', { name: t('moderation.list') }).getByText(t('moderation.claim.row', { name })).first();
const picture = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: `${PICTURES}${name}.png` });
async function bothLooks(page: Page, name: string): Promise<void> {
  await picture(page, name);
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [server, browser] = await Promise.all([serve(), openBrowser()]);
  world = await makeWorld(server);
  session = world.sessions.live;
  colleague = new Client(server.base);
  await colleague.ask<StaffMe>('POST', '/staff/login', { login_name: 'mod', password: PASSWORD });
  const policy: PolicyFace = { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'hold_first', question_mode: 'hold_first', slow_mode_s: 0 };
  await world.staff.ask('PUT', `/sessions/${session}/policy`, policy);
  await fill(ITEMS);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('thirty items are decided by keys alone, each once', async () => {
  const { page, wrong, context } = await sit('keys', world.staff);
  await see(reading(page));
  await bothLooks(page, 'desk-queue');
  const before = await held();
  const published = (await queue('published')).total;
  const declined = (await queue('declined')).total;
  const texts = new Set<string>();
  const begun = performance.now();
  for (let i = 0; i < DECIDED; i += 1) {
    const [text = ''] = await reading(page).allTextContents();
    expect(texts.has(text), `item ${i + 1} was shown before`).toBe(false);
    texts.add(text);
    await page.keyboard.press(i % 3 === 2 ? 'd' : 'a');
    if (i % 3 === 2) await page.keyboard.press('1');
    // The next one is under the eyes before the next key is pressed.
    await expect.poll(async () => (await reading(page).allTextContents())[0], { timeout: 10_000, interval: 20 }).not.toBe(text);
  }
  const took_s = (performance.now() - begun) / 1_000;
  await comes(held, before - DECIDED, 'as many left the queue as keys were pressed for');
  expect((await queue('published')).total).toBe(published + (DECIDED * 2) / 3);
  expect((await queue('declined')).total).toBe(declined + DECIDED / 3);
  console.info(`${DECIDED} items by keys in ${took_s.toFixed(1)} s, ${Math.round((DECIDED / took_s) * 60)} a minute`);
  await page.keyboard.press('?');
  await see(page.getByRole('dialog', { name: t('moderation.help.title') }));
  await picture(page, 'desk-help');
  await page.keyboard.press('Escape');
  await page.keyboard.press('f');
  await see(page.getByText(t('moderation.filter.anywhere')));
  await bothLooks(page, 'desk-filters');
  expect(wrong).toEqual([]);
  await context.close();
});

test('two people see who has what, and one takes over with a word to the other', async () => {
  const first = await sit('first', world.staff);
  await see(reading(first.page));
  const [text = ''] = await reading(first.page).allTextContents();
  const second = await sit('second', colleague);
  await see(rowOf(second.page, '沈岚'));
  await see(second.page.getByText(t('moderation.claim.held', { name: '沈岚' })));
  await bothLooks(second.page, 'desk-held-by-colleague');
  // N goes to what nobody has.
  await second.page.keyboard.press('n');
  await expect.poll(async () => (await reading(second.page).allTextContents())[0], { timeout: 10_000 }).not.toBe(text);
  await see(rowOf(first.page, '审核小李'));
  // Back to the first one's, and taken over.
  await second.page.keyboard.press('Home');
  await see(second.page.getByText(t('moderation.claim.held', { name: '沈岚' })));
  await second.page.keyboard.press('o');
  await see(first.page.getByText(t('moderation.claim.lost', { name: '审核小李' })));
  await picture(first.page, 'desk-lost');
  // The first one's key comes too late, and is told so.
  const before = await held();
  await first.page.keyboard.press('a');
  await see(first.page.getByRole('alert').filter({ hasText: '审核小李' }));
  expect(await held()).toBe(before);
  await second.page.keyboard.press('a');
  await comes(held, before - 1, 'the holder decides');
  // A browser that is closed lets go.
  await second.context.close();
  await gone(rowOf(first.page, '审核小李'));
  expect([...first.wrong, ...second.wrong]).toEqual([]);
  await first.context.close();
});

test('a thumb publishes to the right, declines to the left and puts off upwards', async () => {
  const { page, wrong, context } = await sit('thumb', world.staff, PHONE);
  await see(reading(page));
  await bothLooks(page, 'desk-phone');
  const touch = await context.newCDPSession(page);
  const swipe = async (dx: number, dy: number): Promise<void> => {
    const box = await reading(page).boundingBox();
    const [x, y] = [(box?.x ?? 0) + 150, (box?.y ?? 0) + 60];
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    for (let part = 1; part <= 6; part += 1) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x + (dx * part) / 6, y: y + (dy * part) / 6 }] });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  const before = await held();
  const published = (await queue('published')).total;
  const [text = ''] = await reading(page).allTextContents();
  await swipe(0, -130);
  await expect.poll(async () => (await reading(page).allTextContents())[0], { timeout: 10_000 }).not.toBe(text);
  expect(await held(), 'put off, not decided').toBe(before);
  await swipe(140, 0);
  await comes(held, before - 1, 'published');
  expect((await queue('published')).total).toBe(published + 1);
  await swipe(-140, 0);
  await see(page.getByRole('region', { name: t('moderation.reason.title.decline', { n: 1 }) }));
  await picture(page, 'desk-phone-reasons');
  await page.getByRole('region', { name: t('moderation.reason.title.decline', { n: 1 }) }).getByRole('listitem').first().getByRole('button').click();
  await comes(held, before - 2, 'declined');
  expect(wrong).toEqual([]);
  await context.close();
});

test('the emergency switch tightens everything for everybody and gives it back', async () => {
  const desk = await sit('switch', world.staff);
  await see(reading(desk.page));
  const viewer = await takeSeat(browser, server.base, 'public', { size: PHONE, reducedMotion: 'reduce' });
  await viewer.page.goto(`/h/${world.hall.slug}/s/${session}`);
  const policy = async (): Promise<PolicyFace> => (await world.staff.ask<{ session: { policy: PolicyFace } }>('GET', `/sessions/${session}/prepared`)).session.policy;
  const before = await policy();
  await desk.page.getByRole('button', { name: t('moderation.emergency.short') }).click();
  const dialog = desk.page.getByRole('dialog', { name: t('moderation.emergency.title') });
  await see(dialog.getByText(t('moderation.emergency.step.slow_mode')));
  await bothLooks(desk.page, 'desk-emergency');
  await dialog.getByRole('button', { name: t('moderation.emergency.confirm') }).click();
  await see(desk.page.getByRole('region', { name: t('moderation.emergency.on') }));
  await bothLooks(desk.page, 'desk-emergency-on');
  expect((await policy()).slow_mode_s).toBe(60);
  const bar = desk.page.getByRole('region', { name: t('moderation.emergency.on') });
  await bar.getByRole('button', { name: t('moderation.emergency.end'), exact: true }).click();
  await bar.getByRole('button', { name: t('moderation.emergency.endArmed') }).click();
  await gone(bar);
  expect(await policy()).toEqual(before);
  // The chat is switched off while somebody is about to write.
  await world.staff.ask('PUT', `/sessions/${session}/policy`, { ...before, chat_off: true, stream_off: true });
  await see(viewer.page.getByText(t('viewer.poster.off')));
  await picture(viewer.page, 'viewer-chat-off');
  await world.staff.ask('PUT', `/sessions/${session}/policy`, before);
  await gone(viewer.page.getByText(t('viewer.poster.off')));
  expect([...desk.wrong, ...viewer.wrong]).toEqual([]);
  await Promise.all([desk.context.close(), viewer.context.close()]);
});

test('what a viewer reports is looked at, stays when it is kept, and goes when it is taken down', async () => {
  const person = await Client.netizen(server.base, '写评论的人');
  await world.staff.ask('PUT', `/sessions/${session}/policy`, { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'publish_first', question_mode: 'hold_first', slow_mode_s: 0 });
  await person.post(session, 'comment', '有人觉得不妥的一句');
  const viewer = await takeSeat(browser, server.base, 'reporter', { size: PHONE, reducedMotion: 'reduce' });
  const { page } = viewer;
  await page.goto(`/h/${world.hall.slug}/s/${session}`);
  await viewers.showTab(page, 'comments');
  const row = page.getByRole('listitem').filter({ hasText: '有人觉得不妥的一句' });
  await row.getByRole('button', { name: t('viewer.report') }).click();
  const who = viewers.identityDialog(page);
  await who.getByLabel(t('room.identity.name')).fill('热心居民');
  await who.getByRole('button', { name: t('room.identity.go'), exact: true }).click();
  const dialog = page.getByRole('dialog', { name: t('room.report.title') });
  await dialog.getByRole('radio').first().check();
  await picture(page, 'viewer-report');
  await dialog.getByRole('button', { name: t('room.report.send') }).click();
  await see(page.getByText(t('room.report.sent')));
  const desk = await sit('reported', world.staff);
  await see(desk.page.getByRole('group', { name: t('moderation.filter.state') }));
  await desk.page.keyboard.press('5');
  await see(reading(desk.page).getByText('有人觉得不妥的一句'));
  await bothLooks(desk.page, 'desk-reported');
  await desk.page.keyboard.press('a');
  await comes(async () => (await queue('published')).reported, 0, 'kept and settled');
  await see(row);
  expect([...viewer.wrong, ...desk.wrong]).toEqual([]);
  await Promise.all([viewer.context.close(), desk.context.close()]);
});

test('the same question in other words is merged by one key, keeps its voices, and is taken apart again', async () => {
  await world.staff.ask('PUT', `/sessions/${session}/policy`, { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'publish_first', question_mode: 'hold_first', slow_mode_s: 0 });
  const first = await Client.netizen(server.base, '赶车的老王');
  const second = await Client.netizen(server.base, '下夜班的小赵');
  await first.post(session, 'question', '12路公交末班车几点？');
  const desk = await sit('merging', world.staff);
  await desk.page.keyboard.press('t');
  await bring(desk.page, '12路公交');
  await desk.page.keyboard.press('a');
  await second.post(session, 'question', '请问12路公交末班车是几点，谢谢');
  await bring(desk.page, '请问12路');
  const pane = desk.page.getByRole('region', { name: t('moderation.repeat.title') });
  await see(pane.getByText('12路公交末班车几点'));
  await bothLooks(desk.page, 'desk-repeat');
  const questions = (): Promise<QuestionPage> => first.ask('GET', `/sessions/${session}/questions?limit=100`);
  const mergedInto = async (): Promise<string | null | undefined> => (await questions()).questions.find((one) => one.body.includes('请问12路'))?.merged_into;
  await desk.page.keyboard.press('c');
  const head = (await questions()).questions.find((one) => one.body.startsWith('12路公交'));
  await comes(mergedInto, head?.id, 'published, and one with the first');
  await see(desk.page.getByText(t('moderation.undo.merge', { n: 1 })));
  await desk.page.keyboard.press('u');
  await comes(mergedInto, null, 'taken apart');
  expect(desk.wrong).toEqual([]);
  await desk.context.close();
});
