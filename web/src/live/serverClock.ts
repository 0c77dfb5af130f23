/**
 * The server's clock on this device, so that every page shows the same running time whatever a phone's own clock says.
 *
 *   const now_ms = useNow();            // moves once a second while the caller's scope lives
 *   const now_ms = useShownNow();       // the same, but stands while nobody looks: a page that only shows it draws nothing
 *   noteServerTime(state.server_ms);    // the live channels tell it; nobody else needs to
 *
 * Relative times ("3 分钟前") use the slower clock in `@/now`.
 */
import { getCurrentScope, onScopeDispose, readonly, ref, watch, type Ref } from 'vue';

const TICK_MS = 1_000;
/** Messages the offset is taken from. The one that travelled fastest is nearest the truth. */
const SAMPLES_MAX = 20;

let samples: number[] = [];
const offset_ms = ref(0);
const now_ms = ref(Date.now());
let readers = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes a server time that has just arrived. A late message makes the server's clock look behind, never ahead. */
export function noteServerTime(server_ms: number): void {
  samples = [...samples, server_ms - Date.now()].slice(-SAMPLES_MAX);
  offset_ms.value = Math.max(...samples);
}

/** The server's time now, in milliseconds. */
export function serverNow(): number {
  return Date.now() + offset_ms.value;
}

/** The server's time, moving at every full second while the caller's scope lives. */
export function useNow(): Readonly<Ref<number>> {
  if (getCurrentScope()) {
    if (readers++ === 0) tick();
    onScopeDispose(() => {
      if (--readers === 0) clearTimeout(timer);
    });
  }
  return readonly(now_ms);
}

/** The server's time for the eye only. */
export function useShownNow(): Readonly<Ref<number>> {
  const now = useNow();
  const shown = ref(now.value);
  watch(
    now,
    (next) => {
      if (document.visibilityState !== 'hidden') shown.value = next;
    },
    { flush: 'sync' },
  );
  return readonly(shown);
}

function tick(): void {
  now_ms.value = serverNow();
  // At the full second, so that all clocks of a page change together.
  timer = setTimeout(tick, TICK_MS - (((now_ms.value % TICK_MS) + TICK_MS) % TICK_MS) + 5);
}
