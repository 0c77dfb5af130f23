//! The viewers of one channel on one shard, and what they are sent.

use std::sync::Arc;

use super::Beat;
use super::log::{Appended, Log};
use super::viewer::Viewer;
use crate::hub::batch::Frame;
use crate::hub::channel::Channel;
use crate::hub::codec;

/// One channel as a shard has it. Made for its first viewer, given back some seconds after its last.
pub struct Audience {
    pub channel: Arc<Channel>,
    pub log: Log,
    /// The compressed stream, as far as it was made.
    pub deflated: Log,
    /// Where its last epoch begins, in both logs.
    epoch: Option<Epoch>,
    /// Keys of the viewers, dense, roughly in the order they came: sockets are then visited in the order of their memory.
    pub viewers: Vec<u32>,
    pub sweep: Sweep,
    /// When the last viewer left.
    pub empty_since: Beat,
    figures: Vec<u8>,
    figures_at: Beat,
    /// Counts the figures; a viewer remembers the last it was sent.
    pub figures_count: u32,
    /// Who has not seen figures since this count gets a ping with them.
    ping_count: u32,
    /// The last answer of `frames_after`: nearly all viewers ask the same.
    frames_memo: (bool, u64, u64, usize),
}

/// The beginning of an epoch: offsets of the same frame.
#[derive(Debug, Clone, Copy)]
struct Epoch {
    plain: u64,
    deflated: u64,
}

/// A walk over all viewers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sweep {
    pub running: bool,
    /// The next place to visit.
    pub at: usize,
    /// Something was published to those already visited.
    pub once_more: bool,
}

impl Audience {
    pub fn new(channel: Arc<Channel>, log: Log, now: Beat) -> Self {
        let mut audience = Self {
            channel,
            deflated: Log::after(log.head_seq()),
            epoch: None,
            log,
            viewers: Vec::new(),
            sweep: Sweep::default(),
            empty_since: now,
            figures: Vec::new(),
            figures_at: now,
            figures_count: 1,
            ping_count: 0,
            frames_memo: (false, 0, 0, 0),
        };
        audience.render_figures(now);
        audience
    }

    /// New figures for everybody, and a ping if it is time.
    pub fn set_figures(&mut self, frame: &[u8], now: Beat, ping: bool) {
        self.keep_figures(frame, now);
        self.figures_count += 1;
        if ping {
            self.ping_count = self.figures_count;
        }
    }

    /// Makes old figures new for who is about to get them; the others need not.
    pub fn refresh_figures(&mut self, now: Beat) {
        if now.since(self.figures_at) >= Beat::SECOND {
            self.render_figures(now);
        }
    }

    fn render_figures(&mut self, now: Beat) {
        let figures = self.channel.figures();
        self.keep_figures(figures.frame(), now);
    }

    fn keep_figures(&mut self, frame: &[u8], now: Beat) {
        self.figures.clear();
        self.figures.extend_from_slice(frame);
        self.figures.extend_from_slice(&codec::PING);
        self.figures_at = now;
    }

    /// What the viewer has not seen of the figures: nothing, them, or them and a ping.
    pub fn figures_for(&self, viewer: &Viewer) -> &[u8] {
        if viewer.figures_seen == self.figures_count {
            &[]
        } else if viewer.figures_seen < self.ping_count {
            &self.figures
        } else {
            &self.figures[..self.figures.len() - codec::PING.len()]
        }
    }

    /// Adds a batch to both logs. [`Appended::Hole`] leaves them as they were.
    pub fn append(&mut self, frame: &Frame, now: Beat) -> Appended {
        let plain = self.log.head();
        let appended = self
            .log
            .append(frame.first_seq, frame.last_seq, frame.text.frame(), now);
        if appended == Appended::Yes
            && let Some(deflated) = &frame.deflated
        {
            if deflated.begins {
                if self.deflated.head_seq() + 1 != frame.first_seq {
                    // Nobody reads the stream over a hole: it was not made because nobody read it.
                    self.deflated.restart(frame.first_seq - 1);
                }
                self.epoch = Some(Epoch {
                    plain,
                    deflated: self.deflated.head(),
                });
            }
            // Refused only before the first epoch this shard has seen, when nobody reads it.
            let _ = self
                .deflated
                .append(frame.first_seq, frame.last_seq, &deflated.frame, now);
        }
        appended
    }

    /// Begins both logs anew after the event `seq`.
    pub fn restart(&mut self, seq: u64) {
        self.log.restart(seq);
        self.deflated.restart(seq);
        self.epoch = None;
    }

    /// One of both logs.
    pub fn log_mut(&mut self, deflated: bool) -> &mut Log {
        if deflated {
            &mut self.deflated
        } else {
            &mut self.log
        }
    }

    /// The log the viewer's cursor is in.
    pub fn log_of(&self, viewer: &Viewer) -> &Log {
        if viewer.flags.deflated {
            &self.deflated
        } else {
            &self.log
        }
    }

    /// Has a viewer that waits for an epoch and stands at its beginning change over. Gives back where a plain reader must stop to do so.
    pub fn steer(&self, viewer: &mut Viewer) -> Option<u64> {
        if !viewer.flags.deflate || viewer.flags.deflated {
            return None;
        }
        let epoch = self
            .epoch
            .filter(|epoch| epoch.deflated >= self.deflated.base() && epoch.plain >= viewer.cursor)?;
        if epoch.plain > viewer.cursor {
            return Some(epoch.plain);
        }
        viewer.flags.deflated = true;
        viewer.cursor = epoch.deflated;
        None
    }

    /// Whether the viewer has nothing to get from the log or the figures.
    pub fn is_served(&self, viewer: &Viewer) -> bool {
        viewer.cursor == self.log_of(viewer).head() && viewer.figures_seen == self.figures_count
    }

    /// Frames of a viewer's log from `offset` on.
    pub fn frames_after(&mut self, viewer: &Viewer, offset: u64) -> usize {
        let log = self.log_of(viewer);
        let key = (viewer.flags.deflated, offset, log.head());
        if (self.frames_memo.0, self.frames_memo.1, self.frames_memo.2) != key {
            self.frames_memo = (key.0, key.1, key.2, log.frames_after(offset));
        }
        self.frames_memo.3
    }
}
