//! Server-Sent Events with readers that stall, vanish and come back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use yishiting::domain::ids::SessionId;
use yishiting::protocol::server::ServerMessage;

use super::raw::Raw;
use super::{impatient, in_a_world};
use crate::support::wait::in_time;
use crate::support::world::Setup;
use crate::support::{EventStream, Netizen, Viewer, World};

/// Comments, many at once, each person so many as it may.
async fn say(world: &World, session: &SessionId, people: usize, length: usize) -> usize {
    let mut guests: Vec<Netizen> = Vec::new();
    for _ in 0..people {
        guests.push(world.guest().await);
    }
    let saying = guests.iter().enumerate().map(async |(n, guest)| {
        for i in 0..4 {
            let body = format!("{n}之{i}{}", harmless(n * 4 + i, length));
            guest.comment(session, &body).await.expect("taken");
        }
    });
    futures_util::future::join_all(saying).await;
    people * 4
}

/// Words no list knows, another text for each seed.
fn harmless(seed: usize, length: usize) -> String {
    let letters: Vec<char> = "水价阶梯计算小区供暖电梯改造停车绿化照明".chars().collect();
    let mut state = seed + 7;
    (0..length)
        .map(|_| {
            state = (state * 75 + 74) % 65_537;
            letters[state % letters.len()]
        })
        .collect()
}

async fn open(base: &str, session: &SessionId) -> Raw {
    let mut raw = Raw::narrow(base).await;
    raw.send(format!(
        "GET /api/v1/sessions/{session}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    ))
    .await;
    raw
}

async fn watching(viewer: &mut Viewer, wanted: u64) {
    viewer
        .until(&format!("{wanted} watching"), |m| {
            matches!(m, ServerMessage::State(s) if s.watching == wanted).then_some(())
        })
        .await;
}

#[test]
fn a_reader_that_stops_is_closed_in_time_and_one_that_only_pauses_is_not() {
    in_a_world(&impatient(), async |world| {
        let session = world.live().await;
        let mut witness = Viewer::open(&world.rest, &session).await;
        let mut stopped = open(&world.rest.base, &session).await;
        assert_eq!(stopped.answer().await.expect("an answer").status, 200);
        watching(&mut witness, 2).await;
        let begun = Instant::now();
        let (all_said, mut is_said) = tokio::sync::oneshot::channel();
        let closed = async {
            watching(&mut witness, 1).await;
            let closed = begun.elapsed();
            loop {
                tokio::select! {
                    _ = &mut is_said => return closed,
                    message = witness.next() => drop(message.expect("who reads is not closed")),
                }
            }
        };
        // More than all buffers between it and the server hold: 600 bytes of text each, and what is around it.
        let saying = async {
            for _ in 0..4 {
                say(world, &session, 40, 180).await;
            }
            all_said.send(()).expect("waited for");
        };
        let (closed, ()) = tokio::join!(closed, saying);
        assert!(closed >= Duration::from_millis(900), "{closed:?}");
        // What it had not read is gone with it; what the kernel still has for it is bounded by the socket's buffers.
        let rest = stopped.read_to_the_end().await;
        assert!(rest.len() < 700 << 10, "{} bytes were kept for it", rest.len());
        // Who comes back with its number and missed less than a view has is told all of it; who pauses less than a second is not closed.
        witness.until_seq(world.seq(&session).await).await;
        let start = witness.seen.clone();
        say(world, &session, 40, 180).await;
        let mut stream = EventStream::open(&world.rest, &session, "", Some(start.seq)).await;
        stream.seen = start;
        let end = world.seq(&session).await;
        in_time("everything", async {
            while stream.seen.seq < end {
                stream.next().await.expect("the stream goes on");
                if stream.texts.len() % 20 == 0 {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        })
        .await;
        witness.until_seq(end).await;
        assert_eq!(stream.seen, witness.seen);
    });
}

#[test]
fn whoever_is_cut_anywhere_and_resumes_has_everything_once() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let mut witness = Viewer::open(&world.rest, &session).await;
        let mut first = EventStream::open(&world.rest, &session, "", None).await;
        let Some(ServerMessage::View(view)) = first.next().await else {
            panic!("a view comes first");
        };
        drop(first);
        let finished = std::sync::atomic::AtomicBool::new(false);
        let talking = async {
            let said = say(world, &session, 60, 20).await;
            finished.store(true, std::sync::atomic::Ordering::Release);
            said
        };
        let reading = async {
            let mut last = Some(view.seq);
            let mut got: BTreeMap<u64, String> = BTreeMap::new();
            let mut lives = 0;
            loop {
                let done = finished.load(std::sync::atomic::Ordering::Acquire);
                let end = world.seq(&session).await;
                if done && last == Some(end) {
                    return (got, lives);
                }
                lives += 1;
                let mut stream = EventStream::open(&world.rest, &session, "", last).await;
                stream.seen.seq = last.unwrap_or_default();
                for _ in 0..1 + lives % 4 {
                    let Some(message) = stream.next().await else { break };
                    take(&message, &mut last, &mut got);
                    // Figures come when there is nothing else.
                    if matches!(message, ServerMessage::State(_)) {
                        break;
                    }
                }
            }
        };
        let (said, (got, lives)) = tokio::join!(talking, in_time("all of it", reading));
        let end = world.seq(&session).await;
        witness.until_seq(end).await;
        println!("{said} comments over {lives} connections");
        assert!(lives > 5, "it was cut {lives} times");
        let heard: Vec<&String> = got.values().collect();
        let mut bodies: Vec<&str> = witness.seen.comment_bodies();
        bodies.sort_unstable();
        let mut own: Vec<&str> = heard.iter().map(|b| b.as_str()).collect();
        own.sort_unstable();
        assert_eq!(own.len(), said);
        assert_eq!(own, bodies, "everything, and once");
    });
}

/// Notes the comments of a message by their numbers; a number that comes again, or one that is left out, fails.
fn take(message: &ServerMessage, last: &mut Option<u64>, got: &mut BTreeMap<u64, String>) {
    match message {
        ServerMessage::View(_) => panic!("who resumes with a number that is kept gets no view"),
        ServerMessage::Batch(batch) => {
            assert_eq!(
                Some(batch.first_seq),
                last.map(|n| n + 1),
                "nothing twice, nothing left out"
            );
            assert_eq!(batch.omitted, 0);
            for item in &batch.items {
                let value: Value = serde_json::to_value(item).expect("JSON");
                if let Some(body) = value["comment"]["body"].as_str() {
                    assert!(got.insert(item.seq, body.to_owned()).is_none());
                }
            }
            *last = Some(batch.last_seq);
        }
        _ => {}
    }
}

#[test]
fn a_reader_that_vanishes_is_forgotten_and_one_that_says_nothing_is_kept() {
    in_a_world(&impatient(), async |world| {
        let session = world.live().await;
        let mut witness = Viewer::open(&world.rest, &session).await;
        let mut gone = open(&world.rest.base, &session).await;
        let mut quiet = open(&world.rest.base, &session).await;
        assert_eq!(gone.answer().await.expect("an answer").status, 200);
        assert_eq!(quiet.answer().await.expect("an answer").status, 200);
        watching(&mut witness, 3).await;
        drop(gone);
        watching(&mut witness, 2).await;
        // Longer than a head may take and than a write may: it has nothing to say, and takes what there is.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        world
            .guest()
            .await
            .comment(&session, "还听得见")
            .await
            .expect("taken");
        let mut heard = Vec::new();
        in_time("the comment", async {
            while !String::from_utf8_lossy(&heard).contains("还听得见") {
                heard.extend(quiet.read_some().await);
            }
        })
        .await;
    });
}
