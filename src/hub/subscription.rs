//! A channel read as a stream of messages: the same log with the same guarantees, for Server-Sent Events.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use super::channel::{Channel, Signal};

/// Batches taken from the ring at once.
const BATCHES_MAX: usize = 64;

/// One message of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What to come back with after it; `None` for figures.
    pub id: Option<u64>,
    /// The message.
    pub json: Bytes,
}

/// One reader of a channel. Holds at most [`BATCHES_MAX`] batches, which others share; who is too slow for the ring gets a view.
pub struct Subscription {
    channel: Arc<Channel>,
    signal: watch::Receiver<Signal>,
    /// The last number given out; `None` before a view.
    seq: Option<u64>,
    ready: VecDeque<Event>,
    figures_seen: u64,
    /// Whether figures are owed to who resumed: they tell a page that nothing was missed.
    greeting_due: bool,
    /// When in the window of an ending it ends, from 0 to 1.
    end_at: f64,
    staff: bool,
}

impl Subscription {
    /// `None` if the public may not watch the channel and `staff` is not set.
    pub(super) fn new(channel: Arc<Channel>, since: Option<u64>, staff: bool) -> Option<Self> {
        if !staff && !channel.is_open_to_all() {
            return None;
        }
        let (signal, end_at) = channel.watch();
        let figures_seen = signal.borrow().figures_count;
        // What was folded and not yet said is said after it; a number beyond that is of another life of the log.
        let seq = since.filter(|since| channel.may_resume(*since) && *since <= channel.seq());
        channel.presence.enter(channel.is_public_stream());
        Some(Self {
            channel,
            signal,
            seq,
            ready: VecDeque::new(),
            figures_seen,
            greeting_due: seq.is_some(),
            end_at,
            staff,
        })
    }

    /// The next message: first the view or what was missed, then whatever comes. `None` when the channel was closed: come back.
    ///
    /// Cancel safe: what was not returned is returned by the next call.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let signal = self.signal.borrow_and_update().clone();
            if signal.closed || (!self.staff && !self.channel.is_open_to_all()) {
                return None;
            }
            let ending = signal.ending;
            self.gather(signal);
            if !self.ready.is_empty() {
                continue;
            }
            let end = async {
                match ending {
                    Some((begun, window)) => {
                        tokio::time::sleep_until((begun + window.mul_f64(self.end_at)).into()).await
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.signal.changed() => changed.ok()?,
                () = end => return None,
            }
        }
    }

    fn gather(&mut self, signal: Signal) {
        let batches = match self.seq {
            Some(seq) if seq >= signal.head_seq => Some(Vec::new()),
            Some(seq) => self.channel.replay(seq, BATCHES_MAX),
            None => None,
        };
        match batches {
            Some(batches) => self.ready.extend(batches.iter().map(|frame| Event {
                id: Some(frame.last_seq),
                json: frame.text.json(),
            })),
            None => {
                let view = self.channel.view(0, false);
                self.ready.push_back(Event {
                    id: Some(view.seq),
                    json: view.text.json(),
                });
            }
        }
        if let Some(last) = self.ready.back() {
            self.seq = last.id;
        }
        if self.greeting_due {
            self.ready.push_back(Event {
                id: None,
                json: self.channel.figures().json(),
            });
        } else if signal.figures_count != self.figures_seen {
            self.ready.extend(signal.figures.map(|figures| Event {
                id: None,
                json: figures.json(),
            }));
        }
        self.greeting_due = false;
        self.figures_seen = signal.figures_count;
        // More batches than were taken at once: the next call must look again without waiting.
        if self.seq.is_some_and(|seq| seq < signal.head_seq) {
            self.signal.mark_changed();
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.channel.presence.leave(self.channel.is_public_stream());
    }
}
