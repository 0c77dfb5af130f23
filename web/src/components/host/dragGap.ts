/** Which gap of a vertical list a dragged entry is over. */

export interface Span {
  top: number;
  bottom: number;
}

/** The gap (from 0, before the first) nearest to `y`: an entry whose middle is passed lies before it. */
export function gapAt(y: number, entries: readonly Span[]): number {
  return entries.filter(({ top, bottom }) => y > (top + bottom) / 2).length;
}
