/**
 * One thing a staff page is made from, with every state it can be in. What is shown stays while it is asked for
 * again; a lost login goes to the login page and comes back here.
 */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { toApiError, type ApiError } from '@/live/api';
import { forgetStaff } from './useStaff';

export type PageState = 'loading' | 'ready' | 'forbidden' | 'absent' | 'offline' | 'failed';

export interface PageLoad<T> {
  value: ShallowRef<T | null>;
  state: Ref<PageState>;
  error: ShallowRef<ApiError | null>;
  load: () => Promise<void>;
  /** Passes a refusal on: `true` when it was a lost login and the page is being left. */
  leftBy: (thrown: unknown) => boolean;
}

/** Which state of a page a refusal of its content is. */
export function stateOf(error: Pick<ApiError, 'code' | 'status'>): Exclude<PageState, 'loading' | 'ready'> {
  if (error.code === 'forbidden') return 'forbidden';
  if (error.code === 'not_found') return 'absent';
  return error.code === 'offline' ? 'offline' : 'failed';
}

export function usePageLoad<T>(fetch: () => Promise<T>): PageLoad<T> {
  const route = useRoute();
  const router = useRouter();
  const value = shallowRef<T | null>(null);
  const state = ref<PageState>('loading');
  const error = shallowRef<ApiError | null>(null);

  function leftBy(thrown: unknown): boolean {
    if (toApiError(thrown).status !== 401) return false;
    forgetStaff();
    void router.push({ path: '/staff/login', query: { to: route.fullPath } });
    return true;
  }

  async function load(): Promise<void> {
    if (value.value === null) state.value = 'loading';
    try {
      value.value = await fetch();
      state.value = 'ready';
      error.value = null;
    } catch (thrown) {
      if (leftBy(thrown)) return;
      error.value = toApiError(thrown);
      state.value = stateOf(error.value);
    }
  }

  return { value, state, error, load, leftBy };
}
