/**
 * Which comment flies in which lane over the picture, and which does not fly at all. No clock and no screen: times and
 * widths come in. What does not fit is left out; every comment is in the list.
 */

export interface DanmakuOptions {
  lanes: number;
  /** Width of the picture. */
  width_px: number;
  /** Time from the right edge to gone; the same for all, so long ones are faster. */
  duration_ms: number;
  /** Least room between two in a lane. @default 24 */
  gap_px?: number;
}

interface Flight {
  at_ms: number;
  width_px: number;
}

export class DanmakuLanes {
  private readonly options: Required<DanmakuOptions>;
  private readonly last: (Flight | undefined)[];

  constructor(options: DanmakuOptions) {
    this.options = { gap_px: 24, ...options };
    this.last = Array.from({ length: Math.max(0, options.lanes) });
  }

  get count(): number {
    return this.last.length;
  }

  /** Takes a lane for a text that starts now, the highest that is free; null when none is. */
  place(now_ms: number, width_px: number): number | null {
    const lane = this.last.findIndex((last) => !last || this.fits(last, now_ms, width_px));
    if (lane === -1) return null;
    this.last[lane] = { at_ms: now_ms, width_px };
    return lane;
  }

  /** The same for the reader's own text, which flies even where it overlaps: in the lane that was taken longest ago. */
  placeOwn(now_ms: number, width_px: number): number | null {
    const free = this.place(now_ms, width_px);
    if (free !== null || this.last.length === 0) return free;
    const ages = this.last.map((last) => last?.at_ms ?? 0);
    const lane = ages.indexOf(Math.min(...ages));
    this.last[lane] = { at_ms: now_ms, width_px };
    return lane;
  }

  /** Two fly in one lane when the first has come in whole, and is gone before the second could reach it. */
  private fits(last: Flight, now_ms: number, width_px: number): boolean {
    const { width_px: screen_px, duration_ms, gap_px } = this.options;
    const inside_ms = last.at_ms + (duration_ms * (last.width_px + gap_px)) / (screen_px + last.width_px);
    const gone_ms = last.at_ms + duration_ms;
    const reaches_ms = now_ms + (duration_ms * screen_px) / (screen_px + width_px);
    return now_ms >= inside_ms && reaches_ms >= gone_ms;
  }
}

/** How long a comment may wait for a lane; later it would answer something said long ago. */
export const WAIT_MAX_MS = 2_500;
/** How many may wait: what a busy second brings. */
export const WAIT_MAX = 60;

export interface WaitingText {
  id: string;
  /** As it flies, and how wide that is. */
  line: string;
  width_px: number;
  own: boolean;
  at_ms: number;
}

/** What still waits at `now_ms`: own ones always, others while fresh; the newest when there are too many. */
export function stillWaiting(waiting: readonly WaitingText[], now_ms: number): WaitingText[] {
  const fresh = waiting.filter((text) => text.own || now_ms - text.at_ms <= WAIT_MAX_MS);
  if (fresh.length <= WAIT_MAX) return fresh;
  const own = fresh.filter((text) => text.own);
  const others = fresh.filter((text) => !text.own);
  return [...own, ...others.slice(Math.min(others.length, fresh.length - WAIT_MAX))];
}

/** Longest text that flies, in characters; the rest is in the list. */
const SHOWN_MAX = 40;

/** The text as it flies: one line, cut with an ellipsis. */
export function flyingText(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  const letters = Array.from(line);
  return letters.length > SHOWN_MAX ? `${letters.slice(0, SHOWN_MAX).join('')}…` : line;
}

/** About how wide a text is: Chinese characters are square, Latin ones a little more than half. */
export function widthOf(text: string, font_px: number): number {
  let ems = 0;
  for (const letter of text) ems += (letter.codePointAt(0) ?? 0) > 0x2e7f ? 1 : 0.58;
  return Math.ceil(ems * font_px) + 8;
}
