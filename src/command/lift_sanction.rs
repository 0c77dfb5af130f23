//! Lift a mute or a ban before its end.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{HallId, SanctionId};
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;

impl Commands {
    /// # Errors
    /// `forbidden`, `not_found` when none is in force.
    pub async fn lift_sanction(&self, by: &Staff, hall: &HallId, id: SanctionId) -> Outcome<()> {
        self.in_hall(by, hall, Verb::Sanction, move |act| {
            Box::pin(async move {
                let (hall_id, now) = (act.hall.id.clone(), act.now);
                let person = act
                    .tx
                    .lift_sanction(&hall_id, &id, now)
                    .await?
                    .ok_or_else(|| Rejection::not_found("sanction in force"))?;
                act.audit(&format!("participant {person}"), json!({ "lifted": id }))
                    .await?;
                Ok(())
            })
        })
        .await?;
        self.inner.sanctions.forget(hall);
        Ok(())
    }
}
