//! Log out.

use super::{Commands, Outcome};

impl Commands {
    /// Ends the login; ending it twice changes nothing.
    pub async fn log_out(&self, token: &str) -> Outcome<()> {
        let hash = self.keyed_hash("login", token);
        // Strangers may send any cookie: only a login that is there is worth a place in the writer's queue.
        let now = self.now();
        let Some(staff) = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .staff_of_login(&hash, now)
            .await?
        else {
            return Ok(());
        };
        let chance = self.chance();
        self.run(move |tx| {
            Box::pin(async move {
                tx.delete_login(&hash).await?;
                Self::audit_installation(tx, &staff, "log_out", "login", now, chance);
                Ok(())
            })
        })
        .await
    }
}
