/** Keeps the screen from going dark while the caller's scope lives, where the browser can; a venue's session lasts hours. */
import { onScopeDispose } from 'vue';

export function useWakeLock(): void {
  let lock: WakeLockSentinel | null = null;
  const ask = (): void => {
    // Refused on low battery or without https; the room then needs the computer's own setting.
    if (document.visibilityState === 'visible' && 'wakeLock' in navigator) {
      navigator.wakeLock.request('screen').then(
        (granted) => {
          lock = granted;
        },
        () => undefined,
      );
    }
  };
  ask();
  // The browser takes it away whenever the page is out of sight.
  document.addEventListener('visibilitychange', ask);
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', ask);
    lock?.release().catch(() => undefined);
  });
}
