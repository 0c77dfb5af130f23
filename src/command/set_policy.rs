//! Say who may write and when it becomes public. Works at once, also while live.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::domain::rejection::Rejection;
use crate::domain::session::{Policy, Session};
use crate::domain::staff::Staff;

impl Commands {
    /// The whole policy is replaced: `seen` is what it was when it was changed by hand, so that an old page neither takes back the emergency
    /// preset nor makes it last.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state` once closed, `out_of_range`, `conflict` when it is not as seen any more.
    pub async fn set_policy(
        &self,
        by: &Staff,
        id: &SessionId,
        policy: Policy,
        seen: Option<Policy>,
    ) -> Outcome<Session> {
        policy.check()?;
        self.in_session(by, id, Verb::SetPolicy, move |act| {
            Box::pin(async move {
                let before = act.session.policy;
                if seen.is_some_and(|seen| seen != before) {
                    return Err(Rejection::conflict("the policy").into());
                }
                act.session.policy = policy;
                let session = act.session.clone();
                act.tx.update_session(&session).await?;
                act.changed();
                act.audit("policy", json!({ "before": before, "after": policy }))
                    .await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}
