//! Merged questions keep every support, and a person counts once.

use yishiting::domain::ids::QuestionId;
use yishiting::domain::words::{Disposition, PostState};

use super::{Store, on_both, person};

pub(super) async fn merge(store: &Store, question: &QuestionId, into: Option<&QuestionId>) {
    let revision = store.now(question).await.post.revision;
    let (question, into) = (question.clone(), into.cloned());
    let changed = store.change(move |tx| {
        Box::pin(async move {
            let disposition = into.as_ref().map(|_| Disposition::Merged);
            tx.dispose_question(&question, revision, disposition, into.as_ref(), "")
                .await
        })
    });
    assert!(changed.await.expect("stored"));
}

#[test]
fn supports_of_merged_questions_are_the_persons_and_unmerging_gives_each_its_own_back() {
    on_both(async |store| {
        let (a, b, c) = (person(), person(), person());
        let mut questions = Vec::new();
        for fans in [vec![&a, &b], vec![&b, &c], vec![&c]] {
            let question = store.question(PostState::Published).await;
            for fan in fans {
                store
                    .writer
                    .support(store.support(&question, fan, true))
                    .await
                    .expect("stored");
            }
            questions.push(question);
        }
        merge(store, &questions[1], Some(&questions[0])).await;
        merge(store, &questions[2], Some(&questions[0])).await;
        assert_eq!(
            store.supports(&questions[0]).await,
            3,
            "{{a, b}}, {{b, c}} and {{c}} are three persons"
        );
        // A support of a merged question goes on counting for its head.
        let late = person();
        store
            .writer
            .support(store.support(&questions[2], &late, true))
            .await
            .expect("stored");
        assert_eq!(store.supports(&questions[0]).await, 4);
        store
            .writer
            .support(store.support(&questions[2], &late, false))
            .await
            .expect("stored");
        merge(store, &questions[1], None).await;
        merge(store, &questions[2], None).await;
        let mut counts = Vec::new();
        for question in &questions {
            counts.push(store.supports(question).await);
        }
        assert_eq!(counts, [2, 2, 1]);
    });
}

#[test]
fn what_was_merged_into_a_question_moves_with_it_to_the_new_head() {
    on_both(async |store| {
        let (first, second, third) = (
            store.question(PostState::Published).await,
            store.question(PostState::Published).await,
            store.question(PostState::Published).await,
        );
        for question in [&first, &second] {
            store
                .writer
                .support(store.support(question, &person(), true))
                .await
                .expect("stored");
        }
        merge(store, &first, Some(&second)).await;
        let (from, to) = (second.clone(), third.clone());
        let moved = store
            .change(move |tx| Box::pin(async move { tx.move_merged(&from, &to).await }))
            .await
            .expect("stored");
        assert_eq!(moved, std::slice::from_ref(&first));
        merge(store, &second, Some(&third)).await;
        assert_eq!(store.supports(&third).await, 2);
        assert_eq!(store.now(&first).await.merged_into, Some(third));
    });
}
