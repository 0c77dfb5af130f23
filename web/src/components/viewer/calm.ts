/** Lists that do not change order under a finger. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';

/** `source`, at most every `pause_ms`; the first change and changes of `now` come at once. */
export function useCalmed<T>(source: Ref<T>, now: Ref<unknown>, pause_ms: number): ShallowRef<T> {
  const calmed = shallowRef(source.value) as ShallowRef<T>;
  let last_ms = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const take = (): void => {
    clearTimeout(timer);
    timer = undefined;
    last_ms = Date.now();
    calmed.value = source.value;
  };
  watch(source, () => {
    const wait_ms = last_ms + pause_ms - Date.now();
    if (wait_ms <= 0) take();
    else timer ??= setTimeout(take, wait_ms);
  });
  watch(now, take);
  onScopeDispose(() => clearTimeout(timer));
  return calmed;
}

/** True from a touch or key until `rest_ms` after the last. */
export function useTouched(rest_ms: number): { touched: Ref<boolean>; touch: () => void } {
  const touched = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(timer));
  return {
    touched,
    touch: () => {
      touched.value = true;
      clearTimeout(timer);
      timer = setTimeout(() => (touched.value = false), rest_ms);
    },
  };
}
