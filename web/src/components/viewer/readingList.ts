/**
 * A list that does not move under its reader. While the reader is away from its top, what is shown stays as it was:
 * entries change in place and leave when they are removed, new ones wait and are counted.
 *
 * Plain functions; `useReadingList` joins them to refs.
 */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue';

/** What stays shown of `frozen`, with the newest form of each entry: the same list while nothing changed. Pruned entries stay. */
export function keptEntries<T>(frozen: readonly T[], source: ReadonlyMap<string, T>, keyOf: (entry: T) => string): readonly T[] {
  let kept: T[] | null = null;
  for (const [at, entry] of frozen.entries()) {
    const newest = source.get(keyOf(entry));
    if (newest === undefined || newest === entry) continue;
    kept ??= [...frozen];
    kept[at] = newest;
  }
  return kept ?? frozen;
}

export interface ReadingList<T> {
  shown: ComputedRef<readonly T[]>;
  /** How many wait, of those the source still has. */
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
  /** Keys that were taken away now and may not be shown any more; the next ones replace them. */
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
  // At once and for good: nobody has to remember for hours what was once removed.
  watch(
    removed,
    (keys) => {
      if (frozen.value?.some((entry) => keys.has(keyOf(entry)))) frozen.value = frozen.value.filter((entry) => !keys.has(keyOf(entry)));
    },
    { flush: 'sync' },
  );
  const byKey = computed(() => new Map(source.value.map((entry) => [keyOf(entry), entry])));
  const shown = computed(() => (frozen.value ? keptEntries(frozen.value, byKey.value, keyOf) : source.value));
  const frozenKeys = computed(() => new Set(frozen.value?.map(keyOf)));
  const fresh = computed(() => {
    if (!frozen.value) return 0;
    const known = frozenKeys.value;
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
