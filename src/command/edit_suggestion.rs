//! Edit a suggestion before the session closes.

use serde_json::json;

use super::{Commands, Outcome, SuggestionInput};
use crate::domain::ids::{SessionId, SuggestionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::suggestion::Suggestion;

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `not_found`, `incomplete`, `out_of_range`, `conflict`.
    pub async fn edit_suggestion(
        &self,
        by: &Staff,
        id: &SuggestionId,
        input: SuggestionInput,
    ) -> Outcome<Suggestion> {
        let session_id = self.session_of_suggestion(id).await?;
        let id = id.clone();
        self.in_session(by, &session_id, Verb::FormSuggestion, move |act| {
            Box::pin(async move {
                let (_, before) = act
                    .tx
                    .conn()
                    .suggestion(&id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("suggestion"))?;
                let mut suggestion = input.build(id, before.at)?;
                suggestion.number = before.number;
                suggestion.revision = before.revision + 1;
                super::form_suggestion::check_in_session(act, &suggestion).await?;
                if !act.tx.update_suggestion(&suggestion).await? {
                    return Err(Rejection::conflict("the suggestion").into());
                }
                super::form_suggestion::settle_questions(act, &suggestion).await?;
                super::drop_suggestion::reopen_questions(act, &before).await?;
                act.audit(
                    &format!("suggestion {}", suggestion.id),
                    json!({ "revision": suggestion.revision }),
                )
                .await?;
                Ok(suggestion)
            })
        })
        .await
    }

    /// The session a suggestion belongs to.
    pub(super) async fn session_of_suggestion(&self, id: &SuggestionId) -> Outcome<SessionId> {
        let found = self.inner.db.read().await?.conn().suggestion(id).await?;
        Ok(found.ok_or_else(|| Rejection::not_found("suggestion"))?.0)
    }
}
