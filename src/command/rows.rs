//! Rows that thousands may ask for at once: each is read once for all of them and believed for a short time.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::{DashMap, Entry};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

use crate::domain::time::Timestamp;
use crate::store::StoreError;

/// How long a row is believed. Policies must take effect within a second everywhere.
pub(super) const FRESH_MS: i64 = 800;
/// How long an old row still serves those who ask while it is being read again, so that a storm of viewers does not wait for the database.
const GRACE_MS: i64 = 200;
/// How long an unused row is kept at most before the sweep takes it.
pub(super) const KEEP_MS: i64 = 60_000;

/// When a row was read that must be read again.
const LONG_AGO: Timestamp = Timestamp::from_ms(i64::MIN);

/// Whether what was read at `at` is still believed.
pub(super) fn fresh(now: Timestamp, at: Timestamp) -> bool {
    (0..FRESH_MS).contains(&now.since_ms(at))
}

/// The database did not answer and the row is not known; the log says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Away;

/// What a reading found; `None` if there is no such row.
type Found<T> = Result<Option<Arc<T>>, Away>;

/// Rows by key. One that does not exist is not remembered.
pub(super) struct Rows<K, T>(Arc<Inner<K, T>>);

struct Inner<K, T> {
    rows: DashMap<K, (Arc<T>, Timestamp)>,
    /// Locked before `rows` by whoever needs both.
    readings: DashMap<K, Reading<T>>,
    numbers: AtomicU64,
}

/// A reading under way, for all who wait for it.
struct Reading<T> {
    number: u64,
    found: Shared<BoxFuture<'static, Found<T>>>,
}

impl<K: Eq + Hash, T> Default for Rows<K, T> {
    fn default() -> Self {
        Self(Arc::new(Inner {
            rows: DashMap::new(),
            readings: DashMap::new(),
            numbers: AtomicU64::new(0),
        }))
    }
}

impl<K, T> Rows<K, T>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// The row, at most [`FRESH_MS`] old, [`GRACE_MS`] older while it is being read. While the database is away, as it was last known.
    ///
    /// # Errors
    /// The database is away and the row is not known.
    pub(super) async fn get<F>(&self, key: &K, now: Timestamp, read: impl FnOnce() -> F) -> Found<T>
    where
        F: Future<Output = Result<Option<T>, StoreError>> + Send + 'static,
    {
        let known = self.0.rows.get(key).map(|row| row.value().clone());
        if let Some((row, at)) = &known {
            let graced = (0..FRESH_MS + GRACE_MS).contains(&now.since_ms(*at));
            if fresh(now, *at) || (graced && self.0.readings.contains_key(key)) {
                return Ok(Some(row.clone()));
            }
        }
        match (self.reading(key, now, read).await, known) {
            (Err(Away), Some((row, _))) => Ok(Some(row)),
            (found, _) => found,
        }
    }

    /// The reading under way, or one that begins now. It goes on when those who wait for it have gone.
    fn reading<F>(
        &self,
        key: &K,
        now: Timestamp,
        read: impl FnOnce() -> F,
    ) -> Shared<BoxFuture<'static, Found<T>>>
    where
        F: Future<Output = Result<Option<T>, StoreError>> + Send + 'static,
    {
        match self.0.readings.entry(key.clone()) {
            Entry::Occupied(under_way) => under_way.get().found.clone(),
            Entry::Vacant(none) => {
                let number = self.0.numbers.fetch_add(1, Ordering::Relaxed);
                let (inner, key, read) = (Arc::clone(&self.0), key.clone(), read());
                let task = tokio::spawn(async move {
                    let read = std::panic::AssertUnwindSafe(read).catch_unwind().await;
                    inner.end(&key, number, now, read.unwrap_or(Err(StoreError::Busy)))
                });
                let found = async move { task.await.unwrap_or(Err(Away)) }.boxed().shared();
                none.insert(Reading {
                    number,
                    found: found.clone(),
                });
                found
            }
        }
    }

    /// Believes the row no longer, nor what a reading brings that began before. The row stays: while the database is away it is what
    /// watching goes on with.
    pub(super) fn forget(&self, key: &K) {
        self.0.readings.remove(key);
        if let Some(mut row) = self.0.rows.get_mut(key) {
            row.1 = LONG_AGO;
        }
    }

    /// The same for all rows for which `which` says so.
    pub(super) fn forget_where(&self, which: impl Fn(&T) -> bool) {
        // What those would bring is not known yet.
        self.0.readings.clear();
        for mut row in self.0.rows.iter_mut().filter(|row| which(&row.0)) {
            row.1 = LONG_AGO;
        }
    }

    pub(super) fn sweep(&self, now: Timestamp) {
        self.0.rows.retain(|_, (_, at)| now.since_ms(*at) < KEEP_MS);
    }
}

impl<K: Eq + Hash + Clone, T> Inner<K, T> {
    /// Keeps what was read, unless the row was forgotten meanwhile.
    fn end(&self, key: &K, number: u64, now: Timestamp, read: Result<Option<T>, StoreError>) -> Found<T> {
        let found = read.map(|row| row.map(Arc::new)).map_err(|error| {
            tracing::warn!(error = %crate::store::report(&error), "could not read a row; what was last known of it is shown");
            Away
        });
        let under_way = match self.readings.entry(key.clone()) {
            Entry::Occupied(under_way) if under_way.get().number == number => under_way,
            _ => return found,
        };
        match &found {
            Ok(Some(row)) => {
                self.rows.insert(key.clone(), (row.clone(), now));
            }
            Ok(None) => {
                self.rows.remove(key);
            }
            // So that not everybody asks a database that is away.
            Err(Away) => {
                if let Some(mut row) = self.rows.get_mut(key) {
                    row.1 = now;
                }
            }
        }
        under_way.remove();
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures_util::future::join_all;
    use tokio::sync::oneshot;

    use super::*;

    /// Rows under one key, and how often they were read.
    #[derive(Default)]
    struct World {
        rows: Rows<u8, u32>,
        reads: Arc<AtomicUsize>,
    }

    impl World {
        async fn get(&self, now_ms: i64, stored: u32) -> Found<u32> {
            let reads = self.reads.clone();
            let read = move || async move {
                reads.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(Some(stored))
            };
            self.rows.get(&1, Timestamp::from_ms(now_ms), read).await
        }
        async fn away(&self, now_ms: i64) -> Found<u32> {
            let reads = self.reads.clone();
            let read = move || async move {
                reads.fetch_add(1, Ordering::SeqCst);
                Err(StoreError::Busy)
            };
            self.rows.get(&1, Timestamp::from_ms(now_ms), read).await
        }
        fn reads(&self) -> usize {
            self.reads.swap(0, Ordering::SeqCst)
        }
    }

    fn row(found: Found<u32>) -> u32 {
        *found.expect("the database is there").expect("the row is there")
    }

    #[tokio::test]
    async fn of_a_storm_one_reads_whether_the_row_is_unknown_old_or_was_changed() {
        let world = World::default();
        for (now_ms, change) in [
            (1_000, false),
            (60_000, false),
            (60_001, true),
            (60_001 + FRESH_MS, false),
        ] {
            if change {
                world.rows.forget(&1);
            }
            for found in join_all((0..100).map(|_| world.get(now_ms, 7))).await {
                assert_eq!(row(found), 7);
            }
            assert_eq!(world.reads(), 1, "at {now_ms}");
        }
    }

    #[tokio::test]
    async fn a_row_is_believed_for_its_time_and_a_little_longer_while_it_is_read() {
        let world = World::default();
        assert_eq!(row(world.get(0, 1).await), 1);
        assert_eq!(row(world.get(FRESH_MS - 1, 2).await), 1);
        let (answer, answered) = oneshot::channel();
        let now = Timestamp::from_ms(FRESH_MS);
        let slow = world.rows.get(&1, now, || async { Ok(answered.await.ok()) });
        let others = async {
            assert_eq!(row(world.get(FRESH_MS, 3).await), 1, "the first reads");
            answer.send(2).expect("waited for");
        };
        let (first, ()) = tokio::join!(slow, others);
        assert_eq!(row(first), 2);
        assert_eq!(row(world.get(FRESH_MS + 1, 3).await), 2);
    }

    #[tokio::test]
    async fn a_reading_that_began_before_a_change_is_not_believed_after_it() {
        for all in [false, true] {
            let world = World::default();
            let (answer, answered) = oneshot::channel();
            let slow = world
                .rows
                .get(&1, Timestamp::from_ms(0), || async { Ok(answered.await.ok()) });
            let change = async {
                if all {
                    world.rows.forget_where(|_| true);
                } else {
                    world.rows.forget(&1);
                }
                assert_eq!(
                    row(world.get(0, 2).await),
                    2,
                    "who comes after the change reads again"
                );
                answer.send(1).expect("waited for");
            };
            let (old, ()) = tokio::join!(slow, change);
            assert_eq!(row(old), 1);
            assert_eq!(row(world.get(1, 3).await), 2);
        }
    }

    #[tokio::test]
    async fn while_the_database_is_away_what_was_known_is_shown_and_not_everybody_asks() {
        let world = World::default();
        assert_eq!(world.away(0).await, Err(Away));
        assert_eq!(row(world.get(0, 1).await), 1);
        assert_eq!(world.reads(), 2);
        for now_ms in [50_000, 50_001] {
            for found in join_all((0..10).map(|_| world.away(now_ms))).await {
                assert_eq!(row(found), 1);
            }
        }
        assert_eq!(world.reads(), 1);
        assert_eq!(row(world.get(60_000, 2).await), 2);
    }

    #[tokio::test]
    async fn a_reading_goes_on_without_who_asked_and_one_that_fails_badly_does_not_stop_the_next() {
        let world = World::default();
        let (answer, answered) = oneshot::channel();
        let now = Timestamp::from_ms(0);
        let asked = world.rows.get(&1, now, || async { Ok(answered.await.ok()) });
        assert!(asked.now_or_never().is_none(), "it is read and given up");
        answer.send(1).expect("waited for");
        assert_eq!(row(world.get(0, 2).await), 1);
        world.rows.forget(&1);
        let broken = world.rows.get(&1, now, || async { panic!("a broken row") }).await;
        assert_eq!(row(broken), 1, "as it was last known");
        assert_eq!(row(world.get(FRESH_MS, 3).await), 3);
    }

    #[tokio::test]
    async fn a_row_that_is_not_there_is_looked_for_again() {
        let world = World::default();
        let none = world
            .rows
            .get(&1, Timestamp::from_ms(0), || async { Ok(None) })
            .await;
        assert_eq!(none, Ok(None));
        assert_eq!(row(world.get(0, 1).await), 1);
    }
}
