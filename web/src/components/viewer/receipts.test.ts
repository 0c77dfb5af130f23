import { describe, expect, it } from 'vitest';
import type { Ack, OwnPost } from '@/wire/types';
import zh from '@/locales/zh-CN/room.json';
import { newsOf, receiptOf, type Receipt } from './receipts';

const ack = (change: Partial<Ack>): Ack => ({ ref: 'abcdefgh', id: 'q1', number: 1234, state: 'held', reason: '', wait_s: null, ...change });
const post = (change: Partial<OwnPost>): OwnPost => ({
  kind: 'question', id: 'q1', ref: 'abcdefgh', number: 1234, state: 'published', reason: '', note: '', body: '', at_ms: 1, disposition: null, ...change,
});

describe('a receipt', () => {
  it('says the number and about how many minutes, never less than one', () => {
    expect(receiptOf('question', ack({ wait_s: 170 }), '')).toMatchObject({ key: 'heldFor', values: { number: 1234, n: 3 } });
    expect(receiptOf('question', ack({ wait_s: 0 }), '')?.values.n).toBe(1);
  });
  it('says no time that is not known', () => {
    expect(receiptOf('comment', ack({}), '')?.key).toBe('held');
  });
  it('says why something was not published, or where to look', () => {
    expect(receiptOf('comment', ack({ state: 'declined' }), '含有手机号')).toMatchObject({ key: 'declined', values: { reason: '含有手机号' } });
    expect(receiptOf('comment', ack({ state: 'declined' }), '')).toMatchObject({ key: 'declinedUnsaid', look: true });
  });
  it('is none for a comment that is seen at once', () => {
    expect(receiptOf('comment', ack({ state: 'published' }), '')).toBeNull();
    expect(receiptOf('question', ack({ state: 'published' }), '')?.key).toBe('published');
  });
});

describe('news', () => {
  it.each([
    [{ state: 'published' }, 'nowPublished'],
    [{ state: 'declined' }, 'declinedLater'],
    [{ state: 'retracted' }, 'retractedLater'],
  ] as const)('of %o are told', (change, key) => {
    expect(newsOf(post(change))?.key).toBe(key);
  });
  it('of what the person did, or of an answer everybody sees, are not', () => {
    expect(newsOf(post({ state: 'withdrawn' }))).toBeNull();
    expect(newsOf(post({ disposition: 'answered_live' }))).toBeNull();
  });
});

it('has words for everything it says', () => {
  const keys: Record<Receipt['key'], true> = {
    held: true, heldFor: true, declined: true, declinedUnsaid: true, published: true, nowPublished: true, declinedLater: true, retractedLater: true, withdrawn: true,
  };
  expect(Object.keys(zh.receipt).sort()).toEqual(Object.keys(keys).sort());
});
