//! The tail: committed events, in order, to whoever follows the log.
//!
//! One path for one node and for many: this node's commits wake it at once; on PostgreSQL it also looks once a second, which
//! finds what other nodes committed and whatever a lost wake-up hid.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc;

use super::conn::StoreError;
use super::db::Db;
use crate::domain::event::Logged;
use crate::domain::ids::SessionId;
use crate::domain::words::Channel;

/// Events read at once. More are read in the next turn.
const READ_MAX: u32 = 2_000;
/// How often to look for commits of other nodes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who follows the log.
pub trait Follower: Send + 'static {
    /// Sessions followed, with the last numbers it has seen (public, backstage).
    fn followed(&self) -> Vec<(SessionId, u64, u64)>;
    /// The same for one session, `None` if it is not followed.
    fn position(&self, session: &SessionId) -> Option<(u64, u64)>;
    /// The next events of one channel, in order and without holes after the position.
    fn deliver(&self, events: Vec<Logged>);
}

/// Reads the log behind the commits.
pub struct Tail {
    db: Db,
    committed: mpsc::UnboundedReceiver<SessionId>,
}

impl Tail {
    /// `committed` is what the writer wakes it with.
    pub fn new(db: Db, committed: mpsc::UnboundedReceiver<SessionId>) -> Self {
        Self { db, committed }
    }

    /// Follows until the writer is gone.
    pub async fn run(mut self, follower: impl Follower) {
        let several_nodes = matches!(self.db, Db::Pg(_));
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut woken = Vec::new();
        // What could not be read is tried again at the next look, so that a database away for a while delays and loses nothing.
        let mut again: BTreeSet<SessionId> = BTreeSet::new();
        loop {
            let sessions: BTreeSet<SessionId> = tokio::select! {
                n = self.committed.recv_many(&mut woken, 1_024) => {
                    if n == 0 { return; }
                    woken.drain(..).collect()
                }
                _ = look.tick() => {
                    let mut due = std::mem::take(&mut again);
                    if several_nodes {
                        match self.moved(&follower).await {
                            Ok(moved) => due.extend(moved),
                            Err(error) => tracing::warn!(error = %super::report(&error), "could not look for commits of other nodes; next look in 1 s"),
                        }
                    }
                    due
                }
            };
            for session in sessions {
                if let Err(error) = self.catch_up(&follower, &session).await {
                    tracing::warn!(error = %super::report(&error), session.id = %session, "could not read the log of session {session}; next try in 1 s");
                    again.insert(session);
                }
            }
        }
    }

    async fn moved(&self, follower: &impl Follower) -> Result<Vec<SessionId>, StoreError> {
        let followed = follower.followed();
        if followed.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<SessionId> = followed.iter().map(|(id, ..)| id.clone()).collect();
        let heads = self.db.read().await?.conn().heads_of(&ids).await?;
        Ok(heads
            .into_iter()
            .filter(|(id, public, backstage)| {
                followed
                    .iter()
                    .any(|(f, p, b)| f == id && (p < public || b < backstage))
            })
            .map(|(id, ..)| id)
            .collect())
    }

    async fn catch_up(&self, follower: &impl Follower, session: &SessionId) -> Result<(), StoreError> {
        for &channel in Channel::ALL {
            loop {
                let Some((public, backstage)) = follower.position(session) else {
                    return Ok(());
                };
                let after = if channel == Channel::Public {
                    public
                } else {
                    backstage
                };
                let events = self
                    .db
                    .read()
                    .await?
                    .conn()
                    .events_after(session, channel, after, READ_MAX)
                    .await?;
                let all = events.len() < READ_MAX as usize;
                if !events.is_empty() {
                    follower.deliver(events);
                }
                if all {
                    break;
                }
            }
        }
        Ok(())
    }
}
