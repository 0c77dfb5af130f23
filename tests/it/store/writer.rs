//! Changes in one transaction do not disturb each other.

use futures_util::future::join_all;
use yishiting::domain::event::Event;
use yishiting::domain::post::AnyPost;
use yishiting::domain::words::{Channel, PostKind, PostState};
use yishiting::store::StoreError;

use super::{Store, assert_without_holes, on_both, person};
use crate::support::database::{number, texts};

/// What a change refuses with.
#[derive(Debug)]
enum Refusal {
    Wanted,
    Store,
}

impl From<StoreError> for Refusal {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

#[test]
fn a_refusal_inside_a_batch_undoes_only_itself_and_leaves_no_event() {
    on_both(async |store| {
        let changes = (0..200_u32).map(async |i| {
            let session = store.session.clone();
            store
                .writer
                .run::<(), Refusal, _>(move |tx| {
                    Box::pin(async move {
                        tx.put_setting(&format!("change {i}"), "written").await?;
                        Store::mark(tx, &session, &i.to_string());
                        if i % 3 == 0 { Err(Refusal::Wanted) } else { Ok(()) }
                    })
                })
                .await
        });
        let (refused, done): (Vec<_>, Vec<_>) = join_all(changes).await.into_iter().partition(Result::is_err);
        assert!(
            refused.iter().all(|r| matches!(r, Err(Refusal::Wanted))),
            "{refused:?}"
        );
        assert_eq!((refused.len(), done.len()), (67, 133));
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM setting").await, 133);
        let log = store.log(Channel::Public).await;
        assert_eq!(log.len(), 133);
        assert_without_holes(&log);
    });
}

#[test]
fn a_statement_the_database_refuses_undoes_only_its_change() {
    on_both(async |store| {
        let session = store.session.clone();
        let twice = {
            let session = session.clone();
            store.change(move |tx| {
                Box::pin(async move {
                    let decision = yishiting::domain::post::Decision {
                        id: yishiting::domain::ids::DecisionId::new(super::at(0), 1),
                        verdict: yishiting::domain::words::Verdict::Approve,
                        reason: String::new(),
                        note: String::new(),
                        by_name: String::new(),
                        at: super::at(0),
                        undone: false,
                        items: Vec::new(),
                    };
                    Store::mark(tx, &session, "first");
                    tx.insert_decision(&session, "", &decision).await?;
                    tx.insert_decision(&session, "", &decision).await
                })
            })
        };
        let after = store.change(move |tx| {
            Box::pin(async move {
                Store::mark(tx, &session, "after");
                tx.put_setting("after", "written").await
            })
        });
        let (twice, after) = tokio::join!(twice, after);
        assert!(twice.expect_err("the id is taken").is_unique_violation());
        after.expect("the neighbour in the batch is stored");
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM decision").await, 0);
        assert_eq!(store.log(Channel::Public).await.len(), 1);
    });
}

#[test]
fn a_panic_in_a_change_does_not_end_the_writer() {
    on_both(async |store| {
        let broken = store
            .change::<()>(|_| Box::pin(async { panic!("a broken invariant, wanted by the test") }))
            .await;
        assert!(matches!(broken, Err(StoreError::Busy)), "{broken:?}");
        store
            .change(|tx| Box::pin(async move { tx.put_setting("after", "written").await }))
            .await
            .expect("the writer goes on");
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM setting").await, 1);
    });
}

#[test]
fn what_was_taken_before_the_stop_is_committed_and_what_comes_after_is_refused() {
    on_both(async |store| {
        let posts: Vec<_> = (0..1_000)
            .map(|_| {
                Box::pin(
                    store
                        .writer
                        .comment(store.comment(&person(), "ref-00000001", "最后几句")),
                )
            })
            .collect();
        // Polled once, so that all of them are in the queue before the word to stop.
        let mut posts = futures_util::future::join_all(posts);
        assert!(futures_util::poll!(&mut posts).is_pending());
        store.writer.stop().await;
        for stored in posts.await {
            stored.expect("taken before the stop");
        }
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM comment").await, 1_000);
        store.writing.take().expect("once").await.expect("the task ends");
        let late = store
            .writer
            .comment(store.comment(&person(), "ref-00000001", "太晚了"))
            .await;
        assert!(matches!(late, Err(StoreError::Busy)), "{late:?}");
    });
}

#[test]
fn questions_are_numbered_in_order_and_found_by_the_name_their_author_gave_them() {
    on_both(async |store| {
        for number in 1..=3 {
            let id = store.question(PostState::Published).await;
            let question = store.now(&id).await;
            assert_eq!(question.post.number, number);
            let mut reader = store.db.read().await.expect("a connection");
            let found = reader
                .conn()
                .post_by_ref(
                    PostKind::Question,
                    &store.session,
                    &question.post.author.id,
                    &question.post.client_ref,
                )
                .await
                .expect("readable");
            assert_eq!(found.map(|s| s.id), Some(id.to_string()));
        }
    });
}

#[test]
fn what_is_erased_is_not_in_the_log_whatever_else_was_told_of_it_in_the_same_batch() {
    on_both(async |store| {
        let said = store.comment(&person(), "ref-0001", "身份证全部泄露");
        let post = AnyPost::Comment(said.comment.clone());
        store.writer.comment(said).await.expect("stored");
        let session = store.session.clone();
        store
            .change(move |tx| {
                Box::pin(async move {
                    let (kind, id) = (post.kind(), post.id().to_owned());
                    let told = |post: &AnyPost| Event::ItemQueued {
                        post: Box::new(post.clone()),
                    };
                    tx.log(&session, super::at(1), told(&post));
                    tx.erase_post(&session, kind, &id).await?;
                    tx.log(&session, super::at(2), told(&post));
                    Ok(())
                })
            })
            .await
            .expect("erased");
        let log = texts(&store.db, "SELECT body FROM event").await;
        assert_eq!(log.len(), 3);
        assert!(log.iter().all(|body| !body.contains("泄露")), "{log:?}");
    });
}
