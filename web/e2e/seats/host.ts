/** What the host does: run of show, what comes next, the stage. */
import type { Locator, Page } from 'playwright-core';
import { see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

export const nextUp = (page: Page): Locator => page.getByRole('region', { name: t('host.next.title') }).getByRole('listitem');
export const stagePanel = (page: Page): Locator => page.getByRole('region', { name: t('host.stage.title') });
export const runOfShow = (page: Page): Locator => page.getByRole('region', { name: t('host.show.title') });

export async function step(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: t(`host.life.${name}`), exact: true }).click();
  const dialog = page.getByRole('dialog', { name: t(`host.life.ask.${name}`) });
  await dialog.getByRole('button', { name: t(`host.life.${name}`), exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** From the list of open questions to the list of what comes next. */
export async function line(page: Page, body: string): Promise<void> {
  const picker = page.getByRole('region', { name: t('host.pick.title') });
  await picker.getByRole('listitem').filter({ hasText: body }).getByRole('button', { name: t('host.pick.add') }).click();
  await see(nextUp(page).filter({ hasText: body }));
}

/** One place up, by keys. */
export async function raise(page: Page, body: string): Promise<void> {
  await nextUp(page).filter({ hasText: body }).focus();
  await page.keyboard.press('Alt+ArrowUp');
}

/** The first of the list goes on stage: the key N. */
export async function stageNext(page: Page, body: string): Promise<void> {
  await stagePanel(page).getByRole('heading').click();
  await page.keyboard.press('n');
  await see(stagePanel(page).locator('.card').filter({ hasText: body }));
}

export async function announce(page: Page, text: string): Promise<void> {
  await page.getByLabel(t('host.announcement.label')).fill(text);
  await page.getByRole('button', { name: t('host.announcement.publish'), exact: true }).click();
}
