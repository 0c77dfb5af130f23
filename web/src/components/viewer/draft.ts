/** What stands in the composer, kept over a reload. One draft per session and kind; no draft for what was sent. */
import type { PostKind } from '@/wire/types';
import type { KeptTexts } from '@/live/storage';

export interface Draft {
  body: string;
  topic: string;
  place: string;
  department_id: string;
}

export const EMPTY_DRAFT: Draft = { body: '', topic: '', place: '', department_id: '' };

const keyOf = (session_id: string, kind: PostKind): string => `yishiting.draft.${session_id}.${kind}`;

export function readDraft(texts: KeptTexts, session_id: string, kind: PostKind): Draft {
  try {
    const value = JSON.parse(texts.get(keyOf(session_id, kind)) ?? '{}') as Partial<Record<keyof Draft, unknown>>;
    const text = (part: unknown): string => (typeof part === 'string' ? part : '');
    return { body: text(value.body), topic: text(value.topic), place: text(value.place), department_id: text(value.department_id) };
  } catch {
    return EMPTY_DRAFT;
  }
}

export function keepDraft(texts: KeptTexts, session_id: string, kind: PostKind, draft: Draft): void {
  if (Object.values(draft).every((part) => part === '')) texts.remove(keyOf(session_id, kind));
  else texts.set(keyOf(session_id, kind), JSON.stringify(draft));
}
