//! The live channel as Server-Sent Events, as little of it as a client needs.
//!
//! Asked for in HTTP/1.0, so that the events come as they are and not cut into chunks.

use super::handshake::Handshake;

/// Longest head of an answer believed.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// Whether a path leads to Server-Sent Events instead of a WebSocket.
pub fn is_events(path: &str) -> bool {
    path.ends_with("/events")
}

/// The request that asks for them.
pub fn request(host: &str, path: &str, since: Option<u64>) -> Vec<u8> {
    let resume = since
        .map(|seq| format!("Last-Event-ID: {seq}\r\n"))
        .unwrap_or_default();
    format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/event-stream\r\n{resume}\r\n").into_bytes()
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
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    if status == 200 && head.contains("\r\ncontent-type: text/event-stream") {
        Handshake::Open {
            len: end + 4,
            deflate: false,
        }
    } else {
        Handshake::Refused(status)
    }
}

/// The first event that is whole: its data, if it has any, and how long it is.
pub fn event(bytes: &[u8]) -> Option<(Option<&[u8]>, usize)> {
    // The data is one line of JSON, so that the first empty line ends the event.
    let end = bytes.windows(2).position(|two| two == b"\n\n")?;
    let data = bytes[..end]
        .split(|byte| *byte == b'\n')
        .find_map(|line| line.strip_prefix(b"data: "));
    Some((data, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_whole_and_comments_have_no_data() {
        let bytes = b"data: {\"a\":1}\nid: 7\n\n:\n\ndata: {\"b\":2}\n\ndata: {";
        let mut at = 0;
        let mut all = Vec::new();
        while let Some((data, len)) = event(&bytes[at..]) {
            at += len;
            all.push(data.map(|d| String::from_utf8_lossy(d).into_owned()));
        }
        assert_eq!(
            all,
            [Some(r#"{"a":1}"#.to_owned()), None, Some(r#"{"b":2}"#.to_owned())]
        );
        assert_eq!(&bytes[at..], b"data: {");
    }

    #[test]
    fn only_a_stream_of_events_is_open() {
        let head = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        assert_eq!(answered(&head[..20]), Handshake::Waiting);
        let len = head.len();
        let deflate = false;
        assert_eq!(answered(head), Handshake::Open { len, deflate });
        assert_eq!(
            answered(b"HTTP/1.0 429 Too Many\r\n\r\n"),
            Handshake::Refused(429)
        );
        assert_eq!(
            answered(b"HTTP/1.0 200 OK\r\ncontent-type: text/html\r\n\r\n"),
            Handshake::Refused(200)
        );
    }

    #[test]
    fn coming_back_says_the_last_number() {
        let text = String::from_utf8(request("h:1", "/p/events", Some(7))).expect("ASCII");
        assert!(text.starts_with("GET /p/events HTTP/1.0\r\nHost: h:1\r\n"));
        assert!(text.ends_with("Last-Event-ID: 7\r\n\r\n"));
    }
}
