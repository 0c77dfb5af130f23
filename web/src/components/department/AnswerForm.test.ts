import type { DOMWrapper, VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadAreas } from '@/i18n';
import { mountPage } from '@/testing/mountPage';
import type { AnswerRequest } from '@/wire/types';
import AnswerForm from './AnswerForm.vue';

const props = {
  question_id: 'q1',
  department_id: 'water',
  departments: [
    { id: 'water', name: '供水公司' },
    { id: 'gas', name: '燃气公司' },
  ],
  speaker: '李主任',
  now_ms: Date.parse('2026-11-21T04:00:00Z'),
  busy: false,
};

beforeEach(async () => {
  localStorage.clear();
  vi.useFakeTimers();
  await loadAreas(['department']);
});
afterEach(() => vi.useRealTimers());

const publishButton = (form: VueWrapper): DOMWrapper<Element> => form.find('button[type="submit"]');
const choose = (form: VueWrapper, type: string): Promise<void> => form.find(`input[value="${type}"]`).setValue();

describe('the form of a written answer', () => {
  it('says before the press that a commitment lacks owner and date', async () => {
    const form = await mountPage(AnswerForm, { props });
    await choose(form, 'commitment');
    await form.find('textarea').setValue('更换老旧水表。');
    expect(form.find('[role="status"].said').text()).toContain('还需要：负责人、完成日期');
    expect(publishButton(form).attributes('disabled')).toBeDefined();
    await form.find('form').trigger('submit');
    expect(form.emitted('publish')).toBeUndefined();
  });

  it('publishes the commitment once both are there', async () => {
    const form = await mountPage(AnswerForm, { props });
    await choose(form, 'commitment');
    await form.find('textarea').setValue('更换老旧水表。');
    await form.find('input[required]:not([type="date"])').setValue('王工');
    await form.find('input[type="date"]').setValue('2027-03-31');
    await form.find('form').trigger('submit');
    const [request] = (form.emitted('publish')?.[0] ?? []) as [AnswerRequest];
    expect(request).toMatchObject({ answer_type: 'commitment', owner: '王工', due_date: '2027-03-31', speaker: '李主任', transfer_to: null });
  });

  it('warns of vague words and offers a commitment instead', async () => {
    const form = await mountPage(AnswerForm, { props });
    await form.find('textarea').setValue('我们将尽快处理。');
    expect(form.find('.vague').text()).toContain('“尽快”');
    await form.find('.vague button').trigger('click');
    expect((form.find('input[value="commitment"]').element as HTMLInputElement).checked).toBe(true);
  });

  it('keeps what was typed over a reload, until it is published', async () => {
    const form = await mountPage(AnswerForm, { props });
    await form.find('textarea').setValue('按户计算。');
    vi.advanceTimersByTime(1_000);
    form.unmount();

    const again = await mountPage(AnswerForm, { props });
    expect((again.find('textarea').element as HTMLTextAreaElement).value).toBe('按户计算。');
    await again.find('form').trigger('submit');
    const [, published] = again.emitted('publish')?.[0] as [AnswerRequest, () => void];
    // Still there while the server has not answered: a lost line costs nothing.
    expect(localStorage.length).toBe(1);
    published();
    expect(localStorage.length).toBe(0);
  });

  it('keeps the drafts of two questions apart when one is chosen while the other is being typed', async () => {
    const form = await mountPage(AnswerForm, { props });
    await form.find('textarea').setValue('第一问的答复');
    await form.setProps({ question_id: 'q2' });
    expect((form.find('textarea').element as HTMLTextAreaElement).value).toBe('');
    await form.setProps({ question_id: 'q1' });
    expect((form.find('textarea').element as HTMLTextAreaElement).value).toBe('第一问的答复');
  });

  it('keeps what was typed in the last moment before the page is left', async () => {
    const form = await mountPage(AnswerForm, { props });
    await form.find('textarea').setValue('刚刚写下的字');
    form.unmount();
    const again = await mountPage(AnswerForm, { props });
    expect((again.find('textarea').element as HTMLTextAreaElement).value).toBe('刚刚写下的字');
  });
});
