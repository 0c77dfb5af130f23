//! Several things read as of one instant.

use futures_util::future::join_all;
use yishiting::domain::words::{Channel, PostState};

use super::{on_both, person};

#[test]
fn a_snapshot_does_not_see_what_is_committed_after_its_first_look() {
    on_both(async |store| {
        store
            .writer
            .comment(store.comment(&person(), "ref-00000001", "之前"))
            .await
            .expect("stored");
        let mut snapshot = store.db.snapshot().await.expect("a snapshot");
        let heads = snapshot.conn().heads(&store.session).await.expect("readable");
        assert_eq!(heads, Some((1, 0)));
        store
            .writer
            .comment(store.comment(&person(), "ref-00000001", "之后"))
            .await
            .expect("a reader does not keep the writer from writing");
        store.question(PostState::Published).await;
        assert_eq!(
            snapshot.conn().heads(&store.session).await.expect("readable"),
            heads
        );
        assert_eq!(
            snapshot
                .conn()
                .published_comments(&store.session, None, 10)
                .await
                .expect("readable")
                .len(),
            1
        );
        assert!(
            snapshot
                .conn()
                .all_questions(&store.session)
                .await
                .expect("readable")
                .is_empty()
        );
        drop(snapshot);
        assert_eq!(
            store
                .db
                .read()
                .await
                .expect("a connection")
                .conn()
                .heads(&store.session)
                .await
                .expect("readable"),
            Some((2, 0))
        );
    });
}

#[test]
fn number_and_rows_of_a_snapshot_agree_while_others_write() {
    on_both(async |store| {
        let writing = join_all((0..600).map(|_| {
            store
                .writer
                .comment(store.comment(&person(), "ref-00000001", "一直在写"))
        }));
        let reading = async {
            for _ in 0..20 {
                let mut snapshot = store.db.snapshot().await.expect("a snapshot");
                let (seq, _) = snapshot
                    .conn()
                    .heads(&store.session)
                    .await
                    .expect("readable")
                    .expect("there");
                let comments = snapshot
                    .conn()
                    .published_comments(&store.session, None, 1_000)
                    .await
                    .expect("readable")
                    .len() as u64;
                let events = snapshot
                    .conn()
                    .events_after(&store.session, Channel::Public, 0, u32::MAX)
                    .await
                    .expect("readable")
                    .len() as u64;
                assert_eq!((comments, events), (seq, seq));
            }
        };
        let (stored, ()) = tokio::join!(writing, reading);
        stored.into_iter().for_each(|s| drop(s.expect("stored")));
    });
}
