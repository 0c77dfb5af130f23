//! The one table of rights: which role may do what in which state of a session.
//!
//! Administrators may do everything of their hall but what belongs to the person in the seat: answering for a department.
//! Every row is tested against every role and state; a change of the table shows in the snapshot of that test.

use super::closed_set::closed_set;
use super::rejection::{Code, Rejection};
use super::session::Session;
use super::words::{Role, SessionState, Tier};

closed_set! {
    /// What staff may do.
    Verb {
        EditHall = "edit_hall", GrantRoles = "grant_roles", EditWords = "edit_words",
        CreateSession = "create_session", EditSession = "edit_session", ReadBackstage = "read_backstage",
        Schedule = "schedule", RunLive = "run_live", CloseSession = "close_session",
        SetPolicy = "set_policy", Announce = "announce", RunSegments = "run_segments",
        ArrangeNextUp = "arrange_next_up", PutOnStage = "put_on_stage", AnswerLive = "answer_live", AnswerInWriting = "answer_in_writing",
        ReadQueue = "read_queue", Decide = "decide", Sanction = "sanction", ReadAuthor = "read_author", WriteNote = "write_note", Route = "route",
        Merge = "merge", Dispose = "dispose", ReadSuggestions = "read_suggestions", FormSuggestion = "form_suggestion", Export = "export",
        AskErasure = "ask_erasure", ConfirmErasure = "confirm_erasure",
        ReadAudit = "read_audit", DecideAppeal = "decide_appeal", EditReasons = "edit_reasons", ReadFairness = "read_fairness",
    }
}

use Role::{
    Administrator as A, Auditor as U, DepartmentOfficer as D, Host as H, Moderator as M, Secretary as S,
};
use SessionState::{Closed, Draft, Ended, Live, Paused, Scheduled};

const ANY: &[SessionState] = SessionState::ALL;
const OPEN: &[SessionState] = &[Draft, Scheduled, Live, Paused, Ended];
const RUNNING: &[SessionState] = &[Live, Paused];
const UNTIL_CLOSED: &[SessionState] = &[Scheduled, Live, Paused, Ended];

impl Verb {
    /// Roles that may, and the states of the session in which they may. Verbs of a hall do not look at a session.
    pub const fn rule(self) -> (&'static [Role], &'static [SessionState]) {
        match self {
            Self::EditHall | Self::GrantRoles => (&[A], ANY),
            Self::EditWords => (&[A, M], ANY),
            Self::CreateSession => (&[A, S], ANY),
            Self::EditSession => (&[A, S, H], OPEN),
            Self::ReadBackstage => (&[A, H, M, D, S, U], ANY),
            Self::Schedule => (&[A, S], &[Draft, Scheduled]),
            Self::RunLive => (&[A, H, S], &[Draft, Scheduled, Live, Paused, Ended]),
            Self::CloseSession => (&[A, S], &[Ended]),
            Self::SetPolicy => (&[A, M, H], OPEN),
            Self::Announce => (&[A, H, M, S], OPEN),
            Self::RunSegments => (&[A, H], RUNNING),
            Self::ArrangeNextUp => (&[A, H], &[Scheduled, Live, Paused]),
            Self::PutOnStage => (&[A, H], RUNNING),
            Self::AnswerLive => (&[A, H, D], RUNNING),
            Self::AnswerInWriting => (&[D], UNTIL_CLOSED),
            Self::ReadQueue => (&[A, H, M, S, U], ANY),
            // Retracting must be possible as long as the session can be read.
            Self::Decide => (&[A, M], &[Scheduled, Live, Paused, Ended, Closed]),
            Self::Sanction | Self::WriteNote => (&[A, M], ANY),
            Self::ReadAuthor => (&[A, M, U], ANY),
            Self::Route | Self::Merge => (&[A, M, H, S], UNTIL_CLOSED),
            Self::Dispose => (&[A, H, S], UNTIL_CLOSED),
            Self::ReadSuggestions => (&[A, H, M, D, S, U], ANY),
            Self::FormSuggestion => (&[A, S], UNTIL_CLOSED),
            Self::Export => (&[A, S, U], ANY),
            // A court does not ask in which state a session is. Who confirms is an administrator, and never who asked.
            Self::AskErasure => (&[A, M, S], ANY),
            Self::ConfirmErasure => (&[A], ANY),
            Self::ReadAudit => (&[A, U], ANY),
            // Until long after: who appeals late is heard too.
            Self::DecideAppeal => (&[A, M], &[Scheduled, Live, Paused, Ended, Closed]),
            Self::EditReasons => (&[A, M], ANY),
            Self::ReadFairness => (&[A, H, M, S, U], ANY),
        }
    }
    /// Whether one of `roles` may do this in `state`.
    pub fn allowed(self, roles: &[Role], state: SessionState) -> bool {
        let (who, when) = self.rule();
        roles.iter().any(|r| who.contains(r)) && when.contains(&state)
    }
}

/// # Errors
/// `forbidden` without the right in any state, `wrong_state` with the right in another state.
pub fn check(verb: Verb, roles: &[Role], session: &Session) -> Result<(), Rejection> {
    check_hall(verb, roles)?;
    if verb.allowed(roles, session.state) {
        Ok(())
    } else {
        Err(session.wrong_state(&format!("does not allow `{verb}`")))
    }
}

/// The same for verbs of a hall, which has no state.
///
/// # Errors
/// `forbidden`
pub fn check_hall(verb: Verb, roles: &[Role]) -> Result<(), Rejection> {
    if roles.iter().any(|r| verb.rule().0.contains(r)) {
        return Ok(());
    }
    Err(Rejection::new(
        Code::Forbidden,
        format!("your roles in this hall do not include `{verb}`"),
    )
    .with("verb", verb))
}

/// # Errors
/// `tier_too_low` naming the tier that is needed.
pub fn check_tier(have: Tier, need: Tier) -> Result<(), Rejection> {
    if have >= need {
        return Ok(());
    }
    Err(Rejection::new(
        Code::TierTooLow,
        format!("this session asks for tier `{need}`; yours is `{have}`"),
    )
    .with("tier", need))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// The whole table as text. Whoever changes a right changes this on purpose.
    #[test]
    fn the_table_of_rights_is_what_was_decided() {
        let mut table = String::new();
        for &verb in Verb::ALL {
            let _ = write!(table, "{verb:<18}");
            for &role in Role::ALL {
                let states: String = SessionState::ALL
                    .iter()
                    .map(|&s| {
                        if verb.allowed(&[role], s) {
                            s.as_str()
                                .chars()
                                .next()
                                .expect("states have names")
                                .to_ascii_uppercase()
                        } else {
                            '.'
                        }
                    })
                    .collect();
                let _ = write!(table, " {states}");
            }
            table.push('\n');
        }
        insta::assert_snapshot!("rights", table);
    }

    #[test]
    fn nobody_without_a_role_may_do_anything() {
        for &verb in Verb::ALL {
            for &state in SessionState::ALL {
                assert!(!verb.allowed(&[], state), "{verb} {state}");
            }
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let reading = [
            Verb::ReadBackstage,
            Verb::ReadQueue,
            Verb::ReadAuthor,
            Verb::ReadSuggestions,
            Verb::Export,
            Verb::ReadAudit,
            Verb::ReadFairness,
        ];
        for &verb in Verb::ALL {
            assert_eq!(
                Verb::rule(verb).0.contains(&Role::Auditor),
                reading.contains(&verb),
                "{verb}"
            );
        }
    }

    #[test]
    fn a_department_officer_only_answers_and_reads() {
        let may = [
            Verb::ReadBackstage,
            Verb::AnswerLive,
            Verb::AnswerInWriting,
            Verb::ReadSuggestions,
        ];
        for &verb in Verb::ALL {
            assert_eq!(
                Verb::rule(verb).0.contains(&Role::DepartmentOfficer),
                may.contains(&verb),
                "{verb}"
            );
        }
    }

    #[test]
    fn a_tier_includes_the_ones_below() {
        assert!(check_tier(Tier::Verified, Tier::Guest).is_ok());
        assert_eq!(
            check_tier(Tier::Guest, Tier::Verified).map_err(|r| r.code),
            Err(Code::TierTooLow)
        );
    }
}
