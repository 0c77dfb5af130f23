//! Accounts behind the stage: logging in, who am I, who may what.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::Door;
use super::asking::{Address, Behind, OwnPage, login_cookie, login_token};
use super::body::Body;
use super::error::ApiResult;
use super::halls::{cards, hall_card, roles_face};
use super::url::Query;
use crate::command::LoggedIn;
use crate::domain::ids::HallId;
use crate::domain::limits::Action;
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::words::Role;
use crate::protocol::rest::{
    CreateStaffRequest, LoginRequest, PasswordRequest, SetupRequest, StaffAccount, StaffHall, StaffMe,
};

type WithCookie<T> = ([(HeaderName, String); 1], Json<T>);

async fn me_face(door: &Door, staff: &Staff) -> ApiResult<StaffMe> {
    let mut reader = door.read().await?;
    let mut halls = Vec::new();
    for hall in reader.conn().halls().await? {
        let roles = roles_face(staff, &hall.id);
        if roles.is_empty() {
            continue;
        }
        let sessions = cards(&mut reader.conn(), &hall.id, true).await?;
        halls.push(StaffHall {
            hall: hall_card(&mut reader.conn(), &hall).await?,
            roles,
            sessions,
        });
    }
    Ok(StaffMe {
        id: staff.id.clone(),
        login_name: staff.login_name.clone(),
        name: staff.name.clone(),
        operator: staff.operator,
        halls,
    })
}

async fn logged_in(door: &Door, login: &LoggedIn) -> ApiResult<WithCookie<StaffMe>> {
    Ok((
        login_cookie(door, Some(login)),
        Json(me_face(door, &login.staff).await?),
    ))
}

pub(super) fn account_face(staff: &Staff, hall: Option<&HallId>) -> StaffAccount {
    StaffAccount {
        id: staff.id.clone(),
        login_name: staff.login_name.clone(),
        name: staff.name.clone(),
        operator: staff.operator,
        roles: hall.map(|h| roles_face(staff, h)).unwrap_or_default(),
    }
}

pub async fn set_up(
    State(door): State<Door>,
    OwnPage: OwnPage,
    Address(from): Address,
    Body(r): Body<SetupRequest>,
) -> ApiResult<WithCookie<StaffMe>> {
    door.commands().check_address(Action::Login, from)?;
    let login = door
        .commands()
        .set_up(&r.token, &r.login_name, &r.name, r.password)
        .await?;
    logged_in(&door, &login).await
}

pub async fn log_in(
    State(door): State<Door>,
    OwnPage: OwnPage,
    Address(from): Address,
    Body(r): Body<LoginRequest>,
) -> ApiResult<WithCookie<StaffMe>> {
    door.commands().check_address(Action::Login, from)?;
    let login = door.commands().log_in(&r.login_name, r.password, from).await?;
    logged_in(&door, &login).await
}

/// Works without a good login too: the cookie goes away in any case.
pub async fn log_out(State(door): State<Door>, request: Request) -> ApiResult<impl IntoResponse> {
    let (parts, _) = request.into_parts();
    if let Some(token) = login_token(&parts.headers) {
        door.commands().log_out(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, login_cookie(&door, None)))
}

pub async fn me(State(door): State<Door>, Behind(staff): Behind) -> ApiResult<Json<StaffMe>> {
    Ok(Json(me_face(&door, &staff).await?))
}

pub async fn password(
    State(door): State<Door>,
    Behind(staff): Behind,
    Body(r): Body<PasswordRequest>,
) -> ApiResult<WithCookie<StaffMe>> {
    let login = door.commands().change_password(&staff, r.old, r.new).await?;
    logged_in(&door, &login).await
}

#[derive(Debug, Deserialize)]
pub struct AccountsQuery {
    hall_id: Option<HallId>,
}

pub async fn accounts(
    State(door): State<Door>,
    Behind(staff): Behind,
    Query(query): Query<AccountsQuery>,
) -> ApiResult<Json<Vec<StaffAccount>>> {
    match &query.hall_id {
        Some(hall) => policy::check_hall(Verb::GrantRoles, &staff.roles_in(hall))?,
        None if staff.operator || staff.grants.iter().any(|g| g.role == Role::Administrator) => {}
        None => return Err(Rejection::new(Code::Forbidden, "only administrators see the accounts").into()),
    }
    let all = door.read().await?.conn().all_staff().await?;
    Ok(Json(
        all.iter()
            .map(|s| account_face(s, query.hall_id.as_ref()))
            .collect(),
    ))
}

pub async fn create(
    State(door): State<Door>,
    Behind(staff): Behind,
    Body(r): Body<CreateStaffRequest>,
) -> ApiResult<Json<StaffAccount>> {
    let created = door
        .commands()
        .create_staff(&staff, &r.login_name, &r.name, r.password, false)
        .await?;
    Ok(Json(account_face(&created, None)))
}
