//! What the tests have in common: a program on a free port, a clock moved by hand, people who use it.

pub mod binary;
pub mod clock;
pub mod database;
pub mod people;
pub mod proxy;
pub mod rest;
pub mod stream;
pub mod viewer;
pub mod wait;
pub mod world;

pub use clock::ManualClock;
pub use database::Database;
pub use people::{Netizen, Staff};
pub use rest::{Refused, Rest, new_ref};
pub use stream::EventStream;
pub use viewer::{Seen, Viewer};
pub use wait::eventually;
pub use world::{World, on_both, on_both_with};
