/** The cards of authors, fetched when a person is read about and kept for a moment, because one reads back and forth. */
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { api } from '@/live/api';
import type { AuthorCard, HallId, ParticipantId, PostKind } from '@/wire/types';

export interface AuthorCardsOptions {
  hall_id: HallId;
  /** Whose card is shown; undefined for nobody's. */
  participant_id: () => ParticipantId | undefined;
  /** The post being read, for what staff noted of it. */
  post?: () => { kind: PostKind; id: string } | undefined;
  /** How long one stands still on an item before its author is asked for, in milliseconds. @default 120 */
  after_ms?: number;
  /** How long a card is good, in milliseconds. @default 20000 */
  keep_ms?: number;
}

/** Cards kept; a moderator reads thousands of people in two hours. */
const KEPT_MAX = 100;

export interface AuthorCards {
  card: ShallowRef<AuthorCard | null>;
  failed: Ref<boolean>;
  /** Asks again, for instance after a sanction. @default the person shown */
  refresh: (participant_id?: ParticipantId) => Promise<void>;
}

export function useAuthorCards({ hall_id, participant_id, post, after_ms = 120, keep_ms = 20_000 }: AuthorCardsOptions): AuthorCards {
  const card = shallowRef<AuthorCard | null>(null);
  const failed = ref(false);
  /** By person and by the post being read: what staff noted of the post is on the card. */
  const kept = new Map<string, { person: ParticipantId; card: AuthorCard; at_ms: number }>();
  const keyOf = (id: ParticipantId): string => `${id} ${post?.()?.id ?? ''}`;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function refresh(id: ParticipantId | undefined = participant_id()): Promise<void> {
    if (!id) return;
    const key = keyOf(id);
    try {
      const answer = await api.get<AuthorCard>(`/participants/${id}/card`, { query: { hall_id, kind: post?.()?.kind, post_id: post?.()?.id } });
      // What was known beside the person's other posts is old now.
      for (const [known, { person }] of kept) if (person === id) kept.delete(known);
      kept.set(key, { person: id, card: answer, at_ms: Date.now() });
      const oldest = kept.keys().next().value;
      if (kept.size > KEPT_MAX && oldest) kept.delete(oldest);
      if (participant_id() !== id || keyOf(id) !== key) return;
      card.value = answer;
      failed.value = false;
    } catch {
      if (participant_id() === id && !kept.has(key)) failed.value = true;
    }
  }

  watch(
    () => {
      const id = participant_id();
      return id && keyOf(id);
    },
    (key) => {
      const id = participant_id();
      clearTimeout(timer);
      failed.value = false;
      const known = key ? kept.get(key) : undefined;
      card.value = known?.card ?? null;
      if (id && (!known || Date.now() - known.at_ms > keep_ms)) timer = setTimeout(() => void refresh(id), after_ms);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return { card, failed, refresh };
}
