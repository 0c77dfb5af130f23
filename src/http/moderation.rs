//! The moderation desk: the queue, decisions, people.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::Door;
use super::asking::{Behind, Netizen};
use super::body::Body;
use super::error::ApiResult;
use super::people::sanction_face;
use super::posts::{PAGE_LEN, PAGE_LEN_MAX};
use super::sessions::permitted;
use super::url::{Path, Query};
use crate::command::{ClaimInput, DecisionInput, SanctionInput, Seen};
use crate::domain::erasure::{Erasure, ErasureState};
use crate::domain::ids::{
    DecisionId, DepartmentId, ErasureId, HallId, NoteId, ParticipantId, SanctionId, SessionId,
};
use crate::domain::note::{DESK_VIEW_NAME_MAX, DESK_VIEWS_MAX, Note, NoteSubject};
use crate::domain::policy::{self, Verb};
use crate::domain::post::{AnyPost, Decision};
use crate::domain::rejection::Rejection;
use crate::domain::report::REPORT_REASONS;
use crate::domain::staff::Staff;
use crate::domain::text::graphemes;
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState, Tier};
use crate::protocol::face::queue_item;
use crate::protocol::rest::{
    AuthorCard, AuthorSession, ClaimAnswer, ClaimRequest, DecisionAnswer, DecisionItem, DecisionRequest,
    DeskView, DeskViewsRequest, ErasureFace, ErasureRequest, KeepRequest, LeasesRequest, NoteFace,
    NoteRequest, PreviewAnswer, QueuePage, ReasonFace, RenewAnswer, ReopenRequest, ReportRequest,
    SanctionFace, SanctionRequest,
};
use crate::protocol::server::ParticipantFace;
use crate::store::{Conn, QueueFilter};

/// Posts of a person shown to a moderator.
const CARD_POSTS: u32 = 20;

#[derive(Debug, Deserialize)]
pub struct QueueQuery {
    state: Option<PostState>,
    /// All states instead of `state`.
    #[serde(default)]
    anywhere: bool,
    kind: Option<PostKind>,
    #[serde(default)]
    reported: bool,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    topic: String,
    department_id: Option<DepartmentId>,
    tier: Option<Tier>,
    author_id: Option<ParticipantId>,
    /// Waiting at least so many minutes.
    #[serde(default)]
    older_min: u32,
    #[serde(default)]
    q: String,
    #[serde(default)]
    cursor: String,
    limit: Option<u32>,
}

impl QueueQuery {
    fn filter(&self, now: Timestamp) -> QueueFilter {
        let state = match (self.anywhere, self.reported) {
            (true, _) => None,
            // Only what is public can be reported.
            (false, true) => Some(PostState::Published),
            (false, false) => Some(self.state.unwrap_or(PostState::Held)),
        };
        QueueFilter {
            state,
            kind: self.kind,
            reported: self.reported,
            reason: self.reason.clone(),
            topic: self.topic.clone(),
            department_id: self.department_id.clone(),
            tier: self.tier,
            author: self.author_id.clone(),
            before: (self.older_min > 0).then(|| now.plus_ms(-i64::from(self.older_min) * 60_000)),
            ..QueueFilter::default()
        }
        .looking_for(&self.q)
    }
}

pub async fn queue(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<QueueQuery>,
) -> ApiResult<Json<QueuePage>> {
    permitted(&door, &id, &staff, Verb::ReadQueue).await?;
    let limit = query.limit.unwrap_or(PAGE_LEN).clamp(1, PAGE_LEN_MAX);
    let filter = query.filter(door.now());
    // One instant for the list and its counts: they must agree.
    let mut snapshot = door.inner.db.snapshot().await?;
    let page = snapshot.conn().queue(&id, &filter, &query.cursor, limit).await?;
    let counts = snapshot.conn().counts_by_state(&id).await?;
    let reported = snapshot.conn().reported_total(&id).await?;
    let next_cursor = if page.posts.len() == limit as usize {
        page.posts.last().map(|p| p.id().to_owned())
    } else {
        None
    };
    let items = snapshot.conn().with_reports(page.posts).await?;
    Ok(Json(QueuePage {
        items: items.iter().map(|(p, r)| queue_item(p, r.as_ref())).collect(),
        next_cursor,
        total: page.total,
        counts,
        reported,
    }))
}

pub async fn report_reasons() -> Json<Vec<ReasonFace>> {
    Json(
        REPORT_REASONS
            .iter()
            .map(|(code, zh, en)| ReasonFace {
                code: (*code).to_owned(),
                zh: (*zh).to_owned(),
                en: (*en).to_owned(),
                by_hand: true,
            })
            .collect(),
    )
}

pub async fn report(
    State(door): State<Door>,
    Path((id, kind, post)): Path<(SessionId, PostKind, String)>,
    Netizen(who): Netizen,
    Body(r): Body<ReportRequest>,
) -> ApiResult<StatusCode> {
    door.commands()
        .report_post(&who, &id, kind, &post, &r.reason)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn keep(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<KeepRequest>,
) -> ApiResult<StatusCode> {
    door.commands().keep_reported(&staff, &id, seen(r.items)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn reopen(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<ReopenRequest>,
) -> ApiResult<StatusCode> {
    let posts = r.items.into_iter().map(|i| (i.kind, i.id)).collect();
    door.commands().reopen_kept(&staff, &id, posts).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn note_face(note: &Note, reader: &Staff) -> NoteFace {
    NoteFace {
        id: note.id.clone(),
        subject: note.subject,
        by_name: note.by_name.clone(),
        own: note.staff_id == reader.id,
        body: note.body.clone(),
        at_ms: note.at,
    }
}

pub async fn write_note(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(r): Body<NoteRequest>,
) -> ApiResult<Json<NoteFace>> {
    let note = door
        .commands()
        .write_note(&staff, &hall, r.subject, r.subject_id, &r.body)
        .await?;
    Ok(Json(note_face(&note, &staff)))
}

pub async fn delete_note(
    State(door): State<Door>,
    Path((hall, id)): Path<(HallId, NoteId)>,
    Behind(staff): Behind,
) -> ApiResult<StatusCode> {
    door.commands().delete_note(&staff, &hall, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn desk_views(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
) -> ApiResult<Json<Vec<DeskView>>> {
    policy::check_hall(Verb::ReadQueue, &staff.roles_in(&hall))?;
    let kept = door.read().await?.conn().desk_views(&hall, &staff.id).await?;
    // What an older version kept and this one does not understand is no reason to refuse the desk.
    Ok(Json(
        kept.and_then(|views| serde_json::from_str(&views).ok())
            .unwrap_or_default(),
    ))
}

pub async fn keep_desk_views(
    State(door): State<Door>,
    Path(hall): Path<HallId>,
    Behind(staff): Behind,
    Body(r): Body<DeskViewsRequest>,
) -> ApiResult<Json<Vec<DeskView>>> {
    if r.views.len() > DESK_VIEWS_MAX {
        return Err(Rejection::out_of_range(
            "views",
            format!("{} saved filters; the limit is {DESK_VIEWS_MAX}", r.views.len()),
        )
        .into());
    }
    for view in &r.views {
        let len = graphemes(view.name.trim());
        if len == 0 || len > DESK_VIEW_NAME_MAX || view.q.len() + view.topic.len() + view.reason.len() > 1_000
        {
            return Err(Rejection::out_of_range(
                "name",
                format!("a saved filter has a name of 1 to {DESK_VIEW_NAME_MAX} characters"),
            )
            .into());
        }
    }
    let kept = serde_json::to_string(&r.views).map_err(|_| Rejection::unavailable())?;
    door.commands().keep_desk_views(&staff, &hall, kept).await?;
    Ok(Json(r.views))
}

pub async fn claim(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<ClaimRequest>,
) -> ApiResult<Json<ClaimAnswer>> {
    let input = ClaimInput {
        item: r.item.map(|i| (i.kind, i.id)),
        take_over: r.take_over,
        or_next: r.or_next,
        kind: r.kind,
        skip: r.skip,
        release: r.release,
    };
    let claimed = door.commands().claim_post(&staff, &id, input).await?;
    Ok(Json(match claimed {
        Some(c) => ClaimAnswer {
            claim: Some((&c.claim).into()),
            item: Some(queue_item(&c.post, c.reports.as_ref())),
        },
        None => ClaimAnswer {
            claim: None,
            item: None,
        },
    }))
}

pub async fn renew_claims(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<LeasesRequest>,
) -> ApiResult<Json<RenewAnswer>> {
    let (kept, lost) = door.commands().renew_claims(&staff, &id, r.leases).await?;
    Ok(Json(RenewAnswer {
        claims: kept.iter().map(Into::into).collect(),
        lost,
    }))
}

pub async fn release_claims(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<LeasesRequest>,
) -> ApiResult<StatusCode> {
    door.commands().release_claims(&staff, &id, r.leases).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn decided(decision: &Decision) -> Json<DecisionAnswer> {
    Json(DecisionAnswer {
        id: decision.id.clone(),
        decision: decision.into(),
    })
}

fn seen(items: Vec<DecisionItem>) -> Vec<Seen> {
    items
        .into_iter()
        .map(|i| Seen {
            kind: i.kind,
            id: i.id,
            revision: i.revision,
            lease: i.lease,
        })
        .collect()
}

fn decision_input(r: DecisionRequest) -> DecisionInput {
    DecisionInput {
        verdict: r.verdict,
        items: seen(r.items),
        reason: r.reason,
        note: r.note,
    }
}

pub async fn decide(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<DecisionRequest>,
) -> ApiResult<Json<DecisionAnswer>> {
    Ok(decided(
        &door
            .commands()
            .decide_posts(&staff, &id, decision_input(r))
            .await?,
    ))
}

pub async fn preview(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<DecisionRequest>,
) -> ApiResult<Json<PreviewAnswer>> {
    let preview = door
        .commands()
        .preview_decision(&staff, &id, decision_input(r))
        .await?;
    Ok(Json(PreviewAnswer {
        fits: preview.fits as u64,
        people: preview.people as u64,
        found: preview.found as u64,
        conflicts: preview.conflicts,
    }))
}

/// With the post itself: nobody should confirm what they have not read.
async fn erasure_face(
    conn: &mut Conn<'_>,
    session: &SessionId,
    e: &Erasure,
    reader: &Staff,
) -> ApiResult<ErasureFace> {
    let post = conn.post(session, e.kind, &e.post_id).await?;
    let post = post.as_ref().map(AnyPost::post);
    Ok(ErasureFace {
        number: post.map_or(0, |p| p.number),
        body: post.map(|p| p.body.clone()).unwrap_or_default(),
        id: e.id.clone(),
        kind: e.kind,
        post_id: e.post_id.clone(),
        reason: e.reason.clone(),
        asked_name: e.asked_name.clone(),
        own: e.asked_by == reader.id,
        asked_ms: e.asked_at,
        settled_name: e.settled_name.clone(),
        settled_ms: e.settled_at,
        state: e.state,
    })
}

pub async fn erasures(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
) -> ApiResult<Json<Vec<ErasureFace>>> {
    permitted(&door, &id, &staff, Verb::AskErasure).await?;
    let mut lent = door.read().await?;
    let erasures = lent.conn().erasures(&id).await?;
    let mut faces = Vec::with_capacity(erasures.len());
    for erasure in &erasures {
        faces.push(erasure_face(&mut lent.conn(), &id, erasure, &staff).await?);
    }
    Ok(Json(faces))
}

pub async fn ask_erasure(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Body(r): Body<ErasureRequest>,
) -> ApiResult<Json<ErasureFace>> {
    let erasure = door
        .commands()
        .ask_erasure(&staff, &id, r.kind, r.post_id, &r.reason)
        .await?;
    let mut lent = door.read().await?;
    Ok(Json(erasure_face(&mut lent.conn(), &id, &erasure, &staff).await?))
}

async fn settle_erasure(
    door: &Door,
    (id, erasure): (SessionId, ErasureId),
    staff: &Staff,
    to: ErasureState,
) -> ApiResult<Json<ErasureFace>> {
    let erasure = door.commands().settle_erasure(staff, &id, erasure, to).await?;
    let mut lent = door.read().await?;
    Ok(Json(erasure_face(&mut lent.conn(), &id, &erasure, staff).await?))
}

pub async fn confirm_erasure(
    State(door): State<Door>,
    Path(which): Path<(SessionId, ErasureId)>,
    Behind(staff): Behind,
) -> ApiResult<Json<ErasureFace>> {
    settle_erasure(&door, which, &staff, ErasureState::Done).await
}

pub async fn cancel_erasure(
    State(door): State<Door>,
    Path(which): Path<(SessionId, ErasureId)>,
    Behind(staff): Behind,
) -> ApiResult<Json<ErasureFace>> {
    settle_erasure(&door, which, &staff, ErasureState::Cancelled).await
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
    /// With the notes of a post.
    kind: Option<PostKind>,
    post_id: Option<String>,
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
    let sessions = reader.conn().sessions_of_author(&hall, &id).await?;
    let mut notes = reader
        .conn()
        .notes(&hall, NoteSubject::Participant, id.as_str())
        .await?;
    if let (Some(kind), Some(post)) = (query.kind, &query.post_id) {
        notes.extend(reader.conn().notes(&hall, NoteSubject::of(kind), post).await?);
    }
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
        sessions: sessions
            .into_iter()
            .map(|(id, title, posts, refused, last)| AuthorSession {
                id,
                title,
                posts,
                refused,
                last_ms: last,
            })
            .collect(),
        notes: notes.iter().map(|n| note_face(n, &staff)).collect(),
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
        session_id: r.session_id,
        reach: r.reach,
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
