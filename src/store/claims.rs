//! Who holds which post at the desk.

use sqlx::QueryBuilder;

use super::conn::{Conn, StoreError, on, parse, stored};
use super::writer::Tx;
use crate::domain::claim::Claim;
use crate::domain::ids::{LeaseId, SessionId, StaffId};
use crate::domain::time::Timestamp;
use crate::domain::words::PostKind;

/// Claims that have been over for so long are removed; until then a desk that froze may still renew what nobody took.
const KEPT_MS: i64 = 60_000;

#[derive(sqlx::FromRow)]
struct ClaimRow {
    kind: String,
    post_id: String,
    lease: String,
    staff_id: String,
    by_name: String,
    at_ms: i64,
    until_ms: i64,
}

impl ClaimRow {
    fn into_claim(self) -> Result<Claim, StoreError> {
        Ok(Claim {
            kind: parse("post kind", self.kind)?,
            id: self.post_id,
            lease: parse("lease id", self.lease)?,
            staff_id: parse("staff id", self.staff_id)?,
            by_name: self.by_name,
            at: Timestamp::from_ms(self.at_ms),
            until: Timestamp::from_ms(self.until_ms),
            taken_from: String::new(),
        })
    }
}

impl Conn<'_> {
    /// All claims of a session, those that are over a moment ago included.
    pub async fn claims(&mut self, session: &SessionId) -> Result<Vec<Claim>, StoreError> {
        let rows: Vec<ClaimRow> = on!(self, |c| {
            sqlx::query_as("SELECT kind, post_id, lease, staff_id, by_name, at_ms, until_ms FROM claim WHERE session_id = $1 ORDER BY lease")
                .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(ClaimRow::into_claim).collect()
    }

    /// The longest waiting held posts of one kind that nobody holds at `now`: ids, oldest first.
    pub async fn free_held(
        &mut self,
        session: &SessionId,
        kind: PostKind,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let sql = match kind {
            PostKind::Comment => {
                "SELECT id FROM comment WHERE session_id = $1 AND state = 'held' AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.kind = 'comment' AND claim.post_id = comment.id AND claim.until_ms > $2) ORDER BY id LIMIT $3"
            }
            PostKind::Question => {
                "SELECT id FROM question WHERE session_id = $1 AND state = 'held' AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.kind = 'question' AND claim.post_id = question.id AND claim.until_ms > $2) ORDER BY id LIMIT $3"
            }
        };
        let ids: Vec<String> = on!(self, |c| sqlx::query_scalar(sql)
            .bind(session.as_str())
            .bind(now.ms())
            .bind(stored(limit as u64))
            .fetch_all(c)
            .await)?;
        Ok(ids)
    }
}

impl Tx {
    /// Stores a claim in place of the one the post had.
    pub async fn put_claim(&mut self, session: &SessionId, claim: &Claim) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO claim (kind, post_id, session_id, lease, staff_id, by_name, at_ms, until_ms) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) \
             ON CONFLICT (kind, post_id) DO UPDATE SET lease = excluded.lease, staff_id = excluded.staff_id, by_name = excluded.by_name, at_ms = excluded.at_ms, until_ms = excluded.until_ms")
            .bind(claim.kind.as_str()).bind(&claim.id).bind(session.as_str()).bind(claim.lease.as_str()).bind(claim.staff_id.as_str())
            .bind(&claim.by_name).bind(claim.at.ms()).bind(claim.until.ms()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Holds on to what an account still holds of `leases`, until `until`.
    pub async fn renew_claims(
        &mut self,
        session: &SessionId,
        staff: &StaffId,
        leases: &[LeaseId],
        until: Timestamp,
    ) -> Result<Vec<Claim>, StoreError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<ClaimRow> = on!(&mut self.conn(), |c| {
            let mut q = QueryBuilder::new("UPDATE claim SET until_ms = ");
            q.push_bind(until.ms())
                .push(" WHERE session_id = ")
                .push_bind(session.as_str())
                .push(" AND staff_id = ")
                .push_bind(staff.as_str())
                .push(" AND lease IN (");
            let mut list = q.separated(", ");
            for lease in leases {
                list.push_bind(lease.as_str());
            }
            q.push(") RETURNING kind, post_id, lease, staff_id, by_name, at_ms, until_ms");
            q.build_query_as().fetch_all(c).await
        })?;
        rows.into_iter().map(ClaimRow::into_claim).collect()
    }

    /// Lets go of what an account holds of `leases`; gives back which it held.
    pub async fn release_claims(
        &mut self,
        session: &SessionId,
        staff: &StaffId,
        leases: &[LeaseId],
    ) -> Result<Vec<LeaseId>, StoreError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String,)> = on!(&mut self.conn(), |c| {
            let mut q = QueryBuilder::new("DELETE FROM claim WHERE session_id = ");
            q.push_bind(session.as_str())
                .push(" AND staff_id = ")
                .push_bind(staff.as_str())
                .push(" AND lease IN (");
            let mut list = q.separated(", ");
            for lease in leases {
                list.push_bind(lease.as_str());
            }
            q.push(") RETURNING lease");
            q.build_query_as().fetch_all(c).await
        })?;
        rows.into_iter()
            .map(|(lease,)| parse("lease id", lease))
            .collect()
    }

    /// Lets go of posts there is nothing to decide on any more, whoever held them; gives back what was held.
    pub async fn drop_claims(
        &mut self,
        session: &SessionId,
        posts: &[(PostKind, String)],
    ) -> Result<Vec<LeaseId>, StoreError> {
        let mut dropped = Vec::new();
        for chunk in posts.chunks(500) {
            let rows: Vec<(String,)> = on!(&mut self.conn(), |c| {
                let mut q = QueryBuilder::new("DELETE FROM claim WHERE session_id = ");
                q.push_bind(session.as_str()).push(" AND (kind, post_id) IN (");
                q.push_values(chunk, |mut row, (kind, id)| {
                    row.push_bind(kind.as_str()).push_bind(id);
                });
                q.push(") RETURNING lease");
                q.build_query_as().fetch_all(c).await
            })?;
            for (lease,) in rows {
                dropped.push(parse("lease id", lease)?);
            }
        }
        Ok(dropped)
    }

    /// Removes claims that have been over for a while.
    pub async fn sweep_claims(&mut self, session: &SessionId, now: Timestamp) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM claim WHERE session_id = $1 AND until_ms <= $2"
        )
        .bind(session.as_str())
        .bind(now.plus_ms(-KEPT_MS).ms())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
}
