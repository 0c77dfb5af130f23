//! Suggestions and what they were made from.

use std::collections::HashMap;

use super::conn::{Conn, StoreError, count, from_json, on, or_empty, parse, parse_opt, stored, to_json};
use super::writer::Tx;
use crate::domain::ids::{SessionId, SuggestionId};
use crate::domain::suggestion::Suggestion;
use crate::domain::time::Timestamp;

#[derive(sqlx::FromRow)]
struct SuggestionRow {
    id: String,
    number: i64,
    title: String,
    summary: String,
    category: String,
    department_id: String,
    co_department_ids: String,
    source: String,
    raised_by: String,
    due_date: String,
    requirement: String,
    at_ms: i64,
    revision: i64,
}

macro_rules! suggestion_columns {
    () => {
        "id, number, title, summary, category, department_id, co_department_ids, source, raised_by, due_date, requirement, at_ms, revision"
    };
}

impl SuggestionRow {
    fn into_suggestion(self, sources: Vec<(String, String)>) -> Result<Suggestion, StoreError> {
        let (mut question_ids, mut comment_ids) = (Vec::new(), Vec::new());
        for (kind, id) in sources {
            if kind == "question" {
                question_ids.push(parse("question id", id)?)
            } else {
                comment_ids.push(parse("comment id", id)?)
            }
        }
        Ok(Suggestion {
            id: parse("suggestion id", self.id)?,
            number: count(self.number),
            title: self.title,
            summary: self.summary,
            category: self.category,
            department_id: parse_opt("department id", self.department_id)?,
            co_department_ids: from_json("department ids", &self.co_department_ids)?,
            source: parse("suggestion source", self.source)?,
            question_ids,
            comment_ids,
            raised_by: self.raised_by,
            due_date: self.due_date,
            requirement: self.requirement,
            at: Timestamp::from_ms(self.at_ms),
            revision: count(self.revision),
        })
    }
}

impl Conn<'_> {
    /// Suggestions of a session in the order of their numbers.
    pub async fn suggestions(&mut self, session: &SessionId) -> Result<Vec<Suggestion>, StoreError> {
        let rows: Vec<SuggestionRow> = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            suggestion_columns!(),
            " FROM suggestion WHERE session_id = $1 ORDER BY number"
        ))
        .bind(session.as_str())
        .fetch_all(c)
        .await)?;
        let sources: Vec<(String, String, String)> = on!(self, |c| {
            sqlx::query_as("SELECT suggestion_id, kind, post_id FROM suggestion_source WHERE suggestion_id IN (SELECT id FROM suggestion WHERE session_id = $1) ORDER BY suggestion_id, position")
            .bind(session.as_str()).fetch_all(c).await
        })?;
        let mut by_suggestion: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (suggestion, kind, post) in sources {
            by_suggestion.entry(suggestion).or_default().push((kind, post));
        }
        rows.into_iter()
            .map(|row| {
                let sources = by_suggestion.remove(&row.id).unwrap_or_default();
                row.into_suggestion(sources)
            })
            .collect()
    }
    /// A suggestion with its session.
    pub async fn suggestion(
        &mut self,
        id: &SuggestionId,
    ) -> Result<Option<(SessionId, Suggestion)>, StoreError> {
        let session: Option<String> = on!(self, |c| sqlx::query_scalar(
            "SELECT session_id FROM suggestion WHERE id = $1"
        )
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
        let Some(session) = session else { return Ok(None) };
        let row: SuggestionRow = on!(self, |c| sqlx::query_as(concat!(
            "SELECT ",
            suggestion_columns!(),
            " FROM suggestion WHERE id = $1"
        ))
        .bind(id.as_str())
        .fetch_one(c)
        .await)?;
        let sources: Vec<(String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT kind, post_id FROM suggestion_source WHERE suggestion_id = $1 ORDER BY position"
        )
        .bind(id.as_str())
        .fetch_all(c)
        .await)?;
        Ok(Some((
            parse("session id", session)?,
            row.into_suggestion(sources)?,
        )))
    }
}

impl Tx {
    /// Stores a new suggestion and gives it its number.
    pub async fn insert_suggestion(
        &mut self,
        session: &SessionId,
        s: &mut Suggestion,
    ) -> Result<(), StoreError> {
        let number: i64 = on!(&mut self.conn(), |c| sqlx::query_scalar(
            "UPDATE session SET suggestion_no = suggestion_no + 1 WHERE id = $1 RETURNING suggestion_no"
        )
        .bind(session.as_str())
        .fetch_one(c)
        .await)?;
        s.number = count(number);
        on!(&mut self.conn(), |c| {
            sqlx::query("INSERT INTO suggestion (id, session_id, number, title, summary, category, department_id, co_department_ids, source, raised_by, due_date, requirement, at_ms, revision) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)")
            .bind(s.id.as_str()).bind(session.as_str()).bind(number).bind(&s.title).bind(&s.summary).bind(&s.category).bind(or_empty(s.department_id.as_ref()))
            .bind(to_json(&s.co_department_ids)).bind(s.source.as_str()).bind(&s.raised_by).bind(&s.due_date).bind(&s.requirement).bind(s.at.ms()).bind(stored(s.revision)).execute(c).await.map(|_| ())
        })?;
        self.set_sources(s).await
    }
    /// Writes a suggestion that has the revision before `s.revision`; `false` if it has another by now.
    pub async fn update_suggestion(&mut self, s: &Suggestion) -> Result<bool, StoreError> {
        let n = on!(&mut self.conn(), |c| {
            sqlx::query("UPDATE suggestion SET title = $3, summary = $4, category = $5, department_id = $6, co_department_ids = $7, source = $8, raised_by = $9, due_date = $10, requirement = $11, revision = $2 WHERE id = $1 AND revision = $2 - 1")
            .bind(s.id.as_str()).bind(stored(s.revision)).bind(&s.title).bind(&s.summary).bind(&s.category).bind(or_empty(s.department_id.as_ref()))
            .bind(to_json(&s.co_department_ids)).bind(s.source.as_str()).bind(&s.raised_by).bind(&s.due_date).bind(&s.requirement).execute(c).await.map(|r| r.rows_affected())
        })?;
        if n != 1 {
            return Ok(false);
        }
        self.set_sources(s).await?;
        Ok(true)
    }
    async fn set_sources(&mut self, s: &Suggestion) -> Result<(), StoreError> {
        on!(&mut self.conn(), |c| sqlx::query(
            "DELETE FROM suggestion_source WHERE suggestion_id = $1"
        )
        .bind(s.id.as_str())
        .execute(c)
        .await
        .map(|_| ()))?;
        let sources = s
            .question_ids
            .iter()
            .map(|id| ("question", id.as_str()))
            .chain(s.comment_ids.iter().map(|id| ("comment", id.as_str())));
        for (position, (kind, post)) in sources.enumerate() {
            on!(&mut self.conn(), |c| sqlx::query(
                "INSERT INTO suggestion_source (suggestion_id, kind, post_id, position) VALUES ($1,$2,$3,$4)"
            )
            .bind(s.id.as_str())
            .bind(kind)
            .bind(post)
            .bind(stored(position as u64))
            .execute(c)
            .await
            .map(|_| ()))?;
        }
        Ok(())
    }
    /// Removes a suggestion that was formed by mistake, before the session closes. Its number is not given again.
    pub async fn delete_suggestion(&mut self, id: &SuggestionId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM suggestion_source WHERE suggestion_id = $1",
            "DELETE FROM suggestion WHERE id = $1",
        ] {
            on!(&mut self.conn(), |c| sqlx::query(sql)
                .bind(id.as_str())
                .execute(c)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}
