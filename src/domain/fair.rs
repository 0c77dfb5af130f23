//! Fair selection: which questions the public supports most, and which have not been heard although many would like to.
//!
//! **Most supported** orders by supports. It favours whoever asked first: a question asked in the last minutes had no time.
//!
//! **Not yet heard** (尚未听到) corrects for time on air. The score is supports per minute on air:
//!
//! ```text
//! on air  = from when it could be supported in the running session (published, or the start if that was later)
//!           until now, or the end of the session; never counted as less than ON_AIR_MIN_MS
//! score   = supports × 60,000,000 ÷ on air in ms, whole numbers, rounded down (supports per minute × 1,000)
//! heard   = answered on the stream, or on stage now; answered in writing, merged, declined and assigned are settled otherwise
//! order   = score, then supports, then the older number; equal scores have the same rank (1, 2, 2, 4)
//! ```
//!
//! So a question of the last ten minutes with the same rate of support has the same rank as one of the first minute. Beside the
//! rank stands whether a question is the best of a topic, a department or a place from which nothing has been heard yet.
//! The same questions at the same instant give the same list everywhere: no chance, no floating point.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ids::{DepartmentId, QuestionId};
use super::post::Question;
use super::time::Timestamp;
use super::words::{Disposition, PostState};

/// Name of the rule, stored with every choice. Another formula gets another name.
pub const RULE: &str = "rate-1";

/// Least time on air that is counted. Three supports in the first ten seconds prove nothing; three minutes of them do.
pub const ON_AIR_MIN_MS: i64 = 180_000;

/// How far down a list a choice still counts as of the list, and how many of the most supported a report looks at: what a
/// host can see at a glance.
pub const LIST_LEN: u32 = 20;

/// Longest reason of a choice, in characters as a reader counts them.
pub const CHOICE_REASON_GRAPHEMES_MAX: usize = 100;

/// A published question as fairness sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub question: Question,
    /// Since when it can be supported.
    pub published_at: Timestamp,
}

/// When the session runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Air {
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// A question with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    pub question: Question,
    pub on_air_ms: i64,
    /// Supports per minute on air, times a thousand.
    pub rate_milli: u64,
    /// Place by supports among those not heard, from 1.
    pub rank_supported: u32,
    /// Place by rate among those not heard, from 1.
    pub rank_unheard: u32,
    /// Best of a topic, department or place from which nothing has been heard.
    pub first_of_topic: bool,
    pub first_of_department: bool,
    pub first_of_place: bool,
}

/// All that could be chosen at an instant, best of the not yet heard first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranking {
    pub rows: Vec<Ranked>,
}

/// Milliseconds on air at `now`.
pub fn on_air_ms(published_at: Timestamp, air: Air, now: Timestamp) -> i64 {
    let from = air.started_at.map_or(published_at, |s| s.max(published_at));
    let to = air.ended_at.map_or(now, |e| e.min(now));
    to.since_ms(from).max(ON_AIR_MIN_MS)
}

/// Supports per minute on air, times a thousand.
pub fn rate_milli(supports: u64, on_air_ms: i64) -> u64 {
    let ms = u128::from(on_air_ms.max(1).cast_unsigned());
    u64::try_from(u128::from(supports) * 60_000_000 / ms).unwrap_or(u64::MAX)
}

fn was_heard(question: &Question) -> bool {
    question.disposition == Some(Disposition::AnsweredLive)
}

/// Whether it waits to be heard: public, without disposition.
fn waits(question: &Question, on_stage: Option<&QuestionId>) -> bool {
    question.post.state == PostState::Published
        && question.disposition.is_none()
        && question.merged_into.is_none()
        && on_stage != Some(&question.id)
}

/// The places of all that could be chosen. `heard` questions are needed too: they say which topics were heard.
pub fn rank(candidates: Vec<Candidate>, on_stage: Option<&QuestionId>, air: Air, now: Timestamp) -> Ranking {
    let mut topics = BTreeSet::new();
    let mut departments: BTreeSet<DepartmentId> = BTreeSet::new();
    let mut places = BTreeSet::new();
    for c in &candidates {
        if was_heard(&c.question) || on_stage == Some(&c.question.id) {
            topics.insert(c.question.topic.clone());
            departments.extend(c.question.department_id.clone());
            places.insert(c.question.place.clone());
        }
    }
    let mut rows: Vec<Ranked> = candidates
        .into_iter()
        .filter(|c| waits(&c.question, on_stage))
        .map(|c| {
            let on_air_ms = on_air_ms(c.published_at, air, now);
            Ranked {
                rate_milli: rate_milli(c.question.supports, on_air_ms),
                on_air_ms,
                question: c.question,
                rank_supported: 0,
                rank_unheard: 0,
                first_of_topic: false,
                first_of_department: false,
                first_of_place: false,
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.question.supports, a.question.post.number).cmp(&(a.question.supports, b.question.post.number))
    });
    number(
        &mut rows,
        |r| r.question.supports,
        |r, rank| r.rank_supported = rank,
    );
    rows.sort_by(|a, b| {
        (b.rate_milli, b.question.supports, a.question.post.number).cmp(&(
            a.rate_milli,
            a.question.supports,
            b.question.post.number,
        ))
    });
    number(&mut rows, |r| r.rate_milli, |r, rank| r.rank_unheard = rank);
    // What nobody supports speaks for no group.
    for row in rows.iter_mut().filter(|r| r.question.supports > 0) {
        let q = &row.question;
        row.first_of_topic = !q.topic.is_empty() && topics.insert(q.topic.clone());
        row.first_of_department = q
            .department_id
            .as_ref()
            .is_some_and(|d| departments.insert(d.clone()));
        row.first_of_place = !q.place.is_empty() && places.insert(q.place.clone());
    }
    Ranking { rows }
}

/// Competition ranks of sorted rows: equal keys have the same rank, the next is as many further.
fn number(rows: &mut [Ranked], key: impl Fn(&Ranked) -> u64, set: impl Fn(&mut Ranked, u32)) {
    let mut last = None;
    let mut rank = 0;
    for (at, row) in rows.iter_mut().enumerate() {
        let value = key(row);
        if last != Some(value) {
            rank = u32::try_from(at + 1).unwrap_or(u32::MAX);
            last = Some(value);
        }
        set(row, rank);
    }
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    pub topic: Option<String>,
    pub department_id: Option<DepartmentId>,
    pub place: Option<String>,
}

impl Narrow {
    pub fn holds(&self, question: &Question) -> bool {
        self.topic.as_ref().is_none_or(|t| *t == question.topic)
            && self
                .department_id
                .as_ref()
                .is_none_or(|d| Some(d) == question.department_id.as_ref())
            && self.place.as_ref().is_none_or(|p| *p == question.place)
    }
}

impl Ranking {
    /// The row of a question, if it waits.
    pub fn row(&self, id: &QuestionId) -> Option<&Ranked> {
        self.rows.iter().find(|r| r.question.id == *id)
    }
    /// The rows in the order of supports.
    pub fn most_supported(&self) -> Vec<&Ranked> {
        let mut rows: Vec<&Ranked> = self.rows.iter().collect();
        rows.sort_by_key(|r| (r.rank_supported, r.question.post.number));
        rows
    }
}

/// A host's choice as it was made, with what was known at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub question_id: QuestionId,
    pub at: Timestamp,
    pub by_name: String,
    pub rule: String,
    /// 0 when it did not wait (answered before, on stage again).
    pub rank_supported: u32,
    pub rank_unheard: u32,
    /// How many waited.
    pub of: u32,
    pub supports: u64,
    pub rate_milli: u64,
    /// It was the best of a topic, department or place from which nothing had been heard.
    pub first_of_group: bool,
    /// Why, in the host's words.
    pub reason: String,
}

impl Choice {
    /// Not among the first of either list, and not the first of its group.
    pub fn outside(&self) -> bool {
        let within = |rank: u32| (1..=LIST_LEN).contains(&rank);
        !within(self.rank_supported) && !within(self.rank_unheard) && !self.first_of_group
    }
}

/// How a group of questions fared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFigures {
    pub asked: u64,
    pub supports: u64,
    pub heard: u64,
    /// Of them among the most supported of the session.
    pub top: u64,
    pub top_heard: u64,
}

/// How fair the selection was, after the session or at any moment of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    pub published: u64,
    pub heard: u64,
    /// The most supported of all published ones, heard or not: [`LIST_LEN`], more when the last ones are equal.
    pub top: Vec<(Question, bool)>,
    pub top_heard: u64,
    pub topics: BTreeMap<String, GroupFigures>,
    pub departments: BTreeMap<String, GroupFigures>,
    pub places: BTreeMap<String, GroupFigures>,
    /// Choices of the host, in their order.
    pub choices: Vec<Choice>,
    pub outside: u64,
    pub outside_with_reason: u64,
}

/// Judges the selection. Merged questions count with what they were merged into.
pub fn report(questions: Vec<Question>, choices: Vec<Choice>) -> Report {
    let mut published: Vec<Question> = questions
        .into_iter()
        .filter(|q| q.post.state == PostState::Published && q.merged_into.is_none())
        .collect();
    published.sort_by(|a, b| (b.supports, a.post.number).cmp(&(a.supports, b.post.number)));
    // Equal supports, equal place: nobody is left out of the top by the order of numbers. What nobody supports is no top.
    let least = published
        .get(LIST_LEN as usize - 1)
        .map_or(1, |q| q.supports.max(1));
    let is_top = |q: &Question| q.supports >= least;
    let mut report = Report {
        published: published.len() as u64,
        ..Report::default()
    };
    for q in &published {
        let (heard, top) = (was_heard(q), is_top(q));
        report.heard += u64::from(heard);
        report.top_heard += u64::from(heard && top);
        let department = q
            .department_id
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        for (groups, key) in [
            (&mut report.topics, q.topic.clone()),
            (&mut report.departments, department),
            (&mut report.places, q.place.clone()),
        ] {
            let group = groups.entry(key).or_default();
            group.asked += 1;
            group.supports += q.supports;
            group.heard += u64::from(heard);
            group.top += u64::from(top);
            group.top_heard += u64::from(heard && top);
        }
    }
    report.top = published
        .into_iter()
        .filter(|q| is_top(q))
        .map(|q| {
            let heard = was_heard(&q);
            (q, heard)
        })
        .collect();
    report.outside = choices.iter().filter(|c| c.outside()).count() as u64;
    report.outside_with_reason = choices
        .iter()
        .filter(|c| c.outside() && !c.reason.is_empty())
        .count() as u64;
    report.choices = choices;
    report
}

/// Publication of each question: when a moderator let it through, else when it was asked.
pub fn candidates(questions: Vec<Question>, let_through: &HashMap<String, Timestamp>) -> Vec<Candidate> {
    questions
        .into_iter()
        .map(|question| Candidate {
            published_at: let_through
                .get(question.id.as_str())
                .copied()
                .unwrap_or(question.post.at)
                .max(question.post.at),
            question,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::ids::ParticipantId;
    use super::super::post::{Author, Post};
    use super::super::words::Tier;
    use super::*;

    const BEGIN: i64 = 1_795_000_000_000;

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_ms(BEGIN + n * 60_000)
    }

    fn question(number: u32, supports: u64, topic: &str, place: &str) -> Question {
        Question {
            id: QuestionId::new(minute(0), number),
            post: Post {
                number: u64::from(number),
                author: Author {
                    id: ParticipantId::new(minute(0), 1),
                    name: "邻居".into(),
                    tier: Tier::Guest,
                },
                client_ref: "r".into(),
                body: "水价".into(),
                state: PostState::Published,
                at: minute(0),
                findings: Vec::new(),
                reason: String::new(),
                note: String::new(),
                revision: 1,
            },
            topic: topic.into(),
            place: place.into(),
            department_id: None,
            disposition: None,
            merged_into: None,
            disposition_reason: String::new(),
            supports,
        }
    }

    fn at(question: Question, published: i64) -> Candidate {
        Candidate {
            question,
            published_at: minute(published),
        }
    }

    fn live() -> Air {
        Air {
            started_at: Some(minute(0)),
            ended_at: None,
        }
    }

    /// Number, place by supports, place by rate.
    fn places(ranking: &Ranking) -> Vec<(u64, u32, u32)> {
        let rows = ranking.rows.iter();
        rows.map(|r| (r.question.post.number, r.rank_supported, r.rank_unheard))
            .collect()
    }

    #[test]
    fn a_question_of_the_last_ten_minutes_with_the_same_rate_has_the_same_rank() {
        let questions = vec![
            at(question(1, 60, "", ""), 0),
            at(question(2, 8, "", ""), 52),
            at(question(3, 59, "", ""), 0),
        ];
        let ranking = rank(questions, None, live(), minute(60));
        assert_eq!(places(&ranking), [(1, 1, 1), (2, 3, 1), (3, 2, 3)]);
    }

    #[test]
    fn the_first_seconds_prove_nothing_and_waiting_before_the_start_costs_nothing() {
        // Three supports within seconds are counted over three minutes.
        let young = on_air_ms(minute(60), live(), minute(60));
        assert_eq!((young, rate_milli(3, young)), (ON_AIR_MIN_MS, 1_000));
        // Asked a week before: on air from the start.
        let early = Timestamp::from_ms(BEGIN - 7 * 86_400_000);
        assert_eq!(on_air_ms(early, live(), minute(30)), 30 * 60_000);
        let over = Air {
            ended_at: Some(minute(90)),
            ..live()
        };
        assert_eq!(on_air_ms(minute(60), over, minute(9_000)), 30 * 60_000);
    }

    #[test]
    fn what_was_heard_or_settled_is_not_on_the_list() {
        let mut heard = question(1, 50, "水价", "");
        heard.disposition = Some(Disposition::AnsweredLive);
        let mut merged = question(2, 40, "水价", "");
        merged.merged_into = Some(QuestionId::new(minute(0), 1));
        let mut taken_back = question(3, 40, "水价", "");
        taken_back.post.state = PostState::Retracted;
        let stage = question(4, 30, "", "");
        let on_stage = stage.id.clone();
        let rest = vec![
            at(heard, 0),
            at(merged, 0),
            at(taken_back, 0),
            at(stage, 0),
            at(question(5, 1, "", ""), 0),
        ];
        let ranking = rank(rest, Some(&on_stage), live(), minute(60));
        assert_eq!(places(&ranking), [(5, 1, 1)]);
    }

    #[test]
    fn the_best_of_a_topic_or_place_nobody_heard_from_is_marked() {
        let mut heard = question(1, 50, "水价", "东湖苑");
        heard.disposition = Some(Disposition::AnsweredLive);
        let questions = vec![
            at(heard, 0),
            at(question(2, 40, "水价", "东湖苑"), 0),
            at(question(3, 30, "燃气", "东湖苑"), 0),
            at(question(4, 20, "燃气", "西街"), 0),
            at(question(5, 0, "停车", "北村"), 0),
        ];
        let ranking = rank(questions, None, live(), minute(60));
        let marks: Vec<(u64, bool, bool)> = ranking
            .rows
            .iter()
            .map(|r| (r.question.post.number, r.first_of_topic, r.first_of_place))
            .collect();
        assert_eq!(
            marks,
            [
                (2, false, false),
                (3, true, false),
                (4, false, true),
                (5, false, false)
            ]
        );
    }

    #[test]
    fn the_list_does_not_depend_on_the_order_it_is_made_from() {
        let mut questions: Vec<Candidate> = (1..=40)
            .map(|n| at(question(n, u64::from(n % 7), "", ""), i64::from(n % 5)))
            .collect();
        let first = rank(questions.clone(), None, live(), minute(60));
        questions.reverse();
        assert_eq!(rank(questions, None, live(), minute(60)), first);
    }

    #[test]
    fn a_report_says_what_was_heard_and_how_often_the_host_chose_otherwise() {
        let mut questions: Vec<Question> = (1..=30)
            .map(|n| {
                question(
                    n,
                    u64::from(100 - n),
                    if n % 2 == 0 { "水价" } else { "燃气" },
                    "",
                )
            })
            .collect();
        for n in [0, 1, 28] {
            questions[n].disposition = Some(Disposition::AnsweredLive);
        }
        let choice = |n: usize, rank: u32, reason: &str| Choice {
            question_id: questions[n].id.clone(),
            at: minute(1),
            by_name: "主持人".into(),
            rule: RULE.into(),
            rank_supported: rank,
            rank_unheard: rank,
            of: 30,
            supports: questions[n].supports,
            rate_milli: 0,
            first_of_group: false,
            reason: reason.into(),
        };
        let choices = vec![choice(0, 1, ""), choice(1, 2, ""), choice(28, 29, "老人代表在场")];
        let report = report(questions.clone(), choices);
        assert_eq!((report.published, report.heard), (30, 3));
        assert_eq!((report.top.len(), report.top_heard), (20, 2));
        assert_eq!((report.outside, report.outside_with_reason), (1, 1));
        let gas = &report.topics["燃气"];
        assert_eq!((gas.asked, gas.heard, gas.top, gas.top_heard), (15, 2, 10, 1));
    }

    #[test]
    fn equal_supports_at_the_edge_of_the_top_are_all_in_it_and_none_means_no_top() {
        let equal: Vec<Question> = (1..=25).map(|n| question(n, 5, "", "")).collect();
        assert_eq!(report(equal, Vec::new()).top.len(), 25);
        let none: Vec<Question> = (1..=25).map(|n| question(n, 0, "", "")).collect();
        assert_eq!(report(none, Vec::new()).top.len(), 0);
    }
}
