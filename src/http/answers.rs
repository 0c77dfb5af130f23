//! Departments: the desk, answers in writing, what becomes of a question.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use super::Door;
use super::asking::Behind;
use super::body::Body;
use super::error::ApiResult;
use super::sessions::permitted;
use super::url::{Path, Query};
use crate::command::{DispositionInput, WrittenAnswer};
use crate::domain::ids::{DepartmentId, QuestionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Session;
use crate::domain::words::{QuestionSort, Role};
use crate::protocol::rest::{AnswerRequest, DepartmentDesk, DeskQuestion, DispositionRequest};
use crate::protocol::server::{AnswerFace, QuestionFace};
use crate::store::QuestionFilter;

/// Questions of one department shown at once: more than a session has.
const DESK_MAX: u32 = 1_000;
/// Minutes an answer takes when none has been given yet. A live question takes 3 to 5 (research on interviews: 22 in 80 minutes).
const MINUTES_PER_ANSWER: f64 = 3.6;

#[derive(Debug, Deserialize)]
pub struct DeskQuery {
    department_id: Option<DepartmentId>,
}

pub async fn desk(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    Behind(staff): Behind,
    Query(query): Query<DeskQuery>,
) -> ApiResult<Json<DepartmentDesk>> {
    let session = permitted(&door, &id, &staff, Verb::ReadBackstage).await?;
    let own = staff
        .grants
        .iter()
        .find(|g| g.hall_id == session.hall_id && g.role == Role::DepartmentOfficer)
        .and_then(|g| g.department_id.clone());
    let department_id = query
        .department_id
        .or(own)
        .ok_or_else(|| Rejection::incomplete("department_id", "say which department"))?;
    session.check_department(&department_id)?;
    let roles = staff.roles_in(&session.hall_id);
    let sees_all = roles.iter().any(|r| *r != Role::DepartmentOfficer);
    if !sees_all && !staff.answers_for(&session.hall_id, &department_id) {
        return Err(Rejection::new(Code::Forbidden, "you do not answer for this department").into());
    }
    let mut snapshot = door.inner.db.snapshot().await?;
    let filter = QuestionFilter {
        department_id: Some(department_id.clone()),
    };
    let questions = snapshot
        .conn()
        .published_questions(&id, QuestionSort::Support, &filter, 0, DESK_MAX)
        .await?;
    let answers = snapshot.conn().answers(&id).await?;
    let minutes = minutes_per_answer(&answers);
    let mut questions: Vec<DeskQuestion> = questions
        .iter()
        .map(|q| {
            let next_up = session
                .next_up
                .iter()
                .position(|n| *n == q.id)
                .and_then(|i| u32::try_from(i + 1).ok());
            DeskQuestion {
                question: q.into(),
                on_stage: session.stage.as_ref().is_some_and(|s| s.question_id == q.id),
                next_up,
                minutes_to_stage: next_up.map(|place| minutes_to_stage(&session, place, minutes)),
                answers: answers
                    .iter()
                    .filter(|a| a.question_id == q.id)
                    .map(Into::into)
                    .collect(),
            }
        })
        .collect();
    questions.sort_by_key(|q| {
        (
            !q.on_stage,
            q.next_up.unwrap_or(u32::MAX),
            q.question.disposition.is_some(),
            std::cmp::Reverse(q.question.supports),
        )
    });
    Ok(Json(DepartmentDesk {
        department_id,
        questions,
    }))
}

/// How long live answers of this session take on average.
fn minutes_per_answer(answers: &[crate::domain::answer::Answer]) -> f64 {
    let lengths: Vec<i64> = answers
        .iter()
        .filter_map(|a| Some(a.ended_at?.since_ms(a.started_at?)))
        .collect();
    if lengths.len() < 3 {
        return MINUTES_PER_ANSWER;
    }
    let sum: i64 = lengths.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "minutes on a clock face")]
    let mean = sum as f64 / lengths.len() as f64 / 60_000.0;
    mean.max(0.5)
}

fn minutes_to_stage(session: &Session, place: u32, minutes: f64) -> u32 {
    let before = if session.stage.is_some() { place } else { place - 1 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "50 places of a few minutes"
    )]
    let minutes = (f64::from(before) * minutes).round() as u32;
    minutes
}

pub async fn answer(
    State(door): State<Door>,
    Path(id): Path<QuestionId>,
    Behind(staff): Behind,
    Body(r): Body<AnswerRequest>,
) -> ApiResult<Json<AnswerFace>> {
    let input = WrittenAnswer {
        department_id: r.department_id,
        answer_type: r.answer_type,
        body: r.body,
        speaker: r.speaker,
        owner: r.owner,
        due_date: r.due_date,
        basis: r.basis,
        transfer_to: r.transfer_to,
    };
    let answer = door.commands().answer_in_writing(&staff, &id, input).await?;
    Ok(Json((&answer).into()))
}

pub async fn dispose(
    State(door): State<Door>,
    Path(id): Path<QuestionId>,
    Behind(staff): Behind,
    Body(r): Body<DispositionRequest>,
) -> ApiResult<Json<QuestionFace>> {
    let input = DispositionInput {
        disposition: r.disposition,
        merged_into: r.merged_into,
        reason: r.reason,
    };
    let question = door.commands().dispose_question(&staff, &id, input).await?;
    Ok(Json((&question).into()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteRequest {
    department_id: Option<DepartmentId>,
}

pub async fn route(
    State(door): State<Door>,
    Path(id): Path<QuestionId>,
    Behind(staff): Behind,
    Body(r): Body<RouteRequest>,
) -> ApiResult<Json<QuestionFace>> {
    let question = door
        .commands()
        .route_question(&staff, &id, r.department_id)
        .await?;
    Ok(Json((&question).into()))
}
