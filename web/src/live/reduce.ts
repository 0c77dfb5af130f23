/**
 * What a page shows, folded from what the server says: `view` is the whole, a `batch` is what happened after it.
 *
 *   const { outcome, view } = reduceView(view, batch);        // public channel
 *   const { outcome, view } = reduceBackstage(view, batch);   // staff channel
 *   const view = reduceViewAll(view, batches);                // what came since the last frame, lists copied once
 *
 * Plain functions of values: no clock, no socket, and what comes in is never changed. The server folds with the same
 * rules; both sides run the fixtures in `tests/fixtures/fold/` of the repository (their form is in `FoldFixture`).
 */
import type { BackstageView, Batch, ClaimFace, CommentFace, Item, QueueItem, QuestionFace, View } from '@/wire/types';

/**
 * `applied`: the view is now as of `batch.last_seq`. `repeated`: everything in it was known, the view is the old one.
 * `gap`: something before it is missing, the view is the old one; come back with `?since=view.seq`.
 */
export type Outcome = 'applied' | 'repeated' | 'gap';

export interface Reduced<V> {
  outcome: Outcome;
  view: V;
}

/**
 * How much a page keeps, however long it is open; the oldest comments and the least supported questions leave first. A list
 * that rests under its reader holds on to what it shows besides, at most as many again.
 */
export interface Limits {
  /** @default 5000 */
  comments_max: number;
  /** @default 5000 */
  questions_max: number;
  /** Held items kept for the moderators. @default 5000 */
  held_max: number;
  /** Newest decisions kept. @default 50 */
  decisions_max: number;
}

/** Issue 3: the page holds 5,000 items on a phone. */
export const LIMITS: Limits = { comments_max: 5_000, questions_max: 5_000, held_max: 5_000, decisions_max: 50 };

/** One file of `tests/fixtures/fold/`. `expected.outcomes` has one entry for each batch. */
export interface FoldFixture {
  /** The rule it holds, as a sentence. */
  name: string;
  channel: 'public' | 'backstage';
  /** Only what differs from the folding side's own limits. */
  limits?: Partial<Limits>;
  view: View | BackstageView;
  batches: Batch[];
  expected: { outcomes: Outcome[]; view: View | BackstageView };
}

/** Folds one batch of the public channel into `view`. */
export function reduceView(view: View, batch: Batch, limits: Limits = LIMITS): Reduced<View> {
  const fold = new PublicFold(view, limits);
  const outcome = fold.batch(batch);
  return { outcome, view: outcome === 'applied' ? fold.view : view };
}

/** Folds batches one after the other, the same as `reduceView` would; what does not follow is passed over. */
export function reduceViewAll(view: View, batches: readonly Batch[], limits: Limits = LIMITS): View {
  const fold = new PublicFold(view, limits);
  let applied = false;
  for (const batch of batches) applied = fold.batch(batch) === 'applied' || applied;
  return applied ? fold.view : view;
}

/** Folds one batch of the backstage channel into `view`. */
export function reduceBackstage(view: BackstageView, batch: Batch, limits: Limits = LIMITS): Reduced<BackstageView> {
  const outcome = place(view.seq, batch);
  if (outcome !== 'applied') return { outcome, view };
  let next: BackstageView = { ...view, seq: batch.last_seq };
  for (const item of batch.items) if (item.seq > view.seq) next = applyBackstage(next, item, limits);
  return { outcome, view: next };
}

/** The same for the backstage channel. */
export function reduceBackstageAll(view: BackstageView, batches: readonly Batch[], limits: Limits = LIMITS): BackstageView {
  return batches.reduce((before, batch) => reduceBackstage(before, batch, limits).view, view);
}

/** Adds questions read from the list (`GET …/questions`) that the view did not carry. Counts nothing. */
export function withQuestions(view: View, more: readonly QuestionFace[]): View {
  const known = new Set(view.questions.map((question) => question.id));
  const fresh = more.filter((question) => !known.has(question.id));
  return fresh.length === 0 ? view : { ...view, questions: [...view.questions, ...fresh] };
}

/** Adds older comments read from the list (`GET …/comments`, newest first) before those of the view. */
export function withOlderComments(view: View, older: readonly CommentFace[], limits: Limits = LIMITS): View {
  const known = new Set(view.comments.map((comment) => comment.id));
  const fresh = older.filter((comment) => !known.has(comment.id)).reverse();
  if (fresh.length === 0) return view;
  return { ...view, comments: [...fresh, ...view.comments].slice(-limits.comments_max) };
}

/** Where a batch stands to what is known: the client's rule of `docs/api.md`. */
export function place(seq: number, batch: Batch): Outcome {
  if (batch.last_seq <= seq) return 'repeated';
  return batch.first_seq > seq + 1 ? 'gap' : 'applied';
}

/** Batches on their way into a view. A list is copied once, when its first change comes: after a rest there are hundreds. */
class PublicFold {
  /** The view after the batches so far; the one it began with is not touched. */
  readonly view: View;
  private readonly limits: Limits;
  private places: Map<string, number> | undefined;
  private copiedComments = false;
  private copiedQuestions = false;

  constructor(view: View, limits: Limits) {
    this.view = { ...view };
    this.limits = limits;
  }

  batch(batch: Batch): Outcome {
    const { seq } = this.view;
    const outcome = place(seq, batch);
    if (outcome !== 'applied') return outcome;
    for (const item of batch.items) if (item.seq > seq) this.apply(item);
    for (const [id, supports] of batch.tallies ?? []) this.tally(id, supports);
    this.prune();
    this.view.seq = batch.last_seq;
    return outcome;
  }

  private apply(item: Item): void {
    const view = this.view;
    switch (item.type) {
      case 'session_changed':
        view.session = item.session;
        break;
      case 'comment_published':
        this.ownedComments().push(item.comment);
        break;
      case 'post_removed':
        if (item.kind === 'comment') view.comments = this.without(this.ownedComments(), item.id);
        else this.removeQuestion(item.id);
        break;
      case 'question_published':
        this.putQuestion(item.question);
        break;
      case 'answer_published':
        view.answers = upsert(view.answers, item.answer);
        break;
      default:
        // The staff's items never come on this channel; a newer server's items are not this page's.
        break;
    }
  }

  private tally(id: string, supports: number): void {
    const at = this.place(id);
    const question = at === undefined ? undefined : this.view.questions[at];
    if (at !== undefined && question && question.supports !== supports) this.ownedQuestions()[at] = { ...question, supports };
    const stage = this.view.session.stage;
    if (stage?.question.id === id) this.setStageQuestion({ ...stage.question, supports });
  }

  private prune(): void {
    const { view } = this;
    const { comments_max, questions_max } = this.limits;
    if (view.comments.length > comments_max) this.ownedComments().splice(0, view.comments.length - comments_max);
    if (view.questions.length > questions_max) {
      view.questions = withoutLeastSupported(view.questions, questions_max);
      this.copiedQuestions = true;
      this.places = undefined;
    }
  }

  private removeQuestion(id: string): void {
    const view = this.view;
    view.questions = this.without(this.ownedQuestions(), id);
    this.places = undefined;
    view.questions_total = Math.max(view.questions.length, view.questions_total - 1);
    if (view.session.stage?.question.id === id) view.session = { ...view.session, stage: null };
  }

  private putQuestion(question: QuestionFace): void {
    const view = this.view;
    const at = this.place(question.id);
    if (at !== undefined) {
      this.ownedQuestions()[at] = question;
    } else {
      // What became of a question is said only of one that was published before: it was among those the view left out.
      if (question.disposition === null) view.questions_total += 1;
      this.places?.set(question.id, view.questions.length);
      this.ownedQuestions().push(question);
    }
    if (view.session.stage?.question.id === question.id) this.setStageQuestion(question);
  }

  private setStageQuestion(question: QuestionFace): void {
    const session = this.view.session;
    if (session.stage) this.view.session = { ...session, stage: { ...session.stage, question } };
  }

  private place(id: string): number | undefined {
    this.places ??= new Map(this.view.questions.map((question, at) => [question.id, at]));
    return this.places.get(id);
  }

  private ownedComments(): CommentFace[] {
    if (!this.copiedComments) this.view.comments = [...this.view.comments];
    this.copiedComments = true;
    return this.view.comments;
  }

  private ownedQuestions(): QuestionFace[] {
    if (!this.copiedQuestions) this.view.questions = [...this.view.questions];
    this.copiedQuestions = true;
    return this.view.questions;
  }

  private without<T extends { id: string }>(list: T[], id: string): T[] {
    return list.filter((entry) => entry.id !== id);
  }
}

function applyBackstage(view: BackstageView, item: Item, limits: Limits): BackstageView {
  switch (item.type) {
    case 'item_queued':
      return queue(view, item.item, limits);
    case 'items_decided':
      return decide(view, item.decision, limits);
    case 'claims_changed':
      return withClaims(view, [
        ...(view.claims ?? []).filter(
          (claim) =>
            claim.until_ms > item.at_ms && !item.released.includes(claim.lease) && !item.claims.some((fresh) => fresh.kind === claim.kind && fresh.id === claim.id),
        ),
        ...item.claims,
      ]);
    case 'item_reported': {
      const others = (view.reported ?? []).filter((known) => known.kind !== item.item.kind || known.id !== item.item.id);
      const reported = [...others, item.item];
      if (reported.length > limits.held_max) {
        // The least reported one is the one least missed.
        const counts = reported.map((known) => known.reports?.count ?? 0);
        reported.splice(counts.indexOf(Math.min(...counts)), 1);
      }
      return { ...view, reported };
    }
    case 'reports_settled': {
      const left = (view.reported ?? []).filter((known) => !item.items.some((gone) => gone.kind === known.kind && gone.id === known.id));
      if (left.length > 0) return { ...view, reported: left };
      const rest = { ...view };
      delete rest.reported;
      return rest;
    }
    case 'next_up_changed':
      return { ...view, next_up: item.question_ids };
    default:
      return view;
  }
}

/** Without any the view has no list, as the server sends it. */
function withClaims(view: BackstageView, claims: ClaimFace[]): BackstageView {
  if (claims.length > 0) return { ...view, claims };
  const rest = { ...view };
  delete rest.claims;
  return rest;
}

/** Something waits, or no longer waits though nobody decided (its author took it back). */
function queue(view: BackstageView, item: QueueItem, limits: Limits): BackstageView {
  const others = view.held.filter((held) => held.id !== item.id);
  const wasHeld = others.length < view.held.length;
  if (item.state !== 'held') {
    const free = view.claims ? withClaims(view, view.claims.filter((claim) => claim.id !== item.id)) : view;
    return wasHeld ? { ...free, held: others, held_total: Math.max(0, view.held_total - 1) } : free;
  }
  const after = others.findIndex((held) => comesAfter(held, item));
  others.splice(after === -1 ? others.length : after, 0, item);
  return { ...view, held: others.slice(0, limits.held_max), held_total: view.held_total + (wasHeld ? 0 : 1) };
}

function comesAfter(a: QueueItem, b: QueueItem): boolean {
  return a.at_ms === b.at_ms ? a.id > b.id : a.at_ms > b.at_ms;
}

function decide(before: BackstageView, decision: BackstageView['decisions'][number], limits: Limits): BackstageView {
  // Who decided has let go.
  const view = before.claims
    ? withClaims(before, before.claims.filter((claim) => !decision.items.some((item) => item.kind === claim.kind && item.id === claim.id)))
    : before;
  const known = view.decisions.some((old) => old.id === decision.id);
  const decisions = known
    ? view.decisions.map((old) => (old.id === decision.id ? decision : old))
    : [decision, ...view.decisions].slice(0, limits.decisions_max);
  // Only what was held can be approved or declined, so each of them leaves the queue, listed here or not. What an undo
  // gives back comes as `item_queued` with its text.
  const leaves = !decision.undone && (decision.verdict === 'approve' || decision.verdict === 'decline');
  if (!leaves) return { ...view, decisions };
  const decided = new Set(decision.items.map((item) => item.id));
  const held = view.held.filter((item) => !decided.has(item.id));
  return { ...view, decisions, held, held_total: Math.max(held.length, view.held_total - decided.size) };
}

function upsert<T extends { id: string }>(list: readonly T[], entry: T): T[] {
  const known = list.some((old) => old.id === entry.id);
  return known ? list.map((old) => (old.id === entry.id ? entry : old)) : [...list, entry];
}

/** Keeps `max` questions: the least supported leave, of equals the oldest. The order of the list stays. */
function withoutLeastSupported(questions: readonly QuestionFace[], max: number): QuestionFace[] {
  const leaving = [...questions]
    .sort((a, b) => a.supports - b.supports || a.number - b.number)
    .slice(0, questions.length - max);
  const gone = new Set(leaving.map((question) => question.id));
  return questions.filter((question) => !gone.has(question.id));
}
