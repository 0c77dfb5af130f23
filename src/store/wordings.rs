//! The words of published questions, without what has to be counted for a page.

use super::conn::{Conn, StoreError, count, on, parse, parse_opt};
use crate::domain::ids::{QuestionId, SessionId};

/// What a published question says.
#[derive(Debug, Clone)]
pub struct Wording {
    pub id: QuestionId,
    /// Moves with every change of the row.
    pub revision: u64,
    pub body: String,
    pub place: String,
    /// The question it was merged into.
    pub merged_into: Option<QuestionId>,
}

impl Conn<'_> {
    /// Wordings of the newest published questions of a session, merged ones too.
    pub async fn published_wordings(
        &mut self,
        session: &SessionId,
        limit: u32,
    ) -> Result<Vec<Wording>, StoreError> {
        let rows: Vec<(String, i64, String, String, String)> = on!(self, |c| sqlx::query_as(
            "SELECT id, revision, body, place, merged_into FROM question \
             WHERE session_id = $1 AND state = 'published' ORDER BY id DESC LIMIT $2"
        )
        .bind(session.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
        rows.into_iter()
            .map(|(id, revision, body, place, merged_into)| {
                Ok(Wording {
                    id: parse("question id", id)?,
                    revision: count(revision),
                    body,
                    place,
                    merged_into: parse_opt("question id", merged_into)?,
                })
            })
            .collect()
    }
}
