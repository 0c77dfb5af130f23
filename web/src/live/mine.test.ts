import { describe, expect, it } from 'vitest';
import type { OwnPost } from '@/wire/types';
import { ownOfAck, pressOf, shownSupport, withOwn } from './mine';

const post = (id: string, change: Partial<OwnPost> = {}): OwnPost => ({
  kind: 'question',
  id,
  ref: `ref-${id}`,
  number: 1,
  state: 'held',
  reason: '',
  note: '',
  body: '',
  at_ms: 1,
  disposition: null,
  ...change,
});

describe('own posts', () => {
  it('are shown once each, with the later word, newest first', () => {
    const posts = withOwn([post('a'), post('b', { at_ms: 2 })], [post('a', { state: 'published' }), post('c', { at_ms: 3 })]);
    expect(posts.map(({ id, state }) => [id, state])).toEqual([['c', 'held'], ['b', 'held'], ['a', 'published']]);
  });

  it('of two kinds may have the same id', () => {
    expect(withOwn([post('a')], [post('a', { kind: 'comment' })])).toHaveLength(2);
  });

  it('are known from their acknowledgement; supports and withdrawals are none', () => {
    const ack = { ref: 'abcdefgh', id: 'q9', number: 1234, state: 'held' as const, reason: '', wait_s: 170 };
    const own = ownOfAck({ type: 'question', ref: 'abcdefgh', body: '水价', topic: null, department_id: null, place: null }, ack, 5);
    expect(own).toMatchObject({ kind: 'question', id: 'q9', number: 1234, state: 'held', body: '水价', at_ms: 5 });
    expect(ownOfAck({ type: 'support', ref: 'abcdefgh', question_id: 'q9', on: true }, ack, 5)).toBeNull();
  });
});

describe('a press of support', () => {
  it('shows at once', () => {
    expect(pressOf({ on: false, count: 312 })).toEqual({ on: true, expected: 313 });
    expect(shownSupport(312, false, { on: true, expected: 313 })).toEqual({ on: true, count: 313 });
  });

  it('is not counted twice when the tally is faster than the answer', () => {
    expect(shownSupport(313, false, { on: true, expected: 313 }).count).toBe(313);
    expect(shownSupport(320, false, { on: true, expected: 313 }).count).toBe(320);
  });

  it('does not go missing when the answer is faster than the tally', () => {
    expect(shownSupport(312, true, { on: true, expected: 313 }).count).toBe(313);
  });

  it('taken back never shows less than nobody', () => {
    const press = pressOf({ on: true, count: 0 });
    expect(press).toEqual({ on: false, expected: 0 });
    expect(shownSupport(5, true, pressOf({ on: true, count: 5 }))).toEqual({ on: false, count: 4 });
  });

  it('gives way to the server once it is settled', () => {
    expect(shownSupport(312, true, undefined)).toEqual({ on: true, count: 312 });
  });
});
