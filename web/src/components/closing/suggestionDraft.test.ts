import { describe, expect, it } from 'vitest';
import { questionFace } from '@/components/host/faces.fixture';
import { emptySuggestion, fromQuestions, suggestionLacks, TITLE_MAX, titleFrom, type SuggestionDraft } from './suggestionDraft';

const lacks = (own: Partial<SuggestionDraft>): string[] =>
  suggestionLacks({ ...emptySuggestion('venue'), title: '改造老旧管道', ...own }).map(({ field, why }) => `${field} ${why}`);

describe('a title', () => {
  it('is the first sentence that says something', () => {
    expect(titleFrom('您好。老旧小区燃气管道什么时候改造？谢谢。')).toBe('老旧小区燃气管道什么时候改造');
  });
  it('is cut to its limit', () => {
    const title = titleFrom('水'.repeat(300));
    expect([...title]).toHaveLength(TITLE_MAX);
  });
  it('of a text too short for one is that text', () => {
    expect(titleFrom('水价')).toBe('水价');
  });
});

describe('a suggestion from several questions', () => {
  const draft = fromQuestions([
    questionFace({ id: 'a', number: 1, supports: 3, body: '水压低怎么办？', department_id: 'water', topic: '供水' }),
    questionFace({ id: 'b', number: 2, supports: 90, body: '高层水压不足。', department_id: 'housing', topic: '供水' }),
    questionFace({ id: 'c', number: 3, supports: 5, body: '六楼没水。', department_id: 'water', topic: '' }),
  ]);

  it('has the title of the most supported, the words of all, the department of most', () => {
    expect(draft.title).toBe('高层水压不足');
    expect(draft.summary).toBe('高层水压不足。\n六楼没水。\n水压低怎么办？');
    expect(draft.department_id).toBe('water');
    expect(draft.category).toBe('供水');
    expect(draft.question_ids).toEqual(['b', 'c', 'a']);
  });

  it('may be saved as it is', () => {
    expect(suggestionLacks(draft)).toEqual([]);
  });

  it('never has a summary beyond the limit', () => {
    const many = Array.from({ length: 50 }, (_, i) => questionFace({ id: `q${i}`, body: '水'.repeat(500) }));
    expect(suggestionLacks(fromQuestions(many))).toEqual([]);
  });
});

describe('what a suggestion lacks', () => {
  it('is a title of four characters at least', () => {
    expect(lacks({ title: '' })).toEqual(['title missing']);
    expect(lacks({ title: '水价' })).toEqual(['title too_short']);
  });
  it('is its questions, if it says it has some', () => {
    expect(lacks({ source: 'question' })).toEqual(['sources missing']);
    expect(lacks({ source: 'comment', comment_ids: Array.from({ length: 201 }, (_, i) => `c${i}`) })).toEqual(['sources too_many']);
  });
  it('is a helper other than the lead', () => {
    expect(lacks({ department_id: 'water', co_department_ids: ['gas', 'water'] })).toEqual(['co_department_ids lead_helps_itself']);
  });
  it('is a whole date', () => {
    expect(lacks({ due_date: '2027' })).toEqual(['due_date not_a_date']);
  });
});
