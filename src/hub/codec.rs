//! RFC 6455 as a server speaks it: frames out, and a decoder of what clients send.
//!
//! Made for reading many small messages with little memory: bytes come in any split, whole messages come out, and between
//! messages the decoder holds nothing, so that an idle viewer needs none. Knows no sockets. Of who negotiated permessage-deflate a message
//! may be compressed ([`super::deflate`]); else reserved bits are errors. Binary messages are not understood here.

use bytes::Bytes;
use serde::Serialize;

use super::deflate::{self, Uninflated};

/// RFC 6455 was not kept.
pub const CLOSE_PROTOCOL: u16 = 1002;
/// A binary message.
pub const CLOSE_UNSUPPORTED: u16 = 1003;
/// Text that is not UTF-8.
pub const CLOSE_NOT_UTF8: u16 = 1007;
/// A message over the limit.
pub const CLOSE_TOO_BIG: u16 = 1009;

/// A whole ping frame without payload.
pub const PING: [u8; 2] = [0x89, 0];

/// Longest payload of a control frame.
const CONTROL_BYTES_MAX: usize = 125;
/// Longest header the server writes.
const HEADER_BYTES_MAX: usize = 10;

/// A text message in its frame, encoded once for all who get it.
#[derive(Debug, Clone)]
pub struct TextFrame {
    frame: Bytes,
    header_len: usize,
}

impl TextFrame {
    /// Header and payload, as they go over a WebSocket.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }
    /// The payload alone; shares the bytes.
    pub fn json(&self) -> Bytes {
        self.frame.slice(self.header_len..)
    }
}

/// Encodes a message and frames it without copying it again.
pub fn encode(message: &impl Serialize) -> TextFrame {
    let mut bytes = vec![0; HEADER_BYTES_MAX];
    serde_json::to_writer(&mut bytes, message)
        .expect("wire types have string keys and are written to memory");
    let (header, header_len) = header(0x81, bytes.len() - HEADER_BYTES_MAX);
    let start = HEADER_BYTES_MAX - header_len;
    bytes[start..HEADER_BYTES_MAX].copy_from_slice(&header[..header_len]);
    TextFrame {
        frame: Bytes::from(bytes).slice(start..),
        header_len,
    }
}

/// A compressed text message in its frame.
pub fn compressed_frame(deflated: &[u8]) -> Bytes {
    let (header, header_len) = header(0xC1, deflated.len());
    Bytes::from([&header[..header_len], deflated].concat())
}

/// A close frame. A reason longer than fits is cut at a character.
pub fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let reason = &reason[..reason.floor_char_boundary(CONTROL_BYTES_MAX - 2)];
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    control_frame(0x88, &payload)
}

/// A close frame that says nothing, the answer to one that said nothing.
pub fn empty_close_frame() -> Vec<u8> {
    control_frame(0x88, &[])
}

/// The answer to a ping.
pub fn pong_frame(payload: &[u8]) -> Vec<u8> {
    control_frame(0x8A, payload)
}

fn control_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let (header, header_len) = header(first, payload.len());
    [&header[..header_len], payload].concat()
}

fn header(first: u8, len: usize) -> ([u8; HEADER_BYTES_MAX], usize) {
    let mut header = [0; HEADER_BYTES_MAX];
    header[0] = first;
    if let Ok(short) = u8::try_from(len)
        && len <= CONTROL_BYTES_MAX
    {
        header[1] = short;
        (header, 2)
    } else if let Ok(medium) = u16::try_from(len) {
        header[1] = 126;
        header[2..4].copy_from_slice(&medium.to_be_bytes());
        (header, 4)
    } else {
        header[1] = 127;
        header[2..10].copy_from_slice(&(len as u64).to_be_bytes());
        (header, 10)
    }
}

/// What a client sent, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming<'a> {
    Text(&'a str),
    Ping(&'a [u8]),
    Pong,
    /// The client wants to close, with the code it gave.
    Close(Option<u16>),
}

/// What a client may not send. The connection is closed with `code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Broken {
    pub code: u16,
    pub reason: &'static str,
}

const NOT_UTF8: Broken = Broken {
    code: CLOSE_NOT_UTF8,
    reason: "the text is not UTF-8",
};

const fn protocol(reason: &'static str) -> Broken {
    Broken {
        code: CLOSE_PROTOCOL,
        reason,
    }
}

const TOO_BIG: Broken = Broken {
    code: CLOSE_TOO_BIG,
    reason: "the message is longer than is accepted",
};

/// What a client may send.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Longest message, as it is read and once it is inflated.
    pub message_bytes_max: usize,
    /// It negotiated permessage-deflate.
    pub deflate: bool,
}

/// Reads the frames of one client. Holds at most one message of the limit, one control payload and one header.
#[derive(Debug, Default)]
pub struct Decoder {
    header: [u8; 14],
    header_len: usize,
    head: Option<Head>,
    /// The message so far, unmasked, over all its fragments.
    text: Vec<u8>,
    /// Bytes of it that are known to be UTF-8, looked at only while it is not whole.
    checked: usize,
    /// Fragments of a text have come and not the last.
    in_text: bool,
    control: Vec<u8>,
    /// The text was given out and is dropped at the next call.
    given: bool,
    /// The message is compressed.
    compressed: bool,
    /// What a compressed message says.
    inflated: Vec<u8>,
}

/// A frame whose header is complete.
#[derive(Debug, Clone, Copy)]
struct Head {
    opcode: u8,
    last: bool,
    mask: [u8; 4],
    len: usize,
    got: usize,
}

/// The bit of a compressed message.
const RSV1: u8 = 0x40;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING_OPCODE: u8 = 0x9;
const PONG: u8 = 0xA;

impl Decoder {
    /// Takes bytes off the front of `input` until something is whole; `None` when all are taken.
    ///
    /// # Errors
    /// What the client may not send, as soon as it can be told. After an error the decoder is of no more use.
    pub fn next(&mut self, input: &mut &[u8], rules: Rules) -> Result<Option<Incoming<'_>>, Broken> {
        if self.given {
            self.text.clear();
            self.checked = 0;
            self.given = false;
        }
        loop {
            let Some(mut head) = self.head else {
                if !self.read_header(input, rules)? {
                    return Ok(None);
                }
                continue;
            };
            let take = input.len().min(head.len - head.got);
            let (payload, rest) = input.split_at(take);
            let target = if head.opcode >= CLOSE {
                &mut self.control
            } else {
                &mut self.text
            };
            unmask_onto(target, payload, head.mask, head.got);
            *input = rest;
            head.got += take;
            let (in_frame, in_message) = (head.got < head.len, head.opcode < CLOSE && !head.last);
            if head.opcode < CLOSE && (in_frame || in_message) && !self.compressed {
                self.check_half_text()?;
            }
            if in_frame {
                self.head = Some(head);
                return Ok(None);
            }
            self.head = None;
            if in_message {
                self.in_text = true;
                continue;
            }
            return self.whole(head.opcode, rules.message_bytes_max).map(Some);
        }
    }

    /// Whether it may be thrown away between two reads.
    pub fn is_idle(&self) -> bool {
        self.header_len == 0 && self.head.is_none() && !self.in_text
    }

    /// Gives back what only whole messages need, for who keeps it over a pause.
    pub fn slim(&mut self) {
        self.inflated = Vec::new();
    }

    /// Empties it for another client. Keeps the memory.
    pub fn reset(&mut self) {
        self.header_len = 0;
        self.head = None;
        self.text.clear();
        self.checked = 0;
        self.in_text = false;
        self.control.clear();
        self.given = false;
        self.compressed = false;
    }

    /// Returns whether the header is complete.
    fn read_header(&mut self, input: &mut &[u8], rules: Rules) -> Result<bool, Broken> {
        loop {
            let need = match self.header_len {
                0 | 1 => 2,
                _ => {
                    2 + 4
                        + match self.header[1] & 0x7F {
                            126 => 2,
                            127 => 8,
                            _ => 0,
                        }
                }
            };
            let take = input.len().min(need - self.header_len);
            self.header[self.header_len..self.header_len + take].copy_from_slice(&input[..take]);
            self.header_len += take;
            *input = &input[take..];
            if self.header_len < need {
                return Ok(false);
            }
            if need == 2 {
                self.check_start(rules.deflate)?;
                continue;
            }
            break;
        }
        let (first, second) = (self.header[0], self.header[1]);
        let mask_at = self.header_len - 4;
        let len = match second & 0x7F {
            126 => u64::from(u16::from_be_bytes([self.header[2], self.header[3]])),
            127 => u64::from_be_bytes(self.header[2..10].try_into().expect("eight bytes")),
            short => u64::from(short),
        };
        if len >> 63 == 1 {
            return Err(protocol("a length has its highest bit set"));
        }
        let shortest = match len {
            0..=125 => 2,
            126..=0xFFFF => 4,
            _ => 10,
        };
        if mask_at != shortest {
            return Err(protocol("a length takes more bytes than it needs"));
        }
        let opcode = first & 0x0F;
        if opcode >= CLOSE {
            self.control.clear();
        } else if opcode == TEXT {
            self.compressed = first & RSV1 != 0;
        }
        let room = if opcode >= CLOSE {
            CONTROL_BYTES_MAX
        } else {
            rules.message_bytes_max - self.text.len().min(rules.message_bytes_max)
        };
        let len = usize::try_from(len).ok().filter(|len| *len <= room);
        let Some(len) = len else {
            return Err(TOO_BIG);
        };
        let mask = self.header[mask_at..mask_at + 4].try_into().expect("four bytes");
        self.head = Some(Head {
            opcode,
            last: first & 0x80 != 0,
            mask,
            len,
            got: 0,
        });
        self.header_len = 0;
        Ok(true)
    }

    /// Checks the first two bytes, which say everything but the length.
    fn check_start(&self, deflate: bool) -> Result<(), Broken> {
        let (first, second) = (self.header[0], self.header[1]);
        // Only the first frame of a message says that it is compressed (RFC 7692, 6).
        let allowed = if deflate && first & 0x0F == TEXT { RSV1 } else { 0 };
        if first & 0x70 & !allowed != 0 {
            return Err(protocol("a reserved bit is set"));
        }
        if second & 0x80 == 0 {
            return Err(protocol("a frame is not masked"));
        }
        let last = first & 0x80 != 0;
        match first & 0x0F {
            CONTINUATION if !self.in_text => Err(protocol("a continuation continues nothing")),
            TEXT | BINARY if self.in_text => Err(protocol("a message begins inside another")),
            BINARY => Err(Broken {
                code: CLOSE_UNSUPPORTED,
                reason: "messages are text",
            }),
            CLOSE | PING_OPCODE | PONG if !last => Err(protocol("a control frame is fragmented")),
            CLOSE | PING_OPCODE | PONG if usize::from(second & 0x7F) > CONTROL_BYTES_MAX => {
                Err(protocol("a control frame is longer than 125 bytes"))
            }
            CONTINUATION | TEXT | CLOSE | PING_OPCODE | PONG => Ok(()),
            _ => Err(protocol("an opcode is reserved")),
        }
    }

    /// Refuses a text that is not UTF-8 before the rest of it has come. A character may be cut by the end of what is here.
    fn check_half_text(&mut self) -> Result<(), Broken> {
        match std::str::from_utf8(&self.text[self.checked..]) {
            Ok(text) => self.checked += text.len(),
            Err(error) if error.error_len().is_none() => self.checked += error.valid_up_to(),
            Err(_) => return Err(NOT_UTF8),
        }
        Ok(())
    }

    fn whole(&mut self, opcode: u8, message_bytes_max: usize) -> Result<Incoming<'_>, Broken> {
        match opcode {
            CONTINUATION | TEXT => {
                self.in_text = false;
                self.given = true;
                let text = if self.compressed {
                    deflate::inflate(&mut self.text, &mut self.inflated, message_bytes_max).map_err(
                        |why| match why {
                            Uninflated::TooBig => TOO_BIG,
                            Uninflated::Broken => Broken {
                                code: CLOSE_NOT_UTF8,
                                reason: "the message is compressed in a way that is not understood",
                            },
                        },
                    )?;
                    &self.inflated
                } else {
                    &self.text
                };
                let text = std::str::from_utf8(text).map_err(|_| NOT_UTF8)?;
                Ok(Incoming::Text(text))
            }
            PING_OPCODE => Ok(Incoming::Ping(&self.control)),
            PONG => Ok(Incoming::Pong),
            _ => close_code(&self.control).map(Incoming::Close),
        }
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Broken> {
    match payload {
        [] => Ok(None),
        [_] => Err(protocol("a close code has two bytes")),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(protocol("a close code may not be sent"));
            }
            std::str::from_utf8(reason).map_err(|_| Broken {
                code: CLOSE_NOT_UTF8,
                reason: "the reason of a close is not UTF-8",
            })?;
            Ok(Some(code))
        }
    }
}

fn unmask_onto(target: &mut Vec<u8>, payload: &[u8], mask: [u8; 4], offset: usize) {
    target.extend(
        payload
            .iter()
            .zip(mask.iter().cycle().skip(offset % 4))
            .map(|(byte, mask)| byte ^ mask),
    );
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
    use tokio_tungstenite::tungstenite::{Error, Message};

    use super::*;

    const LIMIT: usize = 8 << 10;
    const RULES: Rules = Rules {
        message_bytes_max: LIMIT,
        deflate: false,
    };

    #[derive(Debug, Clone, PartialEq, Eq)]
    enum Got {
        Text(String),
        Ping(Vec<u8>),
        Pong,
        Close(Option<u16>),
        Broken(u16),
    }

    /// Decodes `bytes` arriving in pieces that end at `cuts`.
    fn decode(bytes: &[u8], cuts: &[usize]) -> Vec<Got> {
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        let mut from = 0;
        for to in cuts.iter().copied().chain([bytes.len()]) {
            let to = to.clamp(from, bytes.len());
            let mut input = &bytes[from..to];
            from = to;
            loop {
                match decoder.next(&mut input, RULES) {
                    Ok(None) => break,
                    Ok(Some(Incoming::Text(text))) => got.push(Got::Text(text.to_owned())),
                    Ok(Some(Incoming::Ping(payload))) => got.push(Got::Ping(payload.to_vec())),
                    Ok(Some(Incoming::Pong)) => got.push(Got::Pong),
                    Ok(Some(Incoming::Close(code))) => {
                        got.push(Got::Close(code));
                        return got;
                    }
                    Err(broken) => {
                        got.push(Got::Broken(broken.code));
                        return got;
                    }
                }
            }
        }
        got
    }

    /// A frame as a client sends it.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let (mut head, len) = header(first, payload.len());
        head[1] |= 0x80;
        let mask = [0x37, 0xFA, 0x21, 0x3D];
        let mut frame = head[..len].to_vec();
        frame.extend_from_slice(&mask);
        unmask_onto(&mut frame, payload, mask, 0);
        frame
    }

    #[test]
    fn what_rfc_6455_allows_is_read_and_what_it_forbids_is_answered_with_its_code() {
        let text = |t: &str| Got::Text(t.to_owned());
        let unmasked_text = [0x81, 2, b'h', b'i'].to_vec();
        let long = |len: u64| [&[0x81, 0xFF][..], &len.to_be_bytes(), &[0; 4]].concat();
        let table: Vec<(&str, Vec<u8>, Vec<Got>)> = vec![
            ("text", masked(0x81, "你好".as_bytes()), vec![text("你好")]),
            ("empty text", masked(0x81, b""), vec![text("")]),
            (
                "two in one read",
                [masked(0x81, b"a"), masked(0x81, b"b")].concat(),
                vec![text("a"), text("b")],
            ),
            (
                "125, 126 and 65536 bytes take three headers; the last is over the limit",
                [
                    masked(0x81, &[b'x'; 125]),
                    masked(0x81, &[b'y'; 126]),
                    masked(0x81, &[b'z'; 65_536]),
                ]
                .concat(),
                vec![text(&"x".repeat(125)), text(&"y".repeat(126)), Got::Broken(1009)],
            ),
            (
                "the limit itself",
                masked(0x81, &[b'x'; LIMIT]),
                vec![text(&"x".repeat(LIMIT))],
            ),
            (
                "one over the limit",
                masked(0x81, &[b'x'; LIMIT + 1]),
                vec![Got::Broken(1009)],
            ),
            (
                "one over the limit in fragments",
                [masked(0x01, &[b'x'; LIMIT]), masked(0x80, b"x")].concat(),
                vec![Got::Broken(1009)],
            ),
            (
                "one over the limit in empty and full fragments",
                [
                    masked(0x01, b""),
                    masked(0x00, &[b'x'; LIMIT]),
                    masked(0x00, b""),
                    masked(0x80, b"x"),
                ]
                .concat(),
                vec![Got::Broken(1009)],
            ),
            ("a length of 2^63", long(1 << 63), vec![Got::Broken(1002)]),
            ("125 in eight bytes of length", long(125), vec![Got::Broken(1002)]),
            (
                "65535 in eight bytes of length",
                long(0xFFFF),
                vec![Got::Broken(1002)],
            ),
            (
                "125 in two bytes of length",
                vec![0x81, 0xFE, 0, 125, 0, 0, 0, 0],
                vec![Got::Broken(1002)],
            ),
            (
                "126 in two bytes of length",
                [&[0x81, 0xFE, 0, 126, 0, 0, 0, 0][..], &[b'x'; 126]].concat(),
                vec![text(&"x".repeat(126))],
            ),
            ("a length of 2^62", long(1 << 62), vec![Got::Broken(1009)]),
            (
                "fragments cut inside a character",
                [
                    masked(0x01, &"水".as_bytes()[..1]),
                    masked(0x00, &"水".as_bytes()[1..2]),
                    masked(0x80, &"水".as_bytes()[2..]),
                ]
                .concat(),
                vec![text("水")],
            ),
            (
                "ping and pong between fragments",
                [
                    masked(0x01, b"a"),
                    masked(0x89, b"p"),
                    masked(0x8A, b"q"),
                    masked(0x80, b"b"),
                ]
                .concat(),
                vec![Got::Ping(b"p".to_vec()), Got::Pong, text("ab")],
            ),
            (
                "empty fragments",
                [masked(0x01, b""), masked(0x00, b""), masked(0x80, b"")].concat(),
                vec![text("")],
            ),
            (
                "ping of 125 bytes",
                masked(0x89, &[7; 125]),
                vec![Got::Ping(vec![7; 125])],
            ),
            (
                "ping of 126 bytes",
                masked(0x89, &[7; 126]),
                vec![Got::Broken(1002)],
            ),
            ("fragmented ping", masked(0x09, b""), vec![Got::Broken(1002)]),
            ("not masked", unmasked_text, vec![Got::Broken(1002)]),
            ("binary", masked(0x82, b"\0"), vec![Got::Broken(1003)]),
            ("reserved bits", masked(0xC1, b"a"), vec![Got::Broken(1002)]),
            ("reserved opcode", masked(0x83, b"a"), vec![Got::Broken(1002)]),
            (
                "reserved control opcode",
                masked(0x8B, b"a"),
                vec![Got::Broken(1002)],
            ),
            (
                "continuation of nothing",
                masked(0x80, b"a"),
                vec![Got::Broken(1002)],
            ),
            (
                "continuation after the end",
                [masked(0x81, b"a"), masked(0x80, b"a")].concat(),
                vec![text("a"), Got::Broken(1002)],
            ),
            (
                "text inside text",
                [masked(0x01, b"a"), masked(0x81, b"b")].concat(),
                vec![Got::Broken(1002)],
            ),
            ("not UTF-8", masked(0x81, &[0xFF]), vec![Got::Broken(1007)]),
            (
                "half a character at the end",
                masked(0x81, &"水".as_bytes()[..2]),
                vec![Got::Broken(1007)],
            ),
            (
                "half a text that cannot become UTF-8 any more, in a frame that has not ended",
                vec![0x81, 0xFE, 0x10, 0, 0, 0, 0, 0, b'a', 0xC0],
                vec![Got::Broken(1007)],
            ),
            (
                "the same in fragments, the last of which does not come",
                [masked(0x01, "水".as_bytes()), masked(0x00, &[0xF4, 0x90])].concat(),
                vec![Got::Broken(1007)],
            ),
            (
                "a surrogate",
                masked(0x81, &[0xED, 0xA0, 0x80]),
                vec![Got::Broken(1007)],
            ),
            (
                "close",
                masked(0x88, &1000u16.to_be_bytes()),
                vec![Got::Close(Some(1000))],
            ),
            ("close without code", masked(0x88, b""), vec![Got::Close(None)]),
            (
                "close with half a code",
                masked(0x88, &[3]),
                vec![Got::Broken(1002)],
            ),
            (
                "close with a code nobody may send",
                masked(0x88, &1006u16.to_be_bytes()),
                vec![Got::Broken(1002)],
            ),
            (
                "close with a code of an application",
                masked(0x88, &4000u16.to_be_bytes()),
                vec![Got::Close(Some(4000))],
            ),
            (
                "close with a reason that is not UTF-8",
                masked(0x88, &[3, 232, 0xFF]),
                vec![Got::Broken(1007)],
            ),
        ];
        for (name, bytes, expected) in table {
            assert_eq!(decode(&bytes, &[]), expected, "{name}, in one piece");
            let every: Vec<usize> = (0..bytes.len()).collect();
            assert_eq!(decode(&bytes, &every), expected, "{name}, byte by byte");
        }
    }

    #[test]
    fn a_compressed_message_may_come_in_any_pieces_of_who_negotiated_it() {
        let texts = ["附议：".repeat(500), String::new(), "x".repeat(LIMIT)];
        let mut bytes = Vec::new();
        for text in &texts {
            let frame = deflate::alone(text.as_bytes());
            let payload = match frame[1] {
                126 => &frame[4..],
                _ => &frame[2..],
            };
            bytes.extend(masked(0xC1, payload));
            // The same in fragments: only the first says that it is compressed.
            let (head, tail) = payload.split_at(payload.len() / 2);
            bytes.extend(masked(0x41, head));
            bytes.extend(masked(0x89, b"between"));
            bytes.extend(masked(0x80, tail));
            // A plain one behind it is plain again.
            bytes.extend(masked(0x81, "平".as_bytes()));
        }
        let rules = Rules {
            deflate: true,
            ..RULES
        };
        for step in [1, 2, 7, bytes.len()] {
            let mut decoder = Decoder::default();
            let mut got = Vec::new();
            for piece in bytes.chunks(step) {
                let mut input = piece;
                while let Some(incoming) = decoder.next(&mut input, rules).expect("allowed") {
                    if let Incoming::Text(text) = incoming {
                        got.push(text.to_owned());
                    }
                }
            }
            let expected: Vec<&str> = texts
                .iter()
                .flat_map(|text| [text.as_str(), text.as_str(), "平"])
                .collect();
            assert_eq!(got, expected, "in pieces of {step}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_at_a_character() {
        let frame = close_frame(4000, &"完".repeat(60));
        assert_eq!(frame[1] as usize, frame.len() - 2);
        assert!(frame.len() <= 127);
        assert!(std::str::from_utf8(&frame[4..]).is_ok());
    }

    #[test]
    fn an_idle_decoder_holds_no_message() {
        let mut decoder = Decoder::default();
        let bytes = [masked(0x81, b"whole"), masked(0x01, b"half")].concat();
        let mut input = &bytes[..];
        assert_eq!(decoder.next(&mut input, RULES), Ok(Some(Incoming::Text("whole"))));
        assert!(decoder.is_idle());
        assert_eq!(decoder.next(&mut input, RULES), Ok(None));
        assert!(!decoder.is_idle());
        decoder.reset();
        assert!(decoder.is_idle() && decoder.text.is_empty());
    }

    /// Bytes to read, and a place for what is written.
    struct Pipe {
        input: std::io::Cursor<Vec<u8>>,
        output: Vec<u8>,
    }
    impl std::io::Read for Pipe {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.input.read(into)
        }
    }
    impl std::io::Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.output.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn pipe(input: Vec<u8>) -> Pipe {
        Pipe {
            input: std::io::Cursor::new(input),
            output: Vec::new(),
        }
    }

    /// What another implementation makes of the same bytes.
    fn tungstenite(bytes: &[u8]) -> Vec<Got> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(LIMIT))
            .max_frame_size(Some(LIMIT));
        let mut peer = WebSocket::from_raw_socket(pipe(bytes.to_vec()), Role::Server, Some(config));
        let mut got = Vec::new();
        loop {
            match peer.read() {
                Ok(Message::Text(text)) => got.push(Got::Text(text.to_string())),
                Ok(Message::Ping(payload)) => got.push(Got::Ping(payload.to_vec())),
                Ok(Message::Pong(_)) => got.push(Got::Pong),
                Ok(Message::Close(frame)) => {
                    got.push(Got::Close(frame.map(|f| f.code.into())));
                    return got;
                }
                // It has no own code for binary: it is read, and refused by the application.
                Ok(_) => {
                    got.push(Got::Broken(1003));
                    return got;
                }
                Err(Error::Capacity(_)) => {
                    got.push(Got::Broken(1009));
                    return got;
                }
                Err(Error::Utf8(_)) => {
                    got.push(Got::Broken(1007));
                    return got;
                }
                Err(
                    Error::Protocol(
                        tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
                    )
                    | Error::Io(_),
                ) => return got,
                Err(_) => {
                    got.push(Got::Broken(1002));
                    return got;
                }
            }
        }
    }

    fn any_frame() -> impl Strategy<Value = Vec<u8>> {
        let text = || ".{0,20}".prop_map(String::into_bytes);
        let bytes = |max| prop::collection::vec(any::<u8>(), 0..max);
        let (fragment, message, control) = (
            prop_oneof![4 => text(), 1 => bytes(20)],
            prop_oneof![text(), bytes(300)],
            prop_oneof![text(), bytes(125)],
        );
        prop_oneof![
            (prop::sample::select(vec![0x01u8, 0x00, 0x80]), fragment)
                .prop_map(|(first, payload)| masked(first, &payload)),
            message.prop_map(|payload| masked(0x81, &payload)),
            (prop::sample::select(vec![0x89u8, 0x8A]), control)
                .prop_map(|(first, payload)| masked(first, &payload)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_split_of_the_bytes_changes_nothing(frames in prop::collection::vec(any_frame(), 1..8), cuts in prop::collection::vec(0usize..2_000, 0..12)) {
            let bytes = frames.concat();
            let mut cuts = cuts;
            cuts.sort_unstable();
            prop_assert_eq!(decode(&bytes, &cuts), decode(&bytes, &[]));
        }

        #[test]
        fn another_implementation_reads_the_same(frames in prop::collection::vec(any_frame(), 1..8)) {
            let bytes = frames.concat();
            prop_assert_eq!(decode(&bytes, &[]), tungstenite(&bytes));
        }

        #[test]
        fn no_bytes_make_it_panic_or_hoard(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
            let mut decoder = Decoder::default();
            let mut input = &bytes[..];
            while let Ok(Some(_)) = decoder.next(&mut input, Rules { message_bytes_max: 1_000, deflate: true }) {}
            prop_assert!(decoder.text.len() <= 1_000 && decoder.control.len() <= 125);
        }

        #[test]
        fn another_implementation_reads_what_is_encoded(texts in prop::collection::vec(".{0,400}", 1..5)) {
            let mut bytes = Vec::new();
            for text in &texts {
                bytes.extend_from_slice(encode(text).frame());
            }
            bytes.extend_from_slice(&PING);
            bytes.extend_from_slice(&close_frame(4000, "retry=1000"));
            let mut peer = WebSocket::from_raw_socket(pipe(bytes), Role::Client, None);
            for text in &texts {
                let read = peer.read().expect("a text");
                prop_assert_eq!(serde_json::from_str::<String>(read.to_text().expect("text")).expect("json"), text.clone());
            }
            prop_assert!(peer.read().expect("a ping").is_ping());
            let Message::Close(Some(close)) = peer.read().expect("a close") else { panic!("not a close") };
            prop_assert_eq!(u16::from(close.code), 4000);
            prop_assert_eq!(close.reason.as_str(), "retry=1000");
        }
    }
}
