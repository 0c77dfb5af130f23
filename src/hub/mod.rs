//! Live fan-out: open sessions, their channels, who watches them, and what they are sent.
//!
//! Follows the log of committed events and nothing else. One hall with thirty thousand viewers is one log of encoded frames read by
//! thirty thousand cursors:
//!
//! ```text
//! deliver ── Session ─ Channel: fold, batch per tick, ring of frames ──┬─ inbox ─ Shard: log ─ cursor, cursor, cursor …  (WebSocket)
//!            (one per open session, two channels)                       └─ Subscription                                   (events)
//! ```
//!
//! - [`channel`] folds events at once ([`fold`]) and says what happened once per tick ([`batch`], [`ring`]).
//! - [`deflate`] says it once more, compressed, for who negotiated that.
//! - [`shard`] threads own the sockets after the handshake and write the same bytes to all of them ([`codec`] knows RFC 6455).
//! - [`Source`] gives a session when it is opened: the truth is read once per session, however many come.
//!
//! Who joins gets the current view and the batches after it; who comes back with its number gets what it missed, if that is still
//! kept and nothing in it was removed meanwhile, else the view. Does not know what people may write: their messages go to [`Inbound`].

mod batch;
mod channel;
mod codec;
mod deflate;
mod fold;
mod meters;
mod options;
mod outlet;
mod presence;
mod ring;
mod session;
mod shard;
mod source;
mod subscription;
#[cfg(test)]
mod tests;
mod tickets;

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use dashmap::DashMap;
use mio::{Poll, Waker};

use crate::domain::event::Logged;
use crate::domain::ids::{ParticipantId, SessionId};
use crate::domain::words::Channel as Stream;
use crate::protocol::server::ServerMessage;
use channel::Channel;
pub use deflate::{ACCEPTED as DEFLATE_ACCEPTED, is_offered as deflate_is_offered};
pub use options::Options;
pub use outlet::Clock;
use outlet::Outlet;
use session::{Opening, Session};
use shard::inbox::{Arrival, Command, Inbox, person_key};
use shard::{Shard, WAKER};
pub use source::{BackstageSeed, PublicSeed, Seed, Source, SourceError};
pub use subscription::{Event, Subscription};
pub use tickets::{Ticket, Tickets};

/// How often unused sessions are looked for.
const IDLE_LOOK_EVERY: Duration = Duration::from_secs(5);

/// One numbered stream of a session.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChannelKey {
    pub session_id: SessionId,
    pub channel: Stream,
}

/// One WebSocket for as long as it lives. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnId(u64);

impl std::fmt::Display for ConnId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Who takes what viewers send. Called on a shard's thread, which serves thousands: must not wait for anything.
pub trait Inbound: Send + Sync {
    /// A whole text message. May come before [`Hub::attach`] has returned.
    fn on_text(&self, conn: ConnId, key: &ChannelKey, text: &str);
    /// The connection is over; comes once for each, also for one that was refused.
    fn on_close(&self, conn: ConnId);
}

/// What is known of a connection after its handshake.
#[derive(Debug)]
pub struct Attach {
    pub key: ChannelKey,
    /// The last number the viewer has, if it comes back.
    pub since: Option<u64>,
    /// Bytes the client sent behind its handshake.
    pub leftover: Vec<u8>,
    /// Written before anything else: the answer to the handshake, unless it was given.
    pub greeting: Vec<u8>,
    /// Whether it is staff of the hall: may watch the backstage, and what is not public yet.
    pub staff: bool,
    /// Whether the handshake was answered with [`DEFLATE_ACCEPTED`].
    pub deflate: bool,
    /// Its place under its address, given back when the connection is over.
    pub ticket: Option<Ticket>,
}

/// The hub. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

type ToldOfOpen = Box<dyn Fn(&SessionId) + Send + Sync>;

struct Shared {
    outlet: Arc<Outlet>,
    source: Arc<dyn Source>,
    sessions: DashMap<SessionId, Arc<Opening>>,
    inbound: Arc<OnceLock<Arc<dyn Inbound>>>,
    on_open: OnceLock<ToldOfOpen>,
    runtime: tokio::runtime::Handle,
    next_conn: AtomicU64,
    next_channel: AtomicU64,
    stopped: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Hub {
    /// Starts the shards. Must be called inside a tokio runtime, which then runs the channels.
    ///
    /// # Errors
    /// When the system gives no thread or no descriptor.
    pub fn start(options: Options, source: Arc<dyn Source>, clock: Clock) -> std::io::Result<Self> {
        let shards = options.shards.max(1);
        let mut polls = Vec::with_capacity(shards);
        let mut inboxes = Vec::with_capacity(shards);
        for _ in 0..shards {
            let poll = Poll::new()?;
            inboxes.push(Inbox::new(
                Waker::new(poll.registry(), WAKER)?,
                options.inbox_len_max,
            ));
            polls.push(poll);
        }
        let outlet = Arc::new(Outlet {
            options,
            clock,
            inboxes,
            sockets: AtomicUsize::new(0),
        });
        let inbound = Arc::new(OnceLock::new());
        let mut threads = Vec::with_capacity(shards);
        for (index, poll) in polls.into_iter().enumerate() {
            let shard = Shard::new(index, outlet.clone(), inbound.clone(), poll);
            threads.push(
                std::thread::Builder::new()
                    .name(format!("shard-{index}"))
                    .spawn(move || shard.run())?,
            );
        }
        let hub = Self {
            shared: Arc::new(Shared {
                outlet,
                source,
                sessions: DashMap::new(),
                inbound,
                on_open: OnceLock::new(),
                runtime: tokio::runtime::Handle::current(),
                next_conn: AtomicU64::new(0),
                next_channel: AtomicU64::new(0),
                stopped: AtomicBool::new(false),
                threads: Mutex::new(threads),
            }),
        };
        hub.shared
            .runtime
            .spawn(close_unused(Arc::downgrade(&hub.shared)));
        Ok(hub)
    }

    /// Sets who takes what viewers send. Only the first call counts.
    pub fn set_inbound(&self, inbound: Arc<dyn Inbound>) {
        if self.shared.inbound.set(inbound).is_err() {
            tracing::error!("the hub has its inbound already; the second one is ignored");
        }
    }

    /// Sets who is told that a session was opened: after it is followed, so that what was committed since its snapshot can be
    /// looked for. Only the first call counts.
    pub fn on_open(&self, told: impl Fn(&SessionId) + Send + Sync + 'static) {
        if self.shared.on_open.set(Box::new(told)).is_err() {
            tracing::error!(
                "the hub has somebody to tell of open sessions already; the second one is ignored"
            );
        }
    }

    /// Opens a session unless it is open. `false` if there is none. However many ask at once, the source is asked once.
    ///
    /// # Errors
    /// When the source could not be read; the next call tries again.
    pub async fn open(&self, id: &SessionId) -> Result<bool, SourceError> {
        let known = self.shared.sessions.get(id).map(|opening| opening.clone());
        let opening = known.unwrap_or_else(|| self.shared.sessions.entry(id.clone()).or_default().clone());
        let outcome = match opening.outcome.get() {
            Some(outcome) => outcome,
            // In a box: of all who come to a session one loads it.
            None => Box::pin(opening.outcome.get_or_init(|| self.shared.load(id))).await,
        };
        match outcome {
            Ok(Some(session)) => {
                session.presence.touch();
                if !opening.announced.swap(true, Ordering::AcqRel)
                    && let Some(told) = self.shared.on_open.get()
                {
                    told(id);
                }
                Ok(true)
            }
            Ok(None) => {
                self.shared.forget(id, &opening);
                Ok(false)
            }
            Err(error) => {
                self.shared.forget(id, &opening);
                Err(error.clone())
            }
        }
    }

    /// Takes over a connection whose handshake was answered. [`Hub::open`] the session first: what is not open is told to come back.
    ///
    /// `None` if too many wait or the hub has stopped: the socket is dropped without a word, and the page comes back later.
    pub fn attach(&self, stream: TcpStream, attach: Attach) -> Option<ConnId> {
        if self.shared.stopped.load(Ordering::Acquire) {
            return None;
        }
        let Attach {
            key,
            since,
            leftover,
            greeting,
            staff,
            deflate,
            ticket,
        } = attach;
        let conn = ConnId(self.shared.next_conn.fetch_add(1, Ordering::Relaxed));
        let session = self.shared.session(&key.session_id);
        let channel = session.map(|session| session.channel(key.channel).clone());
        let arrival = Box::new(Arrival {
            conn,
            stream,
            channel,
            since,
            leftover,
            greeting,
            staff,
            deflate,
            ticket,
        });
        self.inbox_of(conn)
            .offer(Command::Attach(arrival))
            .then_some(conn)
    }

    /// Sends a message to one connection. `false` if too much waits; whether the connection still is, is not known.
    pub fn send(&self, conn: ConnId, message: &ServerMessage) -> bool {
        self.inbox_of(conn).offer(Command::Send {
            conn,
            frame: codec::encode(message).frame().clone(),
        })
    }

    /// Sends messages to many connections; each of them is written to once.
    pub fn send_all(&self, messages: Vec<(ConnId, ServerMessage)>) {
        let inboxes = &self.shared.outlet.inboxes;
        let mut frames: Vec<Vec<(ConnId, Bytes)>> = vec![Vec::new(); inboxes.len()];
        for (conn, message) in messages {
            let shard = (conn.0 % inboxes.len() as u64) as usize;
            frames[shard].push((conn, codec::encode(&message).frame().clone()));
        }
        for (inbox, frames) in inboxes.iter().zip(frames) {
            if !frames.is_empty() {
                // Refused when too much waits: clients send again what was not answered.
                inbox.offer(Command::SendAll { frames });
            }
        }
    }

    /// Says who is behind a connection: from then on it is told what becomes of that person's posts.
    pub fn identify(&self, conn: ConnId, person: ParticipantId) -> bool {
        self.inbox_of(conn).offer(Command::Identify {
            conn,
            person: person_key(&person),
        })
    }

    /// Closes a connection with a code of `protocol::close`.
    pub fn close(&self, conn: ConnId, code: u16, reason: &str) {
        self.inbox_of(conn).push(Command::Close {
            conn,
            code,
            reason: reason.to_owned(),
        });
    }

    /// Takes in events of the log, in order and without holes after [`Hub::position`]. What is not open is passed over.
    pub fn deliver(&self, events: &[Logged]) {
        for run in events.chunk_by(|a, b| a.session_id == b.session_id && a.channel == b.channel) {
            if let Some(session) = self.shared.session(&run[0].session_id) {
                session.deliver(run);
            }
        }
    }

    /// Open sessions with the last numbers taken in (public, backstage).
    pub fn followed(&self) -> Vec<(SessionId, u64, u64)> {
        let sessions = self.shared.open_sessions();
        sessions
            .into_iter()
            .map(|(id, session)| (id, session.public.seq(), session.backstage.seq()))
            .collect()
    }

    /// The same for one session, `None` if it is not open.
    pub fn position(&self, id: &SessionId) -> Option<(u64, u64)> {
        self.shared
            .session(id)
            .map(|session| (session.public.seq(), session.backstage.seq()))
    }

    /// The public view as JSON, as of now. `None` if the session is not open. Who may see it is the caller's to decide.
    pub fn view_json(&self, id: &SessionId) -> Option<Bytes> {
        let session = self.shared.session(id)?;
        session.presence.touch();
        Some(session.public.view(session.public.seq(), false).text.json())
    }

    /// Reads a channel as a stream. `None` if the session is not open, or not public and `staff` is not set.
    pub fn subscribe(&self, key: &ChannelKey, since: Option<u64>, staff: bool) -> Option<Subscription> {
        let session = self.shared.session(&key.session_id)?;
        Subscription::new(session.channel(key.channel).clone(), since, staff)
    }

    /// Viewers of the public channel now, on this node.
    pub fn watching(&self, id: &SessionId) -> u64 {
        self.shared
            .session(id)
            .map_or(0, |session| session.presence.watching())
    }

    /// The most viewers each open session has had at once since it was opened.
    pub fn peaks(&self) -> Vec<(SessionId, u64)> {
        self.shared
            .open_sessions()
            .into_iter()
            .map(|(id, session)| (id, session.presence.peak()))
            .collect()
    }

    /// Sends everybody away, evenly over `window`, with the word to come back after `away`. Returns when all are gone, at the latest a
    /// second after the window. Who comes meanwhile is sent away at once.
    pub async fn drain(&self, window: Duration, away: Duration) {
        let begun = Instant::now();
        for inbox in &self.shared.outlet.inboxes {
            inbox.push(Command::Drain { window, away });
        }
        for (_, session) in self.shared.open_sessions() {
            session.public.end_streams(begun, window);
            session.backstage.end_streams(begun, window);
        }
        while begun.elapsed() < window + Duration::from_secs(1) && !self.shared.is_deserted() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops the shards, which drop what is still connected, and the channels. Returns when the threads are gone.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Release);
        for (_, session) in self.shared.open_sessions() {
            session.public.close();
            session.backstage.close();
        }
        for inbox in &self.shared.outlet.inboxes {
            inbox.push(Command::Stop);
        }
        let threads =
            std::mem::take(&mut *self.shared.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a shard had panicked");
            }
        }
    }

    /// Whether handshakes that offer compression are to be answered with [`DEFLATE_ACCEPTED`].
    pub fn compresses(&self) -> bool {
        self.shared.outlet.options.compression
    }

    fn inbox_of(&self, conn: ConnId) -> &Inbox {
        let inboxes = &self.shared.outlet.inboxes;
        &inboxes[(conn.0 % inboxes.len() as u64) as usize]
    }
}

impl Shared {
    fn session(&self, id: &SessionId) -> Option<Arc<Session>> {
        self.sessions.get(id)?.session().cloned()
    }

    fn open_sessions(&self) -> Vec<(SessionId, Arc<Session>)> {
        self.sessions
            .iter()
            .filter_map(|entry| Some((entry.key().clone(), entry.session()?.clone())))
            .collect()
    }

    /// Whether no socket and no stream is left.
    fn is_deserted(&self) -> bool {
        self.outlet.sockets.load(Ordering::Acquire) == 0
            && self
                .open_sessions()
                .iter()
                .all(|(_, session)| session.presence.is_deserted())
    }

    async fn load(&self, id: &SessionId) -> Result<Option<Arc<Session>>, SourceError> {
        // In a storm of viewers this must count sessions.
        metrics::counter!("hub_sessions_read").increment(1);
        let Some(seed) = self.source.load(id).await? else {
            return Ok(None);
        };
        let channel_id = self.next_channel.fetch_add(2, Ordering::Relaxed);
        let session = Session::new(id, seed, channel_id, &self.outlet);
        for channel in [&session.public, &session.backstage] {
            self.runtime.spawn(Channel::pace(channel.clone()));
        }
        Ok(Some(session))
    }

    fn forget(&self, id: &SessionId, opening: &Arc<Opening>) {
        self.sessions
            .remove_if(id, |_, known| Arc::ptr_eq(known, opening));
    }

    fn close_unused(&self) {
        let time = Duration::from_secs(self.outlet.options.idle_close_s);
        let openings: Vec<(SessionId, Arc<Opening>)> = self
            .sessions
            .iter()
            .map(|entry| (entry.key().clone(), entry.value().clone()))
            .collect();
        for (id, opening) in openings {
            if let Some(session) = opening.session()
                && session.presence.unused_for(time)
                && Channel::close_unused(&session.public, &session.backstage)
            {
                self.forget(&id, &opening);
                tracing::info!(session.id = %id, "session {id} has no viewers and is no longer followed");
            }
        }
    }
}

/// Looks for sessions nobody watches any more, until the hub is gone.
async fn close_unused(shared: std::sync::Weak<Shared>) {
    loop {
        tokio::time::sleep(IDLE_LOOK_EVERY).await;
        match shared.upgrade() {
            Some(shared) if !shared.stopped.load(Ordering::Acquire) => shared.close_unused(),
            _ => return,
        }
    }
}
