//! Take back something of one's own.

use super::{Commands, Identity, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::SessionId;
use crate::domain::limits::Action;
use crate::domain::rejection::Rejection;
use crate::domain::words::{PostKind, PostState, SessionState};
use crate::store::Stored;

impl Commands {
    /// Takes a comment or question of one's own out of public sight. It stays on record, and counts as withdrawn. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `not_found` unless it is one's own, `wrong_state` once the session is closed or it was declined, `rate_limited`, `conflict`.
    pub async fn withdraw_post(
        &self,
        who: &Identity,
        session_id: &SessionId,
        kind: PostKind,
        id: &str,
    ) -> Outcome<Stored> {
        self.check_rate(Action::Withdraw, who)?;
        let (who, session_id, id, now) = (who.id.clone(), session_id.clone(), id.to_owned(), self.now());
        self.run(move |tx| {
            Box::pin(async move {
                tx.lock_session(&session_id).await?;
                let mut session = tx
                    .conn()
                    .session(&session_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("session"))?;
                let Some(mut any) = tx
                    .conn()
                    .post(&session_id, kind, &id)
                    .await?
                    .filter(|p| p.post().author.id == who)
                else {
                    return Err(Rejection::not_found("post of yours").into());
                };
                let from = any.post().state;
                let stored = |state| Stored {
                    id: id.clone(),
                    number: any.post().number,
                    state,
                    reason: String::new(),
                };
                if from == PostState::Withdrawn {
                    return Ok(stored(from));
                }
                if session.state == SessionState::Closed
                    || !matches!(from, PostState::Held | PostState::Published)
                {
                    return Err(session
                        .wrong_state(&format!("does not let a {from} post be withdrawn"))
                        .into());
                }
                let answer = stored(PostState::Withdrawn);
                if !tx
                    .move_post(kind, &id, any.post().revision, PostState::Withdrawn, "", "")
                    .await?
                {
                    return Err(Rejection::conflict("your post").into());
                }
                let post = any.post_mut();
                post.state = PostState::Withdrawn;
                post.revision += 1;
                if from == PostState::Published {
                    tx.log(&session_id, now, Event::PostRemoved { kind, id: id.clone() });
                }
                tx.log(&session_id, now, Event::ItemQueued { post: Box::new(any) });
                let keys = [(kind, id.clone())];
                // The desks let go of it with the item.
                tx.drop_claims(&session_id, &keys).await?;
                let posts = tx
                    .settle_reports(&session_id, &keys, Some("withdrawn"), now)
                    .await?;
                if !posts.is_empty() {
                    let by_name = String::new();
                    tx.log(&session_id, now, Event::ReportsSettled { posts, by_name });
                }
                super::put_on_stage::clear_if_on_stage(tx, &mut session, &id, now).await?;
                Ok(answer)
            })
        })
        .await
    }
}
