//! Decides what the crowd does: a rhythm, not a script. The only place that knows how many comments a second are natural.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Shared;
use super::person::Deed;
use super::speech::{Mischief, Mood, Speech};
use super::world::Scene;
use crate::domain::ids::QuestionId;
use crate::domain::words::PostKind;

/// How often the director looks. Ten times a second: writing looks unforced.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The crowd the rates below are for.
const USUAL_PEOPLE: f64 = 300.0;
/// Questions of the crowd that may wait for a moderator before nobody asks any more.
const WAITING_QUESTIONS_MAX: f64 = 60.0;
/// The same for comments held as suspicious, before people behave.
const WAITING_COMMENTS_MAX: f64 = 40.0;
/// Without anything new on stage people tire after this long, down to a third.
const TIRED_AFTER_S: f64 = 600.0;

/// A person as the director knows them.
#[derive(Debug)]
pub struct Seat {
    pub deeds: Sender<Deed>,
    /// Where they live.
    pub home: &'static str,
}

/// Excitement that fades: what a moment on stage makes people write.
#[derive(Debug, Clone, Copy)]
struct Burst {
    /// Comments a second now, for the usual crowd.
    rate: f64,
    /// Seconds in which it falls to a third.
    fades_s: f64,
}

impl Burst {
    const fn new(fades_s: f64) -> Self {
        Self { rate: 0.0, fades_s }
    }
    fn pass(&mut self, s: f64) {
        self.rate *= (-s / self.fades_s).exp();
    }
}

/// How the room feels.
#[derive(Debug)]
struct Room {
    scene: Scene,
    on_stage: Burst,
    answering: Burst,
    answered: Burst,
    /// Since the crowd came, in seconds.
    age_s: f64,
    /// Since something last happened on stage, in seconds.
    quiet_s: f64,
}

impl Room {
    fn new() -> Self {
        Self {
            scene: Scene::default(),
            on_stage: Burst::new(7.0),
            answering: Burst::new(8.0),
            answered: Burst::new(6.0),
            age_s: 0.0,
            quiet_s: 0.0,
        }
    }

    /// Lets time pass and notices what changed.
    fn notice(&mut self, scene: Scene, passed_s: f64) {
        for burst in [&mut self.on_stage, &mut self.answering, &mut self.answered] {
            burst.pass(passed_s);
        }
        self.age_s += passed_s;
        self.quiet_s += passed_s;
        if scene.on_stage.is_some() && scene.on_stage != self.scene.on_stage {
            self.on_stage.rate += 11.0;
            self.quiet_s = 0.0;
        }
        if scene.answering.is_some() && scene.answering != self.scene.answering {
            self.answering.rate += 7.0;
            self.quiet_s = 0.0;
        }
        // The first view may bring answers of before.
        if scene.answers > self.scene.answers && self.scene.takes_comments {
            self.answered.rate += 9.0;
            self.quiet_s = 0.0;
        }
        self.scene = scene;
    }

    /// How much the crowd still has to say, 1 for all of it.
    fn interest(&self) -> f64 {
        (-(self.quiet_s - TIRED_AFTER_S).max(0.0) / 1_200.0)
            .exp()
            .max(0.35)
    }

    /// Comments a second by mood, for the usual crowd. About four in a quiet room.
    fn moods(&self, any_subject: Mood) -> [(Mood, f64); 8] {
        let t = self.age_s;
        // Slow waves of different length: nobody writes to a metronome.
        let breath = self.interest() * (1.0 + 0.3 * (t / 37.0).sin() + 0.2 * (t / 11.0).sin());
        let of_key = |key: &str| match key {
            "water" => Some(Mood::Water),
            "power" => Some(Mood::Power),
            "gas" => Some(Mood::Gas),
            _ => None,
        };
        let subject = self
            .scene
            .subjects
            .into_iter()
            .flatten()
            .find_map(of_key)
            .unwrap_or(any_subject);
        let waiting = if self.scene.on_stage.is_none() { 0.5 } else { 0.05 };
        let listening = if self.scene.answering.is_some() { 1.5 } else { 0.0 };
        [
            (Mood::Greeting, 1.6 * (-t / 50.0).exp() + 0.08 * breath),
            (Mood::Short, 0.9 * breath + 0.2 * self.on_stage.rate),
            (Mood::General, 0.9 * breath),
            (Mood::Waiting, waiting * breath),
            (subject, 1.5 * breath),
            (Mood::OnStage, self.on_stage.rate),
            (Mood::Answering, self.answering.rate + listening),
            (Mood::Answered, self.answered.rate),
        ]
    }
}

/// Directs.
pub struct Director {
    shared: Arc<Shared>,
    people: Vec<Seat>,
    chance: StdRng,
    speech: Speech,
    room: Room,
}

impl Director {
    pub fn new(shared: Arc<Shared>, people: Vec<Seat>, mut chance: StdRng) -> Self {
        let speech = Speech::new(StdRng::seed_from_u64(chance.random()));
        Self {
            shared,
            people,
            chance,
            speech,
            room: Room::new(),
        }
    }

    /// Until the crowd is told to stop.
    pub async fn direct(mut self) {
        if self.people.is_empty() {
            return;
        }
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut before = Instant::now();
        loop {
            look.tick().await;
            let now = Instant::now();
            // After a pause of the machine not everything is said at once.
            let passed_s = (now - before).as_secs_f64().min(1.0);
            before = now;
            let scene = self.shared.lock_world().scene();
            self.room.notice(scene, passed_s);
            self.turn(passed_s);
        }
    }

    fn turn(&mut self, passed_s: f64) {
        let share = passed_s * self.people.len() as f64 / USUAL_PEOPLE;
        if self.room.scene.takes_comments {
            self.comment(share);
            self.misbehave(share);
        }
        if self.room.scene.takes_questions {
            self.ask(share);
            self.support(share);
        }
        self.come_and_go(share);
    }

    fn comment(&mut self, share: f64) {
        let any_subject = [Mood::Water, Mood::Power, Mood::Gas][self.chance.random_range(0..3)];
        for (mood, rate) in self.room.moods(any_subject) {
            for _ in 0..self.how_many(rate * share) {
                let who = self.anybody();
                let text = self.speech.comment(mood, self.people[who].home);
                self.ask_of(who, Deed::Comment(text));
            }
        }
    }

    fn misbehave(&mut self, share: f64) {
        for _ in 0..self.how_many(0.05 * share * self.room_left(PostKind::Comment, WAITING_COMMENTS_MAX)) {
            let kind = Mischief::ALL[self.chance.random_range(0..Mischief::ALL.len())];
            let who = self.anybody();
            let text = self.speech.mischief(kind, self.people[who].home);
            let times = if kind == Mischief::Repeat { 3 } else { 1 };
            for _ in 0..times {
                self.ask_of(who, Deed::Comment(text.clone()));
            }
        }
    }

    fn ask(&mut self, share: f64) {
        // People come with their questions; later they think of fewer.
        let rate = 0.07 + 0.13 * (-self.room.age_s / 240.0).exp();
        for _ in 0..self.how_many(
            rate * share * self.room_left(PostKind::Question, WAITING_QUESTIONS_MAX) * self.room.interest(),
        ) {
            let who = self.anybody();
            let home = self.people[who].home;
            let (matter, body) = self.speech.question(home);
            let department_id = self.shared.lock_world().department(&matter.department);
            // Half of the people leave out what they need not fill in.
            let place = if self.chance.random_bool(0.5) {
                home.to_owned()
            } else {
                String::new()
            };
            let topic = if self.chance.random_bool(0.8) {
                matter.topic.clone()
            } else {
                String::new()
            };
            let department_id = department_id.filter(|_| self.chance.random_bool(0.7));
            self.ask_of(
                who,
                Deed::Question {
                    body,
                    topic,
                    department_id,
                    place,
                },
            );
        }
    }

    fn support(&mut self, share: f64) {
        let excitement = self.room.on_stage.rate * 0.3;
        for _ in 0..self.how_many((1.6 * self.room.interest() + excitement) * share) {
            let who = self.anybody();
            let Some(question) = self.worth_supporting(who) else {
                continue;
            };
            self.ask_of(who, Deed::Support(question));
        }
    }

    /// A question this person cares about. What many support is seen by more (sorted by support), what is on stage by all.
    fn worth_supporting(&mut self, who: usize) -> Option<QuestionId> {
        let shared = self.shared.clone();
        let world = shared.lock_world();
        let on_stage = self.room.scene.on_stage.as_ref();
        let weight = |supports: u64, id: &QuestionId| {
            let seen = if on_stage == Some(id) { 20.0 } else { 1.0 };
            (3.0 + supports as f64).sqrt() * seen
        };
        let cares = |id: &QuestionId| cares_about(who, id);
        let total: f64 = world
            .open_questions()
            .filter(|q| cares(&q.id))
            .map(|q| weight(q.supports, &q.id))
            .sum();
        let mut left = self.chance.random::<f64>() * total;
        for question in world.open_questions().filter(|q| cares(&q.id)) {
            left -= weight(question.supports, &question.id);
            if left <= 0.0 {
                return Some(question.id.clone());
            }
        }
        None
    }

    fn come_and_go(&mut self, share: f64) {
        // Everybody leaves about every ten minutes, for half a minute.
        for _ in 0..self.how_many(0.5 * share) {
            let away_s = 2.0 - 25.0 * self.chance.random::<f64>().max(0.01).ln();
            let deed = Deed::Leave {
                away: Duration::from_secs_f64(away_s),
                rudely: self.chance.random_bool(0.4),
            };
            let who = self.anybody();
            self.ask_of(who, deed);
        }
    }

    /// How willing people are with so much waiting already, 1 when nothing waits.
    fn room_left(&self, kind: PostKind, max: f64) -> f64 {
        (1.0 - f64::from(self.shared.waiting.count(kind)) / max).max(0.0)
    }

    fn anybody(&mut self) -> usize {
        self.chance.random_range(0..self.people.len())
    }

    /// Somebody away or busy does not do it; nobody else has to.
    fn ask_of(&self, who: usize, deed: Deed) {
        let _ = self.people[who].deeds.try_send(deed);
    }

    /// A number around the expected one, as independent people make it (Poisson). Expected is small: rates times a tenth of a second.
    fn how_many(&mut self, expected: f64) -> u32 {
        let limit = (-expected.clamp(0.0, 50.0)).exp();
        let mut n = 0;
        let mut product = self.chance.random::<f64>();
        while product > limit {
            n += 1;
            product *= self.chance.random::<f64>();
        }
        n
    }
}

/// Whether a person cares about a question: fixed for both, few questions move many people (a heavy tail).
fn cares_about(who: usize, question: &QuestionId) -> bool {
    let unit = |hasher: DefaultHasher| hasher.finish() as f64 / u64::MAX as f64;
    let mut of_question = DefaultHasher::new();
    question.as_str().hash(&mut of_question);
    let mut of_both = of_question.clone();
    who.hash(&mut of_both);
    let appeal = 0.02 + 0.75 * unit(of_question).powf(2.5);
    unit(of_both) < appeal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AnswerId;
    use crate::domain::time::Timestamp;

    fn total(room: &Room) -> f64 {
        room.moods(Mood::Water).iter().map(|(_, rate)| rate).sum()
    }

    fn live() -> Scene {
        Scene {
            takes_comments: true,
            takes_questions: true,
            ..Scene::default()
        }
    }

    #[test]
    fn a_quiet_room_says_three_to_six_things_a_second_and_a_tired_one_fewer() {
        let mut room = Room::new();
        let mut sum = 0.0;
        for _ in 0..600 {
            room.notice(live(), 1.0);
            sum += total(&room);
        }
        assert!((3.0..6.0).contains(&(sum / 600.0)), "{}", sum / 600.0);
        room.notice(live(), 7_200.0);
        assert!(total(&room) < 2.5, "{}", total(&room));
    }

    #[test]
    fn a_question_on_stage_an_answer_and_its_end_are_felt_and_fade() {
        let at = Timestamp::from_ms(1);
        let mut room = Room::new();
        room.notice(live(), 300.0);
        let quiet = total(&room);
        let on_stage = Scene {
            on_stage: Some(QuestionId::new(at, 1)),
            ..live()
        };
        room.notice(on_stage.clone(), 0.1);
        assert!(total(&room) > quiet + 8.0);
        let answering = Scene {
            answering: Some(AnswerId::new(at, 2)),
            ..on_stage.clone()
        };
        room.notice(answering.clone(), 30.0);
        assert!(total(&room) > quiet + 5.0);
        room.notice(
            Scene {
                answers: 1,
                ..on_stage
            },
            30.0,
        );
        assert!(total(&room) > quiet + 5.0);
        room.notice(live(), 60.0);
        assert!(total(&room) < quiet + 2.0);
    }

    #[test]
    fn few_questions_move_many_people() {
        let mut supporters: Vec<usize> = (0..100)
            .map(|n| QuestionId::new(Timestamp::from_ms(n), 9))
            .map(|id| (0..300).filter(|who| cares_about(*who, &id)).count())
            .collect();
        supporters.sort_unstable();
        let (median, most) = (supporters[50], supporters[99]);
        assert!(most > 150 && median < 80, "median {median}, most {most}");
    }
}
