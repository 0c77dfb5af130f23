//! A moderator approves, declines, retracts or restores posts: one or many, all or nothing.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::event::{Event, OwnChange};
use crate::domain::ids::{DecisionId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::{AnyPost, DECISION_ITEMS_MAX, Decided, Decision};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::words::{PostKind, PostState, SessionState, Verdict};

/// A post as the moderator saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub kind: PostKind,
    pub id: String,
    pub revision: u64,
}

/// What to do with which posts.
#[derive(Debug, Clone)]
pub struct DecisionInput {
    pub verdict: Verdict,
    pub items: Vec<Seen>,
    pub reason: String,
    pub note: String,
}

impl Commands {
    /// # Errors
    /// `forbidden`, `wrong_state`, `incomplete` (no reason), `out_of_range` (no items or over 500), `conflict` naming in `ids` the posts somebody else changed.
    pub async fn decide_posts(&self, by: &Staff, id: &SessionId, input: DecisionInput) -> Outcome<Decision> {
        let note = super::screening::parse_long("note", &input.note, 200)?;
        if input.items.is_empty() || input.items.len() > DECISION_ITEMS_MAX {
            return Err(Rejection::out_of_range(
                "items",
                format!(
                    "a decision covers {} posts; between 1 and {DECISION_ITEMS_MAX} are possible",
                    input.items.len()
                ),
            )
            .into());
        }
        if input.verdict.needs_reason() && !super::screening::is_reason(&input.reason) {
            return Err(Rejection::incomplete(
                "reason",
                "the author is told why: choose a reason from the table",
            )
            .into());
        }
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                let mut posts = Vec::with_capacity(input.items.len());
                let mut conflicts = Vec::new();
                for seen in &input.items {
                    let session_id = act.session.id.clone();
                    let post = act.tx.conn().post(&session_id, seen.kind, &seen.id).await?.ok_or_else(|| Rejection::not_found("post in this session"))?;
                    match input.verdict.applied_to(post.post().state) {
                        Some(to) if post.post().revision == seen.revision => posts.push((post, to)),
                        _ => conflicts.push(seen.id.clone()),
                    }
                }
                if !conflicts.is_empty() {
                    return Err(Rejection::conflict("a post").with("ids", conflicts.join(",")).into());
                }
                let (reason, note) = if input.verdict.needs_reason() { (input.reason, note) } else { (String::new(), String::new()) };
                let mut items = Vec::with_capacity(posts.len());
                let mut authors = Vec::with_capacity(posts.len());
                for (post, to) in posts {
                    let (decided, own) = move_post(act, post, to, &reason, &note).await?;
                    items.push(decided);
                    authors.push(own);
                }
                let decision = Decision {
                    id: DecisionId::new(act.now, act.chance()),
                    verdict: input.verdict,
                    reason,
                    note,
                    by_name: act.staff.name.clone(),
                    at: act.now,
                    undone: false,
                    items,
                };
                let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
                act.tx.insert_decision(&session_id, staff_id.as_str(), &decision).await?;
                act.log(Event::ItemsDecided { decision: Box::new(decision.clone()), authors });
                act.audit(&format!("decision {}", decision.id), json!({ "verdict": decision.verdict, "items": decision.items.len(), "reason": decision.reason })).await?;
                Ok(decision)
            })
        })
        .await
    }
}

/// Whether the move would leave something to do: a post to decide on, or a question nothing became of. What closing asked for must stay true.
fn reopens(any: &AnyPost, to: PostState) -> bool {
    match (any, to) {
        (_, PostState::Held) => true,
        (AnyPost::Question(question), PostState::Published) => question.disposition.is_none(),
        _ => false,
    }
}

/// Moves a post, tells the public what it may know, and gives back what the decision and the author are told.
pub(super) async fn move_post(
    act: &mut Act<'_>,
    mut any: AnyPost,
    to: PostState,
    reason: &str,
    note: &str,
) -> Outcome<(Decided, OwnChange)> {
    let (kind, id) = (any.kind(), any.id().to_owned());
    let (from, revision, from_reason, from_note) = (
        any.post().state,
        any.post().revision,
        any.post().reason.clone(),
        any.post().note.clone(),
    );
    if act.session.state == SessionState::Closed && reopens(&any, to) {
        return Err(act
            .session
            .wrong_state("takes nothing back that would have to be decided or answered")
            .into());
    }
    if !act.tx.move_post(kind, &id, revision, to, reason, note).await? {
        return Err(Rejection::new(
            Code::Conflict,
            "a post was changed by someone else a moment ago; reload it",
        )
        .with("ids", &id)
        .into());
    }
    let post = any.post_mut();
    post.state = to;
    post.revision = revision + 1;
    post.reason = reason.to_owned();
    post.note = note.to_owned();
    let own = OwnChange {
        author_id: post.author.id.clone(),
        kind,
        id: id.clone(),
        client_ref: post.client_ref.clone(),
        number: post.number,
        state: to,
        reason: post.reason.clone(),
        note: post.note.clone(),
        body: post.body.clone(),
        at: post.at,
    };
    let decided = Decided {
        kind,
        id: id.clone(),
        from,
        from_reason,
        from_note,
        state: to,
        revision: post.revision,
    };
    if to == PostState::Published {
        match any {
            AnyPost::Comment(comment) => act.log(Event::CommentPublished {
                comment: Box::new(comment),
            }),
            AnyPost::Question(question) => act.log(Event::QuestionPublished {
                question: Box::new(question),
            }),
        }
    } else {
        if from == PostState::Published {
            act.log(Event::PostRemoved { kind, id: id.clone() });
            super::put_on_stage::clear_if_on_stage(act.tx, &mut act.session, &id, act.now).await?;
        }
        if to == PostState::Held {
            // Back in the queue after an undo.
            act.log(Event::ItemQueued { post: Box::new(any) });
        }
    }
    Ok((decided, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_would_have_to_be_decided_or_answered_comes_back() {
        let post = |kind: &str, disposition: Option<&str>| -> AnyPost {
            serde_json::from_value(json!({
                "kind": kind, "id": "0000000000000001", "number": 1, "author": { "id": "0000000000000009", "name": "网友", "tier": "guest" },
                "client_ref": "abcdefgh", "body": "水价", "state": "retracted", "at": 0, "findings": [], "reason": "", "note": "", "revision": 1,
                "topic": "", "place": "", "department_id": null, "disposition": disposition, "merged_into": null, "disposition_reason": "", "supports": 0,
            }))
            .expect("a post as the log keeps it")
        };
        for (kind, disposition, to, expected) in [
            ("comment", None, PostState::Published, false),
            ("comment", None, PostState::Held, true),
            ("question", None, PostState::Published, true),
            ("question", Some("assigned"), PostState::Published, false),
            ("question", None, PostState::Retracted, false),
        ] {
            assert_eq!(
                reopens(&post(kind, disposition), to),
                expected,
                "{kind} {disposition:?} {to}"
            );
        }
    }
}
