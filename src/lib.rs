#![doc = include_str!("ARCHITECTURE.md")]

pub mod app;
pub mod command;
pub mod documents;
pub mod domain;
pub mod hls;
pub mod http;
pub mod hub;
pub mod protocol;
pub mod store;
pub mod ws;
