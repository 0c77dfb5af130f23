//! A step of a session's life: announced, live, paused, ended, closed.

use std::collections::HashSet;

use serde_json::json;

use super::{Commands, Outcome};
use crate::domain::ids::{QuestionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::Question;
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
                        super::emergency::turn_off(act).await?;
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

/// The accepted questions of a session that nothing became of yet. One that was merged counts as well once the question it was merged
/// into was taken back: nobody answers it there any more.
pub fn undisposed(questions: Vec<Question>) -> Vec<Question> {
    let public: HashSet<QuestionId> = questions
        .iter()
        .filter(|q| q.post.state == PostState::Published)
        .map(|q| q.id.clone())
        .collect();
    questions
        .into_iter()
        .filter(|q| {
            q.post.state == PostState::Published
                && (q.disposition.is_none()
                    || q.merged_into.as_ref().is_some_and(|head| !public.contains(head)))
        })
        .collect()
}

async fn check_complete(act: &mut super::Act<'_>) -> Outcome<()> {
    let id = act.session.id.clone();
    let missing: Vec<u64> = undisposed(act.tx.conn().all_questions(&id).await?)
        .iter()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn question(n: u8, state: &str, disposition: Option<&str>, merged_into: Option<u8>) -> Question {
        let id = |n: u8| format!("000000000000000{n}");
        serde_json::from_value(json!({
            "id": id(n), "number": n, "author": { "id": id(9), "name": "网友", "tier": "guest" }, "client_ref": "abcdefgh",
            "body": "水价", "state": state, "at": 0, "findings": [], "reason": "", "note": "", "revision": 1, "topic": "", "place": "",
            "department_id": null, "disposition": disposition, "merged_into": merged_into.map(id), "disposition_reason": "", "supports": 0,
        }))
        .expect("a question as the log keeps it")
    }

    #[test]
    fn a_question_merged_into_one_that_was_taken_back_is_open_again() {
        let missing = undisposed(vec![
            question(1, "published", Some("answered_live"), None),
            question(2, "published", Some("merged"), Some(1)),
            question(3, "published", None, None),
            question(4, "withdrawn", Some("answered_live"), None),
            question(5, "published", Some("merged"), Some(4)),
            question(6, "retracted", None, None),
            question(7, "held", None, None),
        ]);
        assert_eq!(missing.iter().map(|q| q.post.number).collect::<Vec<_>>(), [3, 5]);
    }
}
