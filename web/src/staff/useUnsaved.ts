/** Asks before a page with unsaved changes is left, within the site by our own question, otherwise by the browser's. */
import { onScopeDispose, ref, type Ref } from 'vue';
import { onBeforeRouteLeave, useRouter, type RouteLocationNormalized } from 'vue-router';

export interface Unsaved {
  /** Whether the question is on the screen. */
  asking: Ref<boolean>;
  /** The person wants to leave and lose the changes. */
  leave: () => void;
}

export function useUnsaved(changed: () => boolean): Unsaved {
  const router = useRouter();
  const asking = ref(false);
  let wanted: RouteLocationNormalized | undefined;
  let agreed = false;

  onBeforeRouteLeave((to) => {
    if (agreed || !changed()) return true;
    wanted = to;
    asking.value = true;
    return false;
  });
  const warn = (event: BeforeUnloadEvent): void => {
    if (changed()) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  onScopeDispose(() => window.removeEventListener('beforeunload', warn));

  return {
    asking,
    leave: () => {
      agreed = true;
      asking.value = false;
      if (wanted) void router.push(wanted.fullPath);
    },
  };
}
