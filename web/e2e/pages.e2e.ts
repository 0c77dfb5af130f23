/**
 * Every page in every main state, on a phone and at a desk: nothing is logged as an error, no other host is asked, nothing
 * runs over the side, and axe finds nothing against WCAG 2.2 AA in light, dark and large. Pictures of all of them are left
 * in `screenshots/` for people to look at.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESK, openBrowser, PHONE, see, takeSeat, WALL, type Seat } from './harness/browser.ts';
import { serve, type Server } from './harness/server.ts';
import { t } from './harness/words.ts';
import { makeWorld, OBJECTION, type World } from './harness/world.ts';
import * as viewer from './seats/viewer.ts';

const PICTURES = fileURLToPath(new URL('screenshots/', import.meta.url));
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const SIZES = { phone: PHONE, desk: DESK, wall: WALL };
type Size = keyof typeof SIZES;

interface Place {
  name: string;
  path: (world: World) => string;
  /** What shows that the page stands in the state that is meant. */
  shows: (page: Page, size: Size) => Promise<unknown>;
  staff?: boolean;
  /** Pages of the public exist in large, too. */
  elder?: boolean;
  /** @default phone and desk */
  sizes?: readonly Size[];
}

const heading = (page: Page, name: string | RegExp): Promise<void> => see(page.getByRole('heading', { name }));
const step = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('navigation', { name: t('closing.steps') }).getByRole('button', { name: t(`closing.step.${name}`) }).click();
  await heading(page, t(`closing.step.${name}`));
};
const session = (world: World, state: keyof World['sessions']): string => `/h/${world.hall.slug}/s/${world.sessions[state]}`;
const desk = (world: World, state: keyof World['sessions'], name: string): string => `/staff/s/${world.sessions[state]}/${name}`;

const PLACES: readonly Place[] = [
  { name: 'home', path: () => '/', shows: (page) => heading(page, '北岭议事厅'), elder: true },
  { name: 'home-display', path: () => '/', shows: async (page) => { await page.getByRole('button', { name: t('common.display.open') }).click(); await see(page.getByRole('dialog')); } },
  { name: 'join-not-found', path: () => '/j/ZZZZZZ', shows: (page) => see(page.getByRole('alert')) },
  { name: 'hall', path: (world) => `/h/${world.hall.slug}`, shows: (page) => heading(page, t('hall.past')), elder: true },
  { name: 'not-found', path: () => '/nowhere', shows: (page) => see(page.getByText(t('common.notFound.title'))) },
  { name: 'viewer-live', path: (world) => session(world, 'live'), shows: (page) => see(page.getByText('张建国')), elder: true },
  { name: 'viewer-live-comments', path: (world) => session(world, 'live'), shows: async (page) => { await viewer.showTab(page, 'comments'); await see(page.getByText('楼道里的阀门也锈了')); } },
  { name: 'viewer-live-answers', path: (world) => session(world, 'live'), shows: async (page) => { await viewer.showTab(page, 'answers'); await see(page.getByRole('tabpanel').getByText('管网科 张建国')); } },
  { name: 'viewer-live-materials', path: (world) => session(world, 'live'), shows: async (page) => { await viewer.showTab(page, 'materials'); await see(page.getByText('阶梯气价说明')); } },
  { name: 'viewer-live-writing', path: (world) => session(world, 'live'), shows: async (page) => { await page.getByLabel(t('viewer.composer.write.question')).fill('燃气软管什么时候统一更换？'); await see(page.getByText(t('viewer.composer.near'))); } },
  { name: 'viewer-live-identity', path: (world) => session(world, 'live'), shows: async (page) => { await viewer.ask(page, { body: '请问抄表多久一次？' }); await see(viewer.identityDialog(page)); } },
  { name: 'viewer-live-settings', path: (world) => session(world, 'live'), shows: async (page) => { await page.getByRole('button', { name: t('viewer.settingsOpen') }).click(); await see(page.getByRole('dialog', { name: t('room.settings.title') })); } },
  { name: 'viewer-scheduled', path: (world) => session(world, 'scheduled'), shows: (page) => see(page.getByRole('article')) },
  { name: 'viewer-paused', path: (world) => session(world, 'paused'), shows: (page) => see(page.getByText(t('viewer.poster.paused'))) },
  { name: 'viewer-ended', path: (world) => session(world, 'ended'), shows: (page) => heading(page, t('room.ended.title.ended')) },
  { name: 'viewer-closed', path: (world) => session(world, 'closed'), shows: (page) => heading(page, t('room.ended.title.closed')) },
  { name: 'viewer-absent', path: (world) => `/h/${world.hall.slug}/s/0000000000000000`, shows: (page) => see(page.getByText(t('viewer.denied.no_such_session.title'))) },
  { name: 'ledger', path: (world) => `${session(world, 'closed')}/ledger`, shows: (page) => see(page.getByRole('region', { name: t('ledger.numbers') })), elder: true },
  { name: 'ledger-list', path: (world) => `${session(world, 'closed')}/ledger?list=raised`, shows: (page) => see(page.getByRole('article')) },
  { name: 'staff-login', path: () => '/staff/login', shows: (page) => see(page.getByRole('button', { name: t('staff.login.enter') })) },
  { name: 'staff-setup', path: () => '/staff/setup?token=used', shows: (page) => heading(page, t('staff.setup.title')) },
  { name: 'staff-setup-no-token', path: () => '/staff/setup', shows: (page) => see(page.getByText(t('staff.setup.noToken'))) },
  { name: 'staff-home', path: () => '/staff', shows: (page) => heading(page, '北岭议事厅'), staff: true },
  { name: 'staff-account', path: () => '/staff', shows: async (page) => { await page.locator('button.account').click(); await see(page.getByRole('dialog', { name: t('staff.account.title') })); }, staff: true },
  { name: 'staff-absent', path: () => '/staff/s/0000000000000000/edit', shows: (page) => see(page.getByText(t('staff.state.noSession'))), staff: true },
  { name: 'new-hall', path: () => '/staff/new-hall', shows: (page) => heading(page, t('staff.home.newHall')), staff: true },
  { name: 'hall-sessions', path: (world) => `/staff/halls/${world.hall.slug}`, shows: (page) => heading(page, '供热计量改造意见征集'), staff: true },
  { name: 'hall-data', path: (world) => `/staff/halls/${world.hall.slug}?tab=data`, shows: (page) => heading(page, t('staff.hall.policy')), staff: true },
  { name: 'hall-people', path: (world) => `/staff/halls/${world.hall.slug}?tab=people`, shows: (page) => see(page.getByText('审核小李')), staff: true },
  { name: 'hall-rights', path: (world) => `/staff/halls/${world.hall.slug}?tab=people`, shows: async (page) => { await page.getByRole('listitem').filter({ hasText: '审核小李' }).getByRole('button').click(); await see(page.getByRole('dialog')); }, staff: true },
  { name: 'hall-words', path: (world) => `/staff/halls/${world.hall.slug}?tab=words`, shows: (page) => see(page.getByLabel(t('staff.words.label'))), staff: true },
  { name: 'session-edit-draft', path: (world) => desk(world, 'draft', 'edit'), shows: (page) => heading(page, t('staff.session.part.stream')), staff: true },
  { name: 'session-edit-live', path: (world) => desk(world, 'live', 'edit'), shows: (page) => heading(page, t('staff.session.part.stream')), staff: true },
  { name: 'session-policy', path: (world) => desk(world, 'live', 'edit'), shows: async (page) => { await page.getByRole('button', { name: t('staff.session.changeMode') }).click(); await see(page.getByRole('dialog', { name: t('moderation.mode.title') })); }, staff: true },
  { name: 'moderate', path: (world) => desk(world, 'live', 'moderate'), shows: (page) => see(page.getByRole('region', { name: t('moderation.item.title') }).getByRole('article')), staff: true },
  { name: 'moderate-reasons', path: (world) => desk(world, 'live', 'moderate'), shows: async (page) => { await see(page.getByRole('region', { name: t('moderation.item.title') }).getByRole('article')); await page.keyboard.press('d'); await see(page.getByRole('region', { name: t('moderation.reason.title.decline', { n: 1 }) })); }, staff: true },
  { name: 'moderate-published', path: (world) => desk(world, 'live', 'moderate'), shows: async (page) => { await see(page.getByRole('region', { name: t('moderation.item.title') }).getByRole('article')); await page.keyboard.press('2'); await see(page.getByRole('region', { name: t('moderation.item.title') }).getByText(t('moderation.state.published'), { exact: true })); }, staff: true },
  { name: 'moderate-sanction', path: (world) => desk(world, 'live', 'moderate'), shows: async (page) => { await see(page.getByRole('region', { name: t('moderation.item.title') }).getByRole('article')); await page.keyboard.press('m'); await see(page.getByRole('dialog')); }, staff: true },
  { name: 'moderate-empty', path: (world) => desk(world, 'closed', 'moderate'), shows: (page) => see(page.getByText(t('moderation.none.held'))), staff: true },
  { name: 'host-live', path: (world) => desk(world, 'live', 'host'), shows: (page) => see(page.getByRole('button', { name: t('host.stage.stop') })), staff: true },
  { name: 'host-scheduled', path: (world) => desk(world, 'scheduled', 'host'), shows: (page) => see(page.getByRole('region', { name: t('host.stage.title') })), staff: true },
  { name: 'department-live', path: (world) => desk(world, 'live', 'department'), shows: (page) => see(page.getByRole('navigation', { name: t('department.list.label') })), staff: true },
  { name: 'department-writing', path: (world) => desk(world, 'ended', 'department'), shows: async (page) => { await page.getByRole('navigation', { name: t('department.list.label') }).getByRole('button').filter({ hasText: '申请检定' }).click(); await see(page.getByLabel(t('department.field.body'))); await page.getByRole('group', { name: t('department.form.type') }).getByText(t('department.type.commitment'), { exact: true }).click(); await page.getByLabel(t('department.field.body')).fill('我们将尽快研究解决。'); }, staff: true },
  { name: 'close-dispositions', path: (world) => desk(world, 'ended', 'close'), shows: (page) => step(page, 'dispositions'), staff: true },
  { name: 'close-suggestions', path: (world) => desk(world, 'ended', 'close'), shows: (page) => step(page, 'suggestions'), staff: true },
  { name: 'close-suggestion-form', path: (world) => desk(world, 'ended', 'close'), shows: async (page) => { await step(page, 'suggestions'); await page.getByRole('button', { name: t('closing.list.venue'), exact: true }).click(); await page.getByRole('dialog').getByLabel(t('closing.field.requirement')).scrollIntoViewIfNeeded(); }, staff: true },
  { name: 'close-documents', path: (world) => desk(world, 'closed', 'close'), shows: async (page) => { await step(page, 'documents'); await see(page.getByText('MANIFEST.json').first()); }, staff: true },
  { name: 'close-not-yet', path: (world) => desk(world, 'ended', 'close'), shows: (page) => step(page, 'close'), staff: true },
  { name: 'close-closed', path: (world) => desk(world, 'closed', 'close'), shows: async (page) => { await step(page, 'close'); await see(page.getByText(t('closing.close.closed'))); }, staff: true },
  { name: 'appeals', path: (world) => desk(world, 'ended', 'appeals'), shows: (page) => see(page.getByText(OBJECTION)), staff: true },
  { name: 'appeals-none', path: (world) => desk(world, 'live', 'appeals'), shows: (page) => see(page.getByText(t('record.appeals.emptyTitle'))), staff: true },
  { name: 'fairness-live', path: (world) => desk(world, 'live', 'fairness'), shows: (page) => heading(page, t('record.fairness.choices')), staff: true },
  { name: 'fairness-closed', path: (world) => desk(world, 'closed', 'fairness'), shows: (page) => heading(page, t('record.fairness.title')), staff: true },
  { name: 'audit', path: (world) => `/staff/halls/${world.hall.slug}/audit`, shows: async (page) => { await page.getByRole('button', { name: t('record.audit.verify') }).click(); await see(page.locator('p.good[role=status]')); }, staff: true },
  { name: 'word-lists', path: (world) => `/staff/halls/${world.hall.slug}/words`, shows: (page) => heading(page, t('record.words.title')), staff: true },
  ...(['scheduled', 'live', 'paused', 'ended'] as const).map((state): Place => {
    const phase = { scheduled: 'waiting', paused: 'paused', ended: 'over', live: '' }[state];
    const shows = (page: Page): Promise<void> => (state === 'live' ? see(page.getByRole('region', { name: t('screen.onStage') })) : see(page.getByText(t(`screen.phase.${phase}`))));
    return { name: `screen-${state}`, path: (world) => `/screen/${world.sessions[state]}`, shows, sizes: ['phone', 'desk', 'wall'] };
  }),
];

let server: Server;
let browser: Browser;
let world: World;
const seats = new Map<string, Seat>();

/** One profile per size, and per side of the stage. */
async function seatFor(place: Place, size: Size): Promise<Seat> {
  const key = `${place.staff ? 'staff' : 'public'}-${size}`;
  let seat = seats.get(key);
  if (!seat) {
    seat = await takeSeat(browser, server.base, key, { size: SIZES[size], reducedMotion: 'reduce' });
    if (place.staff) await seat.context.addCookies([{ ...world.staff.cookie, url: server.base }]);
    seats.set(key, seat);
  }
  return seat;
}

/** Rules broken, each with the elements that break it. */
async function broken(page: Page, only?: readonly string[]): Promise<string[]> {
  // One frame is all there is: the way for many frames opens a page of its own every time.
  const runOnly = only ? { type: 'rule' as const, values: [...only] } : { type: 'tag' as const, values: RULES };
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ runOnly, resultTypes: ['violations'] }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ''}`));
}

/** How far the page is wider than its window, in CSS pixels. */
const overflow_px = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

beforeAll(async () => {
  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  [server, browser] = await Promise.all([serve(), openBrowser()]);
  world = await makeWorld(server);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe('every page', () => {
  test.for(PLACES)('$name is whole, readable and open to all', async (place) => {
    const found: string[] = [];
    await Promise.all(
      (place.sizes ?? (['phone', 'desk'] as const)).map(async (size) => {
        const { page, context, wrong } = await seatFor(place, size);
        const picture = (look: string): Promise<Buffer> => page.screenshot({ path: `${PICTURES}${place.name}--${size}${look}.png` });
        const note = (look: string, problems: readonly string[]): void => void found.push(...problems.map((problem) => `${size} ${look} ${problem}`));
        await page.emulateMedia({ colorScheme: 'light' });
        await page.goto(place.path(world));
        await place.shows(page, size);
        await picture('');
        note('light', await broken(page));
        if ((await overflow_px(page)) > 0) note('light', [`the page is ${await overflow_px(page)} px wider than the window`]);
        // Colours do not depend on the size.
        if (size !== 'phone') {
          await page.emulateMedia({ colorScheme: 'dark' });
          await picture('-dark');
          note('dark', await broken(page, ['color-contrast']));
        }
        if (place.elder && size === 'phone') {
          const large = await context.newPage();
          await large.goto('/favicon.svg');
          await large.evaluate(() => localStorage.setItem('yishiting.preferences', '{"elder":true,"theme":"light"}'));
          await large.goto(place.path(world));
          await place.shows(large, size);
          await large.screenshot({ path: `${PICTURES}${place.name}--${size}-elder.png` });
          note('elder', await broken(large, ['color-contrast', 'target-size']));
          if ((await overflow_px(large)) > 0) note('elder', [`the page is ${await overflow_px(large)} px wider than the window`]);
          await large.evaluate(() => localStorage.removeItem('yishiting.preferences'));
          await large.close();
        }
        found.push(...wrong.splice(0));
      }),
    );
    expect(found).toEqual([]);
  });
});

/** Pages where people work by keys. */
const BY_KEYS = ['home', 'viewer-live', 'staff-login', 'moderate', 'host-live', 'department-writing', 'close-dispositions'];
/** Presses of Tab on each; enough to leave the bar and reach what the page is for. */
const TABS = 12;

describe('the keyboard', () => {
  test.for(PLACES.filter(({ name }) => BY_KEYS.includes(name)))('shows where it is on $name', async (place) => {
    const { page } = await seatFor(place, 'desk');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(place.path(world));
    await place.shows(page, 'desk');
    const lost: string[] = [];
    const seen = new Set<string>();
    for (let press = 0; press < TABS; press += 1) {
      await page.keyboard.press('Tab');
      const { name, marked } = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const box = element.getBoundingClientRect();
        /** The control itself, or what stands for it when it is drawn by its label. */
        const drawn = [element, element.closest('label'), element.parentElement].filter((one) => one !== null);
        const has = (one: Element): boolean => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
          return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || (boxShadow !== 'none' && one !== element);
        };
        const words = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 20) ?? '';
        // The calendar button inside a date field is the browser's own, and so is its mark.
        const isBrowsers = element.matches('input[type="date"]');
        return { name: `${element.tagName.toLowerCase()} ${words} ${Math.round(box.x)} ${Math.round(box.y)}`, marked: element === document.body || isBrowsers || drawn.some(has) };
      });
      seen.add(name);
      if (!marked) lost.push(name);
    }
    expect(lost).toEqual([]);
    expect(seen.size, 'Tab moves on').toBeGreaterThan(TABS / 3);
  });
});
