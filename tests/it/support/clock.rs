//! Time and chance as parameters.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rand::{RngCore, SeedableRng};
use yishiting::command::{Chance, Clock};
use yishiting::domain::time::Timestamp;

/// 2026-03-18 09:00 in Beijing: when every test begins.
pub const BEGIN_MS: i64 = 1_773_795_600_000;

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl Default for ManualClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MS)))
    }
}

impl ManualClock {
    /// Moves the clock; backwards too, as a corrected system clock does.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
    /// Moves the clock by seconds.
    pub fn advance_s(&self, s: i64) {
        self.advance_ms(s * 1_000);
    }
    /// Sets the clock to the machine's, for stories in which a process of its own takes part.
    pub fn set_to_now(&self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the other process reads the machine's clock"
        )]
        let now = jiff::Timestamp::now().as_millisecond();
        self.0.store(now, Ordering::SeqCst);
    }
    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.load(Ordering::SeqCst))
    }
    /// As the program takes it.
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// Chance that is the same in every run.
pub fn seeded(seed: u64) -> Chance {
    let rng = Mutex::new(rand::rngs::StdRng::seed_from_u64(seed));
    Arc::new(move || rng.lock().unwrap_or_else(PoisonError::into_inner).next_u32())
}
