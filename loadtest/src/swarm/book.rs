//! What the viewers of one process were sent: each distinct batch is read whole once, then compared byte by byte.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::measure::Histogram;
use crate::wire::{BatchText, Stamp};

/// Batches remembered. At ten a second this is seven minutes; an older one is read again.
const BATCHES_MAX: usize = 4_096;

/// Batches and comments seen.
#[derive(Debug, Default)]
pub struct Book {
    batches: HashMap<(u64, u64), Batch>,
    /// The one asked for last: nearly everybody is at the same place.
    latest: Option<((u64, u64), Batch)>,
    comments: Vec<Seen>,
    /// Comments before this place have reached everybody, as far as was looked.
    complete: usize,
    by_number: HashMap<u64, usize>,
    pub checks: Checks,
}

/// What reading batches whole found.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Checks {
    /// Distinct batches read whole.
    pub read_whole: u64,
    /// Batches that were not understood, or whose numbers are wrong.
    pub faulty: u64,
    /// Batches with numbers seen before and other bytes.
    pub differing: u64,
    /// Comments left out by the server because nobody can read so many.
    pub omitted: u64,
}

/// A comment and who has seen it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Seen {
    /// Its number in the run.
    pub number: u64,
    /// Viewers that got it.
    pub viewers: u64,
    /// How long the last of them waited, in microseconds.
    pub last_us: u64,
}

#[derive(Debug, Clone, Default)]
struct Batch {
    payload: Box<[u8]>,
    /// Number in the channel, place in `comments`, stamp.
    comments: Box<[(u64, usize, Stamp)]>,
}

impl Book {
    /// Notes that a viewer that knew everything up to `after` got a batch. Gives back how many comments were new to it.
    pub fn note(
        &mut self,
        key: (u64, u64),
        payload: &[u8],
        after: u64,
        now_us: u64,
        latency: &mut Histogram,
    ) -> u64 {
        if self.latest.as_ref().is_none_or(|(latest, _)| *latest != key) {
            self.turn_to(key, payload);
        }
        let Some((_, batch)) = &self.latest else { return 0 };
        if *batch.payload != *payload {
            self.checks.differing += 1;
        }
        let mut new = 0;
        for &(seq, at, stamp) in &batch.comments {
            if seq > after {
                new += 1;
                let age_us = stamp.age_us(now_us);
                latency.add(age_us);
                let seen = &mut self.comments[at];
                seen.viewers += 1;
                seen.last_us = seen.last_us.max(age_us);
            }
        }
        new
    }

    /// Comments seen so far.
    pub fn comments(&self) -> &[Seen] {
        &self.comments
    }

    /// How many comments, from the first on, have reached all `viewers`.
    pub fn complete(&mut self, viewers: u64) -> u64 {
        while self
            .comments
            .get(self.complete)
            .is_some_and(|seen| seen.viewers >= viewers)
        {
            self.complete += 1;
        }
        self.complete as u64
    }

    fn turn_to(&mut self, key: (u64, u64), payload: &[u8]) {
        if let Some((key, batch)) = self.latest.take() {
            if self.batches.len() >= BATCHES_MAX {
                self.batches.clear();
            }
            self.batches.insert(key, batch);
        }
        let batch = match self.batches.remove(&key) {
            Some(batch) => batch,
            None => self.read(key, payload),
        };
        self.latest = Some((key, batch));
    }

    fn read(&mut self, key: (u64, u64), payload: &[u8]) -> Batch {
        self.checks.read_whole += 1;
        let text = serde_json::from_slice::<BatchText>(payload)
            .ok()
            .filter(|text| (text.first_seq, text.last_seq) == key && text.fault().is_none());
        let Some(text) = text else {
            self.checks.faulty += 1;
            return Batch {
                payload: payload.into(),
                ..Batch::default()
            };
        };
        self.checks.omitted += text.omitted;
        let mut comments = Vec::new();
        for item in &text.items {
            if let Some(stamp) = item.comment.as_ref().and_then(|comment| Stamp::of(&comment.body)) {
                let at = *self.by_number.entry(stamp.number).or_insert_with(|| {
                    self.comments.push(Seen {
                        number: stamp.number,
                        viewers: 0,
                        last_us: 0,
                    });
                    self.comments.len() - 1
                });
                comments.push((item.seq, at, stamp));
            }
        }
        Batch {
            payload: payload.into(),
            comments: comments.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: u64, last: u64, stamps: &[(u64, u64, u64)]) -> String {
        let items: Vec<String> = stamps
            .iter()
            .map(|(seq, number, sent)| format!(r#"{{"seq":{seq},"type":"comment_published","comment":{{"id":"c","name":"n","body":"{}","at_ms":1}}}}"#, Stamp::new(*number, *sent).text()))
            .collect();
        format!(
            r#"{{"type":"batch","first_seq":{first},"last_seq":{last},"items":[{}]}}"#,
            items.join(",")
        )
    }

    #[test]
    fn a_batch_is_read_once_and_counted_for_everybody_who_gets_it() {
        let (mut book, mut latency) = (Book::default(), Histogram::default());
        let (one, two) = (
            batch(1, 2, &[(1, 10, 1_000), (2, 11, 2_000)]),
            batch(3, 3, &[(3, 12, 3_000)]),
        );
        assert_eq!(book.note((1, 2), one.as_bytes(), 0, 5_000, &mut latency), 2);
        assert_eq!(book.note((3, 3), two.as_bytes(), 2, 6_000, &mut latency), 1);
        assert_eq!(
            book.note((1, 2), one.as_bytes(), 1, 9_000, &mut latency),
            1,
            "a viewer that knew the first of it"
        );
        assert_eq!(
            (book.checks.read_whole, book.checks.faulty, book.checks.differing),
            (2, 0, 0)
        );
        let seen: Vec<(u64, u64, u64)> = book
            .comments()
            .iter()
            .map(|s| (s.number, s.viewers, s.last_us))
            .collect();
        assert_eq!(seen, [(10, 1, 4_000), (11, 2, 7_000), (12, 1, 3_000)]);
        assert_eq!(latency.total(), 4);
    }

    #[test]
    fn other_bytes_under_the_same_numbers_and_wrong_numbers_are_noticed() {
        let (mut book, mut latency) = (Book::default(), Histogram::default());
        let good = batch(1, 1, &[(1, 10, 1_000)]);
        book.note((1, 1), good.as_bytes(), 0, 5_000, &mut latency);
        book.note(
            (1, 1),
            good.replace("\"n\"", "\"m\"").as_bytes(),
            0,
            5_000,
            &mut latency,
        );
        assert_eq!(book.checks.differing, 1);
        book.note(
            (2, 4),
            batch(2, 4, &[(2, 11, 1_000)]).as_bytes(),
            1,
            5_000,
            &mut latency,
        );
        book.note(
            (5, 5),
            b"{\"type\":\"batch\",\"first_seq\":5,\"last_seq\":5,\"it",
            4,
            5_000,
            &mut latency,
        );
        assert_eq!((book.checks.read_whole, book.checks.faulty), (3, 2));
    }
}
