//! Decide an appeal: a second person, never one who decided on the post before.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::appeal::{Appeal, AppealState, AppealVerdict, check_second_person};
use crate::domain::event::{Event, OwnChange};
use crate::domain::ids::{AppealId, DecisionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::{AnyPost, Decided, Decision};
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::words::{PostState, SessionState, Verdict};
use crate::store::AppealDecision;

impl Commands {
    /// Upheld, the post is published (unless the session is closed and it would have to be answered, or it was erased by law: then only the
    /// record says so).
    /// Dismissed, it stays as it is. Either way the outcome is a decision like any other: stored, told to the desks and to the author with the
    /// note, and taken back within ten seconds by whoever may decide appeals on this post.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `conflict` when decided already, `second_person_needed`, `incomplete` (`note`) when it is dismissed
    /// or cannot be published any more, `too_long`.
    pub async fn decide_appeal(
        &self,
        by: &Staff,
        session_id: &SessionId,
        appeal_id: AppealId,
        verdict: AppealVerdict,
        note: &str,
    ) -> Outcome<(Appeal, Decision)> {
        let note = super::screening::parse_long("note", note, 200)?;
        self.in_session(by, session_id, Verb::DecideAppeal, move |act| {
            Box::pin(async move {
                let session_id = act.session.id.clone();
                let mut appeal = act
                    .tx
                    .conn()
                    .appeal(&session_id, &appeal_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("appeal in this session"))?;
                if appeal.state != AppealState::Open {
                    return Err(Rejection::conflict("the appeal").into());
                }
                let post = act
                    .tx
                    .conn()
                    .post(&session_id, appeal.kind, &appeal.post_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("post in this session"))?;
                let deciders = act.tx.conn().deciders(appeal.kind, &appeal.post_id).await?;
                check_second_person(&deciders, &act.staff.id)?;
                let from = post.post().state;
                let erased = act
                    .tx
                    .conn()
                    .is_erased(&session_id, appeal.kind, &appeal.post_id)
                    .await?;
                // Restored meanwhile by somebody else: there is nothing left to move. Erased meanwhile: it never comes back.
                let may_move = matches!(from, PostState::Declined | PostState::Retracted)
                    && !erased
                    && !(act.session.state == SessionState::Closed && needs_an_answer(&post));
                let restore = verdict == AppealVerdict::Uphold && may_move;
                if note.is_empty() && !restore && from != PostState::Published {
                    return Err(
                        Rejection::incomplete("note", "the author is told why it is not published").into(),
                    );
                }
                appeal.state = match verdict {
                    AppealVerdict::Uphold => AppealState::Upheld,
                    AppealVerdict::Dismiss => AppealState::Dismissed,
                };
                appeal.note.clone_from(&note);
                appeal.decided_by_name.clone_from(&act.staff.name);
                appeal.decided_at = Some(act.now);
                appeal.restored = restore || from == PostState::Published;
                let (staff_id, staff_name) = (act.staff.id.clone(), act.staff.name.clone());
                let decision = AppealDecision {
                    id: &appeal.id,
                    state: appeal.state,
                    note: &note,
                    by: &staff_id,
                    by_name: &staff_name,
                    at: act.now,
                    restored: appeal.restored,
                };
                if !act.tx.decide_appeal(&decision).await? {
                    return Err(Rejection::conflict("the appeal").into());
                }
                let (item, own) = if restore {
                    super::decide_posts::move_post(act, post, PostState::Published, "", &note).await?
                } else {
                    unmoved(&post, &note)
                };
                let outcome = Decision {
                    id: DecisionId::new(act.now, act.chance()),
                    verdict: if restore { Verdict::Restore } else { Verdict::Stand },
                    reason: own.reason.clone(),
                    note,
                    by_name: staff_name,
                    at: act.now,
                    undone: false,
                    items: vec![item],
                };
                act.tx
                    .drop_claims(&session_id, &[(appeal.kind, appeal.post_id.clone())])
                    .await?;
                act.tx
                    .insert_decision(&session_id, staff_id.as_str(), &outcome)
                    .await?;
                act.tx.insert_appeal_outcome(&appeal.id, &outcome.id).await?;
                act.log(Event::ItemsDecided {
                    decision: Box::new(outcome.clone()),
                    authors: vec![own],
                });
                act.audit(
                    &format!("appeal {}", appeal.id),
                    json!({ "verdict": verdict, "kind": appeal.kind, "post_id": appeal.post_id, "restored": appeal.restored }),
                )
                .await?;
                Ok((appeal, outcome))
            })
        })
        .await
    }
}

/// A question without disposition: published again, it would have to be answered.
fn needs_an_answer(post: &AnyPost) -> bool {
    matches!(post, AnyPost::Question(question) if question.disposition.is_none())
}

/// What the author is told of a post that stays where it is.
pub(super) fn unmoved(any: &AnyPost, note: &str) -> (Decided, OwnChange) {
    let post = any.post();
    let decided = Decided {
        kind: any.kind(),
        id: any.id().to_owned(),
        from: post.state,
        from_reason: post.reason.clone(),
        from_note: post.note.clone(),
        state: post.state,
        revision: post.revision,
    };
    let own = OwnChange {
        author_id: post.author.id.clone(),
        kind: any.kind(),
        id: any.id().to_owned(),
        client_ref: post.client_ref.clone(),
        number: post.number,
        state: post.state,
        reason: post.reason.clone(),
        note: note.to_owned(),
        body: post.body.clone(),
        at: post.at,
    };
    (decided, own)
}
