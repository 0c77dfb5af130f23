//! The next batch of a channel while it is gathered.
//!
//! Bounded by what it folds: counts are one per question, comments above the readable rate are only counted, and the rest is
//! written by few people. The words of a post removed before its
//! batch left never leave.

use std::collections::BTreeMap;
use std::time::Instant;

use super::codec::{self, TextFrame};
use super::deflate::Deflated;
use crate::domain::ids::QuestionId;
use crate::domain::words::PostKind;
use crate::protocol::server::{Batch, Item, ServerMessage, What};

/// Events since the last batch.
#[derive(Debug)]
pub struct Gathering {
    /// The last number of the last batch.
    before: u64,
    last: u64,
    items: Vec<Item>,
    tallies: BTreeMap<QuestionId, u64>,
    omitted: u32,
    readable: Readable,
}

/// A batch as it goes out.
#[derive(Debug, Clone)]
pub struct Frame {
    pub first_seq: u64,
    pub last_seq: u64,
    pub text: TextFrame,
    /// The same in the channel's compressed stream, while anybody reads that.
    pub deflated: Option<Deflated>,
}

impl Gathering {
    /// Begins after the event `seq`.
    pub fn after(seq: u64, comments_per_s_max: u32, now: Instant) -> Self {
        Self {
            before: seq,
            last: seq,
            items: Vec::new(),
            tallies: BTreeMap::new(),
            omitted: 0,
            readable: Readable::new(comments_per_s_max, now),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.last == self.before
    }

    /// Adds the next item.
    pub fn push(&mut self, seq: u64, what: What, now: Instant) {
        self.last = seq;
        match &what {
            What::PostRemoved { kind, id } => self.forget(*kind, id),
            // It brings its own count, newer than one gathered before.
            What::QuestionPublished { question } => {
                self.tallies.remove(&question.id);
            }
            // Those whose tier is shown are few and are heard.
            What::CommentPublished { comment } if comment.tier.is_none() && !self.readable.take(now) => {
                self.omitted += 1;
                return;
            }
            _ => {}
        }
        self.items.push(Item { seq, what });
    }

    /// Adds counts, absolute as of `seq`.
    pub fn count(&mut self, seq: u64, counts: &[(QuestionId, u64)]) {
        self.last = seq;
        self.tallies.extend(counts.iter().cloned());
    }

    /// Encodes what was gathered in frames of at most `items_max` and begins anew.
    pub fn take(&mut self, items_max: usize) -> Vec<Frame> {
        if self.is_empty() {
            return Vec::new();
        }
        let items = std::mem::take(&mut self.items);
        let mut chunks = items.chunks(items_max.max(1)).peekable();
        let mut frames = Vec::new();
        loop {
            let chunk = chunks.next().unwrap_or_default();
            let is_last = chunks.peek().is_none();
            let last_seq = if is_last {
                self.last
            } else {
                chunk[chunk.len() - 1].seq
            };
            let batch = Batch {
                first_seq: self.before + 1,
                last_seq,
                items: chunk.to_vec(),
                tallies: if is_last {
                    std::mem::take(&mut self.tallies).into_iter().collect()
                } else {
                    Vec::new()
                },
                omitted: if is_last {
                    std::mem::take(&mut self.omitted)
                } else {
                    0
                },
            };
            frames.push(Frame {
                first_seq: batch.first_seq,
                last_seq,
                text: codec::encode(&ServerMessage::Batch(batch)),
                deflated: None,
            });
            self.before = last_seq;
            if is_last {
                return frames;
            }
        }
    }

    fn forget(&mut self, removed: PostKind, id: &str) {
        self.items.retain_mut(|item| hide(&mut item.what, removed, id));
    }
}

/// Takes the text of a removed post out of an earlier item; `false` if nothing worth sending is left of it.
///
/// A question stays without its words, because who gets the item counts it and uncounts it when it is removed.
pub fn hide(what: &mut What, removed: PostKind, id: &str) -> bool {
    match (what, removed) {
        (What::CommentPublished { comment }, PostKind::Comment) => return comment.id.as_str() != id,
        (What::QuestionPublished { question }, PostKind::Question) if question.id.as_str() == id => {
            for words in [
                &mut question.name,
                &mut question.body,
                &mut question.topic,
                &mut question.place,
                &mut question.reason,
            ] {
                words.clear();
            }
        }
        (What::SessionChanged { session }, PostKind::Question)
            if session
                .stage
                .as_ref()
                .is_some_and(|stage| stage.question.id.as_str() == id) =>
        {
            session.stage = None;
        }
        _ => {}
    }
    true
}

/// Comments that can still be read: a bucket of one second's worth.
#[derive(Debug)]
struct Readable {
    per_s: f64,
    left: f64,
    at: Instant,
}

impl Readable {
    fn new(per_s: u32, now: Instant) -> Self {
        Self {
            per_s: per_s.into(),
            left: per_s.into(),
            at: now,
        }
    }
    fn take(&mut self, now: Instant) -> bool {
        self.left =
            (self.left + now.saturating_duration_since(self.at).as_secs_f64() * self.per_s).min(self.per_s);
        self.at = now;
        let fits = self.left >= 1.0;
        self.left -= f64::from(u8::from(fits));
        fits
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::ids::CommentId;
    use crate::domain::time::Timestamp;
    use crate::domain::words::Tier;
    use crate::protocol::server::{CommentFace, QuestionFace};

    fn comment(n: u32, tier: Option<Tier>) -> What {
        let at = Timestamp::from_ms(0);
        What::CommentPublished {
            comment: CommentFace {
                id: CommentId::new(at, n),
                name: "街坊".into(),
                tier,
                body: format!("评论{n}"),
                at_ms: at,
            },
        }
    }

    fn question(n: u32, supports: u64) -> QuestionFace {
        let at = Timestamp::from_ms(0);
        QuestionFace {
            id: QuestionId::new(at, n),
            number: n.into(),
            name: "街坊".into(),
            body: format!("问题{n}"),
            topic: String::new(),
            place: String::new(),
            department_id: None,
            at_ms: at,
            supports,
            disposition: None,
            merged_into: None,
            reason: String::new(),
        }
    }

    fn batches(frames: Vec<Frame>) -> Vec<Batch> {
        let parse = |frame: Frame| match serde_json::from_slice(&frame.text.json()).expect("a message") {
            ServerMessage::Batch(batch) => {
                assert_eq!(
                    (batch.first_seq, batch.last_seq),
                    (frame.first_seq, frame.last_seq)
                );
                batch
            }
            other => panic!("{other:?}"),
        };
        frames.into_iter().map(parse).collect()
    }

    #[test]
    fn of_many_counts_the_last_goes_out_and_a_question_brings_its_own() {
        let now = Instant::now();
        let mut gathering = Gathering::after(10, 40, now);
        let (one, two) = (question(1, 12), question(2, 0));
        gathering.count(11, &[(one.id.clone(), 3), (two.id.clone(), 1)]);
        gathering.count(12, &[(one.id.clone(), 4)]);
        gathering.push(13, What::QuestionPublished { question: one }, now);
        gathering.count(14, &[(two.id.clone(), 2)]);
        let batch = batches(gathering.take(100)).remove(0);
        assert_eq!((batch.first_seq, batch.last_seq, batch.items.len()), (11, 14, 1));
        assert_eq!(
            batch.tallies,
            [(two.id, 2)],
            "an older count must not overwrite that of the question"
        );
        assert!(gathering.is_empty() && gathering.take(100).is_empty());
    }

    #[test]
    fn a_large_batch_leaves_in_frames_without_a_hole() {
        let now = Instant::now();
        let mut gathering = Gathering::after(0, u32::MAX, now);
        for n in 1..=25 {
            gathering.push(n.into(), comment(n, None), now);
        }
        gathering.count(26, &[(question(1, 0).id, 1)]);
        let batches = batches(gathering.take(10));
        assert_eq!(
            batches
                .iter()
                .map(|batch| (batch.first_seq, batch.last_seq))
                .collect::<Vec<_>>(),
            [(1, 10), (11, 20), (21, 26)]
        );
        assert_eq!(
            batches
                .iter()
                .map(|batch| batch.tallies.len())
                .collect::<Vec<_>>(),
            [0, 0, 1]
        );
    }

    #[test]
    fn above_the_readable_rate_guests_are_counted_and_members_are_heard() {
        let now = Instant::now();
        let mut gathering = Gathering::after(0, 10, now);
        for n in 1..=50 {
            gathering.push(n.into(), comment(n, None), now);
        }
        gathering.push(51, comment(51, Some(Tier::Member)), now);
        gathering.push(52, comment(52, None), now + Duration::from_millis(150));
        gathering.push(53, comment(53, None), now + Duration::from_millis(160));
        let batch = batches(gathering.take(100)).remove(0);
        assert_eq!(batch.items.len(), 10 + 1 + 1);
        assert_eq!((batch.omitted, batch.last_seq), (41, 53));
    }

    #[test]
    fn a_removed_question_leaves_its_count_and_not_its_words() {
        let now = Instant::now();
        let mut gathering = Gathering::after(0, 10, now);
        let id = question(1, 0).id;
        gathering.push(
            1,
            What::QuestionPublished {
                question: question(1, 0),
            },
            now,
        );
        gathering.push(2, comment(2, None), now);
        gathering.push(
            3,
            What::PostRemoved {
                kind: PostKind::Question,
                id: id.as_str().to_owned(),
            },
            now,
        );
        let frames = gathering.take(100);
        let text = String::from_utf8(frames[0].text.json().to_vec()).expect("text");
        assert!(!text.contains("问题1") && text.contains("评论2") && text.contains(id.as_str()));
        assert_eq!(batches(frames)[0].items.len(), 3);
    }
}
