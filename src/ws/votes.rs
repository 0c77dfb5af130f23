//! The lane of votes: supports of all connections in one queue, decided, written and answered together.
//!
//! One task takes what waits, so that the votes of a person stay in their order without a task, a lock and a wake-up for each; while a
//! batch is written the next one gathers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Line;
use crate::command::{CommandError, Commands, Identity, Outcome, SupportWish};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::rejection::Rejection;
use crate::hub::{ConnId, Hub};
use crate::protocol::client::Ref;
use crate::protocol::server::{Ack, ServerMessage};

/// Votes that may wait: over a second of the most that was ever measured. Above it they are refused, and pages send again.
const WAITING_MAX: usize = 65_536;
/// Votes decided and written together, at most: a transaction of about 20 ms.
const TOGETHER_MAX: usize = 4_096;
/// Least time between the beginnings of two batches. A batch has a price of its own (disk, pages of the database), which is too much
/// for a few votes each when many come; and nobody notices a hundredth of a second.
const GATHER: Duration = Duration::from_millis(10);

/// A vote on its way.
pub struct Vote {
    pub conn: ConnId,
    pub line: Arc<Line>,
    pub who: Arc<Identity>,
    pub session_id: SessionId,
    pub r#ref: Ref,
    pub question_id: QuestionId,
    pub on: bool,
}

/// Where votes are put.
#[derive(Clone)]
pub struct Lane {
    votes: mpsc::Sender<Vote>,
}

impl Lane {
    /// A lane and the task that works on it; the task ends with the last lane.
    pub fn new(commands: Commands, hub: Hub) -> (Self, impl Future<Output = ()> + Send) {
        let (votes, waiting) = mpsc::channel(WAITING_MAX);
        (Self { votes }, work(commands, hub, waiting))
    }

    /// Puts a vote behind those that wait, or gives it back because too many do.
    pub fn put(&self, vote: Vote) -> Result<(), Vote> {
        vote.line.votes.fetch_add(1, Ordering::Relaxed);
        self.votes.try_send(vote).map_err(|full| {
            let vote = full.into_inner();
            vote.line.votes.fetch_sub(1, Ordering::Relaxed);
            vote
        })
    }
}

async fn work(commands: Commands, hub: Hub, mut waiting: mpsc::Receiver<Vote>) {
    let mut votes = Vec::new();
    while waiting.recv_many(&mut votes, TOGETHER_MAX).await > 0 {
        let begun = Instant::now();
        metrics::histogram!("ws_votes_together").record(votes.len() as f64);
        let mut askers = Vec::with_capacity(votes.len());
        let mut wishes = Vec::with_capacity(votes.len());
        for vote in votes.drain(..) {
            askers.push((vote.conn, vote.line, vote.r#ref, vote.question_id.clone()));
            wishes.push(SupportWish {
                who: vote.who,
                session_id: vote.session_id,
                question_id: vote.question_id,
                on: vote.on,
            });
        }
        let outcomes = commands.set_supports(wishes).await;
        // Thousands may fail together: that is one line in the log.
        if let Some(Err(CommandError::Store(error))) = outcomes.iter().find(|outcome| is_failure(outcome)) {
            tracing::error!(error = %crate::store::report(error), "votes failed in the store");
        }
        let answers = askers.into_iter().zip(outcomes);
        let answers = answers.map(|((conn, line, r#ref, question), outcome)| {
            line.votes.fetch_sub(1, Ordering::Relaxed);
            super::noted(&hub, conn, &line, outcome.is_ok());
            (conn, answer(r#ref, &question, outcome))
        });
        hub.send_all(answers.collect());
        tokio::time::sleep_until(begun + GATHER).await;
    }
}

fn is_failure(outcome: &Outcome<()>) -> bool {
    matches!(outcome, Err(CommandError::Store(_)))
}

fn answer(r#ref: Ref, question: &QuestionId, outcome: Outcome<()>) -> ServerMessage {
    let rejection = match outcome {
        Ok(()) => return ServerMessage::Ack(Ack::support(r#ref, question)),
        Err(CommandError::Rejected(rejection)) => rejection,
        Err(CommandError::Store(_)) => Rejection::unavailable(),
    };
    ServerMessage::Error(super::error(rejection, Some(r#ref)))
}
