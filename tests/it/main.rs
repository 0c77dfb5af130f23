//! The program from outside: the store on both databases, the whole program through real sockets, broken surroundings,
//! hostile strangers, tidiness.
//!
//! Tests need nothing but the crate; with `YISHITING_TEST_POSTGRES_URL` (set by `scripts/test.sh`) each of them runs on PostgreSQL too.

mod broken;
mod hostile;
mod program;
mod store;
mod support;
mod tidy;
