/** What an administrator does: from the one-time link to a session that is announced. */
import type { Page } from 'playwright-core';
import { see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

export async function setUp(page: Page, link: string, account: { login: string; name: string; password: string }): Promise<void> {
  await page.goto(link);
  await page.getByLabel(t('staff.login.name')).fill(account.login);
  await page.getByLabel(t('staff.account.shownName')).fill(account.name);
  await page.getByLabel(t('staff.login.password'), { exact: true }).fill(account.password);
  await page.getByLabel(t('staff.setup.again')).fill(account.password);
  await button(page, t('staff.setup.create')).click();
  await see(page.getByRole('heading', { name: t('staff.home.hello', { name: account.name }) }));
}

export async function logIn(page: Page, account: { login: string; password: string }, to: string): Promise<void> {
  await page.goto(`/staff/login?to=${encodeURIComponent(to)}`);
  await page.getByLabel(t('staff.login.name')).fill(account.login);
  await page.getByLabel(t('staff.login.password'), { exact: true }).fill(account.password);
  await button(page, t('staff.login.enter')).click();
  await page.waitForURL((url) => url.pathname === to);
}

export interface HallData {
  name: string;
  body: string;
  slug: string;
  intro: string;
  departments: readonly string[];
  /** Questions wait for a moderator, comments appear at once. */
  question_mode: string;
  comment_mode: string;
}

export async function makeHall(page: Page, hall: HallData): Promise<void> {
  await page.getByRole('link', { name: t('staff.home.newHall') }).first().click();
  const data = page.getByRole('region', { name: t('staff.hall.data') });
  await data.getByLabel(t('staff.hall.name')).fill(hall.name);
  await data.getByLabel(t('staff.hall.body')).fill(hall.body);
  await data.getByLabel(t('staff.hall.slug')).fill(hall.slug);
  await data.getByLabel(t('staff.hall.intro')).fill(hall.intro);
  const departments = page.getByRole('region', { name: t('staff.hall.departments') });
  for (const [at, name] of hall.departments.entries()) {
    const field = departments.getByLabel(t('staff.hall.departmentName', { n: at + 1 }), { exact: true });
    if ((await field.count()) === 0) await departments.getByRole('button', { name: t('staff.hall.addDepartment') }).click();
    await field.fill(name);
  }
  const policy = page.getByRole('region', { name: t('staff.hall.policy') });
  await policy.getByRole('group', { name: t('moderation.mode.questions') }).getByLabel(t(`moderation.mode.name.${hall.question_mode}`)).check();
  await policy.getByRole('group', { name: t('moderation.mode.comments') }).getByLabel(t(`moderation.mode.name.${hall.comment_mode}`)).check();
  await button(page, t('staff.hall.create')).click();
  await see(page.getByRole('heading', { name: hall.name, level: 1 }));
}

export interface Colleague {
  login: string;
  name: string;
  password: string;
  /** A role's word, or the name of the department the person answers for. */
  right: string;
}

/** On the hall's page, tab of people. */
export async function addColleague(page: Page, colleague: Colleague): Promise<void> {
  await button(page, t('staff.accounts.new')).click();
  const account = page.getByRole('dialog', { name: t('staff.accounts.new') });
  await account.getByLabel(t('staff.account.shownName')).fill(colleague.name);
  await account.getByLabel(t('staff.login.name')).fill(colleague.login);
  await account.getByLabel(t('staff.accounts.firstPassword')).fill(colleague.password);
  await account.getByRole('button', { name: t('staff.accounts.create') }).click();
  const rights = page.getByRole('dialog', { name: t('staff.accounts.rightsOf', { name: colleague.name }) });
  await rights.getByRole('checkbox', { name: colleague.right }).check();
  await rights.getByRole('button', { name: t('common.save') }).click();
  await see(page.getByText(t('staff.accounts.saved', { name: colleague.name })));
}

export interface SessionData {
  title: string;
  intro: string;
  venue: string;
  host: string;
  departments: readonly string[];
  segments: readonly { title: string; department?: string; minutes: number }[];
  topics: readonly string[];
  material: { title: string; body: string };
}

/** On the hall's page. Returns the id of the session. */
export async function prepareSession(page: Page, session: SessionData): Promise<string> {
  await page.getByRole('tab', { name: t('staff.hall.tab.sessions') }).click();
  await button(page, t('staff.home.newSession')).click();
  const dialog = page.getByRole('dialog', { name: t('staff.session.new') });
  await dialog.getByLabel(t('staff.session.title')).fill(session.title);
  await dialog.getByRole('button', { name: t('staff.session.createAndEdit') }).click();
  await page.waitForURL(/\/staff\/s\/[^/]+\/edit/);

  const data = page.getByRole('region', { name: t('staff.session.part.data') });
  await data.getByLabel(t('staff.session.intro')).fill(session.intro);
  await data.getByLabel(t('staff.session.venue')).fill(session.venue);
  await data.getByLabel(t('staff.session.host')).fill(session.host);
  const departments = page.getByRole('region', { name: t('staff.session.part.departments') });
  for (const name of session.departments) await departments.getByLabel(name).check();

  const segments = page.getByRole('region', { name: t('staff.session.part.segments') });
  for (const [at, segment] of session.segments.entries()) {
    await segments.getByRole('button', { name: t('staff.session.addSegment') }).click();
    await segments.getByLabel(t('staff.session.segmentTitle', { n: at + 1 })).fill(segment.title);
    if (segment.department) await segments.getByLabel(t('staff.session.segmentDepartment', { n: at + 1 })).selectOption({ label: segment.department });
    const minutes = segments.getByLabel(t('staff.session.segmentMinutes', { n: at + 1 }));
    await minutes.fill(String(segment.minutes));
    await minutes.blur();
  }

  const topics = page.getByRole('region', { name: t('staff.session.part.topics') });
  for (const topic of session.topics) {
    await topics.getByRole('button', { name: t('staff.session.addTopic') }).click();
    await topics.getByRole('textbox', { name: t('staff.session.addTopic') }).fill(topic);
    await page.keyboard.press('Enter');
    await see(topics.getByText(topic, { exact: true }));
  }

  const materials = page.getByRole('region', { name: t('staff.session.part.materials') });
  await materials.getByRole('button', { name: t('staff.session.addMaterial') }).click();
  await materials.getByLabel(t('staff.session.materialTitle')).fill(session.material.title);
  await materials.getByLabel(t('staff.session.materialBody')).fill(session.material.body);

  await button(page, t('common.save')).click();
  await see(page.getByText(t('staff.save.same')));
  return /\/staff\/s\/([^/]+)\/edit/.exec(page.url())?.[1] ?? '';
}

/** A step of the session's life on its page, confirmed. */
export async function takeStep(page: Page, step: string): Promise<void> {
  await page.getByRole('region', { name: t('staff.life.title') }).getByRole('button', { name: t(`staff.life.step.${step}`), exact: true }).click();
  const dialog = page.getByRole('dialog', { name: t(`staff.life.ask.${step}`) });
  await dialog.getByRole('button', { name: t(`staff.life.step.${step}`), exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Code people type to come in, as the session's page shows it. */
export async function joinCode(page: Page): Promise<string> {
  const text = await page.getByRole('region', { name: t('staff.join.title') }).locator('.code').textContent();
  return (text ?? '').replace(/\s/g, '');
}
