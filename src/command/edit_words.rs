//! Edit the hall's own word list.

use serde_json::json;

use super::{Commands, Outcome, WordsRead};
use crate::domain::ids::HallId;
use crate::domain::policy::{Verb, check_hall};
use crate::domain::staff::Staff;

impl Commands {
    /// Takes the list into use at once. With a broken line nothing is taken and the lines are named: nobody shall believe a half list is active.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `too_large`.
    pub async fn edit_words(&self, by: &Staff, hall: &HallId, text: String) -> Outcome<WordsRead> {
        check_hall(Verb::EditWords, &by.roles_in(hall))?;
        let read = super::screening::read_words(&text)?;
        if !read.broken.is_empty() {
            return Ok(read);
        }
        let (words, stored) = (read.words, text);
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
