import { effectScope, nextTick, type EffectScope, type Ref } from 'vue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, api } from '@/live/api';
import type { BackstageView, DecisionAnswer, DecisionRequest, Item, QueueItem, QueuePage } from '@/wire/types';
import { matches, useModerationDesk, type ModerationDesk } from './useModerationDesk';

type Listener = (view: unknown, batches: unknown[], whole?: boolean) => void;
const listeners: Record<string, Listener> = {};
/** Of the backstage channel. */
const line: { view?: Ref<unknown>; state?: Ref<string> } = {};

vi.mock('@/live/useLive', async () => {
  const { ref, shallowRef } = await import('vue');
  return {
    useLive: (_: string, channel: string) => {
      const [view, state] = [shallowRef<unknown>(null), ref('live')];
      if (channel === 'backstage') Object.assign(line, { view, state });
      return {
        view,
        state,
        on: (name: string, listener: Listener) => {
          if (name === 'view') listeners[channel] = listener;
        },
        retryNow: () => undefined,
      };
    },
  };
});

const item = (number: number, more: Partial<QueueItem> = {}): QueueItem => ({
  kind: 'question',
  id: `q${number}`,
  number,
  state: 'held',
  revision: 1,
  author: { id: 'p', name: '晨光', tier: 'guest' },
  body: `text ${number}`,
  topic: '',
  place: '',
  department_id: null,
  at_ms: number,
  findings: [],
  reason: '',
  note: '',
  ...more,
});
const answerTo = (request: DecisionRequest, by_name = '我'): DecisionAnswer => ({
  id: 'd1',
  decision: {
    id: 'd1',
    verdict: request.verdict,
    items: request.items.map(({ kind, id, revision }) => ({ kind, id, state: request.verdict === 'decline' ? 'declined' : 'published', revision: revision + 1 })),
    reason: request.reason,
    by_name,
    at_ms: 1,
    undo_until_ms: Date.now() + 10_000,
    undone: false,
  },
});
const page: QueuePage = { items: [], next_cursor: null, total: 0, counts: [['published', 5]], reported: 0 };
const view = (...held: QueueItem[]): BackstageView => ({ version: 1, seq: 1, server_ms: 0, held, held_total: held.length, next_up: [], decisions: [] });
const hear = (...items: Omit<Item, 'seq'>[]): void => listeners.backstage?.(view(), [{ first_seq: 2, last_seq: 2, items }]);

let scope: EffectScope;
let desk: ModerationDesk;
beforeEach(() => {
  vi.spyOn(api, 'get').mockResolvedValue(page);
  scope = effectScope();
  desk = scope.run(() => useModerationDesk({ session_id: 's', leftBy: () => false }))!;
  listeners.backstage?.(view(item(1), item(2), item(3)), []);
});
afterEach(() => scope.stop());

describe('a decision', () => {
  it('moves on at once and can be undone when the server has answered', async () => {
    let answer: (value: DecisionAnswer) => void = () => undefined;
    vi.spyOn(api, 'post').mockImplementation(() => new Promise((resolve) => (answer = resolve as never)));
    const done = desk.decide(['question/q1'], 'approve');
    expect(desk.list.value).toEqual(['question/q2', 'question/q3']);
    expect(desk.current.value).toBe('question/q2');
    expect(desk.own.value[0]?.state).toBe('sending');
    answer(answerTo({ verdict: 'approve', items: [{ kind: 'question', id: 'q1', revision: 1, lease: null }], reason: '', note: '' }));
    await done;
    expect(desk.own.value[0]).toMatchObject({ state: 'open', id: 'd1' });
  });

  it('refused goes back into the queue and says so', async () => {
    vi.spyOn(api, 'post').mockRejectedValue(new ApiError('unavailable', 503));
    await desk.decide(['question/q1'], 'approve');
    expect(desk.list.value).toContain('question/q1');
    expect(desk.notice.value).toMatchObject({ kind: 'refused', taken: ['question/q1'] });
    expect(desk.own.value).toEqual([]);
  });

  it('that a colleague was faster with names the item, and what may still be done with the rest', async () => {
    vi.spyOn(api, 'post').mockRejectedValue(new ApiError('conflict', 409, { params: { ids: 'q2' } }));
    await desk.decide(['question/q1', 'question/q2'], 'approve');
    expect(desk.notice.value).toMatchObject({ kind: 'conflict', taken: ['question/q2'], rest: ['question/q1'] });
  });

  it('undone before the server answered is undone as soon as it has', async () => {
    const request: DecisionRequest = { verdict: 'approve', items: [{ kind: 'question', id: 'q1', revision: 1, lease: null }], reason: '', note: '' };
    const undone = answerTo(request);
    undone.decision.undone = true;
    undone.decision.items = [{ kind: 'question', id: 'q1', state: 'held', revision: 3 }];
    const post = vi.spyOn(api, 'post').mockImplementation((path) => Promise.resolve(path.endsWith('/undo') ? undone : answerTo(request)));
    const done = desk.decide(['question/q1'], 'approve');
    await desk.undo();
    await done;
    expect(post.mock.calls.map(([path]) => path)).toEqual(['/sessions/s/decisions', '/sessions/s/decisions/d1/undo']);
    expect(desk.list.value[0]).toBe('question/q1');
    expect(desk.current.value).toBe('question/q1');
  });
});

describe('what a colleague does', () => {
  const theirs = (): void =>
    hear({ type: 'items_decided', decision: answerTo({ verdict: 'decline', items: [{ kind: 'question', id: 'q1', revision: 1, lease: null }], reason: 'insult', note: '' }, '王芳').decision } as never);

  it('leaves the row in its place until the reader moves on', () => {
    desk.goTo('question/q2');
    theirs();
    expect(desk.list.value).toEqual(['question/q1', 'question/q2', 'question/q3']);
    expect(desk.counts.value.held).toBe(2);
    desk.step(1);
    expect(desk.list.value).toEqual(['question/q2', 'question/q3']);
  });

  it('never moves the reader from the item being read', () => {
    theirs();
    expect(desk.current.value).toBe('question/q1');
    expect(desk.currentItem.value?.state).toBe('declined');
  });
});

describe('the list shown', () => {
  it('changes for an item that is elsewhere, and the reader stays on it', async () => {
    listeners.backstage?.(view(item(1), item(2), item(3)), [{ first_seq: 2, last_seq: 2, items: [8, 9].map((n) => ({ type: 'item_queued', item: item(n, { state: 'declined' }) })) }]);
    expect(desk.show('question/q8')).toBe(true);
    await nextTick();
    expect(desk.filter.value.state).toBe('declined');
    expect(desk.list.value[0]).toBe('question/q9');
    expect(desk.current.value).toBe('question/q8');
    expect(desk.show('question/q9')).toBe(false);
  });

  it('is widened when the next free item does not pass the filters, and only then', async () => {
    desk.filter.value = { state: 'held', kind: 'all', topic: 'water' };
    desk.query.value = 'pipe';
    await nextTick();
    const answer = (found: QueueItem) => vi.spyOn(api, 'post').mockResolvedValue({ claim: null, item: found });
    answer(item(7));
    expect(await desk.nextFree()).toBe('elsewhere');
    await nextTick();
    expect([desk.filter.value.topic, desk.query.value, desk.current.value]).toEqual([undefined, '', 'question/q7']);
    answer(item(2));
    expect(await desk.nextFree()).toBe('here');
  });

  it('tells a next item that could not be asked for from none', async () => {
    vi.spyOn(api, 'post').mockRejectedValue(new ApiError('offline', 0));
    await expect(desk.nextFree()).rejects.toMatchObject({ code: 'offline' });
  });

  it('takes a whole view that came together with what happened since', () => {
    hear({ type: 'item_queued', item: item(4) } as never);
    listeners.backstage?.(view(item(2), item(5)), [{ first_seq: 9, last_seq: 9, items: [{ type: 'item_queued', item: item(5) }] }], true);
    expect(desk.list.value).toEqual(['question/q2', 'question/q5']);
  });

  it('that failed is read again when the line is back', async () => {
    const get = vi.spyOn(api, 'get').mockRejectedValue(new ApiError('offline', 0));
    await desk.reload();
    expect(desk.page.value.state).toBe('failed');
    get.mockResolvedValue(page);
    line.state!.value = 'offline';
    await nextTick();
    line.state!.value = 'live';
    await vi.waitFor(() => expect(desk.page.value.state).toBe('idle'));
  });
});

describe('a post that viewers reported', () => {
  const reports = { count: 2, first_ms: 1, last_ms: 2, reasons: [] } as never;
  const reported = [11, 12, 13].map((n) => item(n, { state: 'published', reports, at_ms: n }));
  beforeEach(async () => {
    listeners.backstage?.({ ...view(), reported }, []);
    desk.filter.value = { state: 'published', kind: 'all', reported: true };
    await nextTick();
  });

  it('is kept once, however often one presses, and the reader who moved on stays where he is', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const post = vi.spyOn(api, 'post').mockImplementation((path) => (path.endsWith('/keep') ? new Promise((resolve) => (answer = resolve as never)) : Promise.resolve({})));
    desk.goTo('question/q11');
    const first = desk.keep(['question/q11']);
    expect(await desk.keep(['question/q11'])).toBe(false);
    desk.goTo('question/q13');
    answer({});
    expect(await first).toBe(true);
    expect(desk.current.value).toBe('question/q13');
    expect(post.mock.calls.filter(([path]) => path.endsWith('/keep'))).toHaveLength(1);
    expect(desk.own.value[0]).toMatchObject({ verdict: 'keep', state: 'open' });
  });

  it('that could not be kept is kept by trying again', async () => {
    const post = vi.spyOn(api, 'post').mockRejectedValue(new ApiError('unavailable', 503));
    expect(await desk.keep(['question/q12'])).toBe(false);
    expect(desk.notice.value).toMatchObject({ kind: 'refused', verdict: 'keep', taken: ['question/q12'] });
    post.mockResolvedValue({});
    expect(await desk.notice.value?.retry?.()).toBe(true);
    expect(desk.notice.value).toBeNull();
  });

  it('is counted beyond those of the view', async () => {
    line.view!.value = { ...view(), reported };
    vi.spyOn(api, 'get').mockResolvedValue({ ...page, reported: 640 });
    await desk.reload();
    expect(desk.reported.value).toBe(640);
    line.view!.value = { ...view(), reported: reported.slice(1) };
    expect(desk.reported.value).toBe(639);
  });
});

describe('undoing', () => {
  it('a second press while one is being undone takes back nothing else', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const older = vi.fn(() => Promise.resolve());
    desk.offerUndo('policy', [], older);
    desk.offerUndo('sanction', [], () => new Promise((resolve) => (answer = resolve)));
    const first = desk.undo();
    await desk.undo();
    expect(older).not.toHaveBeenCalled();
    answer(undefined);
    await first;
    expect(desk.own.value.map((one) => one.verdict)).toEqual(['policy']);
  });

  it('that failed can be tried again, and what it would no longer help with cannot', async () => {
    const back = vi.fn().mockRejectedValueOnce(new ApiError('unavailable', 503)).mockRejectedValueOnce(new ApiError('conflict', 409));
    desk.offerUndo('policy', [], back);
    await desk.undo();
    await desk.notice.value?.retry?.();
    expect(back).toHaveBeenCalledTimes(2);
    expect(desk.notice.value).toMatchObject({ kind: 'refused', verdict: 'policy', retry: undefined });
  });
});

it('a new item joins at the end, so that nothing above it moves', () => {
  hear({ type: 'item_queued', item: item(9) } as never);
  expect(desk.list.value[3]).toBe('question/q9');
  expect(desk.current.value).toBe('question/q1');
});

it('a search finds text, author and number, whatever the width of the letters', () => {
  const one = item(31, { body: '水表ＡＢ坏了' });
  for (const query of ['ab', '晨光', '#31', ' ']) expect(matches(one, query)).toBe(true);
  expect(matches(one, '#3')).toBe(false);
});
