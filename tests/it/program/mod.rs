//! The whole program through the doors its users have.

mod smoke;
