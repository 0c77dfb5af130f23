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
        Self {
            frames: VecDeque::new(),
            bytes: 0,
            bytes_max,
            age_max,
            head_seq: seq,
        }
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
        self.frames
            .front()
            .map_or(self.head_seq, |(_, frame)| frame.first_seq - 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::codec;

    fn frame(first_seq: u64, last_seq: u64) -> Arc<Frame> {
        Arc::new(Frame {
            first_seq,
            last_seq,
            text: codec::encode(&"x".repeat(100)),
            deflated: None,
        })
    }

    fn seqs(ring: &Ring, after: u64) -> Vec<u64> {
        ring.after_seq(after).map(|frame| frame.first_seq).collect()
    }

    #[test]
    fn it_keeps_what_fits_in_bytes_and_age_and_says_from_where() {
        let begun = Instant::now();
        let mut ring = Ring::after(4, 350, Duration::from_secs(10));
        assert_eq!((ring.tail_seq(), ring.head_seq()), (4, 4));
        for (n, seq) in [5, 8, 11, 14].into_iter().enumerate() {
            ring.push(frame(seq, seq + 2), begun + Duration::from_secs(n as u64));
        }
        assert!(ring.bytes() <= 350);
        assert_eq!((ring.tail_seq(), ring.head_seq()), (7, 16));
        assert_eq!(seqs(&ring, 7), [8, 11, 14]);
        assert_eq!(
            seqs(&ring, 12),
            [11, 14],
            "the frame with the next number is in it, from its beginning"
        );
        assert_eq!(seqs(&ring, 16), [0; 0]);
        ring.trim(begun + Duration::from_secs(60));
        assert_eq!((ring.tail_seq(), ring.head_seq(), ring.bytes()), (16, 16, 0));
    }
}
