//! RFC 6455 frames as a client reads and writes them. No copies: a frame is a place in the bytes that were read.

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

/// A whole frame at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: Opcode,
    pub payload: &'a [u8],
    /// RSV1: the payload is compressed.
    pub deflated: bool,
    /// Bytes of header and payload.
    pub len: usize,
}

/// What this server may never send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireError {
    /// Reserved bits that no extension we know uses.
    ReservedBits,
    /// A fragment: the server frames whole messages.
    Fragment,
    /// An opcode without meaning.
    Opcode(u8),
    /// A server may not mask.
    Masked,
    /// More than [`PAYLOAD_BYTES_MAX`], or a control frame over 125 bytes.
    TooLong(u64),
}

/// Longest payload believed. A whole view of 500 questions and 200 comments is under 1 MiB.
const PAYLOAD_BYTES_MAX: u64 = 16 << 20;

/// The frame at the beginning of `bytes`, `None` if more bytes are needed.
pub fn frame(bytes: &[u8]) -> Result<Option<Frame<'_>>, WireError> {
    let [first, second, ..] = *bytes else {
        return Ok(None);
    };
    let deflated = first & 0x40 != 0;
    if first & 0x30 != 0 || (deflated && !matches!(first & 0x0F, 0x1 | 0x2)) {
        return Err(WireError::ReservedBits);
    }
    let opcode = match first & 0x0F {
        0x1 => Opcode::Text,
        0x2 => Opcode::Binary,
        0x8 => Opcode::Close,
        0x9 => Opcode::Ping,
        0xA => Opcode::Pong,
        0x0 => return Err(WireError::Fragment),
        other => return Err(WireError::Opcode(other)),
    };
    if first & 0x80 == 0 {
        return Err(WireError::Fragment);
    }
    if second & 0x80 != 0 {
        return Err(WireError::Masked);
    }
    let (header_len, payload_len) = match second {
        126 => match bytes.get(2..4) {
            Some(len) => (
                4,
                u64::from(u16::from_be_bytes(len.try_into().expect("two bytes"))),
            ),
            None => return Ok(None),
        },
        127 => match bytes.get(2..10) {
            Some(len) => (10, u64::from_be_bytes(len.try_into().expect("eight bytes"))),
            None => return Ok(None),
        },
        len => (2, u64::from(len)),
    };
    if payload_len > PAYLOAD_BYTES_MAX
        || (!matches!(opcode, Opcode::Text | Opcode::Binary) && payload_len > 125)
    {
        return Err(WireError::TooLong(payload_len));
    }
    let len = header_len + payload_len as usize;
    Ok(bytes.get(header_len..len).map(|payload| Frame {
        opcode,
        payload,
        deflated,
        len,
    }))
}

/// Bytes of a server's frame around a payload.
pub fn framed_len(payload_len: usize) -> usize {
    payload_len
        + match payload_len {
            0..=125 => 2,
            126..=0xFFFF => 4,
            _ => 10,
        }
}

/// A masked control frame. The mask is zero: it protects caches from scripts, and there are none here.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first, 0x80 | payload.len().min(125) as u8, 0, 0, 0, 0];
    bytes.extend_from_slice(&payload[..payload.len().min(125)]);
    bytes
}

/// A masked text of any length up to 64 KiB.
pub fn masked_text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, 0xFE];
    bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend_from_slice(&[0, 0, 0, 0]);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x81];
        match payload.len() {
            len @ 0..=125 => bytes.push(len as u8),
            len @ 126..=65_535 => {
                bytes.push(126);
                bytes.extend_from_slice(&(len as u16).to_be_bytes());
            }
            len => {
                bytes.push(127);
                bytes.extend_from_slice(&(len as u64).to_be_bytes());
            }
        }
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn frames_of_every_length_are_read_and_half_ones_wait_for_more() {
        for len in [0, 1, 125, 126, 65_535, 65_536, 70_000] {
            let payload = vec![b'x'; len];
            let mut bytes = text(&payload);
            let whole = bytes.len();
            for cut in [0, 1, 2, 3, 9, whole - 1] {
                if cut < whole {
                    assert_eq!(frame(&bytes[..cut]), Ok(None), "{len} cut at {cut}");
                }
            }
            bytes.extend_from_slice(&[0x89, 0]);
            let read = frame(&bytes).expect("valid").expect("whole");
            assert_eq!(
                (read.opcode, read.payload.len(), read.len),
                (Opcode::Text, len, whole)
            );
            let ping = frame(&bytes[read.len..]).expect("valid").expect("whole");
            assert_eq!((ping.opcode, ping.len), (Opcode::Ping, 2));
        }
    }

    #[test]
    fn what_a_server_may_not_send_is_noticed() {
        for (bytes, expected) in [
            (&[0xA1, 0][..], WireError::ReservedBits),
            (&[0xC9, 0], WireError::ReservedBits),
            (&[0x01, 0], WireError::Fragment),
            (&[0x80, 0], WireError::Fragment),
            (&[0x83, 0], WireError::Opcode(3)),
            (&[0x81, 0x81, 0, 0, 0, 0, b'a'], WireError::Masked),
            (&[0x89, 126, 0, 126], WireError::TooLong(126)),
            (&[0x81, 127, 1, 0, 0, 0, 0, 0, 0, 0], WireError::TooLong(1 << 56)),
        ] {
            assert_eq!(frame(bytes), Err(expected), "{bytes:?}");
        }
    }

    #[test]
    fn a_compressed_message_says_so() {
        let read = |bytes| frame(bytes).expect("valid").expect("whole").deflated;
        assert!(read(&[0xC1, 1, 0]));
        assert!(!read(&[0x81, 1, b'x']));
    }

    #[test]
    fn a_pong_carries_the_payload_of_its_ping() {
        assert_eq!(masked(0x8A, b"ab"), [0x8A, 0x82, 0, 0, 0, 0, b'a', b'b']);
    }
}
