//! Answers of departments.

use super::conn::{Conn, StoreError, on, or_empty, parse, parse_opt};
use super::writer::Tx;
use crate::domain::answer::Answer;
use crate::domain::ids::{QuestionId, SessionId, StaffId};
use crate::domain::post::Answered;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct AnswerRow {
    id: String,
    question_id: String,
    department_id: String,
    kind: String,
    answer_type: String,
    body: String,
    speaker: String,
    owner: String,
    due_date: String,
    basis: String,
    transfer_to: String,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    published_ms: i64,
}

impl AnswerRow {
    fn into_answer(self) -> Result<Answer, StoreError> {
        Ok(Answer {
            id: parse("answer id", self.id)?,
            question_id: parse("question id", self.question_id)?,
            department_id: parse("department id", self.department_id)?,
            kind: parse("answer kind", self.kind)?,
            answer_type: parse("answer type", self.answer_type)?,
            body: self.body,
            speaker: self.speaker,
            owner: self.owner,
            due_date: self.due_date,
            basis: self.basis,
            transfer_to: parse_opt("department id", self.transfer_to)?,
            started_at: self.started_ms.map(Timestamp::from_ms),
            ended_at: self.ended_ms.map(Timestamp::from_ms),
            published_at: Timestamp::from_ms(self.published_ms),
        })
    }
}

macro_rules! answer_columns {
    () => {
        "id, question_id, department_id, kind, answer_type, body, speaker, owner, due_date, basis, transfer_to, started_ms, ended_ms, published_ms"
    };
}

impl Conn<'_> {
    /// Answers of a session to questions that are public, oldest first.
    pub async fn answers(&mut self, session: &SessionId) -> Result<Vec<Answer>, StoreError> {
        let rows: Vec<AnswerRow> = on!(self, |c| {
            sqlx::query_as(concat!("SELECT ", answer_columns!(), " FROM answer WHERE session_id = $1 AND question_id IN (SELECT id FROM question WHERE session_id = $1 AND state = 'published') ORDER BY published_ms, id"))
            .bind(session.as_str()).fetch_all(c).await
        })?;
        rows.into_iter().map(AnswerRow::into_answer).collect()
    }
    /// Which kinds of answers a question has. A transfer is written and answers nothing.
    pub async fn answered(&mut self, question: &QuestionId) -> Result<Answered, StoreError> {
        let kinds: Vec<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT DISTINCT kind FROM answer WHERE question_id = $1 AND answer_type <> 'transfer'"
        )
        .bind(question.as_str())
        .fetch_all(c)
        .await)?;
        let suggestions: i64 = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT COUNT(*) FROM suggestion_source JOIN suggestion ON suggestion.id = suggestion_id WHERE post_id = $1 AND department_id <> ''"
        )
        .bind(question.as_str())
        .fetch_one(c)
        .await
        })?;
        Ok(Answered {
            in_suggestion: suggestions > 0,
            live: kinds.iter().any(|k| k == "live"),
            in_writing: kinds.iter().any(|k| k == "written"),
        })
    }
}

impl Tx {
    /// Publishes an answer.
    pub async fn insert_answer(
        &mut self,
        session: &SessionId,
        a: &Answer,
        by: &StaffId,
    ) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO answer (id, session_id, question_id, department_id, kind, answer_type, body, speaker, owner, due_date, basis, transfer_to, started_ms, ended_ms, published_ms, staff_id) \
             VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)")
            .bind(a.id.as_str()).bind(session.as_str()).bind(a.question_id.as_str()).bind(a.department_id.as_str()).bind(a.kind.as_str()).bind(a.answer_type.as_str())
            .bind(&a.body).bind(&a.speaker).bind(&a.owner).bind(&a.due_date).bind(&a.basis).bind(or_empty(a.transfer_to.as_ref()))
            .bind(a.started_at.map(Timestamp::ms)).bind(a.ended_at.map(Timestamp::ms)).bind(a.published_at.ms()).bind(by.as_str()).execute(c).await.map(|_| ())
        })?;
        Ok(())
    }
}
