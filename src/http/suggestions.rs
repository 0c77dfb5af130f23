//! Suggestions: formed, edited, listed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Door;
use super::asking::Behind;
use super::body::Body;
use super::error::ApiResult;
use super::sessions::permitted;
use super::url::Path;
use crate::command::SuggestionInput;
use crate::domain::ids::{SessionId, SuggestionId};
use crate::domain::policy::Verb;
use crate::domain::suggestion::Suggestion;
use crate::protocol::rest::{SuggestionFace, SuggestionRequest};

pub(super) fn suggestion_face(s: &Suggestion) -> SuggestionFace {
    SuggestionFace {
        id: s.id.clone(),
        number: s.number,
        title: s.title.clone(),
        summary: s.summary.clone(),
        category: s.category.clone(),
        department_id: s.department_id.clone(),
        co_department_ids: s.co_department_ids.clone(),
        source: s.source,
        question_ids: s.question_ids.clone(),
        comment_ids: s.comment_ids.clone(),
        raised_by: s.raised_by.clone(),
        due_date: s.due_date.clone(),
        requirement: s.requirement.clone(),
        at_ms: s.at,
        revision: s.revision,
    }
}

fn input(r: SuggestionRequest) -> SuggestionInput {
    SuggestionInput {
        title: r.title,
        summary: r.summary,
        category: r.category,
        department_id: r.department_id,
        co_department_ids: r.co_department_ids,
        source: r.source,
        question_ids: r.question_ids,
        comment_ids: r.comment_ids,
        raised_by: r.raised_by,
        due_date: r.due_date,
        requirement: r.requirement,
    }
}

pub async fn list(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<Vec<SuggestionFace>>> {
    permitted(&door, &id, &staff, Verb::ReadSuggestions).await?;
    let found = door.read().await?.conn().suggestions(&id).await?;
    Ok(Json(found.iter().map(suggestion_face).collect()))
}

pub async fn form(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<SuggestionRequest>,
) -> ApiResult<Json<SuggestionFace>> {
    let suggestion = door.commands().form_suggestion(&staff, &id, input(r)).await?;
    Ok(Json(suggestion_face(&suggestion)))
}

pub async fn edit(
    State(door): State<Door>,
    Path(id): Path<SuggestionId>,
    Behind(staff): Behind,
    Body(r): Body<SuggestionRequest>,
) -> ApiResult<Json<SuggestionFace>> {
    let suggestion = door.commands().edit_suggestion(&staff, &id, input(r)).await?;
    Ok(Json(suggestion_face(&suggestion)))
}

pub async fn drop(
    State(door): State<Door>,
    Path(id): Path<SuggestionId>,
    Behind(staff): Behind,
) -> ApiResult<StatusCode> {
    door.commands().drop_suggestion(&staff, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
