//! The external classifier: slow, failing, lying. No post is lost, and each fares as its hall chose.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use yishiting::domain::screening_settings::External;
use yishiting::domain::words::{ModerationMode, PostState, Role};
use yishiting::protocol::record::{ScreeningFace, ScreeningRequest};
use yishiting::protocol::server::PolicyFace;

use crate::support::World;
use crate::support::world::{Kind, Setup, open_policy, run};

/// What a server of the test answers, and after how long.
#[derive(Clone, Copy)]
enum Manner {
    Says(&'static str),
    Slowly,
    Failing,
    HangingUp,
    Endlessly,
}

struct Server {
    url: String,
    /// Who answers has as long as may be configured: a loaded machine is no failure. Who does not costs every post its budget.
    within_ms: u64,
    asked: Arc<AtomicU32>,
    seen: Arc<std::sync::Mutex<String>>,
}

async fn server(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/judge", listener.local_addr().expect("bound"));
    let asked = Arc::new(AtomicU32::new(0));
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let (count, notes) = (asked.clone(), seen.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (count, notes) = (count.clone(), notes.clone());
            tokio::spawn(async move {
                let mut request = vec![0; 8_192];
                let mut len = 0;
                while !String::from_utf8_lossy(&request[..len]).contains("\"}") {
                    match stream.read(&mut request[len..]).await {
                        Ok(n) if n > 0 => len += n,
                        _ => return,
                    }
                }
                count.fetch_add(1, Ordering::SeqCst);
                *notes.lock().expect("no panic") = String::from_utf8_lossy(&request[..len]).into_owned();
                let answer = |status: &str, body: &str| {
                    format!(
                        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    )
                };
                let text = match manner {
                    Manner::Says(body) => answer("200 OK", body),
                    Manner::Failing => answer("500 Internal Server Error", ""),
                    Manner::HangingUp => return,
                    Manner::Slowly => std::future::pending().await,
                    Manner::Endlessly => answer("200 OK", &"x".repeat(200_000)),
                };
                // Who asked may have gone.
                let _ = stream.write_all(text.as_bytes()).await;
            });
        }
    });
    let within_ms = if matches!(manner, Manner::Slowly) {
        300
    } else {
        2_000
    };
    Server {
        url,
        within_ms,
        asked,
        seen,
    }
}

async fn world_with(server: &Server, choice: External) -> (World, yishiting::domain::ids::SessionId) {
    let setup = Setup {
        config_live: format!(
            "[classifier]\nurl = \"{}\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\nwithin_ms = {}\n",
            server.url, server.within_ms
        ),
        ..Setup::default()
    };
    let world = World::start(Kind::Sqlite, &setup)
        .await
        .expect("SQLite is always there");
    let policy = PolicyFace {
        comment_mode: ModerationMode::HoldSuspicious,
        ..open_policy()
    };
    let session = world.live_with(policy).await;
    let moderator = world.staff(Role::Moderator).await;
    let request = ScreeningRequest {
        first_posts: 0,
        allowed_hosts: Vec::new(),
        external: choice,
    };
    let _: ScreeningFace = moderator
        .put(format!("/halls/{}/screening", world.hall.id), &request)
        .await
        .expect("taken");
    (world, session)
}

/// States of `len` posts by as many people.
async fn posts(world: &World, session: &yishiting::domain::ids::SessionId, len: usize) -> Vec<PostState> {
    let mut states = Vec::new();
    for n in 0..len {
        let guest = world.guest().await;
        let body = [
            "水压太低了",
            "路灯坏了三天",
            "公交改线太远",
            "物业费涨得快",
            "楼道堆满杂物",
            "电梯总是坏",
            "井盖响了一夜",
        ][n % 7];
        let ack = guest.comment(session, body).await.expect("no post is lost");
        states.push(ack.state.expect("a state"));
    }
    states
}

#[test]
fn it_is_asked_signed_and_without_the_author_and_holds_what_it_says() {
    run(async {
        let server = server(Manner::Says(
            "{\"verdict\":\"hold\",\"label\":\"spam\",\"spans\":[[0,2]],\"more\":1}",
        ))
        .await;
        let (world, session) = world_with(&server, External::PassOnFailure).await;
        assert_eq!(posts(&world, &session, 1).await, [PostState::Held]);
        let moderator = world.staff(Role::Moderator).await;
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        assert_eq!(item.reason, "external");
        assert_eq!((item.findings[0].start, item.findings[0].end), (0, 2));
        let seen = server.seen.lock().expect("no panic").to_lowercase();
        for expected in [
            "webhook-id: msg_",
            "webhook-timestamp: ",
            "webhook-signature: v1,",
            "\"text\":\"水压太低了\"",
        ] {
            assert!(seen.contains(expected), "{expected} in {seen}");
        }
        assert!(!seen.contains("邻居"), "no author: {seen}");
        // What waits anyway is not sent out.
        let before = server.asked.load(Ordering::SeqCst);
        world
            .guest()
            .await
            .comment(&session, "电话13800138000")
            .await
            .expect("taken");
        assert_eq!(server.asked.load(Ordering::SeqCst), before);
        world.end().await;
    });
}

#[test]
fn a_slow_failing_or_lying_one_loses_no_post_and_the_halls_choice_decides() {
    run(async {
        for manner in [
            Manner::Slowly,
            Manner::Failing,
            Manner::HangingUp,
            Manner::Endlessly,
            Manner::Says("{\"verdict\":\"decline\"}"),
            Manner::Says("not json"),
            Manner::Says("{\"verdict\":\"hold\",\"spans\":\"everywhere\"}"),
        ] {
            for (choice, expected) in [
                (External::HoldOnFailure, PostState::Held),
                (External::PassOnFailure, PostState::Published),
            ] {
                let server = server(manner).await;
                let (world, session) = world_with(&server, choice).await;
                assert_eq!(posts(&world, &session, 2).await, [expected; 2]);
                world.end().await;
            }
        }
    });
}

#[test]
fn lies_about_places_are_cut_to_the_text() {
    run(async {
        let server = server(Manner::Says(
            "{\"verdict\":\"hold\",\"label\":\"<b>\",\"spans\":[[5,2],[0,4000000000]]}",
        ))
        .await;
        let (world, session) = world_with(&server, External::PassOnFailure).await;
        assert_eq!(posts(&world, &session, 1).await, [PostState::Held]);
        let moderator = world.staff(Role::Moderator).await;
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        assert_eq!((item.findings[0].start, item.findings[0].end), (0, 5));
        assert_eq!(item.findings[0].rule, "external `b`");
        world.end().await;
    });
}

#[test]
fn after_five_failures_it_is_left_alone_for_a_while() {
    run(async {
        let server = server(Manner::Failing).await;
        let (world, session) = world_with(&server, External::PassOnFailure).await;
        assert_eq!(posts(&world, &session, 9).await.len(), 9);
        assert_eq!(
            server.asked.load(Ordering::SeqCst),
            5,
            "the others did not wait for it"
        );
        world.clock.advance_ms(31_000);
        posts(&world, &session, 3).await;
        assert_eq!(server.asked.load(Ordering::SeqCst), 6, "one tried again");
        world.end().await;
    });
}
