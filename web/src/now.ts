/** One clock for every relative time on the page. */
import { getCurrentScope, onScopeDispose, readonly, ref, type Ref } from 'vue';

/** Relative times have minutes; half of one keeps "3 分钟前" honest without waking the phone every second. */
const TICK_MS = 30_000;

const now_ms = ref(Date.now());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time now in milliseconds, moving every 30 s while the caller's scope lives. */
export function useNow(): Readonly<Ref<number>> {
  if (getCurrentScope()) {
    if (readers++ === 0) {
      now_ms.value = Date.now();
      timer = setInterval(() => {
        now_ms.value = Date.now();
      }, TICK_MS);
    }
    onScopeDispose(() => {
      if (--readers === 0) clearInterval(timer);
    });
  }
  return readonly(now_ms);
}
