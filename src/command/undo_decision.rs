//! Undo a moderator's act within ten seconds.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::appeal::check_second_person;
use crate::domain::event::Event;
use crate::domain::ids::{DecisionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::{Decision, UNDO_MS};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::words::{PostKind, PostState};

/// Written as who settled the reports of what is no longer public because its approval was undone.
const UNDONE: &str = "undone";

impl Commands {
    /// Every post goes back to where it was, unless somebody decided on one of them since: then nothing is undone. An appeal whose outcome
    /// is undone is open again.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `too_late` after ten seconds, `conflict` when undone already or a post was changed since,
    /// `second_person_needed` when it is the outcome of an appeal against a decision of `by`.
    pub async fn undo_decision(
        &self,
        by: &Staff,
        id: &SessionId,
        decision_id: DecisionId,
    ) -> Outcome<Decision> {
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                let session_id = act.session.id.clone();
                let mut decision = act
                    .tx
                    .conn()
                    .decision(&session_id, &decision_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("decision in this session"))?;
                if act.now.since_ms(decision.at) > UNDO_MS {
                    return Err(Rejection::new(
                        Code::TooLate,
                        format!("a decision can be undone for {} seconds", UNDO_MS / 1_000),
                    )
                    .into());
                }
                let appeal = act.tx.conn().appeal_of_outcome(&decision_id).await?;
                if let Some(appeal) = &appeal {
                    for item in &decision.items {
                        let deciders = act.tx.conn().deciders(item.kind, &item.id).await?;
                        check_second_person(&deciders, &act.staff.id)?;
                    }
                    act.tx.reopen_appeal(appeal).await?;
                }
                if !act.tx.undo_decision(&decision_id).await? {
                    return Err(Rejection::conflict("the decision").into());
                }
                let mut authors = Vec::with_capacity(decision.items.len());
                for item in &mut decision.items {
                    let post = act
                        .tx
                        .conn()
                        .post(&session_id, item.kind, &item.id)
                        .await?
                        .ok_or_else(|| Rejection::not_found("post in this session"))?;
                    if post.post().revision != item.revision {
                        return Err(Rejection::conflict("a post").with("ids", &item.id).into());
                    }
                    let (decided, own) = if item.from == item.state {
                        super::decide_appeal::unmoved(&post, &item.from_note)
                    } else {
                        let (reason, note) = (&item.from_reason, &item.from_note);
                        super::decide_posts::move_post(act, post, item.from, reason, note).await?
                    };
                    item.state = decided.state;
                    item.revision = decided.revision;
                    authors.push(own);
                }
                decision.undone = true;
                let keys: Vec<(PostKind, String)> =
                    decision.items.iter().map(|i| (i.kind, i.id.clone())).collect();
                let hidden: Vec<(PostKind, String)> = decision
                    .items
                    .iter()
                    .filter(|i| i.state != PostState::Published)
                    .map(|i| (i.kind, i.id.clone()))
                    .collect();
                // Whoever holds one of them (reported while it was public) has lost it: the desks let go of it with the decision.
                act.tx.drop_claims(&session_id, &keys).await?;
                super::report_post::settle(act, &hidden, Some(UNDONE)).await?;
                for (kind, id) in act.tx.reopen_reports(decision_id.as_str()).await? {
                    if let Some(post) = act.tx.conn().post(&session_id, kind, &id).await?
                        && post.post().state == PostState::Published
                    {
                        super::report_post::tell(act.tx, &session_id, act.now, post).await?;
                    }
                }
                act.log(Event::ItemsDecided {
                    decision: Box::new(decision.clone()),
                    authors,
                });
                let detail = match appeal {
                    Some(appeal) => json!({ "undone": true, "appeal": appeal }),
                    None => json!({ "undone": true }),
                };
                act.audit(&format!("decision {decision_id}"), detail).await?;
                Ok(decision)
            })
        })
        .await
    }
}
