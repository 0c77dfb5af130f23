//! A department begins to answer the question on stage.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{AnswerId, DepartmentId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::{Answering, Session};
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state` unless live or paused or nothing is on stage, `conflict` when somebody answers already, `not_found`.
    pub async fn start_answer(
        &self,
        by: &Staff,
        id: &SessionId,
        department_id: DepartmentId,
        speaker: &str,
    ) -> Outcome<Session> {
        let speaker = super::screening::parse_label("speaker", speaker, 30)?;
        self.in_session(by, id, Verb::AnswerLive, move |act| {
            Box::pin(async move {
                act.session.check_department(&department_id)?;
                act.check_answers_for(&department_id, true)?;
                let (answer_id, now) = (AnswerId::new(act.now, act.chance()), act.now);
                let Some(stage) = act.session.stage.as_mut() else {
                    return Err(Rejection::new(Code::WrongState, "nothing is on stage")
                        .with("state", act.session.state)
                        .into());
                };
                if stage.answering.is_some() {
                    return Err(Rejection::new(
                        Code::Conflict,
                        "an answer is being given already; stop it first",
                    )
                    .into());
                }
                stage.answering = Some(Answering {
                    answer_id,
                    department_id: department_id.clone(),
                    speaker,
                    started_at: now,
                });
                let (session_id, stage) = (act.session.id.clone(), act.session.stage.clone());
                act.tx.set_stage(&session_id, stage.as_ref()).await?;
                act.changed();
                act.audit("answer", json!({ "department_id": department_id }))
                    .await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}
