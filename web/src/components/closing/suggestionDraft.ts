/** A suggestion while it is formed: filled from its questions, checked before it is sent. */
import { readerLength } from '@/components/department/answerDraft';
import type { CommentFace, QuestionFace, SuggestionFace, SuggestionRequest } from '@/wire/types';

export type SuggestionDraft = Required<SuggestionRequest>;

/** Limits of the server, in characters as a reader counts them. */
export const TITLE_MIN = 4;
export const TITLE_MAX = 100;
export const LENGTHS = { title: TITLE_MAX, summary: 2_000, category: 20, raised_by: 30, requirement: 500 } as const;
/** Posts one suggestion may be made from. */
export const SOURCES_MAX = 200;

export type SuggestionField = keyof typeof LENGTHS | 'due_date' | 'co_department_ids' | 'sources';
export type SuggestionLack = { field: SuggestionField; why: 'missing' | 'too_short' | 'too_long' | 'too_many' | 'not_a_date' | 'lead_helps_itself' };

export function emptySuggestion(source: SuggestionDraft['source']): SuggestionDraft {
  return {
    title: '',
    summary: '',
    category: '',
    department_id: null,
    co_department_ids: [],
    source,
    question_ids: [],
    comment_ids: [],
    raised_by: '',
    due_date: '',
    requirement: '',
  };
}

/** Ends of sentences; the Chinese ones by code point, because words of a person's language stay out of the code. */
const SENTENCE_END = /[\u3002\uff01\uff1f\uff1b!?;\n]/;

/** The first sentence of `text`, cut to a title's length; words are added by nobody. */
export function titleFrom(text: string): string {
  const first = text.split(SENTENCE_END).map((part) => part.trim()).find((part) => readerLength(part) >= TITLE_MIN) ?? text.trim();
  const characters = [...first];
  return characters.length > TITLE_MAX ? `${characters.slice(0, TITLE_MAX - 1).join('')}\u2026` : first;
}

/**
 * One suggestion from `questions`, the most supported first: its first sentence is the title, what all of them say is the
 * summary, the department most of them were meant for is the lead.
 */
export function fromQuestions(questions: readonly QuestionFace[]): SuggestionDraft {
  const ordered = [...questions].sort((a, b) => b.supports - a.supports || a.number - b.number);
  return {
    ...emptySuggestion('question'),
    title: titleFrom(ordered[0]?.body ?? ''),
    summary: cut(ordered.map((question) => question.body.trim()).join('\n'), LENGTHS.summary),
    category: mostFrequent(ordered.map((question) => question.topic)) ?? '',
    department_id: mostFrequent(ordered.map((question) => question.department_id ?? '')) ?? null,
    question_ids: ordered.map((question) => question.id),
  };
}

export function fromComments(comments: readonly CommentFace[]): SuggestionDraft {
  return {
    ...emptySuggestion('comment'),
    title: titleFrom(comments[0]?.body ?? ''),
    summary: cut(comments.map((comment) => comment.body.trim()).join('\n'), LENGTHS.summary),
    comment_ids: comments.map((comment) => comment.id),
  };
}

export function fromSuggestion(face: SuggestionFace): SuggestionDraft {
  const { title, summary, category, department_id, co_department_ids, source, question_ids, comment_ids, raised_by, due_date, requirement } = face;
  return { title, summary, category, department_id, co_department_ids, source, question_ids, comment_ids, raised_by, due_date, requirement };
}

/** What keeps `draft` from being saved, in the order of the form. A missing department is advised against, not refused. */
export function suggestionLacks(draft: SuggestionDraft): SuggestionLack[] {
  const lacks: SuggestionLack[] = [];
  const title = readerLength(draft.title.trim());
  if (title === 0) lacks.push({ field: 'title', why: 'missing' });
  else if (title < TITLE_MIN) lacks.push({ field: 'title', why: 'too_short' });
  for (const field of ['title', 'summary', 'category', 'raised_by', 'requirement'] as const) {
    if (readerLength(draft[field]) > LENGTHS[field]) lacks.push({ field, why: 'too_long' });
  }
  if (draft.department_id !== null && draft.co_department_ids.includes(draft.department_id)) {
    lacks.push({ field: 'co_department_ids', why: 'lead_helps_itself' });
  }
  if (draft.due_date !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(draft.due_date)) lacks.push({ field: 'due_date', why: 'not_a_date' });
  const sources = draft.question_ids.length + draft.comment_ids.length;
  if (draft.source !== 'venue' && sources === 0) lacks.push({ field: 'sources', why: 'missing' });
  if (sources > SOURCES_MAX) lacks.push({ field: 'sources', why: 'too_many' });
  return lacks;
}

function cut(text: string, max: number): string {
  const characters = [...text];
  return characters.length > max ? `${characters.slice(0, max - 1).join('')}\u2026` : text;
}

/** The value that occurs most, of those that are not empty; the earlier one of equals. */
function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
