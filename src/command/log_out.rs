//! Log out.

use super::{Commands, Outcome};

impl Commands {
    /// Ends the login; ending it twice changes nothing.
    pub async fn log_out(&self, token: &str) -> Outcome<()> {
        let hash = self.keyed_hash("login", token);
        self.run(move |tx| {
            Box::pin(async move {
                tx.delete_login(&hash).await?;
                Ok(())
            })
        })
        .await
    }
}
