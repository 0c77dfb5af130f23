//! Put a question on stage, or clear the stage.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::event::Event;
use crate::domain::fair::{CHOICE_REASON_GRAPHEMES_MAX, Choice, RULE, Ranking};
use crate::domain::ids::{ChoiceId, QuestionId, SessionId};
use crate::domain::policy::{self, Verb};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::{Session, Stage};
use crate::domain::staff::Staff;
use crate::domain::time::Timestamp;
use crate::store::Tx;

impl Commands {
    /// The question leaves the host's list. While an answer runs the stage stays: stop the answer first. The choice is put on record
    /// with the places the question had a moment before, and the host's reason.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` unless live or paused, `not_found`, `conflict` while an answer runs, `too_long` (`reason`).
    pub async fn put_on_stage(
        &self,
        by: &Staff,
        id: &SessionId,
        question_id: Option<QuestionId>,
        reason: &str,
    ) -> Outcome<Session> {
        let reason = super::screening::parse_label("reason", reason, CHOICE_REASON_GRAPHEMES_MAX)?;
        // Read before the transaction: 10,000 questions would keep the writer from everybody else for too long.
        let ranking = match &question_id {
            Some(_) => {
                let session = self.session(id).await?;
                policy::check(Verb::PutOnStage, &by.roles_in(&session.hall_id), &session)?;
                self.ranking_now(&session).await?
            }
            None => Ranking::default(),
        };
        self.in_session(by, id, Verb::PutOnStage, move |act| {
            Box::pin(async move {
                if act.session.stage.as_ref().is_some_and(|s| s.answering.is_some()) {
                    return Err(
                        Rejection::new(Code::Conflict, "an answer is being given; stop it first").into(),
                    );
                }
                let before = act.session.stage.as_ref().map(|s| s.question_id.clone());
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
                if let Some(stage) = &stage
                    && before.as_ref() != Some(&stage.question_id)
                {
                    note_choice(act, &ranking, &stage.question_id, reason).await?;
                }
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

/// Puts a choice on record.
async fn note_choice(
    act: &mut Act<'_>,
    ranking: &Ranking,
    question_id: &QuestionId,
    reason: String,
) -> Outcome<()> {
    let row = ranking.row(question_id);
    let choice = Choice {
        question_id: question_id.clone(),
        at: act.now,
        by_name: act.staff.name.clone(),
        rule: RULE.to_owned(),
        rank_supported: row.map_or(0, |r| r.rank_supported),
        rank_unheard: row.map_or(0, |r| r.rank_unheard),
        of: u32::try_from(ranking.rows.len()).unwrap_or(u32::MAX),
        supports: row.map_or(0, |r| r.question.supports),
        rate_milli: row.map_or(0, |r| r.rate_milli),
        first_of_group: row.is_some_and(|r| r.first_of_topic || r.first_of_department || r.first_of_place),
        reason,
    };
    let id = ChoiceId::new(act.now, act.chance());
    let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
    act.tx.insert_choice(&id, &session_id, &staff_id, &choice).await?;
    Ok(())
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
