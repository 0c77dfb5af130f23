//! The server that is measured: started by us with a database of its own, or running already.

mod access;
mod hall;
mod house;
mod metrics;
mod staff;

pub use access::{Access, Refused};
pub use hall::{Hall, Policy};
pub use house::{House, HouseOptions};
pub use metrics::Metrics;
