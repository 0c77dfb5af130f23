//! A channel says something: the log grows, and everybody behind it is written to.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::audience::Sweep;
use super::flush::{self, Flushed};
use super::inbox::PersonKey;
use super::log::Appended;
use super::{SENDS_PER_TURN, Shard, VISITS_PER_TURN, beats};
use crate::domain::ids::SessionId;
use crate::hub::ConnId;
use crate::hub::batch::Frame;

impl Shard {
    pub(super) fn publish(
        &mut self,
        channel_id: u64,
        frames: &[Arc<Frame>],
        figures: Option<&(Bytes, bool)>,
    ) {
        let Some(&at) = self.by_channel.get(&channel_id) else {
            return;
        };
        for frame in frames {
            self.append(at, frame);
        }
        let audience = &mut self.audiences[at as usize];
        if let Some((figures, ping)) = figures {
            audience.set_figures(figures, self.now, *ping);
        }
        if audience.sweep.running {
            audience.sweep.once_more = true;
        } else if !audience.viewers.is_empty() {
            audience.sweep = Sweep {
                running: true,
                at: 0,
                once_more: false,
            };
            self.sweeping.push_back((at, Instant::now()));
        }
    }

    pub(super) fn append(&mut self, at: u32, frame: &Frame) {
        let options = &self.outlet.options;
        let audience = &mut self.audiences[at as usize];
        if audience.append(frame, self.now) == Appended::Hole {
            tracing::error!(
                shard = self.index,
                channel.seq = audience.log.head_seq(),
                frame.first_seq,
                "a batch is missing in a shard; its viewers get the view"
            );
            self.overtake(at, None);
            let audience = &mut self.audiences[at as usize];
            audience.restart(frame.first_seq - 1);
            audience.append(frame, self.now);
            return;
        }
        let (bytes_max, age_max) = (options.replay_bytes_max, beats(options.replay_age_ms_max));
        self.trim(at, bytes_max, age_max);
    }

    /// Lets go of what is too much or too old of both logs.
    pub(super) fn trim(&mut self, at: u32, bytes_max: usize, age_max: u32) {
        for deflated in [false, true] {
            let now = self.now;
            let audience = &mut self.audiences[at as usize];
            let Some(cut) = audience.log_mut(deflated).excess(bytes_max, age_max, now) else {
                continue;
            };
            self.overtake(at, Some((deflated, cut)));
            self.audiences[at as usize].log_mut(deflated).cut(cut);
        }
    }

    /// Viewers a log is about to leave behind (of the compressed or the plain one, before an offset; `None` for all of both) get the
    /// rest of the frame they are inside of, and then a view.
    pub(super) fn overtake(&mut self, at: u32, cut: Option<(bool, u64)>) {
        let audience = &mut self.audiences[at as usize];
        let mut gone = Vec::new();
        for &key in &audience.viewers {
            let viewer = &mut self.viewers[key as usize];
            if cut.is_some_and(|(deflated, cut)| viewer.flags.deflated != deflated || viewer.cursor >= cut) {
                continue;
            }
            flush::cut_off(viewer, audience);
            viewer.flags.wants_view = true;
            self.meters.lapped.increment(1);
            if viewer
                .own
                .as_ref()
                .is_some_and(|own| own.waiting() > self.outlet.options.personal_bytes_max)
            {
                gone.push(key);
            }
        }
        for key in gone {
            self.abort(key);
        }
    }

    pub(super) fn own(&mut self, session_id: &SessionId, posts: &[(PersonKey, Bytes)]) {
        for (person, frame) in posts {
            let keys: Vec<u32> = self
                .persons
                .range((*person, 0)..=(*person, u32::MAX))
                .map(|(_, key)| *key)
                .collect();
            for key in keys {
                let audience = self
                    .viewers
                    .get(key as usize)
                    .and_then(|viewer| self.audiences.get(viewer.channel as usize));
                if audience.is_some_and(|audience| audience.channel.key.session_id == *session_id) {
                    self.send(key, frame);
                }
            }
        }
    }

    /// Sends whole frames to one viewer, between two frames of the log.
    pub(super) fn send(&mut self, key: u32, frames: &[u8]) {
        if self.put(key, frames) {
            self.flush(key);
        }
    }

    /// The same to many; who gets several is written to once.
    pub(super) fn send_all(&mut self, frames: &[(ConnId, Bytes)]) {
        let mut filled = Vec::with_capacity(frames.len());
        for (conn, frame) in frames {
            if let Some(&key) = self.by_conn.get(conn)
                && self.put(key, frame)
            {
                filled.push((key, *conn));
            }
        }
        for (key, conn) in filled {
            // Who got several has been written to already; one may have gone while another was written to.
            if self.is(key, conn) && self.viewers[key as usize].own.is_some() {
                self.flush(key);
            }
        }
    }

    /// Puts whole frames where they wait for one viewer. `true` if there is room to write them.
    fn put(&mut self, key: u32, frames: &[u8]) -> bool {
        let Some(viewer) = self
            .viewers
            .get_mut(key as usize)
            .filter(|viewer| !viewer.flags.leaving)
        else {
            return false;
        };
        if viewer.own.as_ref().map_or(0, |own| own.waiting()) + frames.len()
            > self.outlet.options.personal_bytes_max
        {
            self.abort(key);
            return false;
        }
        viewer.own_mut().bytes.extend_from_slice(frames);
        !viewer.flags.blocked
    }

    pub(super) fn flush(&mut self, key: u32) {
        let Some(viewer) = self.viewers.get_mut(key as usize) else {
            return;
        };
        let flushed = match self.audiences.get_mut(viewer.channel as usize) {
            Some(audience) if !viewer.flags.leaving => flush::flush(
                viewer,
                audience,
                self.outlet.options.turn_bytes_max,
                self.now,
                &mut self.meters,
            ),
            _ => flush::flush_leaving(viewer, self.now, &mut self.meters),
        };
        self.flushed(key, flushed);
    }

    pub(super) fn flushed(&mut self, key: u32, flushed: Flushed) {
        let viewer = &mut self.viewers[key as usize];
        match flushed {
            Flushed::All if viewer.flags.leaving => self.farewell(key),
            Flushed::All => {}
            Flushed::TurnOver => self.again.push((key, viewer.conn)),
            Flushed::Blocked => {
                if !viewer.flags.listed {
                    viewer.flags.listed = true;
                    self.meters.blocked.increment(1.0);
                    self.blocked.push((key, viewer.conn));
                }
            }
            Flushed::Gone => self.remove(key),
        }
    }

    /// Goes on with the walks, in turn.
    pub(super) fn sweep(&mut self) {
        let (mut sends, mut visits) = (SENDS_PER_TURN, VISITS_PER_TURN);
        while sends > 0
            && visits > 0
            && let Some(&(at, begun)) = self.sweeping.front()
        {
            let audience = &mut self.audiences[at as usize];
            let Some(&key) = audience.viewers.get(audience.sweep.at) else {
                self.sweeping.pop_front();
                self.meters.sweep_seconds.record(begun.elapsed().as_secs_f64());
                let again = audience.sweep.once_more && !audience.viewers.is_empty();
                audience.sweep = Sweep {
                    running: again,
                    at: 0,
                    once_more: false,
                };
                if again {
                    self.sweeping.push_back((at, Instant::now()));
                }
                continue;
            };
            audience.sweep.at += 1;
            visits -= 1;
            let viewer = &mut self.viewers[key as usize];
            if viewer.flags.blocked
                || (audience.is_served(viewer) && viewer.own.is_none() && !viewer.flags.wants_view)
            {
                continue;
            }
            sends -= 1;
            let flushed = flush::flush(
                viewer,
                audience,
                self.outlet.options.turn_bytes_max,
                self.now,
                &mut self.meters,
            );
            if flushed != Flushed::All {
                self.flushed(key, flushed);
            }
        }
        // Another session's turn: a large hall must not keep small ones waiting for its whole walk.
        if self.sweeping.len() > 1 {
            self.sweeping.rotate_left(1);
        }
    }
}
