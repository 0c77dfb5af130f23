//! Rows that every post needs, kept for a second: the session with its policy, the sanctions of a person.
//!
//! A change through this process takes effect at once (it marks the entry as old after its commit), one through another node within a second (`rows.rs`).

use std::collections::HashMap;
use std::sync::Arc;

use dashmap::DashMap;

use super::rows::{Away, KEEP_MS, fresh};
use super::{Commands, Outcome};
use crate::domain::ids::{HallId, ParticipantId, SessionId};
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::words::SanctionReach;
use crate::store::{Sanction, StoreError};

/// A row and when it was read.
type Kept<T> = (T, Timestamp);

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

impl Commands {
    /// The session, at most a second old. While the database is away, as it was last known: watching goes on, and what would change
    /// something fails at its commit.
    ///
    /// # Errors
    /// `not_found`, `unavailable`
    pub async fn session(&self, id: &SessionId) -> Outcome<Arc<Session>> {
        let read = || {
            let (db, id) = (self.inner.db.clone(), id.clone());
            async move { db.read().await?.conn().session(&id).await }
        };
        // In a box: every request of the site has this future in its own, and nearly none of them reads.
        match Box::pin(self.inner.sessions.get(id, self.now(), read)).await {
            Ok(Some(session)) => Ok(session),
            Ok(None) => Err(Rejection::not_found("session").into()),
            Err(Away) => Err(StoreError::Busy.into()),
        }
    }

    /// The same for netizens, to whom a draft does not exist.
    pub(super) async fn public_session(&self, id: &SessionId) -> Outcome<Arc<Session>> {
        let session = self.session(id).await?;
        if session.state.is_public() {
            return Ok(session);
        }
        Err(Rejection::not_found("session").into())
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
