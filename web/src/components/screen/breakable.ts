/**
 * Chinese text that breaks between words: without it a wall shows half a word at the end of each of its few lines.
 * Needs `word-break: keep-all`. Browsers that cannot tell words get the text as it is and break anywhere.
 */
const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter('zh', { granularity: 'word' }) : null;

/** A break is allowed here and nothing is seen. */
const ZERO_WIDTH_SPACE = '\u200b';

export function breakable(text: string): string {
  if (!segmenter) return text;
  let out = '';
  let mayBreak = false;
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    // Only between two words: a comma must not begin a line, nor a quotation mark end one. Beside those the browser knows.
    if (isWordLike && mayBreak) out += ZERO_WIDTH_SPACE;
    out += segment;
    mayBreak = isWordLike === true;
  }
  return out;
}

/** For `word-break`. */
export const WORD_BREAK = segmenter ? 'keep-all' : 'normal';
