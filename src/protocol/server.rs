//! Everything a browser may receive over a WebSocket or as Server-Sent Events.
//!
//! `view` is the whole of a channel as of `seq`; `batch` is what happened after it, numbered without holes;
//! `state` is lossy and unnumbered; the rest answers one person.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::client::Ref;
use crate::domain::ids::{
    AnswerId, CommentId, DecisionId, DepartmentId, HallId, LeaseId, MaterialId, ParticipantId, QuestionId,
    SegmentId, SessionId, StaffId,
};
use crate::domain::rejection::Code;
use crate::domain::session::EmergencyStep;
use crate::domain::time::Timestamp;
use crate::domain::words::{
    AnswerKind, AnswerType, Disposition, ModerationMode, PostKind, PostState, SessionKind, SessionState,
    Tier, Verdict,
};

/// One text message to a browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The whole public channel as of `seq`. The first message of a new viewer, and of one who was overtaken.
    View(Box<View>),
    /// The whole backstage channel as of `seq`.
    BackstageView(Box<BackstageView>),
    /// Numbered events, in order, without holes.
    Batch(Batch),
    /// Lossy figures, about once a second.
    State(State),
    /// The greeting was accepted.
    Welcome {
        /// Who the token belongs to.
        participant: ParticipantFace,
    },
    /// What was sent under `ref` is stored for good.
    Ack(Ack),
    /// What was sent under `ref` (or the connection, without one) was refused. Nothing was changed.
    Error(ErrorMessage),
    /// Something of the reader's own changed (a held comment was published, declined, answered …).
    Own(OwnPost),
}

/// A person as shown to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParticipantFace {
    /// Who.
    pub id: ParticipantId,
    /// Nickname.
    pub name: String,
    /// How well the person is known.
    pub tier: Tier,
}

/// The whole public channel as of `seq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct View {
    /// Protocol version.
    pub version: u32,
    /// Everything up to and including this number is in the view.
    pub seq: u64,
    /// The server's clock when the view was made.
    pub server_ms: Timestamp,
    /// The session with its run of show and what is on stage.
    pub session: SessionFace,
    /// Published questions: at most 500, most supported and newest first to stay. The rest is in `GET …/questions`.
    pub questions: Vec<QuestionFace>,
    /// How many questions are published in all.
    pub questions_total: u64,
    /// The newest published comments, oldest first, at most 200. All are in `GET …/comments`.
    pub comments: Vec<CommentFace>,
    /// Published answers, oldest first.
    pub answers: Vec<AnswerFace>,
    /// People watching now.
    pub watching: u64,
}

/// A session as everybody may see it. Sent whole whenever any of it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionFace {
    /// Which.
    pub id: SessionId,
    /// The hall it is held in.
    pub hall_id: HallId,
    /// The hall's part of the URL.
    pub hall_slug: String,
    /// The hall's name.
    pub hall_name: String,
    /// Accent colour of the hall, `#rrggbb`; empty for the default.
    pub hall_color: String,
    /// Six characters to join by.
    pub code: String,
    /// Kind of meeting.
    pub kind: SessionKind,
    /// Title.
    pub title: String,
    /// What it is about, in a few sentences.
    pub intro: String,
    /// Where it is held.
    pub venue: String,
    /// Who hosts it.
    pub host_name: String,
    /// State of its life.
    pub state: SessionState,
    /// Announced start.
    pub starts_ms: Option<Timestamp>,
    /// When it went live first.
    pub started_ms: Option<Timestamp>,
    /// When it ended.
    pub ended_ms: Option<Timestamp>,
    /// HLS playlist of the live picture, empty without one.
    pub stream_url: String,
    /// Bar on top of every page, empty without one.
    pub announcement: String,
    /// Who may write and when it becomes public.
    pub policy: PolicyFace,
    /// Topics offered to who asks.
    pub topics: Vec<String>,
    /// Departments taking part.
    pub departments: Vec<DepartmentFace>,
    /// Run of show.
    pub segments: Vec<SegmentFace>,
    /// Things to read.
    pub materials: Vec<MaterialFace>,
    /// What is on stage now.
    pub stage: Option<StageFace>,
    /// The emergency preset, while it is on: what holds and slows people is no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub emergency: Option<EmergencyFace>,
}

/// Who may write, and when it becomes public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PolicyFace {
    /// Lowest tier that may comment.
    pub comment_tier: Tier,
    /// Lowest tier that may ask.
    pub question_tier: Tier,
    /// Lowest tier that may support.
    pub support_tier: Tier,
    /// When comments become public.
    pub comment_mode: ModerationMode,
    /// When questions become public.
    pub question_mode: ModerationMode,
    /// Least seconds between two comments of one person; 0 for none, at most 600.
    pub slow_mode_s: u32,
    /// Whether what contains a link is refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub links_off: bool,
    /// Whether comments are stopped and not shown.
    #[serde(default, skip_serializing_if = "is_false")]
    pub chat_off: bool,
    /// Whether a notice stands where the picture was.
    #[serde(default, skip_serializing_if = "is_false")]
    pub stream_off: bool,
    /// How many posts of a person new to the hall wait for a moderator, at most 20.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_held: u32,
    /// How old the identity of a guest must be to write, in seconds, at most 3600.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_age_s: u32,
    /// How long a post may wait before the desks are alarmed, in seconds; 0 for five minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_limit_s: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_false(value: &bool) -> bool {
    !value
}

/// The emergency preset, while it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmergencyFace {
    /// Since when.
    pub since_ms: Timestamp,
    /// Until when; null until it is turned off.
    pub until_ms: Option<Timestamp>,
    /// What it changed.
    pub did: Vec<EmergencyStep>,
}

/// A department taking part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepartmentFace {
    /// Which.
    pub id: DepartmentId,
    /// Name.
    pub name: String,
}

/// An item of the run of show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SegmentFace {
    /// Which.
    pub id: SegmentId,
    /// Title.
    pub title: String,
    /// Department that leads it.
    pub department_id: Option<DepartmentId>,
    /// Planned length in minutes.
    pub planned_minutes: u32,
    /// When it began.
    pub started_ms: Option<Timestamp>,
    /// When it ended. Started and not ended is the segment running now.
    pub ended_ms: Option<Timestamp>,
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MaterialFace {
    /// Which.
    pub id: MaterialId,
    /// Title.
    pub title: String,
    /// Text of it, plain; may be empty.
    pub body: String,
    /// Where more of it is, `https:`, `http:` or a path of this server; may be empty.
    pub url: String,
}

/// What is on stage now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageFace {
    /// The question, whole: it may not be among those of the view.
    pub question: QuestionFace,
    /// Since when.
    pub since_ms: Timestamp,
    /// The answer being given on the stream, if one is.
    pub answering: Option<AnsweringFace>,
}

/// An answer being given on the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnsweringFace {
    /// The answer that will be published when it stops.
    pub answer_id: AnswerId,
    /// Who answers.
    pub department_id: DepartmentId,
    /// Who speaks.
    pub speaker: String,
    /// Since when.
    pub started_ms: Timestamp,
}

/// A published comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommentFace {
    /// Which.
    pub id: CommentId,
    /// Nickname of the author.
    pub name: String,
    /// Tier of the author, only when it is `member` or `staff`; others stay equal in public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub tier: Option<Tier>,
    /// Text.
    pub body: String,
    /// When it was written.
    pub at_ms: Timestamp,
}

/// A published question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuestionFace {
    /// Which.
    pub id: QuestionId,
    /// Number in its session, from 1.
    pub number: u64,
    /// Nickname of the author.
    pub name: String,
    /// Text.
    pub body: String,
    /// Topic, empty without one.
    pub topic: String,
    /// Place, empty without one.
    pub place: String,
    /// Department it is meant for.
    pub department_id: Option<DepartmentId>,
    /// When it was asked.
    pub at_ms: Timestamp,
    /// Supports as of the message's seq. Includes those of questions merged into it, counted once per person.
    pub supports: u64,
    /// What became of it.
    pub disposition: Option<Disposition>,
    /// The question it was merged into.
    pub merged_into: Option<QuestionId>,
    /// Reason in words, for a declined one.
    pub reason: String,
}

/// A published answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnswerFace {
    /// Which.
    pub id: AnswerId,
    /// To which question.
    pub question_id: QuestionId,
    /// By which department.
    pub department_id: DepartmentId,
    /// Live or in writing.
    pub kind: AnswerKind,
    /// Explanation, commitment, refusal, transfer.
    pub answer_type: AnswerType,
    /// Text; for a live answer the note of what was said, may be empty.
    pub body: String,
    /// Who spoke or signed.
    pub speaker: String,
    /// Who keeps the commitment.
    pub owner: String,
    /// Until when, `YYYY-MM-DD`; empty unless a commitment.
    pub due_date: String,
    /// Basis of a refusal.
    pub basis: String,
    /// Department it was transferred to.
    pub transfer_to: Option<DepartmentId>,
    /// Start on the stream, live answers only.
    pub started_ms: Option<Timestamp>,
    /// End on the stream, live answers only.
    pub ended_ms: Option<Timestamp>,
    /// When it was published.
    pub at_ms: Timestamp,
}

/// Numbered events, in order, without holes: `first_seq` is one more than the number before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Batch {
    /// Number of the first event in it.
    pub first_seq: u64,
    /// Number of the last event in it.
    pub last_seq: u64,
    /// What happened. Numbers may be missing between items: supports are folded into `tallies`, comments into `omitted`.
    pub items: Vec<Item>,
    /// Supports of the questions whose count changed, absolute, as of `last_seq`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tallies: Vec<(QuestionId, u64)>,
    /// Comments left out because there were more than can be read; they are in the list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One event with its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Item {
    /// Number in the channel.
    pub seq: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen on a channel, as the page hears of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Public: the session, its policy, its run of show or its stage changed; replaces the old one.
    SessionChanged {
        /// All of it.
        session: Box<SessionFace>,
    },
    /// Public: a comment appeared.
    CommentPublished {
        /// The comment.
        comment: CommentFace,
    },
    /// Public: something is gone; remove it everywhere, the danmaku included.
    PostRemoved {
        /// What it was.
        kind: PostKind,
        /// Which one.
        id: String,
    },
    /// Public: a question appeared, or appeared again with changes (disposition, merge, department).
    QuestionPublished {
        /// The question.
        question: QuestionFace,
    },
    /// Public: an answer appeared or was changed.
    AnswerPublished {
        /// The answer.
        answer: AnswerFace,
    },
    /// Backstage: something waits for a moderator, or its place in the queue changed.
    ItemQueued {
        /// It.
        item: Box<QueueItem>,
    },
    /// Backstage: a moderator decided, or undid a decision.
    ItemsDecided {
        /// What was done.
        decision: DecisionFace,
    },
    /// Backstage: moderators took, kept or let go of items.
    ClaimsChanged {
        /// Held now; replaces what was known of the same items.
        claims: Vec<ClaimFace>,
        /// Held no longer.
        released: Vec<LeaseId>,
        /// When. Claims known whose time is over by then are to be forgotten.
        at_ms: Timestamp,
    },
    /// Backstage: viewers reported something published, or more of them did.
    ItemReported {
        /// It, with all that is said of it.
        item: Box<QueueItem>,
    },
    /// Backstage: reports are settled: it was kept, taken down, or taken back.
    ReportsSettled {
        /// Of which items.
        items: Vec<PostKey>,
        /// Who settled them; empty for the author.
        by_name: String,
    },
    /// Backstage: the host's list changed.
    NextUpChanged {
        /// In order.
        question_ids: Vec<QuestionId>,
    },
}

/// The whole backstage channel as of `seq`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BackstageView {
    /// Protocol version.
    pub version: u32,
    /// Everything up to and including this number is in the view.
    pub seq: u64,
    /// The server's clock when the view was made.
    pub server_ms: Timestamp,
    /// Held items, oldest first, at most 500. The rest is in `GET …/queue`.
    pub held: Vec<QueueItem>,
    /// How many are held in all.
    pub held_total: u64,
    /// The host's list, in order.
    pub next_up: Vec<QuestionId>,
    /// The newest decisions, newest first, at most 50.
    pub decisions: Vec<DecisionFace>,
    /// Who holds what. One whose `until_ms` has passed holds nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimFace>,
    /// Published items viewers reported and nobody settled, at most 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported: Vec<QueueItem>,
}

/// One item by its kind and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PostKey {
    /// What it is.
    pub kind: PostKind,
    /// Which one.
    pub id: String,
}

/// What viewers said of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportsFace {
    /// Persons.
    pub count: u64,
    /// When the first of them did.
    pub first_ms: Option<Timestamp>,
    /// How many for each reason, most first.
    pub reasons: Vec<(String, u64)>,
}

/// An item a moderator holds: others leave it alone until `until_ms`, unless they take it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClaimFace {
    /// What it is.
    pub kind: PostKind,
    /// Which one.
    pub id: String,
    /// What a decision on it names.
    pub lease: LeaseId,
    /// Who holds it.
    pub staff_id: StaffId,
    /// Name of who holds it.
    pub by_name: String,
    /// Since when.
    pub at_ms: Timestamp,
    /// Until when, unless it is renewed.
    pub until_ms: Timestamp,
    /// Who held it before and lost it by this; empty unless it was taken over.
    pub taken_from: String,
}

/// Something written, as a moderator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueItem {
    /// What it is.
    pub kind: PostKind,
    /// Which one.
    pub id: String,
    /// Number in its session; the author knows it by this.
    pub number: u64,
    /// Where it stands.
    pub state: PostState,
    /// Counts up with every change; a decision names the one it saw.
    pub revision: u64,
    /// Who wrote it.
    pub author: ParticipantFace,
    /// Text.
    pub body: String,
    /// Topic, empty without one.
    pub topic: String,
    /// Place, empty without one.
    pub place: String,
    /// Department it is meant for.
    pub department_id: Option<DepartmentId>,
    /// When it was written.
    pub at_ms: Timestamp,
    /// Why it was held or declined: what screening or a moderator found.
    pub findings: Vec<FindingFace>,
    /// Code of the reason it was declined or retracted with.
    pub reason: String,
    /// Note of the moderator to the author.
    pub note: String,
    /// What viewers reported and nobody settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reports: Option<ReportsFace>,
}

/// One thing screening found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindingFace {
    /// Rule that found it.
    pub rule: String,
    /// Reason code, see the table of reasons.
    pub reason: String,
    /// First character in the text, counted in Unicode scalar values.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// One act of a moderator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionFace {
    /// Which.
    pub id: DecisionId,
    /// What was done.
    pub verdict: Verdict,
    /// To which items, with the state and revision they have now.
    pub items: Vec<DecidedItem>,
    /// Reason code.
    pub reason: String,
    /// Name of who did it.
    pub by_name: String,
    /// When.
    pub at_ms: Timestamp,
    /// Until when it can be undone.
    pub undo_until_ms: Timestamp,
    /// Whether it was undone.
    pub undone: bool,
}

/// An item after a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecidedItem {
    /// What it is.
    pub kind: PostKind,
    /// Which one.
    pub id: String,
    /// Where it stands now.
    pub state: PostState,
    /// Its revision now.
    pub revision: u64,
}

/// Lossy figures of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct State {
    /// The server's clock, for the clocks on the page.
    pub server_ms: Timestamp,
    /// People watching now.
    pub watching: u64,
}

/// What was sent under `ref` is stored for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Ack {
    /// The client's own name for it.
    pub r#ref: Ref,
    /// Its id; for a support the question's.
    pub id: String,
    /// Its number in the session, what the author can refer to; absent for supports.
    pub number: Option<u64>,
    /// Where it stands; absent for supports.
    pub state: Option<PostState>,
    /// Code of the reason if it is held or declined.
    pub reason: String,
    /// About how long a held one will wait, in seconds, when that can be said.
    pub wait_s: Option<u32>,
}

impl Ack {
    /// The answer to a support.
    pub fn support(r#ref: Ref, question: &QuestionId) -> Self {
        Self {
            r#ref,
            id: question.to_string(),
            number: None,
            state: None,
            reason: String::new(),
            wait_s: None,
        }
    }
}

/// A refusal. `message` is English for logs and developers; the page words `code` with `params` in its own language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ErrorMessage {
    /// What was refused, when it had a `ref`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub r#ref: Option<Ref>,
    /// For the program to branch on.
    pub code: Code,
    /// For a person who reads logs.
    pub message: String,
    /// When to try again, in milliseconds from now; absent if trying again will not help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u64>,
    /// Values the page puts into its wording, such as `len` and `max`.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub params: std::collections::BTreeMap<String, String>,
}

/// Something of the reader's own and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnPost {
    /// What it is.
    pub kind: PostKind,
    /// Which one.
    pub id: String,
    /// The client's own name for it.
    pub r#ref: Ref,
    /// Number in its session.
    pub number: u64,
    /// Where it stands.
    pub state: PostState,
    /// Code of the reason if held, declined or retracted.
    pub reason: String,
    /// Note of the moderator to the author.
    pub note: String,
    /// Text.
    pub body: String,
    /// When it was written.
    pub at_ms: Timestamp,
    /// What became of a question.
    pub disposition: Option<Disposition>,
}
