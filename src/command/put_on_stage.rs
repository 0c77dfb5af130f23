//! Put a question on stage, or clear the stage.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::{Session, Stage};
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;
use crate::store::Tx;

impl Commands {
    /// The question leaves the host's list. While an answer runs the stage stays: stop the answer first.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` unless live or paused, `not_found`, `conflict` while an answer runs.
    pub async fn put_on_stage(
        &self,
        by: &Staff,
        id: &SessionId,
        question_id: Option<QuestionId>,
    ) -> Outcome<Session> {
        self.in_session(by, id, Verb::PutOnStage, move |act| {
            Box::pin(async move {
                if act.session.stage.as_ref().is_some_and(|s| s.answering.is_some()) {
                    return Err(
                        Rejection::new(Code::Conflict, "an answer is being given; stop it first").into(),
                    );
                }
                let stage = match &question_id {
                    None => None,
                    Some(question_id) => {
                        let question = act.published_question(question_id).await?;
                        // A merged question is answered through the one it was merged into.
                        let question_id = question.merged_into.unwrap_or_else(|| question_id.clone());
                        Some(Stage {
                            question_id,
                            since: act.now,
                            answering: None,
                        })
                    }
                };
                let session_id = act.session.id.clone();
                act.tx.set_stage(&session_id, stage.as_ref()).await?;
                if let Some(stage) = &stage
                    && act.session.next_up.contains(&stage.question_id)
                {
                    act.session.next_up.retain(|q| *q != stage.question_id);
                    let next_up = act.session.next_up.clone();
                    act.tx.set_next_up(&session_id, &next_up).await?;
                    act.log(Event::NextUpChanged {
                        question_ids: next_up,
                    });
                }
                act.session.stage = stage;
                act.changed();
                act.audit("stage", json!({ "question_id": question_id })).await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}

/// A question taken back by its author or a moderator leaves the stage and the host's list at once.
pub(super) async fn clear_if_on_stage(
    tx: &mut Tx,
    session: &Session,
    post_id: &str,
    now: Timestamp,
) -> Outcome<()> {
    if session.next_up.iter().any(|q| q.as_str() == post_id) {
        let left: Vec<QuestionId> = session
            .next_up
            .iter()
            .filter(|q| q.as_str() != post_id)
            .cloned()
            .collect();
        tx.set_next_up(&session.id, &left).await?;
        tx.log(&session.id, now, Event::NextUpChanged { question_ids: left });
    }
    if session
        .stage
        .as_ref()
        .is_some_and(|s| s.question_id.as_str() == post_id)
    {
        let mut session = session.clone();
        session.stage = None;
        tx.set_stage(&session.id, None).await?;
        let id = session.id.clone();
        tx.log(
            &id,
            now,
            Event::SessionChanged {
                session: Box::new(session),
                stage_question: None,
            },
        );
    }
    Ok(())
}
