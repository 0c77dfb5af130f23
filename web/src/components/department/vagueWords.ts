/**
 * Words that promise without promising. They are pointed out, never refused: the person at the desk decides.
 *
 * The list is `vague-words.json`; it starts from the words that public question-and-answer boards forbid in replies.
 */
import { dateUnits, notWithin, numerals, words } from './vague-words.json';

export interface VagueWord {
  word: string;
  /** First character in the text, in UTF-16 units. */
  start: number;
}

/** Ends of sentences; the Chinese ones by code point, because words of a person's language stay out of the code. */
const SENTENCES = /[^\u3002\uff01\uff1f\uff1b!?;\n]+/g;
/** `2027-03-01`, or a number before a unit of time: a sentence that says when is not vague. */
const DATE = new RegExp(`\\d{4}-\\d{1,2}|[\\d${numerals}]\\s*(?:${dateUnits.join('|')}|(?:working )?(?:day|week|month|hour)s?\\b)`, 'i');

/** Vague words of `text` in their order, each once. A sentence that names a date or a term is left alone. */
export function findVagueWords(text: string): VagueWord[] {
  const found = new Map<string, VagueWord>();
  for (const match of text.matchAll(SENTENCES)) {
    const sentence = match[0];
    if (DATE.test(sentence)) continue;
    for (const word of words) {
      const at = indexOfWord(sentence, word);
      if (at >= 0 && !found.has(word)) found.set(word, { word, start: match.index + at });
    }
  }
  return [...found.values()].sort((a, b) => a.start - b.start);
}

function indexOfWord(sentence: string, word: string): number {
  const latin = /^[a-z]/.test(word);
  const lower = sentence.toLowerCase();
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) {
    const apart = !latin || (!/[a-z]/.test(lower[at - 1] ?? ' ') && !/[a-z]/.test(lower[at + word.length] ?? ' '));
    if (apart && !withinOther(lower, word, at)) return at;
  }
  return -1;
}

/** Chinese has no spaces: the characters of a vague word may belong to two others. */
function withinOther(sentence: string, word: string, at: number): boolean {
  return notWithin.some((other) => {
    const inside = other.indexOf(word);
    return inside >= 0 && at >= inside && sentence.startsWith(other, at - inside);
  });
}
