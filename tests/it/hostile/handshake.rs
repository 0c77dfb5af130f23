//! Requests that are none, and handshakes that are none. One case is one row.

use super::in_a_world;
use super::raw::{Raw, handshake};
use crate::support::world::Setup;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Answered with this status; what follows on the connection is the server's affair.
    Status(u16),
    /// Answered with this status, and the connection is over: what was sent behind it is not taken for a request.
    Last(u16),
}
use Fate::{Last, Status};

#[test]
fn a_websocket_begins_with_a_whole_handshake_of_version_13() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let path = format!("/api/v1/sessions/{session}/live");
        let with = |other: &[(&str, &str)]| handshake(&path, other);
        let plain = with(&[]);
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let table: Vec<(&str, String, Fate)> = vec![
            ("as browsers do it", plain.clone(), Status(101)),
            (
                "in other letters, in a list",
                with(&[
                    ("Upgrade", "h2c, WebSocket"),
                    ("Connection", "keep-alive, UPGRADE"),
                ]),
                Status(101),
            ),
            (
                "with extensions and protocols we do not speak",
                with(&[
                    ("Sec-WebSocket-Extensions", "x-foo; bar=1, x-bar"),
                    ("Sec-WebSocket-Protocol", "chat, superchat"),
                ]),
                Status(101),
            ),
            ("without an upgrade", with(&[("Upgrade", "")]), Status(426)),
            ("another upgrade", with(&[("Upgrade", "h2c")]), Status(426)),
            (
                "a word that only begins so",
                with(&[("Upgrade", "websockets")]),
                Status(426),
            ),
            ("without a connection", with(&[("Connection", "")]), Status(426)),
            (
                "a connection kept alive",
                with(&[("Connection", "keep-alive")]),
                Status(426),
            ),
            (
                "without a version",
                with(&[("Sec-WebSocket-Version", "")]),
                Status(426),
            ),
            ("version 8", with(&[("Sec-WebSocket-Version", "8")]), Status(426)),
            (
                "version 14",
                with(&[("Sec-WebSocket-Version", "14")]),
                Status(426),
            ),
            (
                "two versions in a list",
                with(&[("Sec-WebSocket-Version", "13, 8")]),
                Status(426),
            ),
            (
                "two versions",
                plain.replace(key, &format!("Sec-WebSocket-Version: 13\r\n{key}")),
                Status(426),
            ),
            ("without a key", with(&[("Sec-WebSocket-Key", "")]), Status(400)),
            (
                "two keys",
                plain.replace(key, &format!("{key}{key}")),
                Status(400),
            ),
            (
                "a key of four bytes",
                with(&[("Sec-WebSocket-Key", "AAAAAA==")]),
                Status(400),
            ),
            (
                "a key of 17 bytes",
                with(&[("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAA=")]),
                Status(400),
            ),
            (
                "a key that is no base64",
                with(&[("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!==")]),
                Status(400),
            ),
            (
                "a key that is no text",
                with(&[("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZÜ==")]),
                Status(400),
            ),
            ("HTTP/1.0", plain.replace("HTTP/1.1", "HTTP/1.0"), Last(400)),
            ("a POST", plain.replacen("GET", "POST", 1), Status(405)),
            (
                "no such session",
                plain.replace(session.as_str(), "0000000000000000"),
                Status(404),
            ),
            (
                "the backstage without a login",
                plain.replace("/live", "/live?channel=backstage"),
                Status(401),
            ),
        ];
        for (name, request, fate) in table {
            expect(&world.rest.base, name, request.as_bytes(), fate).await;
        }
        let mut old = Raw::connect(&world.rest.base).await;
        old.send(with(&[("Sec-WebSocket-Version", "8")])).await;
        let answer = old.answer().await.expect("an answer");
        assert_eq!(
            answer.header("sec-websocket-version"),
            Some("13"),
            "what is spoken here is said"
        );
    });
}

#[test]
fn requests_that_another_reader_could_read_otherwise_end_the_connection() {
    in_a_world(&Setup::default(), async |world| {
        // What is hidden behind each of them must not be taken for a request of its own.
        let hidden = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        let post = "POST /api/v1/participants HTTP/1.1\r\nHost: x\r\n";
        let table: Vec<(&str, String, Fate)> = vec![
            (
                "two lengths that differ",
                format!("{post}Content-Length: 0\r\nContent-Length: 35\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a list of lengths that differ",
                format!("{post}Content-Length: 0, 35\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a length with a sign",
                format!("{post}Content-Length: +0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a length below zero",
                format!("{post}Content-Length: -1\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a length in hexadecimal",
                format!("{post}Content-Length: 0x0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a length no machine has",
                format!("{post}Content-Length: 18446744073709551616\r\n\r\n{hidden}"),
                Last(400),
            ),
            // Read as chunked, as the newer rule says, answered, and closed.
            (
                "a length and chunks",
                format!("{post}Content-Length: 35\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "chunks and a length",
                format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "an encoding that is not chunks",
                format!("{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "chunks that are not the last encoding",
                format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "chunks before they were invented",
                format!(
                    "{}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
                    post.replace("1.1", "1.0")
                ),
                Last(400),
            ),
            (
                "a size of a chunk that is no number",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a size of a chunk that overflows",
                format!("{post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a space before the colon",
                format!("{post}Content-Length : 35\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a header on two lines",
                format!("{post}X-One: a\r\n b\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a zero in a header",
                format!("{post}X-One: a\0b\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a carriage return alone",
                format!("{post}X-One: a\rX-Two: b\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a header without a name",
                format!("{post}: a\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "no request at all",
                format!("nonsense\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "HTTP/2 without being asked",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(),
                Last(400),
            ),
            (
                "another version",
                format!("GET / HTTP/3.0\r\nHost: x\r\n\r\n{hidden}"),
                Last(400),
            ),
            (
                "a word of TLS",
                "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n".into(),
                Last(400),
            ),
        ];
        for (name, request, fate) in table {
            expect(&world.rest.base, name, request.as_bytes(), fate).await;
        }
    });
}

#[test]
fn heads_have_a_largest_size_and_number() {
    in_a_world(&Setup::default(), async |world| {
        let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
        let table: Vec<(&str, String, Fate)> = vec![
            (
                "8 KiB of cookies",
                format!("{get}Cookie: {}\r\n\r\n", "c".repeat(8 << 10)),
                Status(200),
            ),
            (
                "a header of 20 KiB",
                format!("{get}X-One: {}\r\n\r\n", "a".repeat(20 << 10)),
                Last(431),
            ),
            (
                "a megabyte of a header, and no end",
                format!("{get}X-One: {}", "a".repeat(1 << 20)),
                Last(431),
            ),
            (
                "100 headers",
                format!("{get}{}\r\n", "X-One: a\r\n".repeat(99)),
                Status(200),
            ),
            (
                "101 headers",
                format!("{get}{}\r\n", "X-One: a\r\n".repeat(100)),
                Last(431),
            ),
            (
                "an address of 12 KiB",
                format!(
                    "GET /healthz?{} HTTP/1.1\r\nHost: x\r\n\r\n",
                    "a".repeat(12 << 10)
                ),
                Status(200),
            ),
            (
                "an address of a megabyte",
                format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20)),
                Last(431),
            ),
        ];
        for (name, request, fate) in table {
            expect(&world.rest.base, name, request.as_bytes(), fate).await;
        }
        // A body nobody asked for is not read to its end.
        let mut raw = Raw::connect(&world.rest.base).await;
        raw.send(format!("{get}Content-Length: 1000000000\r\n\r\nonly this"))
            .await;
        assert_eq!(raw.answer().await.expect("an answer").status, 200);
        raw.read_to_the_end().await;
    });
}

/// Sends a request and looks what becomes of it.
async fn expect(base: &str, name: &str, request: &[u8], fate: Fate) {
    let mut raw = Raw::connect(base).await;
    raw.send(request).await;
    match fate {
        Status(status) => {
            let answer = raw
                .answer()
                .await
                .unwrap_or_else(|| panic!("{name}: no answer at all"));
            assert_eq!(answer.status, status, "{name}: {answer:?}");
        }
        Last(status) => {
            // A server that closes while more is on its way may be heard by the reset only.
            if let Some(answer) = raw.answer().await {
                assert_eq!(answer.status, status, "{name}: {answer:?}");
            }
            let rest = raw.read_to_the_end().await;
            assert!(
                rest.is_empty(),
                "{name}: something else was answered: {}",
                String::from_utf8_lossy(&rest)
            );
        }
    }
}
