//! What the viewers of one process were sent: each distinct batch is read whole once, then compared byte by byte.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::measure::Histogram;
use crate::wire::{BatchText, Stamp, ViewText};

/// Batches remembered. At ten a second this is seven minutes; an older one is read again.
const BATCHES_MAX: usize = 4_096;
/// Views remembered: a server makes one a second at most in a storm.
const VIEWS_MAX: usize = 8;
/// Of views longer than this every eighth is compared byte by byte, the others by their length and beginning, which tells one
/// making of a view from another: comparing all would take the processor from the server.
const VIEW_BYTES_COMPARED: usize = 64 << 10;
const VIEW_HEAD_BYTES: usize = 256;
/// Comments in a view, at most; with so many the oldest are left out, and which those are depends on how they are sorted.
const VIEW_COMMENTS_MAX: usize = 200;
const VIEW_COMMENTS_UNSURE: usize = 20;

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
    /// Number in the channel of every comment, to its number in the run.
    by_seq: BTreeMap<u64, u64>,
    views: Vec<(u64, Box<[u8]>)>,
    views_seen: u64,
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
    /// Distinct views read whole.
    pub views_read: u64,
    /// Views that are not understood, that lack a comment of their time or have one twice or too early.
    pub faulty_views: u64,
    /// Comments left out by the server because nobody can read so many.
    pub omitted: u64,
}

impl Checks {
    /// Adds those of another book.
    pub fn add(&mut self, other: &Self) {
        let Self {
            read_whole,
            faulty,
            differing,
            views_read,
            faulty_views,
            omitted,
        } = other;
        self.read_whole += read_whole;
        self.faulty += faulty;
        self.differing += differing;
        self.views_read += views_read;
        self.faulty_views += faulty_views;
        self.omitted += omitted;
    }
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

    /// Checks a view against the batches seen so far: it must have what they said up to its number and nothing after it.
    pub fn note_view(&mut self, seq: u64, payload: &[u8]) {
        self.views_seen += 1;
        let whole = payload.len() <= VIEW_BYTES_COMPARED || self.views_seen.is_multiple_of(8);
        let compared = if whole { payload.len() } else { VIEW_HEAD_BYTES };
        let known = self.views.iter().any(|(known_seq, known)| {
            *known_seq == seq && known.len() == payload.len() && known[..compared] == payload[..compared]
        });
        if known {
            return;
        }
        self.checks.views_read += 1;
        let fault = match serde_json::from_slice::<ViewText>(payload) {
            Ok(view) if view.seq == seq => view_fault(&view, &self.by_seq),
            _ => Some("not understood"),
        };
        self.checks.faulty_views += u64::from(fault.is_some());
        if self.views.len() == VIEWS_MAX {
            self.views.remove(0);
        }
        self.views.push((seq, payload.into()));
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
                self.by_seq.insert(item.seq, stamp.number);
                comments.push((item.seq, at, stamp));
            }
        }
        Batch {
            payload: payload.into(),
            comments: comments.into(),
        }
    }
}

/// What is wrong with a view, if anything, by the comments whose place in the channel is known.
fn view_fault(view: &ViewText, by_seq: &BTreeMap<u64, u64>) -> Option<&'static str> {
    let stamps = view
        .comments
        .iter()
        .filter_map(|comment| Stamp::of(&comment.body));
    let numbers: Vec<u64> = stamps.map(|stamp| stamp.number).collect();
    let there: HashSet<u64> = numbers.iter().copied().collect();
    if there.len() != numbers.len() {
        return Some("a comment twice");
    }
    if by_seq
        .range(view.seq + 1..)
        .any(|(_, number)| there.contains(number))
    {
        return Some("a comment from after its number");
    }
    // Of a full view, those of its oldest comments on; not so many of the last that are known, for some were missed who did not read.
    let mut sorted = numbers;
    sorted.sort_unstable();
    let from = match sorted.get(VIEW_COMMENTS_UNSURE) {
        Some(from) if view.comments.len() >= VIEW_COMMENTS_MAX => *from,
        _ => 0,
    };
    let mut due = by_seq.range(..=view.seq).filter(|(_, number)| **number >= from);
    due.any(|(_, number)| !there.contains(number))
        .then_some("a comment is missing")
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

    fn view(seq: u64, numbers: &[u64]) -> ViewText {
        let comments: Vec<String> = numbers
            .iter()
            .map(|number| format!(r#"{{"id":"c","body":"{}"}}"#, Stamp::new(*number, 7).text()))
            .collect();
        serde_json::from_str(&format!(
            r#"{{"type":"view","seq":{seq},"comments":[{}]}}"#,
            comments.join(",")
        ))
        .expect("a view")
    }

    #[test]
    fn a_view_has_what_was_said_up_to_its_number_once_and_nothing_later() {
        let by_seq: BTreeMap<u64, u64> = [(5, 50), (6, 60), (8, 80)].into();
        assert_eq!(view_fault(&view(6, &[50, 60]), &by_seq), None);
        assert_eq!(
            view_fault(&view(7, &[40, 50, 60]), &by_seq),
            None,
            "older ones are nobody's loss"
        );
        assert!(view_fault(&view(6, &[60]), &by_seq).is_some(), "one is missing");
        assert!(
            view_fault(&view(6, &[50, 60, 80]), &by_seq).is_some(),
            "too early"
        );
        assert!(view_fault(&view(6, &[50, 60, 60]), &by_seq).is_some(), "twice");
    }

    #[test]
    fn a_full_view_lacks_old_comments_and_no_new_ones() {
        let by_seq: BTreeMap<u64, u64> = (1..=500).map(|seq| (seq, seq)).collect();
        let newest: Vec<u64> = (301..=500).collect();
        assert_eq!(view_fault(&view(500, &newest), &by_seq), None);
        let lacking: Vec<u64> = newest
            .iter()
            .copied()
            .filter(|n| *n != 450)
            .chain([300])
            .collect();
        assert!(view_fault(&view(500, &lacking), &by_seq).is_some());
        // Known are those from before viewers stopped reading, and a few since.
        let with_a_hole: BTreeMap<u64, u64> = by_seq
            .into_iter()
            .filter(|(seq, _)| *seq < 100 || *seq > 490)
            .collect();
        assert_eq!(view_fault(&view(500, &newest), &with_a_hole), None);
        let without_the_last: Vec<u64> = (300..500).collect();
        assert!(view_fault(&view(500, &without_the_last), &with_a_hole).is_some());
    }

    #[test]
    fn the_same_view_is_read_once_and_another_with_the_same_number_again() {
        let mut book = Book::default();
        let text = |ms| format!(r#"{{"type":"view","seq":3,"server_ms":{ms},"comments":[]}}"#);
        for _ in 0..3 {
            book.note_view(3, text(1).as_bytes());
        }
        book.note_view(3, text(2).as_bytes());
        assert_eq!((book.checks.views_read, book.checks.faulty_views), (2, 0));
        book.note_view(3, b"{\"type\":\"view\",\"seq\":3,\"comm");
        book.note_view(4, text(1).as_bytes());
        assert_eq!((book.checks.views_read, book.checks.faulty_views), (4, 2));
    }
}
