import { effectScope, nextTick, ref } from 'vue';
import { afterEach, expect, test, vi } from 'vitest';
import type { RepeatedAnswer } from '@/wire/types';
import { useRepeats } from './useRepeats';

const answer: RepeatedAnswer = {
  groups: [{ id: 'q1', number: 3, state: 'published', body: '三号院的电梯什么时候修', members: [{ id: 'q2', number: 7, percent: 91 }] }],
};
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the first of a cluster and what repeats it know each other, and nobody else', async () => {
  vi.useFakeTimers();
  const fetch = vi.fn(() => Promise.resolve(new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } })));
  vi.stubGlobal('fetch', fetch);
  const reading = ref<string>();
  const scope = effectScope();
  const repeats = scope.run(() => useRepeats({ session_id: 's', question_id: () => reading.value, every_ms: 1_000 }));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(fetch, 'who reads comments asks for nothing').not.toHaveBeenCalled();

  reading.value = 'q2';
  await nextTick();
  await vi.advanceTimersByTimeAsync(0);
  expect([repeats?.group.value?.number, repeats?.percent.value]).toEqual([3, 91]);
  reading.value = 'q1';
  await nextTick();
  expect([repeats?.group.value?.number, repeats?.percent.value]).toEqual([3, undefined]);
  reading.value = 'q9';
  await nextTick();
  expect(repeats?.group.value).toBeUndefined();
  expect(fetch, 'reading on is no reason to ask again at once').toHaveBeenCalledTimes(1);

  fetch.mockImplementationOnce(() => Promise.reject(new TypeError('offline')));
  reading.value = 'q2';
  await vi.advanceTimersByTimeAsync(1_500);
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(repeats?.group.value?.number, 'what was known stays').toBe(3);
  scope.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(fetch).toHaveBeenCalledTimes(2);
});
