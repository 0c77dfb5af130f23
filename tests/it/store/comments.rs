//! Comments come in thousands and are written together.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use yishiting::domain::event::Event;
use yishiting::domain::words::{Channel, PostState};

use super::{Store, assert_without_holes, on_both, person};
use crate::support::database::number;

#[test]
fn comments_written_at_once_are_numbered_in_the_order_of_their_events_and_without_holes() {
    on_both(async |store| {
        let posts = (0..2_000).map(|i| {
            store
                .writer
                .comment(store.comment(&person(), "the-same-ref", &format!("第{i}条")))
        });
        let stored: Vec<u64> = join_all(posts)
            .await
            .into_iter()
            .map(|s| s.expect("stored").number)
            .collect();
        let distinct: BTreeSet<u64> = stored.iter().copied().collect();
        assert_eq!(
            (distinct.len(), distinct.first(), distinct.last()),
            (2_000, Some(&1), Some(&2_000))
        );
        let log = store.log(Channel::Public).await;
        assert_without_holes(&log);
        let told: Vec<u64> = log
            .iter()
            .map(|e| {
                if let Event::CommentPublished { comment } = &e.event {
                    comment.post.number
                } else {
                    panic!("only comments were written")
                }
            })
            .collect();
        assert_eq!(told, (1..=2_000).collect::<Vec<u64>>());
    });
}

#[test]
fn a_comment_that_arrives_twice_in_one_batch_is_stored_once_and_answered_alike() {
    on_both(async |store| {
        let author = person();
        let copies = (0..50).map(|i| {
            store
                .writer
                .comment(store.comment(&author, "ref-outbox", &format!("第{i}次")))
        });
        let answers: Vec<_> = join_all(copies)
            .await
            .into_iter()
            .map(|s| s.expect("stored"))
            .collect();
        assert!(answers.iter().all(|a| *a == answers[0]), "{answers:?}");
        assert_eq!(number(&store.db, "SELECT COUNT(*) FROM comment").await, 1);
        assert_eq!(store.log(Channel::Public).await.len(), 1);
    });
}

#[test]
fn a_comment_that_arrives_again_later_changes_nothing() {
    on_both(async |store| {
        let author = person();
        let first = store
            .writer
            .comment(store.comment(&author, "ref-outbox", "第一次"))
            .await
            .expect("stored");
        let again = store
            .writer
            .comment(store.comment(&author, "ref-outbox", "第二次"))
            .await
            .expect("answered");
        assert_eq!(again, first);
        let other = store
            .writer
            .comment(store.comment(&person(), "ref-outbox", "别人的"))
            .await
            .expect("stored");
        assert_ne!(other.id, first.id, "a name belongs to one person");
        let bodies =
            crate::support::database::texts(&store.db, "SELECT body FROM comment ORDER BY number").await;
        assert_eq!(bodies, ["第一次", "别人的"]);
        assert_eq!(store.log(Channel::Public).await.len(), 2);
    });
}

#[test]
fn repeats_leave_no_holes_in_the_numbers() {
    on_both(async |store| {
        let author = person();
        for client_ref in [
            "ref-00000001",
            "ref-00000001",
            "ref-00000002",
            "ref-00000001",
            "ref-00000003",
        ] {
            store
                .writer
                .comment(store.comment(&author, client_ref, "水压低"))
                .await
                .expect("stored");
        }
        assert_eq!(number(&store.db, "SELECT MAX(number) FROM comment").await, 3);
    });
}

#[test]
fn comments_of_several_sessions_in_one_batch_are_numbered_each_for_itself() {
    on_both(async |store| {
        let other = store.another_session(2).await;
        let posts = (0..400).map(|i| {
            let session = if i % 2 == 0 { &store.session } else { &other };
            store
                .writer
                .comment(store.comment_in(session, &person(), "ref-00000001", "都在说"))
        });
        let numbers: BTreeSet<u64> = join_all(posts)
            .await
            .into_iter()
            .map(|s| s.expect("stored").number)
            .collect();
        assert_eq!(numbers, (1..=200).collect());
        assert_without_holes(&store.log(Channel::Public).await);
    });
}

#[test]
fn a_held_comment_is_told_backstage_only() {
    on_both(async |store: &mut Store| {
        let mut held = store.comment(&person(), "ref-00000001", "先等等");
        held.comment.post.state = PostState::Held;
        store.writer.comment(held).await.expect("stored");
        assert!(store.log(Channel::Public).await.is_empty());
        let backstage = store.log(Channel::Backstage).await;
        assert!(matches!(&backstage[..], [one] if matches!(one.event, Event::ItemQueued { .. })));
    });
}
