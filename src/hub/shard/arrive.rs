//! A connection comes: it gets its place, and the view or what it missed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use mio::{Interest, Token};

use super::Shard;
use super::audience::Audience;
use super::flush;
use super::inbox::{Arrival, PersonKey};
use super::log::Log;
use super::viewer::{Flags, NOBODY, NOWHERE, Viewer};
use crate::domain::words::Channel as Stream;
use crate::hub::channel::Channel;
use crate::hub::codec;
use crate::hub::{ConnId, Ticket};
use crate::protocol::close;

impl Shard {
    pub(super) fn attach(&mut self, arrival: Arrival) {
        let Arrival {
            conn,
            stream,
            channel,
            since,
            leftover,
            greeting,
            staff,
            deflate,
            ticket,
        } = arrival;
        let refusal = match &channel {
            _ if self.drain.is_some() => Some(self.come_back()),
            None => Some(self.come_back()),
            Some(channel) if staff || channel.is_open_to_all() => None,
            Some(channel) if channel.key.channel == Stream::Backstage => {
                Some(codec::close_frame(close::NOT_PERMITTED, "sign in first"))
            }
            Some(_) => Some(codec::close_frame(close::NO_SUCH_SESSION, "no such session")),
        };
        let flags = Flags {
            staff,
            deflate,
            ..Flags::default()
        };
        let Some(key) = self.seat(conn, stream, flags, ticket) else {
            self.tell_closed(conn);
            return;
        };
        let audience = match (refusal, channel) {
            (None, Some(channel)) => self.audience_of(channel).ok_or_else(|| self.come_back()),
            (Some(refusal), _) => Err(refusal),
            (None, None) => Err(self.come_back()),
        };
        let at = match audience {
            Ok(at) => at,
            Err(refusal) => {
                self.viewers[key as usize].own_mut().bytes = [greeting, refusal].concat();
                self.mark_leaving(key, false);
                self.tell_closed(conn);
                self.flush(key);
                return;
            }
        };
        let audience = &mut self.audiences[at as usize];
        let viewer = &mut self.viewers[key as usize];
        viewer.channel = at;
        viewer.place = audience.viewers.len() as u32;
        audience.viewers.push(key);
        audience
            .channel
            .presence
            .enter(audience.channel.is_public_stream());
        if deflate {
            audience.channel.deflating_enter();
        }
        self.by_conn.insert(conn, key);
        self.meters.came();
        // A view has the figures, a replay has not; it also tells a page that nothing was missed.
        viewer.figures_seen = audience.figures_count;
        let resumed = since
            .filter(|since| audience.channel.may_replay(*since))
            .and_then(|since| audience.log.after_seq(since))
            .filter(|offset| audience.log.head() - offset <= self.outlet.options.resume_bytes_max as u64);
        if resumed.is_some() || !audience.channel.is_public_stream() {
            audience.refresh_figures(self.now);
            viewer.figures_seen -= 1;
        }
        match resumed {
            Some(offset) => viewer.cursor = offset,
            None => flush::take_view(viewer, audience),
        }
        if !greeting.is_empty() {
            viewer.own_mut().bytes = greeting;
        }
        self.flush(key);
        if !leftover.is_empty() && self.is(key, conn) {
            self.take_in(key, &leftover);
        }
    }

    /// Gives a socket its key. `None` if it broke meanwhile.
    pub(super) fn seat(
        &mut self,
        conn: ConnId,
        stream: std::net::TcpStream,
        flags: Flags,
        ticket: Option<Ticket>,
    ) -> Option<u32> {
        let prepared = stream
            .set_nonblocking(true)
            .and_then(|()| stream.set_nodelay(true));
        let prepared = prepared.and_then(|()| {
            socket2::SockRef::from(&stream).set_send_buffer_size(self.outlet.options.send_buffer_bytes)
        });
        let mut stream = mio::net::TcpStream::from_std(stream);
        let entry = self.viewers.vacant_entry();
        let key = entry.key();
        let registered = prepared.and_then(|()| {
            self.poll
                .registry()
                .register(&mut stream, Token(key), Interest::READABLE | Interest::WRITABLE)
        });
        if let Err(error) = registered {
            tracing::debug!(%error, "a connection broke before it was attached");
            return None;
        }
        self.outlet.sockets.fetch_add(1, Ordering::AcqRel);
        entry.insert(Viewer {
            stream,
            conn,
            channel: NOWHERE,
            place: 0,
            cursor: 0,
            figures_seen: 0,
            heard: self.now,
            moved: self.now,
            person: NOBODY,
            flags,
            decoder: None,
            own: None,
            _ticket: ticket,
        });
        Some(u32::try_from(key).expect("a process has less than 2^32 descriptors"))
    }

    /// The audience of a channel, joined if it is not. `None` if the channel is closed.
    pub(super) fn audience_of(&mut self, channel: Arc<Channel>) -> Option<u32> {
        if let Some(&at) = self.by_channel.get(&channel.id) {
            return Some(at);
        }
        let joined = channel.join(self.index)?;
        let id = channel.id;
        let mut audience = Audience::new(channel, Log::after(joined.tail_seq), self.now);
        for frame in &joined.frames {
            audience.append(frame, self.now);
        }
        let at = self.audiences.insert(audience) as u32;
        self.by_channel.insert(id, at);
        Some(at)
    }

    pub(super) fn identify(&mut self, conn: ConnId, person: PersonKey) {
        let Some(&key) = self.by_conn.get(&conn) else {
            return;
        };
        let before = std::mem::replace(&mut self.viewers[key as usize].person, person);
        self.persons.remove(&(before, key));
        self.persons.insert((person, key));
    }
}
