//! Merging, taking merges back, and supporting in between, in any order: held to a model of sets.

use std::collections::BTreeSet;

use yishiting::domain::ids::QuestionId;
use yishiting::domain::words::{Disposition, Role};
use yishiting::protocol::rest::QuestionPage;

use crate::support::on_both;

const QUESTIONS: usize = 6;
const PEOPLE: usize = 5;
const STEPS: usize = 60;

/// What merging means: every person counts once for a head, every wording and its own supporters stay.
#[derive(Default)]
struct Model {
    supporters: [BTreeSet<usize>; QUESTIONS],
    into: [Option<usize>; QUESTIONS],
}

impl Model {
    /// False where the program must refuse.
    fn merge(&mut self, from: usize, to: usize) -> bool {
        let head = self.into[to].unwrap_or(to);
        if head == from || from == to {
            return false;
        }
        for into in &mut self.into {
            if *into == Some(from) {
                *into = Some(head);
            }
        }
        self.into[from] = Some(head);
        true
    }

    fn count(&self, question: usize) -> u64 {
        let of = (0..QUESTIONS).filter(|&q| q == question || self.into[q] == Some(question));
        let all: BTreeSet<usize> = of.flat_map(|q| self.supporters[q].iter().copied()).collect();
        all.len() as u64
    }
}

/// The same numbers at every run: a failure can be looked at again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn any_order_of_merging_unmerging_and_supporting_counts_every_person_once_and_loses_no_wording() {
    on_both(async |world| {
        let secretary = world.staff(Role::Secretary).await;
        for seed in 1..=3 {
            let mut dice = Dice(seed);
            let session = world.live().await;
            let mut people = Vec::new();
            for _ in 0..PEOPLE {
                people.push(world.guest().await);
            }
            let bodies: Vec<String> = (0..QUESTIONS)
                .map(|n| format!("第{n}种说法，种子{seed}"))
                .collect();
            let mut questions: Vec<QuestionId> = Vec::new();
            let mut authors = Vec::new();
            for body in &bodies {
                let author = world.guest().await;
                questions.push(author.asked(&session, body).await);
                authors.push(author);
            }
            let mut model = Model::default();
            let check = async |model: &Model, step: usize| {
                let page: QuestionPage = world
                    .rest
                    .get(format!("/sessions/{session}/questions?limit=50"))
                    .await
                    .expect("a page");
                for (n, id) in questions.iter().enumerate() {
                    let face = page
                        .questions
                        .iter()
                        .find(|q| q.id == *id)
                        .expect("every wording stays");
                    assert_eq!(face.body, bodies[n], "seed {seed}, step {step}");
                    assert_eq!(
                        face.supports,
                        model.count(n),
                        "seed {seed}, step {step}, question {n}"
                    );
                    let into = model.into[n].map(|head| questions[head].clone());
                    assert_eq!(face.merged_into, into, "seed {seed}, step {step}, question {n}");
                }
            };
            for step in 0..STEPS {
                // Nobody is here to be slowed down.
                world.clock.advance_ms(5_000);
                let (a, b) = (dice.roll(QUESTIONS), dice.roll(QUESTIONS));
                match dice.roll(5) {
                    0 | 1 => {
                        let (person, on) = (dice.roll(PEOPLE), dice.roll(4) > 0);
                        people[person]
                            .support(&session, &questions[a], on)
                            .await
                            .expect("taken");
                        if on {
                            model.supporters[a].insert(person);
                        } else {
                            model.supporters[a].remove(&person);
                        }
                    }
                    2 | 3 => {
                        let merged = secretary
                            .dispose(&questions[a], Some(Disposition::Merged), Some(&questions[b]), "")
                            .await;
                        assert_eq!(
                            merged.is_ok(),
                            model.merge(a, b),
                            "seed {seed}, step {step}: {a} into {b}"
                        );
                    }
                    _ if model.into[a].is_some() => {
                        secretary
                            .dispose(&questions[a], None, None, "")
                            .await
                            .expect("unmerged");
                        model.into[a] = None;
                    }
                    _ => {}
                }
                if step % 6 == 5 {
                    check(&model, step).await;
                }
            }
            for (n, question) in questions.iter().enumerate() {
                if model.into[n].is_some() {
                    secretary
                        .dispose(question, None, None, "")
                        .await
                        .expect("unmerged");
                    model.into[n] = None;
                }
            }
            check(&model, STEPS).await;
            for (n, author) in authors.iter().enumerate() {
                let mine = author.mine(&session).await;
                assert!(
                    mine.posts.iter().any(|q| q.body == bodies[n]),
                    "every author keeps the own wording"
                );
            }
        }
    });
}
