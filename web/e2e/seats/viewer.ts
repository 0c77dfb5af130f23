/** What a netizen does on the session's page. */
import type { Locator, Page } from 'playwright-core';
import { gone, see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

export type Tab = 'questions' | 'comments' | 'answers' | 'materials';

/** The number behind the word is part of the name. */
const startsWith = (word: string): RegExp => new RegExp(`^${word}`);

export async function showTab(page: Page, tab: Tab): Promise<void> {
  await page.getByRole('tab', { name: startsWith(t(`viewer.tabs.${tab}`)) }).click();
}

export async function showOrder(page: Page, order: string): Promise<void> {
  await showTab(page, 'questions');
  await page.getByRole('radiogroup', { name: t('viewer.orders.label') }).getByText(t(`viewer.orders.${order}`), { exact: true }).click();
}

/** Says who one is when the page asks. */
export async function takeName(page: Page, name: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: t('room.identity.nameTitle') });
  await dialog.getByLabel(t('room.identity.name')).fill(name);
  await dialog.getByRole('button', { name: t('room.identity.go'), exact: true }).click();
}

export const identityDialog = (page: Page): Locator => page.getByRole('dialog', { name: t('room.identity.nameTitle') });

/** Writes a question; `department` and `topic` as the page offers them. The receipt is for the caller to look for. */
export async function ask(page: Page, question: { body: string; department?: string; topic?: string }): Promise<void> {
  await showTab(page, 'questions');
  const composer = page.getByRole('form', { name: t('viewer.composer.label') });
  await composer.getByLabel(t('viewer.composer.write.question')).fill(question.body);
  if (question.department) await composer.getByLabel(t('viewer.composer.department')).selectOption({ label: question.department });
  if (question.topic) await composer.getByLabel(t('viewer.composer.topic')).selectOption({ label: question.topic });
  await composer.getByRole('button', { name: t('viewer.composer.send.question'), exact: true }).click();
}

export async function comment(page: Page, body: string): Promise<void> {
  await showTab(page, 'comments');
  const composer = page.getByRole('form', { name: t('viewer.composer.label') });
  await composer.getByLabel(t('viewer.composer.write.comment')).fill(body);
  await composer.getByRole('button', { name: t('viewer.composer.send.comment'), exact: true }).click();
}

/** The card of a question in the list that is shown. */
export const questionCard = (page: Page, body: string): Locator => page.getByRole('article').filter({ hasText: body });
export const stageCard = (page: Page): Locator => page.getByRole('region', { name: t('viewer.stage.label') });
export const commentList = (page: Page): Locator => page.getByRole('tabpanel').filter({ has: page.getByText(t('viewer.comment.own')).or(page.locator('.comment')) });
/** Comments with exactly this text, in the list. */
export const commentsSaying = (page: Page, body: string): Locator => page.locator('.comment .body').getByText(body, { exact: true });
export const flying = (page: Page, body: string): Locator => page.locator('.flying').filter({ hasText: body });
export const toast = (page: Page, text: string): Locator => page.locator('.toast').filter({ hasText: text });

export async function dismiss(page: Page, text: string): Promise<void> {
  await toast(page, text).getByRole('button', { name: t('common.close') }).click();
  await gone(toast(page, text));
}

export async function support(page: Page, body: string): Promise<void> {
  await questionCard(page, body).getByRole('button', { name: t('viewer.support.label', { number: 0, count: 0 }).slice(0, 2) }).click();
}

/** Supports the card shows. */
export const supportsOf = async (page: Page, body: string): Promise<number> => {
  const label = await questionCard(page, body).locator('button.support').getAttribute('aria-label');
  return Number(/(\d+)\D*$/.exec(label ?? '')?.[1]);
};

/** Goes to the session by its code, as from a poster. */
export async function comeByCode(page: Page, code: string, title: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel(t('hall.join.label')).fill(code);
  await page.getByRole('button', { name: t('hall.join.go') }).click();
  await see(page.getByRole('heading', { name: title, level: 1 }));
}
