//! The next batch of a channel while it is gathered.
//!
//! Bounded by what it folds: counts are one per question, comments above the readable rate are only counted, and the rest is
//! written by few people. The words of a post removed before its
//! batch left never leave.

use std::collections::BTreeMap;
use std::time::Instant;

use super::codec::{self, TextFrame};
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
}

impl Gathering {
    /// Begins after the event `seq`.
    pub fn after(seq: u64, comments_per_s_max: u32, now: Instant) -> Self {
        Self { before: seq, last: seq, items: Vec::new(), tallies: BTreeMap::new(), omitted: 0, readable: Readable::new(comments_per_s_max, now) }
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
            let last_seq = if is_last { self.last } else { chunk[chunk.len() - 1].seq };
            let batch = Batch {
                first_seq: self.before + 1,
                last_seq,
                items: chunk.to_vec(),
                tallies: if is_last { std::mem::take(&mut self.tallies).into_iter().collect() } else { Vec::new() },
                omitted: if is_last { std::mem::take(&mut self.omitted) } else { 0 },
            };
            frames.push(Frame { first_seq: batch.first_seq, last_seq, text: codec::encode(&ServerMessage::Batch(batch)) });
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
            for words in [&mut question.name, &mut question.body, &mut question.topic, &mut question.place, &mut question.reason] {
                words.clear();
            }
        }
        (What::SessionChanged { session }, PostKind::Question) if session.stage.as_ref().is_some_and(|stage| stage.question.id.as_str() == id) => {
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
        Self { per_s: per_s.into(), left: per_s.into(), at: now }
    }
    fn take(&mut self, now: Instant) -> bool {
        self.left = (self.left + now.saturating_duration_since(self.at).as_secs_f64() * self.per_s).min(self.per_s);
        self.at = now;
        let fits = self.left >= 1.0;
        self.left -= f64::from(u8::from(fits));
        fits
    }
}
