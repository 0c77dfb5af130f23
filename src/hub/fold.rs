//! What a channel looks like now: events folded into the view that who joins is given.
//!
//! Pure: values in, values out. The page folds with the same rules (`web/src/live/reduce.ts`); both run the fixtures of
//! `tests/fixtures/fold/`. More is known here than a view shows, so that a question which was crowded out of the view comes
//! back into it when it gains supports.

use std::collections::{HashMap, HashSet};

use crate::domain::event::Event;
use crate::domain::ids::{LeaseId, QuestionId};
use crate::domain::time::Timestamp;
use crate::domain::words::{PostKind, PostState, Verdict};
use crate::protocol::face;
use crate::protocol::server::{
    BackstageView, ClaimFace, DecisionFace, PostKey, QuestionFace, QueueItem, ServerMessage, View, What,
};

/// How much a view shows and how much is known behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Newest comments in a view.
    pub comments_max: usize,
    /// Questions in a view: most supported and newest.
    pub questions_max: usize,
    /// Held items in a view, oldest first.
    pub held_max: usize,
    /// Newest decisions in a view.
    pub decisions_max: usize,
    /// Questions and held items known here, about 2 MiB of each in the hottest session.
    pub known_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            comments_max: 200,
            questions_max: 500,
            held_max: 500,
            decisions_max: 50,
            known_max: 5_000,
        }
    }
}

/// What an event is on the wire.
#[derive(Debug)]
pub enum Told<'a> {
    /// An item of a batch.
    What(Box<What>),
    /// Counts, folded into the batch's tallies.
    Counts(&'a [(QuestionId, u64)]),
}

/// From the log's word to the wire's.
pub fn told(event: &Event) -> Told<'_> {
    Told::What(Box::new(match event {
        Event::SupportsCounted { counts } => return Told::Counts(counts),
        Event::SessionChanged {
            session,
            stage_question,
        } => What::SessionChanged {
            session: Box::new(face::session_face(session, stage_question.as_deref())),
        },
        Event::CommentPublished { comment } => What::CommentPublished {
            comment: comment.as_ref().into(),
        },
        Event::QuestionPublished { question } => What::QuestionPublished {
            question: question.as_ref().into(),
        },
        Event::PostRemoved { kind, id } => What::PostRemoved {
            kind: *kind,
            id: id.clone(),
        },
        Event::AnswerPublished { answer } => What::AnswerPublished {
            answer: answer.as_ref().into(),
        },
        Event::ItemQueued { post } => What::ItemQueued {
            item: Box::new(post.as_ref().into()),
        },
        Event::ItemsDecided { decision, .. } => What::ItemsDecided {
            decision: decision.as_ref().into(),
        },
        Event::ClaimsChanged { claims, released, at } => What::ClaimsChanged {
            claims: claims.iter().map(Into::into).collect(),
            released: released.clone(),
            at_ms: *at,
        },
        Event::ItemReported { reported } => What::ItemReported {
            item: Box::new(face::queue_item(&reported.post, Some(&reported.reports))),
        },
        Event::ReportsSettled { posts, by_name } => What::ReportsSettled {
            items: posts
                .iter()
                .map(|(kind, id)| PostKey {
                    kind: *kind,
                    id: id.clone(),
                })
                .collect(),
            by_name: by_name.clone(),
        },
        Event::NextUpChanged { question_ids } => What::NextUpChanged {
            question_ids: question_ids.clone(),
        },
    }))
}

/// One channel folded.
#[derive(Debug, Clone, PartialEq)]
pub enum Fold {
    Public(Box<PublicFold>),
    Backstage(BackstageFold),
}

impl Fold {
    /// The number of the last event in it.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Public(fold) => fold.view.seq,
            Self::Backstage(fold) => fold.view.seq,
        }
    }
    /// Takes in one item of `seq`.
    pub fn apply(&mut self, seq: u64, what: &What) {
        match self {
            Self::Public(fold) => fold.apply(seq, what),
            Self::Backstage(fold) => fold.apply(seq, what),
        }
    }
    /// Takes in counts, absolute as of `seq`.
    pub fn count(&mut self, seq: u64, counts: &[(QuestionId, u64)]) {
        match self {
            Self::Public(fold) => fold.count(seq, counts),
            Self::Backstage(fold) => fold.view.seq = seq,
        }
    }
    /// The message a new viewer gets.
    pub fn message(&self, now: Timestamp, watching: u64) -> ServerMessage {
        match self {
            Self::Public(fold) => ServerMessage::View(Box::new(View {
                server_ms: now,
                watching,
                ..fold.view()
            })),
            Self::Backstage(fold) => ServerMessage::BackstageView(Box::new(BackstageView {
                server_ms: now,
                ..fold.view()
            })),
        }
    }
}

/// The public channel.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicFold {
    /// Its `questions` are all that are known, in order of publication.
    view: View,
    /// Where a question is in them.
    places: HashMap<QuestionId, usize>,
    limits: Limits,
}

impl PublicFold {
    pub fn new(view: View, limits: Limits) -> Self {
        let places = places_of(&view.questions);
        let mut fold = Self { view, places, limits };
        fold.prune();
        fold
    }

    fn apply(&mut self, seq: u64, what: &What) {
        self.view.seq = seq;
        match what {
            What::SessionChanged { session } => self.view.session.clone_from(session),
            What::CommentPublished { comment } => self.view.comments.push(comment.clone()),
            What::PostRemoved {
                kind: PostKind::Comment,
                id,
            } => self.view.comments.retain(|comment| comment.id.as_str() != id),
            What::PostRemoved {
                kind: PostKind::Question,
                id,
            } => self.remove_question(id),
            What::QuestionPublished { question } => self.put_question(question),
            What::AnswerPublished { answer } => {
                match self.view.answers.iter_mut().find(|known| known.id == answer.id) {
                    Some(known) => known.clone_from(answer),
                    None => self.view.answers.push(answer.clone()),
                }
            }
            // These are of the other channel.
            What::ItemQueued { .. }
            | What::ItemsDecided { .. }
            | What::ClaimsChanged { .. }
            | What::ItemReported { .. }
            | What::ReportsSettled { .. }
            | What::NextUpChanged { .. } => {}
        }
        self.prune();
    }

    fn count(&mut self, seq: u64, counts: &[(QuestionId, u64)]) {
        self.view.seq = seq;
        for (id, supports) in counts {
            if let Some(&at) = self.places.get(id) {
                self.view.questions[at].supports = *supports;
            }
            if let Some(stage) = self
                .view
                .session
                .stage
                .as_mut()
                .filter(|stage| stage.question.id == *id)
            {
                stage.question.supports = *supports;
            }
        }
    }

    fn put_question(&mut self, question: &QuestionFace) {
        if let Some(&at) = self.places.get(&question.id) {
            self.view.questions[at].clone_from(question);
        } else {
            // What became of a question is said only of one that was published before: it was among those the view left out.
            if question.disposition.is_none() {
                self.view.questions_total += 1;
            }
            self.places.insert(question.id.clone(), self.view.questions.len());
            self.view.questions.push(question.clone());
        }
        if let Some(stage) = self
            .view
            .session
            .stage
            .as_mut()
            .filter(|stage| stage.question.id == question.id)
        {
            stage.question.clone_from(question);
        }
    }

    fn remove_question(&mut self, id: &str) {
        self.view.questions.retain(|question| question.id.as_str() != id);
        self.places = places_of(&self.view.questions);
        self.view.questions_total = self
            .view
            .questions_total
            .saturating_sub(1)
            .max(self.view.questions.len() as u64);
        if self
            .view
            .session
            .stage
            .as_ref()
            .is_some_and(|stage| stage.question.id.as_str() == id)
        {
            self.view.session.stage = None;
        }
    }

    fn prune(&mut self) {
        let Self { view, limits, .. } = self;
        let over = view.comments.len().saturating_sub(limits.comments_max);
        view.comments.drain(..over);
        // A tenth at once, so that a session of very many questions does not sort at each of them.
        let known_max = limits.known_max.max(limits.questions_max);
        if view.questions.len() > known_max {
            let kept = ranked(
                &view.questions,
                known_max - known_max / 10,
                0,
                stage_question(view),
            );
            let mut at = 0..;
            view.questions
                .retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
            self.places = places_of(&self.view.questions);
        }
    }

    /// What is shown of it.
    fn view(&self) -> View {
        let max = self.limits.questions_max;
        if self.view.questions.len() <= max {
            return self.view.clone();
        }
        // A fifth is for the newest, which nobody has had the time to support.
        let shown = ranked(&self.view.questions, max, max / 5, stage_question(&self.view));
        let mut view = self.view.clone();
        let mut at = 0..;
        view.questions
            .retain(|_| at.next().is_some_and(|at| shown.contains(&at)));
        view
    }
}

fn places_of(questions: &[QuestionFace]) -> HashMap<QuestionId, usize> {
    questions
        .iter()
        .enumerate()
        .map(|(at, question)| (question.id.clone(), at))
        .collect()
}

fn stage_question(view: &View) -> Option<&QuestionId> {
    view.session.stage.as_ref().map(|stage| &stage.question.id)
}

/// Places of the `max` questions to keep: the `newest_max` last ones, the one on stage, and then the most supported, of equals the newest.
fn ranked(
    questions: &[QuestionFace],
    max: usize,
    newest_max: usize,
    stage: Option<&QuestionId>,
) -> HashSet<usize> {
    let newest_from = questions.len().saturating_sub(newest_max);
    let mut order: Vec<usize> = (0..questions.len()).collect();
    order.sort_unstable_by_key(|&at| {
        let question = &questions[at];
        let first = at >= newest_from || stage == Some(&question.id);
        std::cmp::Reverse((first, question.supports, question.number))
    });
    order.truncate(max);
    order.into_iter().collect()
}

/// The backstage channel.
#[derive(Debug, Clone, PartialEq)]
pub struct BackstageFold {
    /// Its `held` are all that are known.
    view: BackstageView,
    limits: Limits,
}

impl BackstageFold {
    pub fn new(view: BackstageView, limits: Limits) -> Self {
        Self { view, limits }
    }

    fn apply(&mut self, seq: u64, what: &What) {
        self.view.seq = seq;
        match what {
            What::ItemQueued { item } => self.queue(item),
            What::ItemsDecided { decision } => self.decide(decision),
            What::ClaimsChanged {
                claims,
                released,
                at_ms,
            } => self.claim(claims, released, *at_ms),
            What::ItemReported { item } => {
                let reported = &mut self.view.reported;
                reported.retain(|known| known.kind != item.kind || known.id != item.id);
                reported.push(item.as_ref().clone());
                // The least reported one is the one least missed.
                if reported.len() > self.limits.held_max {
                    let count = |item: &QueueItem| item.reports.as_ref().map_or(0, |r| r.count);
                    let least = (0..reported.len()).min_by_key(|&at| count(&reported[at]));
                    reported.remove(least.unwrap_or_default());
                }
            }
            What::ReportsSettled { items, .. } => self.view.reported.retain(|known| {
                !items
                    .iter()
                    .any(|item| item.kind == known.kind && item.id == known.id)
            }),
            What::NextUpChanged { question_ids } => self.view.next_up.clone_from(question_ids),
            // These are of the other channel.
            What::SessionChanged { .. }
            | What::CommentPublished { .. }
            | What::PostRemoved { .. }
            | What::QuestionPublished { .. }
            | What::AnswerPublished { .. } => {}
        }
    }

    /// Moderators took, kept or let go of items.
    fn claim(&mut self, claims: &[ClaimFace], released: &[LeaseId], at: Timestamp) {
        let known = &mut self.view.claims;
        known.retain(|one| {
            one.until_ms > at
                && !released.contains(&one.lease)
                && !claims.iter().any(|new| new.kind == one.kind && new.id == one.id)
        });
        known.extend_from_slice(claims);
    }

    /// Something waits, or no longer waits though nobody decided (its author took it back).
    fn queue(&mut self, item: &QueueItem) {
        let held = &mut self.view.held;
        let before = held.len();
        held.retain(|known| known.id != item.id);
        let was_held = held.len() < before;
        if item.state != PostState::Held {
            self.view.claims.retain(|claim| claim.id != item.id);
            self.view.held_total -= u64::from(was_held && self.view.held_total > 0);
            return;
        }
        let at = held.partition_point(|known| (known.at_ms, &known.id) <= (item.at_ms, &item.id));
        held.insert(at, item.clone());
        held.truncate(self.limits.known_max.max(self.limits.held_max));
        self.view.held_total += u64::from(!was_held);
    }

    fn decide(&mut self, decision: &DecisionFace) {
        let view = &mut self.view;
        match view.decisions.iter_mut().find(|known| known.id == decision.id) {
            Some(known) => known.clone_from(decision),
            None => {
                view.decisions.insert(0, decision.clone());
                view.decisions.truncate(self.limits.decisions_max);
            }
        }
        // Who decided has let go.
        view.claims.retain(|claim| {
            !decision
                .items
                .iter()
                .any(|item| item.kind == claim.kind && item.id == claim.id)
        });
        // Only what was held can be approved or declined, so each of them leaves the queue, listed here or not. What an undo
        // gives back comes as `item_queued` with its text.
        if decision.undone || !matches!(decision.verdict, Verdict::Approve | Verdict::Decline) {
            return;
        }
        let decided: HashSet<&str> = decision.items.iter().map(|item| item.id.as_str()).collect();
        view.held.retain(|item| !decided.contains(item.id.as_str()));
        view.held_total = view
            .held_total
            .saturating_sub(decided.len() as u64)
            .max(view.held.len() as u64);
    }

    /// What is shown of it.
    fn view(&self) -> BackstageView {
        let mut view = self.view.clone();
        view.held.truncate(self.limits.held_max);
        view
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;
    use crate::protocol::server::Batch;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fixture {
        name: String,
        channel: String,
        #[serde(default)]
        limits: FixtureLimits,
        view: Value,
        batches: Vec<Batch>,
        expected: Expected,
    }

    #[derive(Deserialize, Default)]
    #[serde(deny_unknown_fields)]
    struct FixtureLimits {
        comments_max: Option<usize>,
        questions_max: Option<usize>,
        held_max: Option<usize>,
        decisions_max: Option<usize>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Expected {
        outcomes: Vec<String>,
        view: Value,
    }

    /// The client's rule of `docs/api.md`.
    fn apply_batch(fold: &mut Fold, batch: &Batch) -> &'static str {
        let known = fold.seq();
        if batch.last_seq <= known {
            return "repeated";
        }
        if batch.first_seq > known + 1 {
            return "gap";
        }
        for item in batch.items.iter().filter(|item| item.seq > known) {
            fold.apply(item.seq, &item.what);
        }
        fold.count(batch.last_seq, &batch.tallies);
        "applied"
    }

    fn fold_of(fixture: &Fixture) -> Fold {
        let defaults = Limits::default();
        let limits = Limits {
            comments_max: fixture.limits.comments_max.unwrap_or(defaults.comments_max),
            questions_max: fixture.limits.questions_max.unwrap_or(defaults.questions_max),
            held_max: fixture.limits.held_max.unwrap_or(defaults.held_max),
            decisions_max: fixture.limits.decisions_max.unwrap_or(defaults.decisions_max),
            ..defaults
        };
        match fixture.channel.as_str() {
            "public" => Fold::Public(Box::new(PublicFold::new(
                serde_json::from_value(fixture.view.clone()).expect("a view"),
                limits,
            ))),
            "backstage" => Fold::Backstage(BackstageFold::new(
                serde_json::from_value(fixture.view.clone()).expect("a backstage view"),
                limits,
            )),
            other => panic!("no channel {other}"),
        }
    }

    fn shown(fold: &Fold) -> Value {
        match fold {
            Fold::Public(fold) => serde_json::to_value(fold.view()),
            Fold::Backstage(fold) => serde_json::to_value(fold.view()),
        }
        .expect("json")
    }

    #[test]
    fn the_fixtures_shared_with_the_page_hold() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fold");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("the fixtures") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read_to_string(&path).expect("a file");
            let fixture: Fixture =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut fold = fold_of(&fixture);
            let outcomes: Vec<&str> = fixture
                .batches
                .iter()
                .map(|batch| apply_batch(&mut fold, batch))
                .collect();
            assert_eq!(
                outcomes,
                fixture.expected.outcomes,
                "{}: {}",
                path.display(),
                fixture.name
            );
            assert_eq!(
                shown(&fold),
                fixture.expected.view,
                "{}: {}",
                path.display(),
                fixture.name
            );
            count += 1;
        }
        assert!(count >= 15, "{count} fixtures");
    }

    fn view_with(questions: Vec<QuestionFace>) -> View {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/fold/comments_and_questions_are_appended.json"
        ))
        .expect("a fixture");
        let fixture: Fixture = serde_json::from_str(&text).expect("a fixture");
        let view: View = serde_json::from_value(fixture.view).expect("a view");
        View {
            questions_total: questions.len() as u64,
            questions,
            ..view
        }
    }

    fn question(number: u64, supports: u64) -> QuestionFace {
        QuestionFace {
            id: format!("q{number:015}").parse().expect("an id"),
            number,
            name: String::new(),
            body: format!("第 {number} 问"),
            topic: String::new(),
            place: String::new(),
            department_id: None,
            at_ms: Timestamp::from_ms(0),
            supports,
            disposition: None,
            merged_into: None,
            reason: String::new(),
        }
    }

    fn numbers(fold: &PublicFold) -> Vec<u64> {
        fold.view()
            .questions
            .iter()
            .map(|question| question.number)
            .collect()
    }

    #[test]
    fn a_question_crowded_out_of_the_view_comes_back_when_it_gains_supports() {
        let limits = Limits {
            questions_max: 5,
            ..Limits::default()
        };
        let mut fold = PublicFold::new(
            view_with((1..=6).map(|n| question(n, if n == 1 { 0 } else { 3 })).collect()),
            limits,
        );
        assert_eq!(numbers(&fold), [2, 3, 4, 5, 6]);
        fold.count(100, &[(question(1, 0).id, 9)]);
        assert_eq!(numbers(&fold), [1, 3, 4, 5, 6]);
        assert_eq!(fold.view().questions_total, 6);
    }

    #[test]
    fn the_newest_question_is_shown_though_nobody_supports_it_yet() {
        let limits = Limits {
            questions_max: 5,
            ..Limits::default()
        };
        let mut fold = PublicFold::new(view_with((1..=5).map(|n| question(n, 7)).collect()), limits);
        fold.apply(
            100,
            &What::QuestionPublished {
                question: question(6, 0),
            },
        );
        assert_eq!(numbers(&fold), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_is_known_is_bounded_and_the_least_supported_leave_first() {
        let limits = Limits {
            questions_max: 10,
            known_max: 20,
            ..Limits::default()
        };
        let mut fold = PublicFold::new(view_with(Vec::new()), limits);
        for number in 1..=100 {
            fold.apply(
                number,
                &What::QuestionPublished {
                    question: question(number, number % 10),
                },
            );
            assert!(fold.view.questions.len() <= 20);
        }
        assert_eq!(fold.view().questions_total, 100);
        assert!(numbers(&fold).contains(&99) && !numbers(&fold).contains(&90));
    }
}
