/**
 * The model case, played through the real pages by all roles at once: from the one-time link of an empty server to the
 * hand-over package, which a reader that is not ours opens. Each test is a scene; a scene needs the ones before it.
 */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { comes, DESK, gone, openBrowser, PHONE, see, showSeats, takeSeat, WALL, type Seat } from './harness/browser.ts';
import { expectSameBytes, readPackage } from './harness/package.ts';
import { serve, type Server } from './harness/server.ts';
import { t } from './harness/words.ts';
import * as administrator from './seats/administrator.ts';
import * as host from './seats/host.ts';
import * as moderator from './seats/moderator.ts';
import * as officer from './seats/officer.ts';
import * as secretary from './seats/secretary.ts';
import * as viewer from './seats/viewer.ts';

const PASSWORD = 'qiao-lu-deng-1975';
const GAS = '燃气公司';
const WATER = '供水公司';
const TITLE = '水电气计价与安全管理';
const HALL = {
  name: '北岭议事厅',
  body: '北岭区政协办公室',
  slug: 'beiling',
  intro: '听民声，议实事。',
  departments: ['供电公司', WATER, GAS, '发展和改革局', '住房和城乡建设局'],
  question_mode: 'hold_first',
  comment_mode: 'publish_first',
};
const SESSION = {
  title: TITLE,
  intro: '水、电、气的价格怎么定，老旧管线怎么管。',
  venue: '区政协三楼会议室',
  host: '沈岚',
  departments: HALL.departments,
  segments: [
    { title: '通报情况', minutes: 10 },
    { title: '燃气安全', department: GAS, minutes: 20 },
    { title: '水价问答', department: WATER, minutes: 20 },
  ],
  topics: ['计价', '安全'],
  material: { title: '阶梯气价说明', body: '第一档每户每年三百立方米。' },
};

/** What is asked, by what becomes of it. */
const ASKED = {
  commitment: '老小区的燃气软管什么时候统一更换？',
  live: '燃气表走得太快，去哪里申请检定？',
  together: ['三号院自来水早晚水压很低怎么办？', '五号院六楼晚上基本没有水，能加压吗？'],
  merged: '燃气表感觉不准，找谁来检定？',
  settled: '能不能把全市的停车费也降一降？',
  refused: '你们都是骗子，加我微信领红包',
  withdrawn: '我写错了，请忽略这一条提问。',
  retracted: '三单元王某某家里欠费三年为什么没人管？',
};

let server: Server;
let browser: Browser;
const seats: Seat[] = [];
let admin: Seat, lin: Seat, zhou: Seat, he: Seat, mod: Seat, chair: Seat, gas: Seat, clerk: Seat, wall: Seat;
let session = '';
let code = '';

const sit = async (name: string, size: Parameters<typeof takeSeat>[3]): Promise<Seat> => {
  const seat = await takeSeat(browser, server.base, name, size);
  seats.push(seat);
  return seat;
};

beforeAll(async () => {
  [server, browser] = await Promise.all([serve(), openBrowser()]);
});
// The first scene that goes wrong is the news; those after it would only wait for what it did not bring about.
let wentWrong = false;
beforeEach(({ skip }) => {
  if (wentWrong) skip();
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  wentWrong = true;
  await showSeats(seats, task.name);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('the model case', () => {
  test('an administrator makes the hall, the accounts and the session from the one-time link', async () => {
    admin = await sit('administrator', { size: DESK });
    await administrator.setUp(admin.page, server.setupLink, { login: 'guan', name: '管理员小关', password: PASSWORD });
    await administrator.makeHall(admin.page, HALL);
    const colleagues = [
      { login: 'host', name: '沈岚', right: t('staff.role.host') },
      { login: 'mod', name: '审核小李', right: t('staff.role.moderator') },
      { login: 'gas', name: '燃气老张', right: GAS },
      { login: 'clerk', name: '秘书小何', right: t('staff.role.secretary') },
    ];
    for (const colleague of colleagues) await administrator.addColleague(admin.page, { ...colleague, password: PASSWORD });
    session = await administrator.prepareSession(admin.page, SESSION);
    await administrator.takeStep(admin.page, 'schedule');
    await see(admin.page.getByText(t('staff.life.now.scheduled')));
    code = await administrator.joinCode(admin.page);
    expect(code).toMatch(/^[A-Z0-9]{6}$/);
  });

  test('the one-time link works once', async () => {
    const late = await sit('late', { size: DESK });
    await late.page.goto(server.setupLink);
    await late.page.getByLabel(t('staff.login.name')).fill('second');
    await late.page.getByLabel(t('staff.account.shownName')).fill('第二个');
    await late.page.getByLabel(t('staff.login.password'), { exact: true }).fill(PASSWORD);
    await late.page.getByLabel(t('staff.setup.again')).fill(PASSWORD);
    await late.page.getByRole('button', { name: t('staff.setup.create') }).click();
    await see(late.page.getByRole('alert'));
    expect(new URL(late.page.url()).pathname).toBe('/staff/setup');
    await late.context.close();
  });

  test('everybody takes a seat: viewers by the code, staff by their login, the wall by its address', async () => {
    [lin, zhou, he] = await Promise.all([sit('viewer on a phone', { size: PHONE }), sit('second viewer', { size: DESK }), sit('third viewer', { size: PHONE })]);
    [mod, chair, gas, clerk] = await Promise.all(['moderator', 'host', 'officer', 'secretary'].map((name) => sit(name, { size: DESK }))) as [Seat, Seat, Seat, Seat];
    wall = await sit('wall', { size: WALL });
    await Promise.all([
      ...[lin, zhou, he].map(({ page }) => viewer.comeByCode(page, code, TITLE)),
      administrator.logIn(mod.page, { login: 'mod', password: PASSWORD }, `/staff/s/${session}/moderate`),
      administrator.logIn(chair.page, { login: 'host', password: PASSWORD }, `/staff/s/${session}/host`),
      administrator.logIn(gas.page, { login: 'gas', password: PASSWORD }, `/staff/s/${session}/department`),
      administrator.logIn(clerk.page, { login: 'clerk', password: PASSWORD }, `/staff`),
      wall.page.goto(`/screen/${session}`),
    ]);
    await see(wall.page.getByText(code));
    await see(wall.page.getByText(t('screen.phase.waiting')));
    await viewer.showTab(lin.page, 'materials');
    await lin.page.getByText(SESSION.material.title).click();
    await see(lin.page.getByText(SESSION.material.body));
    for (const { title } of SESSION.segments) await see(lin.page.getByText(title));
  });

  test('a viewer takes a name, never an office, and asks; a moderator lets it through and the author hears of it', async () => {
    await viewer.ask(lin.page, { body: ASKED.commitment, department: GAS, topic: '安全' });
    await viewer.takeName(lin.page, '王市长');
    await see(viewer.identityDialog(lin.page).getByText(t('errors.name_reserved')));
    await viewer.takeName(lin.page, '林阿姨');
    await see(viewer.toast(lin.page, t('room.receipt.held', { number: 1 }).slice(0, 6)));
    await viewer.showOrder(lin.page, 'mine');
    await see(lin.page.getByRole('listitem').filter({ hasText: ASKED.commitment }).getByText(t('room.mine.state.held')));
    expect(await viewer.questionCard(zhou.page, ASKED.commitment).count(), 'nobody else sees what is held').toBe(0);

    // A slip of the finger, taken back within ten seconds.
    await moderator.decline(mod.page, ASKED.commitment);
    await see(viewer.toast(lin.page, t('room.receipt.declinedLater', { number: 1 })));
    await mod.page.keyboard.press('u');
    await see(lin.page.getByRole('listitem').filter({ hasText: ASKED.commitment }).getByText(t('room.mine.state.held')));
    await moderator.approve(mod.page, ASKED.commitment);

    await see(viewer.toast(lin.page, t('room.receipt.nowPublished', { number: 1 })));
    await viewer.showOrder(lin.page, 'support');
    await see(viewer.questionCard(lin.page, ASKED.commitment));
    await see(viewer.questionCard(zhou.page, ASKED.commitment));
  });

  test('support is counted once per person, on all pages, and can be taken back', async () => {
    const press = (seat: Seat) => viewer.questionCard(seat.page, ASKED.commitment).getByRole('button', { name: new RegExp(`^${t('viewer.support.do')}`) }).click();
    await press(zhou);
    await viewer.takeName(zhou.page, '周先生');
    await press(he);
    await viewer.takeName(he.page, '何工');
    for (const { page } of [lin, zhou, he]) await comes(() => viewer.supportsOf(page, ASKED.commitment), 2);
    await press(zhou);
    for (const { page } of [lin, zhou, he]) await comes(() => viewer.supportsOf(page, ASKED.commitment), 1);
    await press(zhou);
    await comes(() => viewer.supportsOf(lin.page, ASKED.commitment), 2);
  });

  test('the host starts; every page goes live, and the clock of the segment runs on all of them', async () => {
    await host.step(chair.page, 'start');
    await see(lin.page.locator('.player').getByText(t('viewer.state.live')));
    await see(wall.page.getByText(t('screen.phase.open')));
    await host.runOfShow(chair.page).getByRole('heading', { name: t('host.show.title') }).click();
    await chair.page.keyboard.press('g');
    for (const page of [lin.page, wall.page]) await see(page.locator('header').getByText(SESSION.segments[0]!.title));
    await see(lin.page.locator('header').getByRole('timer'));
    await see(host.runOfShow(chair.page).locator('[aria-current="true"]').filter({ hasText: SESSION.segments[0]!.title }));
    await chair.page.keyboard.press('g');
    for (const page of [lin.page, wall.page]) await see(page.locator('header').getByText(SESSION.segments[1]!.title));
  });

  test('a comment is in the list and over the picture of the others; a retracted one is nowhere', async () => {
    const said = '楼道里的阀门也锈了';
    const bad = '三单元那家人就是故意不交钱的';
    await viewer.showTab(zhou.page, 'comments');
    await viewer.comment(lin.page, said);
    for (const { page } of [lin, zhou]) await see(viewer.commentsSaying(page, said));
    await see(viewer.flying(zhou.page, said));

    await viewer.showTab(he.page, 'comments');
    await viewer.comment(he.page, bad);
    await see(viewer.flying(zhou.page, bad));
    // Flying text would be gone by itself after eight seconds; stopped, only the retraction takes it away.
    await zhou.page.evaluate(() => document.getAnimations().forEach((animation) => animation.pause()));
    await moderator.retract(mod.page, bad);
    await gone(viewer.flying(zhou.page, bad));
    for (const { page } of [lin, zhou, he]) await gone(viewer.commentsSaying(page, bad));
    await see(viewer.commentsSaying(zhou.page, said));
    await see(viewer.toast(he.page, t('room.receipt.retractedLater', { number: 2 })));
  });

  test('an announcement stands on phone and wall until it is taken down', async () => {
    await host.announce(chair.page, '三点整休息十分钟');
    for (const page of [lin.page, wall.page]) await see(page.getByRole('status').filter({ hasText: '三点整休息十分钟' }));
    await chair.page.getByRole('button', { name: t('host.announcement.takeDown') }).click();
    for (const page of [lin.page, wall.page]) await gone(page.getByRole('status').filter({ hasText: '三点整休息十分钟' }));
  });

  test('questions come from three people and are decided by keys; a declined one says why to its author only', async () => {
    await viewer.ask(lin.page, { body: ASKED.together[0]!, department: WATER, topic: '计价' });
    await viewer.ask(zhou.page, { body: ASKED.live, department: GAS });
    await viewer.ask(zhou.page, { body: ASKED.together[1]! });
    await viewer.ask(zhou.page, { body: ASKED.refused });
    await viewer.ask(he.page, { body: ASKED.merged, department: GAS });
    await viewer.ask(he.page, { body: ASKED.retracted });
    await viewer.ask(he.page, { body: ASKED.settled });
    await viewer.ask(lin.page, { body: ASKED.withdrawn });
    const published = [ASKED.together[0]!, ASKED.live, ASKED.together[1]!, ASKED.merged, ASKED.retracted, ASKED.settled, ASKED.withdrawn];
    for (const body of published) await moderator.approve(mod.page, body);
    await viewer.showOrder(he.page, 'newest');
    for (const body of published) await see(viewer.questionCard(he.page, body));
    await moderator.decline(mod.page, ASKED.refused);
    await viewer.showOrder(zhou.page, 'mine');
    await see(zhou.page.getByRole('listitem').filter({ hasText: ASKED.refused }).getByText(t('room.mine.state.declined')));
    await see(zhou.page.getByRole('listitem').filter({ hasText: ASKED.refused }).getByText(t('room.mine.reason', { reason: '' }).trim()));
    await gone(viewer.questionCard(lin.page, ASKED.refused));
    await see(mod.page.getByText(t('moderation.none.held')));

    await viewer.showOrder(lin.page, 'mine');
    await lin.page.getByRole('listitem').filter({ hasText: ASKED.withdrawn }).getByRole('button', { name: t('room.mine.withdraw') }).click();
    await gone(viewer.questionCard(he.page, ASKED.withdrawn));
  });

  test('the host lines up questions, moves one up by keys, and puts it on stage; phone, wall and desk show it', async () => {
    for (const body of [ASKED.retracted, ASKED.commitment, ASKED.live]) await host.line(chair.page, body);
    await host.raise(chair.page, ASKED.live);
    await comes(async () => (await host.nextUp(chair.page).nth(1).textContent())?.includes(ASKED.live), true);
    await host.stageNext(chair.page, ASKED.retracted);
    await see(viewer.stageCard(lin.page).getByText(ASKED.retracted));
    await see(wall.page.getByRole('region', { name: t('screen.onStage') }).getByText(ASKED.retracted));
  });

  test('what is retracted while on stage leaves the stage, the wall and every list', async () => {
    await moderator.retract(mod.page, ASKED.retracted);
    await gone(wall.page.getByText(ASKED.retracted));
    await gone(viewer.stageCard(lin.page));
    for (const { page } of [lin, he]) await gone(viewer.questionCard(page, ASKED.retracted));
    await see(chair.page.getByText(t('host.stage.empty')));
  });

  test('an officer answers live from the own desk, and everybody sees who speaks and what was said', async () => {
    await host.stageNext(chair.page, ASKED.live);
    await see(wall.page.getByText(t('screen.toAnswer')));
    await officer.choose(gas.page, ASKED.live);
    await officer.liveAnswer(gas.page).getByLabel(t('department.field.speaker')).fill('张建国');
    await officer.liveAnswer(gas.page).getByRole('button', { name: t('department.live.start') }).click();
    await see(viewer.stageCard(lin.page).getByText('张建国'));
    await see(wall.page.getByText('张建国'));
    await see(host.stagePanel(chair.page).getByText('张建国'));
    await officer.liveAnswer(gas.page).getByLabel(t('department.live.note')).fill('带户号到营业厅申请，七天内上门检定，不收费。');
    await officer.liveAnswer(gas.page).getByRole('button', { name: t('department.live.stop') }).click();
    await see(wall.page.getByText(t('screen.answered')));
    await viewer.showTab(lin.page, 'answers');
    await see(lin.page.getByText('带户号到营业厅申请，七天内上门检定，不收费。'));
    await chair.page.keyboard.press('c');
    await gone(viewer.stageCard(lin.page));
  });

  test('a written commitment is refused without owner and date, by the page and by the server, and accepted with both', async () => {
    await officer.choose(gas.page, ASKED.commitment);
    await officer.chooseType(gas.page, 'commitment');
    await gas.page.getByLabel(t('department.field.body')).fill('全部老小区的软管统一换成金属软管。');
    expect(await officer.publishButton(gas.page, 'commitment').isDisabled()).toBe(true);
    const fields = [t('department.field.owner'), t('department.field.due_date')].join(t('department.form.separator'));
    await see(gas.page.getByText(t('department.form.missing', { fields })));
    const refused = await gas.page.evaluate(async (id) => {
      const view = (await (await fetch(`/api/v1/sessions/${id}/view`)).json()) as { questions: { id: string; number: number }[]; session: { departments: { id: string; name: string }[] } };
      const question = view.questions.find(({ number }) => number === 1);
      const department = view.session.departments.find(({ name }) => name === '燃气公司');
      const answer = { department_id: department?.id, answer_type: 'commitment', body: '尽快更换。', speaker: '', owner: '', due_date: '', basis: '', transfer_to: null };
      const response = await fetch(`/api/v1/questions/${question?.id}/answers`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-yishiting': '1' }, body: JSON.stringify(answer) });
      return { status: response.status, code: ((await response.json()) as { code: string }).code };
    }, session);
    expect(refused).toEqual({ status: 422, code: 'incomplete' });

    await gas.page.getByRole('textbox', { name: t('department.field.owner') }).fill('管网科 张建国');
    await gas.page.getByRole('textbox', { name: t('department.field.due_date') }).fill('2100-06-30');
    await officer.publishButton(gas.page, 'commitment').click();
    await see(gas.page.getByText(t('department.published.commitment', { n: 1 })));
    await officer.choose(gas.page, ASKED.commitment);
    await see(officer.answers(gas.page).getByText('管网科 张建国'));
    await see(lin.page.getByRole('tabpanel').getByText('管网科 张建国'));
    await viewer.showOrder(lin.page, 'answered');
    await see(viewer.questionCard(lin.page, ASKED.commitment).getByText(t('viewer.standing.written')));
  });

  test('a phone that loses the line says so, catches up, and sends what was written exactly once, a reload in between', async () => {
    const missed = '这是断线时别人说的';
    const kept = '这是断线时自己写的';
    await viewer.showTab(lin.page, 'comments');
    await lin.context.setOffline(true);
    await see(lin.page.getByText(t('viewer.strip.offline')));
    await viewer.comment(zhou.page, missed);
    await see(viewer.commentsSaying(zhou.page, missed));
    await viewer.comment(lin.page, kept);
    await see(lin.page.getByText(t('viewer.strip.waiting', { n: 1 })));
    expect(await viewer.commentsSaying(zhou.page, kept).count()).toBe(0);
    await lin.page.reload().catch(() => undefined);
    await lin.context.setOffline(false);
    await lin.page.goto(`/h/${HALL.slug}/s/${session}`);
    await viewer.showTab(lin.page, 'comments');
    for (const { page } of [lin, zhou]) for (const body of [missed, kept]) await comes(() => viewer.commentsSaying(page, body).count(), 1, body);

    // Once more without a reload: the same page goes on by itself.
    const again = '第二次断线时写的';
    await lin.context.setOffline(true);
    await see(lin.page.getByText(t('viewer.strip.offline')));
    await viewer.comment(lin.page, again);
    await lin.context.setOffline(false);
    for (const { page } of [lin, zhou]) await comes(() => viewer.commentsSaying(page, again).count(), 1, again);
    await gone(lin.page.getByText(t('viewer.strip.offline')));
    const stored = await zhou.page.evaluate(async (id) => ((await (await fetch(`/api/v1/sessions/${id}/comments?limit=100`)).json()) as { comments: { body: string }[] }).comments.map(({ body }) => body), session);
    for (const body of [missed, kept, again]) expect(stored.filter((one) => one === body), body).toHaveLength(1);
  });

  test('after the end, closing is refused and the open questions are listed', async () => {
    await host.step(chair.page, 'end');
    await see(lin.page.getByRole('heading', { name: t('room.ended.title.ended') }));
    await see(wall.page.getByText(t('screen.phase.over')));
    await admin.page.reload();
    await administrator.takeStep(admin.page, 'close');
    await see(admin.page.getByText(t('errors.dispositions_missing_said', { count: 4 })));
    await clerk.page.goto(`/staff/s/${session}/close`);
    await secretary.show(clerk.page, 'close');
    await see(clerk.page.getByText(t('closing.close.missing', { n: 4 })));
    await clerk.page.getByRole('button', { name: t('closing.close.toMissing') }).click();
    const open = [...ASKED.together, ASKED.merged, ASKED.settled];
    for (const body of open) await see(secretary.row(clerk.page, body));
    expect(await secretary.missing(clerk.page).count()).toBe(open.length);
  });

  test('the secretary settles every question and forms suggestions: two questions as one, and one from the venue', async () => {
    await secretary.assignTogether(clerk.page, ASKED.together, { title: '改善老小区高层供水压力', department: WATER, due: '2100-05-01', category: '供水' });
    await secretary.mergeInto(clerk.page, ASKED.merged, 3);
    await secretary.declineFor(clerk.page, ASKED.settled, 'off_topic');
    await see(clerk.page.getByText(t('closing.missing.none')));
    await secretary.enterFromVenue(clerk.page, { title: '=在楼道张贴缴费二维码', department: '供电公司', due: '2100-05-01', category: '服务', raised_by: '现场群众' });
    expect(await secretary.suggestionRows(clerk.page).count()).toBe(2);
    await secretary.close(clerk.page);
    await see(lin.page.getByRole('heading', { name: t('room.ended.title.closed') }));
  });

  test('the ledger balances, and each number opens exactly its list', async () => {
    await lin.page.getByRole('link', { name: t('room.ended.ledger') }).click();
    const numbers = lin.page.getByRole('region', { name: t('ledger.numbers') });
    // Nine questions, and the suggestion from the venue, which comes from none of them.
    const buckets = { answered_live: 1, answered_in_writing: 1, assigned: 3, merged: 1, declined: 3, withdrawn: 1, open: 0 };
    const link = (name: string, n: number) => numbers.getByRole('link', { name: new RegExp(`^${n}\\s*${name}$`) });
    const raised = Object.values(buckets).reduce((sum, n) => sum + n, 0);
    await see(link(t('ledger.raised'), raised));
    for (const [bucket, n] of Object.entries({ ...buckets, raised })) {
      const name = bucket === 'raised' ? t('ledger.raised') : t(`ledger.bucket.${bucket}`);
      await link(name, n).click();
      const list = lin.page.locator('section.list');
      await see(list.getByRole('heading', { name: `${name} ${t('ledger.items', { n })}` }));
      await comes(() => list.getByRole('article').count(), n, bucket);
    }
    const list = lin.page.locator('section.list');
    await see(list.getByText(ASKED.live));
    for (const body of [ASKED.refused, ASKED.retracted]) expect(await list.getByText(body).count(), 'what was never public or was taken back is not printed').toBe(0);
  });

  test('the package downloads by one press, an independent reader finds it good, and the command line gives the same bytes', async () => {
    for (const edition of ['internal', 'public'] as const) {
      const download = await secretary.downloadPackage(clerk.page, edition);
      const byPage = join(server.folder, `page-${edition}.zip`);
      await download.saveAs(byPage);
      const summary = readPackage(byPage);
      // Documents count accepted questions: without the one a moderator declined and the one taken back.
      expect(summary).toMatchObject({ edition, questions: 7, suggestions: 2, units: 2, tally: { raised: 7, open: 0 } });
      const byCommand = join(server.folder, `command-${edition}.zip`);
      server.run('export', session, '--to', byCommand, ...(edition === 'public' ? ['--public'] : []));
      expectSameBytes(byPage, byCommand);
    }
  });

  test('no page logged an error or asked another host', () => {
    expect(seats.flatMap(({ wrong }) => wrong)).toEqual([]);
  });
});
