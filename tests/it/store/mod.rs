//! The store through its public door, one suite for both databases.
