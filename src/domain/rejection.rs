//! Refusals: a code for the program, a text for a person.
//!
//! Absent is `Ok(None)`; not permitted, wrong state and over the limit are rejections. What went wrong inside the
//! server is not one: it is logged where it is handled and answered `unavailable`.

use std::collections::BTreeMap;

use super::closed_set::closed_set;

closed_set! {
    /// Why something was refused. Pages branch on it and word it; clients may store it.
    Code {
        /// The message was not understood: not JSON, not UTF-8, unknown type or field, wrong type.
        Malformed = "malformed",
        /// The page speaks another version of the protocol; reload it.
        WrongVersion = "wrong_version",
        /// Nothing but spaces.
        Empty = "empty",
        /// More characters than the limit (`len`, `max`).
        TooLong = "too_long",
        /// A value outside its bounds or set (`field`).
        OutOfRange = "out_of_range",
        /// More bytes than the limit (`max_bytes`).
        TooLarge = "too_large",
        /// No such thing, or none that the asker may know of.
        NotFound = "not_found",
        /// Nobody said who is asking.
        Unauthenticated = "unauthenticated",
        /// The login or token is over; sign in again.
        Expired = "expired",
        /// Known, but without the right.
        Forbidden = "forbidden",
        /// The session asks for a higher tier (`tier`).
        TierTooLow = "tier_too_low",
        /// Muted until (`until_ms`).
        Muted = "muted",
        /// Banned from the hall.
        Banned = "banned",
        /// Comments are stopped.
        ChatOff = "chat_off",
        /// Links are refused at the moment.
        LinksOff = "links_off",
        /// The identity is too new to write (`seconds`).
        TooNew = "too_new",
        /// Too often (`retry_after_ms`).
        RateLimited = "rate_limited",
        /// The session is not in a state that allows it (`state`).
        WrongState = "wrong_state",
        /// What takes two persons: who asked for an erasure does not confirm it, who decided on a post does not judge the objection against it.
        SecondPersonNeeded = "second_person_needed",
        /// Somebody else changed it a moment ago; look again.
        Conflict = "conflict",
        /// Taken already (`field`).
        Taken = "taken",
        /// A nickname that belongs to an office or looks like one.
        NameReserved = "name_reserved",
        /// A nickname with contact data or without letters.
        NameUnfit = "name_unfit",
        /// The phone code does not match (`tries_left`).
        WrongCode = "wrong_code",
        /// Name or password does not match.
        WrongPassword = "wrong_password",
        /// Too weak a password (`min`).
        WeakPassword = "weak_password",
        /// Accepted questions lack a disposition; they are named (`count`).
        DispositionsMissing = "dispositions_missing",
        /// A commitment without owner or date, a refusal without basis, a transfer without department (`field`).
        Incomplete = "incomplete",
        /// The time for it is over (undo).
        TooLate = "too_late",
        /// Could not be saved just now; try again (`retry_after_ms`).
        Unavailable = "unavailable",
    }
}

impl Code {
    /// HTTP status that carries this code.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed
            | Self::Empty
            | Self::TooLong
            | Self::OutOfRange
            | Self::NameReserved
            | Self::NameUnfit => 400,
            Self::Unauthenticated | Self::Expired | Self::WrongPassword => 401,
            Self::Forbidden
            | Self::TierTooLow
            | Self::Muted
            | Self::Banned
            | Self::ChatOff
            | Self::LinksOff
            | Self::TooNew
            | Self::SecondPersonNeeded => 403,
            Self::NotFound => 404,
            Self::WrongState | Self::Conflict | Self::Taken | Self::DispositionsMissing | Self::TooLate => {
                409
            }
            Self::TooLarge => 413,
            Self::Incomplete | Self::WrongCode | Self::WeakPassword => 422,
            Self::WrongVersion => 426,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
        }
    }
}

/// A refusal. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// For the program.
    pub code: Code,
    /// For a person who reads logs: lower case, no full stop, limit and actual value with unit.
    pub message: String,
    /// When trying again may help, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// Values for the page's own wording.
    pub params: BTreeMap<String, String>,
}

impl Rejection {
    /// A refusal with its text.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
            params: BTreeMap::new(),
        }
    }
    /// The same with a value for the page's wording.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
    /// The same with a time after which trying again may help.
    #[must_use]
    pub fn retry_after_ms(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }
    /// `what` (a noun with its name) does not exist, or not for the asker.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }
    /// Somebody was faster.
    pub fn conflict(what: &str) -> Self {
        Self::new(
            Code::Conflict,
            format!("{what} was changed by someone else a moment ago; reload it"),
        )
    }
    /// A `field` outside its bounds; `why` names them.
    pub fn out_of_range(field: &str, why: impl Into<String>) -> Self {
        Self::new(Code::OutOfRange, why).with("field", field)
    }
    /// `field` must be there.
    pub fn incomplete(field: &str, why: impl Into<String>) -> Self {
        Self::new(Code::Incomplete, why).with("field", field)
    }
    /// The store could not take it just now.
    pub fn unavailable() -> Self {
        Self::new(
            Code::Unavailable,
            "the server could not save this just now; try again",
        )
        .retry_after_ms(2_000)
    }
}
