//! Erase a post by law: one person asks, another confirms. Text and name are overwritten everywhere; what stays is that there was a post.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::erasure::{Erasure, ErasureState};
use crate::domain::event::Event;
use crate::domain::ids::{DecisionId, ErasureId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::Decision;
use crate::domain::rejection::Rejection;
use crate::domain::staff::Staff;
use crate::domain::words::{PostKind, PostState, Verdict};

/// The reason code an author is told when a post is erased.
const ILLEGAL: &str = "illegal";

impl Commands {
    /// # Errors
    /// `forbidden`, `not_found`, `incomplete` (no reason), `too_long`, `taken` when it was asked for already.
    pub async fn ask_erasure(
        &self,
        by: &Staff,
        id: &SessionId,
        kind: PostKind,
        post_id: String,
        reason: &str,
    ) -> Outcome<Erasure> {
        let reason = super::screening::parse_label("reason", reason, 200)?;
        if reason.is_empty() {
            return Err(Rejection::incomplete("reason", "say by what law or paper it is erased").into());
        }
        self.in_session(by, id, Verb::AskErasure, move |act| {
            Box::pin(async move {
                let session_id = act.session.id.clone();
                act.tx
                    .conn()
                    .post(&session_id, kind, &post_id)
                    .await?
                    .ok_or_else(|| Rejection::not_found("post in this session"))?;
                let known = act.tx.conn().erasures(&session_id).await?;
                if known
                    .iter()
                    .any(|e| e.kind == kind && e.post_id == post_id && e.state != ErasureState::Cancelled)
                {
                    return Err(Rejection::new(
                        crate::domain::rejection::Code::Taken,
                        "this erasure was asked for already",
                    )
                    .with("field", "post_id")
                    .into());
                }
                let erasure = Erasure {
                    id: ErasureId::new(act.now, act.chance()),
                    kind,
                    post_id,
                    reason,
                    asked_by: act.staff.id.clone(),
                    asked_name: act.staff.name.clone(),
                    asked_at: act.now,
                    settled_name: String::new(),
                    settled_at: None,
                    state: ErasureState::Open,
                };
                act.tx.insert_erasure(&session_id, &erasure).await?;
                let target = format!("{} {}", erasure.kind, erasure.post_id);
                act.audit(
                    &target,
                    json!({ "erasure": erasure.id, "reason": erasure.reason }),
                )
                .await?;
                Ok(erasure)
            })
        })
        .await
    }

    /// Confirms (`to` is `done`) or cancels an erasure. Only another person than who asked confirms.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, `conflict` when it is settled, `second_person_needed` when who asked would confirm it.
    pub async fn settle_erasure(
        &self,
        by: &Staff,
        id: &SessionId,
        erasure: ErasureId,
        to: ErasureState,
    ) -> Outcome<Erasure> {
        self.in_session(by, id, Verb::ConfirmErasure, move |act| {
            Box::pin(async move {
                let session_id = act.session.id.clone();
                let mut erasure = act
                    .tx
                    .conn()
                    .erasures(&session_id)
                    .await?
                    .into_iter()
                    .find(|e| e.id == erasure)
                    .ok_or_else(|| Rejection::not_found("erasure in this session"))?;
                if to == ErasureState::Done {
                    erasure.check_confirmed_by(&act.staff.id)?;
                }
                let (staff_id, name, now) = (act.staff.id.clone(), act.staff.name.clone(), act.now);
                if !act
                    .tx
                    .settle_erasure(&erasure.id, to, &staff_id, &name, now)
                    .await?
                {
                    return Err(Rejection::conflict("the erasure").into());
                }
                if to == ErasureState::Done {
                    erase(act, erasure.kind, &erasure.post_id).await?;
                }
                erasure.state = to;
                erasure.settled_name = name;
                erasure.settled_at = Some(now);
                let target = format!("{} {}", erasure.kind, erasure.post_id);
                act.audit(&target, json!({ "erasure": erasure.id, "state": to }))
                    .await?;
                Ok(erasure)
            })
        })
        .await
    }
}

async fn erase(act: &mut Act<'_>, kind: PostKind, id: &str) -> Outcome<()> {
    let session_id = act.session.id.clone();
    let post = act
        .tx
        .conn()
        .post(&session_id, kind, id)
        .await?
        .ok_or_else(|| Rejection::not_found("post in this session"))?;
    let taken_down = match post.post().state {
        PostState::Held => Some((Verdict::Decline, PostState::Declined)),
        PostState::Published => Some((Verdict::Retract, PostState::Retracted)),
        _ => None,
    };
    if let Some((verdict, to)) = taken_down {
        // A decision like any other: the author is told, and a colleague who comes too late.
        let (decided, own) = super::decide_posts::move_post(act, post, to, ILLEGAL, "").await?;
        let decision = Decision {
            id: DecisionId::new(act.now, act.chance()),
            verdict,
            reason: ILLEGAL.to_owned(),
            note: String::new(),
            by_name: act.staff.name.clone(),
            at: act.now,
            undone: false,
            items: vec![decided],
        };
        let staff_id = act.staff.id.clone();
        act.tx
            .insert_decision(&session_id, staff_id.as_str(), &decision)
            .await?;
        act.log(Event::ItemsDecided {
            decision: Box::new(decision),
            authors: vec![own],
        });
    }
    let keys = [(kind, id.to_owned())];
    super::report_post::settle(act, &keys, Some("erased")).await?;
    act.tx.drop_claims(&session_id, &keys).await?;
    act.tx.erase_post(&session_id, kind, id).await?;
    if let Some(post) = act.tx.conn().post(&session_id, kind, id).await? {
        // The desks forget the text with it.
        act.log(Event::ItemQueued { post: Box::new(post) });
    }
    Ok(())
}
