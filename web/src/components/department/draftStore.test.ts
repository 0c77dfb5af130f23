import { beforeEach, describe, expect, it } from 'vitest';
import { emptyDraft } from './answerDraft';
import { forgetDraft, loadDraft, saveDraft, type DraftStorage } from './draftStore';

const place = { question_id: 'q1', department_id: 'water' };
let kept: Map<string, string>;
let storage: DraftStorage;

beforeEach(() => {
  kept = new Map();
  storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
});

describe('a draft', () => {
  it('comes back as it was, for its question and department only', () => {
    const draft = { ...emptyDraft(), answer_type: 'commitment' as const, body: '三月底前换完', owner: '王工', due_date: '2027-03-31' };
    expect(saveDraft(storage, place, draft)).toBe(true);
    expect(loadDraft(storage, place)).toEqual(draft);
    expect(loadDraft(storage, { ...place, department_id: 'gas' })).toEqual(emptyDraft());
    expect(loadDraft(storage, { ...place, question_id: 'q2' })).toEqual(emptyDraft());
  });

  it('without words leaves nothing behind', () => {
    saveDraft(storage, place, { ...emptyDraft(), body: '字' });
    saveDraft(storage, place, { ...emptyDraft(), speaker: '李主任' });
    expect(kept.size).toBe(0);
  });

  it('is gone once published', () => {
    saveDraft(storage, place, { ...emptyDraft(), body: '字' });
    forgetDraft(storage, place);
    expect(loadDraft(storage, place)).toEqual(emptyDraft());
  });

  it.each(['not json', 'null', '[]', '{"body":5,"answer_type":"poem","transfer_to":7}'])('damaged as %s is an empty form', (stored) => {
    saveDraft(storage, place, { ...emptyDraft(), body: '字' });
    for (const key of kept.keys()) kept.set(key, stored);
    expect(loadDraft(storage, place)).toEqual(emptyDraft());
  });

  it('that the device will not keep is said, not thrown', () => {
    const full: DraftStorage = {
      ...storage,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(saveDraft(full, place, { ...emptyDraft(), body: '字' })).toBe(false);
  });
});
