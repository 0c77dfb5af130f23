//! Rows that every post needs, kept for a second: the session with its policy, the sanctions of a person.
//!
//! A change through this process takes effect at once (it marks the entry as old after its commit), one through another node within [`FRESH_MS`].

use std::collections::HashMap;
use std::sync::Arc;

use dashmap::DashMap;

use super::{Commands, Outcome};
use crate::domain::ids::{HallId, ParticipantId, SessionId};
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::words::SanctionReach;
use crate::store::{Sanction, StoreError};

/// How long a cached row is believed. Policies must take effect within a second everywhere.
const FRESH_MS: i64 = 800;
/// Time the first who finds a row old has to read it again before another tries: all others go on with the row meanwhile, so that
/// a storm of viewers costs five reads a second and not as many as ask at once.
const GRACE_MS: i64 = 200;
/// How long an unused row is kept at most before the sweep takes it.
const KEEP_MS: i64 = 60_000;

/// When a row was read that must be read again.
const LONG_AGO: Timestamp = Timestamp::from_ms(i64::MIN);

/// A row and when it was read.
type Kept<T> = (T, Timestamp);

/// Sessions by id.
#[derive(Default)]
pub(super) struct Sessions {
    rows: DashMap<SessionId, Kept<Arc<Session>>>,
}

/// Sanctions in force of a hall by person. Read whole: most people have none, and asking for each of ten thousand who vote would be
/// ten thousand queries a second.
#[derive(Default)]
pub(super) struct OfHall {
    /// Also under everybody who has the same device, or comes from the same network.
    pub(super) by_person: HashMap<ParticipantId, Vec<Sanction>>,
}

/// Sanctions in force by hall.
#[derive(Default)]
pub(super) struct Sanctions {
    halls: DashMap<HallId, Kept<Arc<OfHall>>>,
    /// Held by who reads them, so that the others wait for one reading instead of reading too.
    reading: tokio::sync::Mutex<()>,
}

impl Sessions {
    /// Believes the row no longer. It stays: while the database is away it is what watching goes on with.
    pub(super) fn forget(&self, id: &SessionId) {
        if let Some(mut row) = self.rows.get_mut(id) {
            row.1 = LONG_AGO;
        }
    }
    fn is_being_read(&self, id: &SessionId, found: Timestamp, now: Timestamp) -> bool {
        self.rows
            .get_mut(id)
            .is_some_and(|mut row| !takes_turn(&mut row.1, found, now))
    }
    pub(super) fn forget_hall(&self, hall: &HallId) {
        for mut row in self.rows.iter_mut().filter(|row| row.0.hall_id == *hall) {
            row.1 = LONG_AGO;
        }
    }
    pub(super) fn sweep(&self, now: Timestamp) {
        self.rows.retain(|_, (_, at)| now.since_ms(*at) < KEEP_MS);
    }
}

impl Sanctions {
    pub(super) fn forget(&self, hall: &HallId) {
        self.halls.remove(hall);
    }
    fn known(&self, hall: &HallId, now: Timestamp) -> Option<Arc<OfHall>> {
        let row = self.halls.get(hall)?;
        fresh(now, row.1).then(|| row.0.clone())
    }
    pub(super) fn sweep(&self, now: Timestamp) {
        self.halls.retain(|_, (_, at)| now.since_ms(*at) < KEEP_MS);
    }
}

fn fresh(now: Timestamp, at: Timestamp) -> bool {
    (0..FRESH_MS).contains(&now.since_ms(at))
}

/// Whether the caller is to read a row that was found old: the first does, and all until it has go on with the row. One that is
/// to be believed no longer, or was not asked for in a while, is read by everybody.
fn takes_turn(at: &mut Timestamp, found: Timestamp, now: Timestamp) -> bool {
    if !(0..FRESH_MS + GRACE_MS).contains(&now.since_ms(found)) {
        return true;
    }
    if *at != found {
        return !fresh(now, *at);
    }
    *at = now.plus_ms(GRACE_MS - FRESH_MS);
    true
}

impl Commands {
    /// The session, at most [`FRESH_MS`] old. While the database is away, as it was last known: watching goes on, and
    /// what would change something fails at its commit.
    ///
    /// # Errors
    /// `not_found`, `unavailable`
    pub async fn session(&self, id: &SessionId) -> Outcome<Arc<Session>> {
        let now = self.now();
        let known = self.inner.sessions.rows.get(id).map(|row| row.value().clone());
        if let Some((session, at)) = &known
            && (fresh(now, *at) || self.inner.sessions.is_being_read(id, *at, now))
        {
            return Ok(session.clone());
        }
        // In a box: every request of the site has this future in its own, and nearly none of them reads.
        let session = match (Box::pin(self.read_session(id)).await, known) {
            (Ok(session), _) => Arc::new(session.ok_or_else(|| Rejection::not_found("session"))?),
            (Err(error), Some((session, _))) => {
                tracing::warn!(error = %crate::store::report(&error), "database is away; sessions are shown as last known");
                session
            }
            (Err(error), None) => return Err(error.into()),
        };
        self.inner
            .sessions
            .rows
            .insert(id.clone(), (session.clone(), now));
        Ok(session)
    }

    /// The same for netizens, to whom a draft does not exist.
    pub(super) async fn public_session(&self, id: &SessionId) -> Outcome<Arc<Session>> {
        let session = self.session(id).await?;
        if session.state.is_public() {
            return Ok(session);
        }
        Err(Rejection::not_found("session").into())
    }

    async fn read_session(&self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        self.inner.db.read().await?.conn().session(id).await
    }

    /// Sanctions in force in the hall, by person.
    pub(super) async fn sanctions_in(&self, hall: &HallId) -> Outcome<Arc<OfHall>> {
        let sanctions = &self.inner.sanctions;
        if let Some(known) = sanctions.known(hall, self.now()) {
            return Ok(known);
        }
        let _reading = sanctions.reading.lock().await;
        let now = self.now();
        if let Some(known) = sanctions.known(hall, now) {
            return Ok(known);
        }
        let mut of_hall = OfHall::default();
        let mut reader = self.inner.db.read().await?;
        let in_force = reader.conn().sanctions_in(hall, now).await?;
        // Once for all who write until it is read again, and not for each of them.
        let reached = if in_force.iter().any(|s| s.reach != SanctionReach::Person) {
            reader.conn().reached_in(hall, now).await?
        } else {
            Vec::new()
        };
        for sanction in in_force {
            let others = reached.iter().filter(|(id, _)| *id == sanction.id);
            let people = others.map(|(_, person)| person).chain([&sanction.participant_id]);
            for person in people {
                of_hall
                    .by_person
                    .entry(person.clone())
                    .or_default()
                    .push(sanction.clone());
            }
        }
        let of_hall = Arc::new(of_hall);
        sanctions.halls.insert(hall.clone(), (of_hall.clone(), now));
        Ok(of_hall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_storm_one_reads_an_old_row_and_after_the_grace_another() {
        let read_at = Timestamp::from_ms(5_000);
        let now = read_at.plus_ms(FRESH_MS + 1);
        let mut at = read_at;
        assert!(!fresh(now, at));
        assert!(takes_turn(&mut at, read_at, now));
        assert!(
            (0..50).all(|_| !takes_turn(&mut at, read_at, now)),
            "the others found it old as well"
        );
        assert!(
            fresh(now.plus_ms(GRACE_MS - 1), at),
            "who comes meanwhile finds it fresh"
        );
        let later = now.plus_ms(GRACE_MS);
        assert!(!fresh(later, at));
        let found = at;
        assert!(takes_turn(&mut at, found, later), "the first got no answer");
    }

    #[test]
    fn a_row_that_was_changed_or_is_very_old_is_read_by_everybody() {
        let now = Timestamp::from_ms(50_000);
        for found in [LONG_AGO, Timestamp::from_ms(40_000), now.plus_ms(1)] {
            let mut at = found;
            assert!((0..3).all(|_| takes_turn(&mut at, found, now)), "{found:?}");
        }
        // Changed between finding it old and asking whose turn it is.
        let found = now.plus_ms(-FRESH_MS);
        assert!(takes_turn(&mut { LONG_AGO }, found, now));
    }
}
