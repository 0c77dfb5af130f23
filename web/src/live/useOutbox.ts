/**
 * The outbox of a session as refs, joined to its public live channel; HTTP takes over where WebSockets are blocked.
 *
 *   const outbox = useOutbox(session_id, live);
 *   outbox.put({ type: 'support', question_id, on: true })    // Ref, or null when it is full
 *   outbox.entries.value                                      // what is not stored by the server yet, oldest first
 *   outbox.on('acked', (entry, ack) => …); outbox.on('refused', (entry) => …);
 *   outbox.discard(ref);
 */
import { onScopeDispose, shallowReadonly, shallowRef, triggerRef, watch, type ShallowRef } from 'vue';
import type { Ref, SessionId, View } from '@/wire/types';
import { identity } from './identity';
import { Outbox, type OutboxEntry, type OutboxMessage, type OutgoingMessage } from './outbox';
import { browserTexts } from './storage';
import type { Live } from './useLive';

export interface OutboxRefs {
  entries: Readonly<ShallowRef<readonly OutboxEntry[]>>;
  put: (message: OutboxMessage) => Ref | null;
  discard: (ref: Ref) => void;
  on: Outbox['on'];
}

export function useOutbox(session_id: SessionId, live: Live<View>): OutboxRefs {
  const { connection } = live;
  const token = (): string | null => identity.value?.token ?? null;
  /** One request after the other, so that their order stays. What gets no answer is sent again by the outbox. */
  let last: Promise<void> = Promise.resolve();
  const overHttp = (message: OutgoingMessage): boolean => {
    const answers = { acked: outbox.acked.bind(outbox), refused: outbox.refused.bind(outbox) };
    last = last
      .then(() => import('./restSend'))
      .then(({ deliver }) => deliver(session_id, message, token(), answers))
      .catch(() => undefined);
    return true;
  };
  const outbox = new Outbox({
    session_id,
    texts: browserTexts(),
    send: (message) => (connection.transport === 'events' ? token() !== null && overHttp(message) : connection.send(message)),
  });

  connection.stayWhile(() => outbox.entries.some(({ state }) => state === 'waiting' || state === 'sent'));

  const entries = shallowRef(outbox.entries);
  outbox.on('change', (next) => {
    entries.value = next;
    triggerRef(entries);
  });

  live.on('ready', () => outbox.ready(identity.value?.participant.id ?? null));
  live.on('ack', (ack) => outbox.acked(ack));
  live.on('refused', (error) => outbox.refused(error));
  live.on('state', (state) => {
    if (state !== 'live') outbox.lost();
  });
  // Over HTTP nobody is greeted: signing in is all it takes.
  watch(
    () => identity.value?.participant.id ?? null,
    (person) => {
      if (person && connection.transport === 'events' && live.state.value === 'live') outbox.ready(person);
    },
  );

  const onStorage = (event: StorageEvent): void => {
    if (event.key && event.newValue === null) outbox.forget(event.key);
  };
  window.addEventListener('storage', onStorage);
  onScopeDispose(() => {
    window.removeEventListener('storage', onStorage);
    outbox.stop();
  });

  return {
    entries: shallowReadonly(entries),
    put: (message) => outbox.put(message),
    discard: (ref) => outbox.discard(ref),
    on: (name, listener) => {
      const stop = outbox.on(name, listener);
      onScopeDispose(stop);
      return stop;
    },
  };
}
