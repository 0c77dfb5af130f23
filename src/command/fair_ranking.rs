//! Which questions the public would like to hear: the ranking of a session, made anew at most once in a while.
//!
//! Changes nothing; it stands here because it is kept per session beside the other caches, so that a crowd that sorts by
//! "not yet heard" costs one reading of the questions and not one each.

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::Mutex;

use super::{Commands, Outcome};
use crate::domain::fair::{Air, Ranking, rank};
use crate::domain::ids::SessionId;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;

/// How long a ranking is used. Ranks move slowly and 10,000 questions take about a tenth of a second to read, but a question that was
/// taken back or erased must be gone from every list within a second.
const FRESH_MS: i64 = 800;
/// How long an unused ranking is kept.
const KEEP_MS: i64 = 60_000;

/// Rankings by session.
#[derive(Default)]
pub(super) struct Rankings {
    rows: DashMap<SessionId, Arc<Mutex<Option<Kept>>>>,
}

/// A ranking and when it was made. The lock also makes sure that one request makes it while the others wait.
struct Kept {
    ranking: Arc<Ranking>,
    at: Timestamp,
}

impl Rankings {
    pub(super) fn sweep(&self, now: Timestamp) {
        self.rows.retain(|_, kept| {
            // Held by somebody: in use.
            kept.try_lock().map_or(true, |kept| {
                kept.as_ref().is_some_and(|k| now.since_ms(k.at) < KEEP_MS)
            })
        });
    }
}

impl Commands {
    /// The ranking of a session as it was less than a second ago, with when that was.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn ranking(&self, session: &Session) -> Outcome<(Arc<Ranking>, Timestamp)> {
        let kept = self
            .inner
            .rankings
            .rows
            .entry(session.id.clone())
            .or_default()
            .clone();
        let mut kept = kept.lock().await;
        let now = self.now();
        if let Some(k) = kept.as_ref()
            && (0..FRESH_MS).contains(&now.since_ms(k.at))
        {
            return Ok((k.ranking.clone(), k.at));
        }
        let ranking = Arc::new(self.ranking_now(session).await?);
        *kept = Some(Kept {
            ranking: ranking.clone(),
            at: now,
        });
        Ok((ranking, now))
    }

    /// The ranking of this moment.
    pub(super) async fn ranking_now(&self, session: &Session) -> Outcome<Ranking> {
        let candidates = self.inner.db.read().await?.conn().candidates(&session.id).await?;
        let on_stage = session.stage.as_ref().map(|s| s.question_id.clone());
        let air = Air {
            started_at: session.started_at,
            ended_at: session.ended_at,
        };
        Ok(rank(candidates, on_stage.as_ref(), air, self.now()))
    }
}
