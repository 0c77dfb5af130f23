/** The items behind one number of the ledger, page by page. */
import { ref, shallowReadonly, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { api, toApiError, type ApiError } from '@/live/api';
import type { LedgerItem, LedgerPage } from '@/wire/types';
import type { LedgerList } from './tally';

const PAGE = 50;
/** Everything, for printing: a session has a few hundred items. */
const PRINT_PAGE = 200;

export interface LedgerItems {
  items: Readonly<ShallowRef<readonly LedgerItem[] | null>>;
  total: Readonly<Ref<number>>;
  error: Readonly<ShallowRef<ApiError | null>>;
  busy: Readonly<Ref<boolean>>;
  hasMore: Readonly<Ref<boolean>>;
  more: () => Promise<void>;
  /** Fetches the rest, so that a print holds everything. */
  all: () => Promise<void>;
}

export function useLedgerList(session_id: Ref<string>, list: Ref<LedgerList | null>): LedgerItems {
  const items = shallowRef<readonly LedgerItem[] | null>(null);
  const total = ref(0);
  const error = shallowRef<ApiError | null>(null);
  const busy = ref(false);
  const hasMore = ref(false);
  let cursor: string | null = null;
  let run = 0;

  async function fetchPage(limit: number): Promise<void> {
    const name = list.value;
    if (!name || busy.value) return;
    const mine = run;
    busy.value = true;
    error.value = null;
    try {
      const page = await api.get<LedgerPage>(`/sessions/${session_id.value}/ledger/${name}`, { query: { cursor, limit } });
      if (mine !== run) return;
      items.value = [...(items.value ?? []), ...page.items];
      total.value = page.total;
      cursor = page.next_cursor;
      hasMore.value = page.next_cursor !== null;
    } catch (thrown) {
      if (mine === run) error.value = toApiError(thrown);
    } finally {
      if (mine === run) busy.value = false;
    }
  }

  watch(
    [session_id, list],
    () => {
      run += 1;
      items.value = null;
      total.value = 0;
      cursor = null;
      busy.value = false;
      hasMore.value = false;
      void fetchPage(PAGE);
    },
    { immediate: true },
  );

  return {
    items: shallowReadonly(items),
    total,
    error: shallowReadonly(error),
    busy,
    hasMore,
    more: () => fetchPage(PAGE),
    all: async () => {
      while (hasMore.value && !error.value) await fetchPage(PRINT_PAGE);
    },
  };
}
