/** Longest texts the server takes, in characters as a reader counts them (`src/domain/text.rs`, `post.rs`). */
export const COMMENT_MAX = 200;
export const QUESTION_MAX = 500;
export const PLACE_MAX = 30;
export const NAME_MAX = 20;

const segmenter = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter('zh', { granularity: 'grapheme' }) : null;

/** Characters as a reader counts them: a family emoji is one. Older browsers count its parts. */
export function countCharacters(text: string): number {
  const trimmed = text.trim();
  if (!segmenter) return Array.from(trimmed).length;
  let count = 0;
  for (const segment of segmenter.segment(trimmed)) if (segment) count += 1;
  return count;
}
