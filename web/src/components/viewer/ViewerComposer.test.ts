import { flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { i18n, loadAreas, setLocale } from '@/i18n';
import type { QuestionFace, SessionFace } from '@/wire/types';
import ViewerComposer from './ViewerComposer.vue';

const session = (change: Partial<SessionFace> = {}): SessionFace =>
  ({
    id: 's1',
    state: 'live',
    topics: ['计价办法'],
    departments: [{ id: 'd1', name: '燃气公司' }],
    policy: { slow_mode_s: 0 },
    ...change,
  }) as SessionFace;
const near: QuestionFace = {
  id: 'q7', number: 7, name: '', body: '小区水箱多久清洗一次，检测结果能不能公开？', topic: '', place: '', department_id: null,
  at_ms: 1, supports: 12, disposition: null, merged_into: null, reason: '',
};

let composer: VueWrapper;
function open(kind: 'question' | 'comment', change: Partial<SessionFace> = {}): void {
  composer = mount(ViewerComposer, {
    attachTo: document.body,
    global: { plugins: [i18n], stubs: ['RouterLink'] },
    props: {
      kind,
      session: session(change),
      questions: [near],
      supportOf: () => ({ on: false, count: 12 }),
    },
  });
}
const type = (text: string): Promise<void> => composer.get('textarea').setValue(text);
const press = (key: string, init: KeyboardEventInit = {}): Promise<void> => composer.get('textarea').trigger('keydown', { key, ...init });
const sent = (): unknown[] => (composer.emitted('send') ?? []).map((args) => args[0]);

beforeEach(async () => {
  localStorage.clear();
  await setLocale('zh-CN');
  await loadAreas(['common', 'viewer']);
});
afterEach(() => {
  composer.unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('sending', () => {
  it('a comment goes with Enter, trimmed', async () => {
    open('comment');
    await type('  说得好  ');
    await press('Enter');
    expect(sent()).toEqual([{ type: 'comment', body: '说得好' }]);
  });

  it('Enter that finishes a Chinese word, or makes a new line, sends nothing', async () => {
    open('comment');
    await type('shuo');
    await press('Enter', { isComposing: true });
    await press('Enter', { shiftKey: true });
    expect(sent()).toEqual([]);
  });

  it('a question takes new lines with Enter and goes with Ctrl+Enter', async () => {
    open('question');
    await type('水价怎么算');
    await press('Enter');
    expect(sent()).toEqual([]);
    await press('Enter', { ctrlKey: true });
    expect(sent()).toEqual([{ type: 'question', body: '水价怎么算', topic: null, place: null, department_id: null }]);
  });

  it('a question carries topic, department and place', async () => {
    open('question');
    await type('水价怎么算');
    const [topic, department] = composer.findAll('select');
    await topic?.setValue('计价办法');
    await department?.setValue('d1');
    await composer.get('.more input').setValue(' 花园小区 ');
    await composer.get('form').trigger('submit');
    expect(sent()).toEqual([{ type: 'question', body: '水价怎么算', topic: '计价办法', place: '花园小区', department_id: 'd1' }]);
  });

  it.each([
    ['nothing but spaces', '   '],
    ['201 characters', '字'.repeat(201)],
  ])('%s cannot be sent', async (_name, text) => {
    open('comment');
    await type(text);
    await composer.get('form').trigger('submit');
    expect(sent()).toEqual([]);
    expect(composer.get('[type="submit"]').attributes('disabled')).toBeDefined();
  });

  it('200 characters as a reader counts them can', async () => {
    open('comment');
    await type('👨‍👩‍👧‍👦'.repeat(200));
    await composer.get('form').trigger('submit');
    expect(sent()).toHaveLength(1);
  });
});

describe('what is typed', () => {
  it('survives a reload, for each kind its own, and leaves when it was sent', async () => {
    open('question');
    await type('写了一半');
    composer.unmount();
    open('comment');
    expect(composer.get('textarea').element.value).toBe('');
    composer.unmount();
    open('question');
    expect(composer.get('textarea').element.value).toBe('写了一半');
    (composer.vm as unknown as { clear: () => void }).clear();
    await flushPromises();
    composer.unmount();
    open('question');
    expect(composer.get('textarea').element.value).toBe('');
  });

  it('finds the questions near to it, which can be supported instead', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(JSON.stringify({ questions: [{ ...near, supports: 3 }] })))));
    open('question');
    await type('我们小区的水箱多久清洗');
    expect(composer.find('li').exists()).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(composer.get('li').text()).toContain('小区水箱多久清洗一次');
    await composer.get('li button').trigger('click');
    expect((composer.emitted('support') ?? [])[0]).toEqual([near]);
    expect(composer.get('textarea').element.value).toBe('我们小区的水箱多久清洗');
  });
});

describe('the state of the session', () => {
  it('before the start takes questions but no comments', async () => {
    open('comment', { state: 'scheduled' });
    expect(composer.emitted('update:kind')).toEqual([['question']]);
    await composer.setProps({ kind: 'question' });
    expect(composer.findAll('[type="radio"]')).toHaveLength(0);
    expect(composer.get('textarea').attributes('placeholder')).toBe('写下您的问题');
  });

  it.each(['ended', 'closed'] as const)('%s takes nothing', (state) => {
    open('question', { state });
    expect(composer.find('form').exists()).toBe(false);
  });

  it('says how often one may comment when that is limited', () => {
    open('comment', { policy: { slow_mode_s: 30 } as SessionFace['policy'] });
    expect(composer.text()).toContain('30 秒');
  });
});
