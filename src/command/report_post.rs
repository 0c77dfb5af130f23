//! A viewer reports a post (举报), and a moderator settles what was reported without taking it down.
//!
//! Reports raise a post in the queue; they never hide it by their number.

use std::collections::HashMap;

use serde_json::json;

use super::claim_post::refusal;
use super::decide_posts::{Seen, distinct, sort_out};
use super::{Act, Commands, Identity, Outcome};
use crate::domain::event::Event;
use crate::domain::ids::SessionId;
use crate::domain::limits::Action;
use crate::domain::policy::Verb;
use crate::domain::post::{AnyPost, DECISION_ITEMS_MAX, UNDO_MS};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::report::{REPORTS_OPEN_MAX, Reported, is_report_reason, is_told};
use crate::domain::staff::Staff;
use crate::domain::words::{PostKind, PostState};
use crate::store::{NewReport, Tx};

impl Commands {
    /// Reports a published post of somebody else. Doing it twice changes nothing.
    ///
    /// # Errors
    /// `not_found` unless it is public, `out_of_range` (reason, one's own post), `rate_limited` also with too many open reports, `muted`, `banned`.
    pub async fn report_post(
        &self,
        who: &Identity,
        session_id: &SessionId,
        kind: PostKind,
        id: &str,
        reason: &str,
    ) -> Outcome<()> {
        if !is_report_reason(reason) {
            return Err(Rejection::out_of_range("reason", "choose a reason from the table").into());
        }
        let session = self.public_session(session_id).await?;
        self.check_rate(Action::Report, who)?;
        self.check_sanctions(&session, who).await?;
        let report = NewReport {
            session_id: session_id.clone(),
            kind,
            post_id: id.to_owned(),
            reporter: who.id.clone(),
            reason: reason.to_owned(),
            at: self.now(),
        };
        self.run(move |tx| {
            Box::pin(async move {
                tx.lock_session(&report.session_id).await?;
                let post = tx
                    .conn()
                    .post(&report.session_id, report.kind, &report.post_id)
                    .await?
                    .filter(|p| p.post().state == PostState::Published)
                    .ok_or_else(|| Rejection::not_found("published post in this session"))?;
                if post.post().author.id == report.reporter {
                    return Err(
                        Rejection::out_of_range("post", "this is your own; you can take it back").into(),
                    );
                }
                let open = tx
                    .conn()
                    .open_reports_by(&report.session_id, &report.reporter)
                    .await?;
                if open >= REPORTS_OPEN_MAX {
                    let text = format!(
                        "{open} reports of yours are not settled yet; the limit is {REPORTS_OPEN_MAX}"
                    );
                    return Err(Rejection::new(Code::RateLimited, text)
                        .retry_after_ms(60_000)
                        .with("seconds", 60)
                        .into());
                }
                if tx.insert_report(&report).await?
                    && is_told(
                        tx.conn()
                            .count_reports(&report.session_id, report.kind, &report.post_id)
                            .await?,
                    )
                {
                    tell(tx, &report.session_id, report.at, post).await?;
                }
                Ok(())
            })
        })
        .await?;
        metrics::counter!("command_reports").increment(1);
        Ok(())
    }

    /// Keeps reported posts public: their reports are settled.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found`, `out_of_range` (none or over 500), `conflict` as for a decision: a colleague holds one of them, or it changed.
    pub async fn keep_reported(&self, by: &Staff, id: &SessionId, items: Vec<Seen>) -> Outcome<()> {
        let items = distinct(items)?;
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                let public = |from| (from == PostState::Published).then_some(from);
                let (posts, conflicts) = sort_out(act, &items, public).await?;
                if !conflicts.is_empty() {
                    return Err(refusal(&conflicts).into());
                }
                let posts: Vec<(PostKind, String)> = posts
                    .iter()
                    .map(|(post, _)| (post.kind(), post.id().to_owned()))
                    .collect();
                settle(act, &posts, None).await?;
                let session_id = act.session.id.clone();
                let released = act.tx.drop_claims(&session_id, &posts).await?;
                super::claim_post::tell(act, Vec::new(), released);
                let ids: Vec<&str> = posts.iter().map(|(_, id)| id.as_str()).collect();
                act.audit("reports", json!({ "kept": ids })).await
            })
        })
        .await
    }

    /// Takes back that reported posts were kept, within ten seconds.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found`, `out_of_range`, `too_late` when nothing of it can be taken back.
    pub async fn reopen_kept(
        &self,
        by: &Staff,
        id: &SessionId,
        posts: Vec<(PostKind, String)>,
    ) -> Outcome<()> {
        if posts.is_empty() || posts.len() > DECISION_ITEMS_MAX {
            return Err(Rejection::out_of_range("items", format!("{} posts", posts.len())).into());
        }
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                let (session_id, now) = (act.session.id.clone(), act.now);
                let mut public = HashMap::with_capacity(posts.len());
                for (kind, id) in posts {
                    let post = act
                        .tx
                        .conn()
                        .post(&session_id, kind, &id)
                        .await?
                        .ok_or_else(|| Rejection::not_found("post in this session"))?;
                    // Of what is no longer public there is nothing left to look at.
                    if post.post().state == PostState::Published {
                        public.insert((kind, id), post);
                    }
                }
                let keys: Vec<_> = public.keys().cloned().collect();
                let reopened = act
                    .tx
                    .reopen_kept(&session_id, &keys, now.plus_ms(-UNDO_MS))
                    .await?;
                if reopened.is_empty() {
                    return Err(Rejection::new(
                        Code::TooLate,
                        format!("an act can be undone for {} seconds", UNDO_MS / 1_000),
                    )
                    .into());
                }
                let ids: Vec<String> = reopened.iter().map(|(_, id)| id.clone()).collect();
                for key in reopened {
                    if let Some(post) = public.remove(&key) {
                        tell(act.tx, &session_id, now, post).await?;
                    }
                }
                act.audit("reports", json!({ "reopened": ids })).await
            })
        })
        .await
    }
}

/// Settles reports in a decision (`decision`) or because the posts were kept, and tells the desks.
pub(super) async fn settle(
    act: &mut Act<'_>,
    posts: &[(PostKind, String)],
    decision: Option<&str>,
) -> Outcome<()> {
    let session_id = act.session.id.clone();
    let settled = act
        .tx
        .settle_reports(&session_id, posts, decision, act.now)
        .await?;
    if !settled.is_empty() {
        let by_name = act.staff.name.clone();
        act.log(Event::ReportsSettled {
            posts: settled,
            by_name,
        });
    }
    Ok(())
}

/// Tells the desks what viewers say of a post now.
pub(super) async fn tell(
    tx: &mut Tx,
    session: &SessionId,
    at: crate::domain::time::Timestamp,
    post: AnyPost,
) -> Outcome<()> {
    let reports = tx.conn().reports_of(post.kind(), post.id()).await?;
    tx.log(
        session,
        at,
        Event::ItemReported {
            reported: Box::new(Reported { post, reports }),
        },
    );
    Ok(())
}
