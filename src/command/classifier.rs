//! An external classifier of posts: asked within a budget of time, believed only to hold, never able to lose a post.
//!
//! What it says can make a post wait for a person, nothing else: it cannot decline and cannot let through what our own rules hold.
//! When it does not answer in time, answers nonsense or fails, the hall's choice decides: hold, or pass. After several failures in
//! a row it is not asked for a while (a breaker), so that a dead classifier does not cost every post its budget.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Commands;
use crate::domain::ids::SessionId;
use crate::domain::post::Finding;
use crate::domain::screen::Reason;
use crate::domain::screening_settings::External;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::words::PostKind;

/// Failures in a row after which it is left alone.
const FAILURES_MAX: u32 = 5;
/// How long it is left alone; then one post tries it again.
const PAUSE_MS: i64 = 30_000;
/// Longest label kept of what it says, in characters.
const LABEL_CHARS_MAX: usize = 40;
/// Places in the text kept of what it says.
const SPANS_MAX: usize = 20;

/// What is asked. No author: the classifier judges a text, not a person.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    pub session_id: &'q SessionId,
    pub kind: PostKind,
    pub text: &'q str,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgement {
    /// A person should look first.
    pub hold: bool,
    /// Why, in a word of its own.
    pub label: String,
    /// Where: first character and one past the last.
    pub spans: Vec<(u32, u32)>,
}

/// Something outside that judges texts.
pub trait Classifier: Send + Sync {
    /// Whether there is one.
    fn offered(&self) -> bool;
    /// Longest time an answer may take.
    fn budget(&self) -> Duration;
    /// Judges. The error says what went wrong, without the text.
    fn judge<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Judgement, String>>;
}

/// No classifier.
pub struct NoClassifier;

impl Classifier for NoClassifier {
    fn offered(&self) -> bool {
        false
    }
    fn budget(&self) -> Duration {
        Duration::ZERO
    }
    fn judge<'a>(&'a self, _: Question<'a>) -> BoxFuture<'a, Result<Judgement, String>> {
        Box::pin(async { Err("no classifier is configured".to_owned()) })
    }
}

/// Leaves a failing classifier alone for a while.
#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    open_until: Option<Timestamp>,
}

impl Breaker {
    /// Whether to ask now. After the pause one asks while the others still wait for its outcome.
    fn may_ask(&mut self, now: Timestamp) -> bool {
        match self.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now.plus_ms(PAUSE_MS));
                true
            }
            None => true,
        }
    }
    /// Takes an outcome; `true` when the breaker opens by it.
    fn note(&mut self, worked: bool, now: Timestamp) -> bool {
        if worked {
            *self = Self::default();
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        let opens = self.failures >= FAILURES_MAX;
        if opens {
            self.open_until = Some(now.plus_ms(PAUSE_MS));
        }
        opens && self.failures == FAILURES_MAX
    }
}

/// The classifier with its breaker.
pub(super) struct Asked {
    classifier: Arc<dyn Classifier>,
    breaker: Mutex<Breaker>,
}

impl Asked {
    pub(super) fn new(classifier: Arc<dyn Classifier>) -> Self {
        Self {
            classifier,
            breaker: Mutex::default(),
        }
    }
    pub(super) fn offered(&self) -> bool {
        self.classifier.offered()
    }
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it says, cut to what is kept: spans inside the text, a label of a few words.
fn kept(judgement: Judgement, text: &str) -> Option<Finding> {
    if !judgement.hold {
        return None;
    }
    let chars = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let mut spans = judgement.spans;
    spans.truncate(SPANS_MAX);
    let good = spans.into_iter().find(|(from, to)| from < to && *to <= chars);
    let (start, end) = good.unwrap_or((0, chars));
    let label: String = judgement
        .label
        .chars()
        .filter(|c| c.is_alphanumeric() || "_-. ".contains(*c))
        .take(LABEL_CHARS_MAX)
        .collect();
    Some(Finding {
        rule: format!("external `{label}`"),
        reason: Reason::External.code().to_owned(),
        start,
        end,
    })
}

impl Commands {
    /// Why a post should wait, if the classifier of this installation says so or says nothing where the hall then holds.
    pub(super) async fn ask_classifier(
        &self,
        session: &Session,
        kind: PostKind,
        text: &str,
        choice: External,
    ) -> Option<Finding> {
        let asked = &self.inner.classifier;
        if choice == External::Off || !asked.classifier.offered() {
            return None;
        }
        let failed = |why: &str| {
            (choice == External::HoldOnFailure).then(|| Finding {
                rule: format!("external: {why}"),
                reason: Reason::External.code().to_owned(),
                start: 0,
                end: 0,
            })
        };
        if !asked.breaker().may_ask(self.now()) {
            metrics::counter!("screen_external", "outcome" => "left_alone").increment(1);
            return failed("left alone after failures");
        }
        let question = Question {
            session_id: &session.id,
            kind,
            text,
        };
        let answer = tokio::time::timeout(asked.classifier.budget(), asked.classifier.judge(question)).await;
        let (outcome, judged) = match answer {
            Ok(Ok(judgement)) => ("answered", Ok(judgement)),
            Ok(Err(error)) => ("failed", Err(error)),
            Err(_) => ("late", Err("no answer in time".to_owned())),
        };
        metrics::counter!("screen_external", "outcome" => outcome).increment(1);
        let opened = asked.breaker().note(judged.is_ok(), self.now());
        match judged {
            Ok(judgement) => kept(judgement, text),
            Err(error) => {
                if opened {
                    tracing::warn!(%error, "the external classifier failed {FAILURES_MAX} times in a row; left alone for {} s", PAUSE_MS / 1_000);
                }
                failed(outcome)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(1_795_000_000_000 + ms)
    }

    #[test]
    fn after_five_failures_it_is_left_alone_and_then_tried_by_one() {
        let mut breaker = Breaker::default();
        for n in 0..5 {
            assert!(breaker.may_ask(at(n)));
            assert_eq!(breaker.note(false, at(n)), n == 4);
        }
        assert!(!breaker.may_ask(at(10)));
        assert!(breaker.may_ask(at(PAUSE_MS + 10)), "one tries");
        assert!(
            !breaker.may_ask(at(PAUSE_MS + 11)),
            "the others wait for the outcome"
        );
        breaker.note(true, at(PAUSE_MS + 20));
        assert!(breaker.may_ask(at(PAUSE_MS + 21)));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_anew() {
        let mut breaker = Breaker::default();
        for n in 0..40 {
            breaker.note(n % 4 == 3, at(n));
        }
        assert!(breaker.may_ask(at(50)));
    }

    #[test]
    fn what_it_says_is_cut_to_what_can_be_true() {
        let says = |label: &str, spans: &[(u32, u32)]| Judgement {
            hold: true,
            label: label.into(),
            spans: spans.to_vec(),
        };
        let found = kept(says("spam<script>", &[(9, 3), (0, 99), (1, 3)]), "水价太高").expect("holds");
        assert_eq!((found.start, found.end), (1, 3));
        assert_eq!(found.rule, "external `spamscript`");
        let found = kept(says(&"x".repeat(1_000), &[]), "水价").expect("holds");
        assert!(found.rule.len() < 60 && (found.start, found.end) == (0, 2));
        assert_eq!(kept(Judgement::default(), "水价"), None);
    }
}
