/** The session a staff page is about, with the roles of who looks. */
import { computed, type ComputedRef } from 'vue';
import type { HallCard, RoleGrant, SessionCard } from '@/wire/types';
import { rolesIn } from './rights';
import { useStaff } from './useStaff';

export interface SessionOf {
  hall: ComputedRef<HallCard | undefined>;
  session: ComputedRef<SessionCard | undefined>;
  roles: ComputedRef<readonly RoleGrant[]>;
  load: () => Promise<void>;
}

export function useSessionOf(session_id: () => string): SessionOf {
  const { me, load } = useStaff();
  const entry = computed(() => me.value?.halls.find(({ sessions }) => sessions.some(({ id }) => id === session_id())));
  return {
    hall: computed(() => entry.value?.hall),
    session: computed(() => entry.value?.sessions.find(({ id }) => id === session_id())),
    roles: computed(() => rolesIn(me.value, entry.value?.hall.id ?? '')),
    load: async () => {
      await load();
    },
  };
}
