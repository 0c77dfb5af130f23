//! The last batches of a channel, kept for who comes back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Frame;

/// Frames in order and without holes, bounded in bytes and age.
#[derive(Debug)]
pub struct Ring {
    frames: VecDeque<(Instant, Arc<Frame>)>,
    bytes: usize,
    bytes_max: usize,
    age_max: Duration,
    /// The last number that went out; that of the beginning while nothing has.
    head_seq: u64,
}

impl Ring {
    /// Begins after the event `seq`.
    pub fn after(seq: u64, bytes_max: usize, age_max: Duration) -> Self {
        Self { frames: VecDeque::new(), bytes: 0, bytes_max, age_max, head_seq: seq }
    }

    pub fn push(&mut self, frame: Arc<Frame>, now: Instant) {
        self.head_seq = frame.last_seq;
        self.bytes += frame.text.frame().len();
        self.frames.push_back((now, frame));
        self.trim(now);
    }

    /// Lets go of what is too much or too old.
    pub fn trim(&mut self, now: Instant) {
        while let Some((at, frame)) = self.frames.front()
            && (self.bytes > self.bytes_max || now.saturating_duration_since(*at) > self.age_max)
        {
            self.bytes -= frame.text.frame().len();
            self.frames.pop_front();
        }
    }

    pub fn head_seq(&self) -> u64 {
        self.head_seq
    }

    /// The number before the oldest frame kept: who comes back with it or a later one misses nothing.
    pub fn tail_seq(&self) -> u64 {
        self.frames.front().map_or(self.head_seq, |(_, frame)| frame.first_seq - 1)
    }

    /// Frames with anything after `seq`, oldest first.
    pub fn after_seq(&self, seq: u64) -> impl Iterator<Item = &Arc<Frame>> {
        let from = self.frames.partition_point(|(_, frame)| frame.last_seq <= seq);
        self.frames.range(from..).map(|(_, frame)| frame)
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
