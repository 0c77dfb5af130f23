//! Questions near to what somebody is typing.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::MaybeBehind;
use super::error::ApiResult;
use super::sessions::visible;
use super::url::{Path, Query};
use crate::domain::ids::SessionId;
use crate::protocol::rest::SimilarAnswer;

#[derive(Debug, Deserialize)]
pub struct SimilarQuery {
    #[serde(default)]
    text: String,
}

pub async fn questions(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
    Query(query): Query<SimilarQuery>,
) -> ApiResult<Json<SimilarAnswer>> {
    visible(&door, &session, staff.as_ref()).await?;
    let near = door.commands().similar_questions(&session, &query.text).await?;
    Ok(Json(SimilarAnswer {
        questions: near.iter().map(Into::into).collect(),
    }))
}
