//! The tail delivers everything once and in order, also when several write.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use yishiting::domain::event::Logged;
use yishiting::domain::ids::SessionId;
use yishiting::domain::words::Channel;
use yishiting::store::{Follower, Tail};

use super::{Store, another_writer, assert_without_holes, on_both, person};
use crate::support::eventually;

/// Keeps what it is given, and refuses holes and repeats.
#[derive(Clone)]
struct Notebook(Arc<Mutex<HashMap<SessionId, [Vec<Logged>; 2]>>>);

impl Notebook {
    fn following(sessions: &[SessionId]) -> Self {
        Self(Arc::new(Mutex::new(
            sessions.iter().map(|s| (s.clone(), Default::default())).collect(),
        )))
    }
    fn read<T>(&self, read: impl FnOnce(&mut HashMap<SessionId, [Vec<Logged>; 2]>) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn public(&self, session: &SessionId) -> Vec<Logged> {
        self.read(|book| book[session][0].clone())
    }
}

impl Follower for Notebook {
    fn followed(&self) -> Vec<(SessionId, u64, u64)> {
        self.read(|book| {
            book.iter()
                .map(|(id, [public, backstage])| (id.clone(), public.len() as u64, backstage.len() as u64))
                .collect()
        })
    }
    fn position(&self, session: &SessionId) -> Option<(u64, u64)> {
        self.read(|book| {
            book.get(session)
                .map(|[public, backstage]| (public.len() as u64, backstage.len() as u64))
        })
    }
    fn deliver(&self, events: Vec<Logged>) {
        self.read(|book| {
            for event in events {
                let channels = book
                    .get_mut(&event.session_id)
                    .expect("only what is followed is delivered");
                channels[usize::from(event.channel == Channel::Backstage)].push(event);
            }
        });
    }
}

async fn write(store: &Store, sessions: &[SessionId], writer: &yishiting::store::Writer, n: usize) {
    let posts = (0..n).map(|i| {
        writer.comment(store.comment_in(&sessions[i % sessions.len()], &person(), "ref-00000001", "说一句"))
    });
    for stored in join_all(posts).await {
        stored.expect("stored");
    }
}

#[test]
fn everything_committed_is_delivered_once_and_in_order() {
    on_both(async |store| {
        let sessions = [store.session.clone(), store.another_session(2).await];
        let book = Notebook::following(&sessions);
        let tail = tokio::spawn(
            Tail::new(store.db.clone(), store.committed.take().expect("once")).run(book.clone()),
        );
        for _ in 0..3 {
            write(store, &sessions, &store.writer, 700).await;
        }
        for session in &sessions {
            eventually("all events of a session", async || {
                (book.public(session).len() >= 1_050).then_some(())
            })
            .await;
            assert_without_holes(&book.public(session));
        }
        assert_eq!(
            book.public(&store.session),
            store.log(Channel::Public).await,
            "what is delivered is what is stored"
        );
        tail.abort();
    });
}

#[test]
fn what_several_nodes_commit_at_once_is_delivered_once_and_in_order() {
    on_both(async |store| {
        let sessions = [store.session.clone(), store.another_session(2).await];
        let book = Notebook::following(&sessions);
        let tail = tokio::spawn(
            Tail::new(store.db.clone(), store.committed.take().expect("once")).run(book.clone()),
        );
        let other_db = store.database.open().await;
        let (other, other_writing, _not_ours) = another_writer(&other_db);
        // SQLite is one node: there the second writer waits for the first, and only the first wakes the tail.
        let ours = async {
            for _ in 0..5 {
                write(store, &sessions, &store.writer, 100).await;
            }
        };
        let theirs = async {
            for _ in 0..5 {
                write(store, &sessions, &other, 100).await;
            }
        };
        tokio::join!(ours, theirs);
        write(store, &sessions, &store.writer, 2).await;
        for session in &sessions {
            eventually("all events of a session", async || {
                (book.public(session).len() >= 501).then_some(())
            })
            .await;
            assert_without_holes(&book.public(session));
        }
        other.stop().await;
        other_writing.await.expect("ends");
        other_db.close().await;
        tail.abort();
    });
}

#[test]
fn a_session_that_is_not_followed_is_passed_over() {
    on_both(async |store| {
        let followed = store.another_session(2).await;
        let book = Notebook::following(std::slice::from_ref(&followed));
        let tail = tokio::spawn(
            Tail::new(store.db.clone(), store.committed.take().expect("once")).run(book.clone()),
        );
        let sessions = [store.session.clone(), followed.clone()];
        write(store, &sessions, &store.writer, 20).await;
        eventually("the events of the followed one", async || {
            (book.public(&followed).len() == 10).then_some(())
        })
        .await;
        assert_eq!(book.position(&store.session), None);
        tail.abort();
    });
}
