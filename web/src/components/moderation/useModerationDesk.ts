/**
 * The moderation desk of one session: what waits, what was decided, and what this person does about it.
 *
 *   const desk = useModerationDesk({ session_id, leftBy, mayDecide });
 *   desk.list.value                     // keys in order, for desk.filter and desk.query
 *   desk.decide(keys, 'approve')        // shown at once; put back when the server refuses
 *   desk.undo()                         // the newest decision of mine that can still be undone
 *
 * The rules are plain functions in `queue.ts`; this joins them to the live channels and the HTTP interface.
 */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { api, toApiError, type ApiError } from '@/live/api';
import { serverNow, useNow } from '@/live/serverClock';
import { useLive, type Live } from '@/live/useLive';
import { useStaff } from '@/staff/useStaff';
import type {
  BackstageView,
  Conflict,
  DecisionAnswer,
  DecisionFace,
  DecisionRequest,
  Item,
  PostState,
  QueueItem,
  QueuePage,
  SessionId,
  Verdict,
  View,
} from '@/wire/types';
import { conflictsOf } from './conflicts';
import { oldestAge_ms, recent } from './load';
import {
  DECISION_ITEMS_MAX,
  EMPTY_DESK,
  afterLeaving,
  asSeen,
  begin,
  extended,
  hear,
  keyOf,
  keysNamed,
  learn,
  listOf,
  rollBack,
  sameText,
  settle,
  settleReports,
  shownState,
  splitByFit,
  stepFrom,
  takeView,
  toggled,
  type Desk,
  type ItemKey,
  type QueueFilter,
} from './queue';
import { useClaims, type Claims } from './useClaims';

/** What can be undone beside decisions. */
export type OtherAct = 'keep' | 'merge' | 'sanction' | 'policy';

/** A decision or another act of mine that can still be undone. */
export interface OwnDecision {
  ticket: number;
  verdict: Verdict | OtherAct;
  keys: readonly ItemKey[];
  /** Undoes what is not a decision. */
  back?: () => Promise<unknown>;
  state: 'sending' | 'open' | 'undoing';
  /** Absent until the server has answered. */
  id?: string;
  /** By the server's clock. */
  until_ms?: number;
}

/** Something that did not go as pressed. It stays until the reader has seen it. */
export interface DeskNotice {
  /** `conflict`: a colleague was faster. `unknown`: the line broke, nobody knows yet. `refused`: the server said no. */
  kind: 'conflict' | 'unknown' | 'refused';
  verdict: Verdict | OtherAct;
  /** What did not happen, because of the conflict. */
  taken: readonly ItemKey[];
  /** What did not happen only because it was sent along. */
  rest: readonly ItemKey[];
  error: ApiError;
  /** What the colleagues did, as the server told with the refusal. */
  told: readonly Conflict[];
  /** Does it once more, or what was left of it; absent when that would be no use. */
  retry?: () => Promise<unknown>;
}

export interface ModerationDeskOptions {
  session_id: SessionId;
  /** A refusal that may be a lost login; true when the page is being left. */
  leftBy: (thrown: unknown) => boolean;
  /** Whether this person decides here: only then is what is read held. */
  mayDecide?: () => boolean;
}

export interface ModerationDesk {
  backstage: Live<BackstageView>;
  live: Live<View>;
  desk: ShallowRef<Desk>;
  filter: Ref<QueueFilter>;
  query: Ref<string>;
  list: ComputedRef<ItemKey[]>;
  current: Ref<ItemKey | undefined>;
  /** The item being read; stays readable when it left the queue meanwhile. */
  currentItem: ComputedRef<QueueItem | undefined>;
  selection: Ref<ReadonlySet<ItemKey>>;
  counts: ComputedRef<Readonly<Record<PostState, number>>>;
  /** Published since the list was read, while it is the list of published posts. */
  fresh: Ref<number>;
  load: ComputedRef<{ age_ms: number | undefined; in_per_min: number; out_per_min: number }>;
  own: ShallowRef<readonly OwnDecision[]>;
  notice: ShallowRef<DeskNotice | null>;
  page: Ref<{ state: 'idle' | 'loading' | 'failed'; more: boolean }>;
  claims: Claims;
  goTo: (key: ItemKey | undefined) => void;
  /** Goes to an item wherever it stands; true if the list shown had to change for it. */
  show: (key: ItemKey) => boolean;
  step: (by: number) => void;
  extendBy: (by: number) => void;
  select: (key: ItemKey, to?: ItemKey) => void;
  selectAll: () => void;
  selectSame: () => void;
  same: ComputedRef<ItemKey[]>;
  clear: () => void;
  decide: (keys: readonly ItemKey[], verdict: Verdict, said?: { reason?: string; note?: string }) => Promise<void>;
  undo: () => Promise<void>;
  /** Goes to the longest waiting item no colleague has, even if it is `elsewhere` than in the list shown. Rejects when it could not be asked for. */
  nextFree: () => Promise<'here' | 'elsewhere' | 'none'>;
  /** What viewers reported stays public; false if nothing of it was reported, or it did not go. */
  keep: (keys: readonly ItemKey[]) => Promise<boolean>;
  offerUndo: (what: OtherAct, keys: readonly ItemKey[], back: () => Promise<unknown>) => void;
  /** Published items viewers reported and nobody settled. */
  reported: ComputedRef<number>;
  loadMore: () => Promise<void>;
  /** Reads the list anew. */
  reload: () => Promise<void>;
  showFresh: () => Promise<void>;
}

/** Items fetched at a time. */
const PAGE_LIMIT = 100;
/** Below this many known held items the next ones are fetched, if the server has more. */
const HELD_LOW = 60;
/** Counts of the other states are asked for at most this often. */
const COUNT_EVERY_MS = 4_000;
const SEARCH_AFTER_MS = 250;
/** The server undoes for so long. */
const UNDO_MS = 10_000;

const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

export function matches(item: QueueItem, query: string): boolean {
  const wanted = plain(query.trim());
  return wanted === '' || plain(item.body).includes(wanted) || plain(item.author.name).includes(wanted) || `#${item.number}` === wanted;
}

export function useModerationDesk({ session_id, leftBy, mayDecide = () => true }: ModerationDeskOptions): ModerationDesk {
  const backstage = useLive(session_id, 'backstage');
  const live = useLive(session_id, 'public');
  const now_ms = useNow();
  const { me } = useStaff();
  const claims = useClaims({ session_id, backstage, may: mayDecide, me: () => me.value?.id });

  const desk = shallowRef<Desk>(EMPTY_DESK);
  const filter = ref<QueueFilter>({ state: 'held', kind: 'all' });
  const query = ref('');
  const found = shallowRef<ReadonlySet<ItemKey>>(new Set());
  const lingering = shallowRef<ReadonlySet<ItemKey>>(new Set());
  const current = ref<ItemKey>();
  const lastRead = shallowRef<QueueItem>();
  const selection = shallowRef<ReadonlySet<ItemKey>>(new Set());
  const serverCounts = shallowRef<Partial<Record<PostState, number>>>({});
  /** What decisions heard since the server last counted have moved. */
  const moved = shallowRef<Partial<Record<PostState, number>>>({});
  /** Reported items the server counted beyond those of the view. */
  const reportedBeyond = ref(0);
  const fresh = ref(0);
  const own = shallowRef<readonly OwnDecision[]>([]);
  const notice = shallowRef<DeskNotice | null>(null);
  const page = ref<{ state: 'idle' | 'loading' | 'failed'; more: boolean }>({ state: 'idle', more: false });
  const arrivals_ms = shallowRef<readonly number[]>([]);
  const departures_ms = shallowRef<readonly number[]>([]);

  let nextTicket = 1;
  let cursor: string | null = null;
  let listVersion = 0;
  /** Decisions of mine, so that hearing of them again makes nothing linger. */
  const ownIds = new Set<string>();
  const undoWanted = new Set<number>();

  // ---- what is heard ----

  const isMine = (decision: DecisionFace): boolean =>
    ownIds.has(decision.id) || desk.value.acts.some((act) => decision.items.some((item) => act.keys.includes(keyOf(item))));

  /** Takes in a decision and moves the counts along, so that they do not wait for the server's next recount. */
  function take(decision: DecisionFace, next: (desk: Desk) => Desk): void {
    const before = desk.value;
    desk.value = next(before);
    const change = { ...moved.value };
    for (const { kind, id } of decision.items) {
      const key = keyOf({ kind, id });
      const [from, to] = [before.items.get(key)?.state, desk.value.items.get(key)?.state];
      if (!from || !to || from === to) continue;
      change[from] = (change[from] ?? 0) - 1;
      change[to] = (change[to] ?? 0) + 1;
    }
    moved.value = change;
  }

  function hearItem(item: Item): void {
    if (item.type === 'item_queued') {
      if (item.item.state === 'held' && !desk.value.items.has(keyOf(item.item))) arrivals_ms.value = [...arrivals_ms.value, serverNow()];
      desk.value = learn(desk.value, [item.item]);
    } else if (item.type === 'item_reported') {
      desk.value = learn(desk.value, [item.item]);
    } else if (item.type === 'reports_settled') {
      desk.value = settleReports(desk.value, item.items.map(keyOf));
    } else if (item.type === 'items_decided') {
      const { decision } = item;
      if (!decision.undone) departures_ms.value = [...departures_ms.value, ...decision.items.map(() => serverNow())];
      if (!isMine(decision)) {
        const shown = new Set(list.value);
        const kept = decision.items.map(keyOf).filter((key) => shown.has(key));
        if (kept.length > 0) lingering.value = new Set([...lingering.value, ...kept]);
      }
      take(decision, (before) => hear(before, decision));
    }
  }

  backstage.on('view', (view, batches, whole) => {
    for (const batch of batches) for (const item of batch.items) hearItem(item);
    // It has the batches in it already.
    if (whole || batches.length === 0) desk.value = takeView(desk.value, view);
    settleList();
    void fetchHeldIfLow();
    countSoon();
  });

  live.on('view', (_, batches) => {
    for (const batch of batches) {
      for (const item of batch.items) {
        const key = item.type === 'comment_published' ? keyOf({ kind: 'comment', id: item.comment.id }) : item.type === 'question_published' ? keyOf({ kind: 'question', id: item.question.id }) : undefined;
        if (key && !desk.value.items.has(key)) fresh.value += 1;
      }
      fresh.value += batch.omitted ?? 0;
    }
    if (batches.length > 0) countSoon();
  });

  // ---- what is shown ----

  const whole = computed(() => listOf(desk.value, filter.value, lingering.value));
  const list = computed(() => {
    if (query.value.trim() === '') return whole.value;
    return whole.value.filter((key) => {
      const item = desk.value.items.get(key);
      return found.value.has(key) || (item !== undefined && matches(item, query.value));
    });
  });

  const currentItem = computed(() => {
    if (!current.value) return undefined;
    const item = desk.value.items.get(current.value);
    if (item) return item;
    return lastRead.value && keyOf(lastRead.value) === current.value ? lastRead.value : undefined;
  });
  watch(currentItem, (item) => {
    if (item) lastRead.value = item;
  });

  /** After the list changed: something is read whenever there is something, and nothing is selected that is gone. */
  function settleList(): void {
    if (current.value === undefined) current.value = list.value[0];
    if (selection.value.size === 0) return;
    const shown = new Set(list.value);
    const kept = [...selection.value].filter((key) => shown.has(key));
    if (kept.length < selection.value.size) selection.value = new Set(kept);
  }

  const counts = computed<Readonly<Record<PostState, number>>>(() => {
    const zero: Record<PostState, number> = { held: 0, published: 0, declined: 0, retracted: 0, withdrawn: 0 };
    const said = { ...zero, ...serverCounts.value };
    for (const [state, n] of Object.entries(moved.value) as [PostState, number][]) said[state] = Math.max(0, said[state] + n);
    for (const act of desk.value.acts) {
      for (const key of act.keys) {
        const [from, to] = [desk.value.items.get(key)?.state, shownState(desk.value, key)];
        if (from && to && from !== to) {
          said[from] -= 1;
          said[to] += 1;
        }
      }
    }
    const view = backstage.view.value;
    const inView = new Set((view?.held ?? []).map(keyOf));
    let [shown, fetched] = [0, 0];
    for (const [key, item] of desk.value.items) {
      if (item.state !== 'held') continue;
      if (shownState(desk.value, key) === 'held') shown += 1;
      if (!inView.has(key)) fetched += 1;
    }
    const beyond = Math.max(0, (view?.held_total ?? 0) - inView.size - fetched);
    return { ...said, held: shown + beyond };
  });

  const held = computed(() => [...desk.value.items.values()].filter((item) => item.state === 'held' && shownState(desk.value, keyOf(item)) === 'held'));
  const load = computed(() => ({
    age_ms: oldestAge_ms(held.value, now_ms.value),
    in_per_min: recent(arrivals_ms.value, now_ms.value).length,
    out_per_min: recent(departures_ms.value, now_ms.value).length,
  }));
  // What left the last minute is forgotten, or two hours of arrivals would be walked through every second.
  watch(now_ms, (now) => {
    if (arrivals_ms.value.length > 0) arrivals_ms.value = recent(arrivals_ms.value, now);
    if (departures_ms.value.length > 0) departures_ms.value = recent(departures_ms.value, now);
    const open = own.value.filter((decision) => decision.until_ms === undefined || decision.until_ms > now);
    if (open.length < own.value.length) own.value = open;
  });

  const same = computed(() => (current.value ? sameText(desk.value, list.value, current.value) : []));

  // ---- moving and selecting ----

  function goTo(key: ItemKey | undefined): void {
    current.value = key;
    if (lingering.value.size > 0) lingering.value = new Set(key && lingering.value.has(key) ? [key] : []);
  }
  // What is read is held, as long as it waits for a decision.
  watch(
    () => {
      const key = current.value;
      return key && (shownState(desk.value, key) === 'held' || desk.value.items.get(key)?.reports) ? key : undefined;
    },
    (key) => claims.hold(key),
  );

  function show(key: ItemKey): boolean {
    const item = desk.value.items.get(key);
    const state = shownState(desk.value, key);
    const moves = item !== undefined && state !== undefined && !list.value.includes(key);
    if (moves) {
      const kind = filter.value.kind === item.kind ? item.kind : 'all';
      filter.value = { kind, state, reported: state === 'published' && item.reports !== undefined };
      query.value = '';
    }
    goTo(key);
    return moves;
  }

  async function nextFree(): Promise<'here' | 'elsewhere' | 'none'> {
    const item = await claims.next(filter.value.kind, current.value ? [current.value] : []);
    if (!item) return 'none';
    const reports = item.reports ?? desk.value.items.get(keyOf(item))?.reports;
    desk.value = learn(desk.value, [reports ? { ...item, reports } : item]);
    return show(keyOf(item)) ? 'elsewhere' : 'here';
  }

  const step = (by: number): void => goTo(stepFrom(list.value, current.value, by));

  function extendBy(by: number): void {
    const from = current.value;
    const to = stepFrom(list.value, from, by);
    if (!from || !to) return;
    selection.value = extended(selection.value, list.value, from, to);
    current.value = to;
  }
  function select(key: ItemKey, to?: ItemKey): void {
    selection.value = to ? extended(selection.value, list.value, key, to) : toggled(selection.value, key);
  }
  function selectAll(): void {
    selection.value = selection.value.size === list.value.length ? new Set() : new Set(list.value);
  }
  function selectSame(): void {
    if (current.value && same.value.length > 0) selection.value = new Set([...selection.value, current.value, ...same.value]);
  }
  function clear(): void {
    selection.value = new Set();
    query.value = '';
  }

  // ---- deciding ----

  const keeping = new Set<ItemKey>();
  /** What viewers reported stays public; the channel tells when it is done. */
  async function keep(asked: readonly ItemKey[]): Promise<boolean> {
    const keys = asked.filter((key) => desk.value.items.get(key)?.reports && !keeping.has(key)).slice(0, DECISION_ITEMS_MAX);
    if (keys.length === 0) return false;
    const read = current.value;
    const next = afterLeaving(list.value, read, new Set(keys), claims.others.value);
    const items = asSeen(desk.value, keys, claims.leaseOf);
    for (const key of keys) keeping.add(key);
    notice.value = null;
    try {
      await api.post(`/sessions/${session_id}/reports/keep`, { items });
      claims.decided(keys);
      selection.value = new Set([...selection.value].filter((key) => !keys.includes(key)));
      if (current.value === read) goTo(next);
      offerUndo('keep', keys, () => api.post(`/sessions/${session_id}/reports/reopen`, { items: items.map(({ kind, id }) => ({ kind, id })) }));
      return true;
    } catch (thrown) {
      if (!leftBy(thrown)) tell(toApiError(thrown), 'keep', keys, keep);
      return false;
    } finally {
      for (const key of keys) keeping.delete(key);
    }
  }

  async function decide(keys: readonly ItemKey[], verdict: Verdict, said: { reason?: string; note?: string } = {}): Promise<void> {
    const { fits } = splitByFit(desk.value, keys, verdict);
    if (fits.length === 0) return;
    const ticket = nextTicket++;
    const request: DecisionRequest = { verdict, items: asSeen(desk.value, fits, claims.leaseOf), reason: said.reason ?? '', note: said.note ?? '' };
    const next = afterLeaving(list.value, current.value, new Set(fits), claims.others.value);
    desk.value = begin(desk.value, { ticket, verdict, keys: fits });
    own.value = [...own.value, { ticket, verdict, keys: fits, state: 'sending' }];
    selection.value = new Set([...selection.value].filter((key) => !fits.includes(key)));
    notice.value = null;
    goTo(next);
    try {
      const answer = await api.post<DecisionAnswer>(`/sessions/${session_id}/decisions`, request);
      ownIds.add(answer.id);
      claims.decided(fits);
      take(answer.decision, (before) => settle(before, ticket, answer.decision));
      const done: OwnDecision = { ticket, verdict, keys: fits, state: 'open', id: answer.id, until_ms: answer.decision.undo_until_ms };
      own.value = own.value.map((decision) => (decision.ticket === ticket ? done : decision));
      if (undoWanted.delete(ticket)) await takeBack(done);
    } catch (thrown) {
      desk.value = rollBack(desk.value, ticket);
      own.value = own.value.filter((decision) => decision.ticket !== ticket);
      undoWanted.delete(ticket);
      if (!leftBy(thrown)) tell(toApiError(thrown), verdict, fits, (rest) => decide(rest, verdict, said));
    }
    settleList();
    countSoon();
    void fetchHeldIfLow();
  }

  function tell(error: ApiError, verdict: Verdict | OtherAct, keys: readonly ItemKey[], redo: (keys: readonly ItemKey[]) => Promise<unknown>): void {
    const kind = error.code === 'conflict' ? 'conflict' : error.code === 'offline' ? 'unknown' : 'refused';
    const taken = kind === 'conflict' ? keysNamed(error.params.ids, keys) : [...keys];
    const rest = keys.filter((key) => !taken.includes(key));
    const again = kind === 'conflict' ? rest : error.code === 'unavailable' ? keys : [];
    notice.value = { kind, verdict, taken, rest, error, told: conflictsOf(error), retry: again.length > 0 ? () => redo(again) : undefined };
  }

  /** Offers to undo something for as long as a decision can be. */
  function offerUndo(what: OtherAct, keys: readonly ItemKey[], back: () => Promise<unknown>): void {
    own.value = [...own.value, { ticket: nextTicket++, verdict: what, keys, state: 'open', until_ms: serverNow() + UNDO_MS, back }];
  }

  /** One at a time: a second press must not take back what the strip does not show. */
  async function undo(): Promise<void> {
    const decision = own.value[own.value.length - 1];
    if (!decision || own.value.some((one) => one.state === 'undoing')) return;
    if (decision.state === 'sending') {
      // It cannot be undone before it is done; it is, as soon as the server answers.
      undoWanted.add(decision.ticket);
      return;
    }
    await takeBack(decision);
  }

  async function takeBack(decision: OwnDecision): Promise<void> {
    own.value = own.value.map((one) => (one.ticket === decision.ticket ? { ...one, state: 'undoing' } : one));
    notice.value = null;
    try {
      if (decision.back) {
        await decision.back();
      } else {
        const answer = await api.post<DecisionAnswer>(`/sessions/${session_id}/decisions/${decision.id}/undo`);
        take(answer.decision, (before) => hear(before, answer.decision));
      }
      if (decision.keys[0]) goTo(decision.keys[0]);
    } catch (thrown) {
      const error = toApiError(thrown);
      const retry = error.code === 'unavailable' ? () => takeBack(decision) : undefined;
      if (!leftBy(thrown)) notice.value = { kind: error.code === 'offline' ? 'unknown' : 'refused', verdict: decision.verdict, taken: decision.keys, rest: [], error, told: conflictsOf(error), retry };
    } finally {
      own.value = own.value.filter((one) => one.ticket !== decision.ticket);
    }
  }

  // ---- what is fetched ----

  async function fetchPage(options: Partial<QueueFilter> & { state: PostState; cursor?: string | null; q?: string; limit?: number }): Promise<QueuePage> {
    const answer = await api.get<QueuePage>(`/sessions/${session_id}/queue`, {
      query: {
        state: options.anywhere ? null : options.state,
        anywhere: options.anywhere ? 'true' : null,
        kind: options.kind === 'all' ? null : options.kind,
        reported: options.reported ? 'true' : null,
        reason: options.reason,
        topic: options.topic,
        department_id: options.department_id,
        tier: options.tier,
        older_min: options.older_min || null,
        cursor: options.cursor,
        q: options.q,
        limit: options.limit ?? PAGE_LIMIT,
      },
    });
    serverCounts.value = Object.fromEntries(answer.counts) as Partial<Record<PostState, number>>;
    moved.value = {};
    const view = backstage.view.value;
    reportedBeyond.value = view ? answer.reported - (view.reported?.length ?? 0) : 0;
    return answer;
  }

  /** Reads the list anew from its beginning, or its next page. */
  async function fetchList(more: boolean): Promise<void> {
    const version = more ? listVersion : ++listVersion;
    page.value = { ...page.value, state: 'loading' };
    const q = query.value.trim();
    try {
      const answer = await fetchPage({ ...filter.value, q, cursor: more ? cursor : null });
      if (version !== listVersion) return;
      cursor = answer.next_cursor;
      desk.value = learn(desk.value, answer.items);
      if (q) found.value = new Set([...(more ? found.value : []), ...answer.items.map(keyOf)]);
      page.value = { state: 'idle', more: cursor !== null };
      settleList();
    } catch (thrown) {
      if (version === listVersion && !leftBy(thrown)) page.value = { ...page.value, state: 'failed' };
    }
  }

  async function showFresh(): Promise<void> {
    fresh.value = 0;
    await fetchList(false);
    goTo(list.value[0]);
  }

  let fetchingHeld = false;
  async function fetchHeldIfLow(): Promise<void> {
    if (fetchingHeld || counts.value.held <= held.value.length || held.value.length >= HELD_LOW) return;
    fetchingHeld = true;
    try {
      desk.value = learn(desk.value, (await fetchPage({ state: 'held', limit: 200 })).items);
      settleList();
    } catch {
      // The next message of the channel tries again.
    } finally {
      fetchingHeld = false;
    }
  }

  let countTimer: ReturnType<typeof setTimeout> | undefined;
  function countSoon(): void {
    countTimer ??= setTimeout(async () => {
      countTimer = undefined;
      await fetchPage({ state: filter.value.state, limit: 1 }).catch(() => undefined);
    }, COUNT_EVERY_MS);
  }

  let searchTimer: ReturnType<typeof setTimeout> | undefined;
  watch(query, () => {
    clearTimeout(searchTimer);
    found.value = new Set();
    goTo(list.value.includes(current.value as ItemKey) ? current.value : list.value[0]);
    searchTimer = setTimeout(() => void fetchList(false), SEARCH_AFTER_MS);
  });
  watch(filter, () => {
    selection.value = new Set();
    lingering.value = new Set();
    fresh.value = 0;
    if (!list.value.includes(current.value as ItemKey)) current.value = list.value[0];
    void fetchList(false);
  });
  watch(backstage.state, (state) => {
    if (state === 'live' && page.value.state === 'failed') void fetchList(false);
  });
  void fetchList(false);

  onScopeDispose(() => {
    clearTimeout(countTimer);
    clearTimeout(searchTimer);
  });

  return {
    backstage,
    live,
    desk,
    filter,
    query,
    list,
    current,
    currentItem,
    selection,
    counts,
    fresh,
    load,
    own,
    notice,
    page,
    claims,
    goTo,
    show,
    step,
    extendBy,
    select,
    selectAll,
    selectSame,
    same,
    clear,
    decide,
    undo,
    nextFree,
    keep,
    offerUndo,
    reported: computed(() => Math.max(0, (backstage.view.value?.reported?.length ?? 0) + reportedBeyond.value)),
    loadMore: () => fetchList(true),
    reload: () => fetchList(false),
    showFresh,
  };
}
