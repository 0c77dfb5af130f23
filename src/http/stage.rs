//! The stage: announcement, segments, the host's list, what is on stage, who answers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Door;
use super::asking::Behind;
use super::body::Body;
use super::error::ApiResult;
use super::sessions::face;
use super::url::Path;
use crate::domain::ids::SessionId;
use crate::protocol::rest::{
    AnnouncementRequest, AnswerStartRequest, AnswerStopRequest, NextUpRequest, SegmentStartRequest,
    StageRequest,
};
use crate::protocol::server::SessionFace;

pub async fn announce(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<AnnouncementRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door.commands().announce(&staff, &id, &r.text).await?;
    Ok(Json(face(&door, &session).await?))
}

pub async fn segment(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<SegmentStartRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door.commands().run_segment(&staff, &id, r.segment_id).await?;
    Ok(Json(face(&door, &session).await?))
}

pub async fn next_up(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<NextUpRequest>,
) -> ApiResult<StatusCode> {
    door.commands()
        .arrange_next_up(&staff, &id, r.question_ids)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn put_on(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<StageRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door
        .commands()
        .put_on_stage(&staff, &id, r.question_id, &r.reason)
        .await?;
    Ok(Json(face(&door, &session).await?))
}

pub async fn start_answer(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<AnswerStartRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door
        .commands()
        .start_answer(&staff, &id, r.department_id, &r.speaker)
        .await?;
    Ok(Json(face(&door, &session).await?))
}

pub async fn stop_answer(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<AnswerStopRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door.commands().stop_answer(&staff, &id, &r.body).await?;
    Ok(Json(face(&door, &session).await?))
}
