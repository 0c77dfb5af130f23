//! What a process of viewers counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::wire::Step;

/// Counts since the last reset. Everything under "faults" is zero with a server that keeps the protocol.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of the messages' frames as they came, and as they would have come uncompressed.
    pub framed_bytes: u64,
    pub plain_bytes: u64,
    /// Messages that came compressed.
    pub deflated: u64,
    /// Batches that were new to their viewer.
    pub batches: u64,
    /// Comments in them.
    pub comments: u64,
    /// Figures.
    pub states: u64,
    /// Whole views.
    pub views: u64,
    /// Whole views to somebody who asked only for what was missed, or had one already.
    pub views_again: u64,
    /// Pings answered.
    pub pings: u64,

    /// Connections made.
    pub opened: u64,
    /// Attempts that came to nothing.
    pub failed: u64,
    /// Connections lost, whoever ended them.
    pub lost: u64,
    /// Connections dropped by order.
    pub hopped: u64,
    /// Close codes and refusals by the server.
    pub closed: BTreeMap<String, u64>,

    /// Faults: numbers missing before a batch.
    pub gaps: u64,
    /// Faults: numbers in those gaps.
    pub missing: u64,
    /// Faults: batches known already, or in part.
    pub duplicates: u64,
    /// Faults: batches that came after later ones, views older than what was known, batches before any view.
    pub reordered: u64,
    /// Faults: frames and messages that were not understood.
    pub broken: u64,
}

impl Tally {
    /// Counts a batch. Gives back the number it is new after, if it is.
    pub fn step(&mut self, step: Step) -> Option<u64> {
        match step {
            Step::New { after } => {
                self.batches += 1;
                Some(after)
            }
            Step::InView => None,
            Step::Gap { after, missing } => {
                self.batches += 1;
                self.gaps += 1;
                self.missing += missing;
                Some(after)
            }
            Step::Overlap { after } => {
                self.batches += 1;
                self.duplicates += 1;
                Some(after)
            }
            Step::Duplicate => {
                self.duplicates += 1;
                None
            }
            Step::Reordered | Step::Backwards | Step::Unannounced => {
                self.reordered += 1;
                None
            }
        }
    }

    /// Counts a closing by the server.
    pub fn closed(&mut self, why: String) {
        *self.closed.entry(why).or_default() += 1;
    }

    /// Adds what another process counted.
    pub fn add(&mut self, other: &Self) {
        let Self {
            bytes,
            framed_bytes,
            plain_bytes,
            deflated,
            batches,
            comments,
            states,
            views,
            views_again,
            pings,
            opened,
            failed,
            lost,
            hopped,
            closed,
            gaps,
            missing,
            duplicates,
            reordered,
            broken,
        } = other;
        for (mine, theirs) in [
            (&mut self.bytes, bytes),
            (&mut self.framed_bytes, framed_bytes),
            (&mut self.plain_bytes, plain_bytes),
            (&mut self.deflated, deflated),
            (&mut self.batches, batches),
            (&mut self.comments, comments),
            (&mut self.states, states),
            (&mut self.views, views),
            (&mut self.views_again, views_again),
            (&mut self.pings, pings),
            (&mut self.opened, opened),
            (&mut self.failed, failed),
            (&mut self.lost, lost),
            (&mut self.hopped, hopped),
            (&mut self.gaps, gaps),
            (&mut self.missing, missing),
            (&mut self.duplicates, duplicates),
            (&mut self.reordered, reordered),
            (&mut self.broken, broken),
        ] {
            *mine += theirs;
        }
        for (why, count) in closed {
            *self.closed.entry(why.clone()).or_default() += count;
        }
    }
}
