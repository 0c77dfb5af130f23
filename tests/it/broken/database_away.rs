//! PostgreSQL behind a road that is cut for a while.

use std::net::ToSocketAddrs;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::server::ServerMessage;

use crate::support::database::postgres_url;
use crate::support::proxy::Proxy;
use crate::support::world::{Kind, Setup, open_policy, run};
use crate::support::{Database, Netizen, Viewer, World, eventually, new_ref};

use super::{Outbox, send_all};

/// A world whose database is behind a proxy. `None` without a PostgreSQL.
async fn behind_a_proxy() -> Option<(World, Proxy)> {
    let Some(server) = postgres_url() else {
        eprintln!("skipped: no PostgreSQL (YISHITING_TEST_POSTGRES_URL is not set)");
        return None;
    };
    let options = PgConnectOptions::from_str(&server).expect("a URL");
    let address = (options.get_host(), options.get_port())
        .to_socket_addrs()
        .expect("an address")
        .next()
        .expect("one");
    let proxy = Proxy::to(address).await;
    let mut database = Database::fresh(Kind::Postgres).await?;
    database.url = database.url.replacen(
        &format!("{}:{}", options.get_host(), options.get_port()),
        &proxy.address.to_string(),
        1,
    );
    let setup = Setup {
        config: "database_wait_ms = 1000".into(),
        ..Setup::default()
    };
    Some((World::start_on(database, &setup).await, proxy))
}

/// What must hold while the database is away, however it is away.
async fn assert_watching_goes_on_and_writing_is_refused(world: &World, session: &SessionId, guest: &Netizen) {
    // Every cached row is old by now.
    world.clock.advance_s(10);
    let refused = guest
        .comment(session, "数据库不在的时候")
        .await
        .expect_err("it cannot be stored");
    assert_eq!((refused.status, refused.error.code), (503, Code::Unavailable));
    assert!(
        refused.error.retry_after_ms.is_some_and(|ms| ms > 0),
        "{refused:?}"
    );
    let mut viewer = Viewer::open(&world.rest, session).await;
    assert_eq!(
        viewer.seen.comment_bodies(),
        ["之前的一句"],
        "who comes now sees the view"
    );
    viewer.greet(guest).await;
    let refused = viewer
        .ask(ClientMessage::Comment {
            r#ref: new_ref(),
            body: "数据库不在的时候".into(),
        })
        .await
        .expect_err("it cannot be stored");
    assert_eq!(refused.code, Code::Unavailable);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 0), "{refused:?}");
    viewer
        .until("figures: the connection lives", |m| {
            matches!(m, ServerMessage::State(_)).then_some(())
        })
        .await;
    assert!(
        world
            .rest
            .text(format!("/sessions/{session}/view"))
            .await
            .contains("之前的一句")
    );
    let staff = world
        .operator
        .put::<serde_json::Value>(format!("/sessions/{session}/policy"), &open_policy())
        .await
        .expect_err("it cannot be stored");
    assert_eq!((staff.status, staff.error.code), (503, Code::Unavailable));
    assert_eq!(
        world
            .rest
            .raw(reqwest::Method::GET, "healthz", crate::support::rest::NOTHING)
            .await
            .status(),
        200,
        "the process lives"
    );
    assert_eq!(
        world
            .rest
            .raw(reqwest::Method::GET, "readyz", crate::support::rest::NOTHING)
            .await
            .status(),
        503,
        "and says that it has no database"
    );
}

#[test]
fn while_the_database_is_away_watching_goes_on_and_afterwards_everything_does() {
    run(async {
        let Some((world, proxy)) = behind_a_proxy().await else {
            return;
        };
        let session = world.live().await;
        let guest = world.guest().await;
        world
            .guest()
            .await
            .comment(&session, "之前的一句")
            .await
            .expect("taken");
        let mut witness = Viewer::open(&world.rest, &session).await;
        witness.until_seq(world.seq(&session).await).await;
        proxy.cut();
        assert_watching_goes_on_and_writing_is_refused(&world, &session, &guest).await;
        proxy.mend();
        let r#ref = new_ref();
        eventually("the database is back", async || {
            guest
                .comment_as(&session, r#ref.clone(), "回来以后的一句")
                .await
                .ok()
        })
        .await;
        witness
            .until_seen("what was said afterwards", |seen| seen.comments.len() == 2)
            .await;
        assert_eq!(witness.seen, world.seen(&session).await);
        world.end().await;
    });
}

#[test]
fn a_database_that_does_not_answer_is_noticed_and_does_not_hold_the_writers() {
    run(async {
        let Some((world, proxy)) = behind_a_proxy().await else {
            return;
        };
        let session = world.live().await;
        let guest = world.guest().await;
        world
            .guest()
            .await
            .comment(&session, "之前的一句")
            .await
            .expect("taken");
        let mut witness = Viewer::open(&world.rest, &session).await;
        witness.until_seq(world.seq(&session).await).await;
        proxy.silence();
        assert_watching_goes_on_and_writing_is_refused(&world, &session, &guest).await;
        proxy.mend();
        let r#ref = new_ref();
        eventually("the database is back", async || {
            guest
                .comment_as(&session, r#ref.clone(), "回来以后的一句")
                .await
                .ok()
        })
        .await;
        let seq = world.seq(&session).await;
        witness.until_seq(seq).await;
        assert_eq!(witness.seen, world.seen(&session).await);
        world.end().await;
    });
}

#[test]
fn nothing_acknowledged_is_lost_when_the_database_is_cut_again_and_again() {
    run(async {
        let Some((world, proxy)) = behind_a_proxy().await else {
            return;
        };
        let session = world.live().await;
        let mut people = Vec::new();
        for _ in 0..240 {
            people.push(world.guest().await);
        }
        let mut witness = Viewer::open(&world.rest, &session).await;
        let mut outbox = Outbox::default();
        for round in 0..3 {
            // One comment each, so that sending it again stays within the limits of a guest.
            for person in (round * 80)..(round * 80 + 80) {
                outbox.write(person);
            }
            let (acknowledged, mut seen) = tokio::sync::watch::channel(0_usize);
            for person in &mut people {
                person.acknowledged = Some(acknowledged.clone());
            }
            let cut = async {
                drop(seen.wait_for(|n| *n >= 15).await);
                proxy.cut();
            };
            tokio::join!(send_all(&people, &session, &mut outbox), cut);
            proxy.mend();
            eventually("everything arrives", async || {
                send_all(&people, &session, &mut outbox).await;
                outbox.waiting().is_empty().then_some(())
            })
            .await;
        }
        outbox.compare_with(world.db()).await;
        witness.until_seq(world.seq(&session).await).await;
        assert_eq!(witness.seen.comments.len(), 240, "viewers saw every one of them");
        world.end().await;
    });
}
