//! One WebSocket of a shard: a socket, a cursor into the log of its channel, and what little is its own.

use std::io::{self, IoSlice, Write};

use bytes::Bytes;
use mio::net::TcpStream;

use super::Beat;
use super::inbox::PersonKey;
use crate::hub::codec::Decoder;
use crate::hub::{ConnId, Ticket};

/// About a hundred bytes; what only some have is boxed.
pub struct Viewer {
    pub stream: TcpStream,
    pub conn: ConnId,
    /// Which channel of the shard, [`NOWHERE`] once it is leaving.
    pub channel: u32,
    /// Where it is in the channel's list.
    pub place: u32,
    /// How far it was sent the log.
    pub cursor: u64,
    /// Which figures it was sent last.
    pub figures_seen: u32,
    /// When anything came from it.
    pub heard: Beat,
    /// While blocked: when it last took a byte. While leaving: when it was told.
    pub moved: Beat,
    pub person: PersonKey,
    pub flags: Flags,
    /// A message that has come in part.
    pub decoder: Option<Box<Decoder>>,
    /// What waits for it besides the log.
    pub own: Option<Box<Own>>,
    /// Its place under its address; goes with it.
    pub _ticket: Option<Ticket>,
}

/// The channel of a viewer that is leaving.
pub const NOWHERE: u32 = u32::MAX;

/// Nobody: no participant's id has zero bytes.
pub const NOBODY: PersonKey = [0; 16];

/// What is true of a viewer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flags {
    /// Its socket is full; a writable event will come.
    pub blocked: bool,
    /// It is on the shard's list of blocked ones.
    pub listed: bool,
    /// It gets a new view before more of the log.
    pub wants_view: bool,
    /// A close frame is on its way and nothing else follows.
    pub leaving: bool,
    /// It has said goodbye itself: nothing more is expected of it.
    pub said_bye: bool,
    /// Our direction is shut down.
    pub shut: bool,
    /// May stay when the public may not watch.
    pub staff: bool,
    /// Negotiated compression.
    pub deflate: bool,
    /// Its cursor is in the compressed log. Only at an epoch's beginning a reader of the plain one changes over.
    pub deflated: bool,
}

/// Bytes for one viewer only.
#[derive(Debug, Default)]
pub struct Own {
    /// Whole frames, or the rest of one half sent, from `sent` on.
    pub bytes: Vec<u8>,
    pub sent: usize,
    /// A view, and how much of it was sent.
    pub view: Option<(Bytes, usize)>,
}

impl Own {
    pub fn waiting(&self) -> usize {
        self.bytes.len() - self.sent
    }
    pub fn is_empty(&self) -> bool {
        self.waiting() == 0 && self.view.is_none()
    }
    pub fn view_begun(&self) -> bool {
        self.view.as_ref().is_some_and(|(_, sent)| *sent > 0)
    }
    /// Puts the rest of a half-sent frame before what waits; nothing of that can have been sent.
    pub fn put_first(&mut self, rest: &[u8]) {
        let waiting = self.bytes.split_off(self.sent);
        self.bytes = [rest, &waiting].concat();
        self.sent = 0;
    }
}

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrote {
    /// So many bytes, all there were.
    All(usize),
    /// So many bytes; there is no room for more.
    Full(usize),
    /// The peer is gone.
    Gone,
}

impl Viewer {
    /// One write. A write that takes less than it was given means a full buffer, so that no second one is needed to learn it.
    pub fn write(&self, bytes: &[u8]) -> Wrote {
        wrote((&self.stream).write(bytes), bytes.len(), || {
            (&self.stream).write(bytes)
        })
    }

    /// One write of two stretches.
    pub fn write_two(&self, first: &[u8], second: &[u8]) -> Wrote {
        let slices = [IoSlice::new(first), IoSlice::new(second)];
        wrote(
            (&self.stream).write_vectored(&slices),
            first.len() + second.len(),
            || (&self.stream).write_vectored(&slices),
        )
    }

    pub fn own_mut(&mut self) -> &mut Own {
        self.own.get_or_insert_default()
    }
}

fn wrote(mut result: io::Result<usize>, len: usize, mut again: impl FnMut() -> io::Result<usize>) -> Wrote {
    loop {
        match result {
            Ok(n) if n == len => return Wrote::All(n),
            Ok(n) => return Wrote::Full(n),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Wrote::Full(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => result = again(),
            Err(_) => return Wrote::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_is_small() {
        assert!(size_of::<Viewer>() <= 104, "{} bytes", size_of::<Viewer>());
    }

    #[test]
    fn the_rest_of_a_frame_goes_before_what_waits() {
        let mut own = Own {
            bytes: b"gone waiting".to_vec(),
            sent: 5,
            view: None,
        };
        own.put_first(b"rest ");
        assert_eq!((&own.bytes[..], own.sent), (&b"rest waiting"[..], 0));
    }
}
