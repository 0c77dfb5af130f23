//! The service is stopped in its order: viewers are sent away with the word to come back, and nothing is lost.

use yishiting::protocol::close;

use crate::support::binary::Program;
use crate::support::world::{Kind, run};
use crate::support::{EventStream, Viewer, World, on_both};

use super::{Outbox, send_all, world_for_a_process};

#[test]
fn viewers_are_closed_with_the_word_to_come_back_and_posts_on_their_way_are_stored_or_refused() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewers = Vec::new();
        for _ in 0..5 {
            viewers.push(Viewer::open(&world.rest, &session).await);
        }
        let mut stream = EventStream::open(&world.rest, &session, "", None).await;
        let mut people = Vec::new();
        for _ in 0..20 {
            people.push(world.guest().await);
        }
        let mut outbox = Outbox::default();
        for person in 0..people.len() {
            for _ in 0..4 {
                outbox.write(person);
            }
        }
        let (acknowledged, mut seen) = tokio::sync::watch::channel(0_usize);
        for person in &mut people {
            person.acknowledged = Some(acknowledged.clone());
        }
        let stop = async {
            drop(seen.wait_for(|n| *n >= 10).await);
            world.stop().await;
        };
        tokio::join!(send_all(&people, &session, &mut outbox), stop);
        for viewer in &mut viewers {
            let closed = viewer.until_closed().await;
            assert_eq!(closed.code, close::GOING_AWAY, "{closed:?}");
            assert!(
                closed.reason.contains("retry="),
                "how long to wait is said: {closed:?}"
            );
        }
        while stream.next().await.is_some() {}
        let db = world.database.open().await;
        outbox.compare_with(&db).await;
        db.close().await;
        let before = viewers.remove(0).seen;
        world.start_again().await;
        send_all(&people, &session, &mut outbox).await;
        assert!(outbox.waiting().is_empty(), "everything arrived in the end");
        outbox.compare_with(world.db()).await;
        let mut back = Viewer::resume(&world.rest, &session, &before).await;
        back.until_seq(world.seq(&session).await).await;
        assert_eq!(
            back.seen,
            world.seen(&session).await,
            "who comes back misses nothing"
        );
    });
}

#[test]
fn the_program_ends_well_when_the_service_manager_asks() {
    run(async {
        let mut world = World::start(Kind::Sqlite, &Default::default())
            .await
            .expect("SQLite is always there");
        let (session, config) = world_for_a_process(&world).await;
        let guest = world.guest().await;
        world.stop().await;
        let program = Program::serve(&config).await;
        let mut here = guest.clone();
        here.rest.base.clone_from(&program.base);
        let mut viewer = Viewer::open(&here, &session).await;
        here.comment(&session, "停机之前").await.expect("taken");
        let (status, closed) = tokio::join!(program.terminate(), viewer.until_closed());
        assert!(status.success(), "{status}");
        assert_eq!(closed.code, close::GOING_AWAY, "{closed:?}");
        world.start_again().await;
        assert_eq!(world.seen(&session).await.comment_bodies(), ["停机之前"]);
        world.end().await;
    });
}
