//! A department answers in writing: explanation, commitment, refusal or transfer.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::answer::{ANSWER_GRAPHEMES_MAX, Answer, check_written};
use crate::domain::event::Event;
use crate::domain::ids::{AnswerId, DepartmentId, QuestionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::words::{AnswerKind, AnswerType, Disposition};

/// What the department writes.
#[derive(Debug, Clone)]
pub struct WrittenAnswer {
    pub department_id: DepartmentId,
    pub answer_type: AnswerType,
    pub body: String,
    pub speaker: String,
    pub owner: String,
    pub due_date: String,
    pub basis: String,
    pub transfer_to: Option<DepartmentId>,
}

impl Commands {
    /// A transfer sends the question to the other department and leaves it open; everything else answers it.
    ///
    /// # Errors
    /// `forbidden` unless the account answers for the department, `incomplete` naming what is missing, `not_found`, `wrong_state`, `too_long`.
    pub async fn answer_in_writing(
        &self,
        by: &Staff,
        question_id: &QuestionId,
        input: WrittenAnswer,
    ) -> Outcome<Answer> {
        check_written(
            input.answer_type,
            &input.body,
            &input.owner,
            &input.due_date,
            &input.basis,
            input.transfer_to.as_ref(),
        )?;
        let body = super::screening::parse_long("body", &input.body, ANSWER_GRAPHEMES_MAX)?;
        let basis = super::screening::parse_long("basis", &input.basis, 500)?;
        let speaker = super::screening::parse_label("speaker", &input.speaker, 30)?;
        let owner = super::screening::parse_label("owner", &input.owner, 40)?;
        let session_id = self.session_of_question(question_id).await?;
        let question_id = question_id.clone();
        self.in_session(by, &session_id, Verb::AnswerInWriting, move |act| {
            Box::pin(async move {
                act.session.check_department(&input.department_id)?;
                act.check_answers_for(&input.department_id, false)?;
                let question = act.published_question(&question_id).await?;
                if let Some(to) = &input.transfer_to {
                    act.session.check_department(to)?;
                    if *to == input.department_id {
                        return Err(Rejection::out_of_range(
                            "transfer_to",
                            "a question may not be transferred to the department that has it",
                        )
                        .into());
                    }
                }
                let commitment = input.answer_type == AnswerType::Commitment;
                let answer = Answer {
                    id: AnswerId::new(act.now, act.chance()),
                    question_id: question_id.clone(),
                    department_id: input.department_id,
                    kind: AnswerKind::Written,
                    answer_type: input.answer_type,
                    body,
                    speaker,
                    owner: if commitment { owner } else { String::new() },
                    due_date: if commitment { input.due_date } else { String::new() },
                    basis: if input.answer_type == AnswerType::Refusal {
                        basis
                    } else {
                        String::new()
                    },
                    transfer_to: if input.answer_type == AnswerType::Transfer {
                        input.transfer_to
                    } else {
                        None
                    },
                    started_at: None,
                    ended_at: None,
                    published_at: act.now,
                };
                let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
                act.tx.insert_answer(&session_id, &answer, &staff_id).await?;
                act.log(Event::AnswerPublished {
                    answer: Box::new(answer.clone()),
                });
                if let Some(to) = &answer.transfer_to {
                    if !act
                        .tx
                        .route_question(&question_id, question.post.revision, Some(to))
                        .await?
                    {
                        return Err(Rejection::conflict("the question").into());
                    }
                    act.tell_question(&question_id).await?;
                } else {
                    super::stop_answer::dispose(act, &question_id, Disposition::AnsweredInWriting).await?;
                }
                act.audit(
                    &format!("question {question_id}"),
                    json!({ "answer_id": answer.id, "answer_type": answer.answer_type }),
                )
                .await?;
                Ok(answer)
            })
        })
        .await
    }

    /// The session a question belongs to.
    pub(super) async fn session_of_question(
        &self,
        id: &QuestionId,
    ) -> Outcome<crate::domain::ids::SessionId> {
        let found = self.inner.db.read().await?.conn().question(id).await?;
        Ok(found.ok_or_else(|| Rejection::not_found("question"))?.0)
    }
}
