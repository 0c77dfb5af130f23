//! What is missing before a session may close.

use axum::Json;
use axum::extract::State;

use super::Door;
use super::asking::Behind;
use super::error::ApiResult;
use super::ledger::tally_face;
use super::sessions::permitted;
use super::suggestions::suggestion_face;
use super::url::Path;
use crate::command::undisposed;
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::domain::words::{PostState, SessionState};
use crate::protocol::rest::ClosingChecklist;

pub async fn checklist(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<ClosingChecklist>> {
    let session = permitted(&door, &id, &staff, Verb::ReadSuggestions).await?;
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    let missing = undisposed(conn.all_questions(&id).await?);
    let held = conn
        .counts_by_state(&id)
        .await?
        .into_iter()
        .find(|(s, _)| *s == PostState::Held)
        .map_or(0, |(_, n)| n);
    let suggestions = conn.suggestions(&id).await?;
    let tally = conn.tally(&id).await?;
    Ok(Json(ClosingChecklist {
        ready: missing.is_empty() && held == 0 && session.state == SessionState::Ended,
        missing: missing.iter().map(Into::into).collect(),
        held,
        without_department: suggestions.iter().filter(|s| s.department_id.is_none()).count() as u64,
        suggestions: suggestions.iter().map(suggestion_face).collect(),
        tally: tally_face(&tally),
    }))
}
