//! What a hall wants of screening beside its word lists.

use serde::{Deserialize, Serialize};

use super::closed_set::closed_set;
use super::rejection::Rejection;

/// First posts of a new identity that may wait, at most. More would be holding everything under another name.
pub const FIRST_POSTS_MAX: u32 = 10;
/// Hosts a hall may allow.
pub const HOSTS_MAX: usize = 50;

closed_set! {
    /// Whether the external classifier is asked, and what becomes of a post it does not answer for in time.
    External { Off = "off", HoldOnFailure = "hold", PassOnFailure = "pass" }
}
closed_set! {
    /// Kinds of word lists people keep.
    WordKind {
        /// An exact hit declines. Only for every hall, and short.
        Block = "block",
        /// A hit waits for a moderator.
        Hold = "hold",
        /// A hit is shown to the moderator.
        Note = "note",
        /// Lifts hits inside its words.
        Allow = "allow",
    }
}

/// The settings of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScreeningSettings {
    /// How many posts of a person must have been published in the hall before the next need no look for that; 0 is off. A session may
    /// ask for more (`Policy::first_held`).
    pub first_posts: u32,
    /// Hosts whose links need no look, besides `gov.cn`. They are refused like others where a session refuses links.
    pub allowed_hosts: Vec<String>,
    pub external: External,
}

impl Default for ScreeningSettings {
    fn default() -> Self {
        Self {
            first_posts: 0,
            allowed_hosts: Vec::new(),
            external: External::Off,
        }
    }
}

impl ScreeningSettings {
    /// # Errors
    /// `out_of_range` with `field`
    pub fn check(&self) -> Result<(), Rejection> {
        if self.first_posts > FIRST_POSTS_MAX {
            let why = format!("{} first posts; the limit is {FIRST_POSTS_MAX}", self.first_posts);
            return Err(Rejection::out_of_range("first_posts", why));
        }
        if self.allowed_hosts.len() > HOSTS_MAX {
            let why = format!("{} hosts; the limit is {HOSTS_MAX}", self.allowed_hosts.len());
            return Err(Rejection::out_of_range("allowed_hosts", why));
        }
        let is_host = |host: &str| {
            host.len() <= 100
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && host
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        };
        match self.allowed_hosts.iter().find(|h| !is_host(h)) {
            Some(host) => Err(Rejection::out_of_range(
                "allowed_hosts",
                format!("`{host}` is not a host such as example.org"),
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_bounded() {
        let with = |first_posts, host: &str| ScreeningSettings {
            first_posts,
            allowed_hosts: vec![host.to_owned()],
            external: External::Off,
        };
        assert!(with(3, "live.example.org").check().is_ok());
        for (n, host) in [
            (11, "a.b"),
            (0, "https://a.b"),
            (0, "localhost"),
            (0, ".cn"),
            (0, "A.B"),
        ] {
            assert!(with(n, host).check().is_err(), "{n} {host}");
        }
    }

    #[test]
    fn settings_stored_by_an_older_program_are_read() {
        let settings: ScreeningSettings = serde_json::from_str("{}").expect("every field has a default");
        assert_eq!(settings, ScreeningSettings::default());
    }
}
