//! One process of viewers: reads orders from the standard input, reports on the standard output, one JSON value a line.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

use super::book::{Book, Checks, Seen};
use super::manners;
use super::tally::Tally;
use super::viewer::{After, Desk, Phase, Viewer, connect};
use crate::chance::Chance;
use crate::clock::now_us;
use crate::measure::{Histogram, Packed};
use crate::wire::{self, Dialect, Inflater};

/// Bytes read at once, into a buffer all viewers share.
const READ_BYTES: usize = 256 * 1024;
/// Socket events taken at once.
const EVENTS_MAX: usize = 4_096;
/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);
/// Orders that may wait; one is sent at a time.
const ORDERS_MAX: usize = 16;
/// Addresses 127.0.77.1 to .200: each has ports of its own.
const SOURCES: usize = 200;
/// Receive buffer of a viewer that will not read. With the system's own, a minute of a hall finds room in it and the server's side
/// of a slow connection is never seen. It must be small from the beginning: made smaller later it has no room for what the
/// server was told it may send, which is dropped, and sent again when the viewer has long been reading.
const STALLED_RECEIVE_BYTES: usize = 4 << 10;
/// A connection that held so long has ended the row of failed attempts, in microseconds.
const HELD_US: u64 = 10_000_000;

/// What a worker is started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub server: SocketAddr,
    /// Paths of live channels; viewers are dealt out to them in turn.
    pub paths: Vec<String>,
    /// Viewers of this process.
    pub viewers: usize,
    /// Viewers of the processes before it, so that addresses differ.
    pub offset: usize,
    /// Handshakes under way at once.
    pub connecting_max: usize,
    /// Microseconds between two looks at the sockets.
    pub look_every_us: u64,
    pub seed: u64,
    pub dialect: Dialect,
    /// Every so-many-th viewer will be told to stop reading; 0 is none.
    pub stalling_every: usize,
    /// Viewers offer compression.
    pub deflate: bool,
    /// Viewers say who they are, with these tokens in turn; with none they stay unknown.
    pub tokens: Vec<String>,
}

/// What a worker is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Order {
    /// Connect everybody who is not connected, each after a random part of `spread_ms`.
    Come { spread_ms: u64 },
    /// Who is lost from now on stays away until the next `Come`.
    StayAway,
    /// Every so-many-th viewer that is connected reads its socket no longer, answers nothing and does not close.
    Stall { every: usize },
    /// They read again. Measures until each is at the number everybody else of its process was at.
    Resume,
    /// Every so-many-th viewer from this one on drops its connection and comes back.
    Hop { every: usize, from: usize },
    /// Measures from the next `Come` on until each viewer is at this number.
    Aim { seq: u64 },
    /// Count anew.
    Reset,
    /// From now on look at the sockets so often; seldom while others are measured.
    Look { every_us: u64 },
    /// Tell everything counted since the last reset.
    Report,
}

/// What a worker says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Word {
    Progress {
        live: usize,
        comments: u64,
        batches: u64,
        gaps: u64,
        latency: Packed,
    },
    Report(Box<Report>),
    /// So many comments have reached every viewer of this process since the last reset.
    Complete(u64),
}

/// Everything counted since the last reset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub tally: Tally,
    pub checks: Checks,
    pub latency: Packed,
    pub joined: Packed,
    pub live: Packed,
    /// Order to the number aimed at.
    pub level: Packed,
    /// The same without the wait of a page between a loss and its next attempt.
    pub level_own: Packed,
    /// Loss to first message.
    pub away: Packed,
    /// Viewers that are not yet at the number aimed at.
    pub levelling: u64,
    pub stalled: u64,
    /// Viewers that lost their connection and have heard nothing since.
    pub away_now: u64,
    /// When handshakes were answered, microseconds since 1970.
    pub came_us: Vec<u64>,
    /// When viewers were sent away by the server.
    pub sent_away_us: Vec<u64>,
    pub comments: Vec<Seen>,
    /// Last number known, and how many viewers are there.
    pub places: Vec<(Option<u64>, u64)>,
    /// Viewers connected and heard from.
    pub here: usize,
}

/// Works until the standard input ends, of which the first line is its [`Plan`].
pub fn run() -> anyhow::Result<()> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let plan = serde_json::from_str(&line)?;
    let (send, orders) = sync_channel(ORDERS_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let Ok(order) = serde_json::from_str::<Order>(&line) else {
                return;
            };
            if send.send(order).is_err() {
                return;
            }
        }
    });
    Swarm::new(plan)?.run(&orders, say)
}

struct Swarm {
    plan: Plan,
    host: String,
    poll: Poll,
    viewers: Vec<Viewer>,
    /// Who connects next, and when.
    coming: BinaryHeap<Reverse<(Instant, usize)>>,
    connecting: usize,
    live: usize,
    come_back: bool,
    chance: Chance,
    buffer: Vec<u8>,
    tally: Tally,
    /// One per path.
    books: Vec<Book>,
    inflaters: Vec<Inflater>,
    hellos: Vec<Vec<u8>>,
    latency: Histogram,
    recent: Histogram,
    joined: Histogram,
    live_after: Histogram,
    level_after: Histogram,
    /// The same from a viewer's own attempt on, when its connection was over.
    level_own: Histogram,
    away: Histogram,
    came_us: Vec<u64>,
    sent_away_us: Vec<u64>,
    ordered_us: u64,
    look_every: Duration,
    told_complete: u64,
    /// The last number anybody here knows.
    head: u64,
    /// The number whose reaching is measured.
    aim: Option<u64>,
}

impl Swarm {
    fn new(plan: Plan) -> anyhow::Result<Self> {
        Ok(Self {
            host: plan.server.to_string(),
            poll: Poll::new()?,
            viewers: (0..plan.viewers).map(|_| Viewer::default()).collect(),
            coming: BinaryHeap::new(),
            connecting: 0,
            live: 0,
            come_back: true,
            chance: Chance::new(plan.seed),
            buffer: vec![0; READ_BYTES],
            tally: Tally::default(),
            books: books(&plan),
            inflaters: plan.paths.iter().map(|_| Inflater::default()).collect(),
            hellos: plan.tokens.iter().map(|token| wire::hello(token)).collect(),
            latency: Histogram::default(),
            recent: Histogram::default(),
            joined: Histogram::default(),
            live_after: Histogram::default(),
            level_after: Histogram::default(),
            level_own: Histogram::default(),
            away: Histogram::default(),
            came_us: Vec::new(),
            sent_away_us: Vec::new(),
            ordered_us: now_us(),
            look_every: Duration::from_micros(plan.look_every_us),
            told_complete: 0,
            head: 0,
            aim: None,
            plan,
        })
    }

    /// Works until nobody can give orders any more. What is to be said goes to `say`.
    fn run(
        mut self,
        orders: &Receiver<Order>,
        mut say: impl FnMut(&Word) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let mut told = Instant::now();
        loop {
            let begun = Instant::now();
            loop {
                match orders.try_recv() {
                    Ok(Order::Report) => say(&Word::Report(Box::new(self.report())))?,
                    Ok(order) => {
                        self.on_order(&order);
                        if matches!(order, Order::Reset) {
                            say(&Word::Complete(0))?;
                        }
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Ok(()),
                }
            }
            self.poll.poll(&mut events, Some(Duration::ZERO))?;
            let mut count = 0;
            for event in &events {
                count += 1;
                self.on_event(
                    event.token().0,
                    event.is_writable(),
                    event.is_readable(),
                    event.is_read_closed() || event.is_error(),
                );
            }
            self.connect_some();
            // Only where all watch one session can anything reach everybody.
            let complete = match &mut self.books[..] {
                [book] => book.complete(self.viewers.len() as u64),
                _ => 0,
            };
            if complete > self.told_complete {
                self.told_complete = complete;
                say(&Word::Complete(complete))?;
            }
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                say(&self.progress())?;
            }
            if count < EVENTS_MAX {
                std::thread::sleep(self.look_every.saturating_sub(begun.elapsed()));
            }
        }
    }

    fn on_order(&mut self, order: &Order) {
        match order {
            Order::Come { spread_ms } => {
                self.come_back = true;
                self.ordered_us = now_us();
                let now = Instant::now();
                self.coming.clear();
                for index in 0..self.viewers.len() {
                    if self.viewers[index].phase == Phase::Away {
                        self.viewers[index].levelling = self.aim.is_some();
                        self.viewers[index].attempt = 0;
                        let wait = Duration::from_micros(self.chance.between(0, spread_ms * 1_000));
                        self.coming.push(Reverse((now + wait, index)));
                    }
                }
            }
            Order::StayAway => {
                self.come_back = false;
                self.coming.clear();
            }
            Order::Reset => {
                self.tally = Tally::default();
                self.books = books(&self.plan);
                self.level_after = Histogram::default();
                self.level_own = Histogram::default();
                self.away = Histogram::default();
                self.came_us = Vec::new();
                self.sent_away_us = Vec::new();
                self.latency = Histogram::default();
                self.recent = Histogram::default();
                self.joined = Histogram::default();
                self.live_after = Histogram::default();
                self.told_complete = 0;
            }
            Order::Look { every_us } => self.look_every = Duration::from_micros(*every_us),
            Order::Stall { every } => self.stall((*every).max(1)),
            Order::Resume => self.resume(),
            Order::Hop { every, from } => self.hop((*every).max(1), *from),
            Order::Aim { seq } => self.aim = Some(*seq),
            Order::Report => {}
        }
    }

    /// Takes viewers off the list of sockets that are looked at. Their sockets stay as they are.
    fn stall(&mut self, every: usize) {
        for viewer in self.viewers.iter_mut().step_by(every) {
            if viewer.phase == Phase::Live
                && !viewer.stalled
                && let Some(stream) = &mut viewer.stream
                && self.poll.registry().deregister(stream).is_ok()
            {
                viewer.stalled = true;
            }
        }
    }

    /// Looks at them again: what waits in a socket is an event at once.
    fn resume(&mut self) {
        self.aim = Some(self.head);
        self.ordered_us = now_us();
        let mut gone = Vec::new();
        for (index, viewer) in self.viewers.iter_mut().enumerate() {
            if !std::mem::take(&mut viewer.stalled) {
                continue;
            }
            viewer.levelling = true;
            let registered = viewer.stream.as_mut().map(|stream| {
                self.poll
                    .registry()
                    .register(stream, Token(index), Interest::READABLE | Interest::WRITABLE)
            });
            if !matches!(registered, Some(Ok(()))) {
                gone.push(index);
            }
        }
        for index in gone {
            self.lost(index);
            self.live -= 1;
        }
    }

    fn hop(&mut self, every: usize, from: usize) {
        for index in (from % every..self.viewers.len()).step_by(every) {
            if self.viewers[index].phase == Phase::Live && !self.viewers[index].stalled {
                self.lost(index);
                self.live -= 1;
                // It went by itself.
                self.tally.lost -= 1;
                self.tally.hopped += 1;
            }
        }
    }

    /// A connection is over; the viewer comes back as a page does.
    fn lost(&mut self, index: usize) {
        let viewer = &mut self.viewers[index];
        let now_us = now_us();
        let was_live = viewer.phase == Phase::Live;
        if matches!(viewer.phase, Phase::Open | Phase::Live) {
            self.tally.lost += 1;
            viewer.lost_us.get_or_insert(now_us);
        }
        if was_live && now_us.saturating_sub(viewer.live_us) > HELD_US {
            viewer.attempt = 0;
        }
        let reason = viewer.sent_away.take();
        viewer.leave();
        if self.come_back {
            let chance = self.chance.between(0, 1_000_000) as f64 / 1e6;
            let wait = manners::wait(reason.as_deref(), viewer.attempt, chance);
            viewer.attempt += 1;
            self.coming.push(Reverse((Instant::now() + wait, index)));
        }
    }

    fn on_event(&mut self, index: usize, writable: bool, readable: bool, closed: bool) {
        let Some(viewer) = self.viewers.get_mut(index) else {
            return;
        };
        let before = viewer.phase;
        let paths = self.plan.paths.len();
        let path = (self.plan.offset + index) % paths;
        let hello =
            (!self.hellos.is_empty()).then(|| &self.hellos[(self.plan.offset + index) % self.hellos.len()]);
        let mut desk = Desk {
            buffer: &mut self.buffer,
            tally: &mut self.tally,
            book: &mut self.books[path],
            latency: &mut self.recent,
            joined: &mut self.joined,
            live: &mut self.live_after,
            away: &mut self.away,
            came_us: &mut self.came_us,
            sent_away_us: &mut self.sent_away_us,
            ordered_us: self.ordered_us,
            host: &self.host,
            path: &self.plan.paths[path],
            dialect: self.plan.dialect,
            deflate: self.plan.deflate,
            hello: hello.map(Vec::as_slice),
            inflater: &mut self.inflaters[path],
        };
        let mut after = After::Stays;
        if writable {
            after = viewer.on_writable(&mut desk);
        }
        if (readable || closed) && after == After::Stays && viewer.stream.is_some() {
            after = viewer.on_readable(&mut desk, closed);
        }
        if let Some(seq) = viewer.follower.seq() {
            self.head = self.head.max(seq);
            // In one step of reading everything there was may have come, a goodbye included.
            if viewer.levelling && viewer.phase == Phase::Live && self.aim.is_none_or(|aim| seq >= aim) {
                viewer.levelling = false;
                let now_us = now_us();
                self.level_after.add(now_us.saturating_sub(self.ordered_us));
                self.level_own
                    .add(now_us.saturating_sub(viewer.begun_us.max(self.ordered_us)));
            }
        }
        if after == After::Gone && viewer.stream.is_some() {
            self.lost(index);
        }
        let phase = self.viewers[index].phase;
        let under_way = |phase| matches!(phase, Phase::Connecting | Phase::Asking | Phase::Open);
        self.connecting = self.connecting + usize::from(under_way(phase)) - usize::from(under_way(before));
        self.live = self.live + usize::from(phase == Phase::Live) - usize::from(before == Phase::Live);
    }

    fn connect_some(&mut self) {
        while self.connecting < self.plan.connecting_max {
            let Some(Reverse((due, index))) = self.coming.peek().copied() else {
                return;
            };
            if due > Instant::now() {
                return;
            }
            self.coming.pop();
            let viewer = &mut self.viewers[index];
            let source = Ipv4Addr::new(127, 0, 77, 1 + ((self.plan.offset + index) % SOURCES) as u8);
            viewer.begun_us = now_us();
            let will_stall = self.plan.stalling_every > 0 && index % self.plan.stalling_every == 0;
            let receive_bytes = will_stall.then_some(STALLED_RECEIVE_BYTES);
            let connected = connect(self.plan.server, source, receive_bytes).and_then(|mut stream| {
                self.poll
                    .registry()
                    .register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)
                    .map(|()| stream)
            });
            match connected {
                Ok(stream) => {
                    viewer.stream = Some(stream);
                    viewer.phase = Phase::Connecting;
                    self.connecting += 1;
                }
                Err(error) => {
                    self.tally.failed += 1;
                    self.tally.closed(format!("connect: {}", error.kind()));
                    let wait = Duration::from_millis(self.chance.between(50, 500));
                    self.coming.push(Reverse((Instant::now() + wait, index)));
                    return;
                }
            }
        }
    }

    fn progress(&mut self) -> Word {
        let latency = self.recent.packed();
        self.latency.merge(&latency);
        self.recent = Histogram::default();
        let Tally {
            comments,
            batches,
            gaps,
            ..
        } = self.tally;
        Word::Progress {
            live: self.live,
            comments,
            batches,
            gaps,
            latency,
        }
    }

    fn report(&mut self) -> Report {
        self.latency.merge(&self.recent.packed());
        self.recent = Histogram::default();
        let mut places = std::collections::BTreeMap::new();
        for viewer in &self.viewers {
            *places.entry(viewer.follower.seq()).or_insert(0) += 1;
        }
        let mut checks = Checks::default();
        for book in &self.books {
            checks.add(&book.checks);
        }
        let count = |is: fn(&Viewer) -> bool| self.viewers.iter().filter(|viewer| is(viewer)).count() as u64;
        Report {
            tally: self.tally.clone(),
            checks,
            latency: self.latency.packed(),
            joined: self.joined.packed(),
            live: self.live_after.packed(),
            level: self.level_after.packed(),
            level_own: self.level_own.packed(),
            away: self.away.packed(),
            levelling: count(|viewer| viewer.levelling),
            stalled: count(|viewer| viewer.stalled),
            away_now: count(|viewer| viewer.lost_us.is_some()),
            came_us: self.came_us.clone(),
            sent_away_us: self.sent_away_us.clone(),
            comments: self.books.iter().flat_map(Book::comments).copied().collect(),
            places: places.into_iter().collect(),
            here: self.live,
        }
    }
}

fn books(plan: &Plan) -> Vec<Book> {
    plan.paths.iter().map(|_| Book::default()).collect()
}

fn say(word: &Word) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::wire::Stamp;

    const ANSWER: &[u8] =
        b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    fn text(payload: &str) -> Vec<u8> {
        let len = u16::try_from(payload.len()).expect("a short message");
        [&[0x81, 126], &len.to_be_bytes()[..], payload.as_bytes()].concat()
    }

    fn batch(first: u64, last: u64) -> Vec<u8> {
        let item = |seq| {
            let body = Stamp::new(seq, now_us()).text();
            format!(r#"{{"seq":{seq},"type":"comment_published","comment":{{"id":"c","body":"{body}"}}}}"#)
        };
        let items: Vec<String> = (first..=last).map(item).collect();
        text(&format!(
            r#"{{"type":"batch","first_seq":{first},"last_seq":{last},"items":[{}]}}"#,
            items.join(",")
        ))
    }

    fn view(seq: u64) -> Vec<u8> {
        text(&format!(
            r#"{{"type":"view","version":1,"seq":{seq},"comments":[]}}"#
        ))
    }

    /// Reads the request of a viewer.
    fn request(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            bytes.push(byte[0]);
        }
        String::from_utf8(bytes).expect("ASCII")
    }

    /// Lets one viewer watch a server that sends these connections, one after the other, and gives back the report with the requests.
    fn watch(connections: &[Vec<u8>], enough: impl Fn(&Report) -> bool) -> (Report, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server = listener.local_addr().expect("bound");
        let connections = connections.to_vec();
        let serving = std::thread::spawn(move || {
            let mut requests = Vec::new();
            let mut last = None;
            for bytes in connections {
                let (mut stream, _) = listener.accept().expect("a viewer");
                requests.push(request(&mut stream));
                stream.write_all(ANSWER).expect("room");
                // Every split must be understood; small writes make many.
                for part in bytes.chunks(7) {
                    stream.write_all(part).expect("room");
                    stream.flush().expect("flushed");
                }
                last = Some(stream);
            }
            (requests, last)
        });
        let plan = Plan {
            server,
            paths: vec!["/live".into()],
            viewers: 1,
            offset: 0,
            connecting_max: 1,
            look_every_us: 200,
            seed: 1,
            dialect: Dialect::default(),
            stalling_every: 0,
            deflate: false,
            tokens: Vec::new(),
        };
        let (send, orders) = sync_channel(ORDERS_MAX);
        let (words, heard) = sync_channel(1_000);
        let swarm = std::thread::spawn(move || {
            Swarm::new(plan)
                .expect("a poll")
                .run(&orders, |word| Ok(words.send(word.clone())?))
                .expect("runs")
        });
        send.send(Order::Come { spread_ms: 0 }).expect("a swarm");
        let begun = Instant::now();
        let report = loop {
            send.send(Order::Report).expect("a swarm");
            let report = loop {
                if let Word::Report(report) = heard.recv().expect("words") {
                    break report;
                }
            };
            if enough(&report) {
                break *report;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "not enough: {report:?}"
            );
        };
        let (requests, last) = serving.join().expect("served");
        drop((send, last));
        // The swarm ends when nobody commands it; words nobody hears end it as well.
        drop(heard);
        let _ = swarm.join();
        (report, requests)
    }

    #[test]
    fn a_viewer_counts_what_it_is_sent_and_notices_what_is_missing_double_and_out_of_order() {
        let sent = [
            view(4),
            batch(5, 6),
            batch(7, 7),
            batch(7, 7),
            batch(10, 11),
            batch(8, 9),
            batch(12, 12),
        ]
        .concat();
        let (report, _) = watch(&[sent], |report| report.tally.batches == 4);
        let tally = &report.tally;
        assert_eq!((tally.views, tally.batches, tally.comments), (1, 4, 6));
        assert_eq!(
            (
                tally.gaps,
                tally.missing,
                tally.duplicates,
                tally.reordered,
                tally.broken
            ),
            (1, 2, 1, 1, 0)
        );
        assert_eq!(report.places, [(Some(12), 1)]);
        assert_eq!(report.here, 1);
    }

    #[test]
    fn a_viewer_that_is_sent_away_comes_back_with_its_number_and_answers_pings() {
        let close = [&[0x88, 11, 0x0F, 0xA0][..], b"retry=100"].concat();
        let first = [view(4), batch(5, 5), vec![0x89, 0], close].concat();
        let (report, requests) = watch(&[first, batch(6, 7)], |report| report.tally.batches == 2);
        assert!(
            requests[0].starts_with("GET /live HTTP/1.1\r\n"),
            "{}",
            requests[0]
        );
        assert!(
            requests[1].starts_with("GET /live?since=5 HTTP/1.1\r\n"),
            "{}",
            requests[1]
        );
        assert_eq!(
            (report.tally.lost, report.tally.pings, report.tally.views_again),
            (1, 1, 0)
        );
        assert_eq!(report.tally.closed.get("4000"), Some(&1));
        assert_eq!((report.tally.gaps, report.tally.duplicates), (0, 0));
        assert_eq!(report.comments.len(), 3);
    }

    /// Two viewers of a server that says something when told to, and where they are.
    struct Room {
        orders: std::sync::mpsc::SyncSender<Order>,
        words: Receiver<Word>,
        sockets: Vec<TcpStream>,
        listener: TcpListener,
    }

    impl Room {
        fn open() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let plan = Plan {
                server: listener.local_addr().expect("bound"),
                paths: vec!["/live".into()],
                viewers: 2,
                offset: 0,
                connecting_max: 1,
                look_every_us: 200,
                seed: 1,
                dialect: Dialect::default(),
                stalling_every: 0,
                deflate: false,
                tokens: Vec::new(),
            };
            let (orders, taken) = sync_channel(ORDERS_MAX);
            let (say, words) = sync_channel(10_000);
            std::thread::spawn(move || {
                let swarm = Swarm::new(plan).expect("a poll");
                // Ends when the test does.
                drop(swarm.run(&taken, |word| Ok(say.send(word.clone())?)));
            });
            let mut room = Self {
                orders,
                words,
                sockets: Vec::new(),
                listener,
            };
            room.order(Order::Come { spread_ms: 0 });
            for _ in 0..2 {
                room.accept(&[view(4), batch(5, 5)].concat());
            }
            room
        }

        fn order(&self, order: Order) {
            self.orders.send(order).expect("a swarm");
        }

        /// Takes the next viewer in and gives back what it asked for.
        fn accept(&mut self, bytes: &[u8]) -> String {
            let (mut stream, _) = self.listener.accept().expect("a viewer");
            let request = request(&mut stream);
            stream.write_all(ANSWER).expect("room");
            stream.write_all(bytes).expect("room");
            self.sockets.push(stream);
            request
        }

        fn say(&mut self, bytes: &[u8]) {
            for socket in &mut self.sockets {
                socket.write_all(bytes).expect("room");
            }
        }

        /// Asks until it is as expected.
        fn until(&self, expected: impl Fn(&Report) -> bool) -> Report {
            let begun = Instant::now();
            loop {
                self.order(Order::Report);
                let report = loop {
                    if let Word::Report(report) = self.words.recv().expect("words") {
                        break report;
                    }
                };
                if expected(&report) {
                    return *report;
                }
                assert!(begun.elapsed() < Duration::from_secs(20), "{report:?}");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    #[test]
    fn who_stalls_reads_nothing_until_it_resumes_and_then_all_of_it() {
        let mut room = Room::open();
        room.until(|report| report.places == [(Some(5), 2)]);
        room.order(Order::Stall { every: 2 });
        room.say(&batch(6, 9));
        room.until(|report| report.places.contains(&(Some(9), 1)));
        std::thread::sleep(Duration::from_millis(50));
        let report = room.until(|report| report.stalled == 1);
        assert_eq!(report.places, [(Some(5), 1), (Some(9), 1)], "one does not read");
        room.order(Order::Reset);
        room.order(Order::Resume);
        let report = room.until(|report| report.places == [(Some(9), 2)]);
        assert_eq!((report.levelling, report.level.clone().max_us() > 0), (0, true));
        assert_eq!((report.tally.gaps, report.tally.lost, report.here), (0, 0, 2));
    }

    #[test]
    fn who_was_cut_off_while_it_stalled_comes_back_with_its_number() {
        let mut room = Room::open();
        room.until(|report| report.places == [(Some(5), 2)]);
        room.order(Order::Stall { every: 2 });
        room.until(|report| report.stalled == 1);
        room.say(&batch(6, 6));
        room.until(|report| report.places.contains(&(Some(6), 1)));
        // Which of the two stalls is not known to this side: both are cut, and one notices at once.
        room.sockets.clear();
        assert!(room.accept(&batch(7, 7)).contains("?since=6 "));
        room.until(|report| report.places.contains(&(Some(7), 1)));
        room.order(Order::Resume);
        assert!(
            room.accept(&[batch(7, 7)].concat()).contains("?since=6 "),
            "it read what was left first"
        );
        let report = room.until(|report| report.places == [(Some(7), 2)]);
        assert_eq!((report.levelling, report.away_now, report.tally.gaps), (0, 0, 0));
        assert_eq!(report.came_us.len(), 4);
    }
}
