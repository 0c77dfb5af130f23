//! Everything that is said in the demonstration, read from `assets/demo/`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The hall, its departments and its staff.
pub static HALL: LazyLock<HallTexts> =
    LazyLock::new(|| read("hall", include_str!("../../../assets/demo/hall.toml")));
/// The session that is live.
pub static LIVE: LazyLock<SessionTexts> =
    LazyLock::new(|| read("session", include_str!("../../../assets/demo/session.toml")));
/// The session of two months ago.
pub static PAST: LazyLock<SessionTexts> =
    LazyLock::new(|| read("past", include_str!("../../../assets/demo/past.toml")));
/// What the crowd is made of.
pub static CROWD: LazyLock<CrowdTexts> =
    LazyLock::new(|| read("crowd", include_str!("../../../assets/demo/crowd.toml")));

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| {
        panic!("assets/demo/{name}.toml is part of the program and is tested: {error}")
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HallTexts {
    pub hall: Hall,
    /// In the order they are shown in.
    pub departments: Vec<Department>,
    pub staff: Vec<StaffMember>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hall {
    pub slug: String,
    pub name: String,
    pub body_name: String,
    pub color: String,
    pub intro: String,
    pub rules: String,
    pub contact: String,
    pub members: Vec<String>,
}

/// The key is what the other files name it by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    pub key: String,
    pub name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffMember {
    pub login: String,
    pub name: String,
    /// A role, or `operator`.
    pub seat: String,
    #[serde(default)]
    pub department: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionTexts {
    pub session: SessionHead,
    pub segments: Vec<Segment>,
    pub materials: Vec<Material>,
    pub questions: Vec<Question>,
    #[serde(default)]
    pub suggestions: Vec<Suggestion>,
    #[serde(default)]
    pub comments: Vec<Comment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionHead {
    pub title: String,
    pub intro: String,
    pub venue: String,
    pub host_name: String,
    pub topics: Vec<String>,
    pub announcement: String,
    /// How many watched at once, past sessions only.
    #[serde(default)]
    pub peak: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    pub title: String,
    pub department: String,
    pub minutes: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub title: String,
    pub body: String,
}

/// What became of a question of the past session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settle {
    Live,
    Explanation,
    Commitment,
    Refusal,
    Transferred,
    Assigned,
    Merged,
    Declined,
    Rejected,
    Withdrawn,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub by: String,
    pub body: String,
    pub topic: String,
    pub department: String,
    pub place: String,
    pub supports: usize,
    #[serde(default)]
    pub settle: Option<Settle>,
    #[serde(default)]
    pub answer: String,
    #[serde(default)]
    pub speaker: String,
    /// How long the live answer took.
    #[serde(default)]
    pub minutes: u32,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub due_days: i64,
    #[serde(default)]
    pub basis: String,
    /// Department a transfer goes to.
    #[serde(default)]
    pub to: String,
    /// Place in the file, from 1, of the question it was merged into.
    #[serde(default)]
    pub into: usize,
    #[serde(default)]
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    pub title: String,
    pub summary: String,
    pub category: String,
    pub department: String,
    pub co: Vec<String>,
    /// Places in the file, from 1.
    #[serde(default)]
    pub questions: Vec<usize>,
    /// Places in the file, from 1.
    #[serde(default)]
    pub comments: Vec<usize>,
    #[serde(default)]
    pub raised_by: String,
    pub due_days: i64,
    pub requirement: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    pub by: String,
    pub body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrowdTexts {
    pub places: Vec<String>,
    pub names: Names,
    pub comments: Comments,
    pub mischief: Mischief,
    pub questions: Vec<Matter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub surnames: Vec<String>,
    pub titles: Vec<String>,
    pub given: Vec<String>,
    pub neighbours: Vec<String>,
    pub plain: Vec<String>,
    pub reserved: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comments {
    pub openings: Vec<String>,
    pub short: Vec<String>,
    pub greeting: Vec<String>,
    pub general: Vec<String>,
    pub waiting: Vec<String>,
    pub water: Vec<String>,
    pub power: Vec<String>,
    pub gas: Vec<String>,
    pub onstage: Vec<String>,
    pub answering: Vec<String>,
    pub answered: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mischief {
    pub phone: Vec<String>,
    pub advertisement: Vec<String>,
    pub insult: Vec<String>,
    pub repeat: Vec<String>,
    pub symbols: Vec<String>,
}

/// One matter that people ask about in several wordings.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    pub topic: String,
    pub department: String,
    pub wordings: Vec<String>,
}

impl Comments {
    /// Every list.
    #[cfg(test)]
    fn all(&self) -> impl Iterator<Item = &String> {
        [
            &self.short,
            &self.greeting,
            &self.general,
            &self.waiting,
            &self.water,
            &self.power,
            &self.gas,
            &self.onstage,
            &self.answering,
            &self.answered,
        ]
        .into_iter()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::nickname::Nickname;
    use crate::domain::screen::{Context, Screen, Verdict};

    fn filled(template: &str) -> String {
        template
            .replace("{place}", "柳岸里")
            .replace("{n}", "三")
            .replace("{years}", "二十")
            .replace("{month}", "七")
            .replace("{money}", "86")
    }

    #[test]
    fn the_corpora_are_large_and_varied() {
        let comments: HashSet<&String> = CROWD.comments.all().collect();
        assert!(comments.len() >= 150, "{}", comments.len());
        assert_eq!(comments.len(), CROWD.comments.all().count(), "none stands twice");
        let wordings: HashSet<&String> = CROWD.questions.iter().flat_map(|m| &m.wordings).collect();
        assert!(wordings.len() >= 40, "{}", wordings.len());
        assert!(
            CROWD.questions.iter().filter(|m| m.wordings.len() >= 2).count() >= 10,
            "near-duplicates of ten matters at least"
        );
        assert_eq!((LIVE.questions.len(), LIVE.segments.len()), (20, 3));
        assert!(PAST.questions.len() >= 12);
    }

    #[test]
    fn ordinary_words_pass_the_screen_and_mischief_does_not() {
        let screen = Screen::starter();
        let verdict = |text: &str| screen.check(&filled(text), &Context::default()).verdict;
        let prepared = LIVE
            .questions
            .iter()
            .map(|q| &q.body)
            .chain(PAST.comments.iter().map(|c| &c.body));
        let wrongly: Vec<&String> = CROWD
            .comments
            .all()
            .chain(CROWD.questions.iter().flat_map(|m| &m.wordings))
            .chain(prepared)
            .filter(|t| verdict(t) != Verdict::Publish)
            .collect();
        assert!(wrongly.is_empty(), "{wrongly:?}");
        let m = &CROWD.mischief;
        let missed: Vec<&String> = [&m.phone, &m.advertisement, &m.insult, &m.symbols]
            .into_iter()
            .flatten()
            .filter(|t| verdict(t) == Verdict::Publish)
            .collect();
        assert!(missed.is_empty(), "{missed:?}");
    }

    #[test]
    fn names_can_be_taken_except_those_that_are_tried_to_be_refused() {
        for name in CROWD
            .names
            .plain
            .iter()
            .chain(LIVE.questions.iter().chain(&PAST.questions).map(|q| &q.by))
            .chain(PAST.comments.iter().map(|c| &c.by))
        {
            assert!(Nickname::parse(name).is_ok(), "{name}");
        }
        for name in &CROWD.names.reserved {
            assert!(Nickname::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn what_the_files_name_exists() {
        let known = |key: &String| HALL.departments.iter().any(|d| d.key == *key);
        for s in [&*LIVE, &*PAST] {
            assert!(s.segments.iter().all(|g| known(&g.department)));
            assert!(
                s.questions
                    .iter()
                    .all(|q| q.department.is_empty() || known(&q.department))
            );
            assert!(s.questions.iter().all(|q| s.session.topics.contains(&q.topic)));
            assert!(
                s.questions
                    .iter()
                    .all(|q| q.into <= s.questions.len() && (q.to.is_empty() || known(&q.to)))
            );
            assert!(
                s.suggestions
                    .iter()
                    .all(|g| known(&g.department) && g.co.iter().all(known))
            );
        }
        assert!(
            CROWD
                .questions
                .iter()
                .all(|m| known(&m.department) && LIVE.session.topics.contains(&m.topic))
        );
        assert!(HALL.staff.iter().filter_map(|s| s.department.as_ref()).all(known));
    }
}
