/** What a person is told of what was sent: one message of `room.receipt`, or nothing where the page shows it already. */
import type { ToastTone } from '@/components/base/toasts';
import type { Ack, OwnPost, PostKind } from '@/wire/types';

export interface Receipt {
  key: 'held' | 'heldFor' | 'declined' | 'declinedUnsaid' | 'published' | 'nowPublished' | 'declinedLater' | 'retractedLater' | 'withdrawn';
  values: Record<string, string | number>;
  tone: ToastTone;
  /** Long enough to be read, with a way to the reader's own posts. */
  look: boolean;
}

/** The answer to something sent. `reason` is the reason of a refusal in words, empty while it is not known. */
export function receiptOf(type: PostKind | 'withdraw', ack: Ack, reason: string): Receipt | null {
  const number = ack.number ?? 0;
  if (type === 'withdraw') return { key: 'withdrawn', values: {}, tone: 'good', look: false };
  if (ack.state === 'held') {
    if (ack.wait_s === null) return { key: 'held', values: { number }, tone: 'good', look: true };
    return { key: 'heldFor', values: { number, n: Math.max(1, Math.ceil(ack.wait_s / 60)) }, tone: 'good', look: true };
  }
  if (ack.state === 'declined') {
    return reason === ''
      ? { key: 'declinedUnsaid', values: {}, tone: 'warn', look: true }
      : { key: 'declined', values: { reason }, tone: 'warn', look: true };
  }
  // A published comment is seen at once, marked as one's own.
  return type === 'question' ? { key: 'published', values: { number }, tone: 'good', look: false } : null;
}

/** The news of a moderator's word, which the author hears wherever on the page. */
export function newsOf({ state, disposition, number }: OwnPost): Receipt | null {
  if (state === 'published' && disposition === null) return { key: 'nowPublished', values: { number }, tone: 'good', look: false };
  if (state === 'declined') return { key: 'declinedLater', values: { number }, tone: 'warn', look: true };
  if (state === 'retracted') return { key: 'retractedLater', values: { number }, tone: 'warn', look: true };
  return null;
}
