//! Netizens: coming in, names, phones.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::Door;
use super::asking::{Address, Device, MaybeNetizen, Netizen, device_cookie};
use super::body::Body;
use super::error::ApiResult;
use crate::command::Identity;
use crate::domain::limits::Action;
use crate::protocol::rest::{
    JoinRequest, MeAnswer, PhoneCodeAnswer, PhoneCodeRequest, PhoneVerifyRequest, RenameRequest,
    SanctionFace, TokenAnswer,
};
use crate::protocol::server::ParticipantFace;
use crate::store::Sanction;

fn face(who: &Identity) -> ParticipantFace {
    ParticipantFace {
        id: who.id.clone(),
        name: who.name.clone(),
        tier: who.tier,
    }
}

pub(super) fn sanction_face(s: &Sanction) -> SanctionFace {
    SanctionFace {
        id: s.id.clone(),
        hall_id: s.hall_id.clone(),
        kind: s.kind,
        until_ms: s.until,
        reason: s.reason.clone(),
        at_ms: s.at,
        session_id: s.session_id.clone(),
        reach: s.reach,
    }
}

fn token(door: &Door, who: &Identity) -> Json<TokenAnswer> {
    Json(TokenAnswer {
        token: door.commands().token(who),
        participant: face(who),
    })
}

/// A token, and the cookie by which the device is known again: a ban reaches who comes back under another name.
async fn arrived(
    door: &Door,
    who: &Identity,
    from: std::net::IpAddr,
    device: Option<String>,
) -> ApiResult<([(header::HeaderName, String); 1], Json<TokenAnswer>)> {
    let device = device.unwrap_or_else(|| door.commands().new_device());
    door.commands().note_whereabouts(&who.id, &device, from).await?;
    Ok((device_cookie(door, &device), token(door, who)))
}

pub async fn join(
    State(door): State<Door>,
    Address(from): Address,
    Device(device): Device,
    Body(request): Body<JoinRequest>,
) -> ApiResult<impl IntoResponse> {
    door.commands().check_address(Action::Join, from)?;
    let who = door.commands().join_as_guest(&request.name).await?;
    arrived(&door, &who, from, device).await
}

pub async fn me(
    State(door): State<Door>,
    Address(from): Address,
    Device(device): Device,
    Netizen(who): Netizen,
) -> ApiResult<Json<MeAnswer>> {
    // The page asks when it is opened: who comes back from elsewhere is known by it.
    if let Some(device) = device {
        door.commands().note_whereabouts(&who.id, &device, from).await?;
    }
    let sanctions = door
        .read()
        .await?
        .conn()
        .sanctions(&who.id, None, door.now())
        .await?;
    Ok(Json(MeAnswer {
        participant: face(&who),
        sanctions: sanctions
            .iter()
            .map(|s| SanctionFace {
                reason: s.reason_for(&who.id).to_owned(),
                ..sanction_face(s)
            })
            .collect(),
    }))
}

pub async fn rename(
    State(door): State<Door>,
    Address(from): Address,
    Netizen(who): Netizen,
    Body(request): Body<RenameRequest>,
) -> ApiResult<Json<TokenAnswer>> {
    // Costs what coming in costs, and is limited with it.
    door.commands().check_address(Action::Join, from)?;
    let who = door.commands().rename(&who, &request.name).await?;
    Ok(token(&door, &who))
}

pub async fn phone_code(
    State(door): State<Door>,
    Address(from): Address,
    Body(request): Body<PhoneCodeRequest>,
) -> ApiResult<Json<PhoneCodeAnswer>> {
    door.commands().check_address(Action::PhoneCode, from)?;
    let sent = door.commands().send_phone_code(&request.phone).await?;
    Ok(Json(PhoneCodeAnswer {
        expires_s: sent.expires_s,
        shown_code: sent.shown_code,
    }))
}

pub async fn phone_verify(
    State(door): State<Door>,
    Address(from): Address,
    Device(device): Device,
    MaybeNetizen(guest): MaybeNetizen,
    Body(request): Body<PhoneVerifyRequest>,
) -> ApiResult<impl IntoResponse> {
    door.commands().check_address(Action::PhoneVerify, from)?;
    let who = door
        .commands()
        .verify_phone(guest.as_ref(), &request.phone, &request.code, &request.name)
        .await?;
    arrived(&door, &who, from, device).await
}
