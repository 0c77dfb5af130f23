//! Log out.

use super::{Commands, Outcome};

impl Commands {
    /// Ends the login; ending it twice changes nothing.
    pub async fn log_out(&self, token: &str) -> Outcome<()> {
        let hash = self.keyed_hash("login", token);
        // Strangers may send any cookie: only a login that is there is worth a place in the writer's queue.
        let now = self.now();
        if self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff_of_login(&hash, now)
            .await?
            .is_none()
        {
            return Ok(());
        }
        self.run(move |tx| {
            Box::pin(async move {
                tx.delete_login(&hash).await?;
                Ok(())
            })
        })
        .await
    }
}
