import { onScopeDispose, readonly, ref, type Ref } from 'vue';

/** Whether a media query matches, followed while the caller's scope lives. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const list = window.matchMedia(query);
  const matches = ref(list.matches);
  const follow = (event: MediaQueryListEvent): void => {
    matches.value = event.matches;
  };
  // Older engines know only the deprecated way to listen; without it the first layout stays until a reload.
  list.addEventListener?.('change', follow);
  onScopeDispose(() => list.removeEventListener?.('change', follow));
  return readonly(matches);
}
