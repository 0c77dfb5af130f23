/** What the secretary does at the closing assistant. */
import type { Download, Locator, Page } from 'playwright-core';
import { gone, see } from '../harness/browser.ts';
import { t } from '../harness/words.ts';

export async function show(page: Page, step: string): Promise<void> {
  await page.getByRole('navigation', { name: t('closing.steps') }).getByRole('button', { name: t(`closing.step.${step}`) }).click();
  await see(page.getByRole('heading', { name: t(`closing.step.${step}`), exact: true, level: 2 }));
}

export const missing = (page: Page): Locator => page.getByRole('region', { name: t('closing.step.dispositions') }).getByRole('listitem').filter({ has: page.getByRole('checkbox') });
export const row = (page: Page, body: string): Locator => missing(page).filter({ hasText: body });
export const suggestionRows = (page: Page): Locator => page.getByRole('region', { name: t('closing.step.suggestions') }).locator('tbody tr');

/** Several questions become one suggestion. */
export async function assignTogether(page: Page, bodies: readonly string[], suggestion: { title: string; department: string; due: string; category: string }): Promise<void> {
  await show(page, 'dispositions');
  for (const body of bodies) await row(page, body).getByRole('checkbox').check();
  await page.getByRole('button', { name: t('closing.bulk.together') }).click();
  await fillSuggestion(page.getByRole('dialog', { name: t('closing.form.question') }), suggestion);
  for (const body of bodies) await gone(row(page, body));
}

/** What was said in the room and stands nowhere else. */
export async function enterFromVenue(page: Page, suggestion: { title: string; department: string; due: string; category: string; raised_by: string }): Promise<void> {
  await show(page, 'suggestions');
  await page.getByRole('button', { name: t('closing.list.venue'), exact: true }).click();
  const dialog = page.getByRole('dialog', { name: t('closing.form.venue') });
  await dialog.getByLabel(t('closing.field.raised_by')).fill(suggestion.raised_by);
  await fillSuggestion(dialog, suggestion);
  await see(suggestionRows(page).filter({ hasText: suggestion.title }));
}

async function fillSuggestion(dialog: Locator, suggestion: { title: string; department: string; due: string; category: string }): Promise<void> {
  await dialog.getByLabel(t('closing.field.title')).fill(suggestion.title);
  await dialog.getByLabel(t('closing.field.department_id')).selectOption({ label: suggestion.department });
  await dialog.getByLabel(t('closing.field.due_date')).fill(suggestion.due);
  await dialog.getByLabel(t('closing.field.category')).fill(suggestion.category);
  await dialog.getByRole('button', { name: t('common.save') }).click();
  await gone(dialog);
}

export async function mergeInto(page: Page, body: string, number: number): Promise<void> {
  await show(page, 'dispositions');
  await row(page, body).getByRole('button', { name: t('closing.missing.merge') }).click();
  await row(page, body).getByLabel(t('closing.missing.number')).fill(String(number));
  await row(page, body).getByRole('button', { name: t('closing.missing.mergeTyped'), exact: true }).click();
  await gone(row(page, body));
}

export async function declineFor(page: Page, body: string, reason: string): Promise<void> {
  await show(page, 'dispositions');
  await row(page, body).getByRole('button', { name: t('closing.missing.decline') }).click();
  await row(page, body).getByRole('button', { name: t(`closing.reason.${reason}`) }).click();
  await gone(row(page, body));
}

export async function downloadPackage(page: Page, edition: 'internal' | 'public'): Promise<Download> {
  await show(page, 'documents');
  const card = page.getByRole('article').filter({ has: page.getByRole('heading', { name: t(`closing.documents.${edition}`) }) });
  const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('button', { name: t('closing.documents.download') }).click()]);
  return download;
}

export async function close(page: Page): Promise<void> {
  await show(page, 'close');
  await page.getByRole('region', { name: t('closing.step.close') }).getByRole('button', { name: t('closing.close.now'), exact: true }).click();
  await page.getByRole('dialog', { name: t('closing.close.ask') }).getByRole('button', { name: t('closing.close.now'), exact: true }).click();
  await see(page.getByText(t('closing.close.closed')));
}
