/** A written answer while it is written: what it still owes the person who asked, and what is sent. */
import type { AnswerRequest, AnswerType } from '@/wire/types';

export interface AnswerDraft {
  answer_type: AnswerType;
  body: string;
  speaker: string;
  /** Commitment: who keeps it. */
  owner: string;
  /** Commitment: until when, `YYYY-MM-DD`. */
  due_date: string;
  /** Refusal: the rule or fact it rests on. */
  basis: string;
  /** Transfer: the department it goes to. */
  transfer_to: string | null;
}

export const ANSWER_TYPES: readonly AnswerType[] = ['explanation', 'commitment', 'refusal', 'transfer'];

/** Limits of the server, in characters as a reader counts them. */
export const LENGTHS = { body: 5_000, speaker: 30, owner: 40, basis: 500 } as const;

export type DraftField = 'body' | 'speaker' | 'owner' | 'due_date' | 'basis' | 'transfer_to';
export type DraftLack = { field: DraftField; why: 'missing' | 'too_long' | 'not_a_date' | 'in_the_past' | 'same_department' };

export const emptyDraft = (): AnswerDraft => ({
  answer_type: 'explanation',
  body: '',
  speaker: '',
  owner: '',
  due_date: '',
  basis: '',
  transfer_to: null,
});

const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter('zh', { granularity: 'grapheme' }) : null;

/** Characters as a reader counts them: a family emoji is one. Browsers without a segmenter count code points. */
export function readerLength(text: string): number {
  return segmenter ? [...segmenter.segment(text)].length : [...text].length;
}

/**
 * What keeps `draft` from being published, in the order of the form; empty when it may be.
 *
 * `today` is `YYYY-MM-DD`: a commitment until yesterday is a slip of the finger.
 */
export function draftLacks(draft: AnswerDraft, department_id: string, today: string): DraftLack[] {
  const lacks: DraftLack[] = [];
  const text = (field: 'body' | 'speaker' | 'owner' | 'basis', needed: boolean): void => {
    if (needed && draft[field].trim() === '') lacks.push({ field, why: 'missing' });
    else if (readerLength(draft[field]) > LENGTHS[field]) lacks.push({ field, why: 'too_long' });
  };
  text('body', true);
  if (draft.answer_type === 'commitment') {
    text('owner', true);
    const why = dateLack(draft.due_date, today);
    if (why) lacks.push({ field: 'due_date', why });
  }
  if (draft.answer_type === 'refusal') text('basis', true);
  if (draft.answer_type === 'transfer') {
    if (draft.transfer_to === null) lacks.push({ field: 'transfer_to', why: 'missing' });
    else if (draft.transfer_to === department_id) lacks.push({ field: 'transfer_to', why: 'same_department' });
  }
  text('speaker', false);
  return lacks;
}

function dateLack(date: string, today: string): DraftLack['why'] | null {
  if (date === '') return 'missing';
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const parsed = new Date(Date.UTC(year, month - 1, day));
  const real = /^\d{4}-\d{2}-\d{2}$/.test(date) && parsed.getUTCMonth() === month - 1 && parsed.getUTCDate() === day;
  if (!real || year > 2100) return 'not_a_date';
  return date < today ? 'in_the_past' : null;
}

/** What is sent: fields of another type, typed before changing one's mind, stay behind. */
export function toRequest(draft: AnswerDraft, department_id: string): AnswerRequest {
  const { answer_type } = draft;
  const only = (type: AnswerType, value: string): string => (answer_type === type ? value.trim() : '');
  return {
    department_id,
    answer_type,
    body: draft.body.trim(),
    speaker: draft.speaker.trim(),
    owner: only('commitment', draft.owner),
    due_date: only('commitment', draft.due_date),
    basis: only('refusal', draft.basis),
    transfer_to: answer_type === 'transfer' ? draft.transfer_to : null,
  };
}

/** `YYYY-MM-DD` of a moment in the reader's zone. */
export function dateOf(at_ms: number): string {
  const date = new Date(at_ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
