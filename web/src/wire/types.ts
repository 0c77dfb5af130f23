// Generated from src/protocol by `cargo run -- types`. Do not edit: a test compares it with the Rust types.

export type HallId = string
export type SessionId = string
export type SegmentId = string
export type DepartmentId = string
export type MaterialId = string
export type ParticipantId = string
export type StaffId = string
export type CommentId = string
export type QuestionId = string
export type AnswerId = string
export type DecisionId = string
export type LeaseId = string
export type NoteId = string
export type ErasureId = string
export type SanctionId = string
export type SuggestionId = string
export type AppealId = string
export type Ref = string
/** Milliseconds since 1970-01-01 UTC. */
export type Timestamp = number
export type SessionState = "draft" | "scheduled" | "live" | "paused" | "ended" | "closed";
export type SessionKind = "consultation" | "interview" | "lecture" | "deliberation";
export type Tier = "guest" | "verified" | "member" | "staff";
export type Channel = "public" | "backstage";
export type PostKind = "comment" | "question";
export type PostState = "held" | "published" | "declined" | "retracted" | "withdrawn";
export type ModerationMode = "publish_first" | "hold_first" | "hold_suspicious";
export type Disposition = "answered_live" | "answered_in_writing" | "merged" | "assigned" | "declined" | "withdrawn";
export type Role = "administrator" | "host" | "moderator" | "department_officer" | "secretary" | "auditor";
export type AnswerKind = "live" | "written";
export type AnswerType = "explanation" | "commitment" | "refusal" | "transfer";
export type SanctionKind = "mute" | "ban";
export type SanctionReach = "person" | "device" | "network";
export type EmergencyStep = "hold_comments" | "hold_questions" | "slow_mode" | "verified_only" | "links_off";
export type Verdict = "approve" | "decline" | "retract" | "restore" | "stand";
export type SuggestionSource = "question" | "comment" | "venue";
export type QuestionSort = "support" | "newest" | "answered" | "not_yet_heard";
export type Bucket = "answered_live" | "answered_in_writing" | "assigned" | "merged" | "declined" | "withdrawn" | "open";
export type Code = "malformed" | "wrong_version" | "empty" | "too_long" | "out_of_range" | "too_large" | "not_found" | "unauthenticated" | "expired" | "forbidden" | "tier_too_low" | "muted" | "banned" | "chat_off" | "links_off" | "too_new" | "rate_limited" | "wrong_state" | "second_person_needed" | "conflict" | "taken" | "name_reserved" | "name_unfit" | "wrong_code" | "wrong_password" | "weak_password" | "dispositions_missing" | "incomplete" | "too_late" | "unavailable";
export type NoteSubject = "participant" | "comment" | "question";
export type ErasureState = "open" | "done" | "cancelled";
export type ConflictCause = "decided" | "undone" | "claimed" | "withdrawn" | "changed";
export type Conflict = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which.
 */
id: string, 
/**
 * Why.
 */
why: ConflictCause, 
/**
 * Who, empty if it is not known or the author.
 */
by_name: string, 
/**
 * What was done, for `decided` and `undone`.
 */
verdict: Verdict | null, 
/**
 * When it was decided or claimed.
 */
at_ms: Timestamp | null, 
/**
 * Until when it is held, for `claimed`.
 */
until_ms: Timestamp | null, 
/**
 * Where it stands now.
 */
state: PostState, 
/**
 * Its revision now.
 */
revision: number, };
export type ClientMessage = { "type": "hello", 
/**
 * Token from `POST /api/v1/participants` or `POST /api/v1/phone/verify`.
 */
token: string, 
/**
 * Protocol version the page was built for, [`super::VERSION`].
 */
version: number, } | { "type": "comment", 
/**
 * Names the answer; makes a repeat harmless.
 */
ref: Ref, 
/**
 * What was written.
 */
body: string, } | { "type": "question", 
/**
 * Names the answer; makes a repeat harmless.
 */
ref: Ref, 
/**
 * What was written.
 */
body: string, 
/**
 * What it is about, at most 20 characters.
 */
topic: string | null, 
/**
 * The department it is meant for.
 */
department_id: DepartmentId | null, 
/**
 * Where it is about (estate, street), at most 30 characters.
 */
place: string | null, } | { "type": "support", 
/**
 * Names the answer.
 */
ref: Ref, 
/**
 * Which question.
 */
question_id: QuestionId, 
/**
 * Whether the person supports it from now on.
 */
on: boolean, } | { "type": "withdraw", 
/**
 * Names the answer.
 */
ref: Ref, 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, };
export type ServerMessage = { "type": "view" } & View | { "type": "backstage_view" } & BackstageView | { "type": "batch" } & Batch | { "type": "state" } & State | { "type": "welcome", 
/**
 * Who the token belongs to.
 */
participant: ParticipantFace, } | { "type": "ack" } & Ack | { "type": "error" } & ErrorMessage | { "type": "own" } & OwnPost;
export type ParticipantFace = { 
/**
 * Who.
 */
id: ParticipantId, 
/**
 * Nickname.
 */
name: string, 
/**
 * How well the person is known.
 */
tier: Tier, };
export type View = { 
/**
 * Protocol version.
 */
version: number, 
/**
 * Everything up to and including this number is in the view.
 */
seq: number, 
/**
 * The server's clock when the view was made.
 */
server_ms: Timestamp, 
/**
 * The session with its run of show and what is on stage.
 */
session: SessionFace, 
/**
 * Published questions: at most 500, most supported and newest first to stay. The rest is in `GET …/questions`.
 */
questions: Array<QuestionFace>, 
/**
 * How many questions are published in all.
 */
questions_total: number, 
/**
 * The newest published comments, oldest first, at most 200. All are in `GET …/comments`.
 */
comments: Array<CommentFace>, 
/**
 * Published answers, oldest first.
 */
answers: Array<AnswerFace>, 
/**
 * People watching now.
 */
watching: number, };
export type SessionFace = { 
/**
 * Which.
 */
id: SessionId, 
/**
 * The hall it is held in.
 */
hall_id: HallId, 
/**
 * The hall's part of the URL.
 */
hall_slug: string, 
/**
 * The hall's name.
 */
hall_name: string, 
/**
 * Accent colour of the hall, `#rrggbb`; empty for the default.
 */
hall_color: string, 
/**
 * Six characters to join by.
 */
code: string, 
/**
 * Kind of meeting.
 */
kind: SessionKind, 
/**
 * Title.
 */
title: string, 
/**
 * What it is about, in a few sentences.
 */
intro: string, 
/**
 * Where it is held.
 */
venue: string, 
/**
 * Who hosts it.
 */
host_name: string, 
/**
 * State of its life.
 */
state: SessionState, 
/**
 * Announced start.
 */
starts_ms: Timestamp | null, 
/**
 * When it went live first.
 */
started_ms: Timestamp | null, 
/**
 * When it ended.
 */
ended_ms: Timestamp | null, 
/**
 * HLS playlist of the live picture, empty without one.
 */
stream_url: string, 
/**
 * Bar on top of every page, empty without one.
 */
announcement: string, 
/**
 * Who may write and when it becomes public.
 */
policy: PolicyFace, 
/**
 * Topics offered to who asks.
 */
topics: Array<string>, 
/**
 * Departments taking part.
 */
departments: Array<DepartmentFace>, 
/**
 * Run of show.
 */
segments: Array<SegmentFace>, 
/**
 * Things to read.
 */
materials: Array<MaterialFace>, 
/**
 * What is on stage now.
 */
stage: StageFace | null, 
/**
 * The emergency preset, while it is on: what holds and slows people is no secret.
 */
emergency?: EmergencyFace, };
export type PolicyFace = { 
/**
 * Lowest tier that may comment.
 */
comment_tier: Tier, 
/**
 * Lowest tier that may ask.
 */
question_tier: Tier, 
/**
 * Lowest tier that may support.
 */
support_tier: Tier, 
/**
 * When comments become public.
 */
comment_mode: ModerationMode, 
/**
 * When questions become public.
 */
question_mode: ModerationMode, 
/**
 * Least seconds between two comments of one person; 0 for none, at most 600.
 */
slow_mode_s: number, 
/**
 * Whether what contains a link is refused.
 */
links_off?: boolean, 
/**
 * Whether comments are stopped and not shown.
 */
chat_off?: boolean, 
/**
 * Whether a notice stands where the picture was.
 */
stream_off?: boolean, 
/**
 * How many posts of a person new to the hall wait for a moderator, at most 20.
 */
first_held?: number, 
/**
 * How old the identity of a guest must be to write, in seconds, at most 3600.
 */
min_age_s?: number, 
/**
 * How long a post may wait before the desks are alarmed, in seconds; 0 for five minutes.
 */
wait_limit_s?: number, };
export type DepartmentFace = { 
/**
 * Which.
 */
id: DepartmentId, 
/**
 * Name.
 */
name: string, };
export type SegmentFace = { 
/**
 * Which.
 */
id: SegmentId, 
/**
 * Title.
 */
title: string, 
/**
 * Department that leads it.
 */
department_id: DepartmentId | null, 
/**
 * Planned length in minutes.
 */
planned_minutes: number, 
/**
 * When it began.
 */
started_ms: Timestamp | null, 
/**
 * When it ended. Started and not ended is the segment running now.
 */
ended_ms: Timestamp | null, };
export type MaterialFace = { 
/**
 * Which.
 */
id: MaterialId, 
/**
 * Title.
 */
title: string, 
/**
 * Text of it, plain; may be empty.
 */
body: string, 
/**
 * Where more of it is, `https:`, `http:` or a path of this server; may be empty.
 */
url: string, };
export type StageFace = { 
/**
 * The question, whole: it may not be among those of the view.
 */
question: QuestionFace, 
/**
 * Since when.
 */
since_ms: Timestamp, 
/**
 * The answer being given on the stream, if one is.
 */
answering: AnsweringFace | null, };
export type AnsweringFace = { 
/**
 * The answer that will be published when it stops.
 */
answer_id: AnswerId, 
/**
 * Who answers.
 */
department_id: DepartmentId, 
/**
 * Who speaks.
 */
speaker: string, 
/**
 * Since when.
 */
started_ms: Timestamp, };
export type CommentFace = { 
/**
 * Which.
 */
id: CommentId, 
/**
 * Nickname of the author.
 */
name: string, 
/**
 * Tier of the author, only when it is `member` or `staff`; others stay equal in public.
 */
tier?: Tier, 
/**
 * Text.
 */
body: string, 
/**
 * When it was written.
 */
at_ms: Timestamp, };
export type QuestionFace = { 
/**
 * Which.
 */
id: QuestionId, 
/**
 * Number in its session, from 1.
 */
number: number, 
/**
 * Nickname of the author.
 */
name: string, 
/**
 * Text.
 */
body: string, 
/**
 * Topic, empty without one.
 */
topic: string, 
/**
 * Place, empty without one.
 */
place: string, 
/**
 * Department it is meant for.
 */
department_id: DepartmentId | null, 
/**
 * When it was asked.
 */
at_ms: Timestamp, 
/**
 * Supports as of the message's seq. Includes those of questions merged into it, counted once per person.
 */
supports: number, 
/**
 * What became of it.
 */
disposition: Disposition | null, 
/**
 * The question it was merged into.
 */
merged_into: QuestionId | null, 
/**
 * Reason in words, for a declined one.
 */
reason: string, };
export type AnswerFace = { 
/**
 * Which.
 */
id: AnswerId, 
/**
 * To which question.
 */
question_id: QuestionId, 
/**
 * By which department.
 */
department_id: DepartmentId, 
/**
 * Live or in writing.
 */
kind: AnswerKind, 
/**
 * Explanation, commitment, refusal, transfer.
 */
answer_type: AnswerType, 
/**
 * Text; for a live answer the note of what was said, may be empty.
 */
body: string, 
/**
 * Who spoke or signed.
 */
speaker: string, 
/**
 * Who keeps the commitment.
 */
owner: string, 
/**
 * Until when, `YYYY-MM-DD`; empty unless a commitment.
 */
due_date: string, 
/**
 * Basis of a refusal.
 */
basis: string, 
/**
 * Department it was transferred to.
 */
transfer_to: DepartmentId | null, 
/**
 * Start on the stream, live answers only.
 */
started_ms: Timestamp | null, 
/**
 * End on the stream, live answers only.
 */
ended_ms: Timestamp | null, 
/**
 * When it was published.
 */
at_ms: Timestamp, };
export type Batch = { 
/**
 * Number of the first event in it.
 */
first_seq: number, 
/**
 * Number of the last event in it.
 */
last_seq: number, 
/**
 * What happened. Numbers may be missing between items: supports are folded into `tallies`, comments into `omitted`.
 */
items: Array<Item>, 
/**
 * Supports of the questions whose count changed, absolute, as of `last_seq`.
 */
tallies?: Array<[QuestionId, number]>, 
/**
 * Comments left out because there were more than can be read; they are in the list.
 */
omitted?: number, };
export type Item = { 
/**
 * Number in the channel.
 */
seq: number, } & ({ "type": "session_changed", 
/**
 * All of it.
 */
session: SessionFace, } | { "type": "comment_published", 
/**
 * The comment.
 */
comment: CommentFace, } | { "type": "post_removed", 
/**
 * What it was.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, } | { "type": "question_published", 
/**
 * The question.
 */
question: QuestionFace, } | { "type": "answer_published", 
/**
 * The answer.
 */
answer: AnswerFace, } | { "type": "item_queued", 
/**
 * It.
 */
item: QueueItem, } | { "type": "items_decided", 
/**
 * What was done.
 */
decision: DecisionFace, } | { "type": "claims_changed", 
/**
 * Held now; replaces what was known of the same items.
 */
claims: Array<ClaimFace>, 
/**
 * Held no longer.
 */
released: Array<LeaseId>, 
/**
 * When. Claims known whose time is over by then are to be forgotten.
 */
at_ms: Timestamp, } | { "type": "item_reported", 
/**
 * It, with all that is said of it.
 */
item: QueueItem, } | { "type": "reports_settled", 
/**
 * Of which items.
 */
items: Array<PostKey>, 
/**
 * Who settled them; empty for the author.
 */
by_name: string, } | { "type": "next_up_changed", 
/**
 * In order.
 */
question_ids: Array<QuestionId>, });
export type What = { "type": "session_changed", 
/**
 * All of it.
 */
session: SessionFace, } | { "type": "comment_published", 
/**
 * The comment.
 */
comment: CommentFace, } | { "type": "post_removed", 
/**
 * What it was.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, } | { "type": "question_published", 
/**
 * The question.
 */
question: QuestionFace, } | { "type": "answer_published", 
/**
 * The answer.
 */
answer: AnswerFace, } | { "type": "item_queued", 
/**
 * It.
 */
item: QueueItem, } | { "type": "items_decided", 
/**
 * What was done.
 */
decision: DecisionFace, } | { "type": "claims_changed", 
/**
 * Held now; replaces what was known of the same items.
 */
claims: Array<ClaimFace>, 
/**
 * Held no longer.
 */
released: Array<LeaseId>, 
/**
 * When. Claims known whose time is over by then are to be forgotten.
 */
at_ms: Timestamp, } | { "type": "item_reported", 
/**
 * It, with all that is said of it.
 */
item: QueueItem, } | { "type": "reports_settled", 
/**
 * Of which items.
 */
items: Array<PostKey>, 
/**
 * Who settled them; empty for the author.
 */
by_name: string, } | { "type": "next_up_changed", 
/**
 * In order.
 */
question_ids: Array<QuestionId>, };
export type BackstageView = { 
/**
 * Protocol version.
 */
version: number, 
/**
 * Everything up to and including this number is in the view.
 */
seq: number, 
/**
 * The server's clock when the view was made.
 */
server_ms: Timestamp, 
/**
 * Held items, oldest first, at most 500. The rest is in `GET …/queue`.
 */
held: Array<QueueItem>, 
/**
 * How many are held in all.
 */
held_total: number, 
/**
 * The host's list, in order.
 */
next_up: Array<QuestionId>, 
/**
 * The newest decisions, newest first, at most 50.
 */
decisions: Array<DecisionFace>, 
/**
 * Who holds what. One whose `until_ms` has passed holds nothing.
 */
claims?: Array<ClaimFace>, 
/**
 * Published items viewers reported and nobody settled, at most 500.
 */
reported?: Array<QueueItem>, };
export type QueueItem = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, 
/**
 * Number in its session; the author knows it by this.
 */
number: number, 
/**
 * Where it stands.
 */
state: PostState, 
/**
 * Counts up with every change; a decision names the one it saw.
 */
revision: number, 
/**
 * Who wrote it.
 */
author: ParticipantFace, 
/**
 * Text.
 */
body: string, 
/**
 * Topic, empty without one.
 */
topic: string, 
/**
 * Place, empty without one.
 */
place: string, 
/**
 * Department it is meant for.
 */
department_id: DepartmentId | null, 
/**
 * When it was written.
 */
at_ms: Timestamp, 
/**
 * Why it was held or declined: what screening or a moderator found.
 */
findings: Array<FindingFace>, 
/**
 * Code of the reason it was declined or retracted with.
 */
reason: string, 
/**
 * Note of the moderator to the author.
 */
note: string, 
/**
 * What viewers reported and nobody settled.
 */
reports?: ReportsFace, };
export type FindingFace = { 
/**
 * Rule that found it.
 */
rule: string, 
/**
 * Reason code, see the table of reasons.
 */
reason: string, 
/**
 * First character in the text, counted in Unicode scalar values.
 */
start: number, 
/**
 * One past the last character.
 */
end: number, };
export type EmergencyFace = { 
/**
 * Since when.
 */
since_ms: Timestamp, 
/**
 * Until when; null until it is turned off.
 */
until_ms: Timestamp | null, 
/**
 * What it changed.
 */
did: Array<EmergencyStep>, };
export type PostKey = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, };
export type ReportsFace = { 
/**
 * Persons.
 */
count: number, 
/**
 * When the first of them did.
 */
first_ms: Timestamp | null, 
/**
 * How many for each reason, most first.
 */
reasons: Array<[string, number]>, };
export type ClaimFace = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, 
/**
 * What a decision on it names.
 */
lease: LeaseId, 
/**
 * Who holds it.
 */
staff_id: StaffId, 
/**
 * Name of who holds it.
 */
by_name: string, 
/**
 * Since when.
 */
at_ms: Timestamp, 
/**
 * Until when, unless it is renewed.
 */
until_ms: Timestamp, 
/**
 * Who held it before and lost it by this; empty unless it was taken over.
 */
taken_from: string, };
export type DecisionFace = { 
/**
 * Which.
 */
id: DecisionId, 
/**
 * What was done.
 */
verdict: Verdict, 
/**
 * To which items, with the state and revision they have now.
 */
items: Array<DecidedItem>, 
/**
 * Reason code.
 */
reason: string, 
/**
 * Name of who did it.
 */
by_name: string, 
/**
 * When.
 */
at_ms: Timestamp, 
/**
 * Until when it can be undone.
 */
undo_until_ms: Timestamp, 
/**
 * Whether it was undone.
 */
undone: boolean, };
export type DecidedItem = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, 
/**
 * Where it stands now.
 */
state: PostState, 
/**
 * Its revision now.
 */
revision: number, };
export type State = { 
/**
 * The server's clock, for the clocks on the page.
 */
server_ms: Timestamp, 
/**
 * People watching now.
 */
watching: number, };
export type Ack = { 
/**
 * The client's own name for it.
 */
ref: Ref, 
/**
 * Its id; for a support the question's.
 */
id: string, 
/**
 * Its number in the session, what the author can refer to; absent for supports.
 */
number: number | null, 
/**
 * Where it stands; absent for supports.
 */
state: PostState | null, 
/**
 * Code of the reason if it is held or declined.
 */
reason: string, 
/**
 * About how long a held one will wait, in seconds, when that can be said.
 */
wait_s: number | null, };
export type ErrorMessage = { 
/**
 * What was refused, when it had a `ref`.
 */
ref?: Ref, 
/**
 * For the program to branch on.
 */
code: Code, 
/**
 * For a person who reads logs.
 */
message: string, 
/**
 * When to try again, in milliseconds from now; absent if trying again will not help.
 */
retry_after_ms?: number, 
/**
 * Values the page puts into its wording, such as `len` and `max`.
 */
params?: { [key in string]: string }, };
export type OwnPost = { 
/**
 * What it is.
 */
kind: PostKind, 
/**
 * Which one.
 */
id: string, 
/**
 * The client's own name for it.
 */
ref: Ref, 
/**
 * Number in its session.
 */
number: number, 
/**
 * Where it stands.
 */
state: PostState, 
/**
 * Code of the reason if held, declined or retracted.
 */
reason: string, 
/**
 * Note of the moderator to the author.
 */
note: string, 
/**
 * Text.
 */
body: string, 
/**
 * When it was written.
 */
at_ms: Timestamp, 
/**
 * What became of a question.
 */
disposition: Disposition | null, };
export type JoinRequest = { 
/**
 * 1 to 20 characters. 
 */
name: string, };
export type RenameRequest = { 
/**
 * 1 to 20 characters. 
 */
name: string, };
export type PhoneCodeRequest = { 
/**
 * Mainland mobile number, 11 digits. 
 */
phone: string, };
export type PhoneVerifyRequest = { 
/**
 * The number the code went to. 
 */
phone: string, 
/**
 * Six digits. 
 */
code: string, 
/**
 * Nickname, 1 to 20 characters. 
 */
name: string, };
export type CommentRequest = { 
/**
 * Makes a repeat harmless. 
 */
ref: Ref, 
/**
 * Text. 
 */
body: string, };
export type QuestionRequest = { 
/**
 * Makes a repeat harmless. 
 */
ref: Ref, 
/**
 * Text. 
 */
body: string, 
/**
 * At most 20 characters. 
 */
topic: string | null, 
/**
 * Meant for. 
 */
department_id: DepartmentId | null, 
/**
 * At most 30 characters. 
 */
place: string | null, };
export type SetupRequest = { 
/**
 * From the link. 
 */
token: string, 
/**
 * Login name. 
 */
login_name: string, 
/**
 * Shown name. 
 */
name: string, 
/**
 * At least 10 characters. 
 */
password: string, };
export type LoginRequest = { 
/**
 * Login name. 
 */
login_name: string, 
/**
 * Password. 
 */
password: string, };
export type PasswordRequest = { 
/**
 * The old one. 
 */
old: string, 
/**
 * At least 10 characters. 
 */
new: string, };
export type CreateStaffRequest = { 
/**
 * Login name, 2 to 40 of `a-z 0-9 . _ -`. 
 */
login_name: string, 
/**
 * Shown name. 
 */
name: string, 
/**
 * At least 10 characters. 
 */
password: string, };
export type GrantRequest = { 
/**
 * Who. 
 */
staff_id: StaffId, 
/**
 * Rights. 
 */
roles: Array<RoleGrant>, };
export type HallRequest = { 
/**
 * Part of the URL, 2 to 40 of `a-z 0-9 -`. 
 */
slug: string, 
/**
 * Name. 
 */
name: string, 
/**
 * The body that keeps it. 
 */
body_name: string, 
/**
 * Accent colour `#rrggbb` or empty. 
 */
color: string, 
/**
 * What it is. 
 */
intro: string, 
/**
 * Rules of conduct. 
 */
rules: string, 
/**
 * How to reach the body. 
 */
contact: string, 
/**
 * What sessions start with. 
 */
policy: PolicyFace, 
/**
 * Departments, in order; without `id` a new one. One that was used stays in the sessions that used it. 
 */
departments: Array<DepartmentRequest>, 
/**
 * Standing members shown on the hall page, one line each. 
 */
members: Array<string>, };
export type DepartmentRequest = { 
/**
 * Absent for a new one. 
 */
id: DepartmentId | null, 
/**
 * Name. 
 */
name: string, };
export type SessionRequest = { 
/**
 * Kind of meeting. 
 */
kind: SessionKind, 
/**
 * Title. 
 */
title: string, 
/**
 * What it is about. 
 */
intro: string, 
/**
 * Where. 
 */
venue: string, 
/**
 * Who hosts. 
 */
host_name: string, 
/**
 * Announced start. 
 */
starts_ms: Timestamp | null, 
/**
 * HLS playlist or empty. 
 */
stream_url: string, 
/**
 * Topics offered to who asks. 
 */
topics: Array<string>, 
/**
 * Taking part, of the hall's. 
 */
department_ids: Array<DepartmentId>, 
/**
 * Run of show, in order; without `id` a new one. 
 */
segments: Array<SegmentRequest>, 
/**
 * Things to read, in order. 
 */
materials: Array<MaterialRequest>, };
export type SegmentRequest = { 
/**
 * Absent for a new one. 
 */
id: SegmentId | null, 
/**
 * Title. 
 */
title: string, 
/**
 * Led by. 
 */
department_id: DepartmentId | null, 
/**
 * Planned minutes, 1 to 600. 
 */
planned_minutes: number, };
export type MaterialRequest = { 
/**
 * Title. 
 */
title: string, 
/**
 * Plain text or empty. 
 */
body: string, 
/**
 * Link or empty. 
 */
url: string, };
export type StateRequest = { 
/**
 * The next state. 
 */
to: SessionState, };
export type AnnouncementRequest = { 
/**
 * At most 100 characters; empty takes it down. 
 */
text: string, };
export type SegmentStartRequest = { 
/**
 * Which; null ends the running one. 
 */
segment_id: SegmentId | null, };
export type NextUpRequest = { 
/**
 * In order, at most 50. 
 */
question_ids: Array<QuestionId>, };
export type StageRequest = { 
/**
 * Which question; null clears the stage. 
 */
question_id: QuestionId | null, 
/**
 * Why this one, at most 100 characters; asked for when it is on neither list. 
 */
reason: string, };
export type AnswerStartRequest = { 
/**
 * Who answers. 
 */
department_id: DepartmentId, 
/**
 * Who speaks, at most 30 characters. 
 */
speaker: string, };
export type AnswerStopRequest = { 
/**
 * Note of what was said, may be empty. 
 */
body: string, };
export type AnswerRequest = { 
/**
 * Who answers. 
 */
department_id: DepartmentId, 
/**
 * What it is. 
 */
answer_type: AnswerType, 
/**
 * Text. 
 */
body: string, 
/**
 * Who signs. 
 */
speaker: string, 
/**
 * Who keeps a commitment. 
 */
owner: string, 
/**
 * Until when, `YYYY-MM-DD`. 
 */
due_date: string, 
/**
 * Basis of a refusal. 
 */
basis: string, 
/**
 * Where a transfer goes. 
 */
transfer_to: DepartmentId | null, };
export type DispositionRequest = { 
/**
 * What became of it; null reopens. `answered_*` need a published answer. 
 */
disposition: Disposition | null, 
/**
 * For `merged`: into which. 
 */
merged_into: QuestionId | null, 
/**
 * For `declined`: why, shown to everybody. 
 */
reason: string, };
export type DecisionRequest = { 
/**
 * What to do. 
 */
verdict: Verdict, 
/**
 * To which, as they were seen. At most 500. 
 */
items: Array<DecisionItem>, 
/**
 * Reason code; needed for decline and retract. 
 */
reason: string, 
/**
 * Note to the author, at most 200 characters. 
 */
note: string, };
export type DecisionItem = { 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which. 
 */
id: string, 
/**
 * As seen. 
 */
revision: number, 
/**
 * The claim it is decided under, if it was claimed: refused when somebody else has taken it over since. 
 */
lease: LeaseId | null, };
export type ClaimRequest = { 
/**
 * Which; null for the most urgent one that is free. 
 */
item: ClaimItem | null, 
/**
 * Take it from who holds it, who is told. 
 */
take_over: boolean, 
/**
 * If it is held or decided, the next free one instead of a refusal. 
 */
or_next: boolean, 
/**
 * Only of this kind, for the next one. 
 */
kind: PostKind | null, 
/**
 * Ids the next one is not to be of, at most 200: put aside for later. 
 */
skip: Array<string>, 
/**
 * Claims to let go of with it. 
 */
release: Array<LeaseId>, };
export type ClaimItem = { 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which. 
 */
id: string, };
export type LeasesRequest = { 
/**
 * Which claims, at most 20. 
 */
leases: Array<LeaseId>, };
export type ReportRequest = { 
/**
 * Code, see `GET /report-reasons`. 
 */
reason: string, };
export type KeepRequest = { 
/**
 * Which, as they were seen. At most 500. 
 */
items: Array<DecisionItem>, };
export type PolicyRequest = { 
/**
 * The one it was made from: refused when it is another by now. Absent to replace whatever there is.
 */
seen?: PolicyFace, 
/**
 * Lowest tier that may comment.
 */
comment_tier: Tier, 
/**
 * Lowest tier that may ask.
 */
question_tier: Tier, 
/**
 * Lowest tier that may support.
 */
support_tier: Tier, 
/**
 * When comments become public.
 */
comment_mode: ModerationMode, 
/**
 * When questions become public.
 */
question_mode: ModerationMode, 
/**
 * Least seconds between two comments of one person; 0 for none, at most 600.
 */
slow_mode_s: number, 
/**
 * Whether what contains a link is refused.
 */
links_off?: boolean, 
/**
 * Whether comments are stopped and not shown.
 */
chat_off?: boolean, 
/**
 * Whether a notice stands where the picture was.
 */
stream_off?: boolean, 
/**
 * How many posts of a person new to the hall wait for a moderator, at most 20.
 */
first_held?: number, 
/**
 * How old the identity of a guest must be to write, in seconds, at most 3600.
 */
min_age_s?: number, 
/**
 * How long a post may wait before the desks are alarmed, in seconds; 0 for five minutes.
 */
wait_limit_s?: number, };
export type ReopenRequest = { 
/**
 * Which, at most 500. 
 */
items: Array<ClaimItem>, };
export type ErasureRequest = { 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which. 
 */
post_id: string, 
/**
 * By what law or paper, at most 200 characters. 
 */
reason: string, };
export type ErasureFace = { 
/**
 * Which. 
 */
id: ErasureId, 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which post. 
 */
post_id: string, 
/**
 * Its number. 
 */
number: number, 
/**
 * Its text as it is now: gone once it is erased. 
 */
body: string, 
/**
 * Why. 
 */
reason: string, 
/**
 * Who asked. 
 */
asked_name: string, 
/**
 * Whether the reader asked, and so may not confirm. 
 */
own: boolean, 
/**
 * When. 
 */
asked_ms: Timestamp, 
/**
 * Who confirmed or cancelled. 
 */
settled_name: string, 
/**
 * When. 
 */
settled_ms: Timestamp | null, 
/**
 * How far it is. 
 */
state: ErasureState, };
export type PreviewAnswer = { 
/**
 * Items it fits. 
 */
fits: number, 
/**
 * How many people wrote them. 
 */
people: number, 
/**
 * In how many of them screening found something. 
 */
found: number, 
/**
 * What stands in the way of the others. 
 */
conflicts: Array<Conflict>, };
export type NoteRequest = { 
/**
 * About what. 
 */
subject: NoteSubject, 
/**
 * About whom or which. 
 */
subject_id: string, 
/**
 * At most 300 characters. 
 */
body: string, };
export type DeskViewsRequest = { 
/**
 * In order. 
 */
views: Array<DeskView>, };
export type DeskView = { 
/**
 * 1 to 20 characters.
 */
name: string, 
/**
 * State; null for all of them.
 */
state: PostState | null, 
/**
 * Comments or questions; null for both.
 */
kind: PostKind | null, 
/**
 * Only what viewers reported.
 */
reported: boolean, 
/**
 * Reason code or empty.
 */
reason: string, 
/**
 * Topic or empty.
 */
topic: string, 
/**
 * Department; null for all.
 */
department_id: DepartmentId | null, 
/**
 * Tier of the author; null for all.
 */
tier: Tier | null, 
/**
 * Waiting at least so many minutes; 0 for all.
 */
older_min: number, 
/**
 * What is looked for, or empty.
 */
q: string, };
export type SanctionRequest = { 
/**
 * Whom. 
 */
participant_id: ParticipantId, 
/**
 * What. 
 */
kind: SanctionKind, 
/**
 * For how many minutes; null until lifted (a ban only). 
 */
minutes: number | null, 
/**
 * Why, shown to the person. 
 */
reason: string, 
/**
 * Only in this session; null for the hall. 
 */
session_id: SessionId | null, 
/**
 * Whom it reaches beside the person; a network for a day at most, and only its guests. 
 */
reach: SanctionReach, };
export type EmergencyRequest = { 
/**
 * For how many minutes, at most 720; null until it is turned off. 
 */
minutes: number | null, };
export type WordsRequest = { 
/**
 * The whole text. 
 */
text: string, };
export type SuggestionRequest = { 
/**
 * 4 to 100 characters. 
 */
title: string, 
/**
 * What is asked for. 
 */
summary: string, 
/**
 * Category. 
 */
category: string, 
/**
 * Who is to handle it. 
 */
department_id: DepartmentId | null, 
/**
 * Who helps. 
 */
co_department_ids: Array<DepartmentId>, 
/**
 * Where it came from. 
 */
source: SuggestionSource, 
/**
 * Made from these questions. 
 */
question_ids: Array<QuestionId>, 
/**
 * Made from these comments. 
 */
comment_ids: Array<CommentId>, 
/**
 * For one from the venue: who raised it, at most 30 characters. 
 */
raised_by: string, 
/**
 * Until when, `YYYY-MM-DD` or empty. 
 */
due_date: string, 
/**
 * Requirement to the unit. 
 */
requirement: string, };
export type RoleGrant = { 
/**
 * Which right.
 */
role: Role, 
/**
 * Which department, for `department_officer` only.
 */
department_id: DepartmentId | null, };
export type TokenAnswer = { 
/**
 * For `Authorization: Bearer` and `hello`. 
 */
token: string, 
/**
 * Who. 
 */
participant: ParticipantFace, };
export type PhoneCodeAnswer = { 
/**
 * How long the code is good, in seconds. 
 */
expires_s: number, 
/**
 * The code itself: demonstration only. 
 */
shown_code: string | null, };
export type MeAnswer = { 
/**
 * Who. 
 */
participant: ParticipantFace, 
/**
 * Restrictions in force. 
 */
sanctions: Array<SanctionFace>, };
export type MineAnswer = { 
/**
 * Newest first. 
 */
posts: Array<OwnPost>, 
/**
 * Questions I support. 
 */
supported: Array<QuestionId>, };
export type QuestionPage = { 
/**
 * In the order asked for. 
 */
questions: Array<QuestionFace>, 
/**
 * For the next page, null at the end. 
 */
next_cursor: string | null, 
/**
 * How many in all. 
 */
total: number, };
export type SimilarAnswer = { 
/**
 * At most three, nearest first; of merged ones the head. 
 */
questions: Array<QuestionFace>, };
export type RepeatedAnswer = { 
/**
 * In the order the first of each was asked. 
 */
groups: Array<RepeatedQuestion>, };
export type RepeatedQuestion = { 
/**
 * The first of them. 
 */
id: QuestionId, 
/**
 * Its number. 
 */
number: number, 
/**
 * Where it stands. 
 */
state: PostState, 
/**
 * Its text. 
 */
body: string, 
/**
 * What repeats it, oldest first. 
 */
members: Array<Repetition>, };
export type Repetition = { 
/**
 * Which. 
 */
id: QuestionId, 
/**
 * Its number. 
 */
number: number, 
/**
 * How likely it asks the same, in percent. 
 */
percent: number, };
export type CommentPage = { 
/**
 * Comments. 
 */
comments: Array<CommentFace>, 
/**
 * For the next page, null at the end. 
 */
next_cursor: string | null, };
export type HallCard = { 
/**
 * Which. 
 */
id: HallId, 
/**
 * Part of the URL. 
 */
slug: string, 
/**
 * Name. 
 */
name: string, 
/**
 * The body that keeps it. 
 */
body_name: string, 
/**
 * Accent colour. 
 */
color: string, 
/**
 * The session on now or next. 
 */
next: SessionCard | null, };
export type HallPage = { 
/**
 * Which. 
 */
id: HallId, 
/**
 * Part of the URL. 
 */
slug: string, 
/**
 * Name. 
 */
name: string, 
/**
 * The body that keeps it. 
 */
body_name: string, 
/**
 * Accent colour. 
 */
color: string, 
/**
 * What it is. 
 */
intro: string, 
/**
 * Rules of conduct. 
 */
rules: string, 
/**
 * How to reach the body. 
 */
contact: string, 
/**
 * Standing members. 
 */
members: Array<string>, 
/**
 * Its departments. 
 */
departments: Array<DepartmentFace>, 
/**
 * What sessions start with. 
 */
policy: PolicyFace, 
/**
 * Live and scheduled first, then newest first. Drafts only for staff. 
 */
sessions: Array<SessionCard>, };
export type SessionCard = { 
/**
 * Which. 
 */
id: SessionId, 
/**
 * Title. 
 */
title: string, 
/**
 * Kind. 
 */
kind: SessionKind, 
/**
 * State. 
 */
state: SessionState, 
/**
 * Join code. 
 */
code: string, 
/**
 * Announced start. 
 */
starts_ms: Timestamp | null, 
/**
 * Went live. 
 */
started_ms: Timestamp | null, 
/**
 * Ended. 
 */
ended_ms: Timestamp | null, 
/**
 * Its tally. 
 */
tally: Tally, };
export type Tally = { 
/**
 * Everything raised: every question received, every suggestion that is not from a question. 
 */
raised: number, 
/**
 * Answered on the stream. 
 */
answered_live: number, 
/**
 * Answered in writing. 
 */
answered_in_writing: number, 
/**
 * Assigned to a unit. 
 */
assigned: number, 
/**
 * Merged into another. 
 */
merged: number, 
/**
 * Not published, taken back by a moderator, or declined with a reason. 
 */
declined: number, 
/**
 * Taken back by the author. 
 */
withdrawn: number, 
/**
 * Without disposition yet. 
 */
open: number, };
export type LedgerAnswer = { 
/**
 * The session. 
 */
session: SessionCard, 
/**
 * The hall. 
 */
hall_slug: string, 
/**
 * Its name. 
 */
hall_name: string, 
/**
 * The numbers. 
 */
tally: Tally, 
/**
 * As of when. 
 */
as_of_ms: Timestamp, };
export type LedgerPage = { 
/**
 * Items. 
 */
items: Array<LedgerItem>, 
/**
 * For the next page. 
 */
next_cursor: string | null, 
/**
 * How many in all. 
 */
total: number, };
export type LedgerItem = { 
/**
 * Question or suggestion. 
 */
id: string, 
/**
 * Number in its session. 
 */
number: number, 
/**
 * Where from. 
 */
source: SuggestionSource, 
/**
 * Which number it counts in. 
 */
bucket: Bucket, 
/**
 * Text, empty if never public. 
 */
body: string, 
/**
 * Topic or category. 
 */
topic: string, 
/**
 * Supports. 
 */
supports: number, 
/**
 * Department. 
 */
department_name: string, 
/**
 * When it was raised. 
 */
at_ms: Timestamp, 
/**
 * Reason, merged into, or due date in words. 
 */
remark: string, 
/**
 * Number it was merged into. 
 */
merged_into_number: number | null, 
/**
 * Published answers. 
 */
answers: Array<AnswerFace>, };
export type StaffMe = { 
/**
 * Who. 
 */
id: StaffId, 
/**
 * Login name. 
 */
login_name: string, 
/**
 * Shown name. 
 */
name: string, 
/**
 * May do everything in every hall. 
 */
operator: boolean, 
/**
 * Halls with rights. 
 */
halls: Array<StaffHall>, };
export type StaffHall = { 
/**
 * Which. 
 */
hall: HallCard, 
/**
 * Rights. 
 */
roles: Array<RoleGrant>, 
/**
 * All its sessions, newest first, drafts included. 
 */
sessions: Array<SessionCard>, };
export type StaffAccount = { 
/**
 * Who. 
 */
id: StaffId, 
/**
 * Login name. 
 */
login_name: string, 
/**
 * Shown name. 
 */
name: string, 
/**
 * May do everything. 
 */
operator: boolean, 
/**
 * Rights in the hall asked for. 
 */
roles: Array<RoleGrant>, };
export type PreparedSession = { 
/**
 * As everybody may see it. 
 */
session: SessionFace, 
/**
 * Departments of the hall to choose from. 
 */
hall_departments: Array<DepartmentFace>, 
/**
 * My rights. 
 */
roles: Array<RoleGrant>, 
/**
 * States it may go to now. 
 */
next_states: Array<SessionState>, 
/**
 * Join link. 
 */
join_url: string, };
export type QueuePage = { 
/**
 * Oldest first for held, newest first otherwise. 
 */
items: Array<QueueItem>, 
/**
 * For the next page. 
 */
next_cursor: string | null, 
/**
 * How many in all. 
 */
total: number, 
/**
 * How many in each state, counted now. 
 */
counts: Array<[PostState, number]>, 
/**
 * How many published ones viewers reported, counted now. 
 */
reported: number, };
export type AuthorCard = { 
/**
 * Who. 
 */
participant: ParticipantFace, 
/**
 * Since when. 
 */
joined_ms: Timestamp, 
/**
 * How many of each state in this hall. 
 */
counts: Array<[PostState, number]>, 
/**
 * Newest first, at most 20. 
 */
posts: Array<QueueItem>, 
/**
 * Restrictions in force. 
 */
sanctions: Array<SanctionFace>, 
/**
 * Sessions of this hall the person wrote in, newest first. 
 */
sessions: Array<AuthorSession>, 
/**
 * What staff noted of the person and of the post asked for, newest first. 
 */
notes: Array<NoteFace>, };
export type AuthorSession = { 
/**
 * Which. 
 */
id: SessionId, 
/**
 * Its title. 
 */
title: string, 
/**
 * Posts. 
 */
posts: number, 
/**
 * Declined or retracted ones. 
 */
refused: number, 
/**
 * The last one. 
 */
last_ms: Timestamp, };
export type NoteFace = { 
/**
 * Which. 
 */
id: NoteId, 
/**
 * About what. 
 */
subject: NoteSubject, 
/**
 * Who wrote it. 
 */
by_name: string, 
/**
 * Whether it is one's own and may be taken away. 
 */
own: boolean, 
/**
 * Text. 
 */
body: string, 
/**
 * When. 
 */
at_ms: Timestamp, };
export type SanctionFace = { 
/**
 * Which. 
 */
id: SanctionId, 
/**
 * In which hall. 
 */
hall_id: HallId, 
/**
 * What. 
 */
kind: SanctionKind, 
/**
 * Until when; null until lifted. 
 */
until_ms: Timestamp | null, 
/**
 * Why. 
 */
reason: string, 
/**
 * Since when. 
 */
at_ms: Timestamp, 
/**
 * Only in this session; null for the hall. 
 */
session_id: SessionId | null, 
/**
 * Whom it reaches. 
 */
reach: SanctionReach, };
export type EmergencyAnswer = { 
/**
 * What the switch would change now. 
 */
would: Array<EmergencyStep>, 
/**
 * While it is on. 
 */
on: EmergencyFace | null, 
/**
 * Who turned it on; empty while it is off. 
 */
by_name: string, 
/**
 * Posts that wait and were written since. 
 */
held_since: number, };
export type DepartmentDesk = { 
/**
 * The department. 
 */
department_id: DepartmentId, 
/**
 * Questions meant for it, most urgent first: on stage, next up, undecided by support, decided. 
 */
questions: Array<DeskQuestion>, };
export type DeskQuestion = { 
/**
 * It. 
 */
question: QuestionFace, 
/**
 * Whether it is on stage. 
 */
on_stage: boolean, 
/**
 * Place in the host's list from 1, null if not in it. 
 */
next_up: number | null, 
/**
 * About how many minutes until it is on stage. 
 */
minutes_to_stage: number | null, 
/**
 * Its answers. 
 */
answers: Array<AnswerFace>, };
export type SuggestionFace = { 
/**
 * Which. 
 */
id: SuggestionId, 
/**
 * Number in its session. 
 */
number: number, 
/**
 * Title. 
 */
title: string, 
/**
 * What is asked for. 
 */
summary: string, 
/**
 * Category. 
 */
category: string, 
/**
 * Who is to handle it. 
 */
department_id: DepartmentId | null, 
/**
 * Who helps. 
 */
co_department_ids: Array<DepartmentId>, 
/**
 * Where it came from. 
 */
source: SuggestionSource, 
/**
 * Numbers of the questions it was made from. 
 */
question_ids: Array<QuestionId>, 
/**
 * Comments it was made from. 
 */
comment_ids: Array<CommentId>, 
/**
 * Who raised it at the venue. 
 */
raised_by: string, 
/**
 * Until when. 
 */
due_date: string, 
/**
 * Requirement. 
 */
requirement: string, 
/**
 * When it was formed. 
 */
at_ms: Timestamp, 
/**
 * Counts up with every change. 
 */
revision: number, };
export type ClosingChecklist = { 
/**
 * Accepted questions without a disposition. 
 */
missing: Array<QuestionFace>, 
/**
 * Held items nobody decided. 
 */
held: number, 
/**
 * Suggestions formed. 
 */
suggestions: Array<SuggestionFace>, 
/**
 * Suggestions without department. 
 */
without_department: number, 
/**
 * Whether it may close now. 
 */
ready: boolean, 
/**
 * The numbers. 
 */
tally: Tally, };
export type WordsAnswer = { 
/**
 * The hall's own list. 
 */
text: string, 
/**
 * Words understood. 
 */
words: number, 
/**
 * Lines that were not. 
 */
broken: Array<BrokenLine>, };
export type BrokenLine = { 
/**
 * From 1. 
 */
line: number, 
/**
 * Why. 
 */
why: string, };
export type ReasonFace = { 
/**
 * Code. 
 */
code: string, 
/**
 * To the author, Chinese. 
 */
zh: string, 
/**
 * To the author, English. 
 */
en: string, 
/**
 * A moderator may choose it. 
 */
by_hand: boolean, };
export type DecisionAnswer = { 
/**
 * Which, for undo. 
 */
id: DecisionId, 
/**
 * Done. 
 */
decision: DecisionFace, };
export type ClaimAnswer = { 
/**
 * What is held now. 
 */
claim: ClaimFace | null, 
/**
 * The item as it is now. 
 */
item: QueueItem | null, };
export type RenewAnswer = { 
/**
 * Held on. 
 */
claims: Array<ClaimFace>, 
/**
 * Lost: taken over, decided, or let go. 
 */
lost: Array<LeaseId>, };
export type JoinAnswer = { 
/**
 * Which. 
 */
session_id: SessionId, 
/**
 * The hall. 
 */
hall_slug: string, 
/**
 * State. 
 */
state: SessionState, };
export type AuditPage = { 
/**
 * Records. 
 */
records: Array<AuditRecord>, 
/**
 * For the next page, null at the end. 
 */
next_cursor: string | null, 
/**
 * Where the chain ends. 
 */
head: AuditHead, };
export type AuditRecord = { 
/**
 * Number in the hall's chain, from 1. 
 */
seq: number, 
/**
 * When. 
 */
at_ms: Timestamp, 
/**
 * On which session. 
 */
session_id: SessionId | null, 
/**
 * Who; null for what the program did by itself. 
 */
staff_id: StaffId | null, 
/**
 * Name at the time. 
 */
staff_name: string, 
/**
 * What was done: a verb of the table of rights. 
 */
verb: string, 
/**
 * To what. 
 */
target: string, 
/**
 * How, as JSON text. 
 */
detail: string, 
/**
 * Hash of the record, which covers the one before. 
 */
hash: string, };
export type AuditHead = { 
/**
 * The chain. 
 */
hall_id: HallId, 
/**
 * Number of the last record, 0 if there is none. 
 */
seq: number, 
/**
 * Its hash. 
 */
hash: string, };
export type AuditVerification = { 
/**
 * Nothing is altered, missing or moved. 
 */
whole: boolean, 
/**
 * Records judged good, 0 unless whole. 
 */
records: number, 
/**
 * Where the chain ends. 
 */
head: AuditHead, 
/**
 * What is wrong with the first record that is, in words. 
 */
fault: string, };
export type AppealState = "open" | "upheld" | "dismissed";
export type AppealVerdict = "uphold" | "dismiss";
export type AppealRequest = { 
/**
 * Why it should be published, at most 300 characters. 
 */
reason: string, };
export type AppealDecisionRequest = { 
/**
 * The author was right, or it stays as it is. 
 */
verdict: AppealVerdict, 
/**
 * To the author, at most 200 characters; needed when it stays. 
 */
note: string, };
export type ReasonsRequest = { 
/**
 * The reasons, at most 50. 
 */
reasons: Array<ReasonRequest>, };
export type ReasonRequest = { 
/**
 * 2 to 40 of `a-z 0-9 _`. 
 */
code: string, 
/**
 * To the author, Chinese, at most 100 characters. 
 */
zh: string, 
/**
 * To the author, English, at most 200. 
 */
en: string, 
/**
 * No longer offered. 
 */
retired: boolean, };
export type ReceiptsAnswer = { 
/**
 * Receipts. 
 */
receipts: Array<ReceiptFace>, };
export type ReceiptFace = { 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which. 
 */
id: string, 
/**
 * Number in its session. 
 */
number: number, 
/**
 * Text. 
 */
body: string, 
/**
 * Where it stands. 
 */
state: PostState, 
/**
 * When it was written. 
 */
at_ms: Timestamp, 
/**
 * Since when it stands there. 
 */
since_ms: Timestamp, 
/**
 * A person decided it; otherwise the rule did. 
 */
by_person: boolean, 
/**
 * The deciding rule. 
 */
reason: ReasonWords, 
/**
 * Everything else that was found, once each. 
 */
also: Array<ReasonWords>, 
/**
 * Note of the moderator. 
 */
note: string, 
/**
 * Whether an appeal can be made now. 
 */
may_appeal: boolean, 
/**
 * The appeal, if one was made. 
 */
appeal: AppealFace | null, };
export type ReasonWords = { 
/**
 * Code; empty when everything waits. 
 */
code: string, 
/**
 * Chinese. 
 */
zh: string, 
/**
 * English. 
 */
en: string, };
export type AppealFace = { 
/**
 * Which. 
 */
id: AppealId, 
/**
 * Why it should be published. 
 */
reason: string, 
/**
 * When. 
 */
at_ms: Timestamp, 
/**
 * Where it stands. 
 */
state: AppealState, 
/**
 * Note of who decided. 
 */
note: string, 
/**
 * When it was decided. 
 */
decided_ms: Timestamp | null, 
/**
 * The post was published again. 
 */
restored: boolean, };
export type AppealDecisionAnswer = { 
/**
 * How it stands now. 
 */
appeal: AppealFace, 
/**
 * The decision it came to, for undo. 
 */
decision: DecisionAnswer, };
export type AppealPage = { 
/**
 * Appeals. 
 */
appeals: Array<AppealItem>, 
/**
 * For the next page, null at the end. 
 */
next_cursor: string | null, 
/**
 * How many wait for a second person. 
 */
open: number, };
export type AppealItem = { 
/**
 * It. 
 */
appeal: AppealFace, 
/**
 * What it is about, as it is now. 
 */
item: QueueItem, 
/**
 * Who decided on the post before, oldest first; empty when only a rule did. 
 */
deciders: Array<string>, 
/**
 * Whether who asks may decide it: nobody who decided before may. 
 */
mine_to_decide: boolean, 
/**
 * Who decided the appeal. 
 */
decided_by_name: string, };
export type FairAnswer = { 
/**
 * The rule, see `docs/fairness.md`. 
 */
rule: string, 
/**
 * As of when. 
 */
as_of_ms: Timestamp, 
/**
 * How many wait, however the list is narrowed. 
 */
waiting: number, 
/**
 * The list. 
 */
rows: Array<FairRow>, };
export type FairRow = { 
/**
 * It. 
 */
question: QuestionFace, 
/**
 * Seconds on air. 
 */
on_air_s: number, 
/**
 * Supports per minute on air, times a thousand. 
 */
rate_milli: number, 
/**
 * Place by supports, from 1; equal ones have the same. 
 */
rank_supported: number, 
/**
 * Place by rate, from 1. 
 */
rank_unheard: number, 
/**
 * Best of a topic from which nothing has been heard. 
 */
first_of_topic: boolean, 
/**
 * The same of a department. 
 */
first_of_department: boolean, 
/**
 * The same of a place. 
 */
first_of_place: boolean, };
export type FairnessReport = { 
/**
 * Session. 
 */
session_id: SessionId, 
/**
 * As of when. 
 */
as_of_ms: Timestamp, 
/**
 * The rule. 
 */
rule: string, 
/**
 * Questions published, merged ones with what they were merged into. 
 */
published: number, 
/**
 * Answered on the stream. 
 */
heard: number, 
/**
 * The most supported, 20 or more when the last ones are equal. 
 */
top: Array<TopQuestion>, 
/**
 * Of them answered on the stream. 
 */
top_heard: number, 
/**
 * By topic; empty key for none. 
 */
topics: Array<GroupLine>, 
/**
 * By department. 
 */
departments: Array<GroupLine>, 
/**
 * By place. 
 */
places: Array<GroupLine>, 
/**
 * What the host put on stage, in order. 
 */
choices: Array<ChoiceFace>, 
/**
 * Of them on neither list. 
 */
outside: number, 
/**
 * Of those with a reason. 
 */
outside_with_reason: number, };
export type TopQuestion = { 
/**
 * It. 
 */
question: QuestionFace, 
/**
 * Answered on the stream. 
 */
heard: boolean, };
export type GroupLine = { 
/**
 * Its name. 
 */
name: string, 
/**
 * Questions. 
 */
asked: number, 
/**
 * Supports. 
 */
supports: number, 
/**
 * Answered on the stream. 
 */
heard: number, 
/**
 * Among the most supported. 
 */
top: number, 
/**
 * Of those answered on the stream. 
 */
top_heard: number, };
export type ChoiceFace = { 
/**
 * Which. 
 */
question_id: QuestionId, 
/**
 * Its number. 
 */
number: number, 
/**
 * Its text; empty if no longer public. 
 */
body: string, 
/**
 * When. 
 */
at_ms: Timestamp, 
/**
 * By whom; empty for the public. 
 */
by_name: string, 
/**
 * The rule then. 
 */
rule: string, 
/**
 * Place by supports then; 0 if it did not wait. 
 */
rank_supported: number, 
/**
 * Place by rate then. 
 */
rank_unheard: number, 
/**
 * How many waited. 
 */
of: number, 
/**
 * Supports then. 
 */
supports: number, 
/**
 * Was the best of a topic, department or place not yet heard from. 
 */
first_of_group: boolean, 
/**
 * On neither list. 
 */
outside: boolean, 
/**
 * Why, in the host's words. 
 */
reason: string, };
export type External = "off" | "hold" | "pass";
export type WordKind = "block" | "hold" | "note" | "allow";
export type WordListRequest = { 
/**
 * The whole list, see `docs/words.md`. 
 */
text: string, 
/**
 * The version it was made from; null overwrites whatever there is. 
 */
base_version: number | null, 
/**
 * Why, at most 100 characters. 
 */
note: string, };
export type WordTrialRequest = { 
/**
 * The whole list. 
 */
text: string, 
/**
 * On how many posts, 1 to 5000. 
 */
posts: number, };
export type ScreeningRequest = { 
/**
 * Posts of a person looked at before the next need no look, 0 to 10. 
 */
first_posts: number, 
/**
 * Hosts whose links need no look. 
 */
allowed_hosts: Array<string>, 
/**
 * The external classifier. 
 */
external: External, };
export type WordListsAnswer = { 
/**
 * Newest versions; a kind without a list is not there. 
 */
lists: Array<WordListHead>, 
/**
 * Words that ship with the program. 
 */
shipped_words: number, 
/**
 * Memory of the automata of the lists asked for, in bytes. 
 */
automata_bytes: number, 
/**
 * The same of the shipped ones. 
 */
shipped_automata_bytes: number, 
/**
 * Whether the installation has an external classifier. 
 */
classifier: boolean, };
export type WordListHead = { 
/**
 * What a hit leads to. 
 */
kind: WordKind, 
/**
 * Counts up. 
 */
version: number, 
/**
 * Words. 
 */
words: number, 
/**
 * Words that came with it. 
 */
added: number, 
/**
 * Words that went. 
 */
removed: number, 
/**
 * Why. 
 */
note: string, 
/**
 * When. 
 */
at_ms: Timestamp, 
/**
 * By whom. 
 */
by_name: string, };
export type WordListAnswer = { 
/**
 * Its version; 0 if there is none. 
 */
version: number, 
/**
 * The whole text. 
 */
text: string, 
/**
 * Newest first. 
 */
history: Array<WordListHead>, };
export type WordListSaved = { 
/**
 * The new version, null if a line is broken. 
 */
saved: WordListHead | null, 
/**
 * Words understood. 
 */
words: number, 
/**
 * The first broken lines. 
 */
broken: Array<BrokenLine>, 
/**
 * All broken lines. 
 */
broken_total: number, };
export type WordTrialAnswer = { 
/**
 * Words understood. 
 */
words: number, 
/**
 * The first broken lines; then nothing was tried. 
 */
broken: Array<BrokenLine>, 
/**
 * All broken lines. 
 */
broken_total: number, 
/**
 * Posts tried on. 
 */
posts: number, 
/**
 * Would wait and did not. 
 */
newly_held: number, 
/**
 * Would be declined and was not. 
 */
newly_declined: number, 
/**
 * Would no longer wait or be declined. 
 */
released: number, 
/**
 * The first 100 of them. 
 */
changes: Array<WordTrialChange>, };
export type WordTrialChange = { 
/**
 * What it is. 
 */
kind: PostKind, 
/**
 * Which. 
 */
id: string, 
/**
 * Number in its session. 
 */
number: number, 
/**
 * Its session. 
 */
session_id: SessionId, 
/**
 * Text. 
 */
body: string, 
/**
 * Now. 
 */
before: string, 
/**
 * Then: publish, hold, decline. 
 */
after: string, 
/**
 * What is found then, or what is found now if it is released. 
 */
findings: Array<FindingFace>, };
export type ScreeningFace = { 
/**
 * Posts of a person looked at before the next need no look. 
 */
first_posts: number, 
/**
 * Hosts whose links need no look. 
 */
allowed_hosts: Array<string>, 
/**
 * The external classifier. 
 */
external: External, };
export type WithheldAnswer = { 
/**
 * As of when. 
 */
as_of_ms: Timestamp, 
/**
 * Posts received. 
 */
received: number, 
/**
 * Posts public now. 
 */
published: number, 
/**
 * Taken back by their authors. 
 */
withdrawn: number, 
/**
 * One line per reason, the most frequent first. `received` is `published`, `withdrawn` and the sum of these. 
 */
reasons: Array<WithheldLine>, 
/**
 * Appeals made. 
 */
appeals: number, 
/**
 * Appeals in which the author was right. 
 */
upheld: number, 
/**
 * Appeals after which it stayed. 
 */
dismissed: number, };
export type WithheldLine = { 
/**
 * Why. 
 */
reason: ReasonWords, 
/**
 * Waiting for a moderator. 
 */
held: number, 
/**
 * Not published. 
 */
declined: number, 
/**
 * Taken back by a moderator. 
 */
retracted: number, };
export type HallReasons = { 
/**
 * Reasons, retired ones too. 
 */
reasons: Array<HallReasonFace>, };
export type HallReasonFace = { 
/**
 * Code. 
 */
code: string, 
/**
 * Counts up with every change. 
 */
version: number, 
/**
 * Chinese. 
 */
zh: string, 
/**
 * English. 
 */
en: string, 
/**
 * No longer offered. 
 */
retired: boolean, };

export const PROTOCOL_VERSION = 1
