/** What every desk of one session needs: what was prepared, the two live channels, names of departments. */
import { computed, watch, type ComputedRef } from 'vue';
import { api } from '@/live/api';
import { useLive, type Live } from '@/live/useLive';
import { usePageLoad, type PageLoad } from '@/staff/usePageLoad';
import type { BackstageView, PreparedSession, SessionFace, View } from '@/wire/types';

export interface Desk {
  prepared: PageLoad<PreparedSession>;
  live: Live<View>;
  backstage: Live<BackstageView>;
  /** The newest of what is known: the live session, or as it was prepared while the public may not see it. */
  session: ComputedRef<SessionFace | null>;
  /** Empty for none, and for one that takes no part any more. */
  departmentName: (id: string | null) => string;
}

export function useDesk(session_id: string): Desk {
  const prepared = usePageLoad(() => api.get<PreparedSession>(`/sessions/${session_id}/prepared`));
  const live = useLive(session_id, 'public');
  const backstage = useLive(session_id, 'backstage');
  // A line that was refused has gone stale, for instance when the announcement is withdrawn.
  const heard = computed(() => (live.state.value === 'denied' ? null : (live.view.value?.session ?? null)));
  const session = computed(() => heard.value ?? prepared.value.value?.session ?? null);
  const names = computed(() => {
    const hall = prepared.value.value?.hall_departments ?? [];
    return new Map([...hall, ...(session.value?.departments ?? [])].map(({ id, name }) => [id, name]));
  });

  // What may be done next depends on the state, and the server says it.
  watch(
    () => live.view.value?.session.state,
    (now, before) => {
      if (before !== undefined && now !== before) void prepared.load();
    },
  );
  // A refused line does not try again by itself; once the public may see the session, the page begins anew.
  watch(
    () => prepared.value.value?.session.state,
    (now, before) => {
      if (before === 'draft' && now !== 'draft' && live.state.value === 'denied') window.location.reload();
    },
  );
  void prepared.load();

  return { prepared, live, backstage, session, departmentName: (id) => (id === null ? '' : (names.value.get(id) ?? '')) };
}
