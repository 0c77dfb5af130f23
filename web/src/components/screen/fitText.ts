/** The largest size of text that fits a box: nothing on the venue's screen scrolls and nothing is cut off. */

export interface FitOptions {
  /** Smallest and largest size in pixels; whole pixels are tried. */
  min_px: number;
  max_px: number;
}

/**
 * The largest whole size between the bounds for which `fits` holds, or the smallest bound if none does.
 * `fits` must not hold again above a size for which it failed.
 */
export function largestFitting({ min_px, max_px }: FitOptions, fits: (size_px: number) => boolean): number {
  let low = Math.ceil(min_px);
  let high = Math.floor(max_px);
  if (!fits(low)) return low;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
