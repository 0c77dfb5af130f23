//! The ways out of a channel, shared by all of them.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::options::Options;
use super::shard::inbox::Inbox;
use crate::domain::time::Timestamp;

/// The server's clock, a parameter.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What every channel needs to speak.
pub struct Outlet {
    pub options: Options,
    pub clock: Clock,
    /// One of each shard.
    pub inboxes: Vec<Inbox>,
    /// Sockets the shards have, those that are leaving included.
    pub sockets: AtomicUsize,
}
