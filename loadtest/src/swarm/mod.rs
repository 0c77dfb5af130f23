//! Very many viewers at little cost: raw sockets on epoll in worker processes, and the fleet that commands them.
//!
//! A worker process reads without waiting to be woken: it looks at its sockets every half millisecond and drains them. A client that
//! sleeps in epoll makes the server pay for waking it, up to a third of the server's time.

mod book;
mod fleet;
mod manners;
mod tally;
mod viewer;
mod worker;

pub use fleet::{Fleet, FleetOptions, Summary};
pub use tally::Tally;
pub use viewer::connect;
pub use worker::{Order, run as run_worker};
