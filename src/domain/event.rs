//! What happened: the entries of a session's log, and the only thing the live fan-out follows.
//!
//! Written in the transaction of the change they tell of, numbered per session and channel in the order of the commits.
//! Stored as JSON: add fields with defaults, never change the meaning of one.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::claim::Claim;
use super::ids::{LeaseId, ParticipantId, QuestionId, SessionId};
use super::post::{AnyPost, Comment, Decision, Question};
use super::report::Reported;
use super::session::Session;
use super::time::Timestamp;
use super::words::{Channel, PostKind, PostState};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Public: the session, its policy, run of show or stage changed. Carries the question on stage, whole.
    SessionChanged {
        session: Box<Session>,
        stage_question: Option<Box<Question>>,
    },
    /// Public.
    CommentPublished { comment: Box<Comment> },
    /// Public: a question appeared or changed.
    QuestionPublished { question: Box<Question> },
    /// Public: no longer to be seen.
    PostRemoved { kind: PostKind, id: String },
    /// Public: supports as they are after this commit.
    SupportsCounted { counts: Vec<(QuestionId, u64)> },
    /// Public.
    AnswerPublished { answer: Box<Answer> },
    /// Backstage: a new post waits, or a post changed without a decision (withdrawn).
    ItemQueued { post: Box<AnyPost> },
    /// Backstage.
    ItemsDecided {
        decision: Box<Decision>,
        authors: Vec<OwnChange>,
    },
    /// Backstage: moderators took, kept or let go of posts.
    ClaimsChanged {
        claims: Vec<Claim>,
        released: Vec<LeaseId>,
        /// Claims that are over by now are forgotten with it.
        at: Timestamp,
    },
    /// Backstage: viewers reported a published post; carries all that is said of it now.
    ItemReported { reported: Box<Reported> },
    /// Backstage: reports are settled, by keeping the post, taking it down, or because its author took it back (no name).
    ReportsSettled {
        posts: Vec<(PostKind, String)>,
        by_name: String,
    },
    /// Backstage.
    NextUpChanged { question_ids: Vec<QuestionId> },
}

/// What an author is told about an own post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnChange {
    pub author_id: ParticipantId,
    pub kind: PostKind,
    pub id: String,
    pub client_ref: String,
    pub number: u64,
    pub state: PostState,
    pub reason: String,
    pub note: String,
    pub body: String,
    pub at: Timestamp,
}

impl Event {
    /// The stream it belongs to. Held and declined text is backstage only.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::SessionChanged { .. }
            | Self::CommentPublished { .. }
            | Self::QuestionPublished { .. }
            | Self::PostRemoved { .. }
            | Self::SupportsCounted { .. }
            | Self::AnswerPublished { .. } => Channel::Public,
            Self::ItemQueued { .. }
            | Self::ItemsDecided { .. }
            | Self::ClaimsChanged { .. }
            | Self::ItemReported { .. }
            | Self::ReportsSettled { .. }
            | Self::NextUpChanged { .. } => Channel::Backstage,
        }
    }
}

impl Event {
    /// Overwrites what it carries of a post that is erased by law; `false` if it carries nothing of it.
    pub fn erase(&mut self, kind: PostKind, id: &str) -> bool {
        match self {
            Self::CommentPublished { comment } if kind == PostKind::Comment && comment.id.as_str() == id => {
                comment.post.erase();
            }
            Self::QuestionPublished { question }
            | Self::SessionChanged {
                stage_question: Some(question),
                ..
            } if kind == PostKind::Question && question.id.as_str() == id => question.erase(),
            Self::ItemQueued { post } if post.kind() == kind && post.id() == id => post.erase(),
            Self::ItemReported { reported } if reported.post.kind() == kind && reported.post.id() == id => {
                reported.post.erase();
            }
            Self::ItemsDecided { decision, authors } => {
                let mut found = false;
                for item in decision.items.iter_mut().filter(|i| i.kind == kind && i.id == id) {
                    item.from_note.clear();
                    decision.note.clear();
                    found = true;
                }
                for own in authors.iter_mut().filter(|o| o.kind == kind && o.id == id) {
                    own.body = super::post::ERASED_BODY.to_owned();
                    own.note.clear();
                    found = true;
                }
                return found;
            }
            _ => return false,
        }
        true
    }
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    pub session_id: SessionId,
    pub channel: Channel,
    pub seq: u64,
    pub at: Timestamp,
    pub event: Event,
}
