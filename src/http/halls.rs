//! Halls: the public page, and what administrators edit.

use axum::Json;
use axum::extract::State;

use super::Door;
use super::asking::{Behind, MaybeBehind};
use super::body::Body;
use super::error::ApiResult;
use super::sessions::card_of_row;
use super::staff::account_face;
use super::url::Path;
use super::word_lists::broken_face;
use crate::command::{HallInput, WhichList, WordsInput, WordsRead};
use crate::domain::hall::Hall;
use crate::domain::ids::HallId;
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::Rejection;
use crate::domain::screening_settings::WordKind;
use crate::domain::staff::{Grant, Staff};
use crate::domain::words::{Role, SessionState};
use crate::protocol::rest::{
    GrantRequest, HallCard, HallPage, HallRequest, RoleGrant, SessionCard, StaffAccount, WordsAnswer,
    WordsRequest,
};
use crate::store::Conn;

/// What an account may do in a hall, as the wire carries it.
pub(super) fn roles_face(staff: &Staff, hall: &HallId) -> Vec<RoleGrant> {
    let mut roles: Vec<RoleGrant> = staff
        .grants
        .iter()
        .filter(|g| g.hall_id == *hall)
        .map(|g| RoleGrant {
            role: g.role,
            department_id: g.department_id.clone(),
        })
        .collect();
    if staff.operator && !roles.iter().any(|r| r.role == Role::Administrator) {
        roles.push(RoleGrant {
            role: Role::Administrator,
            department_id: None,
        });
    }
    roles
}

/// Sessions of a hall for a list: on now, then coming, then past, newest first.
pub(super) async fn cards(conn: &mut Conn<'_>, hall: &HallId, drafts: bool) -> ApiResult<Vec<SessionCard>> {
    let tallies = conn.tallies(hall).await?;
    let mut cards: Vec<SessionCard> = conn
        .cards(hall)
        .await?
        .into_iter()
        .filter(|row| drafts || row.state.is_public())
        .map(|row| {
            let tally = tallies.get(&row.id).copied().unwrap_or_default();
            card_of_row(row, &tally)
        })
        .collect();
    cards.sort_by_key(|c| match c.state {
        SessionState::Live | SessionState::Paused => 0,
        SessionState::Scheduled => 1,
        SessionState::Draft => 2,
        SessionState::Ended | SessionState::Closed => 3,
    });
    Ok(cards)
}

pub(super) async fn hall_card(conn: &mut Conn<'_>, hall: &Hall) -> ApiResult<HallCard> {
    let next = cards(conn, &hall.id, false).await?.into_iter().find(|c| {
        matches!(
            c.state,
            SessionState::Live | SessionState::Paused | SessionState::Scheduled
        )
    });
    Ok(HallCard {
        id: hall.id.clone(),
        slug: hall.slug.clone(),
        name: hall.name.clone(),
        body_name: hall.body_name.clone(),
        color: hall.color.clone(),
        next,
    })
}

async fn hall_page(conn: &mut Conn<'_>, hall: &Hall, drafts: bool) -> ApiResult<Json<HallPage>> {
    let departments = conn.departments(&hall.id).await?;
    Ok(Json(HallPage {
        id: hall.id.clone(),
        slug: hall.slug.clone(),
        name: hall.name.clone(),
        body_name: hall.body_name.clone(),
        color: hall.color.clone(),
        intro: hall.intro.clone(),
        rules: hall.rules.clone(),
        contact: hall.contact.clone(),
        members: hall.members.clone(),
        departments: departments.iter().map(Into::into).collect(),
        policy: hall.policy.into(),
        sessions: cards(conn, &hall.id, drafts).await?,
    }))
}

fn input(r: HallRequest) -> HallInput {
    HallInput {
        slug: r.slug,
        name: r.name,
        body_name: r.body_name,
        color: r.color,
        intro: r.intro,
        rules: r.rules,
        contact: r.contact,
        policy: r.policy.into(),
        departments: r.departments.into_iter().map(|d| (d.id, d.name)).collect(),
        members: r.members,
    }
}

pub async fn list(State(door): State<Door>) -> ApiResult<Json<Vec<HallCard>>> {
    let mut reader = door.read().await?;
    let halls = reader.conn().halls().await?;
    let mut out = Vec::with_capacity(halls.len());
    for hall in &halls {
        out.push(hall_card(&mut reader.conn(), hall).await?);
    }
    Ok(Json(out))
}

/// By slug, or by id.
pub async fn page(
    State(door): State<Door>,
    Path(name): Path<String>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Json<HallPage>> {
    let mut reader = door.read().await?;
    let mut hall = reader.conn().hall_by_slug(&name).await?;
    if let (None, Ok(id)) = (&hall, name.parse::<HallId>()) {
        hall = reader.conn().hall(&id).await?;
    }
    let hall = hall.ok_or_else(|| Rejection::not_found("hall"))?;
    let drafts = staff.is_some_and(|s| !s.roles_in(&hall.id).is_empty());
    hall_page(&mut reader.conn(), &hall, drafts).await
}

pub async fn create(
    State(door): State<Door>,
    Behind(staff): Behind,
    Body(request): Body<HallRequest>,
) -> ApiResult<Json<HallPage>> {
    let hall = door.commands().create_hall(&staff, input(request)).await?;
    hall_page(&mut door.read().await?.conn(), &hall, true).await
}

pub async fn edit(
    State(door): State<Door>,
    Path(id): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<HallRequest>,
) -> ApiResult<Json<HallPage>> {
    let hall = door.commands().edit_hall(&staff, &id, input(request)).await?;
    hall_page(&mut door.read().await?.conn(), &hall, true).await
}

pub async fn grant(
    State(door): State<Door>,
    Path(id): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<GrantRequest>,
) -> ApiResult<Json<StaffAccount>> {
    let grants = request
        .roles
        .into_iter()
        .map(|r| Grant {
            hall_id: id.clone(),
            role: r.role,
            department_id: r.department_id,
        })
        .collect();
    let account = door
        .commands()
        .grant_roles(&staff, &id, &request.staff_id, grants)
        .await?;
    Ok(Json(account_face(&account, Some(&id))))
}

fn words_face(text: String, read: WordsRead) -> Json<WordsAnswer> {
    Json(WordsAnswer {
        text,
        words: read.words,
        broken: broken_face(read.broken),
    })
}

/// The hall's hold list, in the form of before there were several.
pub async fn words(
    State(door): State<Door>,
    Path(id): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Json<WordsAnswer>> {
    policy::check_hall(Verb::EditWords, &staff.roles_in(&id))?;
    let mut reader = door.read().await?;
    let (_, text) = reader.conn().list_text(Some(&id), WordKind::Hold, None).await?;
    let lists = reader.conn().lists_of(Some(&id)).await?;
    let words = lists
        .iter()
        .find(|l| l.kind == WordKind::Hold)
        .map_or(0, |l| l.words);
    Ok(Json(WordsAnswer {
        text,
        words,
        broken: Vec::new(),
    }))
}

pub async fn edit_words(
    State(door): State<Door>,
    Path(id): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<WordsRequest>,
) -> ApiResult<Json<WordsAnswer>> {
    let which = WhichList {
        hall: Some(id),
        kind: WordKind::Hold,
    };
    let input = WordsInput {
        text: request.text.clone(),
        base_version: None,
        note: String::new(),
    };
    let (read, _) = door.commands().edit_word_list(&staff, which, input).await?;
    Ok(words_face(request.text, read))
}
