//! What is looked after once a second.

use std::time::Duration;

use super::{LEAVE_BEATS, Shard, beats};

/// How often.
pub const EVERY: Duration = Duration::from_secs(1);
/// How long a channel without viewers is kept: some come back at once.
const EMPTY_BEATS_MAX: u32 = 50;

impl Shard {
    pub(super) fn on_tick(&mut self) {
        self.ticks += 1;
        self.look_for_stalled();
        self.look_for_left();
        self.look_for_silent();
        self.look_after_audiences();
    }

    fn look_for_stalled(&mut self) {
        let stalled_max = beats(self.outlet.options.stalled_ms_max);
        for (key, conn) in std::mem::take(&mut self.blocked) {
            let viewer = match self.viewers.get_mut(key as usize) {
                Some(viewer) if viewer.conn == conn => viewer,
                _ => {
                    self.meters.blocked.decrement(1.0);
                    continue;
                }
            };
            if !viewer.flags.blocked {
                viewer.flags.listed = false;
                self.meters.blocked.decrement(1.0);
            } else if !viewer.flags.leaving && self.now.since(viewer.moved) >= stalled_max {
                self.meters.blocked.decrement(1.0);
                self.abort(key);
            } else {
                self.blocked.push((key, conn));
            }
        }
    }

    fn look_for_left(&mut self) {
        for (key, conn) in std::mem::take(&mut self.leaving) {
            if !self.is(key, conn) {
                continue;
            }
            if self.now.since(self.viewers[key as usize].moved) >= LEAVE_BEATS {
                self.remove(key);
            } else {
                self.leaving.push((key, conn));
            }
        }
    }

    /// Passes over a part of all viewers, so that each is looked at every five seconds of the usual limit.
    fn look_for_silent(&mut self) {
        let silence_max = beats(self.outlet.options.silence_ms_max);
        let parts = usize::try_from(self.outlet.options.silence_ms_max / 11_000)
            .unwrap_or(1)
            .max(1);
        for key in (self.ticks % parts..self.viewers.capacity()).step_by(parts) {
            if self
                .viewers
                .get(key)
                .is_some_and(|viewer| self.now.since(viewer.heard) >= silence_max)
            {
                self.remove(key as u32);
            }
        }
    }

    fn look_after_audiences(&mut self) {
        let options = &self.outlet.options;
        let (bytes_max, age_max) = (options.replay_bytes_max, beats(options.replay_age_ms_max));
        let mut kept = Vec::new();
        let mut empty = Vec::new();
        for (at, audience) in &self.audiences {
            if audience.viewers.is_empty()
                && !audience.sweep.running
                && self.now.since(audience.empty_since) >= EMPTY_BEATS_MAX
            {
                empty.push(at);
            } else {
                kept.push(at as u32);
            }
        }
        for at in kept {
            self.trim(at, bytes_max, age_max);
        }
        for at in empty {
            let audience = self.audiences.remove(at);
            self.by_channel.remove(&audience.channel.id);
            audience.channel.leave(self.index);
        }
    }
}
