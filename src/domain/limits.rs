//! Every limit on what people may do, in one table: action, rate, burst, length.

use super::closed_set::closed_set;
use super::text::{COMMENT_GRAPHEMES_MAX, QUESTION_GRAPHEMES_MAX};
use super::words::Tier;

closed_set! {
    /// What is counted.
    Action {
        Comment = "comment", Question = "question", Support = "support", Withdraw = "withdraw", Report = "report",
        Join = "join", PhoneCode = "phone_code", PhoneVerify = "phone_verify", Login = "login",
    }
}

/// How often an action may happen and how long its text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Sustained, per minute.
    pub per_minute: u32,
    /// At once, after a pause.
    pub burst: u32,
    /// Longest text in characters as a reader counts them; 0 where there is no text.
    pub graphemes_max: usize,
}

const fn limit(per_minute: u32, burst: u32, graphemes_max: usize) -> Limit {
    Limit {
        per_minute,
        burst,
        graphemes_max,
    }
}

impl Action {
    /// The limit of one person of a tier (or of one address for actions before a person is known).
    ///
    /// Comments: a lively person in a live room writes one every six seconds at most (research on live rooms); questions: nobody
    /// has ten different ones in an hour; supports: reading down a list and tapping. Addresses are shared by whole
    /// estates behind one carrier gateway, so their limits are wide. Staff are exempt from the rates, not from the lengths.
    pub const fn limit(self, tier: Tier) -> Limit {
        match (self, tier) {
            (Self::Comment, Tier::Guest) => limit(10, 4, COMMENT_GRAPHEMES_MAX),
            (Self::Comment, Tier::Verified | Tier::Member) => limit(20, 6, COMMENT_GRAPHEMES_MAX),
            (Self::Comment, Tier::Staff) => limit(600, 100, COMMENT_GRAPHEMES_MAX),
            (Self::Question, Tier::Guest) => limit(2, 3, QUESTION_GRAPHEMES_MAX),
            (Self::Question, Tier::Verified | Tier::Member) => limit(3, 5, QUESTION_GRAPHEMES_MAX),
            (Self::Question, Tier::Staff) => limit(600, 100, QUESTION_GRAPHEMES_MAX),
            (Self::Support, _) => limit(60, 30, 0),
            (Self::Withdraw, _) => limit(30, 20, 0),
            (Self::Report, _) => limit(3, 6, 0),
            (Self::Join, _) => limit(600, 2_000, 0),
            (Self::PhoneCode, _) => limit(30, 60, 0),
            (Self::PhoneVerify, _) => limit(60, 120, 0),
            (Self::Login, _) => limit(10, 20, 0),
        }
    }
}

/// Codes one phone number may be sent in an hour: each costs money and annoys a stranger.
pub const PHONE_CODES_PER_HOUR: u32 = 5;
/// Seconds between two codes to one number.
pub const PHONE_CODE_PAUSE_S: u32 = 60;
/// How long a code is good, in seconds.
pub const PHONE_CODE_TTL_S: u32 = 300;
/// Wrong tries before a code is void.
pub const PHONE_CODE_TRIES: u32 = 5;
/// Wrong passwords of one account before it must wait.
pub const LOGIN_TRIES: u32 = 5;
/// How long an account waits after that, in seconds.
pub const LOGIN_PAUSE_S: u32 = 60;
/// Largest text message of a client, in bytes. A 500-character question with everything is under 4 KiB.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Largest body of a staff request, in bytes (a word list of 100,000 words).
pub const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_better_known_person_is_never_limited_more() {
        for &action in Action::ALL {
            for pair in Tier::ALL.windows(2) {
                let (low, high) = (action.limit(pair[0]), action.limit(pair[1]));
                assert!(
                    low.per_minute <= high.per_minute && low.burst <= high.burst,
                    "{action} {pair:?}"
                );
            }
        }
    }
}
