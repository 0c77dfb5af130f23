//! Support a question, or take the support back. Thousands come at once: they are decided one by one and written together.

use std::sync::Arc;

use super::{Commands, Identity, Outcome};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::limits::Action;
use crate::domain::policy::check_tier;
use crate::domain::rejection::Rejection;
use crate::store::{StoreError, Support, SupportChange};

/// Whether a person supports a question from now on.
#[derive(Debug, Clone)]
pub struct SupportWish {
    pub who: Arc<Identity>,
    pub session_id: SessionId,
    pub question_id: QuestionId,
    pub on: bool,
}

impl Commands {
    /// One row per person and question; doing it twice changes nothing. Takes effect in the order given; answered in the same order.
    ///
    /// # Errors
    /// Of each: `wrong_state` after the end, `tier_too_low`, `muted`, `banned`, `rate_limited`, `not_found`, `unavailable`.
    pub async fn set_supports(&self, wishes: Vec<SupportWish>) -> Vec<Outcome<()>> {
        let mut outcomes = Vec::with_capacity(wishes.len());
        let mut supports = Vec::with_capacity(wishes.len());
        for wish in wishes {
            match self.decide_support(wish).await {
                Ok(support) => {
                    supports.push(support);
                    outcomes.push(Ok(()));
                }
                Err(error) => outcomes.push(Err(error)),
            }
        }
        if supports.is_empty() {
            return outcomes;
        }
        let changes = self.inner.writer.supports(supports).await;
        let mut changes = changes.as_deref().map(<[SupportChange]>::iter);
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = match changes.as_mut().map(Iterator::next) {
                Ok(Some(SupportChange::Done)) => Ok(()),
                Ok(Some(SupportChange::NoSuchQuestion)) => {
                    Err(Rejection::not_found("published question in this session").into())
                }
                // The writer has said why in the log.
                Ok(None) | Err(_) => Err(StoreError::Busy.into()),
            };
        }
        outcomes
    }

    /// The same for one.
    ///
    /// # Errors
    /// See [`Commands::set_supports`].
    pub async fn set_support(&self, wish: SupportWish) -> Outcome<()> {
        let mut outcomes = self.set_supports(vec![wish]).await;
        outcomes.pop().expect("one wish has one outcome")
    }

    async fn decide_support(&self, wish: SupportWish) -> Outcome<Support> {
        let SupportWish {
            who,
            session_id,
            question_id,
            on,
        } = wish;
        let session = self.public_session(&session_id).await?;
        if !session.state.takes_questions() {
            return Err(session.wrong_state("takes no supports").into());
        }
        check_tier(who.tier, session.policy.support_tier)?;
        self.check_rate(Action::Support, &who)?;
        self.check_sanctions(&session, &who).await?;
        Ok(Support {
            session_id,
            question_id,
            participant_id: who.id.clone(),
            tier: who.tier,
            on,
            at: self.now(),
        })
    }
}
