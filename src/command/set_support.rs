//! Support a question, or take the support back.

use super::{Commands, Identity, Outcome};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::limits::Action;
use crate::domain::policy::check_tier;
use crate::domain::rejection::Rejection;
use crate::store::{Support, SupportChange};

impl Commands {
    /// Whether the person supports the question from now on. One row per person and question; doing it twice changes nothing.
    ///
    /// # Errors
    /// `wrong_state` after the end, `tier_too_low`, `muted`, `banned`, `rate_limited`, `not_found`, `unavailable`.
    pub async fn set_support(
        &self,
        who: &Identity,
        session_id: &SessionId,
        question_id: &QuestionId,
        on: bool,
    ) -> Outcome<()> {
        let session = self.public_session(session_id).await?;
        if !session.state.takes_questions() {
            return Err(session.wrong_state("takes no supports").into());
        }
        check_tier(who.tier, session.policy.support_tier)?;
        self.check_sanctions(&session.hall_id, who).await?;
        self.check_rate(Action::Support, who)?;
        let support = Support {
            session_id: session_id.clone(),
            question_id: question_id.clone(),
            participant_id: who.id.clone(),
            tier: who.tier,
            on,
            at: self.now(),
        };
        match self.inner.writer.support(support).await? {
            SupportChange::Done => Ok(()),
            SupportChange::NoSuchQuestion => {
                Err(Rejection::not_found("published question in this session").into())
            }
        }
    }
}
