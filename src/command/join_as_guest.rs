//! Come in as a guest: a nickname and a token, nothing else.

use super::{Commands, Identity, Outcome};
use crate::domain::ids::ParticipantId;
use crate::domain::words::Tier;
use crate::store::Participant;

impl Commands {
    /// # Errors
    /// `name_reserved`, `name_unfit`, `empty`, `too_long`, `unavailable`.
    pub async fn join_as_guest(&self, name: &str) -> Outcome<Identity> {
        let name = super::screening::parse_nickname(name)?;
        let now = self.now();
        let participant = Participant {
            id: ParticipantId::new(now, self.chance()),
            tier: Tier::Guest,
            name,
            created_at: now,
        };
        let identity = self.identity(participant.id.clone(), participant.tier, participant.name.clone());
        self.run(move |tx| {
            Box::pin(async move {
                tx.insert_participant(&participant, None).await?;
                Ok(())
            })
        })
        .await?;
        Ok(identity)
    }
}
