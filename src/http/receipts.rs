//! What authors and everybody can know of posts that are not public: receipts, appeals, numbers per reason, and the reasons.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::{Behind, MaybeBehind, Netizen};
use super::body::Body;
use super::error::ApiResult;
use super::posts::{MINE_MAX, Paging};
use super::sessions::{permitted, visible};
use super::url::{Path, Query};
use crate::command::{ReasonInput, ReasonText, reason_table, reason_text_of};
use crate::domain::appeal::{Appeal, AppealState, may_be_appealed};
use crate::domain::erasure::ErasureState;
use crate::domain::ids::{AppealId, HallId, SessionId};
use crate::domain::policy::{self, Verb};
use crate::domain::post::AnyPost;
use crate::domain::rejection::Rejection;
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState};
use crate::protocol::record::{
    AppealDecisionAnswer, AppealDecisionRequest, AppealFace, AppealItem, AppealPage, AppealRequest,
    HallReasonFace, HallReasons, ReasonWords, ReasonsRequest, ReceiptFace, ReceiptsAnswer, WithheldAnswer,
    WithheldLine,
};
use crate::protocol::rest::{DecisionAnswer, ReasonFace};
use crate::store::HallReason;

fn words(code: &str, table: &[ReasonText]) -> ReasonWords {
    let text = reason_text_of(code, table);
    ReasonWords {
        code: text.code,
        zh: text.zh,
        en: text.en,
    }
}

fn appeal_face(a: &Appeal) -> AppealFace {
    AppealFace {
        id: a.id.clone(),
        reason: a.reason.clone(),
        at_ms: a.at,
        state: a.state,
        note: a.note.clone(),
        decided_ms: a.decided_at,
        restored: a.restored,
    }
}

fn receipt(
    any: &AnyPost,
    decided_at: Option<Timestamp>,
    appeal: Option<&Appeal>,
    erased: bool,
    table: &[ReasonText],
) -> ReceiptFace {
    let post = any.post();
    let mut also: Vec<&str> = Vec::new();
    for finding in &post.findings {
        if finding.reason != post.reason && !also.contains(&finding.reason.as_str()) {
            also.push(&finding.reason);
        }
    }
    ReceiptFace {
        kind: any.kind(),
        id: any.id().to_owned(),
        number: post.number,
        body: post.body.clone(),
        state: post.state,
        at_ms: post.at,
        since_ms: decided_at.unwrap_or(post.at),
        by_person: decided_at.is_some(),
        reason: words(&post.reason, table),
        also: also.into_iter().map(|code| words(code, table)).collect(),
        note: post.note.clone(),
        may_appeal: may_be_appealed(post.state) && appeal.is_none() && !erased,
        appeal: appeal.map(appeal_face),
    }
}

pub async fn receipts(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Netizen(who): Netizen,
) -> ApiResult<Json<ReceiptsAnswer>> {
    let session = visible(&door, &id, None).await?;
    let mut reader = door.read().await?;
    let mut conn = reader.conn();
    let posts = conn.posts_of_author(&id, &who.id, MINE_MAX).await?;
    let decided = conn.decided_at(&id, &who.id).await?;
    let appeals: BTreeMap<String, Appeal> = conn
        .appeals_of_author(&id, &who.id)
        .await?
        .into_iter()
        .map(|a| (a.post_id.clone(), a))
        .collect();
    let erased: BTreeSet<(PostKind, String)> = conn
        .erasures(&id)
        .await?
        .into_iter()
        .filter(|e| e.state == ErasureState::Done)
        .map(|e| (e.kind, e.post_id))
        .collect();
    let table = reason_table(&conn.hall_reasons(&session.hall_id).await?);
    let receipts = posts
        .iter()
        .filter(|p| {
            let withheld = matches!(
                p.post().state,
                PostState::Held | PostState::Declined | PostState::Retracted
            );
            withheld || appeals.contains_key(p.id())
        })
        .map(|p| {
            let erased = erased.contains(&(p.kind(), p.id().to_owned()));
            let decided_at = decided.get(p.id()).copied();
            receipt(p, decided_at, appeals.get(p.id()), erased, &table)
        })
        .collect();
    Ok(Json(ReceiptsAnswer { receipts }))
}

pub async fn appeal(
    State(door): State<Door>,
    Path((id, kind, post)): Path<(SessionId, PostKind, String)>,
    Netizen(who): Netizen,
    Body(request): Body<AppealRequest>,
) -> ApiResult<Json<AppealFace>> {
    visible(&door, &id, None).await?;
    let appeal = door
        .commands()
        .appeal_post(&who, &id, kind, &post, &request.reason)
        .await?;
    Ok(Json(appeal_face(&appeal)))
}

#[derive(Debug, Deserialize)]
pub struct AppealQuery {
    state: Option<AppealState>,
    #[serde(default)]
    cursor: String,
    limit: Option<u32>,
}

pub async fn appeals(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<AppealQuery>,
) -> ApiResult<Json<AppealPage>> {
    let session = permitted(&door, &id, &staff, Verb::ReadQueue).await?;
    let may = Verb::DecideAppeal.allowed(&staff.roles_in(&session.hall_id), session.state);
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    let found = conn
        .appeals(&id, query.state, &paging.cursor, paging.limit())
        .await?;
    let open = conn
        .appeals_by_state(&id)
        .await?
        .remove(&AppealState::Open)
        .unwrap_or(0);
    let next_cursor = (found.len() == paging.limit() as usize)
        .then(|| found.last().map(|a| a.id.to_string()))
        .flatten();
    let mut appeals = Vec::with_capacity(found.len());
    for appeal in found {
        let Some(post) = conn.post(&id, appeal.kind, &appeal.post_id).await? else {
            continue;
        };
        let deciders = conn.deciders(appeal.kind, &appeal.post_id).await?;
        appeals.push(AppealItem {
            item: (&post).into(),
            mine_to_decide: may
                && appeal.state == AppealState::Open
                && deciders.iter().all(|d| d.staff_id != staff.id),
            deciders: deciders.into_iter().map(|d| d.name).collect(),
            decided_by_name: appeal.decided_by_name.clone(),
            appeal: appeal_face(&appeal),
        });
    }
    Ok(Json(AppealPage {
        appeals,
        next_cursor,
        open,
    }))
}

pub async fn decide_appeal(
    State(door): State<Door>,
    Path((id, appeal)): Path<(SessionId, AppealId)>,
    Behind(staff): Behind,
    Body(request): Body<AppealDecisionRequest>,
) -> ApiResult<Json<AppealDecisionAnswer>> {
    let (appeal, outcome) = door
        .commands()
        .decide_appeal(&staff, &id, appeal, request.verdict, &request.note)
        .await?;
    Ok(Json(AppealDecisionAnswer {
        appeal: appeal_face(&appeal),
        decision: DecisionAnswer {
            id: outcome.id.clone(),
            decision: (&outcome).into(),
        },
    }))
}

pub async fn withheld(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Json<WithheldAnswer>> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    // One instant: the numbers must add up.
    let mut snapshot = door.inner.db.snapshot().await?;
    let mut conn = snapshot.conn();
    let states: BTreeMap<PostState, u64> = conn.counts_by_state(&id).await?.into_iter().collect();
    let table = reason_table(&conn.hall_reasons(&session.hall_id).await?);
    let mut lines: BTreeMap<String, WithheldLine> = BTreeMap::new();
    for row in conn.withheld(&id).await? {
        let line = lines.entry(row.reason.clone()).or_insert_with(|| WithheldLine {
            reason: words(&row.reason, &table),
            held: 0,
            declined: 0,
            retracted: 0,
        });
        match row.state {
            PostState::Held => line.held += row.posts,
            PostState::Declined => line.declined += row.posts,
            _ => line.retracted += row.posts,
        }
    }
    let mut reasons: Vec<WithheldLine> = lines.into_values().collect();
    reasons.sort_by_key(|l| std::cmp::Reverse(l.held + l.declined + l.retracted));
    let appeals = conn.appeals_by_state(&id).await?;
    let of = |state| appeals.get(&state).copied().unwrap_or(0);
    Ok(Json(WithheldAnswer {
        as_of_ms: door.now(),
        received: states.values().sum(),
        published: states.get(&PostState::Published).copied().unwrap_or(0),
        withdrawn: states.get(&PostState::Withdrawn).copied().unwrap_or(0),
        reasons,
        appeals: appeals.values().sum(),
        upheld: of(AppealState::Upheld),
        dismissed: of(AppealState::Dismissed),
    }))
}

#[derive(Debug, Deserialize)]
pub struct ReasonsQuery {
    hall_id: Option<HallId>,
}

/// The shipped table; with `hall_id` the hall's own reasons too.
pub async fn reasons(
    State(door): State<Door>,
    Query(query): Query<ReasonsQuery>,
) -> ApiResult<Json<Vec<ReasonFace>>> {
    let own = match &query.hall_id {
        Some(hall) => door.read().await?.conn().hall_reasons(hall).await?,
        None => Vec::new(),
    };
    Ok(Json(
        reason_table(&own)
            .into_iter()
            .map(|r| ReasonFace {
                code: r.code,
                zh: r.zh,
                en: r.en,
                by_hand: r.by_hand,
            })
            .collect(),
    ))
}

fn hall_reasons_face(reasons: Vec<HallReason>) -> Json<HallReasons> {
    Json(HallReasons {
        reasons: reasons
            .into_iter()
            .map(|r| HallReasonFace {
                code: r.code,
                version: r.version,
                zh: r.zh,
                en: r.en,
                retired: r.retired,
            })
            .collect(),
    })
}

pub async fn hall_reasons(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Json<HallReasons>> {
    policy::check_hall(Verb::EditReasons, &staff.roles_in(&hall))?;
    let mut reader = door.read().await?;
    reader
        .conn()
        .hall(&hall)
        .await?
        .ok_or_else(|| Rejection::not_found("hall"))?;
    Ok(hall_reasons_face(reader.conn().hall_reasons(&hall).await?))
}

pub async fn edit_reasons(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(request): Body<ReasonsRequest>,
) -> ApiResult<Json<HallReasons>> {
    let reasons = request
        .reasons
        .into_iter()
        .map(|r| ReasonInput {
            code: r.code,
            zh: r.zh,
            en: r.en,
            retired: r.retired,
        })
        .collect();
    Ok(hall_reasons_face(
        door.commands().edit_reasons(&staff, &hall, reasons).await?,
    ))
}
