//! Slow readers, strange orders of things, and clients that do not keep to the rules.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::Message;

use super::stage::*;
use crate::domain::words::Channel;
use crate::hub::*;
use crate::protocol::server::{Ack, ServerMessage};

fn ack(n: usize) -> ServerMessage {
    ServerMessage::Ack(Ack {
        r#ref: format!("client-ref-{n}").try_into().expect("a ref"),
        id: "x".repeat(200),
        number: Some(n as u64),
        state: None,
        reason: String::new(),
        wait_s: None,
    })
}

fn numbers(viewer: &Viewer) -> Vec<u64> {
    viewer
        .others
        .iter()
        .filter_map(|message| {
            if let ServerMessage::Ack(ack) = message {
                ack.number
            } else {
                None
            }
        })
        .collect()
}

/// A generator whose seed is in the message of what fails.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// Viewers come, go, come back and dawdle while events arrive in odd lots: each sees every comment after it came, once and in order.
async fn random_schedule(seed: u64) {
    let mut chance = Chance(seed | 1);
    let options = Options {
        replay_bytes_max: 20_000 + chance.below(60_000) as usize,
        view_age_ms_max: chance.below(50),
        turn_bytes_max: 200 + chance.below(4_000) as usize,
        // Room for the rest of any frame, so that nobody overtaken inside of a large one is closed.
        personal_bytes_max: 1 << 20,
        send_buffer_bytes: 2_048,
        ..quick()
    };
    let stage = Stage::new(options).await;
    let mut bodies: HashMap<u64, String> = HashMap::new();
    let mut readers = Vec::new();
    let mut n = 0;
    for _ in 0..30 {
        for _ in 0..chance.below(40) {
            n += 1;
            let bytes = if chance.below(10) == 0 {
                9_000
            } else {
                chance.below(400) as usize
            };
            bodies.insert(u64::from(n), format!("评论{n}号{}", "x".repeat(bytes)));
            stage.say([long_comment(n, bytes)]);
        }
        if chance.below(3) == 0 {
            tokio::time::sleep(Duration::from_millis(chance.below(12))).await;
        }
        let since = match chance.below(3) {
            0 => None,
            _ => Some(u64::from(n).saturating_sub(chance.below(60))),
        };
        let mut viewer = if chance.below(2) == 0 {
            stage.viewer(since)
        } else {
            stage.narrow_viewer(since)
        };
        let (pause_every, leave_after) = (
            1 + chance.below(20),
            if chance.below(4) == 0 {
                chance.below(10)
            } else {
                u64::MAX
            },
        );
        let total = std::sync::mpsc::sync_channel::<u64>(1);
        readers.push((
            total.0,
            std::thread::spawn(move || {
                let mut messages = 0;
                let mut goal = None;
                loop {
                    messages += 1;
                    if messages > leave_after {
                        return viewer;
                    }
                    if messages % pause_every == 0 {
                        std::thread::sleep(Duration::from_millis(3));
                    }
                    goal = goal.or_else(|| total.1.try_recv().ok());
                    if goal.is_some_and(|goal| viewer.seq.is_some_and(|seq| seq >= goal)) {
                        return viewer;
                    }
                    assert!(viewer.read(), "closed with {:?}", viewer.closed);
                }
            }),
        ));
    }
    // One more, so that everybody has something to read after the goal is known.
    for (goal, _) in &readers {
        let _gone = goal.send(u64::from(n) + 1);
    }
    n += 1;
    bodies.insert(u64::from(n), format!("评论{n}号"));
    stage.say([comment(n)]);
    for (_, reader) in readers {
        let viewer = reader.join().unwrap_or_else(|_| panic!("seed {seed}"));
        for (seq, body) in &viewer.comments {
            assert_eq!(&bodies[seq], body, "seed {seed}");
        }
        // Since its last view every comment came exactly once: the client's rule in `stage` fails at a gap, this at a repeat.
        assert!(
            viewer.comments.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0),
            "seed {seed}: {:?}",
            viewer.comments.iter().map(|(seq, _)| seq).collect::<Vec<_>>()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_any_order_of_things_nothing_is_missed_repeated_or_reordered() {
    for seed in 1..=12 {
        random_schedule(seed * 7_919).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_reader_is_closed_and_the_others_are_served() {
    let options = Options {
        shards: 1,
        stalled_ms_max: 1_000,
        send_buffer_bytes: 4_096,
        replay_bytes_max: 64 << 20,
        resume_bytes_max: 64 << 20,
        ..quick()
    };
    let stage = Stage::new(options).await;
    let mut stopped = stage.narrow_viewer(None);
    let mut healthy = stage.viewer(None);
    healthy.read_to(0);
    stopped.read_to(0);
    let begun = Instant::now();
    let mut n = 0;
    while !stage
        .heard
        .closed
        .lock()
        .expect("no panic")
        .contains(&stopped.conn)
    {
        assert!(begun.elapsed() < PATIENCE, "the stopped reader was never closed");
        n += 1;
        stage.say([long_comment(n, 2_000)]);
        healthy.read_to(n.into());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(900),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(healthy.comments.len(), n as usize);
    assert_eq!(stage.hub.watching(&stage.id), 1);
    // It comes back with its number and has missed nothing.
    let mut back = stage.viewer(stopped.seq);
    back.read_to(n.into());
    assert!(back.views.is_empty());
    assert_eq!(back.comments.len(), n as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_overtaken_reader_gets_a_view_and_goes_on() {
    let options = Options {
        shards: 1,
        send_buffer_bytes: 4_096,
        replay_bytes_max: 50_000,
        ..quick()
    };
    let stage = Stage::new(options).await;
    let mut slow = stage.narrow_viewer(None);
    let mut healthy = stage.viewer(None);
    slow.read_to(0);
    healthy.read_to(0);
    for n in 1..=300 {
        stage.say([long_comment(n, 2_000)]);
        healthy.read_to(n.into());
    }
    slow.read_to(300);
    assert!(slow.views.len() >= 2, "it was overtaken");
    stage.say([comment(301)]);
    slow.read_to(301);
    assert_eq!(slow.comments.last().map(|(seq, _)| *seq), Some(301));
    assert_eq!(healthy.views.len(), 1);
    assert_eq!(healthy.comments.len(), 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_never_cut_into_a_frame_and_keep_their_order() {
    // Frames larger than the socket's buffer, so that writes end inside of them.
    let options = Options {
        shards: 1,
        send_buffer_bytes: 8_192,
        turn_bytes_max: 30_000,
        personal_bytes_max: 1 << 20,
        ..quick()
    };
    let stage = Stage::new(options).await;
    let mut slow = stage.narrow_viewer(None);
    slow.read_to(0);
    for n in 1..=100u32 {
        stage.say([long_comment(n, 20_000)]);
        assert!(stage.hub.send(slow.conn, &ack(n as usize)));
        if n % 9 == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            slow.read();
        }
    }
    // The decoder of the client fails at the first byte out of place.
    slow.read_until(|viewer| viewer.seq == Some(100) && numbers(viewer).len() == 100);
    assert_eq!(numbers(&slow), (1..=100).collect::<Vec<_>>());
    assert_eq!(slow.comments.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_take_its_answers_is_closed() {
    let stage = Stage::new(Options {
        shards: 1,
        send_buffer_bytes: 2_048,
        ..quick()
    })
    .await;
    let mut deaf = stage.narrow_viewer(None);
    deaf.read_to(0);
    for n in 0..2_000 {
        stage.hub.send(deaf.conn, &ack(n));
    }
    stage
        .until("it was closed", || {
            stage.heard.closed.lock().expect("no panic").contains(&deaf.conn)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_viewers_say_is_heard_whole_whatever_the_pieces() {
    let stage = Stage::new(quick()).await;
    let mut frame = vec![0x81, 0x80 | 6, 1, 2, 3, 4];
    frame.extend(
        "早安"
            .bytes()
            .zip([1, 2, 3, 4].into_iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    // A part of it came behind the handshake.
    let (mut stream, conn) = stage.connect(Channel::Public, None, false, frame[..5].to_vec(), None);
    stream.set_nodelay(true).expect("a socket");
    for byte in &frame[5..] {
        stream.write_all(&[*byte]).expect("open");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let heard = || stage.heard.texts.lock().expect("no panic").clone();
    stage.until("the text was heard", || !heard().is_empty()).await;
    assert_eq!(heard(), [(conn, stage.key(Channel::Public), "早安".to_owned())]);
    let mut viewer = Viewer::new((stream, conn), None);
    viewer.send(Message::Ping(vec![1, 2, 3].into()));
    viewer.send(Message::text("二"));
    stage.until("the second was heard", || heard().len() == 2).await;
    loop {
        if let Message::Pong(payload) = viewer.socket.read().expect("a pong") {
            assert_eq!(&payload[..], [1, 2, 3]);
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_breaks_the_rules_is_closed_with_the_code_for_it() {
    let stage = Stage::new(Options {
        client_message_bytes_max: 100,
        ..quick()
    })
    .await;
    let masked =
        |first: u8, payload: &[u8]| [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat();
    let table: [(&str, Vec<u8>, u16); 5] = [
        ("not masked", vec![0x81, 1, b'a'], 1002),
        ("binary", masked(0x82, b"a"), 1003),
        ("not UTF-8", masked(0x81, &[0xFF]), 1007),
        ("too long", masked(0x81, &[b'a'; 101]), 1009),
        ("goodbye", masked(0x88, &4001u16.to_be_bytes()), 4001),
    ];
    for (name, bytes, code) in table {
        let (mut stream, conn) = stage.connect(Channel::Public, None, false, Vec::new(), None);
        stream.write_all(&bytes).expect("open");
        let mut viewer = Viewer::new((stream, conn), None);
        viewer.read_to_the_end();
        assert_eq!(viewer.closed.map(|(code, _)| code), Some(code), "{name}");
        stage
            .until("its end was told", || {
                stage.heard.closed.lock().expect("no panic").contains(&conn)
            })
            .await;
    }
    assert_eq!(stage.hub.watching(&stage.id), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_viewer_is_asked_and_one_that_does_not_answer_is_gone() {
    let stage = Stage::new(Options {
        keepalive_ms: 1_000,
        silence_ms_max: 3_000,
        ..quick()
    })
    .await;
    let mut alive = stage.viewer(None);
    let (dead, dead_conn) = stage.connect(Channel::Public, None, false, Vec::new(), None);
    let begun = Instant::now();
    // Reading answers pings; figures say that all is well when nothing happens.
    while !stage.heard.closed.lock().expect("no panic").contains(&dead_conn) {
        assert!(begun.elapsed() < PATIENCE, "the dead one was never found");
        assert!(alive.read());
        alive.socket.flush().expect("open");
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(2_900),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        alive
            .others
            .iter()
            .any(|message| matches!(message, ServerMessage::State(_)))
    );
    assert!(!stage.heard.closed.lock().expect("no panic").contains(&alive.conn));
    drop(dead);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn viewers_that_vanish_are_forgotten() {
    let stage = Stage::new(quick()).await;
    let sockets: Vec<(TcpStream, ConnId)> = (0..50)
        .map(|_| stage.connect(Channel::Public, None, false, Vec::new(), None))
        .collect();
    stage
        .until("all are here", || stage.hub.watching(&stage.id) == 50)
        .await;
    for (n, (socket, _)) in sockets.iter().enumerate() {
        match n % 3 {
            0 => socket.shutdown(Shutdown::Write).expect("open"),
            1 => socket2::SockRef::from(socket)
                .set_linger(Some(Duration::ZERO))
                .expect("open"),
            _ => {}
        }
    }
    let (kept, _): (Vec<_>, Vec<_>) = sockets.into_iter().enumerate().partition(|(n, _)| n % 3 == 0);
    stage
        .until("nobody is here", || stage.hub.watching(&stage.id) == 0)
        .await;
    assert_eq!(stage.heard.closed.lock().expect("no panic").len(), 50);
    for (_, (mut socket, _)) in kept {
        let mut rest = Vec::new();
        let _cut = socket.read_to_end(&mut rest);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_pings_is_answered_sparingly_and_delays_nobody() {
    let stage = Stage::new(Options { shards: 1, ..quick() }).await;
    let (mut flooder, _conn) = stage.connect(Channel::Public, None, false, Vec::new(), None);
    let mut other = stage.viewer(None);
    other.read_to(0);
    let ping = [0x89, 0x80, 0, 0, 0, 0].repeat(10_000);
    flooder.set_nonblocking(true).expect("a socket");
    for n in 1..=50 {
        let _full = flooder.write(&ping);
        stage.say([comment(n)]);
        other.read_to(n.into());
    }
    flooder.set_nonblocking(false).expect("a socket");
    flooder.shutdown(Shutdown::Write).expect("open");
    flooder.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut answers = Vec::new();
    let _cut = flooder.read_to_end(&mut answers);
    assert!(answers.len() < 200_000, "{} bytes", answers.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_before_a_keepalive_do_not_put_off_its_ping() {
    let stage = Stage::new(Options {
        keepalive_ms: 4_000,
        silence_ms_max: 5_500,
        ..quick()
    })
    .await;
    let mut viewer = stage.viewer(None);
    viewer.read_to(0);
    // Half-way somebody else comes: figures without a ping.
    tokio::time::sleep(Duration::from_millis(2_000)).await;
    let _other = stage.viewer(None);
    let begun = Instant::now();
    let reading = tokio::task::spawn_blocking(move || {
        // Reading answers pings; the comment is said later than silence is suffered.
        viewer.read_to(1);
        viewer.seq
    });
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    stage.say([comment(1)]);
    assert_eq!(reading.await.expect("it was not cut"), Some(1));
    assert!(begun.elapsed() >= Duration::from_millis(5_500));
}
