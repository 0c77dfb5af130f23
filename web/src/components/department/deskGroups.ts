/** A department's questions by urgency: what is on stage, what is coming, what waits for an answer, what is settled. */
import type { DeskQuestion } from '@/wire/types';

export const GROUPS = ['on_stage', 'coming', 'open', 'settled'] as const;
export type GroupName = (typeof GROUPS)[number];

export function groupOf(entry: DeskQuestion): GroupName {
  if (entry.on_stage) return 'on_stage';
  if (entry.question.disposition !== null) return 'settled';
  return entry.next_up === null ? 'open' : 'coming';
}

/** The entries of each group: coming in the host's order, open by support, settled as the server sends them. */
export function groupDesk(entries: readonly DeskQuestion[]): Record<GroupName, DeskQuestion[]> {
  const groups: Record<GroupName, DeskQuestion[]> = { on_stage: [], coming: [], open: [], settled: [] };
  for (const entry of entries) groups[groupOf(entry)].push(entry);
  groups.coming.sort((a, b) => (a.next_up ?? 0) - (b.next_up ?? 0));
  groups.open.sort((a, b) => b.question.supports - a.question.supports || a.question.number - b.question.number);
  return groups;
}

/** The question to look at when none is chosen: the most urgent that is not settled, else the first of all. */
export function mostUrgent(entries: readonly DeskQuestion[]): DeskQuestion | null {
  const groups = groupDesk(entries);
  return GROUPS.flatMap((name) => groups[name])[0] ?? null;
}

/** The open question after `id` in the order of the desk, for going on when one is answered; null when none is left. */
export function nextOpen(entries: readonly DeskQuestion[], id: string): DeskQuestion | null {
  const groups = groupDesk(entries);
  const order = [...groups.coming, ...groups.open].filter((entry) => entry.question.id !== id);
  const supports = entries.find((entry) => entry.question.id === id)?.question.supports ?? Infinity;
  return order.find((entry) => entry.next_up === null && entry.question.supports <= supports) ?? order[0] ?? null;
}
