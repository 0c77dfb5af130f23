//! Measuring: durations, processes, sockets. Knows nothing of what is measured.

mod histogram;
mod meter;
pub mod proc;

pub use histogram::{Histogram, Packed};
pub use meter::{Meter, Used};
