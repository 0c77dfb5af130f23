import { describe, expect, it } from 'vitest';
import type { BackstageView, Batch, CommentFace, QuestionFace, View } from '@/wire/types';
import { LIMITS, reduceBackstage, reduceBackstageAll, reduceView, reduceViewAll, withOlderComments, withQuestions, type FoldFixture, type Outcome } from './reduce';

const fixtures = Object.entries(
  import.meta.glob<FoldFixture>('../../../tests/fixtures/fold/*.json', { eager: true, import: 'default' }),
).map(([path, fixture]) => ({ file: path.split('/').pop() ?? path, fixture }));

/** Values that throw when written to: a fold that changes what it was given fails. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

function run(fixture: FoldFixture): FoldFixture['expected'] {
  const limits = { ...LIMITS, ...fixture.limits };
  let view = frozen(structuredClone(fixture.view));
  const outcomes: Outcome[] = [];
  for (const batch of fixture.batches) {
    const reduced =
      fixture.channel === 'public'
        ? reduceView(view as View, frozen(batch), limits)
        : reduceBackstage(view as BackstageView, frozen(batch), limits);
    outcomes.push(reduced.outcome);
    view = frozen(reduced.view);
  }
  return { outcomes, view };
}

describe('the fold shared with the server', () => {
  it('has its fixtures', () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(15);
  });

  it.each(fixtures)('$file', ({ fixture }) => {
    expect(run(fixture)).toEqual(fixture.expected);
  });

  it.each(fixtures)('$file, folded in one go', ({ fixture }) => {
    const limits = { ...LIMITS, ...fixture.limits };
    const view = frozen(structuredClone(fixture.view));
    const batches = frozen(structuredClone(fixture.batches));
    const folded = fixture.channel === 'public' ? reduceViewAll(view as View, batches, limits) : reduceBackstageAll(view as BackstageView, batches, limits);
    expect(folded).toEqual(fixture.expected.view);
  });
});

const base = fixtures.find(({ file }) => file.startsWith('comments_and'))?.fixture.view as View;
const question = (number: number, supports: number): QuestionFace => ({
  ...(base.questions[0] as QuestionFace),
  id: `q${String(number).padStart(15, '0')}`,
  number,
  supports,
});
const comment = (number: number): CommentFace => ({ id: `c${String(number).padStart(15, '0')}`, name: '', body: String(number), at_ms: number });

describe('limits of the page', () => {
  it('lets the least supported questions leave, of equals the oldest, and keeps the order of the rest', () => {
    const view = { ...base, questions: [question(1, 5), question(2, 0), question(3, 0)], questions_total: 3 };
    const batch: Batch = { first_seq: 11, last_seq: 11, items: [{ seq: 11, type: 'question_published', question: question(4, 0) }] };
    const { view: next } = reduceView(view, batch, { ...LIMITS, questions_max: 3 });
    expect(next.questions.map((entry) => entry.number)).toEqual([1, 3, 4]);
    expect(next.questions_total).toBe(4);
  });

  it('shares what did not change, so that a page redraws only what did', () => {
    const batch: Batch = { first_seq: 11, last_seq: 11, items: [{ seq: 11, type: 'comment_published', comment: comment(9) }] };
    const { view } = reduceView(base, batch);
    expect(view.questions).toBe(base.questions);
    expect(view.session).toBe(base.session);
    expect(view.comments).not.toBe(base.comments);
  });

  it('folds 125 comments a second into 5,000 without growing', () => {
    let view: View = { ...base, comments: [] };
    for (let seq = 11; seq < 6_011; seq += 31) {
      const items = Array.from({ length: 31 }, (_, i) => ({ seq: seq + i, type: 'comment_published' as const, comment: comment(seq + i) }));
      view = reduceView(view, { first_seq: seq, last_seq: seq + 30, items }).view;
    }
    expect(view.comments).toHaveLength(5_000);
    expect(view.comments.at(-1)?.id).toBe(comment(view.seq).id);
  });

  it('adds older comments before the known ones and each once', () => {
    const view = { ...base, comments: [comment(5), comment(6)] };
    expect(withOlderComments(view, [comment(5), comment(4), comment(3)]).comments.map((entry) => entry.at_ms)).toEqual([3, 4, 5, 6]);
    expect(withOlderComments(view, [comment(6)])).toBe(view);
  });

  it('adds questions of the list without counting them again', () => {
    const view = { ...base, questions: [question(1, 5)], questions_total: 700 };
    const next = withQuestions(view, [question(1, 4), question(2, 1)]);
    expect(next.questions.map((entry) => [entry.number, entry.supports])).toEqual([[1, 5], [2, 1]]);
    expect(next.questions_total).toBe(700);
  });
});

describe('hundreds of batches at once', () => {
  const limits = { ...LIMITS, comments_max: 7, questions_max: 5 };
  /** A pseudo-random number below `n`: the same row every time. */
  let state = 1;
  const below = (n: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
  function randomBatch(first_seq: number): Batch {
    const items = Array.from({ length: 1 + below(4) }, (_, at): Batch['items'][number] => {
      const seq = first_seq + at;
      switch (below(5)) {
        case 0:
          return { seq, type: 'question_published', question: question(1 + below(12), below(9)) };
        case 1:
          return { seq, type: 'post_removed', kind: 'question', id: question(1 + below(12), 0).id };
        case 2:
          return { seq, type: 'post_removed', kind: 'comment', id: comment(Math.max(1, seq - below(9))).id };
        default:
          return { seq, type: 'comment_published', comment: comment(seq) };
      }
    });
    const tallies = Array.from({ length: below(3) }, (): [string, number] => [question(1 + below(12), 0).id, below(50)]);
    return { first_seq, last_seq: first_seq + items.length - 1, items, tallies };
  }

  it('give what they give one after the other, pruning included', () => {
    for (let round = 0; round < 50; round += 1) {
      const batches: Batch[] = [];
      for (let seq = base.seq + 1; batches.length < 40; seq = (batches.at(-1)?.last_seq ?? seq) + 1) batches.push(frozen(randomBatch(seq)));
      const start = frozen(structuredClone(base));
      const oneByOne = batches.reduce((view, batch) => reduceView(view, batch, limits).view, start);
      expect(reduceViewAll(start, batches, limits)).toEqual(oneByOne);
    }
  });

  it('are cheap in copies: the view of before is the view of after when nothing follows', () => {
    const start = frozen(structuredClone(base));
    expect(reduceViewAll(start, [])).toBe(start);
    expect(reduceViewAll(start, [randomBatch(base.seq + 2)])).toBe(start);
  });
});
