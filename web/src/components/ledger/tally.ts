/** The public tally: seven lines that always add up to what was raised. */
import type { Bucket, Tally } from '@/wire/types';

/** In the order of how far an item has come. */
export const BUCKETS: readonly Bucket[] = ['answered_live', 'answered_in_writing', 'assigned', 'merged', 'declined', 'withdrawn', 'open'];

/** What a link of the ledger opens: one line of the tally, or everything. */
export type LedgerList = Bucket | 'raised';

export function sumOf(tally: Tally): number {
  return BUCKETS.reduce((sum, bucket) => sum + tally[bucket], 0);
}

/** The list a query names, or null for the numbers alone. */
export function listOf(query: unknown): LedgerList | null {
  return query === 'raised' ? 'raised' : (BUCKETS.find((bucket) => bucket === query) ?? null);
}
