//! The opening handshake, RFC 6455 section 4, as little of it as a client needs.

use super::inflate::OFFER;

/// The sample key of RFC 6455 section 1.3 and its answer: one key for all, because nobody caches a live channel here.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Longest head of an answer believed.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// What is asked for besides the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asking {
    /// The last number known.
    pub since: Option<u64>,
    /// Compressed messages.
    pub deflate: bool,
}

/// The request that asks for the live channel.
pub fn request(host: &str, path: &str, asking: Asking) -> Vec<u8> {
    let Asking { since, deflate } = asking;
    let offer = if deflate {
        format!("Sec-WebSocket-Extensions: {OFFER}\r\n")
    } else {
        String::new()
    };
    let resume = since.map(|seq| format!("?since={seq}")).unwrap_or_default();
    format!("GET {path}{resume} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{offer}\r\n").into_bytes()
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// More bytes are needed.
    Waiting,
    /// Done; frames begin after so many bytes.
    Open { len: usize, deflate: bool },
    /// Refused with a status, or 0 when it was no HTTP at all.
    Refused(u16),
}

/// Reads the answer.
pub fn answered(bytes: &[u8]) -> Handshake {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if bytes.len() > HEAD_BYTES_MAX {
            Handshake::Refused(0)
        } else {
            Handshake::Waiting
        };
    };
    let Ok(head) = std::str::from_utf8(&bytes[..end]) else {
        return Handshake::Refused(0);
    };
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let (mut accepted, mut deflate) = (false, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("sec-websocket-accept") {
            accepted = value.trim() == ACCEPT;
        } else if name.eq_ignore_ascii_case("sec-websocket-extensions") {
            deflate = value.trim().starts_with("permessage-deflate");
        }
    }
    if status == 101 && accepted {
        Handshake::Open {
            len: end + 4,
            deflate,
        }
    } else {
        Handshake::Refused(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_read_in_any_split_and_frames_behind_it_are_kept() {
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nSEC-WebSocket-Accept: {ACCEPT}\r\n\r\n"
        );
        let bytes = [head.as_bytes(), &[0x89, 0]].concat();
        for cut in 0..head.len() {
            assert_eq!(answered(&bytes[..cut]), Handshake::Waiting, "{cut}");
        }
        let open = |deflate, bytes: &[u8]| {
            let len = bytes.len() - 2;
            assert_eq!(answered(bytes), Handshake::Open { len, deflate });
        };
        open(false, &bytes);
        let taken = head.replacen("\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n", 1);
        open(true, &[taken.as_bytes(), &[0x89, 0]].concat());
    }

    #[test]
    fn a_refusal_and_a_wrong_accept_are_not_open() {
        assert_eq!(
            answered(b"HTTP/1.1 404 Not Found\r\n\r\n"),
            Handshake::Refused(404)
        );
        assert_eq!(
            answered(b"HTTP/1.1 101 OK\r\nsec-websocket-accept: wrong\r\n\r\n"),
            Handshake::Refused(101)
        );
        assert_eq!(answered(&vec![b'x'; 9_000]), Handshake::Refused(0));
    }

    #[test]
    fn coming_back_says_the_last_number() {
        let asking = Asking {
            since: Some(7),
            deflate: true,
        };
        let text = String::from_utf8(request("h:1", "/p", asking)).expect("ASCII");
        assert!(text.contains("\r\nSec-WebSocket-Extensions: permessage-deflate"));
        assert!(text.starts_with("GET /p?since=7 HTTP/1.1\r\nHost: h:1\r\n"));
        assert!(text.ends_with("\r\n\r\n"));
    }
}
