//! A moderator holds a post while deciding on it: takes it, keeps it, lets go of it, or takes it over from a colleague.
//!
//! Claims are rows like everything else, so they hold between nodes and survive a restart; they end by themselves. That two moderators
//! never decide on the same post is held by the session's row, which every command here locks.

use serde_json::json;

use super::{Act, Commands, Outcome};
use crate::domain::claim::{
    CLAIMS_MAX, CONFLICTS_TOLD_MAX, Claim, Conflict, ConflictCause, LEASE_MS, SKIP_MAX,
};
use crate::domain::event::Event;
use crate::domain::ids::{LeaseId, SessionId};
use crate::domain::policy::Verb;
use crate::domain::post::AnyPost;
use crate::domain::rejection::Rejection;
use crate::domain::report::{REPORTS_URGENT, Reports};
use crate::domain::staff::Staff;
use crate::domain::words::{PostKind, PostState};

/// What to hold.
#[derive(Debug, Clone, Default)]
pub struct ClaimInput {
    /// Which; `None` for the most urgent one that is free.
    pub item: Option<(PostKind, String)>,
    /// Also from who holds it.
    pub take_over: bool,
    /// If it cannot be held, the next free one instead of a refusal.
    pub or_next: bool,
    /// Only of this kind, for the next one.
    pub kind: Option<PostKind>,
    /// Ids the next one is not to be of.
    pub skip: Vec<String>,
    /// Claims to let go of with it.
    pub release: Vec<LeaseId>,
}

/// A post held from now on.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub claim: Claim,
    pub post: AnyPost,
    /// What viewers said of it, if they did.
    pub reports: Option<Reports>,
}

impl Commands {
    /// Holds a post, or the most urgent free one: the oldest that waits and nobody holds. `None` when nothing is left.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `not_found`, `conflict` telling who holds or decided it, `out_of_range` (too many claims or posts left out).
    pub async fn claim_post(
        &self,
        by: &Staff,
        id: &SessionId,
        input: ClaimInput,
    ) -> Outcome<Option<Claimed>> {
        if input.skip.len() > SKIP_MAX || input.release.len() > CLAIMS_MAX {
            return Err(Rejection::out_of_range(
                "skip",
                format!("at most {SKIP_MAX} posts are left out and {CLAIMS_MAX} claims let go of"),
            )
            .into());
        }
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                // A takeover writes one all the same.
                act.leave_no_line();
                let (session_id, staff_id, now) = (act.session.id.clone(), act.staff.id.clone(), act.now);
                let released = act
                    .tx
                    .release_claims(&session_id, &staff_id, &input.release)
                    .await?;
                act.tx.sweep_claims(&session_id, now).await?;
                let claims = act.tx.conn().claims(&session_id).await?;
                let mut target = None;
                if let Some((kind, post_id)) = &input.item {
                    match wanted(act, *kind, post_id, &claims, input.take_over).await? {
                        Ok(post) => target = Some(post),
                        Err(_) if input.or_next => {}
                        Err(conflict) => {
                            // What was let go of with it stays let go of.
                            tell(act, Vec::new(), released);
                            return Ok(Err(conflict));
                        }
                    }
                }
                if target.is_none() && (input.item.is_none() || input.or_next) {
                    target = next_free(act, input.kind, &input.skip).await?;
                }
                let Some(post) = target else {
                    tell(act, Vec::new(), released);
                    return Ok(Ok(None));
                };
                let own = claims
                    .iter()
                    .filter(|c| c.staff_id == staff_id && c.holds(now))
                    .filter(|c| c.kind != post.kind() || c.id != post.id())
                    .count();
                if own >= CLAIMS_MAX {
                    return Err(Rejection::out_of_range(
                        "claims",
                        format!("{own} posts are held by you in this session; the limit is {CLAIMS_MAX}"),
                    )
                    .into());
                }
                let former = claims.iter().find(|c| {
                    c.kind == post.kind() && c.id == post.id() && c.holds(now) && c.staff_id != staff_id
                });
                let claim = Claim {
                    kind: post.kind(),
                    id: post.id().to_owned(),
                    lease: LeaseId::new(now, act.chance()),
                    staff_id,
                    by_name: act.staff.name.clone(),
                    at: now,
                    until: now.plus_ms(LEASE_MS),
                    taken_from: former.map(|c| c.by_name.clone()).unwrap_or_default(),
                };
                act.tx.put_claim(&session_id, &claim).await?;
                if let Some(former) = former {
                    let target = format!("{} {}", post.kind(), post.id());
                    act.audit(&target, json!({ "taken_over_from": former.staff_id }))
                        .await?;
                }
                tell(act, vec![claim.clone()], released);
                let reports = act.tx.conn().reports_on(&post).await?;
                Ok(Ok(Some(Claimed { claim, post, reports })))
            })
        })
        .await?
        .map_err(|conflict| refusal(&[conflict]).into())
    }

    /// Keeps holding what is still held of `leases`; the others were lost. One whose time was over but which nobody took is held again.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `out_of_range`.
    pub async fn renew_claims(
        &self,
        by: &Staff,
        id: &SessionId,
        leases: Vec<LeaseId>,
    ) -> Outcome<(Vec<Claim>, Vec<LeaseId>)> {
        check_count(&leases)?;
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                act.leave_no_line();
                let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
                let until = act.now.plus_ms(LEASE_MS);
                let kept = act
                    .tx
                    .renew_claims(&session_id, &staff_id, &leases, until)
                    .await?;
                let lost = leases
                    .into_iter()
                    .filter(|lease| kept.iter().all(|claim| claim.lease != *lease))
                    .collect();
                tell(act, kept.clone(), Vec::new());
                Ok((kept, lost))
            })
        })
        .await
    }

    /// Lets go. What is not held any more is passed over.
    ///
    /// # Errors
    /// `forbidden`, `wrong_state`, `out_of_range`.
    pub async fn release_claims(&self, by: &Staff, id: &SessionId, leases: Vec<LeaseId>) -> Outcome<()> {
        check_count(&leases)?;
        self.in_session(by, id, Verb::Decide, move |act| {
            Box::pin(async move {
                act.leave_no_line();
                let (session_id, staff_id) = (act.session.id.clone(), act.staff.id.clone());
                let released = act.tx.release_claims(&session_id, &staff_id, &leases).await?;
                tell(act, Vec::new(), released);
                Ok(())
            })
        })
        .await
    }
}

fn check_count(leases: &[LeaseId]) -> Result<(), Rejection> {
    if leases.len() <= CLAIMS_MAX {
        return Ok(());
    }
    Err(Rejection::out_of_range(
        "leases",
        format!("{} claims; the limit is {CLAIMS_MAX}", leases.len()),
    ))
}

/// Tells the desks who holds what now.
pub(super) fn tell(act: &mut Act<'_>, claims: Vec<Claim>, released: Vec<LeaseId>) {
    if claims.is_empty() && released.is_empty() {
        return;
    }
    let at = act.now;
    act.log(Event::ClaimsChanged { claims, released, at });
}

/// The post that was asked for, or why it cannot be held.
async fn wanted(
    act: &mut Act<'_>,
    kind: PostKind,
    id: &str,
    claims: &[Claim],
    take_over: bool,
) -> Outcome<Result<AnyPost, Conflict>> {
    let session_id = act.session.id.clone();
    let post = act
        .tx
        .conn()
        .post(&session_id, kind, id)
        .await?
        .ok_or_else(|| Rejection::not_found("post in this session"))?;
    let waits = match post.post().state {
        PostState::Held => true,
        PostState::Published => act.tx.conn().reports_of(kind, id).await?.count > 0,
        _ => false,
    };
    if !waits {
        return Ok(Err(conflict_of(act, &post, None).await?));
    }
    let barring = claims
        .iter()
        .find(|c| c.kind == kind && c.id == id && c.bars(&act.staff.id, None, act.now));
    match barring {
        Some(claim) if !take_over => Ok(Err(conflict_of(act, &post, Some(claim)).await?)),
        _ => Ok(Ok(post)),
    }
}

/// The most urgent post nobody holds: what several viewers reported, then whatever has waited longest, a held post since it was
/// written and a reported one since its first report. Ids sort by time, so the smaller id of both kinds has waited longer.
async fn next_free(act: &mut Act<'_>, kind: Option<PostKind>, skip: &[String]) -> Outcome<Option<AnyPost>> {
    let (session_id, now) = (act.session.id.clone(), act.now);
    let held: Vec<(PostKind, String)> = act
        .tx
        .conn()
        .claims(&session_id)
        .await?
        .into_iter()
        .filter(|c| c.holds(now))
        .map(|c| (c.kind, c.id))
        .collect();
    // Most reported first.
    let reported: Vec<_> = act
        .tx
        .conn()
        .reported_posts(&session_id)
        .await?
        .into_iter()
        .filter(|(of, id, ..)| {
            kind.is_none_or(|kind| kind == *of) && !skip.contains(id) && !held.contains(&(*of, id.clone()))
        })
        .collect();
    if let Some((of, id, n, _)) = reported.first()
        && *n >= REPORTS_URGENT
    {
        return Ok(act.tx.conn().post(&session_id, *of, id).await?);
    }
    let mut found: Option<(String, PostKind)> = None;
    for &of in PostKind::ALL {
        if kind.is_some_and(|kind| kind != of) {
            continue;
        }
        let free = act
            .tx
            .conn()
            .free_held(&session_id, of, now, skip.len() + 1)
            .await?;
        if let Some(id) = free.into_iter().find(|id| !skip.contains(id))
            && found.as_ref().is_none_or(|(known, _)| id < *known)
        {
            found = Some((id, of));
        }
    }
    let waiting = match found {
        Some((id, of)) => act.tx.conn().post(&session_id, of, &id).await?,
        None => None,
    };
    let first_reported = reported.into_iter().min_by_key(|(.., at)| *at);
    match (waiting, first_reported) {
        (Some(post), Some((.., at))) if post.post().at <= at => Ok(Some(post)),
        (_, Some((of, id, ..))) => Ok(act.tx.conn().post(&session_id, of, &id).await?),
        (waiting, None) => Ok(waiting),
    }
}

/// What stands in the way of a decision on `post`: the claim, or what was done to it last.
pub(super) async fn conflict_of(
    act: &mut Act<'_>,
    post: &AnyPost,
    claim: Option<&Claim>,
) -> Outcome<Conflict> {
    let mut conflict = Conflict {
        kind: post.kind(),
        id: post.id().to_owned(),
        why: ConflictCause::Changed,
        by_name: String::new(),
        verdict: None,
        at_ms: None,
        until_ms: None,
        state: post.post().state,
        revision: post.post().revision,
    };
    if let Some(claim) = claim {
        conflict.why = ConflictCause::Claimed;
        conflict.by_name.clone_from(&claim.by_name);
        conflict.at_ms = Some(claim.at);
        conflict.until_ms = Some(claim.until);
    } else if conflict.state == PostState::Withdrawn {
        conflict.why = ConflictCause::Withdrawn;
    } else if let Some(decision) = act.tx.conn().last_decision_on(post.kind(), post.id()).await? {
        conflict.why = if decision.undone {
            ConflictCause::Undone
        } else {
            ConflictCause::Decided
        };
        conflict.by_name = decision.by_name;
        conflict.verdict = Some(decision.verdict);
        conflict.at_ms = Some(decision.at);
    }
    Ok(conflict)
}

/// The refusal that tells what the others did. Nothing was changed.
pub(super) fn refusal(conflicts: &[Conflict]) -> Rejection {
    let ids: Vec<&str> = conflicts.iter().map(|c| c.id.as_str()).collect();
    let told = &conflicts[..conflicts.len().min(CONFLICTS_TOLD_MAX)];
    Rejection::conflict("a post")
        .with("ids", ids.join(","))
        .with("conflicts", json!(told))
}
