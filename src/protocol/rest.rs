//! Bodies of the HTTP interface that are not wire messages of the live half. `docs/api.md` lists the routes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::client::Ref;
use super::server::{
    AnswerFace, CommentFace, OwnPost, ParticipantFace, PolicyFace, QuestionFace, QueueItem, SessionFace,
};
use crate::domain::claim::Conflict;
use crate::domain::erasure::ErasureState;
use crate::domain::ids::{
    CommentId, DecisionId, DepartmentId, ErasureId, HallId, LeaseId, NoteId, ParticipantId, QuestionId,
    SanctionId, SegmentId, SessionId, StaffId, SuggestionId,
};
use crate::domain::note::NoteSubject;
use crate::domain::session::EmergencyStep;
use crate::domain::time::Timestamp;
use crate::domain::words::{
    AnswerType, Bucket, Disposition, PostKind, PostState, Role, SanctionKind, SanctionReach, SessionKind,
    SessionState, SuggestionSource, Tier, Verdict,
};

/// What a sanction reaches when nothing is said.
fn person() -> SanctionReach {
    SanctionReach::Person
}

/// Requests: unknown fields are refused, so that a misspelt one is not silently dropped.
macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, TS)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }
    )*};
}
pub(super) use requests;
/// Answers.
macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, TS)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }
    )*};
}

pub(super) use answers;

requests! {
    /// `POST /participants`: come in as a guest.
    JoinRequest { /** 1 to 20 characters. */ name: String }
    /// `PATCH /me`: another nickname.
    RenameRequest { /** 1 to 20 characters. */ name: String }
    /// `POST /phone/codes`: send a code to a phone.
    PhoneCodeRequest { /** Mainland mobile number, 11 digits. */ phone: String }
    /// `POST /phone/verify`: become verified. With a guest's token in `Authorization` the guest becomes verified.
    PhoneVerifyRequest { /** The number the code went to. */ phone: String, /** Six digits. */ code: String, /** Nickname, 1 to 20 characters. */ name: String }
    /// `POST /sessions/{id}/comments`.
    CommentRequest { /** Makes a repeat harmless. */ r#ref: Ref, /** Text. */ body: String }
    /// `POST /sessions/{id}/questions`.
    QuestionRequest {
        /** Makes a repeat harmless. */ r#ref: Ref, /** Text. */ body: String,
        /** At most 20 characters. */ #[serde(default)] topic: Option<String>,
        /** Meant for. */ #[serde(default)] department_id: Option<DepartmentId>,
        /** At most 30 characters. */ #[serde(default)] place: Option<String>,
    }

    /// `POST /staff/setup`: the first administrator, with the one-time token printed at the first start.
    SetupRequest { /** From the link. */ token: String, /** Login name. */ login_name: String, /** Shown name. */ name: String, /** At least 10 characters. */ password: String }
    /// `POST /staff/login`.
    LoginRequest { /** Login name. */ login_name: String, /** Password. */ password: String }
    /// `POST /staff/password`: change one's own.
    PasswordRequest { /** The old one. */ old: String, /** At least 10 characters. */ new: String }
    /// `POST /staff/accounts`.
    CreateStaffRequest { /** Login name, 2 to 40 of `a-z 0-9 . _ -`. */ login_name: String, /** Shown name. */ name: String, /** At least 10 characters. */ password: String }
    /// `PUT /halls/{id}/grants`: replaces what one account may do in the hall; empty takes everything away.
    GrantRequest { /** Who. */ staff_id: StaffId, /** Rights. */ roles: Vec<RoleGrant> }
    /// `POST /halls` and `PUT /halls/{id}`.
    HallRequest {
        /** Part of the URL, 2 to 40 of `a-z 0-9 -`. */ slug: String, /** Name. */ name: String, /** The body that keeps it. */ body_name: String,
        /** Accent colour `#rrggbb` or empty. */ color: String, /** What it is. */ intro: String, /** Rules of conduct. */ rules: String,
        /** How to reach the body. */ contact: String, /** What sessions start with. */ policy: PolicyFace,
        /** Departments, in order; without `id` a new one. One that was used stays in the sessions that used it. */ departments: Vec<DepartmentRequest>,
        /** Standing members shown on the hall page, one line each. */ members: Vec<String>,
    }
    /// A department of a hall.
    DepartmentRequest { /** Absent for a new one. */ #[serde(default)] id: Option<DepartmentId>, /** Name. */ name: String }
    /// `POST /halls/{id}/sessions` and `PUT /sessions/{id}`: everything that is prepared.
    SessionRequest {
        /** Kind of meeting. */ kind: SessionKind, /** Title. */ title: String, /** What it is about. */ intro: String, /** Where. */ venue: String,
        /** Who hosts. */ host_name: String, /** Announced start. */ starts_ms: Option<Timestamp>, /** HLS playlist or empty. */ stream_url: String,
        /** Topics offered to who asks. */ topics: Vec<String>, /** Taking part, of the hall's. */ department_ids: Vec<DepartmentId>,
        /** Run of show, in order; without `id` a new one. */ segments: Vec<SegmentRequest>, /** Things to read, in order. */ materials: Vec<MaterialRequest>,
    }
    /// An item of the run of show.
    SegmentRequest { /** Absent for a new one. */ #[serde(default)] id: Option<SegmentId>, /** Title. */ title: String, /** Led by. */ department_id: Option<DepartmentId>, /** Planned minutes, 1 to 600. */ planned_minutes: u32 }
    /// Something to read.
    MaterialRequest { /** Title. */ title: String, /** Plain text or empty. */ body: String, /** Link or empty. */ url: String }
    /// `POST /sessions/{id}/state`: a step of its life.
    StateRequest { /** The next state. */ to: SessionState }
    /// `PUT /sessions/{id}/announcement`.
    AnnouncementRequest { /** At most 100 characters; empty takes it down. */ text: String }
    /// `POST /sessions/{id}/segment`: start a segment (the running one ends), or end the running one.
    SegmentStartRequest { /** Which; null ends the running one. */ segment_id: Option<SegmentId> }
    /// `PUT /sessions/{id}/next-up`.
    NextUpRequest { /** In order, at most 50. */ question_ids: Vec<QuestionId> }
    /// `PUT /sessions/{id}/stage`.
    StageRequest { /** Which question; null clears the stage. */ question_id: Option<QuestionId>, /** Why this one, at most 100 characters; asked for when it is on neither list. */ #[serde(default)] reason: String }
    /// `POST /sessions/{id}/answering`: a department begins to answer the question on stage.
    AnswerStartRequest { /** Who answers. */ department_id: DepartmentId, /** Who speaks, at most 30 characters. */ speaker: String }
    /// `DELETE /sessions/{id}/answering`: it has answered. The question gets the disposition `answered_live`.
    AnswerStopRequest { /** Note of what was said, may be empty. */ body: String }
    /// `POST /questions/{id}/answers`: answer in writing. The question gets `answered_in_writing` (a transfer: only its new department).
    AnswerRequest {
        /** Who answers. */ department_id: DepartmentId, /** What it is. */ answer_type: AnswerType, /** Text. */ body: String, /** Who signs. */ speaker: String,
        /** Who keeps a commitment. */ owner: String, /** Until when, `YYYY-MM-DD`. */ due_date: String, /** Basis of a refusal. */ basis: String,
        /** Where a transfer goes. */ transfer_to: Option<DepartmentId>,
    }
    /// `PUT /questions/{id}/disposition`.
    DispositionRequest {
        /** What became of it; null reopens. `answered_*` need a published answer. */ disposition: Option<Disposition>,
        /** For `merged`: into which. */ #[serde(default)] merged_into: Option<QuestionId>, /** For `declined`: why, shown to everybody. */ #[serde(default)] reason: String,
    }
    /// `POST /sessions/{id}/decisions`: a moderator's act over one or many items, all or nothing.
    DecisionRequest {
        /** What to do. */ verdict: Verdict, /** To which, as they were seen. At most 500. */ items: Vec<DecisionItem>,
        /** Reason code; needed for decline and retract. */ #[serde(default)] reason: String, /** Note to the author, at most 200 characters. */ #[serde(default)] note: String,
    }
    /// An item as the moderator saw it.
    DecisionItem {
        /** What it is. */ kind: PostKind, /** Which. */ id: String, /** As seen. */ revision: u64,
        /** The claim it is decided under, if it was claimed: refused when somebody else has taken it over since. */ #[serde(default)] lease: Option<LeaseId>,
    }
    /// `POST /sessions/{id}/claims`: hold an item, or the most urgent one nobody holds.
    ClaimRequest {
        /** Which; null for the most urgent one that is free. */ #[serde(default)] item: Option<ClaimItem>, /** Take it from who holds it, who is told. */ #[serde(default)] take_over: bool,
        /** If it is held or decided, the next free one instead of a refusal. */ #[serde(default)] or_next: bool, /** Only of this kind, for the next one. */ #[serde(default)] kind: Option<PostKind>,
        /** Ids the next one is not to be of, at most 200: put aside for later. */ #[serde(default)] skip: Vec<String>, /** Claims to let go of with it. */ #[serde(default)] release: Vec<LeaseId>,
    }
    /// An item to hold.
    ClaimItem { /** What it is. */ kind: PostKind, /** Which. */ id: String }
    /// `POST /sessions/{id}/claims/renew` and `/claims/release`.
    LeasesRequest { /** Which claims, at most 20. */ leases: Vec<LeaseId> }
    /// `POST /sessions/{id}/posts/{kind}/{post}/report`: a viewer reports something published.
    ReportRequest { /** Code, see `GET /report-reasons`. */ reason: String }
    /// `POST /sessions/{id}/erasures`: ask for a post to be erased by law; another person confirms.
    ErasureRequest { /** What it is. */ kind: PostKind, /** Which. */ post_id: String, /** By what law or paper, at most 200 characters. */ reason: String }
    /// `POST /sessions/{id}/reports/keep`: what was reported stays public; its reports are settled.
    KeepRequest { /** Which, as they were seen. At most 500. */ items: Vec<DecisionItem> }
    /// `POST /sessions/{id}/reports/reopen`: takes back that they were kept.
    ReopenRequest { /** Which, at most 500. */ items: Vec<ClaimItem> }
    /// `POST /halls/{id}/notes`.
    NoteRequest { /** About what. */ subject: NoteSubject, /** About whom or which. */ subject_id: String, /** At most 300 characters. */ body: String }
    /// `PUT /halls/{id}/desk-views`: my saved filters, replacing the old ones; at most 12.
    DeskViewsRequest { /** In order. */ views: Vec<DeskView> }
    /// `POST /halls/{id}/sanctions`.
    SanctionRequest {
        /** Whom. */ participant_id: ParticipantId, /** What. */ kind: SanctionKind, /** For how many minutes; null until lifted (a ban only). */ minutes: Option<u32>, /** Why, shown to the person. */ reason: String,
        /** Only in this session; null for the hall. */ #[serde(default)] session_id: Option<SessionId>,
        /** Whom it reaches beside the person; a network for a day at most, and only its guests. */ #[serde(default = "person")] reach: SanctionReach,
    }
    /// `PUT /sessions/{id}/emergency`: turn the preset on, or move its end.
    EmergencyRequest { /** For how many minutes, at most 720; null until it is turned off. */ minutes: Option<u32> }
    /// `PUT /halls/{id}/words`: the hall's own list, one word per line, see `docs/words.md`.
    WordsRequest { /** The whole text. */ text: String }
    /// `POST /sessions/{id}/suggestions` and `PUT /suggestions/{id}`.
    SuggestionRequest {
        /** 4 to 100 characters. */ title: String, /** What is asked for. */ summary: String, /** Category. */ category: String, /** Who is to handle it. */ department_id: Option<DepartmentId>,
        /** Who helps. */ #[serde(default)] co_department_ids: Vec<DepartmentId>,
        /** Where it came from. */ source: SuggestionSource, /** Made from these questions. */ #[serde(default)] question_ids: Vec<QuestionId>, /** Made from these comments. */ #[serde(default)] comment_ids: Vec<CommentId>,
        /** For one from the venue: who raised it, at most 30 characters. */ #[serde(default)] raised_by: String,
        /** Until when, `YYYY-MM-DD` or empty. */ #[serde(default)] due_date: String, /** Requirement to the unit. */ #[serde(default)] requirement: String,
    }
}

/// `PUT /sessions/{id}/policy`: replaces the whole policy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PolicyRequest {
    /// The new one.
    #[serde(flatten)]
    pub policy: PolicyFace,
    /// The one it was made from: refused when it is another by now. Absent to replace whatever there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen: Option<PolicyFace>,
}

/// A saved filter of the moderation desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DeskView {
    /// 1 to 20 characters.
    pub name: String,
    /// State; null for all of them.
    pub state: Option<PostState>,
    /// Comments or questions; null for both.
    pub kind: Option<PostKind>,
    /// Only what viewers reported.
    pub reported: bool,
    /// Reason code or empty.
    pub reason: String,
    /// Topic or empty.
    pub topic: String,
    /// Department; null for all.
    pub department_id: Option<DepartmentId>,
    /// Tier of the author; null for all.
    pub tier: Option<Tier>,
    /// Waiting at least so many minutes; 0 for all.
    pub older_min: u32,
    /// What is looked for, or empty.
    pub q: String,
}

/// A right in a hall. A department officer's names the department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RoleGrant {
    /// Which right.
    pub role: Role,
    /// Which department, for `department_officer` only.
    #[serde(default)]
    pub department_id: Option<DepartmentId>,
}

answers! {
    /// A token and who it belongs to.
    TokenAnswer { /** For `Authorization: Bearer` and `hello`. */ token: String, /** Who. */ participant: ParticipantFace }
    /// `POST /phone/codes`.
    PhoneCodeAnswer { /** How long the code is good, in seconds. */ expires_s: u32, /** The code itself: demonstration only. */ shown_code: Option<String> }
    /// `GET /me`.
    MeAnswer { /** Who. */ participant: ParticipantFace, /** Restrictions in force. */ sanctions: Vec<SanctionFace> }
    /// `GET /sessions/{id}/mine`: what I wrote and support.
    MineAnswer { /** Newest first. */ posts: Vec<OwnPost>, /** Questions I support. */ supported: Vec<QuestionId> }
    /// A page of questions.
    QuestionPage { /** In the order asked for. */ questions: Vec<QuestionFace>, /** For the next page, null at the end. */ next_cursor: Option<String>, /** How many in all. */ total: u64 }
    /// `GET /sessions/{id}/questions/similar`: published questions that ask about the same as a text.
    SimilarAnswer { /** At most three, nearest first; of merged ones the head. */ questions: Vec<QuestionFace> }
    /// `GET /sessions/{id}/queue/similar`: waiting and published questions that repeat another.
    RepeatedAnswer { /** In the order the first of each was asked. */ groups: Vec<RepeatedQuestion> }
    /// Questions that ask the same, as far as a machine can tell; merging them is a person's act.
    RepeatedQuestion { /** The first of them. */ id: QuestionId, /** Its number. */ number: u64, /** Where it stands. */ state: PostState, /** Its text. */ body: String, /** What repeats it, oldest first. */ members: Vec<Repetition> }
    /// A question that repeats another.
    Repetition { /** Which. */ id: QuestionId, /** Its number. */ number: u64, /** How likely it asks the same, in percent. */ percent: u8 }
    /// A page of comments, newest first.
    CommentPage { /** Comments. */ comments: Vec<CommentFace>, /** For the next page, null at the end. */ next_cursor: Option<String> }
    /// `GET /halls`.
    HallCard { /** Which. */ id: HallId, /** Part of the URL. */ slug: String, /** Name. */ name: String, /** The body that keeps it. */ body_name: String, /** Accent colour. */ color: String, /** The session on now or next. */ next: Option<SessionCard> }
    /// `GET /halls/{slug}`.
    HallPage {
        /** Which. */ id: HallId, /** Part of the URL. */ slug: String, /** Name. */ name: String, /** The body that keeps it. */ body_name: String, /** Accent colour. */ color: String,
        /** What it is. */ intro: String, /** Rules of conduct. */ rules: String, /** How to reach the body. */ contact: String, /** Standing members. */ members: Vec<String>,
        /** Its departments. */ departments: Vec<super::server::DepartmentFace>, /** What sessions start with. */ policy: PolicyFace,
        /** Live and scheduled first, then newest first. Drafts only for staff. */ sessions: Vec<SessionCard>,
    }
    /// A session in a list.
    SessionCard {
        /** Which. */ id: SessionId, /** Title. */ title: String, /** Kind. */ kind: SessionKind, /** State. */ state: SessionState, /** Join code. */ code: String,
        /** Announced start. */ starts_ms: Option<Timestamp>, /** Went live. */ started_ms: Option<Timestamp>, /** Ended. */ ended_ms: Option<Timestamp>, /** Its tally. */ tally: Tally,
    }
    /// The public tally. `raised` is always the sum of the seven others.
    Tally {
        /** Everything raised: every question received, every suggestion that is not from a question. */ raised: u64,
        /** Answered on the stream. */ answered_live: u64, /** Answered in writing. */ answered_in_writing: u64, /** Assigned to a unit. */ assigned: u64,
        /** Merged into another. */ merged: u64, /** Not published, taken back by a moderator, or declined with a reason. */ declined: u64,
        /** Taken back by the author. */ withdrawn: u64, /** Without disposition yet. */ open: u64,
    }
    /// `GET /sessions/{id}/ledger`.
    LedgerAnswer { /** The session. */ session: SessionCard, /** The hall. */ hall_slug: String, /** Its name. */ hall_name: String, /** The numbers. */ tally: Tally, /** As of when. */ as_of_ms: Timestamp }
    /// `GET /sessions/{id}/ledger/{bucket}`: the items a number counts (`raised` for all).
    LedgerPage { /** Items. */ items: Vec<LedgerItem>, /** For the next page. */ next_cursor: Option<String>, /** How many in all. */ total: u64 }
    /// One raised item. The text is empty when it was never public.
    LedgerItem {
        /** Question or suggestion. */ id: String, /** Number in its session. */ number: u64, /** Where from. */ source: SuggestionSource, /** Which number it counts in. */ bucket: Bucket,
        /** Text, empty if never public. */ body: String, /** Topic or category. */ topic: String, /** Supports. */ supports: u64, /** Department. */ department_name: String,
        /** When it was raised. */ at_ms: Timestamp, /** Reason, merged into, or due date in words. */ remark: String, /** Number it was merged into. */ merged_into_number: Option<u64>,
        /** Published answers. */ answers: Vec<AnswerFace>,
    }

    /// `GET /staff/me` and the answer of a login.
    StaffMe { /** Who. */ id: StaffId, /** Login name. */ login_name: String, /** Shown name. */ name: String, /** May do everything in every hall. */ operator: bool, /** Halls with rights. */ halls: Vec<StaffHall> }
    /// A hall in which an account has rights.
    StaffHall { /** Which. */ hall: HallCard, /** Rights. */ roles: Vec<RoleGrant>, /** All its sessions, newest first, drafts included. */ sessions: Vec<SessionCard> }
    /// `GET /staff/accounts`, and the accounts of a hall.
    StaffAccount { /** Who. */ id: StaffId, /** Login name. */ login_name: String, /** Shown name. */ name: String, /** May do everything. */ operator: bool, /** Rights in the hall asked for. */ roles: Vec<RoleGrant> }
    /// `GET /sessions/{id}/prepared`: what `PUT /sessions/{id}` takes, with what cannot be edited.
    PreparedSession { /** As everybody may see it. */ session: SessionFace, /** Departments of the hall to choose from. */ hall_departments: Vec<super::server::DepartmentFace>, /** My rights. */ roles: Vec<RoleGrant>, /** States it may go to now. */ next_states: Vec<SessionState>, /** Join link. */ join_url: String }
    /// `GET /sessions/{id}/queue`.
    QueuePage { /** Oldest first for held, newest first otherwise. */ items: Vec<QueueItem>, /** For the next page. */ next_cursor: Option<String>, /** How many in all. */ total: u64, /** How many in each state, counted now. */ counts: Vec<(PostState, u64)>, /** How many published ones viewers reported, counted now. */ reported: u64 }
    /// `GET /participants/{id}/card?hall_id=`: what a moderator may know of a person.
    AuthorCard { /** Who. */ participant: ParticipantFace, /** Since when. */ joined_ms: Timestamp, /** How many of each state in this hall. */ counts: Vec<(PostState, u64)>, /** Newest first, at most 20. */ posts: Vec<QueueItem>, /** Restrictions in force. */ sanctions: Vec<SanctionFace>, /** Sessions of this hall the person wrote in, newest first. */ sessions: Vec<AuthorSession>, /** What staff noted of the person and of the post asked for, newest first. */ notes: Vec<NoteFace> }
    /// What a person did in one session.
    AuthorSession { /** Which. */ id: SessionId, /** Its title. */ title: String, /** Posts. */ posts: u64, /** Declined or retracted ones. */ refused: u64, /** The last one. */ last_ms: Timestamp }
    /// A note of staff.
    NoteFace { /** Which. */ id: NoteId, /** About what. */ subject: NoteSubject, /** Who wrote it. */ by_name: String, /** Whether it is one's own and may be taken away. */ own: bool, /** Text. */ body: String, /** When. */ at_ms: Timestamp }
    /// A restriction in force.
    SanctionFace { /** Which. */ id: SanctionId, /** In which hall. */ hall_id: HallId, /** What. */ kind: SanctionKind, /** Until when; null until lifted. */ until_ms: Option<Timestamp>, /** Why. */ reason: String, /** Since when. */ at_ms: Timestamp, /** Only in this session; null for the hall. */ session_id: Option<SessionId>, /** Whom it reaches. */ reach: SanctionReach }
    /// `GET /sessions/{id}/emergency`.
    EmergencyAnswer { /** What the switch would change now. */ would: Vec<EmergencyStep>, /** While it is on. */ on: Option<super::server::EmergencyFace>, /** Who turned it on; empty while it is off. */ by_name: String, /** Posts that wait and were written since. */ held_since: u64 }
    /// `GET /sessions/{id}/department-desk?department_id=`.
    DepartmentDesk { /** The department. */ department_id: DepartmentId, /** Questions meant for it, most urgent first: on stage, next up, undecided by support, decided. */ questions: Vec<DeskQuestion> }
    /// A question on a department's desk.
    DeskQuestion { /** It. */ question: QuestionFace, /** Whether it is on stage. */ on_stage: bool, /** Place in the host's list from 1, null if not in it. */ next_up: Option<u32>, /** About how many minutes until it is on stage. */ minutes_to_stage: Option<u32>, /** Its answers. */ answers: Vec<AnswerFace> }
    /// A suggestion.
    SuggestionFace {
        /** Which. */ id: SuggestionId, /** Number in its session. */ number: u64, /** Title. */ title: String, /** What is asked for. */ summary: String, /** Category. */ category: String,
        /** Who is to handle it. */ department_id: Option<DepartmentId>, /** Who helps. */ co_department_ids: Vec<DepartmentId>, /** Where it came from. */ source: SuggestionSource,
        /** Numbers of the questions it was made from. */ question_ids: Vec<QuestionId>, /** Comments it was made from. */ comment_ids: Vec<CommentId>, /** Who raised it at the venue. */ raised_by: String,
        /** Until when. */ due_date: String, /** Requirement. */ requirement: String, /** When it was formed. */ at_ms: Timestamp, /** Counts up with every change. */ revision: u64,
    }
    /// `GET /sessions/{id}/closing`: what is missing before the session may close.
    ClosingChecklist { /** Accepted questions without a disposition. */ missing: Vec<QuestionFace>, /** Held items nobody decided. */ held: u64, /** Suggestions formed. */ suggestions: Vec<SuggestionFace>, /** Suggestions without department. */ without_department: u64, /** Whether it may close now. */ ready: bool, /** The numbers. */ tally: Tally }
    /// `GET /halls/{id}/words`.
    WordsAnswer { /** The hall's own list. */ text: String, /** Words understood. */ words: u64, /** Lines that were not. */ broken: Vec<BrokenLine> }
    /// A line of a word list that was not understood.
    BrokenLine { /** From 1. */ line: u32, /** Why. */ why: String }
    /// `GET /reasons`: the table of reason codes.
    ReasonFace { /** Code. */ code: String, /** To the author, Chinese. */ zh: String, /** To the author, English. */ en: String, /** A moderator may choose it. */ by_hand: bool }
    /// Answer of a claim. Without `claim` there is nothing left that is free.
    ClaimAnswer { /** What is held now. */ claim: Option<super::server::ClaimFace>, /** The item as it is now. */ item: Option<QueueItem> }
    /// Answer of a renewal.
    RenewAnswer { /** Held on. */ claims: Vec<super::server::ClaimFace>, /** Lost: taken over, decided, or let go. */ lost: Vec<LeaseId> }
    /// `POST /sessions/{id}/decisions/preview`: what the decision would do.
    PreviewAnswer { /** Items it fits. */ fits: u64, /** How many people wrote them. */ people: u64, /** In how many of them screening found something. */ found: u64, /** What stands in the way of the others. */ conflicts: Vec<Conflict> }
    /// A post erased by law, or to be erased.
    ErasureFace { /** Which. */ id: ErasureId, /** What it is. */ kind: PostKind, /** Which post. */ post_id: String, /** Its number. */ number: u64, /** Its text as it is now: gone once it is erased. */ body: String, /** Why. */ reason: String, /** Who asked. */ asked_name: String, /** Whether the reader asked, and so may not confirm. */ own: bool, /** When. */ asked_ms: Timestamp, /** Who confirmed or cancelled. */ settled_name: String, /** When. */ settled_ms: Option<Timestamp>, /** How far it is. */ state: ErasureState }
    /// Answer of a decision.
    DecisionAnswer { /** Which, for undo. */ id: DecisionId, /** Done. */ decision: super::server::DecisionFace }
    /// `GET /session-of-code/{code}`.
    JoinAnswer { /** Which. */ session_id: SessionId, /** The hall. */ hall_slug: String, /** State. */ state: SessionState }
}
