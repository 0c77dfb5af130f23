import { flushPromises, mount } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref } from 'vue';
import { i18n, loadAreas, setLocale } from '@/i18n';
import type { QuestionFace } from '@/wire/types';
import QuestionHints from './QuestionHints.vue';
import { useSimilarQuestions } from './useSimilarQuestions';

const question = (number: number, body: string): QuestionFace => ({
  id: `q${number}`, number, name: '', body, topic: '', place: '', department_id: null,
  at_ms: 1, supports: 12, disposition: null, merged_into: null, reason: '',
});
const water = question(7, '小区水箱多久清洗一次？');

describe('asking while somebody types', () => {
  const fetched = vi.fn<typeof fetch>();
  const scope = effectScope();
  const typed = ref('');
  const urls = (): string[] => fetched.mock.calls.map(([url]) => decodeURIComponent(String(url)));
  const answer = (questions: QuestionFace[]): Response => new Response(JSON.stringify({ questions }));

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('fetch', fetched.mockReset().mockImplementation(() => Promise.resolve(answer([water]))));
    typed.value = '';
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const type = async (text: string, rest_ms: number): Promise<void> => {
    typed.value = text;
    await nextTick();
    await vi.advanceTimersByTimeAsync(rest_ms);
  };
  const similar = scope.run(() => useSimilarQuestions('s1', () => typed.value));

  it('waits until typing rests and asks for nothing short', async () => {
    await type('水箱', 300);
    await type('水箱多', 300);
    await type('水箱多久', 100);
    await type('水箱多久清洗', 249);
    expect(urls()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(urls()).toEqual(['/api/v1/sessions/s1/questions/similar?text=水箱多久清洗']);
    expect(similar?.questions.value).toEqual([water]);
  });

  it('an answer that was overtaken is dropped and its request given up', async () => {
    let late: (response: Response) => void = () => undefined;
    fetched.mockImplementationOnce(() => new Promise((resolve) => (late = resolve)));
    await type('水箱多久清洗', 250);
    const signal = fetched.mock.calls[0]?.[1]?.signal;
    await type('电梯什么时候装', 250);
    expect(signal?.aborted).toBe(true);
    late(answer([question(9, '别的')]));
    await vi.advanceTimersByTimeAsync(0);
    expect(similar?.questions.value).toEqual([water]);
  });

  it('a line that is down shows no hint and no error', async () => {
    await type('水箱多久清洗', 250);
    fetched.mockImplementationOnce(() => Promise.reject(new TypeError('down')));
    await type('水箱多久清洗一次', 250);
    expect(similar?.questions.value).toEqual([]);
  });

  it('a text made short again takes the hints away at once', async () => {
    await type('水箱多久清洗', 250);
    await type('水', 0);
    expect(similar?.questions.value).toEqual([]);
  });
});

describe('the hints', () => {
  beforeEach(async () => {
    await setLocale('zh-CN');
    await loadAreas(['common', 'viewer']);
  });
  const open = (on = ref(false)) =>
    mount(QuestionHints, { global: { plugins: [i18n] }, props: { questions: [water], supportOf: () => ({ on: on.value, count: 12 }) } });

  it('are announced politely', () => {
    expect(open().get('[role="status"]').text()).toContain('已有相近的提问');
  });

  it('make way for one line once a question was supported here', async () => {
    const on = ref(false);
    const hints = open(on);
    await hints.get('button').trigger('click');
    expect(hints.emitted('support')).toEqual([[water]]);
    // Not yet: the person is asked who is writing and may decline.
    expect(hints.find('li').exists()).toBe(true);
    on.value = true;
    await flushPromises();
    expect(hints.find('li').exists()).toBe(false);
    expect(hints.get('[role="status"]').text()).toContain('7');
    // Its count moves; then something else is typed.
    await hints.setProps({ questions: [{ ...water, supports: 13 }] });
    expect(hints.find('li').exists()).toBe(false);
    await hints.setProps({ questions: [question(9, '电梯什么时候装')] });
    expect(hints.find('li').exists()).toBe(true);
  });

  it('show one supported elsewhere as such', () => {
    const hints = open(ref(true));
    expect(hints.get('button').attributes('aria-pressed')).toBe('true');
  });
});
