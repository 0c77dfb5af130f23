//! How servers we are compared with carry the same messages: framing around them, greetings, their own keepalives.

use serde::{Deserialize, Serialize};

/// What is said over a WebSocket besides the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Dialect {
    /// Our own: each text frame is a message, a view comes first.
    #[default]
    Yishiting,
    /// Each text frame is a message, nothing comes first.
    Plain,
    /// NATS over WebSocket: one stream of lines in binary frames, messages behind `MSG` lines.
    Nats,
    /// Socket.IO 4 over Engine.IO 4: `42["m",{…}]`.
    SocketIo,
}

/// Subject the NATS viewers listen to.
pub const NATS_SUBJECT: &str = "hall";
const SOCKET_IO_HEAD: &[u8] = br#"42["m","#;

/// What a piece of data was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    Message(&'a [u8]),
    /// The server wants to hear this frame.
    Answer(&'static [u8]),
}

impl Dialect {
    /// Whether a viewer is live only when the first message has come.
    pub fn begins_with_view(self) -> bool {
        self == Self::Yishiting
    }

    /// Whether messages may come in binary frames.
    pub fn is_binary(self) -> bool {
        self == Self::Nats
    }

    /// Frames sent right behind the handshake. The mask is zero: it protects caches from scripts, and there are none here.
    pub fn greeting(self) -> Vec<u8> {
        let framed = |first: u8, payload: &[u8]| {
            let mut bytes = vec![first, 0x80 | payload.len() as u8, 0, 0, 0, 0];
            bytes.extend_from_slice(payload);
            bytes
        };
        match self {
            Self::Yishiting | Self::Plain => Vec::new(),
            Self::Nats => framed(
                0x82,
                format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {NATS_SUBJECT} 1\r\n")
                    .as_bytes(),
            ),
            Self::SocketIo => framed(0x81, b"40"),
        }
    }

    /// Takes the data of one frame apart. `carry` keeps what of a stream has not come whole.
    pub fn hear(self, data: &[u8], carry: &mut Vec<u8>, mut heard: impl FnMut(Heard<'_>)) {
        match self {
            Self::Yishiting | Self::Plain => heard(Heard::Message(data)),
            Self::SocketIo => {
                if let Some(message) = data
                    .strip_prefix(SOCKET_IO_HEAD)
                    .and_then(|rest| rest.strip_suffix(b"]"))
                {
                    heard(Heard::Message(message));
                } else if data == b"2" {
                    heard(Heard::Answer(&[0x81, 0x81, 0, 0, 0, 0, b'3']));
                }
            }
            Self::Nats if carry.is_empty() => {
                let used = nats(data, &mut heard);
                carry.extend_from_slice(&data[used..]);
            }
            Self::Nats => {
                carry.extend_from_slice(data);
                let used = nats(carry, &mut heard);
                carry.drain(..used);
                carry.shrink_to(carry.len());
            }
        }
    }
}

/// Reads whole lines and messages; gives back how many bytes they had.
fn nats(bytes: &[u8], heard: &mut impl FnMut(Heard<'_>)) -> usize {
    let mut at = 0;
    while let Some(len) = bytes[at..].windows(2).position(|two| two == b"\r\n") {
        let line = &bytes[at..at + len];
        let behind = at + len + 2;
        if line.starts_with(b"MSG ") {
            let size = line
                .rsplit(|byte| *byte == b' ')
                .next()
                .and_then(|size| std::str::from_utf8(size).ok()?.parse::<usize>().ok())
                .unwrap_or(0);
            let Some(message) = bytes
                .get(behind..behind + size)
                .filter(|_| bytes.len() >= behind + size + 2)
            else {
                return at;
            };
            heard(Heard::Message(message));
            at = behind + size + 2;
        } else {
            if line == b"PING" {
                heard(Heard::Answer(&[
                    0x82, 0x86, 0, 0, 0, 0, b'P', b'O', b'N', b'G', b'\r', b'\n',
                ]));
            }
            at = behind;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(dialect: Dialect, frames: &[&[u8]]) -> (Vec<String>, usize) {
        let (mut carry, mut messages, mut answers) = (Vec::new(), Vec::new(), 0);
        for frame in frames {
            dialect.hear(frame, &mut carry, |heard| match heard {
                Heard::Message(message) => messages.push(String::from_utf8_lossy(message).into_owned()),
                Heard::Answer(_) => answers += 1,
            });
        }
        assert!(carry.is_empty());
        (messages, answers)
    }

    #[test]
    fn messages_of_nats_are_found_however_the_stream_is_cut() {
        let stream = b"INFO {\"a\":1}\r\nPING\r\nMSG hall 1 5\r\nhel\r\n\r\nMSG hall 1 2\r\nyo\r\n";
        for cut in 1..stream.len() {
            let (messages, answers) = all(Dialect::Nats, &[&stream[..cut], &stream[cut..]]);
            assert_eq!(messages, ["hel\r\n", "yo"], "{cut}");
            assert_eq!(answers, 1);
        }
    }

    #[test]
    fn messages_of_socket_io_are_unwrapped_and_its_ping_is_answered() {
        let frames: [&[u8]; 4] = [
            br#"0{"sid":"x"}"#,
            br#"40{"sid":"y"}"#,
            b"2",
            br#"42["m",{"a":[1]}]"#,
        ];
        assert_eq!(
            all(Dialect::SocketIo, &frames),
            (vec![r#"{"a":[1]}"#.to_owned()], 1)
        );
    }
}
