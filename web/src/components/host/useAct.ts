/** One act of a desk at a time, with its refusal in words and a lost login sent to the login page. */
import { readonly, ref, type Ref } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { showToast } from '@/components/base/toasts';
import { toApiError } from '@/live/api';
import { useErrorText } from '@/live/errorText';
import { forgetStaff } from '@/staff/useStaff';

export interface UseAct {
  /** Name of the act on its way, null while there is none. */
  busy: Readonly<Ref<string | null>>;
  /** Does `work` under `name` unless another is on its way; true when it was done. */
  act: (name: string, work: () => Promise<unknown>) => Promise<boolean>;
  /** Says a refusal in words. */
  refuse: (thrown: unknown) => void;
}

/** Longer than a plain message: what did not work must be read before it goes. */
const REFUSAL_MS = 8_000;

export function useAct(): UseAct {
  const words = useErrorText();
  const route = useRoute();
  const router = useRouter();
  const busy = ref<string | null>(null);

  function refuse(thrown: unknown): void {
    if (toApiError(thrown).status === 401) {
      forgetStaff();
      void router.push({ path: '/staff/login', query: { to: route.fullPath } });
      return;
    }
    showToast(words(thrown), { tone: 'danger', duration_ms: REFUSAL_MS });
  }

  async function act(name: string, work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value !== null) return false;
    busy.value = name;
    try {
      await work();
      return true;
    } catch (thrown) {
      refuse(thrown);
      return false;
    } finally {
      busy.value = null;
    }
  }

  return { busy: readonly(busy), act, refuse };
}
