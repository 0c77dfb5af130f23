//! What other threads tell a shard.

use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mio::Waker;

use crate::domain::ids::{ParticipantId, SessionId};
use crate::hub::batch::Frame;
use crate::hub::channel::Channel;
use crate::hub::{ConnId, Ticket};

/// One thing for a shard to do.
pub enum Command {
    Attach(Box<Arrival>),
    /// What a channel has to say now.
    Publish {
        channel_id: u64,
        frames: Vec<Arc<Frame>>,
        /// Figures, and whether a ping goes with them.
        figures: Option<(Bytes, bool)>,
    },
    /// The public may no longer watch the channel.
    Hide {
        channel_id: u64,
    },
    /// Changes of their own posts, for the authors who are here.
    Own {
        session_id: SessionId,
        posts: Arc<[(PersonKey, Bytes)]>,
    },
    Send {
        conn: ConnId,
        frame: Bytes,
    },
    /// Answers to many, each written to once.
    SendAll {
        frames: Vec<(ConnId, Bytes)>,
    },
    Identify {
        conn: ConnId,
        person: PersonKey,
    },
    Close {
        conn: ConnId,
        code: u16,
        reason: String,
    },
    Drain {
        window: Duration,
        /// How long each is to stay away.
        away: Duration,
    },
    Stop,
}

/// A connection after its handshake.
pub struct Arrival {
    pub conn: ConnId,
    pub stream: TcpStream,
    /// `None` if the session is not open: the connection is told to come back.
    pub channel: Option<Arc<Channel>>,
    pub since: Option<u64>,
    pub leftover: Vec<u8>,
    pub greeting: Vec<u8>,
    pub staff: bool,
    pub deflate: bool,
    pub ticket: Option<Ticket>,
}

/// The sixteen characters of a participant's id, without an allocation.
pub type PersonKey = [u8; 16];

/// The key of a person in a shard's index.
pub fn person_key(id: &ParticipantId) -> PersonKey {
    id.as_str()
        .as_bytes()
        .try_into()
        .expect("every id has sixteen bytes")
}

/// The queue of one shard. A shard takes all of it at once, so it is woken once for many commands.
///
/// Commands of people are bounded by `len_max`: above it they are refused. What channels publish is not: two channels of
/// each open session say something once per tick, and losing a batch would be a hole.
pub struct Inbox {
    commands: Mutex<Vec<Command>>,
    waker: Waker,
    len_max: usize,
}

impl Inbox {
    pub fn new(waker: Waker, len_max: usize) -> Self {
        Self {
            commands: Mutex::new(Vec::new()),
            waker,
            len_max,
        }
    }

    /// Adds a command of a channel or of the hub itself.
    pub fn push(&self, command: Command) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.push(command);
        let first = commands.len() == 1;
        drop(commands);
        if first {
            self.wake();
        }
    }

    /// Adds a command on behalf of a person, or returns `false` because too many wait.
    pub fn offer(&self, command: Command) -> bool {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        if commands.len() >= self.len_max {
            return false;
        }
        commands.push(command);
        let first = commands.len() == 1;
        drop(commands);
        if first {
            self.wake();
        }
        true
    }

    /// Swaps what waits into `taken`, which must be empty.
    pub fn take(&self, taken: &mut Vec<Command>) {
        std::mem::swap(
            &mut *self.commands.lock().unwrap_or_else(PoisonError::into_inner),
            taken,
        );
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "could not wake a shard; it looks by itself within a tenth of a second");
        }
    }
}
