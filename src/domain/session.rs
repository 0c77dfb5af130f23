//! A session: one live consultation, its life, its policy, its run of show and its stage.

use serde::{Deserialize, Serialize};

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
        Ok(())
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
