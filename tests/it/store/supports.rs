//! Supports: one row per person and question, whatever comes at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use rand::{Rng, SeedableRng};
use yishiting::domain::event::Event;
use yishiting::domain::words::{Channel, PostState};
use yishiting::store::SupportChange;

use super::{assert_without_holes, on_both, person};
use crate::support::database::number;

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
        let log = store.log(Channel::Public).await;
        assert_without_holes(&log);
        let mut told = BTreeMap::new();
        for event in &log {
            if let Event::SupportsCounted { counts } = &event.event {
                told.extend(counts.iter().cloned());
            }
        }
        for (question, expected) in questions.iter().zip(expected) {
            assert_eq!(
                told.get(question),
                Some(&expected),
                "the last word of the log is the number of rows"
            );
        }
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
