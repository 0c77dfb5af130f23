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

pub mod audience;
pub mod flush;
pub mod inbox;
pub mod log;
mod read;
mod tick;
pub mod viewer;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use mio::event::Event;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use super::batch::Frame;
use super::channel::Channel;
use super::codec::{self, Decoder};
use super::meters::Meters;
use super::outlet::Outlet;
use super::{ConnId, Inbound};
use crate::domain::ids::SessionId;
use crate::domain::words::Channel as Stream;
use crate::protocol::close;
use audience::{Audience, Sweep};
use flush::Flushed;
use inbox::{Arrival, Command, PersonKey};
use log::{Appended, Log};
use viewer::{Flags, NOBODY, NOWHERE, Viewer};

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
            Command::Identify { conn, person } => self.identify(conn, person),
            Command::Close { conn, code, reason } => {
                if let Some(&key) = self.by_conn.get(&conn) {
                    self.begin_close(key, &codec::close_frame(code, &reason), false);
                }
            }
            Command::Drain { window } => {
                let to_go: Vec<Named> = self
                    .viewers
                    .iter()
                    .filter(|(_, viewer)| !viewer.flags.leaving)
                    .map(|(key, viewer)| (key as u32, viewer.conn))
                    .collect();
                self.drain = Some(Drain {
                    begun: Instant::now(),
                    window,
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

    /// Sends away so many as the time that has passed asks for.
    fn on_drain(&mut self) {
        let Some(drain) = &mut self.drain else { return };
        let passed = if drain.window.is_zero() {
            1.0
        } else {
            (drain.begun.elapsed().as_secs_f64() / drain.window.as_secs_f64()).min(1.0)
        };
        let gone_due = (drain.all as f64 * passed).ceil() as usize;
        let gone = drain.all - drain.to_go.len();
        let from = drain.to_go.len() - gone_due.saturating_sub(gone).min(drain.to_go.len());
        let due = drain.to_go.split_off(from);
        let frame = self.come_back();
        for (key, conn) in due {
            if self.is(key, conn) {
                self.begin_close(key, &frame, false);
            }
        }
    }

    fn come_back(&self) -> Vec<u8> {
        codec::close_frame(
            close::GOING_AWAY,
            &format!("retry={}", self.outlet.options.retry_ms),
        )
    }

    fn is(&self, key: u32, conn: ConnId) -> bool {
        self.viewers
            .get(key as usize)
            .is_some_and(|viewer| viewer.conn == conn)
    }

    // ---- coming ----

    fn attach(&mut self, arrival: Arrival) {
        let Arrival {
            conn,
            stream,
            channel,
            since,
            leftover,
            staff,
        } = arrival;
        let refusal = match &channel {
            _ if self.drain.is_some() => Some(self.come_back()),
            None => Some(self.come_back()),
            Some(channel) if staff || channel.is_open_to_all() => None,
            Some(channel) if channel.key.channel == Stream::Backstage => {
                Some(codec::close_frame(close::NOT_PERMITTED, "sign in first"))
            }
            Some(_) => Some(codec::close_frame(close::NO_SUCH_SESSION, "no such session")),
        };
        let Some(key) = self.seat(conn, stream, staff) else {
            self.tell_closed(conn);
            return;
        };
        let audience = match (refusal, channel) {
            (None, Some(channel)) => self.audience_of(channel).ok_or_else(|| self.come_back()),
            (Some(refusal), _) => Err(refusal),
            (None, None) => Err(self.come_back()),
        };
        let at = match audience {
            Ok(at) => at,
            Err(refusal) => {
                self.viewers[key as usize].own_mut().bytes = refusal;
                self.mark_leaving(key, false);
                self.tell_closed(conn);
                self.flush(key);
                return;
            }
        };
        let audience = &mut self.audiences[at as usize];
        let viewer = &mut self.viewers[key as usize];
        viewer.channel = at;
        viewer.place = audience.viewers.len() as u32;
        audience.viewers.push(key);
        audience
            .channel
            .presence
            .enter(audience.channel.is_public_stream());
        self.by_conn.insert(conn, key);
        self.meters.came();
        // A view has the figures, a replay has not; it also tells a page that nothing was missed.
        viewer.figures_seen = audience.figures_count;
        let resumed = since
            .filter(|since| audience.channel.may_replay(*since))
            .and_then(|since| audience.log.after_seq(since));
        if resumed.is_some() || !audience.channel.is_public_stream() {
            audience.refresh_figures(self.now);
            viewer.figures_seen -= 1;
        }
        match resumed {
            Some(offset) => viewer.cursor = offset,
            None => flush::take_view(viewer, audience),
        }
        self.flush(key);
        if !leftover.is_empty() && self.is(key, conn) {
            self.take_in(key, &leftover);
        }
    }

    /// Gives a socket its key. `None` if it broke meanwhile.
    fn seat(&mut self, conn: ConnId, stream: std::net::TcpStream, staff: bool) -> Option<u32> {
        let prepared = stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true));
        let prepared = prepared.and_then(|()| {
            socket2::SockRef::from(&stream).set_send_buffer_size(self.outlet.options.send_buffer_bytes)
        });
        let mut stream = mio::net::TcpStream::from_std(stream);
        let entry = self.viewers.vacant_entry();
        let key = entry.key();
        let registered = prepared.and_then(|()| {
            self.poll
                .registry()
                .register(&mut stream, Token(key), Interest::READABLE | Interest::WRITABLE)
        });
        if let Err(error) = registered {
            tracing::debug!(%error, "a connection broke before it was attached");
            return None;
        }
        entry.insert(Viewer {
            stream,
            conn,
            channel: NOWHERE,
            place: 0,
            cursor: 0,
            figures_seen: 0,
            heard: self.now,
            moved: self.now,
            person: NOBODY,
            flags: Flags {
                staff,
                ..Flags::default()
            },
            decoder: None,
            own: None,
        });
        Some(u32::try_from(key).expect("a process has less than 2^32 descriptors"))
    }

    /// The audience of a channel, joined if it is not. `None` if the channel is closed.
    fn audience_of(&mut self, channel: Arc<Channel>) -> Option<u32> {
        if let Some(&at) = self.by_channel.get(&channel.id) {
            return Some(at);
        }
        let joined = channel.join(self.index)?;
        let mut log = Log::after(joined.tail_seq);
        for frame in &joined.frames {
            log.append(frame, self.now);
        }
        let id = channel.id;
        let at = self.audiences.insert(Audience::new(channel, log, self.now)) as u32;
        self.by_channel.insert(id, at);
        Some(at)
    }

    fn identify(&mut self, conn: ConnId, person: PersonKey) {
        let Some(&key) = self.by_conn.get(&conn) else {
            return;
        };
        let before = std::mem::replace(&mut self.viewers[key as usize].person, person);
        self.persons.remove(&(before, key));
        self.persons.insert((person, key));
    }

    // ---- speaking ----

    fn publish(&mut self, channel_id: u64, frames: &[Arc<Frame>], figures: Option<&Bytes>) {
        let Some(&at) = self.by_channel.get(&channel_id) else {
            return;
        };
        for frame in frames {
            self.append(at, frame);
        }
        let audience = &mut self.audiences[at as usize];
        if let Some(figures) = figures {
            audience.set_figures(figures, self.now, beats(self.outlet.options.keepalive_ms));
        }
        if audience.sweep.running {
            audience.sweep.once_more = true;
        } else if !audience.viewers.is_empty() {
            audience.sweep = Sweep {
                running: true,
                at: 0,
                once_more: false,
            };
            self.sweeping.push_back((at, Instant::now()));
        }
    }

    fn append(&mut self, at: u32, frame: &Frame) {
        let options = &self.outlet.options;
        let audience = &mut self.audiences[at as usize];
        if audience.log.append(frame, self.now) == Appended::Hole {
            tracing::error!(
                shard = self.index,
                channel.seq = audience.log.head_seq(),
                frame.first_seq,
                "a batch is missing in a shard; its viewers get the view"
            );
            let head = audience.log.head();
            self.overtake(at, head, true);
            let audience = &mut self.audiences[at as usize];
            audience.log.restart(frame.first_seq - 1);
            audience.log.append(frame, self.now);
            return;
        }
        let (bytes_max, age_max) = (options.replay_bytes_max, beats(options.replay_age_ms_max));
        if let Some(cut) = audience.log.excess(bytes_max, age_max, self.now) {
            self.trim(at, cut);
        }
    }

    fn trim(&mut self, at: u32, cut: u64) {
        self.overtake(at, cut, false);
        self.audiences[at as usize].log.cut(cut);
    }

    /// Viewers the log is about to leave behind get the rest of the frame they are inside of, and then a view.
    fn overtake(&mut self, at: u32, cut: u64, all: bool) {
        let audience = &mut self.audiences[at as usize];
        let mut gone = Vec::new();
        for &key in &audience.viewers {
            let viewer = &mut self.viewers[key as usize];
            if !all && viewer.cursor >= cut {
                continue;
            }
            flush::cut_off(viewer, audience);
            viewer.cursor = cut;
            viewer.flags.wants_view = true;
            self.meters.lapped.increment(1);
            if viewer
                .own
                .as_ref()
                .is_some_and(|own| own.waiting() > self.outlet.options.personal_bytes_max)
            {
                gone.push(key);
            }
        }
        for key in gone {
            self.abort(key);
        }
    }

    fn hide(&mut self, channel_id: u64) {
        let Some(&at) = self.by_channel.get(&channel_id) else {
            return;
        };
        let frame = codec::close_frame(close::NO_SUCH_SESSION, "no such session");
        for key in self.audiences[at as usize].viewers.clone() {
            if self
                .viewers
                .get(key as usize)
                .is_some_and(|viewer| !viewer.flags.staff && viewer.channel == at)
            {
                self.begin_close(key, &frame, false);
            }
        }
    }

    fn own(&mut self, session_id: &SessionId, posts: &[(PersonKey, Bytes)]) {
        for (person, frame) in posts {
            let keys: Vec<u32> = self
                .persons
                .range((*person, 0)..=(*person, u32::MAX))
                .map(|(_, key)| *key)
                .collect();
            for key in keys {
                let audience = self
                    .viewers
                    .get(key as usize)
                    .and_then(|viewer| self.audiences.get(viewer.channel as usize));
                if audience.is_some_and(|audience| audience.channel.key.session_id == *session_id) {
                    self.send(key, frame);
                }
            }
        }
    }

    /// Sends whole frames to one viewer, between two frames of the log.
    fn send(&mut self, key: u32, frames: &[u8]) {
        let Some(viewer) = self
            .viewers
            .get_mut(key as usize)
            .filter(|viewer| !viewer.flags.leaving)
        else {
            return;
        };
        if viewer.own.as_ref().map_or(0, |own| own.waiting()) + frames.len()
            > self.outlet.options.personal_bytes_max
        {
            self.abort(key);
            return;
        }
        viewer.own_mut().bytes.extend_from_slice(frames);
        if !viewer.flags.blocked {
            self.flush(key);
        }
    }

    fn flush(&mut self, key: u32) {
        let Some(viewer) = self.viewers.get_mut(key as usize) else {
            return;
        };
        let flushed = match self.audiences.get_mut(viewer.channel as usize) {
            Some(audience) if !viewer.flags.leaving => flush::flush(
                viewer,
                audience,
                self.outlet.options.turn_bytes_max,
                self.now,
                &mut self.meters,
            ),
            _ => flush::flush_leaving(viewer, self.now, &mut self.meters),
        };
        self.flushed(key, flushed);
    }

    fn flushed(&mut self, key: u32, flushed: Flushed) {
        let viewer = &mut self.viewers[key as usize];
        match flushed {
            Flushed::All if viewer.flags.leaving => self.farewell(key),
            Flushed::All => {}
            Flushed::TurnOver => self.again.push((key, viewer.conn)),
            Flushed::Blocked => {
                if !viewer.flags.listed {
                    viewer.flags.listed = true;
                    self.meters.blocked.increment(1.0);
                    self.blocked.push((key, viewer.conn));
                }
            }
            Flushed::Gone => self.remove(key),
        }
    }

    /// Goes on with the walks, in turn.
    fn sweep(&mut self) {
        let (mut sends, mut visits) = (SENDS_PER_TURN, VISITS_PER_TURN);
        while sends > 0
            && visits > 0
            && let Some(&(at, begun)) = self.sweeping.front()
        {
            let audience = &mut self.audiences[at as usize];
            let Some(&key) = audience.viewers.get(audience.sweep.at) else {
                self.sweeping.pop_front();
                self.meters.sweep_seconds.record(begun.elapsed().as_secs_f64());
                let again = audience.sweep.once_more && !audience.viewers.is_empty();
                audience.sweep = Sweep {
                    running: again,
                    at: 0,
                    once_more: false,
                };
                if again {
                    self.sweeping.push_back((at, Instant::now()));
                }
                continue;
            };
            audience.sweep.at += 1;
            visits -= 1;
            let viewer = &mut self.viewers[key as usize];
            if viewer.flags.blocked
                || (audience.is_served(viewer) && viewer.own.is_none() && !viewer.flags.wants_view)
            {
                continue;
            }
            sends -= 1;
            let flushed = flush::flush(
                viewer,
                audience,
                self.outlet.options.turn_bytes_max,
                self.now,
                &mut self.meters,
            );
            if flushed != Flushed::All {
                self.flushed(key, flushed);
            }
        }
        // Another session's turn: a large hall must not keep small ones waiting for its whole walk.
        if self.sweeping.len() > 1 {
            self.sweeping.rotate_left(1);
        }
    }

    // ---- leaving ----

    /// Tells a viewer to close, after what it was begun to be sent.
    fn begin_close(&mut self, key: u32, close_frame: &[u8], said_bye: bool) {
        let Some(viewer) = self
            .viewers
            .get_mut(key as usize)
            .filter(|viewer| !viewer.flags.leaving)
        else {
            return;
        };
        if let Some(audience) = self.audiences.get(viewer.channel as usize) {
            flush::cut_off(viewer, audience);
        }
        viewer.own_mut().bytes.extend_from_slice(close_frame);
        self.mark_leaving(key, said_bye);
        self.unseat(key);
        if !self.viewers[key as usize].flags.blocked {
            self.flush(key);
        }
    }

    fn mark_leaving(&mut self, key: u32, said_bye: bool) {
        let viewer = &mut self.viewers[key as usize];
        viewer.flags.leaving = true;
        viewer.flags.said_bye = said_bye;
        viewer.moved = self.now;
        viewer.decoder = None;
        self.leaving.push((key, viewer.conn));
    }

    /// Everything was said to a viewer that is leaving.
    fn farewell(&mut self, key: u32) {
        let viewer = &mut self.viewers[key as usize];
        if viewer.flags.said_bye {
            self.remove(key);
        } else if !viewer.flags.shut {
            // Closing at once while the viewer still sends would make the system throw away the close frame; it has some
            // seconds to answer.
            viewer.flags.shut = true;
            if viewer.stream.shutdown(std::net::Shutdown::Write).is_err() {
                self.remove(key);
            }
        }
    }

    /// Closes one that takes nothing. The system is to forget at once what waits for it.
    fn abort(&mut self, key: u32) {
        if let Some(viewer) = self.viewers.get(key as usize) {
            self.meters.closed_slow.increment(1);
            let _unused_memory_stays_longer =
                socket2::SockRef::from(&viewer.stream).set_linger(Some(Duration::ZERO));
            self.remove(key);
        }
    }

    fn remove(&mut self, key: u32) {
        if self.viewers.contains(key as usize) {
            self.unseat(key);
            self.viewers.remove(key as usize);
        }
    }

    /// Takes a viewer out of its audience.
    fn unseat(&mut self, key: u32) {
        let viewer = &mut self.viewers[key as usize];
        let (at, place, conn, person) = (viewer.channel, viewer.place as usize, viewer.conn, viewer.person);
        if at == NOWHERE {
            return;
        }
        viewer.channel = NOWHERE;
        let audience = &mut self.audiences[at as usize];
        audience.viewers.swap_remove(place);
        if let Some(&moved) = audience.viewers.get(place) {
            let moved_viewer = &mut self.viewers[moved as usize];
            moved_viewer.place = place as u32;
            // The walk may have passed this place and not yet come to the one it had.
            if audience.sweep.running && place < audience.sweep.at {
                self.again.push((moved, moved_viewer.conn));
            }
        }
        if audience.viewers.is_empty() {
            audience.empty_since = self.now;
        }
        audience
            .channel
            .presence
            .leave(audience.channel.is_public_stream());
        self.persons.remove(&(person, key));
        self.by_conn.remove(&conn);
        self.meters.left();
        self.tell_closed(conn);
    }

    fn tell_closed(&self, conn: ConnId) {
        if let Some(inbound) = self.inbound.get() {
            inbound.on_close(conn);
        }
    }
}
