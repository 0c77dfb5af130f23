//! Those who send without end.

use std::time::{Duration, Instant};

use yishiting::domain::words::Role;
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::close;

use super::in_a_world;
use super::raw::{Raw, masked};
use crate::support::wait::in_time;
use crate::support::world::Setup;
use crate::support::{Viewer, new_ref};

/// Messages one flood sends; many times what any page does.
const FLOOD: usize = 20_000;

fn text(message: &ClientMessage) -> Vec<u8> {
    masked(
        0x81,
        serde_json::to_string(message)
            .expect("our own types are JSON")
            .as_bytes(),
    )
}

/// What a guest's page says first.
fn greeting(token: &str) -> Vec<u8> {
    text(&ClientMessage::Hello {
        token: token.to_owned(),
        version: yishiting::protocol::VERSION,
    })
}

/// The code in a close frame.
fn close_code(payload: &[u8]) -> u16 {
    u16::from_be_bytes([payload[0], payload[1]])
}

/// Sends a flood and reads all that comes: how often each code came, and the code of the close.
async fn flood(mut raw: Raw, messages: Vec<u8>) -> (usize, u16) {
    let mut refusals = 0;
    // What does not fit into the socket any more is not sent: the server does not read it either.
    let (mut reading, mut writing) = raw.split();
    let sender = async {
        writing.send(&messages).await;
        writing
    };
    let reader = async {
        loop {
            match reading.frame().await {
                Some((0x81, payload)) if payload.starts_with(br#"{"type":"error""#) => refusals += 1,
                Some((0x88, payload)) => return close_code(&payload),
                Some(_) => {}
                None => return 0,
            }
        }
    };
    let (_writing, code) = in_time("the end of a flood", async { tokio::join!(sender, reader) }).await;
    (refusals, code)
}

#[test]
fn floods_of_messages_are_refused_and_then_closed_and_nobody_else_waits() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let greeting = greeting(&guest.token);
        let comments = (0..FLOOD).flat_map(|_| {
            text(&ClientMessage::Comment {
                r#ref: new_ref(),
                body: "刷".into(),
            })
        });
        let comments: Vec<u8> = greeting.iter().copied().chain(comments).collect();
        let stranger = text(&ClientMessage::Comment {
            r#ref: new_ref(),
            body: "没打招呼".into(),
        });
        let mut witness = Viewer::open(&world.rest, &session).await;
        for (name, bytes) in [
            ("comments", comments),
            ("greetings", greeting.repeat(FLOOD)),
            ("comments of nobody", stranger.repeat(FLOOD)),
        ] {
            let raw = Raw::open(&world.rest.base, &session, "").await;
            let begun = Instant::now();
            let (flooded, heard) = tokio::join!(flood(raw, bytes), async {
                let body = format!("趁着{name}");
                world.guest().await.comment(&session, &body).await.expect("taken");
                witness
                    .until_seen("the other one", |seen| {
                        seen.comment_bodies().contains(&body.as_str())
                    })
                    .await;
                begun.elapsed()
            });
            let (refusals, code) = flooded;
            assert_eq!(code, close::NOT_UNDERSTOOD, "{name}");
            assert!(refusals < 2_000, "{name}: {refusals} answers");
            println!("{name}: closed after {refusals} refusals; another one was heard after {heard:?}");
        }
        let guest = world.guest().await;
        let mut lawful = Viewer::open(&world.rest, &session).await;
        lawful.greet(&guest).await;
        assert!(
            witness
                .seen
                .comment_bodies()
                .iter()
                .filter(|body| **body == "刷")
                .count()
                <= 4,
            "no more than a guest may say at once"
        );
    });
}

#[test]
fn who_only_greets_is_closed_though_every_greeting_is_answered() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let greeting = greeting(&guest.token);
        let mut raw = Raw::open(&world.rest.base, &session, "").await;
        for _ in 0..300 {
            raw.send(&greeting).await;
            loop {
                match raw.frame().await {
                    Some((0x81, payload)) if payload.starts_with(br#"{"type":"welcome""#) => break,
                    Some((0x88, payload)) => {
                        assert_eq!(close_code(&payload), close::NOT_UNDERSTOOD);
                        return;
                    }
                    Some(_) => {}
                    None => panic!("the connection broke instead of being closed"),
                }
            }
        }
        panic!("300 greetings were answered");
    });
}

#[test]
fn a_flood_on_a_channel_that_is_only_read_is_closed_too() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let mut backstage = Viewer::backstage(&moderator, &session).await;
        for _ in 0..1_000 {
            use tokio::io::AsyncWriteExt;
            let sent = backstage.stream().write_all(&masked(0x81, b"{}")).await;
            if sent.is_err() {
                break;
            }
        }
        assert_eq!(backstage.until_closed().await.code, close::NOT_UNDERSTOOD);
    });
}

#[test]
fn who_floods_and_does_not_read_the_answers_is_closed_too() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let greetings = greeting(&guest.token).repeat(100);
        let mut deaf = Raw::open(&world.rest.base, &session, "").await;
        let begun = Instant::now();
        // The server takes what comes for some seconds after its close, and throws it away.
        in_time("the end of it", async {
            while deaf.try_send(&greetings).await {
                assert!(begun.elapsed() < Duration::from_secs(40));
            }
        })
        .await;
    });
}

#[test]
fn a_flood_of_pings_is_answered_sparingly_and_delays_nobody() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let mut raw = Raw::open(&world.rest.base, &session, "").await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let pings = masked(0x89, b"x").repeat(100_000);
        let (mut reading, mut writing) = raw.split();
        let (_, pongs) = tokio::join!(
            async {
                writing.send(&pings).await;
                writing.send(masked(0x89, b"last")).await;
                world
                    .guest()
                    .await
                    .comment(&session, "别人不受影响")
                    .await
                    .expect("taken");
                viewer
                    .until_seen("the comment", |seen| seen.comments.len() == 1)
                    .await;
            },
            async {
                let mut pongs = 0;
                loop {
                    let (first, payload) = reading.frame().await.expect("a ping is no reason to close");
                    pongs += usize::from(first == 0x8A);
                    if payload == b"last" {
                        return pongs;
                    }
                }
            }
        );
        println!("{pongs} answers to 100,001 pings");
        assert!(pongs < 20_000, "{pongs} answers");
    });
}
