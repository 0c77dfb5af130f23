//! An author objects to a post that was not published, once, with a reason.

use super::{Commands, Identity, Outcome};
use crate::domain::appeal::{APPEAL_GRAPHEMES_MAX, Appeal, AppealState, may_be_appealed};
use crate::domain::ids::{AppealId, SessionId};
use crate::domain::limits::Action;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::words::PostKind;

impl Commands {
    /// # Errors
    /// `not_found` unless it is the person's own post, `wrong_state` unless it was declined or retracted and not erased, `taken` the second
    /// time, `empty`, `too_long`, `rate_limited`.
    pub async fn appeal_post(
        &self,
        who: &Identity,
        session_id: &SessionId,
        kind: PostKind,
        post_id: &str,
        reason: &str,
    ) -> Outcome<Appeal> {
        self.check_rate(Action::Withdraw, who)?;
        let reason = super::screening::parse_body(reason, APPEAL_GRAPHEMES_MAX)?;
        let now = self.now();
        let appeal = Appeal {
            id: AppealId::new(now, self.chance()),
            session_id: session_id.clone(),
            kind,
            post_id: post_id.to_owned(),
            author_id: who.id.clone(),
            reason: reason.as_str().to_owned(),
            at: now,
            state: AppealState::Open,
            note: String::new(),
            decided_by_name: String::new(),
            decided_at: None,
            restored: false,
        };
        self.run(move |tx| {
            Box::pin(async move {
                tx.lock_session(&appeal.session_id).await?;
                let post = tx
                    .conn()
                    .post(&appeal.session_id, kind, &appeal.post_id)
                    .await?
                    .filter(|p| p.post().author.id == appeal.author_id)
                    .ok_or_else(|| Rejection::not_found("post of yours"))?;
                let state = post.post().state;
                if !may_be_appealed(state) {
                    return Err(Rejection::new(
                        Code::WrongState,
                        format!("a post that is {state} cannot be appealed against"),
                    )
                    .with("state", state)
                    .into());
                }
                if tx
                    .conn()
                    .is_erased(&appeal.session_id, kind, &appeal.post_id)
                    .await?
                {
                    return Err(Rejection::new(
                        Code::WrongState,
                        "what was erased by law never comes back; nothing is left to look at",
                    )
                    .with("state", state)
                    .into());
                }
                match tx.insert_appeal(&appeal).await {
                    Err(e) if e.is_unique_violation() => Err(Rejection::new(
                        Code::Taken,
                        "an appeal on this post was made before; there is one per post",
                    )
                    .with("field", "appeal")
                    .into()),
                    other => {
                        other?;
                        Ok(appeal)
                    }
                }
            })
        })
        .await
    }
}
