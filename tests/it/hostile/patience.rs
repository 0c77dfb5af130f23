//! Those who hold what they were given: half a handshake, half a message, every descriptor.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use yishiting::protocol::client::ClientMessage;

use super::raw::{Raw, handshake};
use super::{impatient, in_a_world};
use crate::support::binary::Program;
use crate::support::wait::eventually;
use crate::support::world::{Kind, Setup, config_text, run};
use crate::support::{Rest, Viewer, World, new_ref};

/// Beyond this a cut after one second is no cut after one second, however busy the machine.
const CUT_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_head_that_does_not_come_whole_is_cut_however_it_dawdles() {
    in_a_world(&impatient(), async |world| {
        let session = world.live().await;
        let base = &world.rest.base;
        let head = handshake(&format!("/api/v1/sessions/{session}/live"), &[]);
        let (head, _) = head.as_bytes().split_at(head.len() - 1);
        let beginnings: [(&str, &[u8]); 4] = [
            ("nothing", b""),
            ("a letter", b"G"),
            ("half a handshake", &head[..40]),
            ("all but the last letter", head),
        ];
        let silent = beginnings.iter().map(async |(name, bytes)| {
            let begun = Instant::now();
            let mut raw = Raw::connect(base).await;
            raw.send(bytes).await;
            raw.read_to_the_end().await;
            (*name, begun.elapsed())
        });
        let dawdling = async {
            let begun = Instant::now();
            let mut raw = Raw::connect(base).await;
            // It never stops sending: what counts is the whole head, not the last byte.
            raw.send_slowly(&head.repeat(20), Duration::from_millis(20)).await;
            raw.read_to_the_end().await;
            ("a byte now and then", begun.elapsed())
        };
        let between = async {
            let mut raw = Raw::connect(base).await;
            raw.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
            assert_eq!(raw.answer().await.expect("an answer").status, 200);
            let begun = Instant::now();
            raw.read_to_the_end().await;
            ("nothing after an answer", begun.elapsed())
        };
        let (silent, dawdling, between) = tokio::join!(join_all(silent), dawdling, between);
        for (name, time) in silent.into_iter().chain([dawdling, between]) {
            assert!(
                time >= Duration::from_millis(900) && time < CUT_WITHIN,
                "{name}: {time:?}"
            );
        }
    });
}

/// A program of its own with a live session, and somebody who is in it already.
struct Hall {
    world: World,
    program: Program,
    session: yishiting::domain::ids::SessionId,
    /// A client for the program's address.
    rest: Rest,
    /// They take turns, so that nobody is told to wait.
    speakers: Vec<Viewer>,
    witness: Viewer,
    said: usize,
}

impl Hall {
    async fn open(config: &str, config_live: &str, files: Option<u32>) -> Self {
        let setup = Setup {
            config: config.into(),
            config_live: config_live.into(),
            ..Setup::default()
        };
        let mut world = World::start(Kind::Sqlite, &setup)
            .await
            .expect("SQLite is always there");
        let (session, _) = crate::broken::world_for_a_process(&world).await;
        let text = config_text(&world.database, &setup);
        let config = crate::support::binary::configuration(world.database.folder.path(), &text);
        let mut guests = Vec::new();
        for _ in 0..4 {
            guests.push(world.guest().await);
        }
        world.stop().await;
        let program = match files {
            Some(files) => Program::serve_with_descriptors_up_to(&config, files).await,
            None => Program::serve(&config).await,
        };
        let mut rest = world.rest.clone();
        rest.base.clone_from(&program.base);
        let mut speakers = Vec::new();
        for guest in &guests {
            let mut speaker = Viewer::open(&rest, &session).await;
            speaker.greet(guest).await;
            speakers.push(speaker);
        }
        let witness = Viewer::open(&rest, &session).await;
        Self {
            world,
            program,
            session,
            rest,
            speakers,
            witness,
            said: 0,
        }
    }

    /// Something is said over a connection that was there before, and heard over another one. How long that took.
    async fn speak(&mut self) -> Duration {
        let begun = Instant::now();
        self.said += 1;
        let comment = ClientMessage::Comment {
            r#ref: new_ref(),
            body: format!("第{}句", self.said),
        };
        let speaker = self.said % self.speakers.len();
        self.speakers[speaker].ask(comment).await.expect("taken");
        let said = self.said;
        self.witness
            .until_seen("what was said", |seen| seen.comments.len() == said)
            .await;
        begun.elapsed()
    }

    /// Anonymous memory only: of pages the tests' servers share, the program's own text first, each is charged a part
    /// that grows when another of them ends.
    fn memory_kib(&self) -> u64 {
        let path = format!("/proc/{}/smaps_rollup", self.program.pid());
        let text = std::fs::read_to_string(path).expect("readable");
        let line = text.lines().find(|l| l.starts_with("Pss_Anon:")).expect("a line");
        line.split_whitespace()
            .nth(1)
            .and_then(|n| n.parse().ok())
            .expect("a number")
    }

    fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.program.pid()))
            .expect("readable")
            .count()
    }

    /// Processor time used, in hundredths of a second.
    fn processor_time(&self) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.program.pid())).expect("readable");
        let after_name = text.rsplit(')').next().expect("a name in brackets");
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[11].parse::<u64>().expect("a number") + fields[12].parse::<u64>().expect("a number")
    }

    async fn end(self) {
        assert!(self.program.terminate().await.success());
        self.world.end().await;
    }
}

/// Connections a test opens twice, in a process that may have few descriptors.
fn connections_to_open() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("readable");
    let line = limits
        .lines()
        .find(|l| l.starts_with("Max open files"))
        .expect("a line");
    let soft: usize = line
        .split_whitespace()
        .nth(3)
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_000);
    (soft / 4).clamp(100, 2_000)
}

/// Opens many connections that send the same bytes.
async fn hold(base: &str, count: usize, bytes: &[u8]) -> Vec<Raw> {
    let mut held = Vec::with_capacity(count);
    while held.len() < count {
        let some = (0..200.min(count - held.len())).map(async |_| {
            let mut raw = Raw::try_connect(base).await?;
            raw.send(bytes).await;
            std::io::Result::Ok(raw)
        });
        held.extend(
            join_all(some)
                .await
                .into_iter()
                .map(|raw| raw.expect("it listens")),
        );
    }
    held
}

#[test]
fn thousands_of_half_open_handshakes_cost_little_disturb_nobody_and_are_cut() {
    run(async {
        let count = connections_to_open();
        let mut hall = Hall::open("", "sockets_per_address_max = 0\n", None).await;
        hall.speak().await;
        let half = handshake(&format!("/api/v1/sessions/{}/live", hall.session), &[]);
        let half = &half.as_bytes()[..half.len() - 2];
        let begun = Instant::now();
        let (before, free) = (hall.memory_kib(), hall.descriptors());
        let base = hall.program.base.clone();
        let silent = hold(&base, count, b"").await;
        eventually("the silent ones are held", async || {
            (hall.descriptors() >= free + count).then_some(())
        })
        .await;
        let with_silent = hall.memory_kib();
        let halves = hold(&base, count, half).await;
        eventually("all are held", async || {
            (hall.descriptors() >= free + 2 * count).then_some(())
        })
        .await;
        let with_both = hall.memory_kib();
        let mut slowest = Duration::ZERO;
        for _ in 0..3 {
            slowest = slowest.max(hall.speak().await);
        }
        let took = begun.elapsed();
        let each = |after: u64, before: u64| after.saturating_sub(before) as f64 / count as f64;
        let (silent_kib, half_kib) = (each(with_silent, before), each(with_both, with_silent));
        println!(
            "{silent_kib:.1} KiB for a silent connection, {half_kib:.1} KiB for half a request, slowest comment {slowest:?}, all after {took:?}"
        );
        assert!(
            silent_kib < 4.0,
            "{silent_kib} KiB for a connection that says nothing"
        );
        assert!(half_kib < 24.0, "{half_kib} KiB for one that says half a request");
        eventually("all were cut", async || {
            (hall.descriptors() <= free + 10).then_some(())
        })
        .await;
        // Nobody who is watching was cut with them.
        hall.speak().await;
        drop((silent, halves));
        hall.end().await;
    });
}

#[test]
fn half_messages_cost_no_more_than_a_message_and_disturb_nobody() {
    run(async {
        const HALVES: usize = 500;
        let mut hall = Hall::open("", "", None).await;
        hall.speak().await;
        let mut held = Vec::new();
        for _ in 0..HALVES {
            held.push(Raw::open(&hall.program.base, &hall.session, "").await);
        }
        hall.speak().await;
        let before = hall.memory_kib();
        // The head of the largest message, and all of it but the last byte.
        let half = [&[0x81, 0xFE, 0x20, 0x00, 0, 0, 0, 0][..], &[b'x'; 8_191]].concat();
        for raw in &mut held {
            raw.send(&half).await;
        }
        hall.speak().await;
        let each = hall.memory_kib().saturating_sub(before) as f64 / HALVES as f64;
        println!("{each:.1} KiB for half a message of 8 KiB");
        assert!(each < 24.0, "{each} KiB for half a message of 8 KiB");
        // One more byte each second is no reason to close, and no reason to hold more.
        for raw in &mut held {
            raw.send(b"x").await;
        }
        hall.speak().await;
        drop(held);
        hall.end().await;
    });
}

#[test]
fn without_descriptors_the_server_goes_on_without_spinning_and_takes_people_again_when_there_are_some() {
    run(async {
        const LIMIT: u32 = 300;
        let mut hall = Hall::open("request_head_s = 4", "", Some(LIMIT)).await;
        hall.speak().await;
        let base = hall.program.base.clone();
        let held = hold(&base, LIMIT as usize + 100, b"").await;
        eventually("every descriptor is taken", async || {
            hall.program
                .log()
                .contains("could not accept a connection")
                .then_some(())
        })
        .await;
        let (begun, used) = (Instant::now(), hall.processor_time());
        // Those who are here notice nothing.
        for _ in 0..3 {
            hall.speak().await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let share = (hall.processor_time() - used) as f64 / 100.0 / begun.elapsed().as_secs_f64();
        assert!(share < 0.5, "{share} of a core while there is nothing to be had");
        // The held ones are cut, those that waited in the queue after them, and then there is room.
        let late = Viewer::open(&hall.rest, &hall.session).await;
        assert_eq!(late.seen.comments.len(), 4);
        hall.speak().await;
        let told = hall
            .program
            .log()
            .matches("could not accept a connection")
            .count();
        assert!(told < 10, "told {told} times");
        drop(held);
        hall.end().await;
    });
}
