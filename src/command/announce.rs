//! Put a line on top of every page, or take it down.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::domain::session::Session;
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `too_long` over 100 characters.
    pub async fn announce(&self, by: &Staff, id: &SessionId, text: &str) -> Outcome<Session> {
        let text = super::screening::parse_label("text", text, 100)?;
        self.in_session(by, id, Verb::Announce, move |act| {
            Box::pin(async move {
                act.session.announcement = text;
                let session = act.session.clone();
                act.tx.update_session(&session).await?;
                act.changed();
                act.audit("announcement", json!({ "text": session.announcement }))
                    .await?;
                Ok(session)
            })
        })
        .await
    }
}
