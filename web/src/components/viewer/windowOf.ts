/** Which part of a long list is near the screen. Plain arithmetic over the heights of its entries. */

export interface ListWindow {
  /** First entry to draw. */
  from: number;
  /** One past the last entry to draw. */
  to: number;
  /** Height of what is not drawn before and after. */
  before_px: number;
  after_px: number;
}

/** Where each entry begins; one more than there are entries, the last is the height of the list. */
export function offsetsOf(count: number, heightOf: (at: number) => number): Float64Array {
  const offsets = new Float64Array(count + 1);
  for (let at = 0; at < count; at += 1) offsets[at + 1] = (offsets[at] as number) + heightOf(at);
  return offsets;
}

/** The entries between `top_px` and `bottom_px` of the list. */
export function windowOf(offsets: Float64Array, top_px: number, bottom_px: number): ListWindow {
  const count = offsets.length - 1;
  const height_px = offsets[count] as number;
  const from = Math.min(count, Math.max(0, firstAbove(offsets, top_px) - 1));
  const to = Math.min(count, Math.max(from, firstAbove(offsets, bottom_px)));
  return { from, to, before_px: offsets[from] as number, after_px: height_px - (offsets[to] as number) };
}

/** The first place whose offset is greater than `px`; the length when there is none. */
function firstAbove(offsets: Float64Array, px: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] as number) > px) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Heights kept beyond the number of entries, so that cleaning up is rare. */
const SPARE = 1_000;

/** Heights of the entries that were once drawn. */
export class Heights {
  private readonly known = new Map<string, number>();

  get size(): number {
    return this.known.size;
  }
  of(key: string): number | undefined {
    return this.known.get(key);
  }
  /** Whether that is news. */
  learn(key: string, height_px: number): boolean {
    if (this.known.get(key) === height_px) return false;
    this.known.set(key, height_px);
    return true;
  }
  /** Forgets those of entries that left, once there are many: a full list changes all its entries and never its length. */
  tidy(count: number, keys: () => Iterable<string>): void {
    if (this.known.size <= count + SPARE) return;
    const here = new Set(keys());
    for (const key of this.known.keys()) if (!here.has(key)) this.known.delete(key);
  }
}
