//! Published questions near to what somebody is typing, so that they can support one instead of asking it again.
//!
//! Changes nothing; it stands here because it keeps an index per session beside the other caches. The index only says
//! which questions to look at: what is answered is read from the store, so that nothing held or retracted is ever shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::Mutex;

use super::{Commands, Outcome};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::post::Question;
use crate::domain::similar::{Asked, Index, WorkingPoint};
use crate::domain::time::Timestamp;
use crate::domain::words::PostState;
use crate::store::Wording;

/// How long an index is used before the log is asked whether something changed.
const FRESH_MS: i64 = 1_000;
/// How long an unused index is kept.
const KEEP_MS: i64 = 120_000;
/// Questions of an index, the newest: 20,000 take about 60 MiB, and no session known to us had a tenth of them.
const QUESTIONS_MAX: u32 = 20_000;
/// Sessions with an index. Whoever types in one more finds no hints until the sweep has made room.
const SESSIONS_MAX: usize = 32;
/// Questions shown.
const SHOWN_MAX: usize = 3;
/// Questions looked at, because several may have been merged into one.
const NEAR_MAX: usize = 12;
/// Shorter texts are near to everything.
const TYPED_MIN: usize = 4;

/// Indexes by session.
#[derive(Default)]
pub(super) struct Similar {
    rows: DashMap<SessionId, Arc<Mutex<Kept>>>,
}

/// The index of a session. Its lock also makes sure that one request builds it while the others wait.
struct Kept {
    index: Index<QuestionId>,
    /// Revision and head of every question in the index.
    known: HashMap<QuestionId, (u64, Option<QuestionId>)>,
    /// Last number of the public channel the index was made of.
    seq: Option<u64>,
    checked_at: Timestamp,
}

impl Similar {
    pub(super) fn sweep(&self, now: Timestamp) {
        self.rows.retain(|_, kept| {
            // Held by somebody: in use.
            kept.try_lock()
                .map_or(true, |kept| now.since_ms(kept.checked_at) < KEEP_MS)
        });
    }
}

impl Commands {
    /// At most three published questions that ask about the same as `text`, nearest first; for a merged one its head.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn similar_questions(&self, session: &SessionId, text: &str) -> Outcome<Vec<Question>> {
        if text.chars().filter(|c| c.is_alphanumeric()).count() < TYPED_MIN {
            return Ok(Vec::new());
        }
        let heads = self.near_heads(session, text).await?;
        let mut reader = self.inner.db.read().await?;
        let mut shown = Vec::with_capacity(SHOWN_MAX);
        for id in heads {
            if let Some((of, question)) = reader.conn().question(&id).await?
                && of == *session
                && question.post.state == PostState::Published
                && question.merged_into.is_none()
            {
                shown.push(question);
                if shown.len() == SHOWN_MAX {
                    break;
                }
            }
        }
        Ok(shown)
    }

    /// Questions near to the text, each merged one replaced by its head, nearest first, each once.
    async fn near_heads(&self, session: &SessionId, text: &str) -> Outcome<Vec<QuestionId>> {
        let similar = &self.inner.similar;
        if !similar.rows.contains_key(session) && similar.rows.len() >= SESSIONS_MAX {
            return Ok(Vec::new());
        }
        let kept = similar.rows.entry(session.clone()).or_default().clone();
        let mut kept = kept.lock().await;
        let now = self.now();
        if !(0..FRESH_MS).contains(&now.since_ms(kept.checked_at)) {
            self.refresh(session, &mut kept).await?;
            kept.checked_at = now;
        }
        let near = kept.index.nearest(text, NEAR_MAX, WorkingPoint::HINT);
        let mut seen = HashSet::new();
        Ok(near
            .into_iter()
            .map(|near| {
                kept.known
                    .get(&near.key)
                    .and_then(|known| known.1.clone())
                    .unwrap_or(near.key)
            })
            .filter(|id| seen.insert(id.clone()))
            .collect())
    }

    async fn refresh(&self, session: &SessionId, kept: &mut Kept) -> Outcome<()> {
        let mut reader = self.inner.db.read().await?;
        let seq = reader.conn().heads(session).await?.map(|(public, _)| public);
        if seq.is_some() && seq == kept.seq {
            return Ok(());
        }
        let wordings = reader.conn().published_wordings(session, QUESTIONS_MAX).await?;
        drop(reader);
        // A request that is dropped here leaves an empty index without a number, which is built again.
        let mut taken = std::mem::take(kept);
        let built = tokio::task::spawn_blocking(move || {
            taken.follow(wordings);
            taken
        });
        // Not built only when the program stops.
        if let Ok(built) = built.await {
            *kept = built;
            kept.seq = seq;
        }
        Ok(())
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            index: Index::default(),
            known: HashMap::new(),
            seq: None,
            checked_at: Timestamp::from_ms(0),
        }
    }
}

impl Kept {
    /// Makes the index what the store says; what has not changed is not read again.
    fn follow(&mut self, wordings: Vec<Wording>) {
        let published: HashSet<&QuestionId> = wordings.iter().map(|w| &w.id).collect();
        let gone: Vec<QuestionId> = self
            .known
            .keys()
            .filter(|id| !published.contains(id))
            .cloned()
            .collect();
        for id in gone {
            self.index.remove(&id);
            self.known.remove(&id);
        }
        for wording in &wordings {
            let known = self.known.insert(
                wording.id.clone(),
                (wording.revision, wording.merged_into.clone()),
            );
            if known.is_none_or(|(revision, _)| revision != wording.revision) {
                let asked = Asked {
                    body: &wording.body,
                    place: &wording.place,
                };
                self.index.put(wording.id.clone(), asked);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(n: u32, revision: u64, body: &str, into: Option<u32>) -> Wording {
        let id = |n: u32| format!("{n:016}").parse().expect("sixteen digits");
        Wording {
            id: id(n),
            revision,
            body: body.into(),
            place: String::new(),
            merged_into: into.map(id),
        }
    }

    fn near(kept: &Kept, text: &str) -> Vec<String> {
        let near = kept.index.nearest(text, NEAR_MAX, WorkingPoint::HINT);
        near.into_iter().map(|near| near.key.to_string()).collect()
    }

    #[test]
    fn the_index_follows_new_changed_and_retracted_questions() {
        let mut kept = Kept::default();
        let (water, lift) = ("自来水为什么涨价", "小区什么时候加装电梯");
        kept.follow(vec![wording(1, 1, water, None), wording(2, 1, lift, None)]);
        assert_eq!(near(&kept, "水费涨价的原因"), ["0000000000000001"]);
        kept.follow(vec![wording(2, 2, lift, None), wording(3, 1, water, Some(2))]);
        assert_eq!(near(&kept, "水费涨价的原因"), ["0000000000000003"]);
        assert_eq!(kept.index.len(), 2);
        kept.follow(Vec::new());
        assert!(near(&kept, "水费涨价的原因").is_empty() && kept.known.is_empty());
    }
}
