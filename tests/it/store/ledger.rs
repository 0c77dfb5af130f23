//! The tally balances, whatever happened: every number is the length of its list, and the lists together are everything raised.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use yishiting::domain::ids::{QuestionId, SuggestionId};
use yishiting::domain::suggestion::Suggestion;
use yishiting::domain::words::{Bucket, Disposition, PostKind, PostState, SuggestionSource};

use super::{Store, at, department, fresh, on_both};

/// Seeds of sequences; one that ever failed stays here.
const SEEDS: [u64; 4] = [1, 2, 3, 2_026];

#[test]
fn the_tally_balances_after_every_step_of_random_sequences() {
    on_both(async |store| {
        for seed in SEEDS {
            let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
            let mut questions: Vec<QuestionId> = Vec::new();
            for step in 0..16 {
                match rng.random_range(0..5) {
                    0 | 1 => questions.push(
                        store
                            .question(*PostState::ALL.choose(&mut rng).expect("not empty"))
                            .await,
                    ),
                    2 => move_one(store, &questions, &mut rng).await,
                    3 => dispose_one(store, &questions, &mut rng).await,
                    _ => suggest(store, &questions, &mut rng).await,
                }
                assert_balanced(store, &format!("seed {seed}, step {step}")).await;
            }
        }
    });
}

async fn move_one(store: &Store, questions: &[QuestionId], rng: &mut rand::rngs::StdRng) {
    let Some(id) = questions.choose(rng) else { return };
    let (to, revision, key) = (
        *PostState::ALL.choose(rng).expect("not empty"),
        store.now(id).await.post.revision,
        id.to_string(),
    );
    store
        .change(move |tx| {
            Box::pin(async move { tx.move_post(PostKind::Question, &key, revision, to, "", "").await })
        })
        .await
        .expect("stored");
}

async fn dispose_one(store: &Store, questions: &[QuestionId], rng: &mut rand::rngs::StdRng) {
    let Some(id) = questions.choose(rng).cloned() else {
        return;
    };
    let to = if rng.random_bool(0.2) {
        None
    } else {
        Disposition::ALL.choose(rng).copied()
    };
    let (head, revision) = (questions.choose(rng).cloned(), store.now(&id).await.post.revision);
    let head = if to == Some(Disposition::Merged) {
        head
    } else {
        None
    };
    store
        .change(move |tx| {
            Box::pin(async move { tx.dispose_question(&id, revision, to, head.as_ref(), "").await })
        })
        .await
        .expect("stored");
}

async fn suggest(store: &Store, questions: &[QuestionId], rng: &mut rand::rngs::StdRng) {
    let from_question = questions.choose(rng).filter(|_| rng.random_bool(0.5)).cloned();
    let mut suggestion = Suggestion {
        id: SuggestionId::new(at(0), fresh()),
        number: 0,
        title: "更换老旧水表".into(),
        summary: String::new(),
        category: String::new(),
        department_id: rng.random_bool(0.5).then(department),
        co_department_ids: Vec::new(),
        source: if from_question.is_some() {
            SuggestionSource::Question
        } else {
            SuggestionSource::Venue
        },
        question_ids: from_question.into_iter().collect(),
        comment_ids: Vec::new(),
        raised_by: String::new(),
        due_date: String::new(),
        requirement: String::new(),
        at: at(0),
        revision: 1,
    };
    let session = store.session.clone();
    store
        .change(move |tx| Box::pin(async move { tx.insert_suggestion(&session, &mut suggestion).await }))
        .await
        .expect("stored");
}

async fn assert_balanced(store: &Store, when: &str) {
    let mut snapshot = store.db.snapshot().await.expect("a snapshot");
    let mut conn = snapshot.conn();
    let tally = conn.tally(&store.session).await.expect("readable");
    assert_eq!(
        conn.tallies(&store.hall)
            .await
            .expect("readable")
            .get(&store.session)
            .copied()
            .unwrap_or_default(),
        tally,
        "{when}"
    );
    let all = conn
        .bucket(&store.session, None, 0, u32::MAX)
        .await
        .expect("readable");
    assert_eq!(
        (all.total, all.rows.len() as u64),
        (tally.raised(), tally.raised()),
        "{when}"
    );
    for &bucket in Bucket::ALL {
        let list = conn
            .bucket(&store.session, Some(bucket), 0, u32::MAX)
            .await
            .expect("readable");
        assert_eq!(
            (list.total, list.rows.len() as u64),
            (tally.of(bucket), tally.of(bucket)),
            "{when}: {bucket}"
        );
        assert!(list.rows.iter().all(|(b, _)| *b == bucket), "{when}: {bucket}");
    }
    let questions = conn.all_questions(&store.session).await.expect("readable").len() as u64;
    let own = conn
        .suggestions(&store.session)
        .await
        .expect("readable")
        .iter()
        .filter(|s| s.source != SuggestionSource::Question)
        .count() as u64;
    assert_eq!(
        tally.raised(),
        questions + own,
        "{when}: everything raised is counted, once"
    );
}
