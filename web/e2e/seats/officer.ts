/** What a department's officer does. */
import type { Locator, Page } from 'playwright-core';
import { see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

export async function choose(page: Page, body: string): Promise<void> {
  await page.getByRole('navigation', { name: t('department.list.label') }).getByRole('button').filter({ hasText: body }).click();
  await see(page.getByRole('region', { name: t('department.question') }).getByText(body));
}

export const liveAnswer = (page: Page): Locator => page.getByRole('region', { name: t('department.live.title') });
export const answers = (page: Page): Locator => page.getByRole('region', { name: t('department.answers') }).getByRole('article');

/** Chooses the type of a written answer; the words are typed by the caller. */
export async function chooseType(page: Page, type: string): Promise<void> {
  await page.getByRole('group', { name: t('department.form.type') }).getByText(t(`department.type.${type}`), { exact: true }).click();
}

export const publishButton = (page: Page, type: string): Locator => page.getByRole('button', { name: t(`department.publish.${type}`), exact: true });
