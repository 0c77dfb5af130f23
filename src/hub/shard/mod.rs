//! A thread that owns sockets: it reads them, and walks over the viewers of a channel when the channel said something.
//!
//! - **The log is the queue.** A viewer is a cursor into its channel's log ([`log`]); who is behind gets one write of the
//!   contiguous rest. What is published during a walk leaves with the next one, so that writes grow instead of queues.
//! - **Walks are cut in slices**, so that answers and what people send are not held up by ten thousand viewers.
//! - **Sockets are edge-triggered**, registered once. A short write marks a viewer blocked; walks pass over it until the socket
//!   says there is room.
//! - **No timers.** Keepalive is figures with a ping, sent through the same walk; what a tick looks for (silent, stalled and
//!   leaving viewers) is found by passing over a part of all viewers each second, which is cheaper than a wheel kept in order.
//!
//! Nothing here waits for another thread but for the short lock of a channel or an inbox.

mod arrive;
mod audience;
mod flush;
pub mod inbox;
mod leave;
mod log;
mod read;
mod speak;
mod tick;
mod viewer;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Poll, Token};
use slab::Slab;

use super::codec::{self, Decoder};
use super::meters::Meters;
use super::outlet::Outlet;
use super::{ConnId, Inbound};
use audience::Audience;
use inbox::{Command, PersonKey};
use viewer::Viewer;

/// The token of the inbox's waker; no socket gets so far.
pub const WAKER: Token = Token(usize::MAX);
/// Viewers written to before other things get their turn: about two milliseconds.
const SENDS_PER_TURN: usize = 256;
/// Viewers passed over before other things get their turn.
const VISITS_PER_TURN: usize = 8_192;
/// Socket events taken at once.
const EVENTS_MAX: usize = 1_024;
/// Bytes read from a socket at once, into a buffer all viewers share.
const READ_BYTES: usize = 64 << 10;
/// How long a viewer that was told to close may take to do it.
const LEAVE_BEATS: u32 = 5 * Beat::SECOND;

/// Time as a shard counts it: tenths of a second since it began, good for thirteen years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Beat(u32);

impl Beat {
    /// Beats of a second.
    pub const SECOND: u32 = 10;
    fn after(time: Duration) -> Self {
        Self(beats(time.as_millis()))
    }
    /// Beats from `earlier` to this one.
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds as beats.
fn beats(ms: impl TryInto<u64>) -> u32 {
    ms.try_into()
        .ok()
        .and_then(|ms| u32::try_from(ms / 100).ok())
        .unwrap_or(u32::MAX)
}

/// A viewer named so that a key used again is noticed.
type Named = (u32, ConnId);

/// One thread's world.
pub struct Shard {
    index: usize,
    outlet: Arc<Outlet>,
    inbound: Arc<OnceLock<Arc<dyn Inbound>>>,
    poll: Poll,
    born: Instant,
    now: Beat,
    viewers: Slab<Viewer>,
    by_conn: HashMap<ConnId, u32>,
    persons: BTreeSet<(PersonKey, u32)>,
    audiences: Slab<Audience>,
    by_channel: HashMap<u64, u32>,
    /// Audiences being walked over, in turn, with the start of their walk.
    sweeping: VecDeque<(u32, Instant)>,
    /// Viewers with more to read or write whose turn was over.
    again: Vec<Named>,
    blocked: Vec<Named>,
    leaving: Vec<Named>,
    drain: Option<Drain>,
    scratch: Box<[u8]>,
    /// For who has nothing half sent: one for all of them.
    spare: Option<Box<Decoder>>,
    commands: Vec<Command>,
    meters: Meters,
    next_tick: Instant,
    ticks: usize,
    stopped: bool,
}

/// Sending everybody away over some time.
struct Drain {
    begun: Instant,
    window: Duration,
    /// How long each is to stay away.
    away: Duration,
    to_go: Vec<Named>,
    all: usize,
}

impl Shard {
    pub fn new(
        index: usize,
        outlet: Arc<Outlet>,
        inbound: Arc<OnceLock<Arc<dyn Inbound>>>,
        poll: Poll,
    ) -> Self {
        let now = Instant::now();
        Self {
            index,
            outlet,
            inbound,
            poll,
            born: now,
            now: Beat::default(),
            viewers: Slab::new(),
            by_conn: HashMap::new(),
            persons: BTreeSet::new(),
            audiences: Slab::new(),
            by_channel: HashMap::new(),
            sweeping: VecDeque::new(),
            again: Vec::new(),
            blocked: Vec::new(),
            leaving: Vec::new(),
            drain: None,
            scratch: vec![0; READ_BYTES].into(),
            spare: None,
            commands: Vec::new(),
            meters: Meters::new(),
            next_tick: now + tick::EVERY,
            ticks: 0,
            stopped: false,
        }
    }

    /// Works until it is told to stop.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        while !self.stopped {
            if let Err(error) = self.poll.poll(&mut events, Some(self.rest()))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, shard = self.index, "could not wait for sockets");
                std::thread::sleep(Duration::from_millis(10));
            }
            self.now = Beat::after(self.born.elapsed());
            for event in &events {
                if event.token() != WAKER {
                    self.on_event(event);
                }
            }
            self.on_commands();
            self.on_again();
            self.sweep();
            self.on_drain();
            if Instant::now() >= self.next_tick {
                self.on_tick();
                self.next_tick = Instant::now() + tick::EVERY;
            }
            self.meters.report();
        }
        let keys: Vec<usize> = self.viewers.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.remove(key as u32);
        }
    }

    /// How long to wait for sockets if none is ready.
    fn rest(&self) -> Duration {
        if !self.sweeping.is_empty() || !self.again.is_empty() {
            return Duration::ZERO;
        }
        let until_tick = self.next_tick.saturating_duration_since(Instant::now());
        if self.drain.is_some() {
            until_tick.min(Duration::from_millis(10))
        } else {
            until_tick
        }
    }

    fn on_event(&mut self, event: &Event) {
        let key = event.token().0;
        let Ok(short) = u32::try_from(key) else { return };
        if !self.viewers.contains(key) {
            return;
        }
        if event.is_error() {
            self.remove(short);
            return;
        }
        if event.is_readable() || event.is_read_closed() {
            self.read(short, event.is_read_closed());
        }
        if event.is_writable()
            && let Some(viewer) = self.viewers.get_mut(key)
            && viewer.flags.blocked
        {
            viewer.flags.blocked = false;
            self.flush(short);
        }
    }

    fn on_commands(&mut self) {
        let mut commands = std::mem::take(&mut self.commands);
        self.outlet.inboxes[self.index].take(&mut commands);
        for command in commands.drain(..) {
            self.on_command(command);
        }
        // A storm must not hold its memory for ever.
        commands.shrink_to(EVENTS_MAX);
        self.commands = commands;
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Attach(arrival) => self.attach(*arrival),
            Command::Publish {
                channel_id,
                frames,
                figures,
            } => self.publish(channel_id, &frames, figures.as_ref()),
            Command::Hide { channel_id } => self.hide(channel_id),
            Command::Own { session_id, posts } => self.own(&session_id, &posts),
            Command::Send { conn, frame } => {
                if let Some(&key) = self.by_conn.get(&conn) {
                    self.send(key, &frame);
                }
            }
            Command::SendAll { frames } => self.send_all(&frames),
            Command::Identify { conn, person } => self.identify(conn, person),
            Command::Close { conn, code, reason } => {
                if let Some(&key) = self.by_conn.get(&conn) {
                    self.begin_close(key, &codec::close_frame(code, &reason), false);
                }
            }
            Command::Drain { window, away } => {
                let to_go: Vec<Named> = self
                    .viewers
                    .iter()
                    .filter(|(_, viewer)| !viewer.flags.leaving)
                    .map(|(key, viewer)| (key as u32, viewer.conn))
                    .collect();
                self.drain = Some(Drain {
                    begun: Instant::now(),
                    window,
                    away,
                    all: to_go.len(),
                    to_go,
                });
            }
            Command::Stop => self.stopped = true,
        }
    }

    fn on_again(&mut self) {
        for (key, conn) in std::mem::take(&mut self.again) {
            if self.is(key, conn) {
                self.read(key, false);
            }
            if self.is(key, conn) && !self.viewers[key as usize].flags.blocked {
                self.flush(key);
            }
        }
    }

    fn is(&self, key: u32, conn: ConnId) -> bool {
        self.viewers
            .get(key as usize)
            .is_some_and(|viewer| viewer.conn == conn)
    }
}
