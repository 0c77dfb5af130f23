/**
 * What the reader wrote and supports at a session, as refs: the list from the server, kept true by acknowledgements and
 * the server's news. Loads again whenever another person signs in or the line was away.
 *
 *   const mine = useMine(session_id, live, outbox);
 *   mine.posts.value                      // OwnPost[], newest first
 *   mine.isOwn(comment.id)
 *   mine.support(question.id, question.supports)   // { on, count } to show
 *   mine.toggleSupport(question.id, question.supports)   // optimistic; false when the outbox is full
 */
import { onScopeDispose, shallowReadonly, shallowRef, watch, type ShallowRef } from 'vue';
import type { MineAnswer, OwnPost, SessionId, View } from '@/wire/types';
import { api, toApiError } from './api';
import { forgetIdentity, identity } from './identity';
import { ownOfAck, pressOf, shownSupport, withOwn, type ShownSupport, type SupportPress } from './mine';
import type { Live } from './useLive';
import type { OutboxRefs } from './useOutbox';

/** Server-Sent Events carry no news for one person; what waits for a moderator is asked about instead. */
const ASK_MS = 15_000;
/** How long a stored press still speaks beside the count: the tally comes with the next batch. */
const SETTLED_MS = 3_000;

export interface Mine {
  posts: Readonly<ShallowRef<readonly OwnPost[]>>;
  /** Ids of own comments and questions. */
  ids: Readonly<ShallowRef<ReadonlySet<string>>>;
  support: (question_id: string, supports: number) => ShownSupport;
  toggleSupport: (question_id: string, supports: number) => boolean;
}

export function useMine(session_id: SessionId, live: Live<View>, outbox: OutboxRefs): Mine {
  const posts = shallowRef<readonly OwnPost[]>([]);
  const ids = shallowRef<ReadonlySet<string>>(new Set());
  const supported = shallowRef<ReadonlySet<string>>(new Set());
  const presses = shallowRef<ReadonlyMap<string, SupportPress>>(new Map());

  function put(news: readonly OwnPost[]): void {
    posts.value = withOwn(posts.value, news);
    ids.value = new Set(posts.value.map((post) => post.id));
  }

  async function load(token: string): Promise<void> {
    try {
      const answer = await api.get<MineAnswer>(`/sessions/${session_id}/mine`, { token });
      if (identity.value?.token !== token) return;
      put(answer.posts);
      supported.value = new Set(answer.supported);
    } catch (thrown) {
      const { code } = toApiError(thrown);
      // Anything else comes with the next line that opens.
      if ((code === 'unauthenticated' || code === 'expired') && identity.value?.token === token) forgetIdentity();
    }
  }

  watch(
    () => identity.value?.token ?? null,
    (token, before) => {
      if (token === before) return;
      if (!token) {
        posts.value = [];
        ids.value = new Set();
        supported.value = new Set();
      } else void load(token);
    },
    { immediate: true },
  );
  watch(live.state, (state, before) => {
    const token = identity.value?.token;
    if (token && state === 'live' && before !== 'connecting') void load(token);
  });

  const asking = setInterval(() => {
    const token = identity.value?.token;
    const waits = posts.value.some((post) => post.state === 'held');
    if (token && waits && live.connection.transport === 'events' && live.state.value === 'live') void load(token);
  }, ASK_MS);
  onScopeDispose(() => clearInterval(asking));

  live.on('own', (post) => put([post]));
  outbox.on('acked', (entry, ack) => {
    const { message } = entry;
    const post = ownOfAck(message, ack, entry.at_ms);
    // The server's news of a post may be faster than its answer, and is never older.
    if (post && !ids.value.has(post.id)) put([post]);
    if (message.type === 'withdraw') {
      put(posts.value.filter((own) => own.id === message.id).map((own) => ({ ...own, state: ack.state ?? 'withdrawn' })));
    }
    if (message.type === 'support') {
      const next = new Set(supported.value);
      if (message.on) next.add(message.question_id);
      else next.delete(message.question_id);
      supported.value = next;
      setTimeout(() => settle(message.question_id, message.on), SETTLED_MS);
    }
  });
  outbox.on('refused', ({ message }) => {
    if (message.type === 'support') settle(message.question_id, message.on);
  });

  function settle(question_id: string, on: boolean): void {
    // A later press the other way is still on its way.
    if (presses.value.get(question_id)?.on !== on) return;
    const next = new Map(presses.value);
    next.delete(question_id);
    presses.value = next;
  }

  const support = (question_id: string, supports: number): ShownSupport =>
    shownSupport(supports, supported.value.has(question_id), presses.value.get(question_id));

  return {
    posts: shallowReadonly(posts),
    ids: shallowReadonly(ids),
    support,
    toggleSupport: (question_id, supports) => {
      const press = pressOf(support(question_id, supports));
      if (outbox.put({ type: 'support', question_id, on: press.on }) === null) return false;
      presses.value = new Map(presses.value).set(question_id, press);
      return true;
    },
  };
}
