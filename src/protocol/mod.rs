//! The wire: everything a browser may send ([`client`], [`rest`]) and receive ([`server`], [`rest`]), close codes, version.
//!
//! These types are a promise: what is serialized here is what pages and other programs rely on. Inner types never go out as they are.

pub mod client;
pub mod close;
pub mod face;
pub mod record;
pub mod rest;
pub mod server;
pub mod typescript;

/// Version of the protocol. A `hello` with another one is refused with `wrong_version`; the page reloads itself.
pub const VERSION: u32 = 1;
