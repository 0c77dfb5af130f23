//! What viewers send.

use std::io::{ErrorKind, Read};

use super::{READ_BYTES, Shard};
use crate::hub::codec::{self, Incoming, Rules};

/// Full buffers read from one viewer before it is another one's turn.
const READS_PER_TURN: usize = 4;

impl Shard {
    /// Reads what there is. `to_the_end` if the peer has closed its direction, so that a short read is not the last one.
    pub(super) fn read(&mut self, key: u32, to_the_end: bool) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for turn in 0.. {
            let Some(viewer) = self.viewers.get_mut(key as usize) else {
                break;
            };
            if turn == READS_PER_TURN {
                self.again.push((key, viewer.conn));
                break;
            }
            match (&viewer.stream).read(&mut scratch) {
                Ok(0) => {
                    self.remove(key);
                    break;
                }
                Ok(n) => {
                    viewer.heard = self.now;
                    if !viewer.flags.leaving {
                        self.take_in(key, &scratch[..n]);
                    }
                    if n < READ_BYTES && !to_the_end {
                        break;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    self.remove(key);
                    break;
                }
            }
        }
        self.scratch = scratch;
    }

    /// Decodes bytes of a viewer and passes its messages on.
    pub(super) fn take_in(&mut self, key: u32, bytes: &[u8]) {
        let Some(viewer) = self.viewers.get_mut(key as usize) else {
            return;
        };
        let Some(audience) = self.audiences.get(viewer.channel as usize) else {
            return;
        };
        let (conn, channel) = (viewer.conn, audience.channel.clone());
        // Only who has sent half a message has a decoder of its own.
        let mut decoder = viewer
            .decoder
            .take()
            .or_else(|| self.spare.take())
            .unwrap_or_default();
        let rules = Rules {
            message_bytes_max: self.outlet.options.client_message_bytes_max,
            deflate: viewer.flags.deflate,
        };
        let mut input = bytes;
        let mut ping = None;
        let close = loop {
            match decoder.next(&mut input, rules) {
                Ok(None) => break None,
                Ok(Some(Incoming::Text(text))) => {
                    if let Some(inbound) = self.inbound.get() {
                        inbound.on_text(conn, &channel.key, text);
                    }
                }
                // The last one of many stands for all (RFC 6455, 5.5.3), so that a flood is answered once per read.
                Ok(Some(Incoming::Ping(payload))) => ping = Some(codec::pong_frame(payload)),
                Ok(Some(Incoming::Pong)) => {}
                Ok(Some(Incoming::Close(code))) => {
                    break Some((
                        code.map_or_else(codec::empty_close_frame, |code| codec::close_frame(code, "")),
                        true,
                    ));
                }
                Err(broken) => break Some((codec::close_frame(broken.code, broken.reason), false)),
            }
        };
        if close.is_none() && !decoder.is_idle() {
            decoder.slim();
            self.viewers[key as usize].decoder = Some(decoder);
        } else {
            decoder.reset();
            self.spare = Some(decoder);
        }
        if let Some(pong) = ping {
            self.send(key, &pong);
        }
        if let Some((frame, said_bye)) = close {
            self.begin_close(key, &frame, said_bye);
        }
    }
}
