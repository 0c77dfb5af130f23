//! The department has answered: the answer is published with its start and end, the question is answered live.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::answer::{ANSWER_GRAPHEMES_MAX, Answer};
use crate::domain::event::Event;
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::words::{AnswerKind, AnswerType, Disposition};

impl Commands {
    /// `body` notes what was said and may be empty. The question stays on stage until the host moves on.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` when nobody is answering, `too_long`.
    pub async fn stop_answer(&self, by: &Staff, id: &SessionId, body: &str) -> Outcome<Session> {
        let body = super::screening::parse_long("body", body, ANSWER_GRAPHEMES_MAX)?;
        self.in_session(by, id, Verb::AnswerLive, move |act| {
            Box::pin(async move {
                let Some(answering) = act.session.stage.as_ref().and_then(|s| s.answering.clone()) else {
                    return Err(Rejection::new(Code::WrongState, "nobody is answering")
                        .with("state", act.session.state)
                        .into());
                };
                act.check_answers_for(&answering.department_id, true)?;
                publish_running(act, body).await?;
                let (session_id, stage) = (act.session.id.clone(), act.session.stage.clone());
                act.tx.set_stage(&session_id, stage.as_ref()).await?;
                act.changed();
                act.audit("answer", json!({ "answer_id": answering.answer_id }))
                    .await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}

/// Publishes the answer that is being given and disposes of its question, unless something else became of it meanwhile.
pub(super) async fn publish_running(act: &mut Act<'_>, body: String) -> Outcome<()> {
    let Some(stage) = act.session.stage.as_mut() else {
        return Ok(());
    };
    let Some(answering) = stage.answering.take() else {
        return Ok(());
    };
    let question_id = stage.question_id.clone();
    let answer = Answer {
        id: answering.answer_id,
        question_id: question_id.clone(),
        department_id: answering.department_id,
        kind: AnswerKind::Live,
        answer_type: AnswerType::Explanation,
        body,
        speaker: answering.speaker,
        owner: String::new(),
        due_date: String::new(),
        basis: String::new(),
        transfer_to: None,
        started_at: Some(answering.started_at),
        // An answer has a length: a start and a stop in the same millisecond are one apart.
        ended_at: Some(act.now.max(answering.started_at.plus_ms(1))),
        published_at: act.now,
    };
    let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
    act.tx.insert_answer(&session_id, &answer, &staff_id).await?;
    act.log(Event::AnswerPublished {
        answer: Box::new(answer),
    });
    dispose(act, &question_id, Disposition::AnsweredLive).await
}

/// The answer decides what became of the question when nothing else has, or when a live answer follows a written one.
pub(super) async fn dispose(
    act: &mut Act<'_>,
    id: &crate::domain::ids::QuestionId,
    to: Disposition,
) -> Outcome<()> {
    let (_, question) = act
        .tx
        .conn()
        .question(id)
        .await?
        .ok_or_else(|| Rejection::not_found("question"))?;
    let settles = match question.disposition {
        None | Some(Disposition::Declined) => true,
        Some(Disposition::AnsweredInWriting) => to == Disposition::AnsweredLive,
        Some(_) => false,
    };
    if settles
        && !act
            .tx
            .dispose_question(id, question.post.revision, Some(to), None, "")
            .await?
    {
        return Err(Rejection::conflict("the question").into());
    }
    act.tell_question(id).await?;
    Ok(())
}
