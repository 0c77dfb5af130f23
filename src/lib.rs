//! yishiting
pub mod command;
pub mod domain;
pub mod store;
pub mod protocol;
