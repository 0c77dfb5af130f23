//! A moderator approves, declines, retracts or restores posts: one or many, all or nothing.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::claim_post::{conflict_of, refusal};
use super::{Act, Commands, Outcome};
use crate::domain::claim::{Claim, Conflict};
use crate::domain::erasure::ErasureState;
use crate::domain::event::{Event, OwnChange};
use crate::domain::ids::{DecisionId, LeaseId, SessionId};
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
    /// The claim it is decided under.
    pub lease: Option<LeaseId>,
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
    /// `forbidden`, `wrong_state`, `incomplete` (no reason), `out_of_range` (no items or over 500), `conflict` naming in `ids` the posts somebody else holds or changed and telling in `conflicts` who did what when.
    pub async fn decide_posts(&self, by: &Staff, id: &SessionId, input: DecisionInput) -> Outcome<Decision> {
        check_chosen(input.verdict)?;
        let note = super::screening::parse_long("note", &input.note, 200)?;
        let items = distinct(input.items)?;
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                if input.verdict.needs_reason() {
                    super::reasons::check_reason_of(act, &input.reason).await?;
                }
                let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
                let (posts, conflicts) = sort_out(act, &items, |from| input.verdict.applied_to(from)).await?;
                if !conflicts.is_empty() {
                    return Err(refusal(&conflicts).into());
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
                let let_go: Vec<(PostKind, String)> = decision.items.iter().map(|i| (i.kind, i.id.clone())).collect();
                act.tx.drop_claims(&session_id, &let_go).await?;
                act.tx.insert_decision(&session_id, staff_id.as_str(), &decision).await?;
                super::report_post::settle(act, &let_go, Some(decision.id.as_str())).await?;
                act.log(Event::ItemsDecided { decision: Box::new(decision.clone()), authors });
                act.audit(&format!("decision {}", decision.id), json!({ "verdict": decision.verdict, "items": decision.items.len(), "reason": decision.reason })).await?;
                Ok(decision)
            })
        })
        .await
    }

    /// What a decision would do now, without doing it: how many posts of how many people it fits, and what stands in the way of the others.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found`, `out_of_range`.
    pub async fn preview_decision(
        &self,
        by: &Staff,
        id: &SessionId,
        input: DecisionInput,
    ) -> Outcome<Preview> {
        check_chosen(input.verdict)?;
        let items = distinct(input.items)?;
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                act.leave_no_line();
                let (posts, conflicts) = sort_out(act, &items, |from| input.verdict.applied_to(from)).await?;
                let people: HashSet<_> = posts.iter().map(|(p, _)| p.post().author.id.clone()).collect();
                Ok(Preview {
                    fits: posts.len(),
                    people: people.len(),
                    found: posts
                        .iter()
                        .filter(|(p, _)| !p.post().findings.is_empty())
                        .count(),
                    conflicts,
                })
            })
        })
        .await
    }
}

/// What a decision would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Posts it fits.
    pub fits: usize,
    /// Who wrote them.
    pub people: usize,
    /// How many of them screening found something in.
    pub found: usize,
    pub conflicts: Vec<Conflict>,
}

/// # Errors
/// `out_of_range` for what only an appeal comes to.
fn check_chosen(verdict: Verdict) -> Result<(), Rejection> {
    if verdict == Verdict::Stand {
        let why = "a post is left where it is by deciding an appeal; here it is approved, declined, retracted or restored";
        return Err(Rejection::out_of_range("verdict", why));
    }
    Ok(())
}

/// The posts, each once.
///
/// # Errors
/// `out_of_range` (none or over 500)
pub(super) fn distinct(mut items: Vec<Seen>) -> Result<Vec<Seen>, Rejection> {
    if !(1..=DECISION_ITEMS_MAX).contains(&items.len()) {
        return Err(Rejection::out_of_range(
            "items",
            format!(
                "a decision covers {} posts; between 1 and {DECISION_ITEMS_MAX} are possible",
                items.len()
            ),
        ));
    }
    let mut known = HashSet::new();
    items.retain(|seen| known.insert((seen.kind, seen.id.clone())));
    Ok(items)
}

/// The posts a decision fits with where they go, and what stands in the way of the others. `to` says where a post goes from its state,
/// `None` if the decision does not fit it.
pub(super) async fn sort_out(
    act: &mut Act<'_>,
    items: &[Seen],
    to: impl Fn(PostState) -> Option<PostState>,
) -> Outcome<(Vec<(AnyPost, PostState)>, Vec<Conflict>)> {
    let (session_id, staff_id, now) = (act.session.id.clone(), act.staff.id.clone(), act.now);
    let claims: HashMap<(PostKind, String), Claim> = act
        .tx
        .conn()
        .claims(&session_id)
        .await?
        .into_iter()
        .map(|c| ((c.kind, c.id.clone()), c))
        .collect();
    let erased: HashSet<(PostKind, String)> = act
        .tx
        .conn()
        .erasures(&session_id)
        .await?
        .into_iter()
        .filter(|e| e.state == ErasureState::Done)
        .map(|e| (e.kind, e.post_id))
        .collect();
    let mut posts = Vec::with_capacity(items.len());
    let mut conflicts = Vec::new();
    for seen in items {
        let post = act
            .tx
            .conn()
            .post(&session_id, seen.kind, &seen.id)
            .await?
            .ok_or_else(|| Rejection::not_found("post in this session"))?;
        let key = (seen.kind, seen.id.clone());
        let claim = claims.get(&key);
        let barring = claim.filter(|c| c.bars(&staff_id, seen.lease.as_ref(), now));
        // Whoever acted on it since let go of the claim with it, whether or not the post shows what was done.
        let lost = seen.lease.is_some() && claim.is_none();
        let from = post.post().state;
        let fitting = to(from)
            .filter(|_| post.post().revision == seen.revision)
            .filter(|&to| {
                from == to || {
                    let gone = to == PostState::Published && erased.contains(&key);
                    let shut = act.session.state == SessionState::Closed && reopens(&post, to);
                    !gone && !shut
                }
            });
        match fitting {
            Some(to) if barring.is_none() && !lost => posts.push((post, to)),
            // What was done to it says more than who holds it now.
            Some(_) => conflicts.push(conflict_of(act, &post, barring).await?),
            None => conflicts.push(conflict_of(act, &post, None).await?),
        }
    }
    Ok((posts, conflicts))
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
