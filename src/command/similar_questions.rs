//! Published questions near to what somebody is typing, so that they can support one instead of asking it again; and which
//! questions before a moderator repeat another.
//!
//! Changes nothing; it stands here because it keeps an index per session beside the other caches. The index only says
//! which questions to look at: what is answered is read from the store, so that nothing held or retracted is ever shown to
//! the public.
//!
//! Reading a question takes microseconds, its vector tens of milliseconds. So a question is in the index at once and gets
//! its vector in the background, one after the other; who types is compared by vectors if one thread is free for it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::{Mutex, Semaphore};

use super::{Commands, Outcome};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::post::Question;
use crate::domain::similar::{Asked, Clusters, Index, Sentences, WorkingPoint};
use crate::domain::time::Timestamp;
use crate::domain::words::PostState;
use crate::store::Wording;

/// How long an index is used before the log is asked whether something changed.
const FRESH_MS: i64 = 1_000;
/// How long an unused index is kept.
const KEEP_MS: i64 = 120_000;
/// Questions of an index, the newest: 20,000 take about 70 MiB, and no session known to us had a tenth of them.
const QUESTIONS_MAX: u32 = 20_000;
/// Sessions with an index. Whoever types in one more finds no hints until the sweep has made room.
const SESSIONS_MAX: usize = 32;
/// Questions shown.
const SHOWN_MAX: usize = 3;
/// Questions looked at, because several may have been merged into one, and some wait and are not shown.
const NEAR_MAX: usize = 24;
/// Shorter texts are near to everything.
const TYPED_MIN: usize = 4;
/// Threads that make vectors for who types. One: under a crowd the others are compared by words, and the machine keeps a core.
const TYPING_THREADS: usize = 1;
/// How long who types waits for a vector. With the rest the answer comes within 50 ms; on a slower machine by words alone.
const TYPING_WAIT: Duration = Duration::from_millis(40);

/// Indexes by session.
pub(super) struct Similar {
    rows: DashMap<SessionId, Arc<Mutex<Kept>>>,
    sentences: Arc<dyn Sentences>,
    typing: Arc<Semaphore>,
}

/// The model inside the program.
pub struct ShippedSentences;

impl Sentences for ShippedSentences {
    fn vector(&self, sentence: &str) -> Box<[i8]> {
        yishiting_vectors::Model::shipped().vector(sentence)
    }
}

impl Default for Similar {
    fn default() -> Self {
        Self {
            rows: DashMap::new(),
            sentences: Arc::new(ShippedSentences),
            typing: Arc::new(Semaphore::new(TYPING_THREADS)),
        }
    }
}

/// What is known of a question of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    number: u64,
    revision: u64,
    state: PostState,
    into: Option<QuestionId>,
    body: String,
    place: String,
}

/// The index of a session. Its lock also makes sure that one request builds it while the others wait.
struct Kept {
    index: Index<QuestionId>,
    clusters: Clusters<QuestionId>,
    known: HashMap<QuestionId, Known>,
    /// Questions without a vector and a cluster, by number: oldest first, so that the first of a cluster is its head.
    waiting: BTreeSet<(u64, QuestionId)>,
    /// Somebody works on what waits.
    filling: bool,
    /// Last numbers of both channels the index was made of.
    seq: Option<(u64, u64)>,
    checked_at: Timestamp,
}

/// Questions that repeat one, for a moderator.
#[derive(Debug, Clone)]
pub struct Repeated {
    pub head: QuestionId,
    pub number: u64,
    pub state: PostState,
    pub body: String,
    /// What repeats it, with how like it is, 0 to 1.
    pub members: Vec<(QuestionId, u64, f32)>,
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

    /// Questions of a session that repeat another, as far as they have been compared yet; heads in the order they were asked.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn repeated_questions(&self, session: &SessionId) -> Outcome<Vec<Repeated>> {
        let Some(kept) = self.fresh(session).await? else {
            return Ok(Vec::new());
        };
        let kept = kept.lock().await;
        let mut repeated: Vec<Repeated> = kept
            .clusters
            .groups()
            .into_iter()
            .filter_map(|(head, members)| kept.repeated(head, members))
            .collect();
        repeated.sort_by_key(|r| r.number);
        Ok(repeated)
    }

    /// Questions near to the text, each merged one replaced by its head, nearest first, each once.
    async fn near_heads(&self, session: &SessionId, text: &str) -> Outcome<Vec<QuestionId>> {
        let Some(kept) = self.fresh(session).await? else {
            return Ok(Vec::new());
        };
        let vector = self.typed_vector(text).await;
        let kept = kept.lock().await;
        let near = kept
            .index
            .nearest(text, vector.as_deref(), NEAR_MAX, WorkingPoint::HINT);
        let mut seen = HashSet::new();
        Ok(near
            .into_iter()
            .map(|near| {
                let known = kept.known.get(&near.key);
                known.and_then(|known| known.into.clone()).unwrap_or(near.key)
            })
            .filter(|id| seen.insert(id.clone()))
            .collect())
    }

    /// Where a text lies that somebody types, if a thread is free to say so, and soon.
    async fn typed_vector(&self, text: &str) -> Option<Box<[i8]>> {
        let similar = &self.inner.similar;
        let permit = Arc::clone(&similar.typing).try_acquire_owned().ok()?;
        let (sentences, text) = (Arc::clone(&similar.sentences), text.to_owned());
        let made = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            sentences.vector(&text)
        });
        tokio::time::timeout(TYPING_WAIT, made).await.ok()?.ok()
    }

    /// The index of a session as the store has it now; none if too many sessions have one.
    async fn fresh(&self, session: &SessionId) -> Outcome<Option<Arc<Mutex<Kept>>>> {
        let similar = &self.inner.similar;
        if !similar.rows.contains_key(session) && similar.rows.len() >= SESSIONS_MAX {
            return Ok(None);
        }
        let shared = similar.rows.entry(session.clone()).or_default().clone();
        let mut kept = shared.lock().await;
        let now = self.now();
        if !(0..FRESH_MS).contains(&now.since_ms(kept.checked_at)) {
            self.refresh(session, &mut kept).await?;
            kept.checked_at = now;
        }
        if !kept.waiting.is_empty() && !kept.filling {
            kept.filling = true;
            tokio::spawn(fill(Arc::downgrade(&shared), Arc::clone(&similar.sentences)));
        }
        drop(kept);
        Ok(Some(shared))
    }

    async fn refresh(&self, session: &SessionId, kept: &mut Kept) -> Outcome<()> {
        let mut reader = self.inner.db.read().await?;
        let seq = reader.conn().heads(session).await?;
        if seq.is_some() && seq == kept.seq {
            return Ok(());
        }
        let wordings = reader.conn().wordings(session, QUESTIONS_MAX).await?;
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

/// Gives what waits its vector and its cluster, until nothing waits or the index is gone.
async fn fill(kept: std::sync::Weak<Mutex<Kept>>, sentences: Arc<dyn Sentences>) {
    while let Some(shared) = kept.upgrade() {
        let next = {
            let mut kept = shared.lock().await;
            let next = kept.next_waiting();
            kept.filling = next.is_some();
            next
        };
        drop(shared);
        let Some((id, revision, body)) = next else { return };
        let sentences = Arc::clone(&sentences);
        let Ok(vector) = tokio::task::spawn_blocking(move || sentences.vector(&body)).await else {
            return;
        };
        let Some(shared) = kept.upgrade() else { return };
        shared.lock().await.place(&id, revision, vector);
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            index: Index::default(),
            clusters: Clusters::default(),
            known: HashMap::new(),
            waiting: BTreeSet::new(),
            filling: false,
            seq: None,
            checked_at: Timestamp::from_ms(0),
        }
    }
}

impl Kept {
    /// Makes the index what the store says; what has not changed is not read again.
    fn follow(&mut self, wordings: Vec<Wording>) {
        let there: HashSet<&QuestionId> = wordings.iter().map(|w| &w.id).collect();
        let gone: Vec<QuestionId> = self
            .known
            .keys()
            .filter(|id| !there.contains(id))
            .cloned()
            .collect();
        for id in gone {
            self.index.remove(&id);
            self.clusters.remove(&self.index, &id);
            if let Some(known) = self.known.remove(&id) {
                self.waiting.remove(&(known.number, id));
            }
        }
        for wording in wordings {
            let known = Known {
                number: wording.number,
                revision: wording.revision,
                state: wording.state,
                into: wording.merged_into,
                body: wording.body,
                place: wording.place,
            };
            // A revision moves with every decision; only other words are read again.
            let before = self.known.insert(wording.id.clone(), known);
            let known = &self.known[&wording.id];
            if before.is_none_or(|before| before.body != known.body || before.place != known.place) {
                let asked = Asked {
                    body: &known.body,
                    place: &known.place,
                };
                self.index.put(wording.id.clone(), asked);
                self.waiting.insert((known.number, wording.id));
            }
        }
    }

    fn next_waiting(&mut self) -> Option<(QuestionId, u64, String)> {
        while let Some((_, id)) = self.waiting.pop_first() {
            if let Some(known) = self.known.get(&id) {
                return Some((id, known.revision, known.body.clone()));
            }
        }
        None
    }

    /// Takes a vector in, unless the question has changed meanwhile; then it waits again.
    fn place(&mut self, id: &QuestionId, revision: u64, vector: Box<[i8]>) {
        match self.known.get(id) {
            Some(known) if known.revision == revision => {
                self.index.set_vector(id, vector);
                self.clusters.put(&self.index, id);
            }
            Some(known) => {
                self.waiting.insert((known.number, id.clone()));
            }
            None => {}
        }
    }

    /// A cluster as a moderator needs it: what is merged already is no news.
    fn repeated(&self, head: QuestionId, members: Vec<(QuestionId, f32)>) -> Option<Repeated> {
        let known = self.known.get(&head)?;
        let open = |id: &QuestionId| self.known.get(id).filter(|known| known.into.is_none());
        let mut members: Vec<(QuestionId, u64, f32)> = members
            .into_iter()
            .filter_map(|(id, score)| {
                open(&id)
                    .map(|known| known.number)
                    .map(|number| (id, number, score))
            })
            .collect();
        members.sort_by_key(|(_, number, _)| *number);
        (!members.is_empty()).then(|| Repeated {
            number: known.number,
            state: known.state,
            body: known.body.clone(),
            head,
            members,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wording(n: u32, revision: u64, body: &str, into: Option<u32>) -> Wording {
        let id = |n: u32| format!("{n:016}").parse().expect("sixteen digits");
        Wording {
            id: id(n),
            number: u64::from(n),
            state: PostState::Published,
            revision,
            body: body.into(),
            place: String::new(),
            merged_into: into.map(id),
        }
    }

    fn near(kept: &Kept, text: &str) -> Vec<String> {
        let near = kept.index.nearest(text, None, NEAR_MAX, WorkingPoint::HINT);
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

    fn fill_now(kept: &mut Kept) {
        while let Some((id, revision, body)) = kept.next_waiting() {
            let vector = ShippedSentences.vector(&body);
            kept.place(&id, revision, vector);
        }
    }

    #[test]
    fn questions_that_repeat_another_follow_the_first_until_it_goes_or_they_are_merged() {
        let mut kept = Kept::default();
        let texts = [
            "自来水为什么又涨价了？",
            "小区什么时候能加装电梯？",
            "请问自来水为什么又涨价了",
        ];
        let all = |into: Option<u32>| {
            vec![
                wording(3, 1, texts[2], into),
                wording(2, 1, texts[1], None),
                wording(1, 1, texts[0], None),
            ]
        };
        let groups = |kept: &Kept| -> Vec<(u64, Vec<u64>)> {
            let groups = kept.clusters.groups().into_iter();
            groups
                .filter_map(|(head, members)| kept.repeated(head, members))
                .map(|r| (r.number, r.members.iter().map(|(_, number, _)| *number).collect()))
                .collect()
        };
        kept.follow(all(None));
        fill_now(&mut kept);
        assert_eq!(
            groups(&kept),
            [(1, vec![3])],
            "the list is newest first, the clusters are not"
        );
        kept.follow(all(Some(1)));
        assert_eq!(groups(&kept), [], "merged already");
        kept.follow(vec![wording(3, 2, texts[2], None), wording(2, 1, texts[1], None)]);
        fill_now(&mut kept);
        assert_eq!(groups(&kept), []);
    }

    #[test]
    fn a_vector_that_comes_too_late_is_made_again() {
        let mut kept = Kept::default();
        kept.follow(vec![wording(1, 1, "自来水为什么涨价", None)]);
        let (id, revision, _) = kept.next_waiting().expect("one");
        kept.follow(vec![wording(1, 2, "路灯坏了没人修", None)]);
        kept.place(&id, revision, ShippedSentences.vector("自来水为什么涨价"));
        assert_eq!(kept.next_waiting().map(|(_, revision, _)| revision), Some(2));
    }
}
