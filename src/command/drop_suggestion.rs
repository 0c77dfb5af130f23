//! Drop a suggestion formed by mistake, before the session closes.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::ids::SuggestionId;
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::suggestion::Suggestion;
use crate::domain::words::{Disposition, PostState};

impl Commands {
    /// Questions that were assigned only through it are open again. Its number is not given to another.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `not_found`.
    pub async fn drop_suggestion(&self, by: &Staff, id: &SuggestionId) -> Outcome<()> {
        let session_id = self.session_of_suggestion(id).await?;
        let id = id.clone();
        self.in_session(by, &session_id, Verb::FormSuggestion, move |act| {
            Box::pin(async move {
                let (_, suggestion) = act
                    .tx
                    .conn()
                    .suggestion(&id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("suggestion"))?;
                act.tx.delete_suggestion(&id).await?;
                reopen_questions(act, &suggestion).await?;
                act.audit(
                    &format!("suggestion {id}"),
                    json!({ "dropped": suggestion.number }),
                )
                .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Questions of `before` that are assigned and that no suggestion with a department names any more have no disposition again.
pub(super) async fn reopen_questions(act: &mut Act<'_>, before: &Suggestion) -> Outcome<()> {
    let session_id = act.session.id.clone();
    let left = act.tx.conn().suggestions(&session_id).await?;
    for id in &before.question_ids {
        if left
            .iter()
            .any(|s| s.department_id.is_some() && s.question_ids.contains(id))
        {
            continue;
        }
        let Some((_, question)) = act.tx.conn().question(id).await? else {
            continue;
        };
        if question.disposition == Some(Disposition::Assigned) && question.post.state == PostState::Published
        {
            if !act
                .tx
                .dispose_question(id, question.post.revision, None, None, "")
                .await?
            {
                return Err(Rejection::conflict("the question").into());
            }
            act.tell_question(id).await?;
        }
    }
    Ok(())
}
