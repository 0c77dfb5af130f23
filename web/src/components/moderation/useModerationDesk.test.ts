import { effectScope, type EffectScope } from 'vue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, api } from '@/live/api';
import type { BackstageView, DecisionAnswer, DecisionRequest, Item, QueueItem, QueuePage } from '@/wire/types';
import { matches, useModerationDesk, type ModerationDesk } from './useModerationDesk';

type Listener = (view: unknown, batches: unknown[]) => void;
const listeners: Record<string, Listener> = {};

vi.mock('@/live/useLive', async () => {
  const { ref, shallowRef } = await import('vue');
  return {
    useLive: (_: string, channel: string) => ({
      view: shallowRef(null),
      state: ref('live'),
      on: (name: string, listener: Listener) => {
        if (name === 'view') listeners[channel] = listener;
      },
      retryNow: () => undefined,
    }),
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
