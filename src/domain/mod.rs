//! Words and rules: what may happen to a session, a comment, a question, a vote, a suggestion.
//!
//! No I/O, no async, no clock, no randomness: values in, values out. Knows nothing else of ours.

pub mod closed_set;
pub mod ids;
pub mod rejection;
pub mod time;
pub mod words;
