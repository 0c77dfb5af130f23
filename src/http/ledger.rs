//! The public ledger: the numbers, and behind each the list it counts.

use axum::Json;
use axum::extract::State;

use super::Door;
use super::asking::MaybeBehind;
use super::error::ApiResult;
use super::posts::Paging;
use super::sessions::{card, visible};
use super::url::{Path, Query};
use crate::domain::ids::{DepartmentId, SessionId};
use crate::domain::ledger;
use crate::domain::rejection::Rejection;
use crate::domain::words::{Bucket, PostState, SuggestionSource};
use crate::protocol::rest::{LedgerAnswer, LedgerItem, LedgerPage, Tally};
use crate::protocol::server::AnswerFace;
use crate::store::LedgerRow;

/// The numbers as the wire carries them.
pub(super) fn tally_face(t: &ledger::Tally) -> Tally {
    Tally {
        raised: t.raised(),
        answered_live: t.of(Bucket::AnsweredLive),
        answered_in_writing: t.of(Bucket::AnsweredInWriting),
        assigned: t.of(Bucket::Assigned),
        merged: t.of(Bucket::Merged),
        declined: t.of(Bucket::Declined),
        withdrawn: t.of(Bucket::Withdrawn),
        open: t.of(Bucket::Open),
    }
}

pub async fn tally(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Json<LedgerAnswer>> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    let tally = door.read().await?.conn().tally(&id).await?;
    Ok(Json(LedgerAnswer {
        session: card(&session, &tally),
        hall_slug: session.hall_slug.clone(),
        hall_name: session.hall_name.clone(),
        tally: tally_face(&tally),
        as_of_ms: door.now(),
    }))
}

pub async fn bucket(
    State(door): State<Door>,
    Path((id, word)): Path<(SessionId, String)>,
    MaybeBehind(staff): MaybeBehind,
    Query(paging): Query<Paging>,
) -> ApiResult<Json<LedgerPage>> {
    let session = visible(&door, &id, staff.as_ref()).await?;
    let bucket: Option<Bucket> = match word.as_str() {
        "raised" => None,
        word => Some(
            word.parse()
                .map_err(|_| Rejection::not_found("number in the ledger"))?,
        ),
    };
    let offset = paging.offset()?;
    let mut reader = door.read().await?;
    let page = reader.conn().bucket(&id, bucket, offset, paging.limit()).await?;
    let answers = reader.conn().answers(&id).await?;
    let numbers = page.numbers;
    let department = |id: &Option<DepartmentId>| {
        id.as_ref()
            .and_then(|id| session.department(id))
            .map(|d| d.name.clone())
            .unwrap_or_default()
    };
    let len = page.rows.len();
    let items = page
        .rows
        .into_iter()
        .map(|(bucket, row)| match row {
            LedgerRow::Question(q) => {
                let public = q.post.state == PostState::Published;
                let answers: Vec<AnswerFace> = answers
                    .iter()
                    .filter(|a| public && a.question_id == q.id)
                    .map(Into::into)
                    .collect();
                LedgerItem {
                    id: q.id.to_string(),
                    number: q.post.number,
                    source: SuggestionSource::Question,
                    bucket,
                    // What is not public now is not shown here either: only that it was raised, when, and why it is gone.
                    body: if public {
                        q.post.body.clone()
                    } else {
                        String::new()
                    },
                    topic: if public { q.topic.clone() } else { String::new() },
                    supports: if public { q.supports } else { 0 },
                    department_name: if public {
                        department(&q.department_id)
                    } else {
                        String::new()
                    },
                    at_ms: q.post.at,
                    remark: match q.post.state {
                        PostState::Published => q.disposition_reason.clone(),
                        PostState::Declined | PostState::Retracted => q.post.reason.clone(),
                        PostState::Held | PostState::Withdrawn => String::new(),
                    },
                    merged_into_number: q
                        .merged_into
                        .as_ref()
                        .filter(|_| public)
                        .and_then(|id| numbers.get(id).copied()),
                    answers,
                }
            }
            LedgerRow::Suggestion(s) => LedgerItem {
                id: s.id.to_string(),
                number: s.number,
                source: s.source,
                bucket,
                body: s.title.clone(),
                topic: s.category.clone(),
                supports: 0,
                department_name: department(&s.department_id),
                at_ms: s.at,
                remark: s.due_date.clone(),
                merged_into_number: None,
                answers: Vec::new(),
            },
        })
        .collect();
    Ok(Json(LedgerPage {
        items,
        next_cursor: Paging::next(offset, len, page.total),
        total: page.total,
    }))
}
