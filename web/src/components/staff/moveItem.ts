/** `list` with the entry at `from` moved to `to`; both are cut to the list's ends. */
export function moveItem<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [moved] = next.splice(from, 1);
  if (moved === undefined) return next;
  next.splice(Math.min(Math.max(to, 0), next.length), 0, moved);
  return next;
}
