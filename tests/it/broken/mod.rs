//! Surroundings that break.
