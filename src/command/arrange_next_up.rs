//! Arrange the host's list of questions to come.

use std::collections::HashSet;

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::session::NEXT_UP_MAX;
use crate::domain::staff::Staff;

impl Commands {
    /// Replaces the list; a question named twice stays once.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found` when one is not a published question of the session, `out_of_range` over 50.
    pub async fn arrange_next_up(
        &self,
        by: &Staff,
        id: &SessionId,
        question_ids: Vec<QuestionId>,
    ) -> Outcome<Vec<QuestionId>> {
        if question_ids.len() > NEXT_UP_MAX {
            return Err(Rejection::out_of_range(
                "question_ids",
                format!(
                    "the list has {} questions; the limit is {NEXT_UP_MAX}",
                    question_ids.len()
                ),
            )
            .into());
        }
        self.in_session(by, id, Verb::ArrangeNextUp, move |act| {
            Box::pin(async move {
                let mut seen = HashSet::new();
                let ids: Vec<QuestionId> = question_ids
                    .into_iter()
                    .filter(|q| seen.insert(q.clone()))
                    .collect();
                for question in &ids {
                    act.published_question(question).await?;
                }
                let session_id = act.session.id.clone();
                act.tx.set_next_up(&session_id, &ids).await?;
                act.log(Event::NextUpChanged {
                    question_ids: ids.clone(),
                });
                act.audit("next up", json!({ "question_ids": ids })).await?;
                Ok(ids)
            })
        })
        .await
    }
}
