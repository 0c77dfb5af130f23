//! Builds the program from its configuration, joins the parts, starts and stops them.
//!
//! The only place that asks the system for the time, for randomness and for files of configuration.

mod classifier;
mod cli;
pub mod config;
mod demo;
mod join;
mod secret;
mod similar_report;
mod sms;
mod start;
mod telemetry;
mod verify;

pub use cli::main;
pub use start::{Parts, Running, Surroundings, start};
