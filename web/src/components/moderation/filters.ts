/** Parts of the queue, in the order of their number keys. */
import type { PostKind, PostState } from '@/wire/types';

export const FILTER_STATES: readonly PostState[] = ['held', 'published', 'declined', 'retracted'];
export const KINDS: readonly (PostKind | 'all')[] = ['all', 'question', 'comment'];
