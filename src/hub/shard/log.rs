//! A shard's copy of a channel: framed bytes one after the other, so that any stretch of them is one write.

use std::collections::VecDeque;

use super::Beat;

/// Whole frames without holes, from some number to the head. Offsets are absolute and only grow.
#[derive(Debug)]
pub struct Log {
    /// Offset of the first byte kept.
    base: u64,
    bytes: Vec<u8>,
    entries: VecDeque<Entry>,
    head_seq: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    first_seq: u64,
    last_seq: u64,
    start: u64,
    at: Beat,
}

/// What to do with a frame that was appended out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    Yes,
    /// It was known.
    Known,
    /// Something before it is missing.
    Hole,
}

impl Log {
    /// Begins after the event `seq`.
    pub fn after(seq: u64) -> Self {
        Self {
            base: 0,
            bytes: Vec::new(),
            entries: VecDeque::new(),
            head_seq: seq,
        }
    }

    /// Adds the frame with the events `first_seq` to `last_seq`.
    pub fn append(&mut self, first_seq: u64, last_seq: u64, frame: &[u8], now: Beat) -> Appended {
        if last_seq <= self.head_seq {
            return Appended::Known;
        }
        if first_seq != self.head_seq + 1 {
            return Appended::Hole;
        }
        self.entries.push_back(Entry {
            first_seq,
            last_seq,
            start: self.head(),
            at: now,
        });
        self.bytes.extend_from_slice(frame);
        self.head_seq = last_seq;
        Appended::Yes
    }

    /// Offset after the last byte.
    pub fn head(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    pub fn head_seq(&self) -> u64 {
        self.head_seq
    }

    /// The number before the first frame kept.
    pub fn tail_seq(&self) -> u64 {
        self.entries
            .front()
            .map_or(self.head_seq, |entry| entry.first_seq - 1)
    }

    /// The bytes from `from` to the head. Empty if `from` is no longer kept.
    pub fn from(&self, from: u64) -> &[u8] {
        usize::try_from(from.wrapping_sub(self.base))
            .ok()
            .and_then(|at| self.bytes.get(at..))
            .unwrap_or_default()
    }

    /// Offset of the first byte kept.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Where everything after `seq` begins, for who knows all up to `seq`. `None` if it is no longer kept, or not yet known here.
    pub fn after_seq(&self, seq: u64) -> Option<u64> {
        if seq >= self.head_seq {
            return (seq == self.head_seq).then(|| self.head());
        }
        let entry = self
            .entries
            .get(self.entries.partition_point(|entry| entry.last_seq <= seq))?;
        (entry.first_seq <= seq + 1).then_some(entry.start)
    }

    /// The end of the frame `offset` is inside of; `offset` itself if it is between two frames or no longer kept.
    pub fn frame_end(&self, offset: u64) -> u64 {
        if offset >= self.head() || offset <= self.base {
            return offset;
        }
        let next = self.entries.partition_point(|entry| entry.start < offset);
        match self.entries.get(next) {
            Some(entry) => entry.start,
            None => self.head(),
        }
    }

    /// Frames that begin at or after `offset`.
    pub fn frames_after(&self, offset: u64) -> usize {
        self.entries.len() - self.entries.partition_point(|entry| entry.start < offset)
    }

    /// The offset up to which frames may go: too many bytes (then a quarter of them), or older than `age_max`.
    pub fn excess(&self, bytes_max: usize, age_max: u32, now: Beat) -> Option<u64> {
        let too_much = self.bytes.len() > bytes_max;
        let keep_from = self.head() - (bytes_max as u64 / 4 * 3).min(self.bytes.len() as u64);
        let gone = self
            .entries
            .partition_point(|entry| (too_much && entry.start < keep_from) || now.since(entry.at) > age_max);
        let cut = self.entries.get(gone).map_or(self.head(), |entry| entry.start);
        // Moving the rest to the front is worth it for a good part of it only.
        (gone > 0 && (too_much || (cut - self.base) as usize >= self.bytes.len() / 4)).then_some(cut)
    }

    /// Forgets what is before `offset`, which must be between two frames.
    pub fn cut(&mut self, offset: u64) {
        let gone = usize::try_from(offset - self.base)
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        self.bytes.drain(..gone);
        self.base += gone as u64;
        while self.entries.front().is_some_and(|entry| entry.start < self.base) {
            self.entries.pop_front();
        }
        if self.bytes.capacity() > 64 << 10 && self.bytes.len() < self.bytes.capacity() / 4 {
            self.bytes.shrink_to(self.bytes.len() * 2);
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }

    /// Forgets all and begins after the event `seq`. Offsets go on.
    pub fn restart(&mut self, seq: u64) {
        self.cut(self.head());
        self.head_seq = seq;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: [u8; 100] = [b'x'; 100];

    /// A log of frames of 100 bytes: 1 to 3, 4 to 6 …
    fn log(frames: u64) -> Log {
        let mut log = Log::after(0);
        for n in 0..frames {
            assert_eq!(
                log.append(n * 3 + 1, n * 3 + 3, &FRAME, Beat(n as u32)),
                Appended::Yes
            );
        }
        log
    }

    #[test]
    fn offsets_are_found_by_number_and_frames_by_offset() {
        let log = log(4);
        assert_eq!(log.head(), 400);
        for (seq, offset) in [(0, 0), (1, 0), (2, 0), (3, 100), (4, 100), (11, 300), (12, 400)] {
            assert_eq!(log.after_seq(seq), Some(offset), "after {seq}");
        }
        assert_eq!(log.after_seq(13), None);
        for (offset, end) in [(0, 0), (1, 100), (99, 100), (100, 100), (399, 400), (400, 400)] {
            assert_eq!(log.frame_end(offset), end, "from {offset}");
        }
        assert_eq!(
            (log.frames_after(0), log.frames_after(1), log.frames_after(400)),
            (4, 3, 0)
        );
        assert_eq!(log.from(350).len(), 50);
    }

    #[test]
    fn what_was_cut_off_is_no_longer_there_and_offsets_go_on() {
        let mut log = log(10);
        assert_eq!(log.excess(2_000, 100, Beat(10)), None);
        let cut = log.excess(800, 100, Beat(10)).expect("too much");
        assert_eq!(cut, 400, "three quarters of the limit stay");
        log.cut(cut);
        assert_eq!((log.head(), log.tail_seq(), log.head_seq()), (1_000, 12, 30));
        assert_eq!(
            (log.after_seq(11), log.after_seq(12), log.after_seq(30)),
            (None, Some(400), Some(1_000))
        );
        assert!(log.from(399).is_empty());
        assert_eq!(
            log.excess(2_000, 2, Beat(100)),
            Some(1_000),
            "all of it is too old"
        );
        log.restart(77);
        assert_eq!((log.head(), log.head_seq(), log.tail_seq()), (1_000, 77, 77));
        assert_eq!(log.append(78, 80, &FRAME, Beat(11)), Appended::Yes);
        assert_eq!(log.after_seq(77), Some(1_000));
    }

    #[test]
    fn a_repeated_frame_is_known_and_a_missing_one_is_a_hole() {
        let mut log = log(2);
        assert_eq!(log.append(4, 6, &FRAME, Beat(9)), Appended::Known);
        assert_eq!(log.append(8, 9, &FRAME, Beat(9)), Appended::Hole);
        assert_eq!(log.head(), 200);
    }
}
