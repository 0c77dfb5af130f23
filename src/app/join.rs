//! Where store and hub meet: the hub opens sessions from the store, the store's tail delivers to the hub. Neither knows the other.

use futures_util::future::BoxFuture;

use crate::domain::event::Logged;
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::words::{Channel, PostState, QuestionSort};
use crate::hub::{BackstageSeed, Hub, PublicSeed, Seed, Source, SourceError};
use crate::store::{Db, Follower, QuestionFilter, QueueFilter, StoreError};

/// Questions of a view: the most supported and the newest, half each at least.
const QUESTIONS_MAX: u32 = 500;
/// Comments of a view.
const COMMENTS_MAX: u32 = 200;
/// Held posts of the backstage view.
const HELD_MAX: u32 = 500;
/// Decisions of the backstage view.
const DECISIONS_MAX: u32 = 50;
/// Events read again for who comes back after a restart: two minutes of a hot room.
const RECENT_MAX: u64 = 5_000;

/// Opens sessions from the store.
pub struct FromStore(pub Db);

impl Source for FromStore {
    fn load(&self, session: &SessionId) -> BoxFuture<'_, Result<Option<Seed>, SourceError>> {
        let session = session.clone();
        Box::pin(async move { self.seed(&session).await.map_err(SourceError::new) })
    }
}

impl FromStore {
    async fn seed(&self, id: &SessionId) -> Result<Option<Seed>, StoreError> {
        let mut snapshot = self.0.snapshot().await?;
        let mut conn = snapshot.conn();
        let Some(session) = conn.session(id).await? else {
            return Ok(None);
        };
        let Some((public_seq, backstage_seq)) = conn.heads(id).await? else {
            return Ok(None);
        };
        let stage_question = match &session.stage {
            Some(stage) => conn.question(&stage.question_id).await?.map(|(_, q)| q),
            None => None,
        };
        let filter = QuestionFilter::default();
        let mut questions = conn
            .published_questions(id, QuestionSort::Support, &filter, 0, QUESTIONS_MAX / 2)
            .await?;
        let known: std::collections::HashSet<QuestionId> = questions.iter().map(|q| q.id.clone()).collect();
        let newest = conn
            .published_questions(id, QuestionSort::Newest, &filter, 0, QUESTIONS_MAX)
            .await?;
        let room = QUESTIONS_MAX as usize - questions.len();
        questions.extend(newest.into_iter().filter(|q| !known.contains(&q.id)).take(room));
        // Ids sort by time: the order of publication, near enough, and the same on every node.
        questions.sort_by(|a, b| a.id.cmp(&b.id));
        let mut comments = conn.published_comments(id, None, COMMENTS_MAX).await?;
        comments.reverse();
        let held = conn
            .queue(id, &QueueFilter::of(PostState::Held), "", HELD_MAX)
            .await?;
        let public = PublicSeed {
            seq: public_seq,
            questions_total: conn.published_questions_total(id, &filter).await?,
            questions,
            comments,
            answers: conn.answers(id).await?,
            recent: conn
                .events_after(
                    id,
                    Channel::Public,
                    public_seq.saturating_sub(RECENT_MAX),
                    u32::MAX,
                )
                .await?,
            stage_question,
            session: session.clone(),
        };
        let backstage = BackstageSeed {
            seq: backstage_seq,
            held: held.posts,
            held_total: held.total,
            next_up: session.next_up.clone(),
            decisions: conn.decisions(id, DECISIONS_MAX).await?,
            reported: conn.reported(id, HELD_MAX as usize).await?,
            claims: conn.claims(id).await?,
            recent: conn
                .events_after(
                    id,
                    Channel::Backstage,
                    backstage_seq.saturating_sub(RECENT_MAX / 10),
                    u32::MAX,
                )
                .await?,
        };
        Ok(Some(Seed {
            public_visible: session.state.is_public(),
            public,
            backstage,
        }))
    }
}

/// Delivers the log to the hub.
pub struct ToHub(pub Hub);

impl Follower for ToHub {
    fn followed(&self) -> Vec<(SessionId, u64, u64)> {
        self.0.followed()
    }
    fn position(&self, session: &SessionId) -> Option<(u64, u64)> {
        self.0.position(session)
    }
    fn deliver(&self, events: Vec<Logged>) {
        self.0.deliver(&events);
    }
}
