/**
 * Why own posts are not public, and the appeals about them: asked for when the list of own posts is open, and again
 * whenever one of them changes its state.
 */
import { shallowReadonly, shallowRef, watch, type ShallowRef } from 'vue';
import { api } from '@/live/api';
import { identity } from '@/live/identity';
import type { AppealFace, OwnPost, ReceiptFace, ReceiptsAnswer, SessionId } from '@/wire/types';

export interface Receipts {
  /** By kind and id of the post. */
  of: Readonly<ShallowRef<ReadonlyMap<string, ReceiptFace>>>;
  appeal: (post: OwnPost, reason: string) => Promise<void>;
}

export const receiptKey = (post: Pick<OwnPost, 'kind' | 'id'>): string => `${post.kind}/${post.id}`;

/** Posts a receipt may have changed for, as one text to compare. */
export const standingOf = (posts: readonly OwnPost[]): string => posts.map((post) => `${post.id}${post.state}${post.note}`).join(' ');

export function useReceipts(session_id: () => SessionId, posts: () => readonly OwnPost[]): Receipts {
  const of = shallowRef<ReadonlyMap<string, ReceiptFace>>(new Map());

  async function load(): Promise<void> {
    const token = identity.value?.token;
    if (!token || posts().length === 0) return;
    try {
      const answer = await api.get<ReceiptsAnswer>(`/sessions/${session_id()}/receipts`, { token });
      of.value = new Map(answer.receipts.map((receipt) => [receiptKey(receipt), receipt]));
    } catch {
      // The states are shown all the same; the next change asks again.
    }
  }
  watch(() => `${identity.value?.token ?? ''} ${standingOf(posts())}`, () => void load(), { immediate: true });

  return {
    of: shallowReadonly(of),
    appeal: async (post, reason) => {
      const appeal = await api.post<AppealFace>(
        `/sessions/${session_id()}/posts/${post.kind}/${post.id}/appeal`,
        { reason },
        { token: identity.value?.token ?? null },
      );
      const known = of.value.get(receiptKey(post));
      if (known) of.value = new Map(of.value).set(receiptKey(post), { ...known, appeal, may_appeal: false });
    },
  };
}
