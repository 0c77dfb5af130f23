//! Who is there, as counts.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Viewers of one session, counted by all shards and streams.
///
/// Plain counters without order among themselves: nobody decides anything by two of them at once.
#[derive(Debug)]
pub struct Presence {
    opened: Instant,
    /// Viewers of the public channel.
    watching: AtomicU64,
    peak: AtomicU64,
    /// Viewers of either channel.
    users: AtomicU64,
    /// When it was last asked for or left, in milliseconds since `opened`.
    used_ms: AtomicU64,
    public: AtomicBool,
}

impl Presence {
    pub fn new(public: bool, now: Instant) -> Self {
        Self {
            opened: now,
            watching: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            users: AtomicU64::new(0),
            used_ms: AtomicU64::new(0),
            public: AtomicBool::new(public),
        }
    }
    pub fn enter(&self, of_public: bool) {
        self.users.fetch_add(1, Ordering::AcqRel);
        if of_public {
            let watching = self.watching.fetch_add(1, Ordering::AcqRel) + 1;
            self.peak.fetch_max(watching, Ordering::AcqRel);
        }
    }
    pub fn leave(&self, of_public: bool) {
        self.touch();
        self.users.fetch_sub(1, Ordering::AcqRel);
        if of_public {
            self.watching.fetch_sub(1, Ordering::AcqRel);
        }
    }
    /// Puts off the closing of an unused session.
    pub fn touch(&self) {
        let ms = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.used_ms.fetch_max(ms, Ordering::AcqRel);
    }
    pub fn is_deserted(&self) -> bool {
        self.users.load(Ordering::Acquire) == 0
    }
    pub fn unused_for(&self, time: Duration) -> bool {
        let used = Duration::from_millis(self.used_ms.load(Ordering::Acquire));
        self.is_deserted() && self.opened.elapsed().saturating_sub(used) >= time
    }
    pub fn watching(&self) -> u64 {
        self.watching.load(Ordering::Acquire)
    }
    pub fn peak(&self) -> u64 {
        self.peak.load(Ordering::Acquire)
    }
    /// Whether everybody may watch.
    pub fn is_public(&self) -> bool {
        self.public.load(Ordering::Acquire)
    }
    /// Returns what was before.
    pub fn set_public(&self, public: bool) -> bool {
        self.public.swap(public, Ordering::AcqRel)
    }
}
