/** What a moderator does, by keys alone. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { PATIENCE_MS, see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

/** The one being read. */
export const reading = (page: Page): Locator => page.getByRole('region', { name: t('moderation.item.title') }).getByRole('article');

/** What was published while the list of published ones was open waits behind this. */
const fresh = (page: Page): Locator => page.getByRole('region', { name: t('moderation.list') }).getByRole('button', { name: new RegExp(t('moderation.fresh', { n: '' }).trim()) });

/** Moves through the list with J until the one that says `body` is read. */
export async function bring(page: Page, body: string): Promise<void> {
  await page.keyboard.press('Home');
  let before = '';
  const found = async (): Promise<boolean> => {
    const [text = ''] = await reading(page).allTextContents();
    if (text.includes(body)) return true;
    if (await fresh(page).isVisible()) {
      await fresh(page).click();
      await page.keyboard.press('Home');
      return false;
    }
    // At the end of the list J goes nowhere, and what is looked for may have come in above.
    await page.keyboard.press(text === before ? 'Home' : 'j');
    before = text;
    return false;
  };
  await expect.poll(found, { timeout: PATIENCE_MS, interval: 100, message: `the queue shows ${body}` }).toBe(true);
}

export async function approve(page: Page, body: string): Promise<void> {
  await bring(page, body);
  await page.keyboard.press('a');
  await see(page.getByText(t('moderation.undo.approve', { n: 1 })));
}

/** The first reason of the list. */
export async function decline(page: Page, body: string): Promise<void> {
  await bring(page, body);
  await page.keyboard.press('d');
  await see(page.getByRole('region', { name: t('moderation.reason.title.decline', { n: 1 }) }));
  await page.keyboard.press('1');
  await see(page.getByText(t('moderation.undo.decline', { n: 1 })));
}

export async function retract(page: Page, body: string): Promise<void> {
  await showState(page, 'published');
  await bring(page, body);
  await page.keyboard.press('r');
  await see(page.getByRole('region', { name: t('moderation.reason.title.retract', { n: 1 }) }));
  await page.keyboard.press('1');
  await see(page.getByText(t('moderation.undo.retract', { n: 1 })));
  await showState(page, 'held');
}

const STATES = ['held', 'published', 'declined', 'retracted'] as const;

export async function showState(page: Page, state: (typeof STATES)[number]): Promise<void> {
  await page.keyboard.press(String(STATES.indexOf(state) + 1));
  await page.getByRole('group', { name: t('moderation.filter.state') }).locator('[aria-pressed="true"]').filter({ hasText: t(`moderation.state.${state}`) }).waitFor();
}
