//! People who write: identities, phone codes, sanctions.

use super::conn::{Conn, StoreError, count, on, or_empty, parse, parse_opt, stored};
use super::writer::Tx;
use crate::domain::ids::{HallId, ParticipantId, SanctionId, SessionId, StaffId};
use crate::domain::time::Timestamp;
use crate::domain::words::{SanctionKind, SanctionReach, Tier};

/// A person who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    pub id: ParticipantId,
    pub tier: Tier,
    pub name: String,
    pub created_at: Timestamp,
}

/// A code on its way to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneCode {
    pub code_hash: String,
    pub expires_at: Timestamp,
    pub tries: u64,
    pub sent_at: Timestamp,
    pub hour_start: Timestamp,
    pub sent_in_hour: u64,
}

/// A restriction of a person in a hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sanction {
    pub id: SanctionId,
    pub hall_id: HallId,
    pub participant_id: ParticipantId,
    /// Only in this session; `None` for the hall.
    pub session_id: Option<SessionId>,
    pub kind: SanctionKind,
    pub reach: SanctionReach,
    pub until: Option<Timestamp>,
    pub reason: String,
    pub at: Timestamp,
}

impl Sanction {
    /// Why, as far as it is `reader`'s business: it is said to the person restricted, not to a stranger the device or the network reaches.
    pub fn reason_for(&self, reader: &ParticipantId) -> &str {
        if self.participant_id == *reader {
            &self.reason
        } else {
            ""
        }
    }
}

#[derive(sqlx::FromRow)]
struct SanctionRow {
    id: String,
    hall_id: String,
    session_id: String,
    participant_id: String,
    kind: String,
    until_ms: Option<i64>,
    reason: String,
    at_ms: i64,
    device: String,
    network: String,
}

impl SanctionRow {
    fn into_sanction(self) -> Result<Sanction, StoreError> {
        Ok(Sanction {
            id: parse("sanction id", self.id)?,
            hall_id: parse("hall id", self.hall_id)?,
            participant_id: parse("participant id", self.participant_id)?,
            session_id: parse_opt("session id", self.session_id)?,
            kind: parse("sanction kind", self.kind)?,
            reach: match (self.device.is_empty(), self.network.is_empty()) {
                (_, false) => SanctionReach::Network,
                (false, true) => SanctionReach::Device,
                (true, true) => SanctionReach::Person,
            },
            until: self.until_ms.map(Timestamp::from_ms),
            reason: self.reason,
            at: Timestamp::from_ms(self.at_ms),
        })
    }
}

type ParticipantRow = (String, String, String, i64);

fn participant((id, tier, name, created): ParticipantRow) -> Result<Participant, StoreError> {
    Ok(Participant {
        id: parse("participant id", id)?,
        tier: parse("tier", tier)?,
        name,
        created_at: Timestamp::from_ms(created),
    })
}

impl Conn<'_> {
    /// A person.
    pub async fn participant(&mut self, id: &ParticipantId) -> Result<Option<Participant>, StoreError> {
        let row: Option<ParticipantRow> = on!(self, |c| sqlx::query_as(
            "SELECT id, tier, name, created_ms FROM participant WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        row.map(participant).transpose()
    }
    /// The person a phone belongs to.
    pub async fn participant_of_phone(
        &mut self,
        phone_hash: &str,
    ) -> Result<Option<Participant>, StoreError> {
        let row: Option<ParticipantRow> = on!(self, |c| sqlx::query_as(
            "SELECT id, tier, name, created_ms FROM participant WHERE phone_hash = $1"
        )
        .bind(phone_hash)
        .fetch_optional(c)
        .await)?;
        row.map(participant).transpose()
    }
    /// The code sent to a phone last.
    pub async fn phone_code(&mut self, phone_hash: &str) -> Result<Option<PhoneCode>, StoreError> {
        let row: Option<(String, i64, i64, i64, i64, i64)> = on!(self, |c| {
            sqlx::query_as("SELECT code_hash, expires_ms, tries, sent_ms, hour_start_ms, sent_in_hour FROM phone_code WHERE phone_hash = $1").bind(phone_hash).fetch_optional(c).await
        })?;
        Ok(row.map(|(code_hash, expires, tries, sent, hour, n)| PhoneCode {
            code_hash,
            expires_at: Timestamp::from_ms(expires),
            tries: count(tries),
            sent_at: Timestamp::from_ms(sent),
            hour_start: Timestamp::from_ms(hour),
            sent_in_hour: count(n),
        }))
    }
    /// Sanctions in force at `now` that reach a person, in one hall or (with `None`) in all: the person's own, those of the device the person
    /// came with, and for guests those of the network they came from.
    pub async fn sanctions(
        &mut self,
        person: &ParticipantId,
        hall: Option<&HallId>,
        now: Timestamp,
    ) -> Result<Vec<Sanction>, StoreError> {
        let hall = hall.map(HallId::as_str).unwrap_or_default();
        let rows: Vec<SanctionRow> = on!(self, |c| {
            sqlx::query_as(
            "SELECT id, hall_id, session_id, participant_id, kind, until_ms, reason, at_ms, device, network FROM sanction \
             WHERE ($2 = '' OR hall_id = $2) AND lifted_ms IS NULL AND (until_ms IS NULL OR until_ms > $3) AND (participant_id = $1 \
             OR (device <> '' AND device = (SELECT p.device FROM participant p WHERE p.id = $1 AND p.tier IN ('guest', 'verified'))) \
             OR (network <> '' AND network = (SELECT p.network FROM participant p WHERE p.id = $1 AND p.tier = 'guest'))) ORDER BY id")
            .bind(person.as_str()).bind(hall).bind(now.ms()).fetch_all(c).await
        })?;
        rows.into_iter().map(SanctionRow::into_sanction).collect()
    }

    /// All sanctions of a hall in force at `now`.
    pub async fn sanctions_in(&mut self, hall: &HallId, now: Timestamp) -> Result<Vec<Sanction>, StoreError> {
        let rows: Vec<SanctionRow> = on!(self, |c| {
            sqlx::query_as(
            "SELECT id, hall_id, session_id, participant_id, kind, until_ms, reason, at_ms, device, network FROM sanction WHERE hall_id = $1 AND lifted_ms IS NULL AND (until_ms IS NULL OR until_ms > $2) ORDER BY id")
            .bind(hall.as_str()).bind(now.ms()).fetch_all(c).await
        })?;
        rows.into_iter().map(SanctionRow::into_sanction).collect()
    }

    /// Whom else the sanctions of a hall in force at `now` reach: who has the same device, and guests who come from the same network.
    pub async fn reached_in(
        &mut self,
        hall: &HallId,
        now: Timestamp,
    ) -> Result<Vec<(SanctionId, ParticipantId)>, StoreError> {
        let rows: Vec<(String, String)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT s.id, p.id FROM sanction s JOIN participant p ON p.device <> '' AND p.device = s.device AND p.tier IN ('guest', 'verified') \
             WHERE s.hall_id = $1 AND s.lifted_ms IS NULL AND (s.until_ms IS NULL OR s.until_ms > $2) AND p.id <> s.participant_id UNION \
             SELECT s.id, p.id FROM sanction s JOIN participant p ON p.network <> '' AND p.network = s.network AND p.tier = 'guest' \
             WHERE s.hall_id = $1 AND s.lifted_ms IS NULL AND (s.until_ms IS NULL OR s.until_ms > $2) AND p.id <> s.participant_id")
            .bind(hall.as_str()).bind(now.ms()).fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(s, p)| Ok((parse("sanction id", s)?, parse("participant id", p)?)))
            .collect()
    }

    /// Where a person came from last, as keyed hashes: device, network. Empty if it is not known.
    pub async fn whereabouts(&mut self, id: &ParticipantId) -> Result<Option<(String, String)>, StoreError> {
        let row: Option<(String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT device, network FROM participant WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        Ok(row)
    }
}

impl Tx {
    /// Stores a new person.
    pub async fn insert_participant(
        &mut self,
        p: &Participant,
        phone_hash: Option<&str>,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "INSERT INTO participant (id, tier, name, phone_hash, created_ms) VALUES ($1,$2,$3,$4,$5)"
        )
        .bind(p.id.as_str())
        .bind(p.tier.as_str())
        .bind(&p.name)
        .bind(phone_hash)
        .bind(p.created_at.ms())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// A guest becomes a person with a phone, keeping everything written so far.
    pub async fn verify_participant(
        &mut self,
        id: &ParticipantId,
        name: &str,
        phone_hash: &str,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE participant SET tier = 'verified', name = $2, phone_hash = $3 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(name)
        .bind(phone_hash)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Another nickname, for what is written from now on.
    pub async fn rename_participant(&mut self, id: &ParticipantId, name: &str) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE participant SET name = $2 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(name)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Remembers the code sent to a phone, replacing an earlier one.
    pub async fn put_phone_code(&mut self, phone_hash: &str, code: &PhoneCode) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO phone_code (phone_hash, code_hash, expires_ms, tries, sent_ms, hour_start_ms, sent_in_hour) VALUES ($1,$2,$3,$4,$5,$6,$7) \
             ON CONFLICT (phone_hash) DO UPDATE SET code_hash = excluded.code_hash, expires_ms = excluded.expires_ms, tries = excluded.tries, sent_ms = excluded.sent_ms, hour_start_ms = excluded.hour_start_ms, sent_in_hour = excluded.sent_in_hour")
            .bind(phone_hash).bind(&code.code_hash).bind(code.expires_at.ms()).bind(stored(code.tries)).bind(code.sent_at.ms()).bind(code.hour_start.ms()).bind(stored(code.sent_in_hour)).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Stores a sanction, with the device or the network it reaches.
    pub async fn insert_sanction(
        &mut self,
        s: &Sanction,
        device: &str,
        network: &str,
        by: &StaffId,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO sanction (id, hall_id, session_id, participant_id, kind, until_ms, reason, at_ms, staff_id, lifted_ms, device, network) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,NULL,$10,$11)")
            .bind(s.id.as_str()).bind(s.hall_id.as_str()).bind(or_empty(s.session_id.as_ref())).bind(s.participant_id.as_str()).bind(s.kind.as_str())
            .bind(s.until.map(Timestamp::ms)).bind(&s.reason).bind(s.at.ms()).bind(by.as_str()).bind(device).bind(network).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Notes where a person came from, as keyed hashes.
    pub async fn set_whereabouts(
        &mut self,
        id: &ParticipantId,
        device: &str,
        network: &str,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "UPDATE participant SET device = $2, network = $3 WHERE id = $1"
        )
        .bind(id.as_str())
        .bind(device)
        .bind(network)
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Ends a sanction of a hall; the person it was for, or `None` if there is none in force.
    pub async fn lift_sanction(
        &mut self,
        hall: &HallId,
        id: &SanctionId,
        now: Timestamp,
    ) -> Result<Option<ParticipantId>, StoreError> {
        let person: Option<String> = on!(&mut self.conn(), |c| {
            sqlx::query_scalar("UPDATE sanction SET lifted_ms = $3 WHERE id = $1 AND hall_id = $2 AND lifted_ms IS NULL RETURNING participant_id")
            .bind(id.as_str()).bind(hall.as_str()).bind(now.ms()).fetch_optional(c).await
        })?;
        person.map(|p| parse("participant id", p)).transpose()
    }
}
