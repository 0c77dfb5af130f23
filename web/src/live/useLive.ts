/**
 * A live channel of a session as refs, for as long as the caller's scope lives.
 *
 *   const live = useLive(session_id, 'public');       // view: View
 *   const desk = useLive(session_id, 'backstage');    // view: BackstageView; staff cookie
 *
 *   live.view.value        the folded view, null until it is here; a new object at every change, deeply raw
 *   live.state.value       'connecting' | 'live' | 'reconnecting' | 'resuming' | 'offline' | 'ended' | 'denied'
 *   live.denial.value      why it is denied, else null
 *   live.watching.value    people watching now
 *   live.omitted.value     comments left out of the batches since the page opened; they are in the list
 *   live.on('view', …)     also 'ack', 'own', 'refused', 'welcome', …: see LiveEvents; ends with the scope
 *   live.retryNow()        for the button of the strip
 *
 * `session_id` is fixed; a page whose route changes to another session is keyed by it.
 */
import { onScopeDispose, readonly, ref, shallowReadonly, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { BackstageView, SessionId, View } from '@/wire/types';
import { LiveConnection, type LiveDenial, type LiveEvents, type LiveState } from './connection';
import { confirmIdentity, forgetIdentity, identity } from './identity';
import { reduceBackstageAll, reduceViewAll } from './reduce';
import { noteServerTime } from './serverClock';

export interface Live<V extends View | BackstageView> {
  view: Readonly<ShallowRef<V | null>>;
  state: Readonly<Ref<LiveState>>;
  denial: Readonly<Ref<LiveDenial | null>>;
  watching: Readonly<Ref<number>>;
  omitted: Readonly<Ref<number>>;
  connection: LiveConnection<V>;
  on: <Name extends keyof LiveEvents<V>>(name: Name, listener: (...args: LiveEvents<V>[Name]) => void) => void;
  retryNow: () => void;
}

export function useLive(session_id: SessionId, channel: 'public'): Live<View>;
export function useLive(session_id: SessionId, channel: 'backstage'): Live<BackstageView>;
export function useLive(session_id: SessionId, channel: 'public' | 'backstage'): Live<View> | Live<BackstageView> {
  if (channel === 'backstage') {
    // Who works at a desk looks at other windows meanwhile and must still hear that something waits.
    return follow(new LiveConnection<BackstageView>({ session_id, channel, reduce: reduceBackstageAll, quietWhenHidden: false }));
  }
  const token = (): string | null => identity.value?.token ?? null;
  const live = follow(new LiveConnection<View>({ session_id, channel, reduce: reduceViewAll, token }));
  live.on('welcome', confirmIdentity);
  live.on('refused', (error) => {
    if (error.ref === undefined && (error.code === 'unauthenticated' || error.code === 'expired')) forgetIdentity();
  });
  watch(
    () => identity.value?.token,
    () => live.connection.greet(),
  );
  return live;
}

/** Reloaded pages are newer than the server's message only once; after that the person decides. */
const RELOADED_KEY = 'yishiting.reloaded';

function follow<V extends View | BackstageView>(connection: LiveConnection<V>): Live<V> {
  const view = shallowRef<V | null>(null);
  const state = ref<LiveState>(connection.state);
  const denial = ref<LiveDenial | null>(null);
  const watching = ref(0);
  const omitted = ref(0);

  connection.on('view', (next, batches, whole) => {
    // The first view's clock bridges the second until the first figures come.
    if (view.value === null) noteServerTime(next.server_ms);
    view.value = next;
    if (whole && 'watching' in next) watching.value ||= next.watching;
    for (const batch of batches) omitted.value += batch.omitted ?? 0;
  });
  connection.on('figures', (figures) => {
    watching.value = figures.watching;
    noteServerTime(figures.server_ms);
  });
  connection.on('state', (next) => {
    state.value = next;
    denial.value = connection.denial;
  });
  connection.on('refused', (error) => {
    if (error.code === 'wrong_version') reloadOnce();
  });

  connection.start();
  onScopeDispose(() => connection.stop());
  return {
    view: shallowReadonly(view),
    state: readonly(state),
    denial: readonly(denial),
    watching: readonly(watching),
    omitted: readonly(omitted),
    connection,
    on: (name, listener) => onScopeDispose(connection.on(name, listener)),
    retryNow: () => connection.retryNow(),
  };
}

function reloadOnce(): void {
  try {
    if (sessionStorage.getItem(RELOADED_KEY)) return;
    sessionStorage.setItem(RELOADED_KEY, '1');
  } catch {
    return;
  }
  window.location.reload();
}
