/**
 * Who is signed in behind the stage: one for the whole page. The login itself is a cookie no script can read; this
 * holds only what `GET /staff/me` said of it.
 *
 *   const { me, standing, load, login, logout } = useStaff();
 *   await load();          // once; again with load({ fresh: true })
 *   rolesIn(me.value, hall_id)
 */
import { readonly, ref, shallowRef, type Ref } from 'vue';
import { api, toApiError, type ApiError } from '@/live/api';
import type { LoginRequest, PasswordRequest, SetupRequest, StaffMe } from '@/wire/types';

/** `unknown`: not asked yet. `failed`: asked, and the line or the server did not answer; see `problem`. */
export type Standing = 'unknown' | 'in' | 'out' | 'failed';

const me = shallowRef<StaffMe | null>(null);
const standing = ref<Standing>('unknown');
const problem = shallowRef<ApiError | null>(null);
let asking: Promise<void> | undefined;

function signedIn(answer: StaffMe): void {
  me.value = answer;
  standing.value = 'in';
  problem.value = null;
}

/** The server no longer knows the login. Called by whoever hears `unauthenticated` or `expired`. */
export function forgetStaff(): void {
  me.value = null;
  standing.value = 'out';
}

async function ask(): Promise<void> {
  try {
    signedIn(await api.get<StaffMe>('/staff/me'));
  } catch (thrown) {
    const error = toApiError(thrown);
    if (error.status === 401) {
      forgetStaff();
      return;
    }
    problem.value = error;
    // A line lost for a moment signs nobody out.
    if (!me.value) standing.value = 'failed';
  }
}

/** Asks who is signed in, once; `fresh` asks again, for instance after rights or sessions changed. */
async function load(options: { fresh?: boolean } = {}): Promise<void> {
  if (!options.fresh && (standing.value === 'in' || standing.value === 'out')) return;
  asking ??= ask().finally(() => {
    asking = undefined;
  });
  await asking;
}

export interface UseStaff {
  me: Readonly<Ref<StaffMe | null>>;
  standing: Readonly<Ref<Standing>>;
  problem: Readonly<Ref<ApiError | null>>;
  load: typeof load;
  login: (request: LoginRequest) => Promise<void>;
  setUp: (request: SetupRequest) => Promise<void>;
  logout: () => Promise<void>;
  changePassword: (request: PasswordRequest) => Promise<void>;
}

export function useStaff(): UseStaff {
  return {
    me: readonly(me) as Readonly<Ref<StaffMe | null>>,
    standing: readonly(standing),
    problem: readonly(problem) as Readonly<Ref<ApiError | null>>,
    load,
    login: async (request) => signedIn(await api.post<StaffMe>('/staff/login', request)),
    setUp: async (request) => signedIn(await api.post<StaffMe>('/staff/setup', request)),
    logout: async () => {
      await api.post('/staff/logout');
      forgetStaff();
    },
    changePassword: async (request) => {
      await api.post('/staff/password', request);
    },
  };
}
