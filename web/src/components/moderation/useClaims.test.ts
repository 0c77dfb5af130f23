import { effectScope, type EffectScope } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError, api } from '@/live/api';
import type { Live } from '@/live/useLive';
import type { BackstageView, Batch, ClaimAnswer, ClaimFace, ClaimRequest, LeaseId } from '@/wire/types';
import { useClaims, type Claims } from './useClaims';

type Hear = (view: BackstageView | null, batches: Batch[]) => void;

const claim = (id: string, lease: LeaseId, by_name = '我', at_ms = Date.now()): ClaimFace => ({ kind: 'question', id, lease, staff_id: by_name, by_name, at_ms, until_ms: at_ms + 45_000, taken_from: '' });

let scope: EffectScope;
let claims: Claims;
let hear: Hear;
let view: { value: BackstageView | null };
let post: ReturnType<typeof vi.spyOn>;
/** What the server answers to claims, one after the other. */
let answers: ((request: ClaimRequest) => ClaimAnswer | ApiError | Promise<ClaimAnswer>)[];

const asked = (): [string, unknown][] => post.mock.calls.map(([path, body]: unknown[]) => [String(path).replace('/sessions/s/claims', ''), body]);

beforeEach(async () => {
  vi.useFakeTimers();
  const { shallowRef } = await import('vue');
  const box = shallowRef<BackstageView | null>(null);
  view = box;
  answers = [];
  post = vi.spyOn(api, 'post').mockImplementation((path, body) => {
    if (!path.endsWith('/claims')) return Promise.resolve({ claims: [], lost: [] });
    const request = body as ClaimRequest;
    const answer = answers.shift()?.(request) ?? { claim: claim(request.item?.id ?? 'next', `lease-${request.item?.id ?? 'next'}`), item: null };
    return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const backstage = { view: box, on: (_: string, listener: Hear) => (hear = listener) } as unknown as Live<BackstageView>;
  scope = effectScope();
  claims = scope.run(() => useClaims({ session_id: 's', backstage, may: () => true, me: () => '我' }))!;
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

it('holds what is read, and lets go of it for the next one in the same request', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  expect(claims.leaseOf('question/a')).toBe('lease-a');
  claims.hold('question/b');
  await vi.advanceTimersByTimeAsync(200);
  expect(claims.leaseOf('question/a')).toBeUndefined();
  expect(asked()[1]?.[1]).toMatchObject({ item: { id: 'b' }, release: ['lease-a'] });
});

it('holds nothing that is only passed on the way down the list', async () => {
  for (const key of ['question/a', 'question/b', 'question/c'] as const) {
    claims.hold(key);
    await vi.advanceTimersByTimeAsync(50);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(asked().map(([, body]) => (body as ClaimRequest).item?.id)).toEqual(['c']);
});

it('renews while it is open and somebody is there, and stops when nobody is', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(16_000);
  expect(asked().map(([path]) => path)).toEqual(['', '/renew']);
  await vi.advanceTimersByTimeAsync(300_000);
  const renewals = asked().length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toHaveLength(renewals);
});

it('says who took the item over, and only of the one being read', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  const taken = claim('a', 'theirs', '王芳', Date.now() + 1_000);
  hear(null, [{ first_seq: 1, last_seq: 1, items: [{ seq: 1, type: 'claims_changed', claims: [taken], released: [], at_ms: taken.at_ms }] }]);
  expect(claims.lost.value).toEqual({ key: 'question/a', by_name: '王芳' });
  expect(claims.leaseOf('question/a')).toBeUndefined();
  claims.hold('question/b');
  expect(claims.lost.value).toBeUndefined();
});

it('does not ask for what a colleague has, and tells who has it until the time is over', async () => {
  view.value = { claims: [claim('a', 'theirs', '王芳')] } as unknown as BackstageView;
  expect(claims.others.value.get('question/a')?.by_name).toBe('王芳');
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  expect(asked()).toEqual([]);
  await vi.advanceTimersByTimeAsync(46_000);
  expect(claims.others.value.size).toBe(0);
});

it('a takeover that did not go says why', async () => {
  const late = new ApiError('conflict', 409, { params: { conflicts: '[]' } });
  answers.push(() => late, () => new ApiError('offline', 0));
  await expect(claims.takeOver('question/a')).rejects.toBe(late);
  await expect(claims.takeOver('question/a')).rejects.toMatchObject({ code: 'offline' });
});

it('holds what is read as soon as the colleague lets go of it, or its time is over', async () => {
  view.value = { claims: [claim('a', 'theirs', '王芳')] } as unknown as BackstageView;
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(1_000);
  view.value = { claims: [] } as unknown as BackstageView;
  await vi.advanceTimersByTimeAsync(200);
  expect(claims.leaseOf('question/a')).toBe('lease-a');
  view.value = { claims: [claim('b', 'theirs', '王芳')] } as unknown as BackstageView;
  claims.hold('question/b');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(claims.leaseOf('question/b')).toBeUndefined();
  await vi.advanceTimersByTimeAsync(7_000);
  expect(claims.leaseOf('question/b')).toBe('lease-b');
});

it('what could not be held is asked for again while somebody is there', async () => {
  answers.push(() => new ApiError('offline', 0));
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  expect(claims.leaseOf('question/a')).toBeUndefined();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(claims.leaseOf('question/a')).toBe('lease-a');
});

it('a page that comes back from the browser\'s memory holds again what it shows', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  window.dispatchEvent(new Event('pagehide'));
  expect(claims.leaseOf('question/a')).toBeUndefined();
  window.dispatchEvent(new Event('pageshow'));
  await vi.advanceTimersByTimeAsync(10);
  expect(claims.leaseOf('question/a')).toBe('lease-a');
});

it('what another window of one\'s own holds is no colleague\'s, and both hold it on', async () => {
  view.value = { claims: [claim('a', 'before')] } as unknown as BackstageView;
  expect(claims.others.value.size).toBe(0);
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  const again = claim('a', 'window-2', '我', Date.now() + 1_000);
  hear(null, [{ first_seq: 1, last_seq: 1, items: [{ seq: 1, type: 'claims_changed', claims: [again], released: [], at_ms: again.at_ms }] }]);
  expect(claims.lost.value).toBeUndefined();
  expect(claims.leaseOf('question/a')).toBe('window-2');
  hear(null, [{ first_seq: 2, last_seq: 2, items: [{ seq: 2, type: 'claims_changed', claims: [], released: ['window-2'], at_ms: again.at_ms }] }]);
  expect(claims.leaseOf('question/a')).toBeUndefined();
});

it('takeovers and the next one wait for the request before them, and let go of what it got', async () => {
  let answer: (value: ClaimAnswer) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (answer = resolve)));
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  const taken = claims.takeOver('question/b');
  const next = claims.next('all', []);
  await vi.advanceTimersByTimeAsync(10);
  expect(asked()).toHaveLength(1);
  answer({ claim: claim('a', 'lease-a'), item: null });
  await Promise.all([taken, next]);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked().map(([, body]) => (body as ClaimRequest).release)).toEqual([[], ['lease-a'], ['lease-b']]);
  expect(claims.leaseOf('question/next')).toBe('lease-next');
});

it('holds on to what is read when nothing else is free', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  answers.push(() => ({ claim: null, item: null }));
  expect(await claims.next('all', ['question/a'])).toBeUndefined();
  await vi.advanceTimersByTimeAsync(10);
  expect(claims.leaseOf('question/a')).toBe('lease-a');
});

it('lets go of a claim that is answered after the page was left', async () => {
  let answer: (value: ClaimAnswer) => void = () => undefined;
  answers.push(() => new Promise((resolve) => (answer = resolve)));
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  scope.stop();
  answer({ claim: claim('a', 'late'), item: null });
  await vi.advanceTimersByTimeAsync(10);
  expect(asked().at(-1)).toEqual(['/release', { leases: ['late'] }]);
});

it('lets go when the page is left', async () => {
  claims.hold('question/a');
  await vi.advanceTimersByTimeAsync(200);
  scope.stop();
  expect(asked().at(-1)).toEqual(['/release', { leases: ['lease-a'] }]);
});
