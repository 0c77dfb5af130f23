//! The public ledger as queries: every number is a count of the rows its list shows.

use std::collections::HashMap;

use super::conn::{Conn, StoreError, count, on, parse, parse_opt};
use crate::domain::ids::{HallId, QuestionId, SessionId};
use crate::domain::ledger::{Tally, bucket_of_question, bucket_of_suggestion};
use crate::domain::post::Question;
use crate::domain::suggestion::Suggestion;
use crate::domain::words::{Bucket, SuggestionSource};

/// A raised item: a question, or a suggestion that is not made from one.
#[derive(Debug, Clone)]
pub enum LedgerRow {
    Question(Box<Question>),
    Suggestion(Box<Suggestion>),
}

/// The items one number counts.
#[derive(Debug, Clone)]
pub struct BucketPage {
    pub rows: Vec<(Bucket, LedgerRow)>,
    pub total: u64,
    /// Numbers of all questions of the session, for what an item was merged into.
    pub numbers: HashMap<QuestionId, u64>,
}

impl Conn<'_> {
    /// The tally of one session.
    pub async fn tally(&mut self, session: &SessionId) -> Result<Tally, StoreError> {
        let questions: Vec<(String, String, String, i64)> = on!(self, |c| {
            sqlx::query_as("SELECT session_id, state, disposition, COUNT(*) FROM question WHERE session_id = $1 GROUP BY session_id, state, disposition").bind(session.as_str()).fetch_all(c).await
        })?;
        let suggestions: Vec<(String, bool, i64)> = on!(self, |c| {
            sqlx::query_as("SELECT session_id, department_id <> '', COUNT(*) FROM suggestion WHERE session_id = $1 AND source <> 'question' GROUP BY session_id, department_id <> ''").bind(session.as_str()).fetch_all(c).await
        })?;
        Ok(tallies(questions, suggestions)?
            .remove(session)
            .unwrap_or_default())
    }

    /// The tallies of all sessions of a hall.
    pub async fn tallies(&mut self, hall: &HallId) -> Result<HashMap<SessionId, Tally>, StoreError> {
        let questions: Vec<(String, String, String, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT session_id, state, disposition, COUNT(*) FROM question WHERE session_id IN (SELECT id FROM session WHERE hall_id = $1) GROUP BY session_id, state, disposition").bind(hall.as_str()).fetch_all(c).await
        })?;
        let suggestions: Vec<(String, bool, i64)> = on!(self, |c| {
            sqlx::query_as(
            "SELECT session_id, department_id <> '', COUNT(*) FROM suggestion WHERE source <> 'question' AND session_id IN (SELECT id FROM session WHERE hall_id = $1) GROUP BY session_id, department_id <> ''").bind(hall.as_str()).fetch_all(c).await
        })?;
        tallies(questions, suggestions)
    }

    /// The items a number counts, in the order they were raised; `None` for all of them.
    pub async fn bucket(
        &mut self,
        session: &SessionId,
        bucket: Option<Bucket>,
        offset: u64,
        limit: u32,
    ) -> Result<BucketPage, StoreError> {
        let mut rows: Vec<(Bucket, LedgerRow)> = Vec::new();
        let mut numbers = HashMap::new();
        for q in self.all_questions(session).await? {
            numbers.insert(q.id.clone(), q.post.number);
            let b = bucket_of_question(q.post.state, q.disposition);
            rows.push((b, LedgerRow::Question(Box::new(q))));
        }
        for s in self.suggestions(session).await? {
            if s.source != SuggestionSource::Question {
                rows.push((
                    bucket_of_suggestion(s.department_id.is_some()),
                    LedgerRow::Suggestion(Box::new(s)),
                ));
            }
        }
        rows.retain(|(b, _)| bucket.is_none_or(|wanted| *b == wanted));
        let total = rows.len() as u64;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let rows = rows.into_iter().skip(offset).take(limit as usize).collect();
        Ok(BucketPage { rows, total, numbers })
    }
}

fn tallies(
    questions: Vec<(String, String, String, i64)>,
    suggestions: Vec<(String, bool, i64)>,
) -> Result<HashMap<SessionId, Tally>, StoreError> {
    let mut out: HashMap<SessionId, Tally> = HashMap::new();
    for (session, state, disposition, n) in questions {
        let bucket = bucket_of_question(
            parse("post state", state)?,
            parse_opt("disposition", disposition)?,
        );
        out.entry(parse("session id", session)?)
            .or_default()
            .add(bucket, count(n));
    }
    for (session, has_department, n) in suggestions {
        out.entry(parse("session id", session)?)
            .or_default()
            .add(bucket_of_suggestion(has_department), count(n));
    }
    Ok(out)
}
