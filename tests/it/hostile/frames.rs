//! RFC 6455 from the connection's other end: what is sent, and what must come back. One case is one row.

use std::time::Duration;

use yishiting::domain::limits::CLIENT_MESSAGE_BYTES_MAX;

use super::in_a_world;
use super::raw::{Raw, masked};
use crate::support::Viewer;
use crate::support::world::Setup;

/// What came back, figures and the channel itself left out.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// The text was heard whole and is nothing we know.
    Malformed,
    Pong(Vec<u8>),
    /// A close frame with its code, 0 without one; and then the end.
    Close(u16),
}
use Said::{Close, Malformed, Pong};

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;

/// A name, what is sent, what comes back.
type Case = (&'static str, Vec<u8>, Vec<Said>);

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    masked(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn frames(parts: &[(u8, &[u8])]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|(first, payload)| masked(*first, payload))
        .collect()
}

/// A head that says a length in eight bytes, masked with zeros.
fn long(first: u8, len: u64) -> Vec<u8> {
    [&[first, 0xFF][..], &len.to_be_bytes(), &[0; 4]].concat()
}

fn texts_and_fragments() -> Vec<Case> {
    let water = "水".as_bytes();
    let full = vec![b'x'; CLIENT_MESSAGE_BYTES_MAX];
    vec![
        ("a text", frames(&[(TEXT, b"x")]), vec![Malformed]),
        ("an empty text", frames(&[(TEXT, b"")]), vec![Malformed]),
        (
            "two texts in one write",
            frames(&[(TEXT, b"x"), (TEXT, b"y")]),
            vec![Malformed, Malformed],
        ),
        (
            "a mask of zeros",
            vec![TEXT, 0x81, 0, 0, 0, 0, b'x'],
            vec![Malformed],
        ),
        (
            "two fragments",
            frames(&[(TEXT_BEGINS, b"x"), (ENDS, b"y")]),
            vec![Malformed],
        ),
        (
            "empty fragments",
            frames(&[(TEXT_BEGINS, b""), (GOES_ON, b""), (ENDS, b"")]),
            vec![Malformed],
        ),
        (
            "a hundred fragments of a byte",
            [
                masked(TEXT_BEGINS, b"x"),
                masked(GOES_ON, b"x").repeat(98),
                masked(ENDS, b"x"),
            ]
            .concat(),
            vec![Malformed],
        ),
        (
            "ping and pong between fragments",
            frames(&[
                (TEXT_BEGINS, b"x"),
                (PING, b"p"),
                (PONG, b"q"),
                (GOES_ON, b"y"),
                (ENDS, b"z"),
            ]),
            vec![Pong(b"p".to_vec()), Malformed],
        ),
        (
            "a close between fragments",
            [masked(TEXT_BEGINS, b"x"), close(1000, b"")].concat(),
            vec![Close(1000)],
        ),
        (
            "a continuation of nothing",
            frames(&[(ENDS, b"x")]),
            vec![Close(1002)],
        ),
        (
            "a continuation of nothing that is not the last",
            frames(&[(GOES_ON, b"x")]),
            vec![Close(1002)],
        ),
        (
            "a continuation after the end",
            frames(&[(TEXT_BEGINS, b"x"), (ENDS, b"y"), (ENDS, b"z")]),
            vec![Close(1002)],
        ),
        (
            "a text inside a text",
            frames(&[(TEXT_BEGINS, b"x"), (TEXT, b"y")]),
            vec![Close(1002)],
        ),
        (
            "a binary message inside a text",
            frames(&[(TEXT_BEGINS, b"x"), (BINARY, b"y")]),
            vec![Close(1002)],
        ),
        (
            "a character cut by fragments",
            frames(&[
                (TEXT_BEGINS, &water[..1]),
                (GOES_ON, &water[1..2]),
                (ENDS, &water[2..]),
            ]),
            vec![Malformed],
        ),
        (
            "a character cut by fragments and a ping between",
            frames(&[(TEXT_BEGINS, &water[..2]), (PING, &[0xFF]), (ENDS, &water[2..])]),
            vec![Pong(vec![0xFF]), Malformed],
        ),
        (
            "a byte that is no UTF-8",
            frames(&[(TEXT, &[0xFF])]),
            vec![Close(1007)],
        ),
        (
            "a surrogate",
            frames(&[(TEXT, &[0xED, 0xA0, 0x80])]),
            vec![Close(1007)],
        ),
        (
            "an overlong slash",
            frames(&[(TEXT, &[0xC0, 0xAF])]),
            vec![Close(1007)],
        ),
        (
            "beyond the last character",
            frames(&[(TEXT, &[0xF4, 0x90, 0x80, 0x80])]),
            vec![Close(1007)],
        ),
        (
            "half a character at the end",
            frames(&[(TEXT, &water[..2])]),
            vec![Close(1007)],
        ),
        (
            "half a character at the end of the last fragment",
            frames(&[(TEXT_BEGINS, b"x"), (ENDS, &water[..2])]),
            vec![Close(1007)],
        ),
        (
            "broken UTF-8 in a fragment, whose end never comes",
            frames(&[(TEXT_BEGINS, &[b'x', 0xFF])]),
            vec![Close(1007)],
        ),
        (
            "broken UTF-8 in a frame, whose end never comes",
            vec![TEXT, 0xFE, 0x10, 0, 0, 0, 0, 0, b'x', 0xC0, 0x80],
            vec![Close(1007)],
        ),
        ("as long as is allowed", masked(TEXT, &full), vec![Malformed]),
        (
            "one byte longer",
            masked(TEXT, &[&full[..], b"x"].concat()),
            vec![Close(1009)],
        ),
        (
            "one byte longer in fragments",
            frames(&[(TEXT_BEGINS, &full), (GOES_ON, b""), (ENDS, b"x")]),
            vec![Close(1009)],
        ),
        (
            "much longer, of which only the head comes",
            long(TEXT, 1 << 40),
            vec![Close(1009)],
        ),
    ]
}

fn heads() -> Vec<Case> {
    let mut cases = vec![
        ("an unmasked text", vec![TEXT, 1, b'x'], vec![Close(1002)]),
        ("an unmasked ping", vec![PING, 0], vec![Close(1002)]),
        ("an unmasked close", vec![CLOSE, 2, 3, 232], vec![Close(1002)]),
        ("a binary message", frames(&[(BINARY, b"x")]), vec![Close(1003)]),
        (
            "the first fragment of a binary message",
            frames(&[(0x02, b"x")]),
            vec![Close(1003)],
        ),
        // RSV1 says "compressed" where that was agreed on. It was not: nothing a client compresses is ever unpacked here.
        (
            "a compressed text",
            frames(&[(0xC1, &[0xAA, 0x04, 0x00])]),
            vec![Close(1002)],
        ),
        (
            "as many compressed bytes as a message may have",
            masked(0xC1, &vec![0; CLIENT_MESSAGE_BYTES_MAX]),
            vec![Close(1002)],
        ),
        (
            "a compressed text in fragments",
            frames(&[(0x41, b"x"), (ENDS, b"y")]),
            vec![Close(1002)],
        ),
        (
            "RSV1 inside a message",
            frames(&[(TEXT_BEGINS, b"x"), (0xC0, b"y")]),
            vec![Close(1002)],
        ),
        ("a compressed ping", frames(&[(0xC9, b"x")]), vec![Close(1002)]),
        ("RSV2", frames(&[(0xA1, b"x")]), vec![Close(1002)]),
        ("RSV3", frames(&[(0x91, b"x")]), vec![Close(1002)]),
        ("all reserved bits", frames(&[(0xF1, b"x")]), vec![Close(1002)]),
        (
            "126 bytes in two bytes of length",
            masked(TEXT, &[b'x'; 126]),
            vec![Malformed],
        ),
        (
            "125 bytes in two bytes of length",
            [&[TEXT, 0xFE, 0, 125, 0, 0, 0, 0][..], &[b'x'; 125]].concat(),
            vec![Close(1002)],
        ),
        (
            "no bytes in two bytes of length",
            vec![TEXT, 0xFE, 0, 0, 0, 0, 0, 0],
            vec![Close(1002)],
        ),
        (
            "no bytes in eight bytes of length",
            long(TEXT, 0),
            vec![Close(1002)],
        ),
        (
            "65535 bytes in eight bytes of length",
            long(TEXT, 0xFFFF),
            vec![Close(1002)],
        ),
        ("a length of 2^63", long(TEXT, 1 << 63), vec![Close(1002)]),
        ("a length of 2^64 - 1", long(TEXT, u64::MAX), vec![Close(1002)]),
        (
            "a length of 2^63 - 1",
            long(TEXT, (1 << 63) - 1),
            vec![Close(1009)],
        ),
    ];
    for opcode in [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF_u8] {
        cases.push((
            "a reserved opcode",
            masked(0x80 | opcode, b"x"),
            vec![Close(1002)],
        ));
    }
    cases
}

fn control_frames() -> Vec<Case> {
    let mut cases = vec![
        ("a ping", frames(&[(PING, b"p")]), vec![Pong(b"p".to_vec())]),
        ("an empty ping", frames(&[(PING, b"")]), vec![Pong(Vec::new())]),
        (
            "a ping of 125 bytes that are no UTF-8",
            masked(PING, &[0xFE; 125]),
            vec![Pong(vec![0xFE; 125])],
        ),
        ("a ping of 126 bytes", masked(PING, &[0; 126]), vec![Close(1002)]),
        (
            "a ping of 2^16 bytes",
            masked(PING, &[0; 1 << 16]),
            vec![Close(1002)],
        ),
        ("a pong of 126 bytes", masked(PONG, &[0; 126]), vec![Close(1002)]),
        ("a fragmented ping", frames(&[(0x09, b"p")]), vec![Close(1002)]),
        ("a fragmented pong", frames(&[(0x0A, b"p")]), vec![Close(1002)]),
        ("a fragmented close", frames(&[(0x08, b"")]), vec![Close(1002)]),
        ("a pong nobody asked for", frames(&[(PONG, b"q")]), vec![]),
        (
            "a ping and a close behind it",
            [masked(PING, b"p"), close(1000, b"")].concat(),
            vec![Pong(b"p".to_vec()), Close(1000)],
        ),
        ("an empty close", frames(&[(CLOSE, b"")]), vec![Close(0)]),
        ("a close of one byte", frames(&[(CLOSE, &[3])]), vec![Close(1002)]),
        (
            "a close with a reason",
            close(1000, "再见".as_bytes()),
            vec![Close(1000)],
        ),
        (
            "a close with the longest reason",
            close(1000, &[b'x'; 123]),
            vec![Close(1000)],
        ),
        (
            "a close of 126 bytes",
            close(1000, &[b'x'; 124]),
            vec![Close(1002)],
        ),
        (
            "a close with a reason that is no UTF-8",
            close(1000, &[0xFF]),
            vec![Close(1007)],
        ),
        (
            "frames after a close",
            [close(1000, b""), masked(TEXT, b"x"), masked(PING, b"p")].concat(),
            vec![Close(1000)],
        ),
        (
            "two closes",
            [close(1000, b""), close(1001, b"")].concat(),
            vec![Close(1000)],
        ),
        (
            "nonsense after a refusal",
            [vec![TEXT, 1, b'x'], vec![0xFF; 500]].concat(),
            vec![Close(1002)],
        ),
    ];
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
    ] {
        cases.push((
            "a close code that may be sent",
            close(code, b""),
            vec![Close(code)],
        ));
    }
    for code in [
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        cases.push((
            "a close code that may not be sent",
            close(code, b""),
            vec![Close(1002)],
        ));
    }
    cases
}

/// Sends, reads what comes back, and looks whether the connection lives or has ended as it should.
async fn play(base: &str, session: &yishiting::domain::ids::SessionId, case: &Case, slowly: bool) {
    play_on(Raw::open(base, session, "").await, case, slowly).await;
}

async fn play_on(mut raw: Raw, case: &Case, slowly: bool) {
    let (name, bytes, expected) = case;
    if slowly {
        raw.send_slowly(bytes, Duration::ZERO).await;
    } else {
        raw.send(bytes).await;
    }
    let mut said = Vec::new();
    let closes = matches!(expected.last(), Some(Close(_)));
    let mut probed = false;
    loop {
        // Of many pings at once only the last is answered, so the probe waits until everything else was.
        if !closes && said.len() == expected.len() && !probed {
            raw.send(masked(PING, b"alive")).await;
            probed = true;
        }
        let Some((first, payload)) = raw.frame().await else {
            panic!("{name}: the server left after {said:?}");
        };
        match first {
            0x81 if payload.starts_with(br#"{"type":"error","code":"malformed""#) => said.push(Malformed),
            0x81 => assert!(
                !payload.starts_with(br#"{"type":"error""#),
                "{name}: {}",
                String::from_utf8_lossy(&payload)
            ),
            PONG if probed && payload == b"alive" => break,
            PONG => said.push(Pong(payload)),
            // A view or a batch, compressed for who asked for it.
            PING | 0xC1 => {}
            CLOSE => {
                let code = payload
                    .get(..2)
                    .map_or(0, |code| u16::from_be_bytes([code[0], code[1]]));
                assert!(
                    payload.len() < 2 || std::str::from_utf8(&payload[2..]).is_ok(),
                    "{name}: a reason is text"
                );
                said.push(Close(code));
                break;
            }
            other => panic!("{name}: a frame {other:#x}"),
        }
    }
    if closes {
        // An answer to something before it may be overtaken by the close.
        said.retain(|one| *one != Malformed);
    }
    assert_eq!(said, *expected, "{name}: {bytes:02x?}");
    if closes {
        // Whoever closed: the server ends the connection, and says nothing more.
        raw.send(masked(CLOSE, b"")).await;
        assert!(
            raw.read_to_the_end().await.is_empty(),
            "{name}: nothing follows a close"
        );
    }
}

#[test]
fn every_case_of_rfc_6455_is_answered_as_it_says() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let cases = [texts_and_fragments(), heads(), control_frames()].concat();
        assert!(cases.len() > 100, "{}", cases.len());
        let (base, session) = (&world.rest.base, &session);
        for some in cases.chunks(20) {
            futures_util::future::join_all(some.iter().map(|case| play(base, session, case, false))).await;
        }
        // The worst network delivers byte by byte.
        for some in cases.chunks(20) {
            let short = some.iter().filter(|(_, bytes, _)| bytes.len() < 300);
            futures_util::future::join_all(short.map(|case| play(base, session, case, true))).await;
        }
        let mut after = Viewer::open(&world.rest, session).await;
        world
            .guest()
            .await
            .comment(session, "还在")
            .await
            .expect("the server is as it was");
        after
            .until_seen("the comment", |seen| seen.comment_bodies() == ["还在"])
            .await;
    });
}

#[test]
fn what_comes_behind_the_handshake_in_the_same_packet_is_heard() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let mut raw = Raw::connect(&world.rest.base).await;
        let path = format!("/api/v1/sessions/{session}/live");
        let bytes = [
            super::raw::handshake(&path, &[]).into_bytes(),
            masked(TEXT_BEGINS, b"x"),
            masked(PING, b"early"),
            masked(ENDS, b"y"),
        ];
        raw.send(bytes.concat()).await;
        assert_eq!(raw.answer().await.expect("an answer").status, 101);
        let (mut pong, mut refused) = (false, false);
        while !(pong && refused) {
            let (first, payload) = raw.frame().await.expect("open");
            pong |= first == PONG && payload == b"early";
            refused |= payload.starts_with(br#"{"type":"error","code":"malformed""#);
        }
    });
}

#[test]
fn who_negotiated_compression_may_compress_and_a_bomb_stops_at_the_limit() {
    in_a_world(&Setup::default(), async |world| {
        let session = world.live().await;
        let deflated = |text: &str| miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
        let said = deflated(&"水价怎么算？".repeat(100));
        let (head, tail) = said.split_at(said.len() / 2);
        let table: Vec<Case> = vec![
            ("compressed", masked(0xC1, &said), vec![Malformed]),
            ("not compressed", masked(TEXT, b"x"), vec![Malformed]),
            (
                "compressed in fragments with a ping between",
                frames(&[(0x41, head), (PING, b"p"), (ENDS, tail)]),
                vec![Pong(b"p".to_vec()), Malformed],
            ),
            (
                "one compressed and one not",
                frames(&[(0xC1, &said), (TEXT, b"x")]),
                vec![Malformed, Malformed],
            ),
            (
                "as long as is allowed",
                masked(0xC1, &deflated(&"x".repeat(CLIENT_MESSAGE_BYTES_MAX))),
                vec![Malformed],
            ),
            (
                "one byte longer",
                masked(0xC1, &deflated(&"x".repeat(CLIENT_MESSAGE_BYTES_MAX + 1))),
                vec![Close(1009)],
            ),
            (
                "a bomb of 5 MB",
                masked(0xC1, &deflated(&"\0".repeat(5 << 20))),
                vec![Close(1009)],
            ),
            ("rubbish", masked(0xC1, &[0xFF; 9]), vec![Close(1007)]),
            (
                "compressed, and no UTF-8",
                masked(0xC1, &miniz_oxide::deflate::compress_to_vec(&[0xFF; 9], 6)),
                vec![Close(1007)],
            ),
            (
                "the bit on a fragment that is not the first",
                frames(&[(TEXT_BEGINS, b"x"), (0xC0, b"y")]),
                vec![Close(1002)],
            ),
            ("the bit on a ping", frames(&[(0xC9, b"x")]), vec![Close(1002)]),
            ("another bit", frames(&[(0xA1, b"x")]), vec![Close(1002)]),
        ];
        let path = format!("/api/v1/sessions/{session}/live");
        for slowly in [false, true] {
            for case in table.iter().filter(|(_, bytes, _)| !slowly || bytes.len() < 600) {
                let mut raw = Raw::connect(&world.rest.base).await;
                raw.send(super::raw::handshake(
                    &path,
                    &[(
                        "Sec-WebSocket-Extensions",
                        "permessage-deflate; client_max_window_bits",
                    )],
                ))
                .await;
                let answer = raw.answer().await.expect("an answer");
                assert_eq!(
                    answer.header("sec-websocket-extensions"),
                    Some("permessage-deflate; client_no_context_takeover"),
                    "{answer:?}"
                );
                play_on(raw, case, slowly).await;
            }
        }
    });
}
