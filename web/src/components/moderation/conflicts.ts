/** What the server tells of who was faster: a JSON list beside the ids of a refusal. */
import type { ApiError } from '@/live/api';
import type { Conflict } from '@/wire/types';

export function conflictsOf(error: ApiError): Conflict[] {
  try {
    const told: unknown = JSON.parse(error.params.conflicts ?? '[]');
    return Array.isArray(told) ? (told as Conflict[]) : [];
  } catch {
    return [];
  }
}
