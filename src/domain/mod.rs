//! Words and rules: what may happen to a session, a comment, a question, a vote, a suggestion.
//!
//! No I/O, no async, no clock, no randomness: values in, values out. Knows nothing else of ours.

pub mod answer;
pub mod appeal;
pub mod audit;
pub mod claim;
pub mod closed_set;
pub mod erasure;
pub mod event;
pub mod fair;
pub mod hall;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod nickname;
pub mod note;
pub mod policy;
pub mod post;
pub mod rejection;
pub mod report;
pub mod screen;
pub mod screening_settings;
pub mod session;
pub mod similar;
pub mod staff;
pub mod suggestion;
pub mod text;
pub mod time;
pub mod words;
