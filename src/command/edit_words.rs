//! Edit the hall's own word list.

use serde_json::json;

use super::{Commands, Outcome, WordsRead};
use crate::domain::ids::HallId;
use crate::domain::policy::Verb;
use crate::domain::staff::Staff;

impl Commands {
    /// Takes the list as written, the broken lines included, so that nobody's typing is lost; what is understood works at once.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `too_large`.
    pub async fn edit_words(&self, by: &Staff, hall: &HallId, text: String) -> Outcome<WordsRead> {
        let read = super::screening::read_words(&text)?;
        let (words, stored) = (read.words, text.clone());
        self.in_hall(by, hall, Verb::EditWords, move |act| {
            Box::pin(async move {
                act.tx.set_words(&act.hall.id, &stored).await?;
                act.audit("words", json!({ "words": words })).await?;
                Ok(())
            })
        })
        .await?;
        self.inner.screens.forget(hall);
        Ok(read)
    }
}
