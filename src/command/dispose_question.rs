//! Say what became of a question, or reopen it.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::QuestionId;
use crate::domain::policy::Verb;
use crate::domain::post::{Question, check_disposition};
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::words::Disposition;

/// What became of it.
#[derive(Debug, Clone)]
pub struct DispositionInput {
    pub disposition: Option<Disposition>,
    pub merged_into: Option<QuestionId>,
    pub reason: String,
}

impl Commands {
    /// Merging keeps both questions and every support; what was merged into the one moves with it to the new head.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `incomplete` naming what is missing, `not_found`, `conflict`.
    pub async fn dispose_question(
        &self,
        by: &Staff,
        question_id: &QuestionId,
        input: DispositionInput,
    ) -> Outcome<Question> {
        let reason = super::screening::parse_long("reason", &input.reason, 200)?;
        let (session_id, seen) = (self.inner.db.read().await?.conn().question(question_id).await?)
            .ok_or_else(|| Rejection::not_found("question"))?;
        let verb = verb_for(seen.disposition, input.disposition);
        let question_id = question_id.clone();
        self.in_session(by, &session_id, verb, move |act| {
            Box::pin(async move {
                let question = act.published_question(&question_id).await?;
                if verb_for(question.disposition, input.disposition) != verb {
                    return Err(Rejection::conflict("the question").into());
                }
                let answered = act.tx.conn().answered(&question_id).await?;
                check_disposition(
                    &question,
                    input.disposition,
                    input.merged_into.as_ref(),
                    &reason,
                    answered,
                )?;
                let before = question.merged_into.clone();
                let head = match (&input.disposition, &input.merged_into) {
                    (Some(Disposition::Merged), Some(head)) => Some(head_of(act, head, &question_id).await?),
                    _ => None,
                };
                let shown_reason = if input.disposition == Some(Disposition::Declined) {
                    reason.as_str()
                } else {
                    ""
                };
                if !act
                    .tx
                    .dispose_question(
                        &question_id,
                        question.post.revision,
                        input.disposition,
                        head.as_ref(),
                        shown_reason,
                    )
                    .await?
                {
                    return Err(Rejection::conflict("the question").into());
                }
                let mut touched = vec![question_id.clone()];
                if let Some(head) = &head {
                    touched.extend(act.tx.move_merged(&question_id, head).await?);
                }
                let heads: Vec<QuestionId> = head.into_iter().chain(before).collect();
                for id in touched.iter().chain(&heads) {
                    act.tell_question(id).await?;
                }
                // Merging moves supports between questions: everybody hears the new counts.
                let mut counts = Vec::new();
                for id in touched.into_iter().chain(heads) {
                    counts.push((id.clone(), act.tx.conn().supports_of(&id).await?));
                }
                act.log(Event::SupportsCounted { counts });
                act.audit(
                    &format!("question {question_id}"),
                    json!({ "disposition": input.disposition, "merged_into": input.merged_into }),
                )
                .await?;
                Ok(act
                    .tx
                    .conn()
                    .question(&question_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("question"))?
                    .1)
            })
        })
        .await
    }
}

/// Which wordings are one question is seen while they come in, so moderators may say it; what became of a question they may not.
const fn verb_for(from: Option<Disposition>, to: Option<Disposition>) -> Verb {
    match (from, to) {
        (None | Some(Disposition::Merged), None | Some(Disposition::Merged)) => Verb::Merge,
        _ => Verb::Dispose,
    }
}

/// The question at the head of a merge: one step up, so that merged questions never form chains or rings.
async fn head_of(act: &mut Act<'_>, into: &QuestionId, question_id: &QuestionId) -> Outcome<QuestionId> {
    let target = act.published_question(into).await?;
    let head = target.merged_into.unwrap_or_else(|| into.clone());
    if head == *question_id {
        return Err(
            Rejection::out_of_range("merged_into", "that question is merged into this one already").into(),
        );
    }
    Ok(head)
}
