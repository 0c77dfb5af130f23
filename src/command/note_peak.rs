//! Remember how many watched a session at once.

use super::{Commands, Outcome};
use crate::domain::ids::SessionId;

impl Commands {
    /// Keeps the largest figure ever noted.
    pub async fn note_peak(&self, id: &SessionId, watching: u64) -> Outcome<()> {
        let id = id.clone();
        self.run(move |tx| {
            Box::pin(async move {
                tx.raise_peak_watching(&id, watching).await?;
                Ok(())
            })
        })
        .await
    }
}
