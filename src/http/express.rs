//! The short way of a viewer. In a storm tens of thousands of connections are the same request, and for each of them parser, router and
//! upgrade cost more than the kernel does (measured: two thirds of a connect).
//!
//! Takes a handshake of a live channel that has come whole and is admitted by the same rules as on the ordinary way
//! ([`live::admit`]); its answer leaves together with the first view. Of everything else not one byte is taken, and the ordinary way
//! serves or refuses it.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, Version};
use tokio::net::TcpStream;

use super::Door;
use super::live::{self, Admitted};
use crate::domain::ids::SessionId;
use crate::hub::{DEFLATE_ACCEPTED, Ticket};

/// A browser's handshake with the cookies of a site; a longer one takes the ordinary way.
const HEAD_BYTES_MAX: usize = 2 << 10;
/// Browsers send about fifteen.
const HEADERS_MAX: usize = 48;

/// Hands a viewer over to the hub. Gives the connection back, untouched, if it is something else.
pub(super) async fn take(
    door: &Door,
    stream: TcpStream,
    peer: SocketAddr,
    ticket: Option<Ticket>,
) -> Option<(TcpStream, Option<Ticket>)> {
    let mut head = vec![0; HEAD_BYTES_MAX];
    let parsed = match stream.peek(&mut head).await {
        Ok(len) => parse(&head[..len]),
        Err(_) => None,
    };
    let Some((id, mut parts, len)) = parsed else {
        return Some((stream, ticket));
    };
    parts.extensions.insert(ConnectInfo(peer));
    let Ok(Ok(admitted)) = live::admit(door, id, &mut parts).await else {
        return Some((stream, ticket));
    };
    // What was seen is there. Should it not be, nothing can be served.
    match stream.try_read(&mut head[..len]) {
        Ok(read) if read == len => {}
        _ => return None,
    }
    let greeting = greeting(&admitted);
    match stream.into_std() {
        Ok(stream) => live::hand_over(door, stream, admitted, Vec::new(), greeting, ticket),
        Err(error) => tracing::debug!(%error, "client left before it was handed over"),
    }
    None
}

fn greeting(admitted: &Admitted) -> Vec<u8> {
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ".to_vec();
    head.extend_from_slice(admitted.accept.as_bytes());
    if admitted.deflate {
        head.extend_from_slice(b"\r\nsec-websocket-extensions: ");
        head.extend_from_slice(DEFLATE_ACCEPTED.as_bytes());
    }
    head.extend_from_slice(b"\r\n\r\n");
    head
}

/// The session, the request and its length, if it is a whole GET of a live channel with nothing behind it that this way would have to
/// understand.
fn parse(bytes: &[u8]) -> Option<(SessionId, Parts, usize)> {
    let rest = bytes.strip_prefix(b"GET /api/v1/sessions/")?;
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(len) = request.parse(bytes).ok()? else {
        return None;
    };
    let id_len = rest.iter().position(|byte| *byte == b'/')?;
    let id: SessionId = std::str::from_utf8(&rest[..id_len]).ok()?.parse().ok()?;
    if request.version != Some(1)
        || !matches!(rest[id_len..].strip_prefix(b"/live")?.first(), Some(b' ' | b'?'))
    {
        return None;
    }
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = Method::GET;
    parts.version = Version::HTTP_11;
    parts.uri = request.path?.parse::<Uri>().ok()?;
    for header in request.headers.iter() {
        // A body would have to be read before the frames.
        if header.name.eq_ignore_ascii_case("content-length")
            || header.name.eq_ignore_ascii_case("transfer-encoding")
        {
            return None;
        }
        parts.headers.append(
            HeaderName::from_bytes(header.name.as_bytes()).ok()?,
            HeaderValue::from_bytes(header.value).ok()?,
        );
    }
    Some((id, parts, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake(path: &str, more: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        )
    }

    #[test]
    fn only_a_whole_handshake_of_a_live_channel_is_taken() {
        let path = "/api/v1/sessions/0123456789abcdef/live";
        let whole = handshake(path, "");
        let (id, parts, len) = parse(whole.as_bytes()).expect("whole");
        assert_eq!((id.as_str(), len), ("0123456789abcdef", whole.len()));
        assert_eq!(parts.headers["sec-websocket-version"], "13");
        let behind = format!(
            "{}frames",
            handshake(&format!("{path}?since=7&channel=public"), "")
        );
        let (_, parts, len) = parse(behind.as_bytes()).expect("whole");
        assert_eq!(
            (parts.uri.query(), behind.len() - len),
            (Some("since=7&channel=public"), 6)
        );
        for cut in 0..whole.len() {
            assert!(parse(&whole.as_bytes()[..cut]).is_none(), "{cut}");
        }
        for other in [
            handshake("/api/v1/sessions/0123456789abcdef/lively", ""),
            handshake("/api/v1/sessions/0123456789abcdef/events", ""),
            handshake("/api/v1/sessions/short/live", ""),
            handshake(path, "Content-Length: 4\r\n"),
            handshake(path, "Transfer-Encoding: chunked\r\n"),
            handshake(path, "broken header\r\n"),
            whole.replace("HTTP/1.1", "HTTP/1.0"),
            whole.replace("GET", "POST"),
        ] {
            assert!(parse(other.as_bytes()).is_none(), "{other}");
        }
    }
}
