/** The host's list of what comes next: every way to change its order, as functions from list to list. */

/** As many as the server takes; more cannot be answered in a day. */
export const NEXT_UP_MAX = 50;

export type Ids = readonly string[];

export const isFull = (ids: Ids): boolean => ids.length >= NEXT_UP_MAX;

/** `id` at the end; the same list if it is there already or the list is full. */
export function append(ids: Ids, id: string): Ids {
  return ids.includes(id) || isFull(ids) ? ids : [...ids, id];
}

export function remove(ids: Ids, id: string): Ids {
  return ids.filter((other) => other !== id);
}

/** `id` at position `to` (from 0), pushed back into the list's bounds. The same list if it is not in it. */
export function moveTo(ids: Ids, id: string, to: number): Ids {
  const from = ids.indexOf(id);
  const at = Math.min(Math.max(to, 0), ids.length - 1);
  if (from < 0 || from === at) return ids;
  const rest = remove(ids, id);
  return [...rest.slice(0, at), id, ...rest.slice(at)];
}

/**
 * `id` dropped into the gap before position `gap` (from 0; the list's length is the gap after the last), where the
 * gaps are those seen while `id` is still in its old place. An `id` from outside the list is inserted.
 */
export function dropInto(ids: Ids, id: string, gap: number): Ids {
  const from = ids.indexOf(id);
  if (from < 0) return isFull(ids) ? ids : [...ids.slice(0, gap), id, ...ids.slice(gap)];
  return moveTo(ids, id, gap > from ? gap - 1 : gap);
}

export interface Key {
  key: string;
  altKey: boolean;
}

/** What a key pressed on the entry `id` does: another order, another focus, or nothing of ours (null). */
export function pressKey(ids: Ids, id: string, { key, altKey }: Key): { ids: Ids; focus: string | null } | null {
  const at = ids.indexOf(id);
  if (at < 0) return null;
  const target = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: ids.length - 1 }[key];
  if (target !== undefined) {
    if (altKey) return { ids: moveTo(ids, id, target), focus: id };
    return { ids, focus: ids[Math.min(Math.max(target, 0), ids.length - 1)] ?? id };
  }
  if (key === 'Delete' || key === 'Backspace') return { ids: remove(ids, id), focus: ids[at + 1] ?? ids[at - 1] ?? null };
  return null;
}
