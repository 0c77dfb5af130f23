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
use super::tally::Tally;
use super::viewer::{After, Desk, Phase, Viewer, connect};
use crate::chance::Chance;
use crate::clock::now_us;
use crate::measure::{Histogram, Packed};

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

/// What a worker is started with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub server: SocketAddr,
    /// Path of the live channel.
    pub path: String,
    /// Viewers of this process.
    pub viewers: usize,
    /// Viewers of the processes before it, so that addresses differ.
    pub offset: usize,
    /// Handshakes under way at once.
    pub connecting_max: usize,
    /// Microseconds between two looks at the sockets.
    pub look_every_us: u64,
    pub seed: u64,
}

/// What a worker is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Order {
    /// Connect everybody who is not connected, each after a random part of `spread_ms`.
    Come { spread_ms: u64 },
    /// Who is lost from now on stays away until the next `Come`.
    StayAway,
    /// Count anew.
    Reset,
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
}

/// Everything counted since the last reset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub tally: Tally,
    pub checks: Checks,
    pub latency: Packed,
    pub joined: Packed,
    pub live: Packed,
    pub comments: Vec<Seen>,
    /// Last number known, and how many viewers are there.
    pub places: Vec<(Option<u64>, u64)>,
    /// Viewers connected and heard from.
    pub here: usize,
}

/// Works until the standard input ends.
pub fn run(plan: Plan) -> anyhow::Result<()> {
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
    Swarm::new(plan)?.run(&orders)
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
    book: Book,
    latency: Histogram,
    recent: Histogram,
    joined: Histogram,
    live_after: Histogram,
    ordered_us: u64,
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
            book: Book::default(),
            latency: Histogram::default(),
            recent: Histogram::default(),
            joined: Histogram::default(),
            live_after: Histogram::default(),
            ordered_us: now_us(),
            plan,
        })
    }

    fn run(mut self, orders: &Receiver<Order>) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let look_every = Duration::from_micros(self.plan.look_every_us);
        let mut told = Instant::now();
        loop {
            let begun = Instant::now();
            loop {
                match orders.try_recv() {
                    Ok(order) => self.on_order(&order)?,
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
                    event.is_readable() || event.is_read_closed() || event.is_error(),
                );
            }
            self.connect_some();
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                self.tell_progress()?;
            }
            if count < EVENTS_MAX {
                std::thread::sleep(look_every.saturating_sub(begun.elapsed()));
            }
        }
    }

    fn on_order(&mut self, order: &Order) -> anyhow::Result<()> {
        match order {
            Order::Come { spread_ms } => {
                self.come_back = true;
                self.ordered_us = now_us();
                let now = Instant::now();
                self.coming.clear();
                for index in 0..self.viewers.len() {
                    if self.viewers[index].phase == Phase::Away {
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
                self.book = Book::default();
                self.latency = Histogram::default();
                self.recent = Histogram::default();
                self.joined = Histogram::default();
                self.live_after = Histogram::default();
            }
            Order::Report => say(&Word::Report(Box::new(self.report())))?,
        }
        Ok(())
    }

    fn on_event(&mut self, index: usize, writable: bool, readable: bool) {
        let Some(viewer) = self.viewers.get_mut(index) else {
            return;
        };
        let before = viewer.phase;
        let mut desk = Desk {
            buffer: &mut self.buffer,
            tally: &mut self.tally,
            book: &mut self.book,
            latency: &mut self.recent,
            joined: &mut self.joined,
            live: &mut self.live_after,
            ordered_us: self.ordered_us,
            host: &self.host,
            path: &self.plan.path,
        };
        let mut after = After::Stays;
        if writable {
            after = viewer.on_writable(&mut desk);
        }
        if readable && after == After::Stays && viewer.stream.is_some() {
            after = viewer.on_readable(&mut desk);
        }
        if after == After::Gone && viewer.stream.is_some() {
            self.tally.lost += u64::from(matches!(viewer.phase, Phase::Open | Phase::Live));
            viewer.leave();
            if self.come_back {
                let wait = Duration::from_millis(self.chance.between(50, 500));
                self.coming.push(Reverse((Instant::now() + wait, index)));
            }
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
            let connected = connect(self.plan.server, source).and_then(|mut stream| {
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

    fn tell_progress(&mut self) -> anyhow::Result<()> {
        let latency = self.recent.packed();
        self.latency.merge(&latency);
        self.recent = Histogram::default();
        say(&Word::Progress {
            live: self.live,
            comments: self.tally.comments,
            batches: self.tally.batches,
            gaps: self.tally.gaps,
            latency,
        })
    }

    fn report(&mut self) -> Report {
        self.latency.merge(&self.recent.packed());
        self.recent = Histogram::default();
        let mut places = std::collections::BTreeMap::new();
        for viewer in &self.viewers {
            *places.entry(viewer.follower.seq()).or_insert(0) += 1;
        }
        Report {
            tally: self.tally.clone(),
            checks: self.book.checks,
            latency: self.latency.packed(),
            joined: self.joined.packed(),
            live: self.live_after.packed(),
            comments: self.book.comments().to_vec(),
            places: places.into_iter().collect(),
            here: self.live,
        }
    }
}

fn say(word: &Word) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    out.write_all(&line)?;
    out.flush()?;
    Ok(())
}
