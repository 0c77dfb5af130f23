/** An author objects on a phone; the first decider may not answer, a second person does, takes it back, and answers again. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DecisionRequest, PolicyFace, StaffMe } from '../src/wire/types.ts';
import { DESK, openBrowser, PHONE, see, takeSeat, type Seat } from './harness/browser.ts';
import { serve, type Server } from './harness/server.ts';
import { t } from './harness/words.ts';
import { Client, makeWorld, PASSWORD, type World } from './harness/world.ts';
import * as viewer from './seats/viewer.ts';

const SAID = '验收单上签的是谁的名字';
const WHY = '验收正是今天的议题';
const ANSWER = '说得对，已恢复';

let server: Server;
let browser: Browser;
let world: World;
let first: Client;
let session: string;

async function sit(name: string, who: Client): Promise<Seat> {
  const seat = await takeSeat(browser, server.base, name, { size: DESK, reducedMotion: 'reduce' });
  await seat.context.addCookies([{ ...who.cookie, url: server.base }]);
  await seat.page.goto(`/staff/s/${session}/appeals`);
  return seat;
}
const card = (page: Page): Locator => page.getByRole('article').filter({ hasText: WHY });

beforeAll(async () => {
  [server, browser] = await Promise.all([serve(), openBrowser()]);
  world = await makeWorld(server);
  session = world.sessions.live;
  first = new Client(server.base);
  await first.ask<StaffMe>('POST', '/staff/login', { login_name: 'mod', password: PASSWORD });
  const policy: PolicyFace = { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'publish_first', question_mode: 'publish_first', slow_mode_s: 0 };
  await world.staff.ask('PUT', `/sessions/${session}/policy`, policy);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test('an appeal goes from its author to a second person and back', async () => {
  const author = await takeSeat(browser, server.base, 'author', { size: PHONE, reducedMotion: 'reduce' });
  await author.page.goto(`/h/${world.hall.slug}/s/${session}`);
  await viewer.ask(author.page, { body: SAID });
  await viewer.takeName(author.page, '田老师');
  await viewer.showOrder(author.page, 'newest');
  await see(viewer.questionCard(author.page, SAID));
  const { questions } = await world.staff.ask<{ questions: { id: string; body: string; number: number }[] }>('GET', `/sessions/${session}/questions?sort=newest`);
  const asked = questions.find(({ body }) => body === SAID)!;
  const request: DecisionRequest = { verdict: 'retract', items: [{ kind: 'question', id: asked.id, revision: 1, lease: null }], reason: 'off_topic', note: '' };
  await first.ask('POST', `/sessions/${session}/decisions`, request);

  await see(viewer.toast(author.page, t('room.receipt.retractedLater', { number: asked.number })));
  await viewer.showOrder(author.page, 'mine');
  const mine = author.page.getByRole('listitem').filter({ hasText: SAID });
  await mine.getByRole('button', { name: t('room.withheld.appeal') }).click();
  await mine.getByLabel(t('room.withheld.appealTitle')).fill(WHY);
  await mine.getByRole('button', { name: t('room.withheld.send') }).click();
  await see(mine.getByText(t('room.withheld.state.open')));

  const decider = await sit('decider', first);
  await see(card(decider.page).getByText(t('record.appeals.notYours')));
  const second = await sit('second', world.staff);
  await card(second.page).getByLabel(t('record.appeals.note')).fill('请打 12345');
  await card(second.page).getByRole('button', { name: t('record.appeals.dismiss'), exact: true }).click();
  await see(mine.getByText(t('room.withheld.state.dismissed')));
  await second.page.getByRole('button', { name: t('record.appeals.undo'), exact: true }).click();
  await see(mine.getByText(t('room.withheld.state.open')));

  await card(second.page).getByLabel(t('record.appeals.note')).fill(ANSWER);
  await card(second.page).getByRole('button', { name: t('record.appeals.uphold') }).click();
  await see(mine.getByText(t('room.withheld.state.upheld')));
  await see(mine.getByText(ANSWER));
  await second.page.getByRole('tab', { name: t('record.appeals.decided') }).click();
  await see(card(second.page).getByText(t('record.appeals.restored')));
  for (const seat of [author, decider, second]) expect(seat.wrong).toEqual([]);
});
