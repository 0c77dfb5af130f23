/** What the host may choose from: questions nobody has answered and nobody has chosen yet. */
import type { QuestionFace } from '@/wire/types';

/**
 * `support`: most supported first. `newest`: newest first. `unheard`: highest rate of support first, so that a question
 * asked ten minutes ago has the chance of one asked two days ago.
 */
export type PickOrder = 'support' | 'unheard' | 'newest';
export const PICK_ORDERS: readonly PickOrder[] = ['support', 'unheard', 'newest'];

export interface PickOptions {
  order: PickOrder;
  /** Words, all of which must occur in text, topic, place, name or department; `#12` or `12` finds a number. */
  query: string;
  /** On stage or on the list already. */
  taken: ReadonlySet<string>;
  /** Name of a department, for the search. */
  departmentName: (id: string) => string;
  now_ms: number;
  /** Places of the server's rule for "not yet heard" (`docs/fairness.md`); without them the rate is reckoned here. */
  unheard?: ReadonlyMap<string, number>;
}

/** Below this age a rate is luck: the first two supports in ten seconds prove nothing. */
const AGE_MIN_MINUTES = 10;

/** Supports per minute since it was asked, where the first ten minutes count as ten. */
export function supportRate(question: Pick<QuestionFace, 'supports' | 'at_ms'>, now_ms: number): number {
  return question.supports / Math.max(AGE_MIN_MINUTES, (now_ms - question.at_ms) / 60_000);
}

export function pickQuestions(questions: Iterable<QuestionFace>, options: PickOptions): QuestionFace[] {
  const words = options.query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (question: QuestionFace): boolean => words.every((word) => holds(question, word, options.departmentName));
  // What the server has not ranked yet comes after what it has.
  const place = (question: QuestionFace): number => options.unheard?.get(question.id) ?? Number.MAX_SAFE_INTEGER;
  const orders: Record<PickOrder, (a: QuestionFace, b: QuestionFace) => number> = {
    support: (a, b) => b.supports - a.supports || a.number - b.number,
    unheard: (a, b) => place(a) - place(b) || supportRate(b, options.now_ms) - supportRate(a, options.now_ms) || b.number - a.number,
    newest: (a, b) => b.at_ms - a.at_ms || b.number - a.number,
  };
  return [...questions]
    .filter((question) => question.disposition === null && !options.taken.has(question.id) && matches(question))
    .sort(orders[options.order]);
}

function holds(question: QuestionFace, word: string, departmentName: PickOptions['departmentName']): boolean {
  if (/^#?\d+$/.test(word)) {
    if (question.number === Number(word.replace('#', ''))) return true;
    if (word.startsWith('#')) return false;
  }
  const department = question.department_id === null ? '' : departmentName(question.department_id);
  return [question.body, question.topic, question.place, question.name, department].some((text) => text.toLowerCase().includes(word));
}
