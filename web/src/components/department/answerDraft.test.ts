import { describe, expect, it } from 'vitest';
import { dateOf, draftLacks, emptyDraft, LENGTHS, readerLength, toRequest, type AnswerDraft } from './answerDraft';

const TODAY = '2026-11-21';
const draft = (own: Partial<AnswerDraft>): AnswerDraft => ({ ...emptyDraft(), body: '已列入计划。', ...own });
const lacks = (own: Partial<AnswerDraft>): string[] => draftLacks(draft(own), 'water', TODAY).map(({ field, why }) => `${field} ${why}`);

describe('a written answer', () => {
  it('needs a text, and spaces are none', () => {
    expect(lacks({ body: ' \n' })).toEqual(['body missing']);
    expect(lacks({})).toEqual([]);
  });

  it('that commits needs an owner and a date, and says both at once', () => {
    expect(lacks({ answer_type: 'commitment' })).toEqual(['owner missing', 'due_date missing']);
    expect(lacks({ answer_type: 'commitment', owner: '王工', due_date: '2027-01-31' })).toEqual([]);
  });

  it.each([
    ['2027-02-30', 'not_a_date'],
    ['2027-1-3', 'not_a_date'],
    ['soon', 'not_a_date'],
    ['2101-01-01', 'not_a_date'],
    ['2026-11-20', 'in_the_past'],
  ])('may not commit until %s: %s', (due_date, why) => {
    expect(lacks({ answer_type: 'commitment', owner: '王工', due_date })).toEqual([`due_date ${why}`]);
  });

  it('may commit until today', () => {
    expect(lacks({ answer_type: 'commitment', owner: '王工', due_date: TODAY })).toEqual([]);
  });

  it('that refuses needs its basis', () => {
    expect(lacks({ answer_type: 'refusal' })).toEqual(['basis missing']);
  });

  it('that transfers needs another department', () => {
    expect(lacks({ answer_type: 'transfer' })).toEqual(['transfer_to missing']);
    expect(lacks({ answer_type: 'transfer', transfer_to: 'water' })).toEqual(['transfer_to same_department']);
    expect(lacks({ answer_type: 'transfer', transfer_to: 'gas' })).toEqual([]);
  });

  it('has a length a reader counts: a family is one character', () => {
    expect(readerLength('👨‍👩‍👧水')).toBe(2);
    expect(lacks({ body: '水'.repeat(LENGTHS.body) })).toEqual([]);
    expect(lacks({ body: '水'.repeat(LENGTHS.body + 1) })).toEqual(['body too_long']);
  });

  it('sends only what belongs to its type', () => {
    const typed = draft({ answer_type: 'refusal', owner: '王工', due_date: '2027-01-31', basis: ' 条例第九条 ', transfer_to: 'gas' });
    expect(toRequest(typed, 'water')).toEqual({
      department_id: 'water',
      answer_type: 'refusal',
      body: '已列入计划。',
      speaker: '',
      owner: '',
      due_date: '',
      basis: '条例第九条',
      transfer_to: null,
    });
  });
});

it('a date is that of the reader, not of Greenwich', () => {
  expect(dateOf(Date.parse('2026-11-20T17:30:00Z'))).toBe('2026-11-21');
});
