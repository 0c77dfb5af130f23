//! Sessions: prepared, joined, moved through their life.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Door;
use super::asking::{Behind, MaybeBehind};
use super::body::Body;
use super::error::ApiResult;
use super::halls::roles_face;
use super::ledger::tally_face;
use super::url::Path;
use crate::command::{SegmentInput, SessionInput};
use crate::domain::ids::{HallId, SessionId};
use crate::domain::ledger::Tally;
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::Rejection;
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::words::SessionState;
use crate::protocol::face::session_face;
use crate::protocol::rest::{
    EmergencyAnswer, EmergencyRequest, JoinAnswer, PolicyRequest, PreparedSession, SessionCard,
    SessionRequest, StateRequest,
};
use crate::protocol::server::SessionFace;
use crate::store::CardRow;

/// The session, if the asker may know of it: drafts are for staff of the hall.
pub(super) async fn visible(door: &Door, id: &SessionId, staff: Option<&Staff>) -> ApiResult<Arc<Session>> {
    let session = door.commands().session(id).await?;
    if session.state.is_public() || staff.is_some_and(|s| !s.roles_in(&session.hall_id).is_empty()) {
        return Ok(session);
    }
    Err(Rejection::not_found("session").into())
}

/// The session, if the asker may do `verb` in its hall in some state.
pub(super) async fn permitted(
    door: &Door,
    id: &SessionId,
    staff: &Staff,
    verb: Verb,
) -> ApiResult<Arc<Session>> {
    let session = door.commands().session(id).await?;
    policy::check_hall(verb, &staff.roles_in(&session.hall_id))?;
    Ok(session)
}

/// The session as everybody may see it, with what is on stage.
pub(super) async fn face(door: &Door, session: &Session) -> ApiResult<SessionFace> {
    let question = match &session.stage {
        Some(stage) => door
            .read()
            .await?
            .conn()
            .question(&stage.question_id)
            .await?
            .map(|(_, q)| q),
        None => None,
    };
    Ok(session_face(session, question.as_ref()))
}

pub(super) fn card(s: &Session, tally: &Tally) -> SessionCard {
    SessionCard {
        id: s.id.clone(),
        title: s.title.clone(),
        kind: s.kind,
        state: s.state,
        code: s.code.clone(),
        starts_ms: s.starts_at,
        started_ms: s.started_at,
        ended_ms: s.ended_at,
        tally: tally_face(tally),
    }
}

pub(super) fn card_of_row(row: CardRow, tally: &Tally) -> SessionCard {
    SessionCard {
        id: row.id,
        title: row.title,
        kind: row.kind,
        state: row.state,
        code: row.code,
        starts_ms: row.starts_at,
        started_ms: row.started_at,
        ended_ms: row.ended_at,
        tally: tally_face(tally),
    }
}

pub(super) fn join_url(door: &Door, session: &Session) -> String {
    format!("{}/j/{}", door.options().public_url, session.code)
}

fn input(r: SessionRequest) -> SessionInput {
    SessionInput {
        kind: r.kind,
        title: r.title,
        intro: r.intro,
        venue: r.venue,
        host_name: r.host_name,
        starts_at: r.starts_ms,
        stream_url: r.stream_url,
        topics: r.topics,
        department_ids: r.department_ids,
        segments: r
            .segments
            .into_iter()
            .map(|s| SegmentInput {
                id: s.id,
                title: s.title,
                department_id: s.department_id,
                planned_minutes: s.planned_minutes,
            })
            .collect(),
        materials: r
            .materials
            .into_iter()
            .map(|m| (m.title, m.body, m.url))
            .collect(),
    }
}

async fn prepared_face(door: &Door, session: &Session, staff: &Staff) -> ApiResult<Json<PreparedSession>> {
    let roles = staff.roles_in(&session.hall_id);
    let hall_departments = door.read().await?.conn().departments(&session.hall_id).await?;
    let next_states = session
        .state
        .next()
        .iter()
        .copied()
        .filter(|&to| crate::command::may_move(&roles, session, to))
        .collect();
    Ok(Json(PreparedSession {
        session: face(door, session).await?,
        hall_departments: hall_departments.iter().map(Into::into).collect(),
        roles: roles_face(staff, &session.hall_id),
        next_states,
        join_url: join_url(door, session),
    }))
}

pub async fn of_code(State(door): State<Door>, Path(code): Path<String>) -> ApiResult<Json<JoinAnswer>> {
    let code = code.trim().to_ascii_uppercase();
    let id = door
        .read()
        .await?
        .conn()
        .session_of_code(&code)
        .await?
        .ok_or_else(|| Rejection::not_found("session with this code"))?;
    let session = visible(&door, &id, None).await?;
    Ok(Json(JoinAnswer {
        session_id: id,
        hall_slug: session.hall_slug.clone(),
        state: session.state,
    }))
}

pub async fn qr(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Response> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    let code = qrcode::QrCode::with_error_correction_level(join_url(&door, &session), qrcode::EcLevel::M)
        .map_err(|e| {
            Rejection::out_of_range("public_url", format!("the join link does not fit a QR code: {e}"))
        })?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(240, 240)
        .quiet_zone(true)
        .build();
    let cache = if session.state.is_public() {
        "public, max-age=300"
    } else {
        "no-store"
    };
    Ok((
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, cache),
        ],
        svg,
    )
        .into_response())
}

pub async fn create(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<SessionRequest>,
) -> ApiResult<Json<PreparedSession>> {
    let session = door
        .commands()
        .create_session(&staff, &hall, input(request))
        .await?;
    prepared_face(&door, &session, &staff).await
}

pub async fn edit(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(request): Body<SessionRequest>,
) -> ApiResult<Json<PreparedSession>> {
    let session = door.commands().edit_session(&staff, &id, input(request)).await?;
    prepared_face(&door, &session, &staff).await
}

pub async fn prepared(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<PreparedSession>> {
    let session = permitted(&door, &id, &staff, Verb::ReadBackstage).await?;
    prepared_face(&door, &session, &staff).await
}

pub async fn move_to(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(request): Body<StateRequest>,
) -> ApiResult<Json<SessionFace>> {
    if request.to == SessionState::Ended
        && let Some((_, peak)) = door.hub().peaks().into_iter().find(|(session, _)| *session == id)
    {
        // Without the right nothing is written, not even a figure.
        permitted(&door, &id, &staff, Verb::RunLive).await?;
        // Noted every half minute otherwise; who came since then would be missing in the minutes.
        door.commands().note_peak(&id, peak).await?;
    }
    let session = door.commands().move_session(&staff, &id, request.to).await?;
    Ok(Json(face(&door, &session).await?))
}

pub async fn emergency(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<EmergencyAnswer>> {
    permitted(&door, &id, &staff, Verb::SetPolicy).await?;
    Ok(Json(emergency_face(&door, &id).await?))
}

pub async fn start_emergency(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<EmergencyRequest>,
) -> ApiResult<Json<EmergencyAnswer>> {
    door.commands().start_emergency(&staff, &id, r.minutes).await?;
    Ok(Json(emergency_face(&door, &id).await?))
}

pub async fn end_emergency(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<EmergencyAnswer>> {
    door.commands().end_emergency(&staff, &id).await?;
    Ok(Json(emergency_face(&door, &id).await?))
}

async fn emergency_face(door: &Door, id: &SessionId) -> ApiResult<EmergencyAnswer> {
    let session = door.commands().session(id).await?;
    let held_since = match &session.emergency {
        Some(emergency) => door.read().await?.conn().held_since(id, emergency.since).await?,
        None => 0,
    };
    Ok(EmergencyAnswer {
        would: door.commands().emergency_would(&session),
        by_name: session
            .emergency
            .as_ref()
            .map(|e| e.by_name.clone())
            .unwrap_or_default(),
        on: session_face(&session, None).emergency,
        held_since,
    })
}

pub async fn set_policy(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<PolicyRequest>,
) -> ApiResult<Json<SessionFace>> {
    let session = door
        .commands()
        .set_policy(&staff, &id, r.policy.into(), r.seen.map(Into::into))
        .await?;
    Ok(Json(face(&door, &session).await?))
}
