//! The store through its public door, one suite for both databases.

mod audit;
mod comments;
mod conditional;
mod ledger;
mod merging;
mod snapshot;
mod supports;
mod tail;
mod writer;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::UnboundedReceiver;
use yishiting::domain::event::{Event, Logged};
use yishiting::domain::hall::{Department, Hall};
use yishiting::domain::ids::{CommentId, DepartmentId, HallId, ParticipantId, QuestionId, SessionId};
use yishiting::domain::post::{Author, Comment, Post, Question};
use yishiting::domain::session::{Policy, Session};
use yishiting::domain::time::Timestamp;
use yishiting::domain::words::{Channel, PostState, SessionKind, SessionState, Tier};
use yishiting::store::{Db, NewComment, StoreError, Support, Tx, Writer, WriterOptions};

use crate::support::world::{Kind, run};
use crate::support::{Database, clock::BEGIN_MS};

/// An open store with a hall and a live session.
struct Store {
    database: Database,
    db: Db,
    writer: Writer,
    writing: Option<tokio::task::JoinHandle<()>>,
    committed: Option<UnboundedReceiver<SessionId>>,
    hall: HallId,
    session: SessionId,
}

/// Tells a story with a fresh store on SQLite, and with another on PostgreSQL if there is one.
fn on_both(story: impl AsyncFn(&mut Store)) {
    run(async {
        // Both at once: each waits for its disk most of the time.
        let tell = async |kind| {
            let Some(mut store) = Store::fresh(kind).await else {
                return Ok(());
            };
            let outcome = AssertUnwindSafe(Box::pin(story(&mut store))).catch_unwind().await;
            store.writer.stop().await;
            store.db.close().await;
            store.database.remove().await;
            outcome.inspect_err(|_| eprintln!("this happened on {kind:?}"))
        };
        let (sqlite, postgres) = tokio::join!(tell(Kind::Sqlite), tell(Kind::Postgres));
        if let Err(panic) = sqlite.and(postgres) {
            resume_unwind(panic);
        }
    });
}

/// The next of numbers that are never used twice, as chance for ids.
fn fresh() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(BEGIN_MS + ms)
}

fn person() -> ParticipantId {
    ParticipantId::new(at(0), fresh())
}

/// A second writer on the same database, as another node has.
fn another_writer(db: &Db) -> (Writer, tokio::task::JoinHandle<()>, UnboundedReceiver<SessionId>) {
    #[expect(
        clippy::disallowed_methods,
        reason = "what the writer takes; bounded by the commits of the test"
    )]
    let (wake, committed) = tokio::sync::mpsc::unbounded_channel();
    let (writer, writing) = Writer::start(db.clone(), &WriterOptions::default(), wake);
    (writer, writing, committed)
}

impl Store {
    async fn fresh(kind: Kind) -> Option<Self> {
        let database = Database::fresh(kind).await?;
        let db = database.open().await;
        let (writer, writing, committed) = another_writer(&db);
        let hall = HallId::new(at(0), fresh());
        let row = Hall {
            id: hall.clone(),
            slug: "test".into(),
            name: "测试议事厅".into(),
            body_name: String::new(),
            color: String::new(),
            intro: String::new(),
            rules: String::new(),
            contact: String::new(),
            members: Vec::new(),
            policy: Policy::default(),
            created_at: at(0),
        };
        writer
            .run(|tx: &mut Tx| -> BoxFuture<'_, Result<(), StoreError>> {
                Box::pin(async move { tx.insert_hall(&row).await })
            })
            .await
            .expect("a hall");
        let mut store = Self {
            database,
            db,
            writer,
            writing: Some(writing),
            committed: Some(committed),
            session: SessionId::new(at(0), fresh()),
            hall,
        };
        store.session = store.another_session(1).await;
        Some(store)
    }

    /// One more session of the hall.
    async fn another_session(&self, number: u64) -> SessionId {
        let id = SessionId::new(at(0), fresh());
        let session = Session {
            id: id.clone(),
            hall_id: self.hall.clone(),
            hall_slug: String::new(),
            hall_name: String::new(),
            hall_color: String::new(),
            code: format!("TEST{number:02}"),
            number,
            kind: SessionKind::Consultation,
            title: "一场".into(),
            intro: String::new(),
            venue: String::new(),
            host_name: String::new(),
            state: SessionState::Live,
            starts_at: None,
            started_at: None,
            ended_at: None,
            closed_at: None,
            stream_url: String::new(),
            announcement: String::new(),
            topics: Vec::new(),
            policy: Policy::default(),
            departments: Vec::<Department>::new(),
            segments: Vec::new(),
            materials: Vec::new(),
            stage: None,
            next_up: Vec::new(),
            emergency: None,
        };
        self.change(|tx| Box::pin(async move { tx.insert_session(&session, at(0)).await }))
            .await
            .expect("a session");
        id
    }

    /// Runs a change.
    async fn change<T: Send + 'static>(
        &self,
        change: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.run(change).await
    }

    /// A published comment of a person under a name.
    fn comment(&self, author: &ParticipantId, client_ref: &str, body: &str) -> NewComment {
        self.comment_in(&self.session, author, client_ref, body)
    }
    fn comment_in(
        &self,
        session: &SessionId,
        author: &ParticipantId,
        client_ref: &str,
        body: &str,
    ) -> NewComment {
        NewComment {
            session_id: session.clone(),
            comment: Comment {
                id: CommentId::new(at(0), fresh()),
                post: post(author, client_ref, body, PostState::Published),
            },
        }
    }

    /// A question that is there already.
    async fn question(&self, state: PostState) -> QuestionId {
        let mut question = Question {
            id: QuestionId::new(at(0), fresh()),
            post: post(&person(), &format!("ref-{}", fresh()), "水价怎么算", state),
            topic: String::new(),
            place: String::new(),
            department_id: None,
            disposition: None,
            merged_into: None,
            disposition_reason: String::new(),
            supports: 0,
        };
        let session = self.session.clone();
        self.change(|tx| {
            Box::pin(async move {
                tx.insert_question(&session, &mut question).await?;
                Ok(question.id)
            })
        })
        .await
        .expect("a question")
    }
    /// A question as it is now.
    async fn now(&self, id: &QuestionId) -> Question {
        self.db
            .read()
            .await
            .expect("a connection")
            .conn()
            .question(id)
            .await
            .expect("readable")
            .expect("it is there")
            .1
    }
    /// Supports of a question as everybody is told.
    async fn supports(&self, id: &QuestionId) -> u64 {
        self.now(id).await.supports
    }

    fn support(&self, question: &QuestionId, person: &ParticipantId, on: bool) -> Support {
        Support {
            session_id: self.session.clone(),
            question_id: question.clone(),
            participant_id: person.clone(),
            tier: Tier::Guest,
            on,
            at: at(0),
        }
    }

    /// All events of a channel.
    async fn log(&self, channel: Channel) -> Vec<Logged> {
        self.db
            .read()
            .await
            .expect("a connection")
            .conn()
            .events_after(&self.session, channel, 0, u32::MAX)
            .await
            .expect("readable")
    }
    /// Writes an event that says nothing.
    fn mark(tx: &mut Tx, session: &SessionId, id: &str) {
        tx.log(
            session,
            at(0),
            Event::PostRemoved {
                kind: yishiting::domain::words::PostKind::Comment,
                id: id.to_owned(),
            },
        );
    }
}

fn post(author: &ParticipantId, client_ref: &str, body: &str, state: PostState) -> Post {
    Post {
        number: 0,
        author: Author {
            id: author.clone(),
            name: "邻居".into(),
            tier: Tier::Guest,
        },
        client_ref: client_ref.into(),
        body: body.into(),
        state,
        at: at(0),
        findings: Vec::new(),
        reason: String::new(),
        note: String::new(),
        revision: 1,
    }
}

fn department() -> DepartmentId {
    DepartmentId::new(at(0), fresh())
}

/// Numbers of a channel must be 1, 2, 3 … in the order they are read.
#[track_caller]
fn assert_without_holes(log: &[Logged]) {
    for (i, event) in log.iter().enumerate() {
        assert_eq!(event.seq, i as u64 + 1);
    }
}
