//! Hand out the audit log of a hall. Reading it is an act of staff too.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::HallId;
use crate::domain::policy::Verb;
use crate::domain::staff::Staff;

impl Commands {
    /// Notes that the log is handed out; the caller then reads it.
    ///
    /// # Errors
    /// `forbidden`, `not_found`.
    pub async fn export_audit(&self, by: &Staff, hall: &HallId) -> Outcome<()> {
        self.in_hall(by, hall, Verb::ReadAudit, |act| {
            Box::pin(async move {
                act.audit("audit log", json!({})).await?;
                Ok(())
            })
        })
        .await
    }
}
