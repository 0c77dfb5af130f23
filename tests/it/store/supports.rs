//! Supports: one row per person and question, whatever comes at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use rand::{Rng, SeedableRng};
use yishiting::domain::event::Event;
use yishiting::domain::ids::QuestionId;
use yishiting::domain::words::{Channel, PostState};
use yishiting::store::{Support, SupportChange};

use super::{Store, another_writer, assert_without_holes, on_both, person};
use crate::support::database::number;
use crate::support::eventually;

#[test]
fn after_a_thousand_toggles_at_once_every_person_stands_where_the_last_toggle_put_them() {
    on_both(async |store| {
        let questions = [
            store.question(PostState::Published).await,
            store.question(PostState::Published).await,
        ];
        let people: Vec<_> = (0..50).map(|_| person()).collect();
        let mut rng = rand::rngs::StdRng::seed_from_u64(11);
        // Twenty toggles of each person one after the other, all people at once.
        let plans: Vec<Vec<(usize, bool)>> = people
            .iter()
            .map(|_| {
                (0..20)
                    .map(|_| (rng.random_range(0..2), rng.random_bool(0.5)))
                    .collect()
            })
            .collect();
        join_all(people.iter().zip(&plans).map(async |(person, plan)| {
            for (question, on) in plan {
                let change = store
                    .writer
                    .support(store.support(&questions[*question], person, *on))
                    .await
                    .expect("stored");
                assert_eq!(change, SupportChange::Done);
            }
        }))
        .await;
        let mut expected = [0_u64; 2];
        for plan in &plans {
            let last: BTreeMap<usize, bool> = plan.iter().copied().collect();
            for (question, on) in last {
                expected[question] += u64::from(on);
            }
        }
        for (question, expected) in questions.iter().zip(expected) {
            assert_eq!(store.supports(question).await, expected);
        }
        // The log hears of it once a second.
        let told = eventually("the last counts in the log", async || {
            let told = told(store).await;
            questions
                .iter()
                .zip(expected)
                .all(|(question, expected)| told.get(question).copied().unwrap_or(0) == expected)
                .then_some(told)
        })
        .await;
        assert!(told.len() <= questions.len());
        assert_without_holes(&store.log(Channel::Public).await);
    });
}

/// The last word of the log on each question.
async fn told(store: &Store) -> BTreeMap<QuestionId, u64> {
    let mut told = BTreeMap::new();
    for event in store.log(Channel::Public).await {
        if let Event::SupportsCounted { counts } = event.event {
            told.extend(counts);
        }
    }
    told
}

#[test]
fn counts_are_those_of_the_rows_whatever_is_merged_voted_and_taken_back() {
    on_both(async |store| {
        let mut questions = Vec::new();
        for _ in 0..5 {
            questions.push(store.question(PostState::Published).await);
        }
        let people: Vec<_> = (0..40).map(|_| person()).collect();
        let mut rng = rand::rngs::StdRng::seed_from_u64(5);
        for _ in 0..12 {
            // Merged, torn apart, or left as it is.
            let (child, head) = (rng.random_range(2..5), rng.random_range(0..2));
            let into = rng.random_bool(0.7).then(|| questions[head].clone());
            super::merging::merge(store, &questions[child], into.as_ref()).await;
            let votes = (0..200).map(|_| {
                let (question, person) = (rng.random_range(0..5), rng.random_range(0..40));
                store.support(&questions[question], &people[person], rng.random_bool(0.6))
            });
            let votes: Vec<Support> = votes.collect();
            // Some in one batch, some in several at once.
            let changes = votes.chunks(70).map(|some| store.writer.supports(some.to_vec()));
            for change in join_all(changes).await {
                assert!(change.expect("stored").iter().all(|c| *c == SupportChange::Done));
            }
            for question in &questions {
                let mut reader = store.db.read().await.expect("a connection");
                let rows = reader.conn().supports_of(question).await.expect("readable");
                drop(reader);
                assert_eq!(store.supports(question).await, rows);
            }
        }
    });
}

#[test]
fn many_votes_are_few_events_with_few_counts_each_and_none_is_forgotten() {
    on_both(async |store| {
        let mut questions = Vec::new();
        for _ in 0..40 {
            questions.push(store.question(PostState::Published).await);
        }
        let before = store.log(Channel::Public).await.len();
        let begun = std::time::Instant::now();
        for _ in 0..30 {
            let fan = person();
            let votes = questions
                .iter()
                .map(|question| store.support(question, &fan, true));
            store.writer.supports(votes.collect()).await.expect("stored");
        }
        eventually("all counts in the log", async || {
            let told = told(store).await;
            questions
                .iter()
                .all(|question| told.get(question) == Some(&30))
                .then_some(())
        })
        .await;
        let seconds = begun.elapsed().as_secs() as usize;
        let log = store.log(Channel::Public).await;
        let events = &log[before..];
        assert!(
            events.len() <= seconds + 2,
            "{} events in {seconds} s",
            events.len()
        );
        for event in events {
            assert!(matches!(&event.event, Event::SupportsCounted { counts } if counts.len() <= 32));
        }
    });
}

#[test]
fn counts_not_told_when_the_program_ended_are_told_when_it_begins_again() {
    on_both(async |store| {
        let question = store.question(PostState::Published).await;
        for _ in 0..3 {
            store
                .writer
                .support(store.support(&question, &person(), true))
                .await
                .expect("stored");
        }
        store.writer.stop().await;
        store.writing.take().expect("once").await.expect("the task ends");
        // The first was told at once; on a machine that stood still for a second the rest was too.
        assert!(told(store).await.contains_key(&question));
        let (again, writing, _committed) = another_writer(&store.db);
        eventually("the rest of the counts", async || {
            (told(store).await.get(&question) == Some(&3)).then_some(())
        })
        .await;
        again.stop().await;
        writing.await.expect("the task ends");
    });
}

#[test]
fn a_second_support_of_the_same_person_changes_nothing() {
    on_both(async |store| {
        let question = store.question(PostState::Published).await;
        let fan = person();
        join_all((0..100).map(|_| store.writer.support(store.support(&question, &fan, true))))
            .await
            .into_iter()
            .for_each(|r| assert!(r.is_ok()));
        store
            .writer
            .support(store.support(&question, &fan, true))
            .await
            .expect("stored");
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM support").await, 1);
        assert_eq!(store.supports(&question).await, 1);
        for _ in 0..2 {
            store
                .writer
                .support(store.support(&question, &fan, false))
                .await
                .expect("stored");
        }
        assert_eq!(store.supports(&question).await, 0);
    });
}

#[test]
fn only_published_questions_of_the_session_can_be_supported() {
    on_both(async |store| {
        let held = store.question(PostState::Held).await;
        let published = store.question(PostState::Published).await;
        let mut elsewhere = store.support(&published, &person(), true);
        elsewhere.session_id = store.another_session(2).await;
        // In one batch with a good one, which must not suffer.
        let wrong = store.support(&held, &person(), true);
        let good = store.support(&published, &person(), true);
        let (wrong, elsewhere, good) = tokio::join!(
            store.writer.support(wrong),
            store.writer.support(elsewhere),
            store.writer.support(good)
        );
        assert_eq!(wrong.expect("answered"), SupportChange::NoSuchQuestion);
        assert_eq!(elsewhere.expect("answered"), SupportChange::NoSuchQuestion);
        assert_eq!(good.expect("answered"), SupportChange::Done);
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM support").await, 1);
    });
}
