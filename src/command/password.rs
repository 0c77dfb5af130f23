//! Passwords: argon2id, a few at a time, and a pause after wrong ones.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use dashmap::DashMap;
use tokio::sync::Semaphore;

use crate::domain::limits::{LOGIN_PAUSE_S, LOGIN_TRIES};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::time::Timestamp;

/// Hashes computed at once: each takes 19 MiB and 25 ms of a core, which strangers may ask for.
const AT_ONCE: usize = 2;

/// Hashing and the memory of wrong passwords.
pub(super) struct Passwords {
    gate: Semaphore,
    wrong: DashMap<String, (u32, Timestamp)>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            gate: Semaphore::new(AT_ONCE),
            wrong: DashMap::new(),
        }
    }
}

impl Passwords {
    /// The hash to store.
    pub(super) async fn hash(&self, password: String) -> String {
        let _turn = self.gate.acquire().await.expect("the gate is never closed");
        tokio::task::spawn_blocking(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .expect("the default parameters are valid")
                .to_string()
        })
        .await
        .expect("hashing does not panic")
    }

    /// Whether the password fits the hash. Without a hash it takes as long, so that names cannot be tried out by the clock.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let _turn = self.gate.acquire().await.expect("the gate is never closed");
        tokio::task::spawn_blocking(move || {
            let Some(hash) = hash else {
                let _ = Argon2::default().hash_password(password.as_bytes());
                return false;
            };
            PasswordHash::new(&hash).is_ok_and(|parsed| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &parsed)
                    .is_ok()
            })
        })
        .await
        .expect("hashing does not panic")
    }

    /// # Errors
    /// `rate_limited` while whoever is `trying` (an account from a network) waits after wrong passwords.
    pub(super) fn check_pause(&self, trying: &str, now: Timestamp) -> Result<(), Rejection> {
        let Some(entry) = self.wrong.get(trying) else {
            return Ok(());
        };
        let (tries, last) = *entry;
        let (pause_ms, since_ms) = (i64::from(LOGIN_PAUSE_S) * 1_000, now.since_ms(last));
        // Before the last one is now only when the clock was set back; nobody is kept out for that.
        if tries < LOGIN_TRIES || !(0..pause_ms).contains(&since_ms) {
            return Ok(());
        }
        let left = (pause_ms - since_ms).unsigned_abs();
        Err(Rejection::new(
            Code::RateLimited,
            format!("{tries} wrong passwords; wait {left} ms"),
        )
        .retry_after_ms(left)
        .with("seconds", left.div_ceil(1_000)))
    }

    pub(super) fn note_wrong(&self, trying: &str, now: Timestamp) {
        // Names are strangers' input: the memory of them is bounded.
        if self.wrong.len() > 10_000 {
            self.wrong
                .retain(|_, (_, last)| now.since_ms(*last) < i64::from(LOGIN_PAUSE_S) * 1_000);
        }
        let mut entry = self.wrong.entry(trying.to_owned()).or_insert((0, now));
        // After the pause one more wrong password starts the next pause at once.
        *entry = (entry.0.saturating_add(1), now);
    }

    pub(super) fn note_right(&self, trying: &str) {
        self.wrong.remove(trying);
    }
}
