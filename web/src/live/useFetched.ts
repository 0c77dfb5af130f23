/**
 * Something asked for once from the server, with the three faces a page has of it: loading, here, not to be had.
 *
 *   const hall = useFetched(() => api.get<HallPage>(`/halls/${slug}`));
 *   hall.value.value, hall.error.value, hall.reload()
 *
 * `ask` runs again when `key` changes; an older answer never overtakes a newer one.
 */
import { shallowReadonly, shallowRef, watch, type ShallowRef, type WatchSource } from 'vue';
import { toApiError, type ApiError } from './api';

export interface Fetched<T> {
  /** Null until it is here; kept while a newer one is asked for. */
  value: Readonly<ShallowRef<T | null>>;
  error: Readonly<ShallowRef<ApiError | null>>;
  reload: () => Promise<void>;
}

export function useFetched<T>(ask: () => Promise<T>, key?: WatchSource): Fetched<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<ApiError | null>(null);
  let run = 0;

  async function reload(): Promise<void> {
    run += 1;
    const mine = run;
    error.value = null;
    try {
      const answer = await ask();
      if (mine === run) value.value = answer;
    } catch (thrown) {
      if (mine === run) error.value = toApiError(thrown);
    }
  }

  void reload();
  if (key) {
    watch(key, () => {
      value.value = null;
      void reload();
    });
  }
  return { value: shallowReadonly(value) as Readonly<ShallowRef<T | null>>, error: shallowReadonly(error), reload };
}
