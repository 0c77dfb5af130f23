//! What fair selection is judged by: the published questions with when they could be supported, and what hosts chose.

use std::collections::HashMap;

use super::conn::{Conn, StoreError, count, on, parse, stored};
use super::writer::Tx;
use crate::domain::fair::{Candidate, Choice, candidates};
use crate::domain::ids::{ChoiceId, SessionId, StaffId};
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct ChoiceRow {
    question_id: String,
    at_ms: i64,
    by_name: String,
    rule: String,
    rank_supported: i64,
    rank_unheard: i64,
    waiting: i64,
    supports: i64,
    rate_milli: i64,
    first_of_group: bool,
    reason: String,
}

fn small(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl Tx {
    /// Adds a choice of a host.
    pub async fn insert_choice(
        &mut self,
        id: &ChoiceId,
        session: &SessionId,
        by: &StaffId,
        choice: &Choice,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO choice (id, session_id, question_id, at_ms, staff_id, by_name, rule, rank_supported, rank_unheard, waiting, supports, rate_milli, first_of_group, reason) \
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)")
            .bind(id.as_str()).bind(session.as_str()).bind(choice.question_id.as_str()).bind(choice.at.ms()).bind(by.as_str()).bind(&choice.by_name)
            .bind(&choice.rule).bind(i64::from(choice.rank_supported)).bind(i64::from(choice.rank_unheard)).bind(i64::from(choice.of))
            .bind(stored(choice.supports)).bind(stored(choice.rate_milli)).bind(choice.first_of_group).bind(&choice.reason)
            .execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
}

impl Conn<'_> {
    /// Choices of a session in their order.
    pub async fn choices(&mut self, session: &SessionId) -> Result<Vec<Choice>, StoreError> {
        let rows: Vec<ChoiceRow> = on!(self, |c| {
            sqlx::query_as(
            "SELECT question_id, at_ms, by_name, rule, rank_supported, rank_unheard, waiting, supports, rate_milli, first_of_group, reason \
             FROM choice WHERE session_id = $1 ORDER BY id"
        )
        .bind(session.as_str())
        .fetch_all(c)
        .await
        })?;
        rows.into_iter()
            .map(|row| {
                Ok(Choice {
                    question_id: parse("question id", row.question_id)?,
                    at: Timestamp::from_ms(row.at_ms),
                    by_name: row.by_name,
                    rule: row.rule,
                    rank_supported: small(row.rank_supported),
                    rank_unheard: small(row.rank_unheard),
                    of: small(row.waiting),
                    supports: count(row.supports),
                    rate_milli: count(row.rate_milli),
                    first_of_group: row.first_of_group,
                    reason: row.reason,
                })
            })
            .collect()
    }
    /// Every question of a session that is or was asked, with when it became public.
    pub async fn candidates(&mut self, session: &SessionId) -> Result<Vec<Candidate>, StoreError> {
        let rows: Vec<(String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT p.post_id, MAX(d.at_ms) FROM decision_item p JOIN decision d ON d.id = p.decision_id \
             WHERE d.session_id = $1 AND p.kind = 'question' AND NOT d.undone AND d.verdict IN ('approve', 'restore') GROUP BY p.post_id"
        )
        .bind(session.as_str())
        .fetch_all(c)
        .await
        })?;
        let let_through: HashMap<String, Timestamp> = rows
            .into_iter()
            .map(|(id, at)| (id, Timestamp::from_ms(at)))
            .collect();
        Ok(candidates(self.all_questions(session).await?, &let_through))
    }
}
