//! A connection goes: sent away, closed for good, or gone by itself.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::viewer::NOWHERE;
use super::{Shard, flush};
use crate::hub::ConnId;
use crate::hub::codec;
use crate::protocol::close;

impl Shard {
    /// Tells a viewer to close, after what it was begun to be sent.
    pub(super) fn begin_close(&mut self, key: u32, close_frame: &[u8], said_bye: bool) {
        let Some(viewer) = self
            .viewers
            .get_mut(key as usize)
            .filter(|viewer| !viewer.flags.leaving)
        else {
            return;
        };
        if let Some(audience) = self.audiences.get(viewer.channel as usize) {
            flush::cut_off(viewer, audience);
        }
        viewer.own_mut().bytes.extend_from_slice(close_frame);
        self.mark_leaving(key, said_bye);
        self.unseat(key);
        if !self.viewers[key as usize].flags.blocked {
            self.flush(key);
        }
    }

    pub(super) fn mark_leaving(&mut self, key: u32, said_bye: bool) {
        let viewer = &mut self.viewers[key as usize];
        viewer.flags.leaving = true;
        viewer.flags.said_bye = said_bye;
        viewer.moved = self.now;
        viewer.decoder = None;
        self.leaving.push((key, viewer.conn));
    }

    /// Everything was said to a viewer that is leaving.
    pub(super) fn farewell(&mut self, key: u32) {
        let viewer = &mut self.viewers[key as usize];
        if viewer.flags.said_bye {
            self.remove(key);
        } else if !viewer.flags.shut {
            // Closing at once while the viewer still sends would make the system throw away the close frame; it has some
            // seconds to answer.
            viewer.flags.shut = true;
            if viewer.stream.shutdown(std::net::Shutdown::Write).is_err() {
                self.remove(key);
            }
        }
    }

    /// Closes one that takes nothing. The system is to forget at once what waits for it.
    pub(super) fn abort(&mut self, key: u32) {
        if let Some(viewer) = self.viewers.get(key as usize) {
            self.meters.closed_slow.increment(1);
            let _unused_memory_stays_longer =
                socket2::SockRef::from(&viewer.stream).set_linger(Some(Duration::ZERO));
            self.remove(key);
        }
    }

    pub(super) fn remove(&mut self, key: u32) {
        if self.viewers.contains(key as usize) {
            self.unseat(key);
            self.viewers.remove(key as usize);
            self.outlet.sockets.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Takes a viewer out of its audience.
    pub(super) fn unseat(&mut self, key: u32) {
        let viewer = &mut self.viewers[key as usize];
        let (at, place, conn, person) = (viewer.channel, viewer.place as usize, viewer.conn, viewer.person);
        if at == NOWHERE {
            return;
        }
        viewer.channel = NOWHERE;
        let audience = &mut self.audiences[at as usize];
        audience.viewers.swap_remove(place);
        if let Some(&moved) = audience.viewers.get(place) {
            let moved_viewer = &mut self.viewers[moved as usize];
            moved_viewer.place = place as u32;
            // The walk may have passed this place and not yet come to the one it had.
            if audience.sweep.running && place < audience.sweep.at {
                self.again.push((moved, moved_viewer.conn));
            }
        }
        if audience.viewers.is_empty() {
            audience.empty_since = self.now;
        }
        audience
            .channel
            .presence
            .leave(audience.channel.is_public_stream());
        if self.viewers[key as usize].flags.deflate {
            audience.channel.deflating_leave();
        }
        self.persons.remove(&(person, key));
        self.by_conn.remove(&conn);
        self.meters.left();
        self.tell_closed(conn);
    }

    pub(super) fn tell_closed(&self, conn: ConnId) {
        if let Some(inbound) = self.inbound.get() {
            inbound.on_close(conn);
        }
    }

    pub(super) fn hide(&mut self, channel_id: u64) {
        let Some(&at) = self.by_channel.get(&channel_id) else {
            return;
        };
        let frame = codec::close_frame(close::NO_SUCH_SESSION, "no such session");
        for key in self.audiences[at as usize].viewers.clone() {
            if self
                .viewers
                .get(key as usize)
                .is_some_and(|viewer| !viewer.flags.staff && viewer.channel == at)
            {
                self.begin_close(key, &frame, false);
            }
        }
    }

    /// Sends away so many as the time that has passed asks for.
    pub(super) fn on_drain(&mut self) {
        let Some(drain) = &mut self.drain else { return };
        let passed = if drain.window.is_zero() {
            1.0
        } else {
            (drain.begun.elapsed().as_secs_f64() / drain.window.as_secs_f64()).min(1.0)
        };
        let gone_due = (drain.all as f64 * passed).ceil() as usize;
        let gone = drain.all - drain.to_go.len();
        let from = drain.to_go.len() - gone_due.saturating_sub(gone).min(drain.to_go.len());
        let due = drain.to_go.split_off(from);
        let frame = self.come_back();
        for (key, conn) in due {
            if self.is(key, conn) {
                self.begin_close(key, &frame, false);
            }
        }
    }

    pub(super) fn come_back(&self) -> Vec<u8> {
        let retry_ms = self.outlet.options.retry_ms;
        let away_ms = self.drain.as_ref().map_or(0, |drain| drain.away.as_millis());
        let reason = if away_ms == 0 {
            format!("retry={retry_ms}")
        } else {
            format!("retry={retry_ms} after={away_ms}")
        };
        codec::close_frame(close::GOING_AWAY, &reason)
    }
}
