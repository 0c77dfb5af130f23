//! Claims: who is deciding on which post right now, and what somebody who comes too late is told.
//!
//! A claim is a lease: it ends by itself unless it is renewed, so a moderator whose browser crashed blocks nobody. Its id is
//! the fence: a decision that names a lease which somebody else has taken over since changes nothing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::closed_set::closed_set;
use super::ids::{LeaseId, StaffId};
use super::time::Timestamp;
use super::words::{PostKind, PostState, Verdict};

/// How long a claim holds without being renewed. A desk renews every third of it: two renewals may be lost.
pub const LEASE_MS: i64 = 45_000;
/// Claims one account may hold in a session: the item being read, a few beside it, and other windows.
pub const CLAIMS_MAX: usize = 20;
/// Posts the dispatcher may be told to leave out, put aside by who asks.
pub const SKIP_MAX: usize = 200;
/// Conflicts told in full; the rest by id only.
pub const CONFLICTS_TOLD_MAX: usize = 50;

/// A post held by a moderator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub kind: PostKind,
    pub id: String,
    pub lease: LeaseId,
    pub staff_id: StaffId,
    pub by_name: String,
    pub at: Timestamp,
    pub until: Timestamp,
    /// Who held it before and was told; empty unless it was taken over.
    #[serde(default)]
    pub taken_from: String,
}

impl Claim {
    /// Whether it still holds.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until > now
    }
    /// Whether it stands in the way of a decision of `staff` that names `lease`. A decision without a lease passes over one's own
    /// claims, so that one act over many needs none; a lease that is named must be the one in force.
    pub fn bars(&self, staff: &StaffId, lease: Option<&LeaseId>, now: Timestamp) -> bool {
        self.holds(now) && (self.staff_id != *staff || lease.is_some_and(|l| *l != self.lease))
    }
}

closed_set! {
    /// Why a post was not decided on.
    ConflictCause {
        /// Somebody decided on it since.
        Decided = "decided",
        /// A decision on it was undone since.
        Undone = "undone",
        /// Somebody holds it.
        Claimed = "claimed",
        /// Its author took it back.
        Withdrawn = "withdrawn",
        /// It changed in another way: its text, department or disposition.
        Changed = "changed",
    }
}

/// What stood in the way of a decision on a post: who, what, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Conflict {
    /// What it is.
    pub kind: PostKind,
    /// Which.
    pub id: String,
    /// Why.
    pub why: ConflictCause,
    /// Who, empty if it is not known or the author.
    pub by_name: String,
    /// What was done, for `decided` and `undone`.
    pub verdict: Option<Verdict>,
    /// When it was decided or claimed.
    pub at_ms: Option<Timestamp>,
    /// Until when it is held, for `claimed`.
    pub until_ms: Option<Timestamp>,
    /// Where it stands now.
    pub state: PostState,
    /// Its revision now.
    pub revision: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_bars_others_and_an_old_lease_until_its_time_is_over() {
        let at = Timestamp::from_ms;
        let (mine, other) = (StaffId::new(at(0), 1), StaffId::new(at(0), 2));
        let (lease, old) = (LeaseId::new(at(5), 1), LeaseId::new(at(1), 1));
        let claim = Claim {
            kind: PostKind::Comment,
            id: "0000000000000001".into(),
            lease: lease.clone(),
            staff_id: mine.clone(),
            by_name: "王芳".into(),
            at: at(0),
            until: at(LEASE_MS),
            taken_from: String::new(),
        };
        for (staff, named, now, barred) in [
            (&mine, Some(&lease), 1, false),
            (&mine, None, 1, false),
            (&mine, Some(&old), 1, true),
            (&other, None, 1, true),
            (&other, Some(&lease), 1, true),
            (&other, None, LEASE_MS, false),
            (&mine, Some(&old), LEASE_MS, false),
        ] {
            assert_eq!(
                claim.bars(staff, named, at(now)),
                barred,
                "{staff} {named:?} {now}"
            );
        }
    }
}
