//! A step of a session's life: announced, live, paused, ended, closed.

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::SessionId;
use crate::domain::policy::Verb;
use crate::domain::rejection::{Code, Rejection};
use crate::domain::session::Session;
use crate::domain::staff::Staff;
use crate::domain::words::{PostState, Role, SessionState};

/// The right a step needs.
const fn verb_of(to: SessionState) -> Verb {
    match to {
        SessionState::Draft | SessionState::Scheduled => Verb::Schedule,
        SessionState::Live | SessionState::Paused | SessionState::Ended => Verb::RunLive,
        SessionState::Closed => Verb::CloseSession,
    }
}

/// Whether one of `roles` may take the step now; what a page offers.
pub fn may_move(roles: &[Role], session: &Session, to: SessionState) -> bool {
    session.state.next().contains(&to) && verb_of(to).allowed(roles, session.state)
}

impl Commands {
    /// Closing is refused while an accepted question lacks a disposition or something is still held: nothing is lost by closing.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `dispositions_missing` with `count` and `held`, `conflict`.
    pub async fn move_session(&self, by: &Staff, id: &SessionId, to: SessionState) -> Outcome<Session> {
        self.in_session(by, id, verb_of(to), move |act| {
            Box::pin(async move {
                let from = act.session.state;
                act.session.check_step(to)?;
                match to {
                    SessionState::Live => {
                        act.session.started_at = act.session.started_at.or(Some(act.now));
                        act.session.ended_at = None;
                    }
                    SessionState::Ended => {
                        act.session.ended_at = Some(act.now);
                        end_what_runs(act).await?;
                    }
                    SessionState::Closed => {
                        check_complete(act).await?;
                        act.session.closed_at = Some(act.now);
                    }
                    SessionState::Draft | SessionState::Scheduled | SessionState::Paused => {}
                }
                act.session.state = to;
                let session = act.session.clone();
                if !act.tx.move_session(&session, from).await? {
                    return Err(Rejection::conflict("the session").into());
                }
                act.changed();
                act.audit("state", json!({ "from": from, "to": to })).await?;
                Ok(act.session.clone())
            })
        })
        .await
    }
}

/// The end of a session ends its segment and clears its stage; an answer that still runs is published as it is.
async fn end_what_runs(act: &mut super::Act<'_>) -> Outcome<()> {
    if act.session.stage.as_ref().is_some_and(|s| s.answering.is_some()) {
        super::stop_answer::publish_running(act, String::new()).await?;
    }
    act.session.stage = None;
    let id = act.session.id.clone();
    act.tx.set_stage(&id, None).await?;
    let now = act.now;
    for segment in act
        .session
        .segments
        .iter_mut()
        .filter(|s| s.started_at.is_some() && s.ended_at.is_none())
    {
        segment.ended_at = Some(now);
    }
    let session = act.session.clone();
    act.tx.set_session_parts(&session).await?;
    Ok(())
}

async fn check_complete(act: &mut super::Act<'_>) -> Outcome<()> {
    let id = act.session.id.clone();
    let missing: Vec<u64> = act
        .tx
        .conn()
        .all_questions(&id)
        .await?
        .iter()
        .filter(|q| q.post.state == PostState::Published && q.disposition.is_none())
        .map(|q| q.post.number)
        .collect();
    let held = act
        .tx
        .conn()
        .counts_by_state(&id)
        .await?
        .into_iter()
        .find(|(s, _)| *s == PostState::Held)
        .map_or(0, |(_, n)| n);
    if missing.is_empty() && held == 0 {
        return Ok(());
    }
    let numbers = missing
        .iter()
        .take(100)
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let text = format!(
        "{} accepted questions lack a disposition and {held} posts wait for a moderator",
        missing.len()
    );
    Err(Rejection::new(Code::DispositionsMissing, text)
        .with("count", missing.len())
        .with("held", held)
        .with("numbers", numbers)
        .into())
}
