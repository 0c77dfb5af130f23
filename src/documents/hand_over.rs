//! The plain record a package is made from. Whoever calls fills it from the store; nothing here reads anything.
//!
//! Ids are the store's ids as text. Instants are milliseconds since 1970-01-01 UTC (`*_ms`), positions on the
//! stream are milliseconds since the session started (`*_clock_ms`), days without a time are civil dates.
//! The same types, projected by [`super::privacy`], are what `package.json` carries, so a renamed field is a
//! new version of the schema.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything a hand-over package says about one session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// Which edition to make.
    pub privacy: Privacy,
    /// When the package was asked for. The only "now" the documents know.
    pub generated_at_ms: i64,
    /// How instants are written for people.
    pub time_zone: TimeZone,
    /// The hall that held the session.
    pub hall: Hall,
    /// Who answers questions about the hand-over.
    pub contact: Contact,
    /// The session.
    pub session: Session,
    /// What a person wrote for the minutes and no query can produce.
    pub minutes: MinutesText,
    /// Departments and units named anywhere below. Their order is the order of the documents.
    pub units: Vec<Unit>,
    /// People present.
    pub people: Vec<Person>,
    /// Run of show.
    pub segments: Vec<Segment>,
    /// Live figures.
    pub figures: Figures,
    /// Accepted questions, merged and withdrawn ones included, so that the tally balances.
    pub questions: Vec<Question>,
    /// Answers given live and in writing.
    pub answers: Vec<Answer>,
    /// Suggestions formed after the session.
    pub suggestions: Vec<Suggestion>,
    /// What the announcement bar said.
    pub announcements: Vec<Announcement>,
}

/// Edition of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// For the secretary and the units.
    Internal,
    /// For the open web: see [`super::privacy`] for what is dropped.
    Public,
}

/// A fixed offset. A name alone would need the zone database of the machine, and so could give other bytes elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeZone {
    /// What people call it: `北京时间`.
    pub name: String,
    /// Minutes east of UTC, -1439 to 1439.
    pub utc_offset_minutes: i32,
}

/// The hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    /// Id.
    pub id: String,
    /// Name of the hall.
    pub name: String,
    /// The body that runs it, as it signs documents.
    pub body: String,
    /// The red words on top of the minutes; `<hall>协商纪要` if absent.
    pub minutes_mark: Option<String>,
}

/// Who answers for the hand-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Office that hands over.
    pub office: String,
    /// Person. Internal edition only.
    pub person: Option<String>,
    /// Telephone. Internal edition only.
    pub phone: Option<String>,
    /// How units answer: "在本平台填写答复".
    pub feedback: String,
}

/// Kind of meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// 协商
    Consultation,
    /// 访谈
    Interview,
    /// 微讲堂
    Lecture,
    /// 议事（多日）
    Deliberation,
}

/// The session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Id.
    pub id: String,
    /// Number people use: `2026-03`.
    pub number: String,
    /// Title, without "关于".
    pub title: String,
    /// Kind.
    pub kind: SessionKind,
    /// Start; the zero of the session's clock.
    pub started_ms: i64,
    /// End.
    pub ended_ms: i64,
    /// Room, if there was one.
    pub place: Option<String>,
    /// Platform the public used.
    pub platform: String,
    /// Hosts, as shown on the stream.
    pub host_names: Vec<String>,
    /// Link the public used.
    pub join_url: String,
    /// Recording, if any.
    pub replay_url: Option<String>,
}

/// What a person writes for the minutes. All of it may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinutesText {
    /// Issue: `第3期`.
    pub issue: Option<String>,
    /// Why the consultation was held, one paragraph.
    pub background: Option<String>,
    /// Points agreed.
    pub consensus: Vec<String>,
    /// Views held by few that must not be lost.
    pub minority_views: Vec<String>,
    /// What comes next.
    pub next_steps: Vec<String>,
    /// Who receives the minutes.
    pub distribution: Vec<String>,
}

/// A department on stage or a unit that handles cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Clerk. Internal edition only.
    pub clerk: Option<String>,
    /// Telephone. Internal edition only.
    pub phone: Option<String>,
}

/// Why a person was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// 主持人
    Host,
    /// 部门
    Department,
    /// 委员
    Member,
    /// 专家
    Expert,
    /// 群众代表; the public edition does not name them.
    Citizen,
}

/// A person present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Name as shown.
    pub name: String,
    /// Post.
    pub title: Option<String>,
    /// Body the person comes from, in words.
    pub organisation: Option<String>,
    /// Why they were there.
    pub presence: Presence,
}

/// One part of the run of show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// 1, 2, 3.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Start, if it was held.
    pub started_ms: Option<i64>,
    /// End, if it was held.
    pub ended_ms: Option<i64>,
}

/// Live figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Most viewers at one moment.
    pub watching_peak: u64,
    /// People who took part in any way.
    pub participants: u64,
    /// Published comments.
    pub comments: u64,
    /// Accepted questions.
    pub questions: u64,
    /// Supports that stand at the end.
    pub supports: u64,
}

/// How well the system knows a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Nickname only.
    Guest,
    /// Telephone verified.
    Verified,
    /// 委员
    Member,
    /// 工作人员
    Staff,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Answered on the stream.
    AnsweredLive,
    /// Answered in writing.
    AnsweredInWriting,
    /// Handed to a unit.
    Assigned,
    /// Merged into another question.
    Merged,
    /// Declined with a reason.
    Declined,
    /// Taken back by its author.
    Withdrawn,
}

/// An accepted question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Id.
    pub id: String,
    /// Number the author was told.
    pub number: i64,
    /// Full text.
    pub text: String,
    /// Display name, already masked. The public edition says 网民 or 委员 instead.
    pub asker: String,
    /// Tier.
    pub tier: Tier,
    /// When it was asked.
    pub asked_ms: i64,
    /// Topic.
    pub topic: Option<String>,
    /// Id of the department asked.
    pub unit_id: Option<String>,
    /// Place the author named.
    pub place: Option<String>,
    /// Supports, the author not counted.
    pub supports: u64,
    /// Start on stage.
    pub staged_clock_ms: Option<i64>,
    /// End on stage.
    pub unstaged_clock_ms: Option<i64>,
    /// What became of it; absent is open.
    pub disposition: Option<Disposition>,
    /// Why.
    pub disposition_reason: Option<String>,
    /// When that was decided.
    pub disposed_ms: Option<i64>,
    /// Id of the question it was merged into.
    pub merged_into: Option<String>,
    /// How many questions were merged into this one.
    pub merged_count: u32,
}

/// How an answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// On the stream.
    Live,
    /// In writing.
    Written,
}

/// What an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerType {
    /// 说明
    Explanation,
    /// 承诺: owner and due date.
    Commitment,
    /// 不采纳: basis.
    Refusal,
    /// 转办: the other unit.
    Transfer,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Id.
    pub id: String,
    /// Id of the question answered; absent for a statement of its own.
    pub question_id: Option<String>,
    /// Id of the department that answered.
    pub unit_id: String,
    /// Speaker, as shown on the stream.
    pub speaker: Option<String>,
    /// Live or written.
    pub kind: AnswerKind,
    /// What it is.
    pub answer_type: AnswerType,
    /// Text; for a live answer the note of it.
    pub body: String,
    /// Who keeps the commitment.
    pub owner: Option<String>,
    /// Until when.
    pub due_date: Option<Date>,
    /// Rule a refusal rests on.
    pub basis: Option<String>,
    /// Id of the unit it was passed to.
    pub transfer_to: Option<String>,
    /// When it was given or issued.
    pub given_ms: i64,
    /// Start on the session's clock.
    pub start_clock_ms: Option<i64>,
    /// End on the session's clock.
    pub end_clock_ms: Option<i64>,
}

/// Where a suggestion comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// 提问
    Question,
    /// 评论
    Comment,
    /// 现场或书面
    Venue,
}

/// One original voice behind a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Kind.
    pub kind: SourceKind,
    /// Id of the question or comment; absent for the venue.
    pub id: Option<String>,
    /// Number its author was told.
    pub number: Option<i64>,
    /// Original text, whole.
    pub text: String,
    /// Display name, masked. The public edition says 网民 or 委员 instead.
    pub author: String,
    /// Tier.
    pub tier: Tier,
    /// When it was said.
    pub said_ms: Option<i64>,
    /// Second of the stream.
    pub clock_ms: Option<i64>,
}

/// What a suggestion was turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// 提案
    Proposal,
    /// 交办件
    Case,
    /// 社情民意
    PublicOpinion,
    /// 12345
    Hotline,
    /// 信访
    Petition,
    /// 留存参考
    Kept,
}

/// Place of a suggestion in a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeRole {
    /// 主并
    Head,
    /// 被并
    Member,
}

/// A merge of suggestions; nothing is deleted by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Head or member.
    pub role: MergeRole,
    /// Codes of the others.
    pub with: Vec<String>,
}

/// How satisfied the proposer is. Absent is "not evaluated", never "satisfied".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfaction {
    /// 满意
    Satisfied,
    /// 基本满意
    Basically,
    /// 不满意
    Unsatisfied,
}

/// A suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    /// Id.
    pub id: String,
    /// Running number in the session.
    pub number: i64,
    /// Number on paper: `2026-03-007`.
    pub code: String,
    /// 案由
    pub title: String,
    /// Summary.
    pub summary: String,
    /// Category.
    pub category: Option<String>,
    /// Code of the category.
    pub category_code: Option<String>,
    /// Who raised it, masked; for several, the first.
    pub proposer: String,
    /// Tier of the proposer.
    pub tier: Tier,
    /// When it was first raised.
    pub raised_ms: i64,
    /// Second of the stream where it was first raised.
    pub clock_ms: Option<i64>,
    /// Id of the unit that leads.
    pub lead_unit_id: Option<String>,
    /// Ids of co-handlers.
    pub co_unit_ids: Vec<String>,
    /// Ids of separate handlers.
    pub separate_unit_ids: Vec<String>,
    /// Original voices.
    pub sources: Vec<Source>,
    /// Supports of all of them.
    pub supports: u64,
    /// How many voices were merged into it.
    pub merged_count: u32,
    /// Merge with other suggestions.
    pub merge: Option<Merge>,
    /// Ids of the answers already given live.
    pub live_answer_ids: Vec<String>,
    /// What it was turned into.
    pub conversion: Option<Conversion>,
    /// What the unit is asked to do.
    pub requirement: Option<String>,
    /// Reply due.
    pub due_date: Option<Date>,
    /// Why that day, in words: "15 个工作日，遇清明节顺延".
    pub due_basis: Option<String>,
    /// State in words, as the workflow profile calls it.
    pub state: String,
    /// What happened since.
    pub handling: Handling,
}

/// What happened to a suggestion after the hand-over. Empty on the day of the session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    /// 立案/受理情况
    pub acceptance: Option<String>,
    /// Assigned.
    pub assigned_ms: Option<i64>,
    /// Signed for by the lead.
    pub signed_ms: Option<i64>,
    /// Working days left; negative is overdue. The calendar is the caller's.
    pub days_left: Option<i64>,
    /// Extension in words.
    pub extension: Option<String>,
    /// Clerk in charge and telephone. Internal edition only.
    pub clerk: Option<String>,
    /// Latest progress.
    pub progress: Option<String>,
    /// 答复文号
    pub reply_number: Option<String>,
    /// Day of the reply.
    pub reply_date: Option<Date>,
    /// Class letter; schemes of three and four classes exist, so it is data.
    pub result_class: Option<String>,
    /// How far it is implemented, 0 to 100.
    pub progress_percent: Option<u8>,
    /// Evaluation.
    pub satisfaction: Option<Satisfaction>,
    /// Why not satisfied. Internal edition only.
    pub dissatisfaction: Option<String>,
    /// Times handled again.
    pub rehandled_count: u32,
    /// 督办级别
    pub supervision: Option<String>,
    /// 公开方式
    pub publication: Option<String>,
    /// Public page.
    pub public_url: Option<String>,
    /// 归档号
    pub archive_number: Option<String>,
    /// Remark. Internal edition only.
    pub remark: Option<String>,
}

/// A line of the announcement bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Id.
    pub id: String,
    /// Text.
    pub text: String,
    /// When it was shown.
    pub issued_ms: i64,
}
