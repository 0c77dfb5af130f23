//! Take another nickname, for what is written from now on.

use super::{Commands, Identity, Outcome};

impl Commands {
    /// # Errors
    /// `name_reserved`, `name_unfit`, `empty`, `too_long`, `unavailable`.
    pub async fn rename(&self, who: &Identity, name: &str) -> Outcome<Identity> {
        let name = super::screening::parse_nickname(name)?;
        let identity = self.identity(who.id.clone(), who.tier, name.clone());
        let id = who.id.clone();
        self.run(move |tx| {
            Box::pin(async move {
                tx.rename_participant(&id, &name).await?;
                Ok(())
            })
        })
        .await?;
        Ok(identity)
    }
}
