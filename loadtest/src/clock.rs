//! The clock of the machine, shared by all processes of a run: publish-to-seen latency compares two of them.
#![expect(
    clippy::disallowed_methods,
    reason = "the load tester is an outermost layer; it measures with the real clock"
)]

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
pub fn now_us() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    u64::try_from(since.as_micros()).expect("good for half a million years")
}

/// Date and minute in UTC, for a heading.
pub fn minute() -> String {
    let now = jiff::Timestamp::try_from(SystemTime::now()).expect("the clock is within four digits of years");
    now.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
