//! Appeals, who decided on what, a hall's own reasons, and how much was withheld for which reason.

use std::collections::BTreeMap;

use super::conn::{Conn, StoreError, count, on, or_empty, parse, stored};
use super::writer::Tx;
use crate::domain::appeal::{Appeal, AppealState, Decider};
use crate::domain::ids::{AppealId, DecisionId, HallId, ParticipantId, SessionId, StaffId};
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState};

#[derive(sqlx::FromRow)]
struct AppealRow {
    id: String,
    session_id: String,
    kind: String,
    post_id: String,
    author_id: String,
    reason: String,
    at_ms: i64,
    state: String,
    note: String,
    decided_by_name: String,
    decided_ms: Option<i64>,
    restored: bool,
}

impl AppealRow {
    fn into_appeal(self) -> Result<Appeal, StoreError> {
        Ok(Appeal {
            id: parse("appeal id", self.id)?,
            session_id: parse("session id", self.session_id)?,
            kind: parse("post kind", self.kind)?,
            post_id: self.post_id,
            author_id: parse("author id", self.author_id)?,
            reason: self.reason,
            at: Timestamp::from_ms(self.at_ms),
            state: parse("appeal state", self.state)?,
            note: self.note,
            decided_by_name: self.decided_by_name,
            decided_at: self.decided_ms.map(Timestamp::from_ms),
            restored: self.restored,
        })
    }
}

macro_rules! appeal_columns {
    () => {
        "id, session_id, kind, post_id, author_id, reason, at_ms, state, note, decided_by_name, decided_ms, restored"
    };
}

/// How an appeal was decided.
pub struct AppealDecision<'d> {
    pub id: &'d AppealId,
    pub state: AppealState,
    pub note: &'d str,
    pub by: &'d StaffId,
    pub by_name: &'d str,
    pub at: Timestamp,
    pub restored: bool,
}

/// A hall's own reason as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HallReason {
    pub code: String,
    pub version: u64,
    pub zh: String,
    pub en: String,
    /// No longer offered; old posts still name it.
    pub retired: bool,
}

/// Posts of a session in a state for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub kind: PostKind,
    pub state: PostState,
    pub reason: String,
    pub posts: u64,
}

impl Tx {
    /// Stores an appeal. A second one on the same post shows as a unique violation.
    pub async fn insert_appeal(&mut self, a: &Appeal) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO appeal (id, session_id, kind, post_id, author_id, reason, at_ms, state, note, decided_by, decided_by_name, decided_ms, restored) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'','','',NULL,FALSE)")
            .bind(a.id.as_str()).bind(a.session_id.as_str()).bind(a.kind.as_str()).bind(&a.post_id).bind(a.author_id.as_str())
            .bind(&a.reason).bind(a.at.ms()).bind(a.state.as_str()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Writes the outcome of an open appeal; `false` if it was decided already.
    pub async fn decide_appeal(&mut self, d: &AppealDecision<'_>) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE appeal SET state = $2, note = $3, decided_by = $4, decided_by_name = $5, decided_ms = $6, restored = $7 WHERE id = $1 AND state = 'open'")
            .bind(d.id.as_str()).bind(d.state.as_str()).bind(d.note).bind(d.by.as_str()).bind(d.by_name).bind(d.at.ms()).bind(d.restored)
            .execute(c).await.map(|r| r.rows_affected())
        })?;
        Ok(n == 1)
    }
    /// Says which stored decision an appeal came to.
    pub async fn insert_appeal_outcome(
        &mut self,
        appeal: &AppealId,
        decision: &DecisionId,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "INSERT INTO appeal_outcome (decision_id, appeal_id) VALUES ($1,$2)"
        )
        .bind(decision.as_str())
        .bind(appeal.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
        Ok(())
    }
    /// Opens an appeal again whose outcome was taken back.
    pub async fn reopen_appeal(&mut self, id: &AppealId) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE appeal SET state = 'open', note = '', decided_by = '', decided_by_name = '', decided_ms = NULL, restored = FALSE WHERE id = $1")
            .bind(id.as_str()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
    /// Adds a version of a hall's own reason.
    pub async fn insert_reason(
        &mut self,
        hall: &HallId,
        reason: &HallReason,
        by: &StaffId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO hall_reason (hall_id, code, version, zh, en, retired, at_ms, staff_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)")
            .bind(hall.as_str()).bind(&reason.code).bind(stored(reason.version)).bind(&reason.zh).bind(&reason.en).bind(reason.retired)
            .bind(at.ms()).bind(by.as_str()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
}

impl Conn<'_> {
    /// An appeal of a session.
    pub async fn appeal(&mut self, session: &SessionId, id: &AppealId) -> Result<Option<Appeal>, StoreError> {
        let row: Option<AppealRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            appeal_columns!(),
            " FROM appeal WHERE session_id = $1 AND id = $2"
        ))
        .bind(session.as_str())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        row.map(AppealRow::into_appeal).transpose()
    }
    /// Appeals of a session in a state, or in any, oldest first, after an id.
    pub async fn appeals(
        &mut self,
        session: &SessionId,
        state: Option<AppealState>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Appeal>, StoreError> {
        let rows: Vec<AppealRow> = on!(self, |c| {
            sqlx::query_as(concat!(
            "SELECT ",
            appeal_columns!(),
            " FROM appeal WHERE session_id = $1 AND ($2 = '' OR state = $2) AND id > $3 ORDER BY id LIMIT $4"
        ))
        .bind(session.as_str())
        .bind(or_empty(state.as_ref()))
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await
        })?;
        rows.into_iter().map(AppealRow::into_appeal).collect()
    }
    /// Appeals a person made in a session.
    pub async fn appeals_of_author(
        &mut self,
        session: &SessionId,
        author: &ParticipantId,
    ) -> Result<Vec<Appeal>, StoreError> {
        let rows: Vec<AppealRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            appeal_columns!(),
            " FROM appeal WHERE author_id = $1 AND session_id = $2 ORDER BY id"
        ))
        .bind(author.as_str())
        .bind(session.as_str())
        .fetch_all(c)
        .await)?;
        rows.into_iter().map(AppealRow::into_appeal).collect()
    }
    /// How many appeals of a session stand where.
    pub async fn appeals_by_state(
        &mut self,
        session: &SessionId,
    ) -> Result<BTreeMap<AppealState, u64>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| sqlx::query_as(
            "SELECT state, COUNT(*) FROM appeal WHERE session_id = $1 GROUP BY state"
        )
        .bind(session.as_str())
        .fetch_all(c)
        .await)?;
        rows.into_iter()
            .map(|(state, n)| Ok((parse("appeal state", state)?, count(n))))
            .collect()
    }
    /// The appeal a decision is the outcome of, if it is one.
    pub async fn appeal_of_outcome(&mut self, decision: &DecisionId) -> Result<Option<AppealId>, StoreError> {
        let id: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT appeal_id FROM appeal_outcome WHERE decision_id = $1"
        )
        .bind(decision.as_str())
        .fetch_optional(c)
        .await)?;
        id.map(|id| parse("appeal id", id)).transpose()
    }
    /// Who an objection to a post is against: who decided on it so far, undone decisions too (who undid it had an opinion all the same),
    /// outcomes of the appeal itself left out.
    pub async fn deciders(&mut self, kind: PostKind, post: &str) -> Result<Vec<Decider>, StoreError> {
        let rows: Vec<(String, String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT d.staff_id, d.by_name, d.at_ms FROM decision_item p JOIN decision d ON d.id = p.decision_id \
             WHERE p.kind = $1 AND p.post_id = $2 AND d.id NOT IN (SELECT decision_id FROM appeal_outcome) ORDER BY d.id"
        )
        .bind(kind.as_str())
        .bind(post)
        .fetch_all(c)
        .await
        })?;
        rows.into_iter()
            .map(|(id, name, at)| {
                Ok(Decider {
                    staff_id: parse("staff id", id)?,
                    name,
                    at: Timestamp::from_ms(at),
                })
            })
            .collect()
    }
    /// When each post of a person in a session was moved last by a decision that was not undone.
    pub async fn decided_at(
        &mut self,
        session: &SessionId,
        author: &ParticipantId,
    ) -> Result<BTreeMap<String, Timestamp>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| sqlx::query_as(
            "SELECT p.post_id, MAX(d.at_ms) FROM decision_item p JOIN decision d ON d.id = p.decision_id \
             WHERE d.session_id = $1 AND NOT d.undone AND d.verdict <> 'stand' AND p.post_id IN ( \
                 SELECT id FROM comment WHERE session_id = $1 AND author_id = $2 \
                 UNION ALL SELECT id FROM question WHERE session_id = $1 AND author_id = $2) \
             GROUP BY p.post_id"
        )
        .bind(session.as_str())
        .bind(author.as_str())
        .fetch_all(c)
        .await)?;
        Ok(rows
            .into_iter()
            .map(|(id, at)| (id, Timestamp::from_ms(at)))
            .collect())
    }
    /// Posts of a session that are not public, by reason. Numbers only.
    pub async fn withheld(&mut self, session: &SessionId) -> Result<Vec<Withheld>, StoreError> {
        let mut out = Vec::new();
        for kind in [PostKind::Comment, PostKind::Question] {
            let sql = match kind {
                PostKind::Comment => {
                    "SELECT state, reason, COUNT(*) FROM comment WHERE session_id = $1 AND state IN ('held', 'declined', 'retracted') GROUP BY state, reason ORDER BY reason, state"
                }
                PostKind::Question => {
                    "SELECT state, reason, COUNT(*) FROM question WHERE session_id = $1 AND state IN ('held', 'declined', 'retracted') GROUP BY state, reason ORDER BY reason, state"
                }
            };
            let rows: Vec<(String, String, i64)> = on!(self, |c| sqlx::query_as(sql)
                .bind(session.as_str())
                .fetch_all(c)
                .await)?;
            for (state, reason, n) in rows {
                out.push(Withheld {
                    kind,
                    state: parse("post state", state)?,
                    reason,
                    posts: count(n),
                });
            }
        }
        Ok(out)
    }
    /// A hall's own reasons as they are now, in the order of their codes.
    pub async fn hall_reasons(&mut self, hall: &HallId) -> Result<Vec<HallReason>, StoreError> {
        let rows: Vec<(String, i64, String, String, bool)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT r.code, r.version, r.zh, r.en, r.retired FROM hall_reason r WHERE r.hall_id = $1 \
             AND r.version = (SELECT MAX(o.version) FROM hall_reason o WHERE o.hall_id = r.hall_id AND o.code = r.code) ORDER BY r.code"
        )
        .bind(hall.as_str())
        .fetch_all(c)
        .await
        })?;
        Ok(rows
            .into_iter()
            .map(|(code, version, zh, en, retired)| HallReason {
                code,
                version: count(version),
                zh,
                en,
                retired,
            })
            .collect())
    }
}
