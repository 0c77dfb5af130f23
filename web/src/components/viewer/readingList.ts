/**
 * A list that does not move under its reader. While the reader is away from its top, what is shown stays as it was:
 * entries change in place and leave when they are removed, new ones wait and are counted.
 *
 * Plain functions; `useReadingList` joins them to refs.
 */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';

/** What stays shown of `frozen`, with the newest form of each entry. Pruned entries stay, removed ones do not. */
export function keptEntries<T>(frozen: readonly T[], source: ReadonlyMap<string, T>, removed: ReadonlySet<string>, keyOf: (entry: T) => string): T[] {
  const kept: T[] = [];
  for (const entry of frozen) {
    const key = keyOf(entry);
    if (!removed.has(key)) kept.push(source.get(key) ?? entry);
  }
  return kept;
}

export interface ReadingList<T> {
  shown: ComputedRef<readonly T[]>;
  /** How many wait. */
  fresh: ComputedRef<number>;
  /** Shows everything from now on, as long as the reader stays. */
  release: () => void;
}

export interface ReadingListOptions<T> {
  /** In the order to show, newest or best first. */
  source: Ref<readonly T[]>;
  keyOf: (entry: T) => string;
  /** Whether the list must not move now. */
  still: Ref<boolean>;
  /** Keys that were taken away and may not be shown any more. */
  removed: Ref<ReadonlySet<string>>;
}

export function useReadingList<T>({ source, keyOf, still, removed }: ReadingListOptions<T>): ReadingList<T> {
  const frozen = shallowRef<readonly T[] | null>(null);
  watch(
    still,
    (isStill) => {
      frozen.value = isStill ? source.value : null;
    },
    { flush: 'sync' },
  );
  const byKey = computed(() => new Map(source.value.map((entry) => [keyOf(entry), entry])));
  const shown = computed(() => (frozen.value ? keptEntries(frozen.value, byKey.value, removed.value, keyOf) : source.value));
  const fresh = computed(() => {
    if (!frozen.value) return 0;
    const known = new Set(frozen.value.map(keyOf));
    let count = 0;
    for (const key of byKey.value.keys()) if (!known.has(key)) count += 1;
    return count;
  });
  return {
    shown,
    fresh,
    release: () => {
      frozen.value = still.value ? source.value : null;
    },
  };
}
