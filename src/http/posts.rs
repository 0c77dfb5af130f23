//! What netizens write and read: comments, questions, supports.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::{MaybeBehind, Netizen};
use super::body::Body;
use super::error::ApiResult;
use super::sessions::visible;
use super::url::{Path, Query};
use crate::command::{Identity, NewQuestion, SupportWish};
use crate::domain::fair::Narrow;
use crate::domain::ids::{CommentId, DepartmentId, QuestionId, SessionId};
use crate::domain::rejection::Rejection;
use crate::domain::words::{PostKind, QuestionSort};
use crate::protocol::client::Ref;
use crate::protocol::face;
use crate::protocol::rest::{CommentPage, CommentRequest, MineAnswer, QuestionPage, QuestionRequest};
use crate::protocol::server::Ack;
use crate::store::{QuestionFilter, Stored};

/// Items of a page unless asked for fewer or more.
pub(super) const PAGE_LEN: u32 = 50;
/// Items of a page, at most.
pub(super) const PAGE_LEN_MAX: u32 = 200;
/// Own posts given back at once; nobody writes more in one session by hand.
pub(super) const MINE_MAX: u32 = 500;

/// Which page of a list.
#[derive(Debug, Deserialize)]
pub struct Paging {
    #[serde(default)]
    pub cursor: String,
    pub limit: Option<u32>,
}

impl Paging {
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(PAGE_LEN).clamp(1, PAGE_LEN_MAX)
    }
    /// The cursor of lists whose order may change while one reads: how many were read.
    pub fn offset(&self) -> Result<u64, Rejection> {
        if self.cursor.is_empty() {
            Ok(0)
        } else {
            self.cursor
                .parse()
                .map_err(|_| Rejection::out_of_range("cursor", "the cursor is not one of this list"))
        }
    }
    /// The cursor after a page that began at `offset`.
    pub fn next(offset: u64, len: usize, total: u64) -> Option<String> {
        let read = offset + len as u64;
        (len > 0 && read < total).then(|| read.to_string())
    }
}

#[derive(Debug, Deserialize)]
pub struct QuestionQuery {
    #[serde(default)]
    sort: Option<QuestionSort>,
    department_id: Option<DepartmentId>,
    #[serde(default)]
    cursor: String,
    limit: Option<u32>,
}

pub async fn questions(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
    Query(query): Query<QuestionQuery>,
) -> ApiResult<Json<QuestionPage>> {
    visible(&door, &session, staff.as_ref()).await?;
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let (offset, limit) = (paging.offset()?, paging.limit());
    if query.sort == Some(QuestionSort::NotYetHeard) {
        let session = door.commands().session(&session).await?;
        let (ranking, _) = door.commands().ranking(&session).await?;
        let narrow = Narrow {
            department_id: query.department_id,
            ..Narrow::default()
        };
        let rows: Vec<_> = ranking
            .rows
            .iter()
            .filter(|r| narrow.holds(&r.question))
            .collect();
        let page = rows.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX));
        let questions: Vec<_> = page.take(limit as usize).map(|r| (&r.question).into()).collect();
        return Ok(Json(QuestionPage {
            next_cursor: Paging::next(offset, questions.len(), rows.len() as u64),
            total: rows.len() as u64,
            questions,
        }));
    }
    let filter = QuestionFilter {
        department_id: query.department_id,
    };
    let mut reader = door.read().await?;
    let found = reader
        .conn()
        .published_questions(
            &session,
            query.sort.unwrap_or(QuestionSort::Support),
            &filter,
            offset,
            limit,
        )
        .await?;
    let total = reader.conn().published_questions_total(&session, &filter).await?;
    // The answered ones are fewer than all: their list ends when a page is not full.
    let next_cursor = if query.sort == Some(QuestionSort::Answered) && found.len() < limit as usize {
        None
    } else {
        Paging::next(offset, found.len(), total)
    };
    Ok(Json(QuestionPage {
        questions: found.iter().map(Into::into).collect(),
        next_cursor,
        total,
    }))
}

pub async fn comments(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
    Query(paging): Query<Paging>,
) -> ApiResult<Json<CommentPage>> {
    visible(&door, &session, staff.as_ref()).await?;
    let before: Option<CommentId> = if paging.cursor.is_empty() {
        None
    } else {
        Some(
            paging
                .cursor
                .parse()
                .map_err(|_| Rejection::out_of_range("cursor", "the cursor is not one of this list"))?,
        )
    };
    let found = door
        .read()
        .await?
        .conn()
        .published_comments(&session, before.as_ref(), paging.limit())
        .await?;
    let next_cursor = if found.len() == paging.limit() as usize {
        found.last().map(|c| c.id.to_string())
    } else {
        None
    };
    Ok(Json(CommentPage {
        comments: found.iter().map(Into::into).collect(),
        next_cursor,
    }))
}

/// The answer to something stored.
pub async fn ack(door: &Door, session: &SessionId, r#ref: Ref, stored: Stored) -> Ack {
    let wait_s = door.commands().wait_of(session, &stored).await;
    Ack {
        r#ref,
        id: stored.id,
        number: Some(stored.number),
        state: Some(stored.state),
        reason: stored.reason,
        wait_s,
    }
}

pub async fn comment(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    Netizen(who): Netizen,
    Body(request): Body<CommentRequest>,
) -> ApiResult<Json<Ack>> {
    let stored = door
        .commands()
        .post_comment(&who, &session, request.r#ref.as_str(), &request.body)
        .await?;
    Ok(Json(ack(&door, &session, request.r#ref, stored).await))
}

pub async fn ask(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    Netizen(who): Netizen,
    Body(request): Body<QuestionRequest>,
) -> ApiResult<Json<Ack>> {
    let new = NewQuestion {
        client_ref: request.r#ref.as_str().to_owned(),
        body: request.body,
        topic: request.topic.unwrap_or_default(),
        place: request.place.unwrap_or_default(),
        department_id: request.department_id,
    };
    let stored = door.commands().ask_question(&who, &session, new).await?;
    Ok(Json(ack(&door, &session, request.r#ref, stored).await))
}

#[derive(Debug, Deserialize)]
pub struct RefQuery {
    r#ref: Ref,
}

async fn set_support(
    door: &Door,
    who: Identity,
    session_id: SessionId,
    question: &QuestionId,
    on: bool,
) -> ApiResult<()> {
    let wish = SupportWish {
        who: Arc::new(who),
        session_id,
        question_id: question.clone(),
        on,
    };
    Ok(door.commands().set_support(wish).await?)
}

pub async fn support(
    State(door): State<Door>,
    Path((session, question)): Path<(SessionId, QuestionId)>,
    Netizen(who): Netizen,
    Query(q): Query<RefQuery>,
) -> ApiResult<Json<Ack>> {
    set_support(&door, who, session, &question, true).await?;
    Ok(Json(Ack::support(q.r#ref, &question)))
}

pub async fn unsupport(
    State(door): State<Door>,
    Path((session, question)): Path<(SessionId, QuestionId)>,
    Netizen(who): Netizen,
    Query(q): Query<RefQuery>,
) -> ApiResult<Json<Ack>> {
    set_support(&door, who, session, &question, false).await?;
    Ok(Json(Ack::support(q.r#ref, &question)))
}

pub async fn withdraw(
    State(door): State<Door>,
    Path((session, kind, post)): Path<(SessionId, PostKind, String)>,
    Netizen(who): Netizen,
    Query(q): Query<RefQuery>,
) -> ApiResult<Json<Ack>> {
    let stored = door.commands().withdraw_post(&who, &session, kind, &post).await?;
    Ok(Json(ack(&door, &session, q.r#ref, stored).await))
}

pub async fn mine(
    State(door): State<Door>,
    Path(session): Path<SessionId>,
    Netizen(who): Netizen,
) -> ApiResult<Json<MineAnswer>> {
    visible(&door, &session, None).await?;
    let mut reader = door.read().await?;
    let posts = reader.conn().posts_of_author(&session, &who.id, MINE_MAX).await?;
    let supported = reader.conn().supported_by(&session, &who.id).await?;
    Ok(Json(MineAnswer {
        posts: posts.iter().filter_map(face::own_post).collect(),
        supported,
    }))
}
