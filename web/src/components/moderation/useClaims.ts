/**
 * What this desk holds and what colleagues hold. The item being read is held for the reader, kept while it is open and let go of
 * when it is left; a browser that stands still or is closed loses it by itself.
 *
 *   const claims = useClaims({ session_id, backstage, may: () => true, me: () => staff_id });
 *   claims.hold(key)                // the item being read; undefined when none is
 *   claims.others.value.get(key)    // who else holds it
 *   claims.leaseOf(key)             // what a decision names
 */
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import { api } from '@/live/api';
import { useNow } from '@/live/serverClock';
import type { Live } from '@/live/useLive';
import type { BackstageView, ClaimAnswer, ClaimFace, ClaimItem, ClaimRequest, LeaseId, PostKind, QueueItem, RenewAnswer, SessionId, StaffId } from '@/wire/types';
import { keyOf, type ItemKey } from './queue';

/** A claim lasts 45 s: two renewals may be lost. */
const RENEW_EVERY_MS = 15_000;
/** Without a key or a touch for so long nobody is reading: the item goes back to the others. */
const IDLE_AFTER_MS = 180_000;
/** Whoever runs down the list holds nothing on the way. */
const HOLD_AFTER_MS = 150;

export interface ClaimsOptions {
  session_id: SessionId;
  backstage: Live<BackstageView>;
  /** Whether this person decides here. */
  may: () => boolean;
  /** Who this is. What another window of the same person holds is no colleague's. */
  me: () => StaffId | undefined;
}

/** The item being read went to somebody else. */
export interface LostClaim {
  key: ItemKey;
  by_name: string;
}

export interface Claims {
  /** What others hold now. */
  others: ComputedRef<ReadonlyMap<ItemKey, ClaimFace>>;
  lost: ShallowRef<LostClaim | undefined>;
  leaseOf: (key: ItemKey) => LeaseId | undefined;
  hold: (key: ItemKey | undefined) => void;
  /** Rejects when it did not go: decided meanwhile, or the line is down. */
  takeOver: (key: ItemKey) => Promise<void>;
  /** The longest waiting item nobody holds, held from now on. */
  next: (kind: PostKind | 'all', skip: readonly ItemKey[]) => Promise<QueueItem | undefined>;
  /** Decided: the server has let go of them. */
  decided: (keys: readonly ItemKey[]) => void;
}

const itemOf = (key: ItemKey): ClaimItem => {
  const [kind, id] = key.split('/') as [PostKind, string];
  return { kind, id };
};

export function useClaims({ session_id, backstage, may, me }: ClaimsOptions): Claims {
  const now_ms = useNow();
  const mine = shallowRef<ReadonlyMap<ItemKey, ClaimFace>>(new Map());
  const lost = shallowRef<LostClaim>();
  const wanted = shallowRef<ItemKey>();
  let activeAt_ms = Date.now();
  let left = false;

  const others = computed(() => {
    const held = (backstage.view.value?.claims ?? []).filter((claim) => claim.until_ms > now_ms.value && claim.staff_id !== me());
    return new Map(held.map((claim) => [keyOf(claim), claim]));
  });

  const leaseOf = (key: ItemKey): LeaseId | undefined => mine.value.get(key)?.lease;
  const leases = (): LeaseId[] => [...mine.value.values()].map((claim) => claim.lease);
  const here = (): boolean => !left && document.visibilityState !== 'hidden' && Date.now() - activeAt_ms <= IDLE_AFTER_MS;

  function forget(keys: readonly ItemKey[]): void {
    if (!keys.some((key) => mine.value.has(key))) return;
    const next = new Map(mine.value);
    for (const key of keys) next.delete(key);
    mine.value = next;
  }

  // ---- what others do ----

  backstage.on('view', (_, batches) => {
    for (const batch of batches) {
      for (const item of batch.items) {
        if (item.type !== 'claims_changed') continue;
        forget([...mine.value].filter(([, own]) => item.released.includes(own.lease)).map(([key]) => key));
        for (const claim of item.claims) {
          const key = keyOf(claim);
          const own = mine.value.get(key);
          if (!own || own.lease === claim.lease || own.at_ms > claim.at_ms) continue;
          if (claim.staff_id === me()) {
            // Open in two windows of one person: both hold it under the newer lease.
            mine.value = new Map(mine.value).set(key, claim);
            continue;
          }
          forget([key]);
          if (key === wanted.value) lost.value = { key, by_name: claim.by_name };
        }
      }
    }
  });

  // ---- holding and letting go ----

  /** One request after the other, so that each lets go of what the one before it got. */
  let line: Promise<unknown> = Promise.resolve();
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = line.then(act);
    line = turn.catch(() => undefined);
    return turn;
  }

  /** Only in turn. */
  async function ask(request: Partial<ClaimRequest>): Promise<ClaimAnswer> {
    const whole: ClaimRequest = { item: null, take_over: false, or_next: false, kind: null, skip: [], release: leases(), ...request };
    const answer = await api.post<ClaimAnswer>(`/sessions/${session_id}/claims`, whole);
    mine.value = new Map(answer.claim ? [[keyOf(answer.claim), answer.claim]] : []);
    if (lost.value && mine.value.has(lost.value.key)) lost.value = undefined;
    if (left) letGo(true);
    return answer;
  }

  function letGo(keepalive = false): void {
    const held = leases();
    if (held.length === 0) return;
    mine.value = new Map();
    void api.post(`/sessions/${session_id}/claims/release`, { leases: held }, { keepalive }).catch(() => undefined);
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  function settleSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void settle(), HOLD_AFTER_MS);
  }

  function hold(key: ItemKey | undefined): void {
    if (key === wanted.value) return;
    wanted.value = key;
    if (lost.value && lost.value.key !== key) lost.value = undefined;
    settleSoon();
  }
  // What a colleague let go of while it is being read. If it was decided, it is not wanted any more an instant later.
  watch(
    () => (wanted.value !== undefined && others.value.has(wanted.value) ? wanted.value : undefined),
    (_, freed) => freed !== undefined && freed === wanted.value && here() && settleSoon(),
  );

  let settling = false;
  /** Holds what is wanted when its turn comes; the last item wanted is the one held. */
  async function settle(): Promise<void> {
    if (settling) return;
    settling = true;
    let key: ItemKey | undefined;
    await inTurn(async () => {
      key = wanted.value;
      if (key !== undefined && leaseOf(key)) return;
      if (left || key === undefined || !may() || others.value.has(key)) letGo();
      // A refusal needs no words here: who holds it shows beside it, who decided it is told by the channel.
      else await ask({ item: itemOf(key) }).catch(() => letGo());
    });
    settling = false;
    if (wanted.value !== key) void settle();
  }

  async function takeOver(key: ItemKey): Promise<void> {
    wanted.value = key;
    await inTurn(() => ask({ item: itemOf(key), take_over: true }));
  }

  async function next(kind: PostKind | 'all', skip: readonly ItemKey[]): Promise<QueueItem | undefined> {
    const answer = await inTurn(() => ask({ kind: kind === 'all' ? null : kind, skip: skip.map((key) => itemOf(key).id) }));
    if (answer.claim) wanted.value = keyOf(answer.claim);
    // Asking has let go of what is being read.
    else void settle();
    return answer.item ?? undefined;
  }

  async function renew(): Promise<void> {
    const held = leases();
    if (held.length === 0) return;
    const answer = await api.post<RenewAnswer>(`/sessions/${session_id}/claims/renew`, { leases: held }).catch(() => undefined);
    if (!answer) return;
    const kept = new Map(answer.claims.map((claim) => [keyOf(claim), claim]));
    mine.value = new Map([...mine.value].flatMap(([key, claim]) => {
      const renewed = kept.get(key);
      if (renewed) return [[key, renewed] as const];
      return answer.lost.includes(claim.lease) ? [] : [[key, claim] as const];
    }));
  }

  /** What is held is held on; what is read and was lost or became free is held again. */
  async function keepUp(): Promise<void> {
    if (!here()) return;
    await renew();
    await settle();
  }

  const active = (): void => {
    const slept = Date.now() - activeAt_ms > IDLE_AFTER_MS;
    activeAt_ms = Date.now();
    if (slept) void keepUp();
  };
  const seen = (): void => void keepUp();
  const leave = (): void => {
    left = true;
    letGo(true);
  };
  // A page the browser kept comes back as it was left.
  const back = (): void => {
    left = false;
    void keepUp();
  };
  const interval = setInterval(seen, RENEW_EVERY_MS);
  for (const name of ['keydown', 'pointerdown'] as const) window.addEventListener(name, active, { passive: true });
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', back);
  onScopeDispose(() => {
    clearTimeout(timer);
    clearInterval(interval);
    for (const name of ['keydown', 'pointerdown'] as const) window.removeEventListener(name, active);
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('pagehide', leave);
    window.removeEventListener('pageshow', back);
    leave();
  });

  return { others, lost, leaseOf, hold, takeOver, next, decided: forget };
}
