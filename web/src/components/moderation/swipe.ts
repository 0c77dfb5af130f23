/** A finger on the card: right publishes, left declines, up leaves it for later. */

export type Swipe = 'right' | 'left' | 'up';

/** Far enough to be meant, in CSS pixels. */
const DISTANCE_PX = 96;
/** One direction must clearly win, or a slanting scroll would decide something. */
const DOMINANCE = 1.4;

/** What a finger that moved by `dx`, `dy` asks for, absent if it is not clear or not far enough. */
export function swipeOf(dx: number, dy: number): Swipe | undefined {
  const [across, along] = [Math.abs(dx), Math.abs(dy)];
  if (across >= DISTANCE_PX && across > along * DOMINANCE) return dx > 0 ? 'right' : 'left';
  if (dy <= -DISTANCE_PX && along > across * DOMINANCE) return 'up';
  return undefined;
}

/** How far on the way, 0 to 1, for the words that appear under the finger. */
export function swipeProgress(dx: number, dy: number): number {
  return Math.min(1, Math.max(Math.abs(dx), Math.max(0, -dy)) / DISTANCE_PX);
}
