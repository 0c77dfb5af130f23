//! A session: one live consultation, its life, its policy, its run of show and its stage.

use serde::{Deserialize, Serialize};

use super::closed_set::closed_set;
use super::hall::Department;
use super::ids::{AnswerId, DepartmentId, HallId, MaterialId, QuestionId, SegmentId, SessionId};
use super::rejection::{Code, Rejection};
use super::time::Timestamp;
use super::words::{ModerationMode, SessionKind, SessionState, Tier};

/// Items of a run of show, at most.
pub const SEGMENTS_MAX: usize = 50;
/// Materials of a session, at most.
pub const MATERIALS_MAX: usize = 50;
/// Topics offered to who asks, at most.
pub const TOPICS_MAX: usize = 20;
/// Questions on the host's list, at most: more cannot be answered in a day.
pub const NEXT_UP_MAX: usize = 50;
/// Longest pause slow mode may ask for between two comments of one person.
pub const SLOW_MODE_S_MAX: u32 = 600;
/// Pause between two comments while the emergency preset is on: a raid of a thousand people is then 17 comments a second at most.
pub const EMERGENCY_SLOW_S: u32 = 60;
/// Longest time the emergency preset lasts by itself: no session is longer than half a day.
pub const EMERGENCY_MINUTES_MAX: u32 = 720;
/// Most posts of a new identity that may have to wait for a moderator.
pub const FIRST_HELD_MAX: u32 = 20;
/// Longest a new identity may have to wait before it writes: an hour is longer than any raid, a day would be a ban of the curious.
pub const MIN_AGE_S_MAX: u32 = 3_600;
/// Longest wait a hall may set before its desks are alarmed: a day, for boards that are open for days.
pub const WAIT_LIMIT_S_MAX: u32 = 86_400;

/// One live consultation with everything that is small about it. Comments and questions are kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub hall_id: HallId,
    pub hall_slug: String,
    pub hall_name: String,
    pub hall_color: String,
    /// Six characters to join by.
    pub code: String,
    /// Number in its hall, from 1.
    pub number: u64,
    pub kind: SessionKind,
    pub title: String,
    pub intro: String,
    pub venue: String,
    pub host_name: String,
    pub state: SessionState,
    pub starts_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub stream_url: String,
    pub announcement: String,
    pub topics: Vec<String>,
    pub policy: Policy,
    pub departments: Vec<Department>,
    pub segments: Vec<Segment>,
    pub materials: Vec<Material>,
    pub stage: Option<Stage>,
    /// The host's list, in order.
    pub next_up: Vec<QuestionId>,
    /// The emergency preset, while it is on.
    #[serde(default)]
    pub emergency: Option<Emergency>,
}

/// The emergency preset, while it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Who turned it on.
    pub by_name: String,
    pub since: Timestamp,
    /// `None` until somebody turns it off.
    pub until: Option<Timestamp>,
    /// What comes back exactly, as far as the preset changed it: [`Policy::out_of_emergency`].
    pub before: Policy,
}

closed_set! {
    /// What the emergency preset changed.
    EmergencyStep {
        HoldComments = "hold_comments", HoldQuestions = "hold_questions", SlowMode = "slow_mode",
        VerifiedOnly = "verified_only", LinksOff = "links_off",
    }
}

impl EmergencyStep {
    /// What differs between two policies, as far as the preset touches it.
    pub fn between(before: Policy, after: Policy) -> Vec<Self> {
        let differs = |step: &&Self| match step {
            Self::HoldComments => before.comment_mode != after.comment_mode,
            Self::HoldQuestions => before.question_mode != after.question_mode,
            Self::SlowMode => before.slow_mode_s != after.slow_mode_s,
            Self::VerifiedOnly => {
                (before.comment_tier, before.question_tier, before.support_tier)
                    != (after.comment_tier, after.question_tier, after.support_tier)
            }
            Self::LinksOff => before.links_off != after.links_off,
        };
        Self::ALL.iter().filter(differs).copied().collect()
    }
}

/// Who may write, and when it becomes public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub comment_tier: Tier,
    pub question_tier: Tier,
    pub support_tier: Tier,
    pub comment_mode: ModerationMode,
    pub question_mode: ModerationMode,
    /// Least seconds between two comments of one person; 0 for none.
    pub slow_mode_s: u32,
    /// Whether what contains a link is refused.
    #[serde(default)]
    pub links_off: bool,
    /// Whether comments are stopped and no longer shown: the chat is off.
    #[serde(default)]
    pub chat_off: bool,
    /// Whether a notice stands where the picture was.
    #[serde(default)]
    pub stream_off: bool,
    /// How many posts of a person new to the hall wait for a moderator.
    #[serde(default)]
    pub first_held: u32,
    /// How old an identity must be to write, in seconds; a verified phone is old enough.
    #[serde(default)]
    pub min_age_s: u32,
    /// How long a post may wait before the desks are alarmed, in seconds; 0 for the desk's own five minutes.
    #[serde(default)]
    pub wait_limit_s: u32,
}

impl Default for Policy {
    /// Read by all, written by guests, what screening suspects waits, and every question waits for a person.
    fn default() -> Self {
        Self {
            comment_tier: Tier::Guest,
            question_tier: Tier::Guest,
            support_tier: Tier::Guest,
            comment_mode: ModerationMode::HoldSuspicious,
            question_mode: ModerationMode::HoldFirst,
            slow_mode_s: 0,
            links_off: false,
            chat_off: false,
            stream_off: false,
            first_held: 0,
            min_age_s: 0,
            wait_limit_s: 0,
        }
    }
}

impl Policy {
    /// # Errors
    /// `out_of_range` for slow mode over [`SLOW_MODE_S_MAX`].
    pub fn check(&self) -> Result<(), Rejection> {
        if self.slow_mode_s > SLOW_MODE_S_MAX {
            return Err(Rejection::out_of_range(
                "slow_mode_s",
                format!(
                    "slow mode is {} seconds; the limit is {SLOW_MODE_S_MAX}",
                    self.slow_mode_s
                ),
            ));
        }
        for (field, value, max) in [
            ("first_held", self.first_held, FIRST_HELD_MAX),
            ("min_age_s", self.min_age_s, MIN_AGE_S_MAX),
            ("wait_limit_s", self.wait_limit_s, WAIT_LIMIT_S_MAX),
        ] {
            if value > max {
                return Err(Rejection::out_of_range(
                    field,
                    format!("`{field}` is {value}; the limit is {max}"),
                ));
            }
        }
        Ok(())
    }

    /// What it is again when the emergency preset is turned off: what the preset changes is as it was `before`; what it leaves alone,
    /// the kill switches among it, stays as it is now.
    #[must_use]
    pub fn out_of_emergency(self, before: Self) -> Self {
        Self {
            comment_tier: before.comment_tier,
            question_tier: before.question_tier,
            support_tier: before.support_tier,
            comment_mode: before.comment_mode,
            question_mode: before.question_mode,
            slow_mode_s: before.slow_mode_s,
            links_off: before.links_off,
            ..self
        }
    }

    /// What the emergency preset makes of it: everything waits, everybody is slow, links are refused, and where phones can be
    /// verified only who did may write. Nothing becomes easier than it was.
    #[must_use]
    pub fn in_emergency(self, verified_offered: bool) -> Self {
        let tier = |tier: Tier| {
            if verified_offered {
                tier.max(Tier::Verified)
            } else {
                tier
            }
        };
        Self {
            comment_tier: tier(self.comment_tier),
            question_tier: tier(self.question_tier),
            support_tier: tier(self.support_tier),
            comment_mode: ModerationMode::HoldFirst,
            question_mode: ModerationMode::HoldFirst,
            slow_mode_s: self.slow_mode_s.max(EMERGENCY_SLOW_S),
            links_off: true,
            ..self
        }
    }
}

/// An item of the run of show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub id: SegmentId,
    pub title: String,
    pub department_id: Option<DepartmentId>,
    pub planned_minutes: u32,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    pub id: MaterialId,
    pub title: String,
    pub body: String,
    pub url: String,
}

/// What is on stage now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub question_id: QuestionId,
    pub since: Timestamp,
    pub answering: Option<Answering>,
}

/// An answer being given on the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answering {
    pub answer_id: AnswerId,
    pub department_id: DepartmentId,
    pub speaker: String,
    pub started_at: Timestamp,
}

impl SessionState {
    /// States a session may go to from here. `closed` is final.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Scheduled, Self::Live],
            Self::Scheduled => &[Self::Draft, Self::Live],
            Self::Live => &[Self::Paused, Self::Ended],
            Self::Paused => &[Self::Live, Self::Ended],
            Self::Ended => &[Self::Live, Self::Closed],
            Self::Closed => &[],
        }
    }
    /// Whether the public may know of it.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Draft)
    }
    /// Whether questions and supports are taken: from the announcement to the end, so that people can ask beforehand.
    pub const fn takes_questions(self) -> bool {
        matches!(self, Self::Scheduled | Self::Live | Self::Paused)
    }
    /// Whether comments are taken.
    pub const fn takes_comments(self) -> bool {
        matches!(self, Self::Live)
    }
}

impl Session {
    /// # Errors
    /// `wrong_state` when the life of a session has no such step.
    pub fn check_step(&self, to: SessionState) -> Result<(), Rejection> {
        if self.state.next().contains(&to) {
            return Ok(());
        }
        Err(self.wrong_state(&format!("may not become {to}")))
    }
    /// The refusal that names the state.
    pub fn wrong_state(&self, what: &str) -> Rejection {
        Rejection::new(
            Code::WrongState,
            format!("session `{}` is {} and {what}", self.code, self.state),
        )
        .with("state", self.state)
    }
    /// The department, if it takes part.
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.iter().find(|d| d.id == *id)
    }
    /// # Errors
    /// `not_found` when it does not take part.
    pub fn check_department(&self, id: &DepartmentId) -> Result<(), Rejection> {
        self.department(id)
            .map(|_| ())
            .ok_or_else(|| Rejection::not_found("department in this session"))
    }
    /// The segment running now.
    pub fn running_segment(&self) -> Option<&Segment> {
        self.segments
            .iter()
            .find(|s| s.started_at.is_some() && s.ended_at.is_none())
    }
}

/// Checks a playlist address or a link: empty, a path of this server, or `http(s)`, at most 500 bytes, no white space.
pub fn check_url(field: &str, url: &str) -> Result<(), Rejection> {
    let scheme = url.starts_with("https://")
        || url.starts_with("http://")
        || (url.starts_with('/') && !url.starts_with("//"));
    let fits = url.is_empty()
        || (scheme && url.len() <= 500 && !url.contains(|c: char| c.is_whitespace() || c.is_control()));
    if fits {
        Ok(())
    } else {
        Err(Rejection::out_of_range(
            field,
            format!("`{field}` is not a web address of at most 500 bytes"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_closed_leads_to_closed_and_closed_leads_nowhere() {
        for &from in SessionState::ALL {
            let mut reached = vec![from];
            let mut i = 0;
            while i < reached.len() {
                for next in reached[i].next() {
                    if !reached.contains(next) {
                        reached.push(*next);
                    }
                }
                i += 1;
            }
            assert!(reached.contains(&SessionState::Closed), "{from}");
        }
        assert!(SessionState::Closed.next().is_empty());
    }

    #[test]
    fn the_emergency_preset_makes_nothing_easier_and_names_what_it_changed() {
        let before = Policy {
            slow_mode_s: 300,
            comment_tier: Tier::Member,
            question_mode: ModerationMode::HoldFirst,
            ..Policy::default()
        };
        let after = before.in_emergency(true);
        assert_eq!(
            (after.slow_mode_s, after.comment_tier, after.question_tier),
            (300, Tier::Member, Tier::Verified)
        );
        assert_eq!(
            EmergencyStep::between(before, after),
            [
                EmergencyStep::HoldComments,
                EmergencyStep::VerifiedOnly,
                EmergencyStep::LinksOff
            ]
        );
        assert_eq!(
            before.in_emergency(false).question_tier,
            Tier::Guest,
            "nobody could verify"
        );
        assert_eq!(after.in_emergency(true), after, "twice is once");
        assert_eq!(after.out_of_emergency(before), before, "exactly what was before");
        let killed = Policy {
            chat_off: true,
            ..after
        };
        assert_eq!(
            killed.out_of_emergency(before),
            Policy {
                chat_off: true,
                ..before
            },
            "its end turns no kill switch back"
        );
    }

    #[test]
    fn only_web_addresses_are_links() {
        for good in [
            "",
            "/media/x/index.m3u8",
            "https://example.org/a.m3u8",
            "http://127.0.0.1:8080/x",
        ] {
            assert!(check_url("url", good).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "https://a b",
            "ftp://x",
            "x",
        ] {
            assert!(check_url("url", bad).is_err(), "{bad}");
        }
    }
}
