/** Finds the questions that ask the same, for one press of merge. Works on Chinese without a dictionary. */

export interface Comparable {
  id: string;
  body: string;
}

export interface Near<T> {
  item: T;
  /** Shared pairs of characters by all pairs, from 0 to 1. */
  likeness: number;
}

/** Pairs of neighbouring letters and digits; punctuation and spaces separate nothing in Chinese. */
function pairsOf(text: string): Set<string> {
  const letters = [...text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')];
  const pairs = new Set<string>();
  for (let i = 0; i + 1 < letters.length; i++) pairs.add(`${letters[i]}${letters[i + 1]}`);
  return pairs;
}

/** Below this two questions share little more than the words every question has. */
export const LIKENESS_MIN = 0.14;

/** Prepares `items` once; each call then finds the `count` most alike to one of them, most alike first. */
export function nearestFinder<T extends Comparable>(items: readonly T[]): (to: Comparable, count: number) => Near<T>[] {
  const prepared = items.map((item) => ({ item, pairs: pairsOf(item.body) }));
  return (to, count) => {
    const wanted = pairsOf(to.body);
    return prepared
      .filter(({ item }) => item.id !== to.id)
      .map(({ item, pairs }) => ({ item, likeness: likeness(wanted, pairs) }))
      .filter((near) => near.likeness >= LIKENESS_MIN)
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, count);
  };
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  // By the smaller set alone a two-word question would equal every long one that contains it.
  return shared / (a.size + b.size - shared);
}
