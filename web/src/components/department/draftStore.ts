/** Keeps answers that are being written on the device, so that a reload or a dead battery costs nothing. */
import { ANSWER_TYPES, emptyDraft, type AnswerDraft } from './answerDraft';

/** Enough of `localStorage`; a test passes a plain one. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'yishiting.answer-draft';

export interface DraftPlace {
  question_id: string;
  department_id: string;
}

const keyOf = ({ question_id, department_id }: DraftPlace): string => `${KEY}.${department_id}.${question_id}`;

/** The stored draft; anything unknown in it falls back to empty, so an old page never breaks a new one. */
export function loadDraft(storage: DraftStorage, place: DraftPlace): AnswerDraft {
  const draft = emptyDraft();
  try {
    const stored = JSON.parse(storage.getItem(keyOf(place)) ?? 'null') as Partial<Record<keyof AnswerDraft, unknown>> | null;
    draft.answer_type = ANSWER_TYPES.find((type) => type === stored?.answer_type) ?? draft.answer_type;
    for (const field of ['body', 'speaker', 'owner', 'due_date', 'basis'] as const) {
      const value = stored?.[field];
      if (typeof value === 'string') draft[field] = value;
    }
    if (typeof stored?.transfer_to === 'string') draft.transfer_to = stored.transfer_to;
  } catch {
    // Refused or damaged storage: an empty form is better than none.
  }
  return draft;
}

/** Stores `draft`; one without any words is forgotten. Returns whether it is safe from a reload now. */
export function saveDraft(storage: DraftStorage, place: DraftPlace, draft: AnswerDraft): boolean {
  try {
    if (hasWords(draft)) storage.setItem(keyOf(place), JSON.stringify(draft));
    else storage.removeItem(keyOf(place));
    return true;
  } catch {
    return false;
  }
}

export function forgetDraft(storage: DraftStorage, place: DraftPlace): void {
  try {
    storage.removeItem(keyOf(place));
  } catch {
    // See loadDraft.
  }
}

/** Whether anything but the signature was typed: the name is filled in for the next question by itself. */
export function hasWords(draft: AnswerDraft): boolean {
  return [draft.body, draft.owner, draft.due_date, draft.basis].some((text) => text.trim() !== '');
}
