//! Receipts and appeals: what an author can know of a post that is not public, and how it is looked at again.
//!
//! Everybody is heard once per post, and never by whom the objection is against.

use super::closed_set::closed_set;
use super::ids::{AppealId, ParticipantId, SessionId, StaffId};
use super::rejection::{Code, Rejection};
use super::time::Timestamp;
use super::words::{PostKind, PostState};

/// Longest reason of an appeal, in characters as a reader counts them.
pub const APPEAL_GRAPHEMES_MAX: usize = 300;
/// Reasons a hall may add.
pub const HALL_REASONS_MAX: usize = 50;

closed_set! {
    /// Where an appeal stands.
    AppealState { Open = "open", Upheld = "upheld", Dismissed = "dismissed" }
}
closed_set! {
    /// What the second person says: the author was right, or it stays as it was.
    AppealVerdict { Uphold = "uphold", Dismiss = "dismiss" }
}

/// An author's objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    pub id: AppealId,
    pub session_id: SessionId,
    pub kind: PostKind,
    pub post_id: String,
    pub author_id: ParticipantId,
    pub reason: String,
    pub at: Timestamp,
    pub state: AppealState,
    /// To the author, from who decided.
    pub note: String,
    pub decided_by_name: String,
    pub decided_at: Option<Timestamp>,
    /// The post was published again. An appeal may be upheld without it when the session has been closed meanwhile.
    pub restored: bool,
}

/// Somebody who decided on a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    pub staff_id: StaffId,
    pub name: String,
    pub at: Timestamp,
}

/// Whether a post in this state can be appealed against. What is still held will be decided anyway.
pub const fn may_be_appealed(state: PostState) -> bool {
    matches!(state, PostState::Declined | PostState::Retracted)
}

/// # Errors
/// `second_person_needed` when `by` decided on the post before: nobody judges an objection against themselves.
pub fn check_second_person(deciders: &[Decider], by: &StaffId) -> Result<(), Rejection> {
    if deciders.iter().all(|d| d.staff_id != *by) {
        return Ok(());
    }
    Err(Rejection::new(
        Code::SecondPersonNeeded,
        "you decided on this post; an appeal is decided by somebody else",
    ))
}

/// Checks a hall's own reason: a code of 2 to 40 of `a-z 0-9 _`, words in Chinese of at most 100 characters, in English at most 200.
///
/// # Errors
/// `out_of_range` with `field`
pub fn check_reason(code: &str, zh: &str, en: &str) -> Result<(), Rejection> {
    let fits = (2..=40).contains(&code.len())
        && code
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        return Err(Rejection::out_of_range(
            "code",
            format!("reason code `{code}` does not have 2 to 40 characters of a-z 0-9 _"),
        ));
    }
    let chinese = zh.chars().count();
    if zh.trim().is_empty() || chinese > 100 {
        return Err(Rejection::out_of_range(
            "zh",
            format!(
                "the Chinese words of `{code}` have {chinese} characters; between 1 and 100 are possible"
            ),
        ));
    }
    if en.chars().count() > 200 {
        return Err(Rejection::out_of_range(
            "en",
            format!("the English words of `{code}` have more than 200 characters"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_judges_an_objection_against_themselves() {
        let at = Timestamp::from_ms(1_795_000_000_000);
        let (first, second) = (StaffId::new(at, 1), StaffId::new(at, 2));
        let deciders = [Decider {
            staff_id: first.clone(),
            name: "周".into(),
            at,
        }];
        assert_eq!(
            check_second_person(&deciders, &first).map_err(|r| r.code),
            Err(Code::SecondPersonNeeded)
        );
        assert!(check_second_person(&deciders, &second).is_ok());
        // What screening declined nobody decided on yet.
        assert!(check_second_person(&[], &first).is_ok());
    }

    #[test]
    fn a_reason_of_a_hall_is_bounded() {
        assert!(check_reason("not_our_district", "不属于本区事务", "").is_ok());
        for (code, zh, en) in [
            ("x", "好", ""),
            ("Not", "好", ""),
            ("ok", " ", ""),
            ("ok", &"长".repeat(101), ""),
            ("ok", "好", &"x".repeat(201)),
        ] {
            assert!(check_reason(code, zh, en).is_err(), "{code}");
        }
    }
}
