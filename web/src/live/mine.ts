/** What a person wrote and supports at a session, folded from the list, the answers and the news of it. Plain functions. */
import type { Ack, OwnPost, PostKind } from '@/wire/types';
import type { OutgoingMessage } from './outbox';

const keyOf = (post: { kind: PostKind; id: string }): string => `${post.kind}/${post.id}`;

/** Own posts with `news` in them, newest first. Of one post the later word counts. */
export function withOwn(posts: readonly OwnPost[], news: readonly OwnPost[]): OwnPost[] {
  const all = new Map(posts.map((post) => [keyOf(post), post]));
  for (const post of news) all.set(keyOf(post), post);
  return [...all.values()].sort((a, b) => b.at_ms - a.at_ms || b.number - a.number);
}

/** What an acknowledgement tells of a post, or null when it was of something else. */
export function ownOfAck(message: OutgoingMessage, ack: Ack, at_ms: number): OwnPost | null {
  if (message.type !== 'comment' && message.type !== 'question') return null;
  return {
    kind: message.type,
    id: ack.id,
    ref: ack.ref,
    number: ack.number ?? 0,
    state: ack.state ?? 'published',
    reason: ack.reason,
    note: '',
    body: message.body,
    at_ms,
    disposition: null,
  };
}

/** A press of 附议 the count does not show yet. */
export interface SupportPress {
  on: boolean;
  /** The count the reader should see at least (on) or at most (off). */
  expected: number;
}

export interface ShownSupport {
  on: boolean;
  count: number;
}

/**
 * What the button shows: the reader's press at once, then the server's word. The count of others may move meanwhile;
 * the reader's own voice is never seen missing and never counted twice.
 */
export function shownSupport(supports: number, supported: boolean, press: SupportPress | undefined): ShownSupport {
  if (!press) return { on: supported, count: supports };
  const count = press.on ? Math.max(supports, press.expected) : Math.min(supports, press.expected);
  return { on: press.on, count };
}

/** The press that turns what is shown into its opposite. */
export function pressOf(shown: ShownSupport): SupportPress {
  return { on: !shown.on, expected: Math.max(0, shown.count + (shown.on ? -1 : 1)) };
}
