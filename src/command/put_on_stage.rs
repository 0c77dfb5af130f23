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
                        let mut question = act.published_question(question_id).await?;
                        // A merged question is answered through the one it was merged into, if that can still be seen.
                        if let Some(head) = &question.merged_into {
                            question = act.published_question(head).await?;
                        }
                        Some(Stage {
                            question_id: question.id,
                            since: act.now,
                            answering: None,
                        })
                    }
                };
                let session_id = act.session.id.clone();
                act.tx.set_stage(&session_id, stage.as_ref()).await?;
                let listed = act.session.next_up.len();
                act.session.next_up.retain(|q| {
                    Some(q) != question_id.as_ref() && stage.as_ref().is_none_or(|s| *q != s.question_id)
                });
                if act.session.next_up.len() < listed {
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
/// `session` follows, so that the next of several taken back together finds it as it is.
pub(super) async fn clear_if_on_stage(
    tx: &mut Tx,
    session: &mut Session,
    post_id: &str,
    now: Timestamp,
) -> Outcome<()> {
    if session.next_up.iter().any(|q| q.as_str() == post_id) {
        session.next_up.retain(|q| q.as_str() != post_id);
        tx.set_next_up(&session.id, &session.next_up).await?;
        let question_ids = session.next_up.clone();
        tx.log(&session.id, now, Event::NextUpChanged { question_ids });
    }
    if session
        .stage
        .as_ref()
        .is_some_and(|s| s.question_id.as_str() == post_id)
    {
        session.stage = None;
        tx.set_stage(&session.id, None).await?;
        tx.log(
            &session.id,
            now,
            Event::SessionChanged {
                session: Box::new(session.clone()),
                stage_question: None,
            },
        );
    }
    Ok(())
}
