import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Ack, Code } from '@/wire/types';
import { fateOf, Outbox, OUTBOX_MAX, randomRef, type OutboxMessage, type OutgoingMessage } from './outbox';
import { memoryTexts, type KeptTexts } from './storage';

const comment = (body: string): OutboxMessage => ({ type: 'comment', body });
const ack = (ref: string): Ack => ({ ref, id: 'c1', number: 12, state: 'published', reason: '', wait_s: null });

/** An outbox with a line that can be cut. */
function make(texts: KeptTexts = memoryTexts()): { outbox: Outbox; sent: OutgoingMessage[]; line: { up: boolean }; texts: KeptTexts } {
  const sent: OutgoingMessage[] = [];
  const line = { up: true };
  let count = 0;
  const outbox = new Outbox({
    session_id: 's1',
    texts,
    makeRef: () => `ref-${String((count += 1)).padStart(6, '0')}`,
    send: (message) => {
      if (line.up) sent.push(message);
      return line.up;
    },
  });
  return { outbox, sent, line, texts };
}
const refuse = (outbox: Outbox, ref: string, code: Code, retry_after_ms?: number): void =>
  outbox.refused({ ref, code, params: {}, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('nothing is lost', () => {
  it('sends what was written before the line was there, in order', () => {
    const { outbox, sent } = make();
    outbox.put(comment('一'));
    outbox.put(comment('二'));
    expect(sent).toEqual([]);
    outbox.ready('p1');
    expect(sent.map((message) => message.ref)).toEqual(['ref-000001', 'ref-000002']);
  });

  it('sends again under the same ref after a lost line, until it is acknowledged', () => {
    const { outbox, sent } = make();
    outbox.ready('p1');
    const ref = outbox.put(comment('一')) ?? '';
    outbox.lost();
    outbox.ready('p1');
    expect(sent.map((message) => message.ref)).toEqual([ref, ref]);
    outbox.acked(ack(ref));
    outbox.lost();
    outbox.ready('p1');
    expect(sent).toHaveLength(2);
    expect(outbox.entries).toEqual([]);
  });

  it('survives a reload', () => {
    const first = make();
    first.outbox.ready('p1');
    first.outbox.put(comment('写在隧道里'));
    first.outbox.stop();
    const second = make(first.texts);
    second.outbox.ready('p1');
    expect(second.sent).toEqual(first.sent);
  });

  it('leaves nothing behind for the next reload once it is acknowledged', () => {
    const { outbox, texts } = make();
    outbox.ready('p1');
    outbox.acked(ack(outbox.put(comment('一')) ?? ''));
    expect(texts.keys()).toEqual([]);
  });

  it('asks again when an answer does not come over an open line', () => {
    const { outbox, sent } = make();
    outbox.ready('p1');
    outbox.put(comment('一'));
    vi.advanceTimersByTime(9_000);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(2_000);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.ref).toBe(sent[0]?.ref);
  });

  it('refuses the fifty-first instead of dropping one silently', () => {
    const { outbox } = make();
    for (let i = 0; i < OUTBOX_MAX; i += 1) expect(outbox.put(comment(String(i)))).not.toBeNull();
    expect(outbox.put(comment('51'))).toBeNull();
    expect(outbox.entries).toHaveLength(OUTBOX_MAX);
  });

  it('does not poll a line that hears nobody', () => {
    const { outbox, sent, line } = make();
    line.up = false;
    outbox.ready('p1');
    outbox.put(comment('一'));
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    line.up = true;
    outbox.ready('p1');
    expect(sent).toHaveLength(1);
  });

  it('passes over what is stored in a form it does not know', () => {
    const texts = memoryTexts();
    texts.set('yishiting.outbox.s1.broken', '{');
    texts.set('yishiting.outbox.s1.empty', '{}');
    texts.set('yishiting.outbox.s2.other', JSON.stringify({ message: { type: 'comment', ref: 'abcdefgh', body: '别处' }, at_ms: 1 }));
    expect(make(texts).outbox.entries).toEqual([]);
  });
});

describe('refusals', () => {
  it('are tried again by themselves when time helps, not before', () => {
    const { outbox, sent } = make();
    outbox.ready('p1');
    const ref = outbox.put(comment('一')) ?? '';
    refuse(outbox, ref, 'rate_limited', 4_000);
    vi.advanceTimersByTime(3_900);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(sent).toHaveLength(2);
  });

  it('keep the text when they are for good, and do not send it again', () => {
    const { outbox, sent } = make();
    const refused: string[] = [];
    outbox.on('refused', (entry) => refused.push(entry.failure?.code ?? ''));
    outbox.ready('p1');
    const ref = outbox.put(comment('很长')) ?? '';
    refuse(outbox, ref, 'too_long');
    outbox.lost();
    outbox.ready('p1');
    expect(sent).toHaveLength(1);
    expect(refused).toEqual(['too_long']);
    expect(outbox.entries.map((entry) => [entry.state, entry.message.type === 'comment' && entry.message.body])).toEqual([['refused', '很长']]);
    outbox.discard(ref);
    expect(outbox.entries).toEqual([]);
  });

  it('wait for a person when the server wants to know who writes', () => {
    const { outbox, sent } = make();
    outbox.ready('p1');
    const ref = outbox.put(comment('一')) ?? '';
    refuse(outbox, ref, 'tier_too_low');
    expect(outbox.entries[0]?.state).toBe('needs_identity');
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);
    outbox.ready('p1');
    expect(sent.map((message) => message.ref)).toEqual([ref, ref]);
  });

  it('of messages nobody waits for change nothing', () => {
    const { outbox } = make();
    outbox.ready('p1');
    outbox.put(comment('一'));
    refuse(outbox, 'somebody-elses', 'too_long');
    outbox.acked(ack('somebody-elses'));
    expect(outbox.entries.map((entry) => entry.state)).toEqual(['sent']);
  });

  it('have a fate for every code', () => {
    const fates: Partial<Record<Code, string>> = { rate_limited: 'again', unavailable: 'again', wrong_version: 'again', unauthenticated: 'identity', expired: 'identity', tier_too_low: 'identity' };
    const codes: Code[] = ['malformed', 'empty', 'too_long', 'too_large', 'not_found', 'forbidden', 'muted', 'banned', 'wrong_state', 'conflict'];
    for (const code of codes) expect(fateOf(code)).toBe('refused');
    for (const [code, fate] of Object.entries(fates)) expect(fateOf(code as Code)).toBe(fate);
  });
});

describe('persons', () => {
  it('do not send what another wrote on the same device', () => {
    const { outbox, sent, line } = make();
    outbox.ready('p1');
    line.up = false;
    outbox.put(comment('甲写的'));
    line.up = true;
    outbox.ready('p2');
    expect(sent).toEqual([]);
    expect(outbox.entries[0]?.failure?.code).toBe('other_person');
  });

  it('who sign in later send what they wrote before', () => {
    const { outbox, sent } = make();
    outbox.put(comment('先写'));
    outbox.ready('p1');
    expect(sent).toHaveLength(1);
    outbox.lost();
    outbox.ready('p1');
    expect(sent).toHaveLength(2);
  });
});

describe('supports', () => {
  const support = (on: boolean): OutboxMessage => ({ type: 'support', question_id: 'q1', on });

  it('that were taken back before they left leave as the last word alone', () => {
    const { outbox, sent } = make();
    outbox.put(support(true));
    outbox.put(support(false));
    outbox.put(support(true));
    outbox.ready('p1');
    expect(sent.map((message) => message.type === 'support' && message.on)).toEqual([true]);
  });

  it('that are on their way keep their order', () => {
    const { outbox, sent } = make();
    outbox.ready('p1');
    outbox.put(support(true));
    outbox.put(support(false));
    outbox.lost();
    outbox.ready('p1');
    expect(sent.slice(2).map((message) => message.type === 'support' && message.on)).toEqual([true, false]);
  });
});

describe('two tabs', () => {
  it('do not send what the other one has had acknowledged', () => {
    const texts = memoryTexts();
    const a = make(texts);
    const ref = a.outbox.put(comment('一')) ?? '';
    const b = make(texts);
    expect(b.outbox.entries).toHaveLength(1);
    b.outbox.forget(`yishiting.outbox.s1.${ref}`);
    b.outbox.forget('yishiting.preferences');
    b.outbox.ready('p1');
    expect(b.sent).toEqual([]);
  });
});

it('a ref fits the server and none is like another', () => {
  const refs = Array.from({ length: 200 }, randomRef);
  for (const ref of refs) expect(ref).toMatch(/^[A-Za-z0-9_-]{8,40}$/);
  expect(new Set(refs).size).toBe(200);
});
