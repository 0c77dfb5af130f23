import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { h, nextTick } from 'vue';
import { i18n } from '@/i18n';
import { chooseLocale } from '@/preferences';
import { mountPage } from '@/testing/mountPage';
import BaseButton from './BaseButton.vue';
import BaseDialog from './BaseDialog.vue';
import BaseField from './BaseField.vue';
import BaseTabs from './BaseTabs.vue';
import BaseToastHost from './BaseToastHost.vue';
import ErrorState from './ErrorState.vue';
import IconX, { ICON_NAMES } from './IconX.vue';
import TimeText from './TimeText.vue';
import { showToast, toasts } from './toasts';

afterEach(() => {
  document.body.innerHTML = '';
});

describe('BaseButton', () => {
  it('that is busy keeps its words and does nothing on a second press', async () => {
    const button = await mountPage(BaseButton, { props: { busy: true, type: 'submit' }, slots: { default: '提交' } });
    const press = new MouseEvent('click', { cancelable: true });
    button.find('button').element.dispatchEvent(press);
    expect(button.emitted('press')).toBeUndefined();
    expect(press.defaultPrevented).toBe(true);
    expect(button.text()).toBe('提交');
    expect(button.find('button').attributes('disabled')).toBeUndefined();
  });

  it('with an address is a link', async () => {
    const button = await mountPage(BaseButton, { props: { to: '/h/a' }, slots: { default: '进入' } });
    expect(button.find('a').attributes('href')).toBe('/h/a');
  });
});

describe('BaseTabs', () => {
  const tabs = [
    { id: 'questions', label: '提问', count: 1200 },
    { id: 'comments', label: '评论' },
    { id: 'answers', label: '答复' },
  ];

  async function mountTabs(active: string) {
    const wrapper = await mountPage(BaseTabs as never, { props: { tabs, label: '内容', modelValue: active } });
    const press = async (key: string): Promise<unknown> => {
      await wrapper.find('[role="tablist"]').trigger('keydown', { key });
      return wrapper.emitted('update:modelValue')?.at(-1)?.[0];
    };
    return { wrapper, press };
  }

  it.each([
    ['questions', 'ArrowRight', 'comments'],
    ['questions', 'ArrowLeft', 'answers'],
    ['answers', 'ArrowRight', 'questions'],
    ['answers', 'Home', 'questions'],
    ['questions', 'End', 'answers'],
  ])('on %s the key %s chooses %s', async (active, key, chosen) => {
    const { press } = await mountTabs(active);
    expect(await press(key)).toBe(chosen);
  });

  it('leave other keys to the page and keep one tab in the order of the Tab key', async () => {
    const { wrapper, press } = await mountTabs('comments');
    expect(await press('a')).toBeUndefined();
    expect(wrapper.findAll('[role="tab"]').map((tab) => tab.attributes('tabindex'))).toEqual(['-1', '0', '-1']);
    const panel = wrapper.find('[role="tabpanel"]');
    expect(panel.attributes('aria-labelledby')).toBe(wrapper.find('[aria-selected="true"]').attributes('id'));
  });
});

describe('BaseDialog', () => {
  async function mountDialog(props: Record<string, unknown> = {}) {
    const wrapper = await mountPage(BaseDialog, { props: { open: true, title: '关闭协商会', ...props }, slots: { default: '正文' } });
    return { wrapper, dialog: wrapper.find('dialog') };
  }

  it('opens, names itself by its title and asks to be closed by Escape', async () => {
    const { wrapper, dialog } = await mountDialog();
    expect((dialog.element as HTMLDialogElement).open).toBe(true);
    expect(document.getElementById(dialog.attributes('aria-labelledby')!)?.textContent).toBe('关闭协商会');
    (dialog.element as HTMLDialogElement).close(); // what the browser does on Escape
    await nextTick();
    expect(wrapper.emitted('update:open')).toEqual([[false]]);
  });

  it('closes by a press beside it, unless that would lose something', async () => {
    const { wrapper, dialog } = await mountDialog();
    await dialog.find('.body').trigger('click');
    expect(wrapper.emitted('update:open')).toBeUndefined();
    await dialog.trigger('click');
    expect(wrapper.emitted('update:open')).toEqual([[false]]);

    const sticky = await mountDialog({ sticky: true });
    await sticky.dialog.trigger('click');
    expect(sticky.wrapper.emitted('update:open')).toBeUndefined();
  });
});

describe('BaseField', () => {
  it('ties the control to its label, hint and error', async () => {
    const field = await mountPage(BaseField, {
      props: { label: '问题', hint: '一个问题写一条', error: '有 612 字，最多 500 字' },
      slots: { default: ((control: Record<string, unknown>) => h('textarea', control)) as () => unknown },
    });
    const control = field.find('textarea');
    expect(field.find('label').attributes('for')).toBe(control.attributes('id'));
    const described = control.attributes('aria-describedby')!.split(' ').map((id) => document.getElementById(id)?.textContent);
    expect(described).toEqual(['一个问题写一条', '有 612 字，最多 500 字']);
    expect(control.attributes('aria-invalid')).toBe('true');
  });

  it('marks what is too long', async () => {
    const field = await mountPage(BaseField, { props: { label: '问题', used: 501, max: 500 } });
    expect(field.find('.length').text()).toBe('501 / 500 字');
    expect(field.find('.length').classes()).toContain('problem');
  });
});

describe('toasts', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.runAllTimers();
    vi.useRealTimers();
  });

  it('are at most three, the newest, and go by themselves', async () => {
    const host = await mountPage(BaseToastHost);
    for (const text of ['一', '二', '三', '四']) showToast(text);
    await nextTick();
    expect(host.findAll('.text').map((text) => text.text())).toEqual(['二', '三', '四']);
    vi.advanceTimersByTime(5_000);
    expect(toasts.value).toEqual([]);
  });

  it('offer one thing to do, once', async () => {
    const host = await mountPage(BaseToastHost);
    const run = vi.fn();
    showToast('已通过', { action: { label: '撤销', run } });
    await nextTick();
    await host.find('button').trigger('click');
    expect(run).toHaveBeenCalledOnce();
    expect(toasts.value).toEqual([]);
  });
});

describe('languages', () => {
  afterEach(async () => {
    await chooseLocale('zh-CN');
  });

  it('change all words at once, and the language of the page', async () => {
    const state = await mountPage(ErrorState, { props: { text: 'x', code: 'conflict' } });
    expect(state.text()).toContain('错误代码：conflict');
    await chooseLocale('en');
    expect(state.text()).toContain('Error code: conflict');
    expect(document.documentElement.lang).toBe('en');
    expect(i18n.global.locale.value).toBe('en');
  });
});

it('a time says how long ago and gives the exact time on a press', async () => {
  const time = await mountPage(TimeText, { props: { at_ms: Date.now() - 3 * 60_000 } });
  expect(time.text()).toBe('3 分钟前');
  await time.trigger('pointerenter');
  const exact = time.attributes('title');
  expect(exact).toMatch(/\d{2}:\d{2}:\d{2}/);
  await time.trigger('click');
  expect(time.text()).toBe(exact);
});

it.each(ICON_NAMES)('the icon %s has a drawing and is hidden from screen readers', async (name) => {
  const icon = await mountPage(IconX, { props: { name } });
  expect(icon.find('path').attributes('d')).toMatch(/^[mM]/);
  expect(icon.attributes('aria-hidden')).toBe('true');
});
