//! The one way to change rows: changes that are ready together are committed together, and answered after the commit.
//!
//! One task owns the writing connection. It takes what waits (at most [`BATCH_MAX`]), runs it in one transaction, numbers the events
//! in the order of the commit, commits, wakes the tail and only then answers. Comments and supports, which come in
//! thousands, are written with multi-row statements (20 times faster than one by one on SQLite); every other change runs
//! its own statements under a savepoint, so that a refusal undoes only itself.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::conn::{Conn, StoreError, on};
use super::db::Db;
use super::posts::NewComment;
use super::supports::{self, Telling};
use crate::domain::event::Event;
use crate::domain::ids::{ParticipantId, QuestionId, SessionId};
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState, Tier};

/// Changes committed together, at most. Bounds the time a transaction stays open (about 10 ms on SQLite).
pub const BATCH_MAX: usize = 512;

/// Longest time a batch may take on PostgreSQL, longer than any statement may (15 s).
const BATCH_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

/// How the writer is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Changes that may wait. At 10,000 changes a second this is under a second of waiting; when it is full, new ones are answered `unavailable`.
    pub queue_len_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { queue_len_max: 8_192 }
    }
}

/// The transaction a change runs in.
pub struct Tx {
    inner: Inner,
    events: Vec<(SessionId, Timestamp, Event)>,
    /// Posts erased by law: events of the same batch may carry their text and are not in the log yet.
    pub(super) erased: Vec<(PostKind, String)>,
    pub(super) audits: Vec<super::audit::Audit>,
}

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Tx {
    /// The connection, for queries and statements.
    pub fn conn(&mut self) -> Conn<'_> {
        match &mut self.inner {
            Inner::Sqlite(t) => Conn::Sqlite(t),
            Inner::Pg(t) => Conn::Pg(t),
        }
    }
    /// Adds an event to the session's log; it gets its number when the batch commits.
    pub fn log(&mut self, session: &SessionId, at: Timestamp, event: Event) {
        self.events.push((session.clone(), at, event));
    }
    /// On PostgreSQL another node may change the session too: what is loaded after this stays true until the commit.
    pub async fn lock_session(&mut self, id: &SessionId) -> Result<(), StoreError> {
        if let Inner::Pg(_) = self.inner {
            lock_sessions(self, std::iter::once(id)).await?;
        }
        Ok(())
    }
    async fn execute(&mut self, sql: &'static str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(sql)
            .execute(c)
            .await
            .map(|_| ()))?;
        Ok(())
    }
    async fn commit(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(t) => t.commit().await?,
            Inner::Pg(t) => t.commit().await?,
        }
        Ok(())
    }
}

/// A comment as it was stored, now or when its `client_ref` came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: String,
    pub number: u64,
    pub state: PostState,
    pub reason: String,
}

/// A person supports a question from now on, or no longer.
#[derive(Debug, Clone)]
pub struct Support {
    pub session_id: SessionId,
    pub question_id: QuestionId,
    pub participant_id: ParticipantId,
    pub tier: Tier,
    pub on: bool,
    pub at: Timestamp,
}

/// What became of a support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupportChange {
    /// The row is there, or gone, as asked.
    Done,
    /// There is no such published question in the session.
    NoSuchQuestion,
}

/// Called after the commit, or with the reason why there was none.
type Settle = Box<dyn FnOnce(Option<StoreError>) + Send>;
/// A change with its answer inside; `None` means it refused and must be undone.
type Work = Box<dyn for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Option<Settle>> + Send>;

enum Job {
    Comment(Box<NewComment>, oneshot::Sender<Result<Stored, StoreError>>),
    Supports(
        Vec<Support>,
        oneshot::Sender<Result<Vec<SupportChange>, StoreError>>,
    ),
    Run(Work),
    Stop,
}

/// Handle to the writing task; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the writing task. It ends by [`Writer::stop`], or when the last handle is dropped, after everything taken has been committed.
    /// `committed` hears which sessions got new events.
    pub fn start(
        db: Db,
        options: &Options,
        committed: mpsc::UnboundedSender<SessionId>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(options.queue_len_max);
        let task = tokio::spawn(write_loop(db, queue, committed));
        (Self { jobs }, task)
    }

    /// Stores a comment. A second one with the same `client_ref` of the same person changes nothing and is answered like the first.
    pub async fn comment(&self, comment: NewComment) -> Result<Stored, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.push(Job::Comment(Box::new(comment), answer))?;
        answered.await.map_err(|_| StoreError::Busy)?
    }

    /// Stores or removes supports, in their order and in the order of the calls; answered in the same order. Doing it twice changes nothing.
    pub fn supports(
        &self,
        supports: Vec<Support>,
    ) -> impl Future<Output = Result<Vec<SupportChange>, StoreError>> + use<> {
        let (answer, answered) = oneshot::channel();
        let pushed = self.push(Job::Supports(supports, answer));
        async move {
            pushed?;
            answered.await.map_err(|_| StoreError::Busy)?
        }
    }

    /// The same for one.
    pub async fn support(&self, support: Support) -> Result<SupportChange, StoreError> {
        let changes = self.supports(vec![support]).await?;
        Ok(changes[0])
    }

    /// Runs a change: load, decide, write, all in the transaction, so that nobody comes between. An `Err` undoes everything it did.
    pub async fn run<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        let work: Work = Box::new(move |tx| {
            Box::pin(async move {
                match change(tx).await {
                    Ok(value) => Some(Box::new(move |failure: Option<StoreError>| {
                        // Whoever asked may have gone; the change is stored all the same.
                        let _ = answer.send(failure.map_or(Ok(value), |e| Err(E::from(e))));
                    }) as Settle),
                    Err(e) => {
                        let _ = answer.send(Err(e));
                        None
                    }
                }
            })
        });
        self.push(Job::Run(work))?;
        answered.await.unwrap_or(Err(E::from(StoreError::Busy)))
    }

    /// Asks the writing task to end after everything it took so far; what comes later is answered `Busy`.
    pub async fn stop(&self) {
        // Fails only when it has ended already.
        let _ = self.jobs.send(Job::Stop).await;
    }

    fn push(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.try_send(job).map_err(|_| StoreError::Busy)
    }
}

async fn write_loop(db: Db, mut queue: mpsc::Receiver<Job>, committed: mpsc::UnboundedSender<SessionId>) {
    let mut jobs = Vec::with_capacity(BATCH_MAX);
    let mut telling = resumed(&db).await;
    while wait(&mut queue, &mut jobs, &telling).await {
        let stopping = jobs.iter().any(|job| matches!(job, Job::Stop));
        if stopping {
            jobs.retain(|job| !matches!(job, Job::Stop));
            queue.close();
            while let Ok(job) = queue.try_recv() {
                jobs.push(job);
            }
        }
        let started = std::time::Instant::now();
        let size = jobs.len();
        let mut settles: Vec<Settle> = Vec::with_capacity(size);
        // A panic in a change is a broken invariant of ours: it fails the batch, not the writer.
        let batch = AssertUnwindSafe(write_batch(&db, &mut jobs, &mut settles, &mut telling)).catch_unwind();
        let outcome = match db {
            Db::Sqlite { .. } => batch.await.unwrap_or(Err(StoreError::Busy)),
            // A server behind a cut network answers nothing at all, and the kernel would wait a quarter of an hour.
            Db::Pg(_) => match tokio::time::timeout(BATCH_WITHIN, batch).await {
                Ok(outcome) => outcome.unwrap_or(Err(StoreError::Busy)),
                Err(_) => Err(StoreError::Busy),
            },
        };
        metrics::histogram!("store_batch_size").record(size as f64);
        metrics::histogram!("store_commit_seconds").record(started.elapsed().as_secs_f64());
        match outcome {
            Ok(sessions) => {
                for session in sessions {
                    // The tail stops only when the program stops.
                    let _ = committed.send(session);
                }
                for settle in settles {
                    settle(None);
                }
            }
            Err(error) => {
                telling.failed(Instant::now());
                tracing::error!(error = %super::report(&error), batch.len = size, "batch of {size} changes not committed");
                metrics::counter!("store_batches_failed").increment(1);
                for settle in settles {
                    settle(Some(StoreError::Busy));
                }
            }
        }
        // Jobs not reached by a failed batch drop their senders, which answers `Busy`.
        jobs.clear();
        if stopping {
            return;
        }
    }
}

/// Waits for jobs, or until counts are to be told. `false` when everybody who could give jobs is gone.
async fn wait(queue: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, telling: &Telling) -> bool {
    let waiting = queue.recv_many(jobs, BATCH_MAX);
    match telling.next() {
        None => waiting.await > 0,
        Some(due) => tokio::time::timeout_at(due, waiting)
            .await
            .map_or(true, |taken| taken > 0),
    }
}

/// What was left to be told when the program ended.
async fn resumed(db: &Db) -> Telling {
    let resumed = async { Telling::resume(&mut db.read().await?.conn()).await };
    resumed.await.unwrap_or_else(|error| {
        tracing::warn!(error = %super::report(&error), "could not look for counts of supports that were not told; they are told with the next support");
        Telling::default()
    })
}

async fn write_batch(
    db: &Db,
    jobs: &mut Vec<Job>,
    settles: &mut Vec<Settle>,
    telling: &mut Telling,
) -> Result<Vec<SessionId>, StoreError> {
    let inner = match db {
        Db::Sqlite { write, .. } => Inner::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
        Db::Pg(pool) => Inner::Pg(pool.begin().await?),
    };
    let mut tx = Tx {
        inner,
        events: Vec::new(),
        erased: Vec::new(),
        audits: Vec::new(),
    };
    let (mut comments, mut comment_answers, mut votes, mut vote_answers, mut runs) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for job in jobs.drain(..) {
        match job {
            Job::Comment(comment, answer) => {
                comments.push(*comment);
                comment_answers.push(answer);
            }
            Job::Supports(mut supports, answer) => {
                vote_answers.push((supports.len(), answer));
                votes.append(&mut supports);
            }
            Job::Run(work) => runs.push(work),
            Job::Stop => {}
        }
    }
    let now = Instant::now();
    if let Inner::Pg(_) = tx.inner {
        lock_sessions(
            &mut tx,
            comments
                .iter()
                .map(|c| &c.session_id)
                .chain(votes.iter().map(|s| &s.session_id))
                .chain(telling.due(now)),
        )
        .await?;
    }
    if !comments.is_empty() {
        let stored = super::posts::insert_comments(&mut tx, comments).await?;
        settles.extend(
            stored
                .into_iter()
                .zip(comment_answers)
                .map(|(stored, answer)| settle_with(answer, stored)),
        );
    }
    if !votes.is_empty() {
        let (mut changes, sessions) = supports::set_supports(&mut tx, &votes).await?;
        for (len, answer) in vote_answers {
            let rest = changes.split_off(len);
            settles.push(settle_with(answer, std::mem::replace(&mut changes, rest)));
        }
        for session in &sessions {
            telling.changed(session, now);
        }
    }
    for session in telling.take_due(now) {
        if supports::tell(&mut tx, &session).await? {
            telling.changed(&session, now);
        }
    }
    for work in runs {
        let (events_len, erased_len, audits_len) = (tx.events.len(), tx.erased.len(), tx.audits.len());
        tx.execute("SAVEPOINT change").await?;
        if let Some(settle) = work(&mut tx).await {
            settles.push(settle);
        } else {
            tx.events.truncate(events_len);
            tx.erased.truncate(erased_len);
            tx.audits.truncate(audits_len);
            tx.execute("ROLLBACK TO SAVEPOINT change").await?;
        }
        tx.execute("RELEASE SAVEPOINT change").await?;
    }
    let mut events = std::mem::take(&mut tx.events);
    for (kind, id) in &tx.erased {
        for (.., event) in &mut events {
            event.erase(*kind, id);
        }
    }
    let sessions = super::log::append(&mut tx.conn(), events).await?;
    let audits = std::mem::take(&mut tx.audits);
    super::audit::append(&mut tx.conn(), audits).await?;
    tx.commit().await?;
    Ok(sessions)
}

fn settle_with<T: Send + 'static>(answer: oneshot::Sender<Result<T, StoreError>>, value: T) -> Settle {
    Box::new(move |failure| {
        // Whoever asked may have gone; the change is stored all the same.
        let _ = answer.send(failure.map_or(Ok(value), Err));
    })
}

/// On PostgreSQL another node may write to the same session: taking its row first makes counts and numbers follow the order of commits.
/// In the order of the ids, so that two nodes do not wait for each other.
async fn lock_sessions(tx: &mut Tx, sessions: impl Iterator<Item = &SessionId>) -> Result<(), StoreError> {
    let distinct: BTreeMap<&SessionId, ()> = sessions.map(|s| (s, ())).collect();
    for id in distinct.keys() {
        on!(&mut tx.conn(), |c| sqlx::query(
            "UPDATE session SET public_seq = public_seq WHERE id = $1"
        )
        .bind(id.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
    }
    Ok(())
}
