//! Where a session comes from when it is opened: one snapshot of the truth.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::domain::answer::Answer;
use crate::domain::claim::Claim;
use crate::domain::event::Logged;
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::post::{AnyPost, Comment, Decision, Question};
use crate::domain::report::Reported;
use crate::domain::session::Session;

/// Reads a session for the hub. Asked once per opening, however many people wait for it.
pub trait Source: Send + Sync {
    /// `Ok(None)` if there is no such session. Both channels must be of one snapshot.
    fn load<'a>(&'a self, session: &'a SessionId) -> BoxFuture<'a, Result<Option<Seed>, SourceError>>;
}

/// A session as it is now.
#[derive(Debug, Clone)]
pub struct Seed {
    pub public: PublicSeed,
    pub backstage: BackstageSeed,
    /// Whether everybody may watch; staff may anyhow. Followed by the hub from then on (`SessionState::is_public`).
    pub public_visible: bool,
}

/// The public channel as of `seq`.
#[derive(Debug, Clone)]
pub struct PublicSeed {
    pub seq: u64,
    pub session: Session,
    /// The question on stage, whole.
    pub stage_question: Option<Question>,
    /// Published questions in order of publication, the most supported and the newest of them; supports as of `seq`.
    pub questions: Vec<Question>,
    pub questions_total: u64,
    /// The newest published comments, oldest first.
    pub comments: Vec<Comment>,
    /// Published answers, oldest first.
    pub answers: Vec<Answer>,
    /// The last events up to `seq`, oldest first, for who comes back after a restart. May be empty.
    pub recent: Vec<Logged>,
}

/// The backstage channel as of `seq`.
#[derive(Debug, Clone)]
pub struct BackstageSeed {
    pub seq: u64,
    /// Held posts, oldest first.
    pub held: Vec<AnyPost>,
    pub held_total: u64,
    pub next_up: Vec<QuestionId>,
    /// The newest decisions, newest first.
    pub decisions: Vec<Decision>,
    /// Published posts viewers reported.
    pub reported: Vec<Reported>,
    /// Who holds what; some may be over.
    pub claims: Vec<Claim>,
    /// The last events up to `seq`, oldest first. May be empty.
    pub recent: Vec<Logged>,
}

/// The truth could not be read just now. Shared by all who waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the session could not be loaded")]
pub struct SourceError(#[source] Arc<dyn std::error::Error + Send + Sync>);

impl SourceError {
    /// With its cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Arc::from(cause.into()))
    }
}
