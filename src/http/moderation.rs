//! The moderation desk: the queue, decisions, people.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Door;
use super::asking::Behind;
use super::body::Body;
use super::error::ApiResult;
use super::people::sanction_face;
use super::posts::{PAGE_LEN, PAGE_LEN_MAX};
use super::sessions::permitted;
use super::url::{Path, Query};
use crate::command::{Commands, DecisionInput, SanctionInput, Seen};
use crate::domain::ids::{DecisionId, HallId, ParticipantId, SanctionId, SessionId};
use crate::domain::policy::{self, Verb};
use crate::domain::post::Decision;
use crate::domain::rejection::Rejection;
use crate::domain::words::{PostKind, PostState};
use crate::protocol::rest::{
    AuthorCard, DecisionAnswer, DecisionRequest, QueuePage, ReasonFace, SanctionFace, SanctionRequest,
};
use crate::protocol::server::ParticipantFace;

/// Posts of a person shown to a moderator.
const CARD_POSTS: u32 = 20;

pub async fn reasons() -> Json<Vec<ReasonFace>> {
    Json(
        Commands::reasons()
            .into_iter()
            .map(|(code, zh, en, by_hand)| ReasonFace {
                code,
                zh,
                en,
                by_hand,
            })
            .collect(),
    )
}

#[derive(Debug, Deserialize)]
pub struct QueueQuery {
    state: Option<PostState>,
    kind: Option<PostKind>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: String,
    limit: Option<u32>,
}

pub async fn queue(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<QueueQuery>,
) -> ApiResult<Json<QueuePage>> {
    permitted(&door, &id, &staff, Verb::ReadQueue).await?;
    let limit = query.limit.unwrap_or(PAGE_LEN).clamp(1, PAGE_LEN_MAX);
    // One instant for the list and its counts: they must agree.
    let mut snapshot = door.inner.db.snapshot().await?;
    let page = snapshot
        .conn()
        .queue(
            &id,
            query.state.unwrap_or(PostState::Held),
            query.kind,
            query.q.trim(),
            &query.cursor,
            limit,
        )
        .await?;
    let counts = snapshot.conn().counts_by_state(&id).await?;
    let next_cursor = if page.posts.len() == limit as usize {
        page.posts.last().map(|p| p.id().to_owned())
    } else {
        None
    };
    Ok(Json(QueuePage {
        items: page.posts.iter().map(Into::into).collect(),
        next_cursor,
        total: page.total,
        counts,
    }))
}

fn decided(decision: &Decision) -> Json<DecisionAnswer> {
    Json(DecisionAnswer {
        id: decision.id.clone(),
        decision: decision.into(),
    })
}

pub async fn decide(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<DecisionRequest>,
) -> ApiResult<Json<DecisionAnswer>> {
    let input = DecisionInput {
        verdict: r.verdict,
        items: r
            .items
            .into_iter()
            .map(|i| Seen {
                kind: i.kind,
                id: i.id,
                revision: i.revision,
            })
            .collect(),
        reason: r.reason,
        note: r.note,
    };
    Ok(decided(&door.commands().decide_posts(&staff, &id, input).await?))
}

pub async fn undo(
    State(door): State<Door>,
    Path((id, decision)): Path<(SessionId, DecisionId)>,
    Behind(staff): Behind,
) -> ApiResult<Json<DecisionAnswer>> {
    Ok(decided(
        &door.commands().undo_decision(&staff, &id, decision).await?,
    ))
}

#[derive(Debug, Deserialize)]
pub struct CardQuery {
    hall_id: HallId,
}

pub async fn card(
    State(door): State<Door>,
    Path(id): Path<ParticipantId>,
    Behind(staff): Behind,
    Query(query): Query<CardQuery>,
) -> ApiResult<Json<AuthorCard>> {
    let hall = query.hall_id;
    policy::check_hall(Verb::ReadAuthor, &staff.roles_in(&hall))?;
    let mut reader = door.read().await?;
    let posts = reader
        .conn()
        .posts_of_author_in_hall(hall.as_str(), &id, CARD_POSTS)
        .await?;
    // A person who never wrote here is none of this hall's business.
    let person = reader
        .conn()
        .participant(&id)
        .await?
        .filter(|_| !posts.is_empty())
        .ok_or_else(|| Rejection::not_found("person in this hall"))?;
    let counts = reader.conn().counts_of_author(hall.as_str(), &id).await?;
    let sanctions = reader.conn().sanctions(&id, Some(&hall), door.now()).await?;
    Ok(Json(AuthorCard {
        participant: ParticipantFace {
            id: person.id,
            name: person.name,
            tier: person.tier,
        },
        joined_ms: person.created_at,
        counts,
        posts: posts.iter().map(Into::into).collect(),
        sanctions: sanctions.iter().map(sanction_face).collect(),
    }))
}

pub async fn sanction(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(r): Body<SanctionRequest>,
) -> ApiResult<Json<SanctionFace>> {
    let input = SanctionInput {
        participant_id: r.participant_id,
        kind: r.kind,
        minutes: r.minutes,
        reason: r.reason,
    };
    Ok(Json(sanction_face(
        &door.commands().sanction(&staff, &hall, input).await?,
    )))
}

pub async fn lift(
    State(door): State<Door>,
    Path((hall, id)): Path<(HallId, SanctionId)>,
    Behind(staff): Behind,
) -> ApiResult<StatusCode> {
    door.commands().lift_sanction(&staff, &hall, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
