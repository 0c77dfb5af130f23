import { describe, expect, it } from 'vitest';
import type { BackstageView, DecisionFace, QueueItem } from '@/wire/types';
import {
  EMPTY_DESK,
  afterLeaving,
  asSeen,
  begin,
  extended,
  hear,
  keyOf,
  keysNamed,
  learn,
  listOf,
  rollBack,
  sameText,
  settle,
  shownState,
  splitByFit,
  stepFrom,
  takeView,
  targetOf,
  toggled,
  verdictsFor,
  type Desk,
  type ItemKey,
} from './queue';

function item(id: string, more: Partial<QueueItem> = {}): QueueItem {
  const number = Number(id.replace(/\D/g, '')) || 1;
  return {
    kind: 'comment',
    id,
    number,
    state: 'held',
    revision: 1,
    author: { id: `p${id}`, name: '路人', tier: 'guest' },
    body: `text ${id}`,
    topic: '',
    place: '',
    department_id: null,
    at_ms: number * 1000,
    findings: [],
    reason: '',
    note: '',
    ...more,
  };
}

function decision(id: string, items: QueueItem[], more: Partial<DecisionFace> = {}): DecisionFace {
  return {
    id,
    verdict: 'approve',
    items: items.map(({ kind, id, revision }) => ({ kind, id, state: 'published', revision: revision + 1 })),
    reason: '',
    by_name: '王芳',
    at_ms: 10_000,
    undo_until_ms: 20_000,
    undone: false,
    ...more,
  };
}

function view(held: QueueItem[], more: Partial<BackstageView> = {}): BackstageView {
  return { version: 1, seq: 1, server_ms: 0, held, held_total: held.length, next_up: [], decisions: [], ...more };
}

const HELD = { state: 'held', kind: 'all' } as const;
const PUBLISHED = { state: 'published', kind: 'all' } as const;
const deskOf = (...items: QueueItem[]): Desk => learn(EMPTY_DESK, items);
const c = (id: string): ItemKey => `comment/${id}`;

describe('order', () => {
  it('puts what waits longest first, and what was decided last first', () => {
    const desk = deskOf(item('3'), item('1'), item('2'), item('8', { state: 'declined' }), item('9', { state: 'declined' }));
    expect(listOf(desk, HELD)).toEqual([c('1'), c('2'), c('3')]);
    expect(listOf(desk, { state: 'declined', kind: 'all' })).toEqual([c('9'), c('8')]);
  });

  it('shows only the kind asked for', () => {
    const desk = deskOf(item('1'), item('2', { kind: 'question' }));
    expect(listOf(desk, { state: 'held', kind: 'question' })).toEqual(['question/2']);
  });

  it('keeps what a colleague decided in its place while it lingers', () => {
    const items = [item('1'), item('2'), item('3')];
    const desk = hear(deskOf(...items), decision('d', [items[1]!]));
    expect(listOf(desk, HELD)).toEqual([c('1'), c('3')]);
    expect(listOf(desk, HELD, new Set([c('2')]))).toEqual([c('1'), c('2'), c('3')]);
  });
});

describe('what the server says', () => {
  it('is not overwritten by something older', () => {
    const desk = deskOf(item('1', { revision: 3, state: 'published' }));
    expect(learn(desk, [item('1', { revision: 2 })])).toBe(desk);
    expect(hear(desk, decision('d', [item('1', { revision: 1 })])).items.get(c('1'))?.revision).toBe(3);
  });

  it('removes from a complete view what is silently held no longer, and nothing from a partial one', () => {
    const desk = deskOf(item('1'), item('2'));
    expect([...takeView(desk, view([item('2')])).items.keys()]).toEqual([c('2')]);
    expect([...takeView(desk, view([item('2')], { held_total: 700 })).items.keys()]).toEqual([c('1'), c('2')]);
  });

  it('settles the reports a view does not have any more, unless it is full', () => {
    const reports = { count: 1, first_ms: 1, last_ms: 1, reasons: [] } as never;
    const reported = (id: string): QueueItem => item(id, { state: 'published', reports });
    const desk = deskOf(reported('1'), reported('2'));
    const left = (known: QueueItem[]): string[] => listOf(takeView(desk, view([], { reported: known })), { ...PUBLISHED, reported: true });
    expect(left([reported('2')])).toEqual([c('2')]);
    expect(left(Array.from({ length: 500 }, (_, i) => reported(String(i + 2))))).toContain(c('1'));
  });

  it('brings back an undone item with its old state', () => {
    const one = item('1');
    const decided = hear(deskOf(one), decision('d', [one]));
    const undone = decision('d', [], { undone: true, items: [{ kind: 'comment', id: '1', state: 'held', revision: 3 }] });
    const desk = hear(decided, undone);
    expect(shownState(desk, c('1'))).toBe('held');
    expect(desk.decided.get(c('1'))?.undone).toBe(true);
  });
});

describe('an act not yet answered', () => {
  it('is shown at once', () => {
    const desk = begin(deskOf(item('1'), item('2')), { ticket: 1, verdict: 'approve', keys: [c('1')] });
    expect(listOf(desk, HELD)).toEqual([c('2')]);
    expect(listOf(desk, PUBLISHED)).toEqual([c('1')]);
  });

  it('rolled back leaves everything as it was', () => {
    const before = deskOf(item('1'), item('2'));
    const after = rollBack(begin(before, { ticket: 1, verdict: 'decline', keys: [c('1')] }), 1);
    expect(after).toEqual(before);
  });

  it('rolled back leaves other acts alone', () => {
    let desk = deskOf(item('1'), item('2'));
    desk = begin(desk, { ticket: 1, verdict: 'approve', keys: [c('1')] });
    desk = begin(desk, { ticket: 2, verdict: 'decline', keys: [c('2')] });
    expect(listOf(rollBack(desk, 1), HELD)).toEqual([c('1')]);
  });

  it('settles into the server\'s word, whichever of answer and live message comes first', () => {
    const one = item('1');
    const done = decision('d', [one]);
    const sent = begin(deskOf(one), { ticket: 1, verdict: 'approve', keys: [c('1')] });
    const answerFirst = hear(settle(sent, 1, done), done);
    const messageFirst = settle(hear(sent, done), 1, done);
    for (const desk of [answerFirst, messageFirst]) {
      expect(desk.acts).toEqual([]);
      expect(desk.items.get(c('1'))).toMatchObject({ state: 'published', revision: 2 });
    }
  });

  it('survives a view that no longer holds the item', () => {
    const desk = begin(deskOf(item('1')), { ticket: 1, verdict: 'approve', keys: [c('1')] });
    expect(takeView(desk, view([])).items.has(c('1'))).toBe(true);
  });

  it('refused because a colleague was faster shows what the colleague did', () => {
    const one = item('1');
    let desk = begin(deskOf(one), { ticket: 1, verdict: 'approve', keys: [c('1')] });
    const theirs = decision('d', [], {
      verdict: 'decline',
      reason: 'contact',
      items: [{ kind: 'comment', id: '1', state: 'declined', revision: 2 }],
    });
    desk = rollBack(hear(desk, theirs), 1);
    expect(shownState(desk, c('1'))).toBe('declined');
    expect(desk.decided.get(c('1'))?.by_name).toBe('王芳');
  });
});

describe('moving', () => {
  const list = [c('1'), c('2'), c('3')];

  it('goes to the next one down when the current one leaves, at the end to the one above', () => {
    expect(afterLeaving(list, c('2'), new Set([c('2')]))).toBe(c('3'));
    expect(afterLeaving(list, c('3'), new Set([c('3')]))).toBe(c('2'));
    expect(afterLeaving(list, c('2'), new Set([c('2'), c('3')]))).toBe(c('1'));
    expect(afterLeaving([c('1')], c('1'), new Set([c('1')]))).toBeUndefined();
  });

  it('stays on an item that does not leave', () => {
    expect(afterLeaving(list, c('2'), new Set([c('1'), c('3')]))).toBe(c('2'));
  });

  it('stops at both ends and begins at the first', () => {
    expect(stepFrom(list, c('1'), -1)).toBe(c('1'));
    expect(stepFrom(list, c('3'), 1)).toBe(c('3'));
    expect(stepFrom(list, undefined, 1)).toBe(c('1'));
    expect(stepFrom([], c('1'), 1)).toBeUndefined();
  });
});

describe('selection', () => {
  const list = [c('1'), c('2'), c('3'), c('4')];

  it('takes and gives back one', () => {
    expect([...toggled(toggled(new Set(), c('1')), c('2'))]).toEqual([c('1'), c('2')]);
    expect([...toggled(new Set([c('1')]), c('1'))]).toEqual([]);
  });

  it('extends over a range in either direction', () => {
    expect([...extended(new Set(), list, c('4'), c('2'))].sort()).toEqual([c('2'), c('3'), c('4')]);
    expect([...extended(new Set([c('1')]), list, c('3'), c('9'))]).toEqual([c('1')]);
  });

  it('names to the server only what the verdict fits, as it was seen', () => {
    const desk = deskOf(item('1', { revision: 4 }), item('2', { state: 'withdrawn' }), item('3', { state: 'published' }));
    const { fits, leaves } = splitByFit(desk, [c('1'), c('2'), c('3')], 'approve');
    expect(asSeen(desk, fits)).toEqual([{ kind: 'comment', id: '1', revision: 4, lease: null }]);
    expect(asSeen(desk, fits, () => 'lease')).toMatchObject([{ lease: 'lease' }]);
    expect(leaves).toEqual([c('2'), c('3')]);
  });

  it('never covers more than one decision may', () => {
    const many = Array.from({ length: 620 }, (_, i) => item(String(i + 1)));
    const { fits, leaves } = splitByFit(deskOf(...many), many.map(keyOf), 'approve');
    expect([fits.length, leaves.length]).toEqual([500, 120]);
  });

  it('finds the same words in another dress', () => {
    const desk = deskOf(item('1', { body: '水费涨了吗？' }), item('2', { body: '水费 涨了吗！！' }), item('3', { body: '电费涨了吗' }), item('4', { body: '？？' }));
    expect(sameText(desk, list, c('1'))).toEqual([c('2')]);
    expect(sameText(desk, list, c('4'))).toEqual([]);
  });
});

describe('verdicts', () => {
  it('fit the state as on the server', () => {
    expect(verdictsFor('held')).toEqual(['approve', 'decline']);
    expect(verdictsFor('published')).toEqual(['retract']);
    expect(verdictsFor('declined')).toEqual(['restore']);
    expect(verdictsFor('retracted')).toEqual(['restore']);
    expect(verdictsFor('withdrawn')).toEqual([]);
    expect(targetOf('approve', 'published')).toBeUndefined();
  });
});

describe('a conflict', () => {
  const keys = [c('a1'), c('b2'), 'question/c3'] as ItemKey[];

  it('names its items by id, with or without the kind', () => {
    expect(keysNamed('b2', keys)).toEqual([c('b2')]);
    expect(keysNamed('comment/a1, question:c3', keys)).toEqual([c('a1'), 'question/c3']);
  });

  it('that names nothing we know concerns all', () => {
    expect(keysNamed(undefined, keys)).toEqual(keys);
    expect(keysNamed('zz', keys)).toEqual(keys);
  });
});
