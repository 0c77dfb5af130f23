//! Post a comment.

use super::screening::Screened;
use super::{CommandError, Commands, Identity, Outcome};
use crate::domain::ids::{CommentId, SessionId};
use crate::domain::limits::Action;
use crate::domain::policy::check_tier;
use crate::domain::post::{Author, Comment, Post};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Session;
use crate::domain::words::{PostKind, PostState, Tier};
use crate::store::{NewComment, Stored};

impl Commands {
    /// Stores a comment and answers where it stands. Sending it again under the same `client_ref` changes nothing.
    ///
    /// # Errors
    /// `wrong_state` unless live, `tier_too_low`, `muted`, `banned`, `rate_limited`, `empty`, `too_long`, `unavailable`.
    pub async fn post_comment(
        &self,
        who: &Identity,
        session_id: &SessionId,
        client_ref: &str,
        body: &str,
    ) -> Outcome<Stored> {
        let now = self.now();
        let session = self.public_session(session_id).await?;
        if let Err(refused) = self.may_comment(who, &session).await {
            return self.stored_before(who, session_id, client_ref, refused).await;
        }
        let body = super::screening::parse_body(body, Action::Comment.limit(who.tier).graphemes_max)?;
        self.check_rate(Action::Comment, who)?;
        if who.tier < Tier::Staff {
            self.inner
                .rates
                .slow_mode(session_id, &who.id, session.policy.slow_mode_s, now)?;
        }
        let Screened {
            state,
            findings,
            reason,
        } = match self.screen(&session, who, PostKind::Comment, body.as_str()).await {
            Ok(screened) => screened,
            Err(refused) => return self.stored_before(who, session_id, client_ref, refused).await,
        };
        let post = Post {
            number: 0,
            author: Author {
                id: who.id.clone(),
                name: who.name.clone(),
                tier: who.tier,
            },
            client_ref: client_ref.to_owned(),
            body: body.as_str().to_owned(),
            state,
            at: now,
            findings,
            reason,
            note: String::new(),
            revision: 1,
        };
        let comment = Comment {
            id: CommentId::new(now, self.chance()),
            post,
        };
        let stored = self
            .inner
            .writer
            .comment(NewComment {
                session_id: session_id.clone(),
                comment,
            })
            .await?;
        metrics::counter!("command_comments", "state" => stored.state.as_str()).increment(1);
        Ok(stored)
    }

    /// A repeat of what was stored while it was allowed is answered like the first time.
    async fn stored_before(
        &self,
        who: &Identity,
        session_id: &SessionId,
        client_ref: &str,
        refused: CommandError,
    ) -> Outcome<Stored> {
        let mut reader = self.inner.db.read().await?;
        let stored = reader
            .conn()
            .post_by_ref(PostKind::Comment, session_id, &who.id, client_ref)
            .await?;
        stored.ok_or(refused)
    }

    async fn may_comment(&self, who: &Identity, session: &Session) -> Outcome<()> {
        if !session.state.takes_comments() {
            return Err(session.wrong_state("takes no comments").into());
        }
        if session.policy.chat_off && who.tier < Tier::Staff {
            return Err(Rejection::new(Code::ChatOff, "comments are stopped in this session").into());
        }
        check_tier(who.tier, session.policy.comment_tier)?;
        self.check_age(session, who)?;
        self.check_sanctions(session, who).await
    }

    /// About how long it will wait, for one that is held.
    pub async fn wait_of(&self, session_id: &SessionId, stored: &Stored) -> Option<u32> {
        if stored.state != PostState::Held {
            return None;
        }
        // An estimate that cannot be made must not fail what is stored.
        self.wait_s(session_id).await.ok().flatten()
    }
}
