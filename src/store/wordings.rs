//! The words of questions that are published or wait, without what has to be counted for a page.

use super::conn::{Conn, StoreError, count, on, parse, parse_opt};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::words::PostState;

/// What a question says.
#[derive(Debug, Clone)]
pub struct Wording {
    pub id: QuestionId,
    /// Number in its session.
    pub number: u64,
    /// Published or held.
    pub state: PostState,
    /// Moves with every change of the row.
    pub revision: u64,
    pub body: String,
    pub place: String,
    /// The question it was merged into.
    pub merged_into: Option<QuestionId>,
}

impl Conn<'_> {
    /// Wordings of the newest questions of a session that are published, merged ones too, or wait for a moderator.
    pub async fn wordings(&mut self, session: &SessionId, limit: u32) -> Result<Vec<Wording>, StoreError> {
        let rows: Vec<(String, i64, String, i64, String, String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, number, state, revision, body, place, merged_into FROM question \
             WHERE session_id = $1 AND state IN ('published', 'held') ORDER BY id DESC LIMIT $2"
        )
        .bind(session.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
        rows.into_iter()
            .map(|(id, number, state, revision, body, place, merged_into)| {
                Ok(Wording {
                    id: parse("question id", id)?,
                    number: count(number),
                    state: parse("post state", state)?,
                    revision: count(revision),
                    body,
                    place,
                    merged_into: parse_opt("question id", merged_into)?,
                })
            })
            .collect()
    }
}
