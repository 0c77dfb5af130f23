/**
 * What the moderation desk knows, as plain values: the server's word about each item, and the acts sent and not
 * yet answered. Every function returns a new desk; none of them fetches, waits or looks at a clock.
 *
 * An act changes what is shown at once. The server's answer (or its refusal) then takes the act away again, so
 * nothing has to be put back by hand: what is shown is always truth plus acts.
 */
import type {
  BackstageView,
  DecisionFace,
  DecisionItem,
  LeaseId,
  PostKind,
  PostState,
  QueueItem,
  Tier,
  Verdict,
} from '@/wire/types';

/** Kind and id together: a comment and a question may have the same id. */
export type ItemKey = `${PostKind}/${string}`;

export const keyOf = (item: { kind: PostKind; id: string }): ItemKey => `${item.kind}/${item.id}`;

/** A decision on its way to the server. */
export interface PendingAct {
  ticket: number;
  verdict: Verdict;
  keys: readonly ItemKey[];
}

export interface Desk {
  items: ReadonlyMap<ItemKey, QueueItem>;
  /** Oldest first. */
  acts: readonly PendingAct[];
  /** The newest decision heard of about an item: who did what when. */
  decided: ReadonlyMap<ItemKey, DecisionFace>;
}

export const EMPTY_DESK: Desk = { items: new Map(), acts: [], decided: new Map() };

export interface QueueFilter {
  state: PostState;
  kind: PostKind | 'all';
  /** Only what viewers reported; its state is `published`. */
  reported?: boolean;
  /** All states: what is looked for, wherever it stands. */
  anywhere?: boolean;
  /** Code of what screening found or a moderator gave. */
  reason?: string;
  topic?: string;
  department_id?: string;
  tier?: Tier;
  older_min?: number;
  /** `older_min` as an instant, so that nothing slips in while one reads. */
  before_ms?: number;
}

/** Whether an item passes everything of a filter but state and kind. */
export function passes(item: QueueItem, filter: QueueFilter): boolean {
  return (
    (!filter.reported || item.reports !== undefined) &&
    (!filter.reason || item.reason === filter.reason || item.findings.some((finding) => finding.reason === filter.reason)) &&
    (!filter.topic || item.topic === filter.topic) &&
    (!filter.department_id || item.department_id === filter.department_id) &&
    (!filter.tier || item.author.tier === filter.tier) &&
    (filter.before_ms === undefined || item.at_ms < filter.before_ms)
  );
}

/** Items one decision may cover; the server refuses more. */
export const DECISION_ITEMS_MAX = 500;

/** Where `verdict` takes a post that is `from`, absent if it does not fit. The server has the last word. */
export function targetOf(verdict: Verdict, from: PostState): PostState | undefined {
  if (verdict === 'approve' && from === 'held') return 'published';
  if (verdict === 'restore' && (from === 'declined' || from === 'retracted')) return 'published';
  if (verdict === 'decline' && from === 'held') return 'declined';
  if (verdict === 'retract' && from === 'published') return 'retracted';
  return undefined;
}

/** The verdicts that fit a post in `state`, the one most often taken first. */
export function verdictsFor(state: PostState): readonly Verdict[] {
  return (['approve', 'restore', 'decline', 'retract'] as const).filter((verdict) => targetOf(verdict, state) !== undefined);
}

/** Takes in items as the server tells of them; one older than what is known changes nothing. */
export function learn(desk: Desk, heard: readonly QueueItem[]): Desk {
  let items: Map<ItemKey, QueueItem> | undefined;
  for (const item of heard) {
    const key = keyOf(item);
    const known = desk.items.get(key);
    if (known === item || (known && known.revision > item.revision)) continue;
    (items ??= new Map(desk.items)).set(key, item);
  }
  return items ? { ...desk, items } : desk;
}

/** Takes in a decision of anybody, one's own included. */
export function hear(desk: Desk, decision: DecisionFace): Desk {
  let items: Map<ItemKey, QueueItem> | undefined;
  let decided: Map<ItemKey, DecisionFace> | undefined;
  for (const change of decision.items) {
    const key = keyOf(change);
    const last = desk.decided.get(key);
    const isNews = !last || last.at_ms < decision.at_ms || (last.id === decision.id && last.undone !== decision.undone);
    if (isNews) (decided ??= new Map(desk.decided)).set(key, decision);
    const known = desk.items.get(key);
    if (!known || known.revision >= change.revision) continue;
    // What an item was held for before stays in its findings; the reason belongs to the decision in force.
    const reason = decision.undone ? '' : decision.reason;
    (items ??= new Map(desk.items)).set(key, { ...known, state: change.state, revision: change.revision, reason });
  }
  return items || decided ? { ...desk, items: items ?? desk.items, decided: decided ?? desk.decided } : desk;
}

/** Reported items a view carries at most. */
const VIEW_REPORTED_MAX = 500;

/** Takes in the whole backstage channel: held items, decisions, and what is silently held or reported no longer. */
export function takeView(desk: Desk, view: BackstageView): Desk {
  const reported = new Set((view.reported ?? []).map(keyOf));
  let next = learn(learn(desk, view.held), view.reported ?? []);
  if (reported.size < VIEW_REPORTED_MAX) next = settleReports(next, [...next.items.keys()].filter((key) => !reported.has(key)));
  for (const decision of [...view.decisions].reverse()) next = hear(next, decision);
  // Only when the view has every held item does absence mean something.
  if (view.held.length < view.held_total) return next;
  const held = new Set(view.held.map(keyOf));
  const stale = [...next.items].filter(([key, item]) => item.state === 'held' && !held.has(key) && !actOn(next, key));
  if (stale.length === 0) return next;
  const items = new Map(next.items);
  for (const [key] of stale) items.delete(key);
  return { ...next, items };
}

/** Reports are settled: nothing is said of the items any more. */
export function settleReports(desk: Desk, keys: readonly ItemKey[]): Desk {
  let items: Map<ItemKey, QueueItem> | undefined;
  for (const key of keys) {
    const known = desk.items.get(key);
    if (!known?.reports) continue;
    const rest = { ...known };
    delete rest.reports;
    (items ??= new Map(desk.items)).set(key, rest);
  }
  return items ? { ...desk, items } : desk;
}

/** An act was sent. */
export function begin(desk: Desk, act: PendingAct): Desk {
  return { ...desk, acts: [...desk.acts, act] };
}

/** The server did it. */
export function settle(desk: Desk, ticket: number, decision: DecisionFace): Desk {
  return hear(rollBack(desk, ticket), decision);
}

/** The server refused it, or it never arrived: the items stand where they stood. */
export function rollBack(desk: Desk, ticket: number): Desk {
  return { ...desk, acts: desk.acts.filter((act) => act.ticket !== ticket) };
}

function actOn(desk: Desk, key: ItemKey): PendingAct | undefined {
  return desk.acts.find((act) => act.keys.includes(key));
}

/** Where an item stands for the reader: the server's word with unanswered acts on top. */
export function shownState(desk: Desk, key: ItemKey): PostState | undefined {
  const item = desk.items.get(key);
  if (!item) return undefined;
  return desk.acts.reduce((state, act) => (act.keys.includes(key) ? (targetOf(act.verdict, state) ?? state) : state), item.state);
}

/** Held items oldest first, because they wait; reported ones by how many did; all others newest first, because they are looked up. */
export function compareItems(state: PostState, reported = false): (a: QueueItem, b: QueueItem) => number {
  if (reported) {
    return (a, b) => (b.reports?.count ?? 0) - (a.reports?.count ?? 0) || (a.reports?.first_ms ?? 0) - (b.reports?.first_ms ?? 0) || keyOf(a).localeCompare(keyOf(b));
  }
  const sign = state === 'held' ? 1 : -1;
  return (a, b) => sign * (a.at_ms - b.at_ms || a.number - b.number) || keyOf(a).localeCompare(keyOf(b));
}

/**
 * Keys of the list, in order. `lingering` keeps what a colleague decided in its place until the reader moves on,
 * so that no row slips away under the hand.
 */
export function listOf(desk: Desk, filter: QueueFilter, lingering: ReadonlySet<ItemKey> = new Set()): ItemKey[] {
  // One pass over the acts instead of one per item: the list is made anew with every press.
  const touched = new Set(desk.acts.flatMap((act) => act.keys));
  const belongs = (key: ItemKey, item: QueueItem): boolean =>
    (filter.kind === 'all' || item.kind === filter.kind) &&
    passes(item, filter) &&
    (filter.anywhere === true || (touched.has(key) ? shownState(desk, key) : item.state) === filter.state || lingering.has(key));
  return [...desk.items]
    .filter(([key, item]) => belongs(key, item))
    .map(([, item]) => item)
    .sort(compareItems(filter.anywhere ? 'published' : filter.state, filter.reported))
    .map(keyOf);
}

/** Where the reader goes when `gone` leave the list: the next one down that no colleague has `taken`, else above, else any, else nowhere. */
export function afterLeaving(
  list: readonly ItemKey[],
  current: ItemKey | undefined,
  gone: ReadonlySet<ItemKey>,
  taken: ReadonlyMap<ItemKey, unknown> = new Map(),
): ItemKey | undefined {
  const at = current ? list.indexOf(current) : -1;
  if (current && at >= 0 && !gone.has(current)) return current;
  const below = list.slice(at + 1).filter((key) => !gone.has(key));
  const above = list.slice(0, Math.max(at, 0)).reverse().filter((key) => !gone.has(key));
  const free = (key: ItemKey): boolean => !taken.has(key);
  return below.find(free) ?? above.find(free) ?? below[0] ?? above[0];
}

/** One step up or down; stays at the ends. Without a current item the step goes to the first one. */
export function stepFrom(list: readonly ItemKey[], current: ItemKey | undefined, step: number): ItemKey | undefined {
  const at = current ? list.indexOf(current) : -1;
  if (at < 0) return list[0];
  return list[Math.min(Math.max(at + step, 0), list.length - 1)];
}

export function toggled(selection: ReadonlySet<ItemKey>, key: ItemKey): Set<ItemKey> {
  const next = new Set(selection);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** `selection` with everything between `from` and `to`, both included. */
export function extended(selection: ReadonlySet<ItemKey>, list: readonly ItemKey[], from: ItemKey, to: ItemKey): Set<ItemKey> {
  const [a, b] = [list.indexOf(from), list.indexOf(to)];
  if (a < 0 || b < 0) return new Set(selection);
  return new Set([...selection, ...list.slice(Math.min(a, b), Math.max(a, b) + 1)]);
}

/** What a bulk act would do: the items it fits, in the list's order, and those it leaves alone. */
export function splitByFit(desk: Desk, keys: readonly ItemKey[], verdict: Verdict): { fits: ItemKey[]; leaves: ItemKey[] } {
  const fits: ItemKey[] = [];
  const leaves: ItemKey[] = [];
  for (const key of keys) {
    const state = shownState(desk, key);
    const fit = state !== undefined && targetOf(verdict, state) !== undefined && fits.length < DECISION_ITEMS_MAX;
    (fit ? fits : leaves).push(key);
  }
  return { fits, leaves };
}

/** Items as they were seen and the claims they are decided under, for the server to compare with what it has. */
export function asSeen(desk: Desk, keys: readonly ItemKey[], leaseOf: (key: ItemKey) => LeaseId | undefined = () => undefined): DecisionItem[] {
  return keys.flatMap((key) => {
    const item = desk.items.get(key);
    return item ? [{ kind: item.kind, id: item.id, revision: item.revision, lease: leaseOf(key) ?? null }] : [];
  });
}

/** Which of `keys` a refusal with `ids` names; all of them if it names none that we know. */
export function keysNamed(ids: string | undefined, keys: readonly ItemKey[]): ItemKey[] {
  const named = new Set((ids ?? '').split(/[\s,;]+/).map((id) => id.slice(id.search(/[^/:]*$/))));
  const found = keys.filter((key) => named.has(key.slice(key.indexOf('/') + 1)));
  return found.length > 0 ? found : [...keys];
}

/** What each text says, reckoned once: every press asks for the whole list's. */
const plainTexts = new WeakMap<QueueItem, string>();

function plainText(item: QueueItem): string {
  let text = plainTexts.get(item);
  if (text === undefined) {
    text = item.body.normalize('NFKC').toLowerCase().replace(/[\p{P}\p{S}\s]+/gu, '');
    plainTexts.set(item, text);
  }
  return text;
}

/** Other items in `keys` that say the same as `key`, spaces and punctuation aside. */
export function sameText(desk: Desk, keys: readonly ItemKey[], key: ItemKey): ItemKey[] {
  const own = desk.items.get(key);
  const text = own ? plainText(own) : '';
  if (text === '') return [];
  return keys.filter((other) => {
    const item = desk.items.get(other);
    return other !== key && item !== undefined && plainText(item) === text;
  });
}
