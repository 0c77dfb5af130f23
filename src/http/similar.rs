//! Questions near to what somebody is typing, and questions that repeat another.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::{Behind, MaybeBehind};
use super::error::ApiResult;
use super::sessions::{permitted, visible};
use super::url::{Path, Query};
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::protocol::rest::{RepeatedAnswer, RepeatedQuestion, Repetition, SimilarAnswer};

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

pub async fn repeated(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<RepeatedAnswer>> {
    permitted(&door, &session, &staff, Verb::ReadQueue).await?;
    let repeated = door.commands().repeated_questions(&session).await?;
    let groups = repeated.into_iter().map(|r| RepeatedQuestion {
        id: r.head,
        number: r.number,
        state: r.state,
        body: r.body,
        members: r
            .members
            .into_iter()
            .map(|(id, number, score)| Repetition {
                id,
                number,
                percent: (score * 100.0).round().clamp(0.0, 100.0) as u8,
            })
            .collect(),
    });
    Ok(Json(RepeatedAnswer {
        groups: groups.collect(),
    }))
}
