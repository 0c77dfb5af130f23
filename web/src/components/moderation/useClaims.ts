/**
 * What this desk holds and what colleagues hold. The item being read is held for the reader, kept while it is open and let go of
 * when it is left; a browser that stands still or is closed loses it by itself.
 *
 *   const claims = useClaims({ session_id, backstage, may: () => true });
 *   claims.hold(key)                // the item being read; undefined when none is
 *   claims.others.value.get(key)    // who else holds it
 *   claims.leaseOf(key)             // what a decision names
 */
import { computed, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { api, toApiError } from '@/live/api';
import { serverNow, useNow } from '@/live/serverClock';
import type { Live } from '@/live/useLive';
import type { BackstageView, ClaimAnswer, ClaimFace, ClaimRequest, Conflict, LeaseId, PostKind, QueueItem, RenewAnswer, SessionId } from '@/wire/types';
import { conflictsOf } from './conflicts';
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
  takeOver: (key: ItemKey) => Promise<Conflict | undefined>;
  /** The longest waiting item nobody holds, held from now on. */
  next: (kind: PostKind | 'all', skip: readonly ItemKey[]) => Promise<QueueItem | undefined>;
  /** Decided: the server has let go of them. */
  decided: (keys: readonly ItemKey[]) => void;
}

export function useClaims({ session_id, backstage, may }: ClaimsOptions): Claims {
  const now_ms = useNow();
  const mine = shallowRef<ReadonlyMap<ItemKey, ClaimFace>>(new Map());
  const lost = shallowRef<LostClaim>();
  let wanted: ItemKey | undefined;
  let activeAt_ms = Date.now();
  let left = false;

  const others = computed(() => {
    const own = new Set([...mine.value.values()].map((claim) => claim.lease));
    const held = (backstage.view.value?.claims ?? []).filter((claim) => claim.until_ms > now_ms.value && !own.has(claim.lease));
    return new Map(held.map((claim) => [keyOf(claim), claim]));
  });

  const leaseOf = (key: ItemKey): LeaseId | undefined => mine.value.get(key)?.lease;

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
        for (const claim of item.claims) {
          const key = keyOf(claim);
          const own = mine.value.get(key);
          if (!own || own.lease === claim.lease || own.at_ms > claim.at_ms) continue;
          forget([key]);
          if (key === wanted) lost.value = { key, by_name: claim.by_name };
        }
      }
    }
  });

  // ---- holding and letting go ----

  async function ask(request: Partial<ClaimRequest>): Promise<ClaimAnswer> {
    const release = [...mine.value.values()].map((claim) => claim.lease);
    const whole: ClaimRequest = { item: null, take_over: false, or_next: false, kind: null, skip: [], release, ...request };
    const answer = await api.post<ClaimAnswer>(`/sessions/${session_id}/claims`, whole);
    mine.value = new Map(answer.claim ? [[keyOf(answer.claim), answer.claim]] : []);
    return answer;
  }

  function letGo(keepalive = false): void {
    const leases = [...mine.value.values()].map((claim) => claim.lease);
    if (leases.length === 0) return;
    mine.value = new Map();
    void api.post(`/sessions/${session_id}/claims/release`, { leases }, { keepalive }).catch(() => undefined);
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: Promise<unknown> | undefined;

  function hold(key: ItemKey | undefined): void {
    if (key === wanted) return;
    wanted = key;
    if (lost.value && lost.value.key !== key) lost.value = undefined;
    clearTimeout(timer);
    timer = setTimeout(() => void settle(), HOLD_AFTER_MS);
  }

  /** One request at a time, so that the last item wanted is the one held. */
  async function settle(): Promise<void> {
    if (asking) return;
    const key = wanted;
    if (left || key === undefined || !may() || leaseOf(key) || others.value.has(key)) {
      if (key === undefined || !leaseOf(key)) letGo();
      return;
    }
    const [kind, id] = key.split('/') as [PostKind, string];
    // A refusal needs no words here: who holds it shows beside it, who decided it is told by the channel.
    asking = ask({ item: { kind, id } }).catch(() => undefined);
    await asking;
    asking = undefined;
    if (wanted !== key) void settle();
  }

  async function takeOver(key: ItemKey): Promise<Conflict | undefined> {
    const [kind, id] = key.split('/') as [PostKind, string];
    wanted = key;
    lost.value = undefined;
    try {
      await ask({ item: { kind, id }, take_over: true });
      return undefined;
    } catch (thrown) {
      return conflictsOf(toApiError(thrown))[0];
    }
  }

  async function next(kind: PostKind | 'all', skip: readonly ItemKey[]): Promise<QueueItem | undefined> {
    const answer = await ask({ kind: kind === 'all' ? null : kind, skip: skip.map((key) => key.slice(key.indexOf('/') + 1)) });
    if (answer.claim) wanted = keyOf(answer.claim);
    return answer.item ?? undefined;
  }

  async function renew(): Promise<void> {
    const leases = [...mine.value.values()].map((claim) => claim.lease);
    if (leases.length === 0 || document.visibilityState === 'hidden') return;
    if (Date.now() - activeAt_ms > IDLE_AFTER_MS) return;
    const answer = await api.post<RenewAnswer>(`/sessions/${session_id}/claims/renew`, { leases }).catch(() => undefined);
    if (!answer) return;
    const kept = new Map(answer.claims.map((claim) => [keyOf(claim), claim]));
    mine.value = new Map([...mine.value].flatMap(([key, claim]) => {
      const renewed = kept.get(key);
      if (renewed) return [[key, renewed] as const];
      return answer.lost.includes(claim.lease) ? [] : [[key, claim] as const];
    }));
  }

  const active = (): void => {
    const slept = Date.now() - activeAt_ms > IDLE_AFTER_MS;
    activeAt_ms = Date.now();
    if (slept) void renew().then(settle);
  };
  const seen = (): void => void renew();
  const leave = (): void => letGo(true);
  const interval = setInterval(() => void renew(), RENEW_EVERY_MS);
  for (const name of ['keydown', 'pointerdown'] as const) window.addEventListener(name, active, { passive: true });
  document.addEventListener('visibilitychange', seen);
  window.addEventListener('pagehide', leave);
  onScopeDispose(() => {
    left = true;
    clearTimeout(timer);
    clearInterval(interval);
    for (const name of ['keydown', 'pointerdown'] as const) window.removeEventListener(name, active);
    document.removeEventListener('visibilitychange', seen);
    window.removeEventListener('pagehide', leave);
    letGo(true);
  });

  return { others, lost, leaseOf, hold, takeOver, next, decided: forget };
}

/** Seconds a claim still holds. */
export function secondsLeft(claim: { until_ms: number }, now_ms = serverNow()): number {
  return Math.max(0, Math.ceil((claim.until_ms - now_ms) / 1_000));
}
