//! Bodies of what is kept on record: the audit log, receipts and appeals, fairness, word lists. `docs/api.md` lists the routes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::rest::{BrokenLine, DecisionAnswer, answers, requests};
use super::server::{FindingFace, QuestionFace, QueueItem};
use crate::domain::appeal::{AppealState, AppealVerdict};
use crate::domain::ids::{AppealId, HallId, QuestionId, SessionId, StaffId};
use crate::domain::screening_settings::{External, WordKind};
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState};

requests! {
    /// `PUT /word-lists/{hall|everywhere}/{kind}`: a new version of a list, in use at once.
    WordListRequest { /** The whole list, see `docs/words.md`. */ text: String, /** The version it was made from; null overwrites whatever there is. */ #[serde(default)] base_version: Option<u64>, /** Why, at most 100 characters. */ #[serde(default)] note: String }
    /// `POST /word-lists/{hall|everywhere}/{kind}/trial`: what a list would change in the newest posts. Changes nothing.
    WordTrialRequest { /** The whole list. */ text: String, /** On how many posts, 1 to 5000. */ posts: u32 }
    /// `PUT /halls/{id}/screening`.
    ScreeningRequest { /** Posts of a person looked at before the next need no look, 0 to 10. */ first_posts: u32, /** Hosts whose links need no look. */ allowed_hosts: Vec<String>, /** The external classifier. */ external: External }
    /// `POST /sessions/{id}/posts/{kind}/{post}/appeal`: object to an own post that was declined or taken back. Once per post.
    AppealRequest { /** Why it should be published, at most 300 characters. */ reason: String }
    /// `POST /sessions/{id}/appeals/{appeal}`: by somebody who did not decide on the post before.
    AppealDecisionRequest { /** The author was right, or it stays as it is. */ verdict: AppealVerdict, /** To the author, at most 200 characters; needed when it stays. */ #[serde(default)] note: String }
    /// `PUT /halls/{id}/reasons`: replaces the hall's own reasons. One left out is retired; what changed gets a new version.
    ReasonsRequest { /** The reasons, at most 50. */ reasons: Vec<ReasonRequest> }
    /// A hall's own reason.
    ReasonRequest { /** 2 to 40 of `a-z 0-9 _`. */ code: String, /** To the author, Chinese, at most 100 characters. */ zh: String, /** To the author, English, at most 200. */ #[serde(default)] en: String, /** No longer offered. */ #[serde(default)] retired: bool }
}

answers! {
    /// `GET /halls/{id}/audit`: what staff did, newest first.
    AuditPage { /** Records. */ records: Vec<AuditRecord>, /** For the next page, null at the end. */ next_cursor: Option<String>, /** Where the chain ends. */ head: AuditHead }
    /// One act of staff.
    AuditRecord {
        /** Number in the hall's chain, from 1. */ seq: u64, /** When. */ at_ms: Timestamp, /** On which session. */ session_id: Option<SessionId>,
        /** Who; null for what the program did by itself. */ staff_id: Option<StaffId>, /** Name at the time. */ staff_name: String, /** What was done: a verb of the table of rights. */ verb: String,
        /** To what. */ target: String, /** How, as JSON text. */ detail: String, /** Hash of the record, which covers the one before. */ hash: String,
    }
    /// `GET /halls/{id}/audit/head`, for everybody: who notes it can tell later whether the log was written anew.
    AuditHead { /** The chain. */ hall_id: HallId, /** Number of the last record, 0 if there is none. */ seq: u64, /** Its hash. */ hash: String }
    /// `GET /halls/{id}/audit/verification`: the whole chain judged.
    AuditVerification { /** Nothing is altered, missing or moved. */ whole: bool, /** Records judged good, 0 unless whole. */ records: u64, /** Where the chain ends. */ head: AuditHead, /** What is wrong with the first record that is, in words. */ fault: String }

    /// `GET /sessions/{id}/receipts`: every own post that is not public, or that was appealed about, newest first.
    ReceiptsAnswer { /** Receipts. */ receipts: Vec<ReceiptFace> }
    /// Why a post is not public, in plain words, since when, and what can be done.
    ReceiptFace {
        /** What it is. */ kind: PostKind, /** Which. */ id: String, /** Number in its session. */ number: u64, /** Text. */ body: String, /** Where it stands. */ state: PostState,
        /** When it was written. */ at_ms: Timestamp, /** Since when it stands there. */ since_ms: Timestamp, /** A person decided it; otherwise the rule did. */ by_person: bool,
        /** The deciding rule. */ reason: ReasonWords, /** Everything else that was found, once each. */ also: Vec<ReasonWords>, /** Note of the moderator. */ note: String,
        /** Whether an appeal can be made now. */ may_appeal: bool, /** The appeal, if one was made. */ appeal: Option<AppealFace>,
    }
    /// A rule with its words.
    ReasonWords { /** Code; empty when everything waits. */ code: String, /** Chinese. */ zh: String, /** English. */ en: String }
    /// An appeal as its author sees it.
    AppealFace { /** Which. */ id: AppealId, /** Why it should be published. */ reason: String, /** When. */ at_ms: Timestamp, /** Where it stands. */ state: AppealState, /** Note of who decided. */ note: String, /** When it was decided. */ decided_ms: Option<Timestamp>, /** The post was published again. */ restored: bool }
    /// Answer of deciding an appeal.
    AppealDecisionAnswer { /** How it stands now. */ appeal: AppealFace, /** The decision it came to, for undo. */ decision: DecisionAnswer }
    /// `GET /sessions/{id}/appeals?state=&cursor=&limit=`: oldest first.
    AppealPage { /** Appeals. */ appeals: Vec<AppealItem>, /** For the next page, null at the end. */ next_cursor: Option<String>, /** How many wait for a second person. */ open: u64 }
    /// An appeal as staff see it.
    AppealItem { /** It. */ appeal: AppealFace, /** What it is about, as it is now. */ item: QueueItem, /** Who decided on the post before, oldest first; empty when only a rule did. */ deciders: Vec<String>, /** Whether who asks may decide it: nobody who decided before may. */ mine_to_decide: bool, /** Who decided the appeal. */ decided_by_name: String }
    /// `GET /sessions/{id}/withheld`: how much is not public, by reason. Numbers only, for everybody.
    WithheldAnswer { /** As of when. */ as_of_ms: Timestamp, /** Posts received. */ received: u64, /** Posts public now. */ published: u64, /** Taken back by their authors. */ withdrawn: u64, /** One line per reason, the most frequent first. `received` is `published`, `withdrawn` and the sum of these. */ reasons: Vec<WithheldLine>, /** Appeals made. */ appeals: u64, /** Appeals in which the author was right. */ upheld: u64, /** Appeals after which it stayed. */ dismissed: u64 }
    /// Posts withheld for one reason.
    WithheldLine { /** Why. */ reason: ReasonWords, /** Waiting for a moderator. */ held: u64, /** Not published. */ declined: u64, /** Taken back by a moderator. */ retracted: u64 }
    /// `GET /halls/{id}/reasons`: a hall's own reasons.
    HallReasons { /** Reasons, retired ones too. */ reasons: Vec<HallReasonFace> }
    /// A hall's own reason.
    HallReasonFace { /** Code. */ code: String, /** Counts up with every change. */ version: u64, /** Chinese. */ zh: String, /** English. */ en: String, /** No longer offered. */ retired: bool }

    /// `GET /sessions/{id}/fair?view=most_supported|not_yet_heard&topic=&department_id=&place=&limit=`: what waits to be heard, by a documented rule.
    FairAnswer { /** The rule, see `docs/fairness.md`. */ rule: String, /** As of when. */ as_of_ms: Timestamp, /** How many wait, however the list is narrowed. */ waiting: u64, /** The list. */ rows: Vec<FairRow> }
    /// A question that waits, with its places.
    FairRow {
        /** It. */ question: QuestionFace, /** Seconds on air. */ on_air_s: u64, /** Supports per minute on air, times a thousand. */ rate_milli: u64,
        /** Place by supports, from 1; equal ones have the same. */ rank_supported: u32, /** Place by rate, from 1. */ rank_unheard: u32,
        /** Best of a topic from which nothing has been heard. */ first_of_topic: bool, /** The same of a department. */ first_of_department: bool, /** The same of a place. */ first_of_place: bool,
    }
    /// `GET /sessions/{id}/fairness`: how fair the selection was. Staff at any time, everybody once the session has ended.
    FairnessReport {
        /** Session. */ session_id: SessionId, /** As of when. */ as_of_ms: Timestamp, /** The rule. */ rule: String, /** Questions published, merged ones with what they were merged into. */ published: u64, /** Answered on the stream. */ heard: u64,
        /** The most supported, 20 or more when the last ones are equal. */ top: Vec<TopQuestion>, /** Of them answered on the stream. */ top_heard: u64,
        /** By topic; empty key for none. */ topics: Vec<GroupLine>, /** By department. */ departments: Vec<GroupLine>, /** By place. */ places: Vec<GroupLine>,
        /** What the host put on stage, in order. */ choices: Vec<ChoiceFace>, /** Of them on neither list. */ outside: u64, /** Of those with a reason. */ outside_with_reason: u64,
    }
    /// One of the most supported.
    TopQuestion { /** It. */ question: QuestionFace, /** Answered on the stream. */ heard: bool }
    /// How a group of questions fared.
    GroupLine { /** Its name. */ name: String, /** Questions. */ asked: u64, /** Supports. */ supports: u64, /** Answered on the stream. */ heard: u64, /** Among the most supported. */ top: u64, /** Of those answered on the stream. */ top_heard: u64 }
    /// A question put on stage, with its places at that moment.
    ChoiceFace {
        /** Which. */ question_id: QuestionId, /** Its number. */ number: u64, /** Its text; empty if no longer public. */ body: String, /** When. */ at_ms: Timestamp, /** By whom; empty for the public. */ by_name: String, /** The rule then. */ rule: String,
        /** Place by supports then; 0 if it did not wait. */ rank_supported: u32, /** Place by rate then. */ rank_unheard: u32, /** How many waited. */ of: u32, /** Supports then. */ supports: u64,
        /** Was the best of a topic, department or place not yet heard from. */ first_of_group: bool, /** On neither list. */ outside: bool, /** Why, in the host's words. */ reason: String,
    }

    /// `GET /word-lists/{hall|everywhere}`: the lists in use.
    WordListsAnswer { /** Newest versions; a kind without a list is not there. */ lists: Vec<WordListHead>, /** Words that ship with the program. */ shipped_words: u64, /** Memory of the automata of the lists asked for, in bytes. */ automata_bytes: u64, /** The same of the shipped ones. */ shipped_automata_bytes: u64, /** Whether the installation has an external classifier. */ classifier: bool }
    /// A version of a list.
    WordListHead { /** What a hit leads to. */ kind: WordKind, /** Counts up. */ version: u64, /** Words. */ words: u64, /** Words that came with it. */ added: u64, /** Words that went. */ removed: u64, /** Why. */ note: String, /** When. */ at_ms: Timestamp, /** By whom. */ by_name: String }
    /// `GET /word-lists/{hall|everywhere}/{kind}?version=`: one list.
    WordListAnswer { /** Its version; 0 if there is none. */ version: u64, /** The whole text. */ text: String, /** Newest first. */ history: Vec<WordListHead> }
    /// Answer of a change: with a broken line nothing was taken.
    WordListSaved { /** The new version, null if a line is broken. */ saved: Option<WordListHead>, /** Words understood. */ words: u64, /** The first broken lines. */ broken: Vec<BrokenLine>, /** All broken lines. */ broken_total: u64 }
    /// What a change would do.
    WordTrialAnswer {
        /** Words understood. */ words: u64, /** The first broken lines; then nothing was tried. */ broken: Vec<BrokenLine>, /** All broken lines. */ broken_total: u64, /** Posts tried on. */ posts: u64,
        /** Would wait and did not. */ newly_held: u64, /** Would be declined and was not. */ newly_declined: u64, /** Would no longer wait or be declined. */ released: u64, /** The first 100 of them. */ changes: Vec<WordTrialChange>,
    }
    /// A post that would fare otherwise.
    WordTrialChange { /** What it is. */ kind: PostKind, /** Which. */ id: String, /** Number in its session. */ number: u64, /** Its session. */ session_id: SessionId, /** Text. */ body: String, /** Now. */ before: String, /** Then: publish, hold, decline. */ after: String, /** What is found then, or what is found now if it is released. */ findings: Vec<FindingFace> }
    /// `GET /halls/{id}/screening`.
    ScreeningFace { /** Posts of a person looked at before the next need no look. */ first_posts: u32, /** Hosts whose links need no look. */ allowed_hosts: Vec<String>, /** The external classifier. */ external: External }
}
