//! Bad input gets a clear error with a code, the connection survives where it should, and nothing is written.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use yishiting::domain::limits::CLIENT_MESSAGE_BYTES_MAX;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{PostState, Role};
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::close;

use crate::support::rest::{NOTHING, answer_of, code};
use crate::support::{Viewer, new_ref, on_both};

#[test]
fn a_message_that_is_not_understood_is_answered_and_the_connection_goes_on() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let before = world.footprint().await;
        for (text, expected) in [
            ("", Code::Malformed),
            ("hello", Code::Malformed),
            ("{", Code::Malformed),
            ("[]", Code::Malformed),
            ("null", Code::Malformed),
            (r#"{"type":"shout","ref":"ref-00000000"}"#, Code::Malformed),
            (r#"{"type":"comment","ref":"ref-00000000"}"#, Code::Malformed),
            (
                r#"{"type":"comment","ref":"ref-00000000","body":7}"#,
                Code::Malformed,
            ),
            (r#"{"type":"comment","ref":"short","body":"好"}"#, Code::Malformed),
            (
                r#"{"type":"comment","ref":"ref-00000000","body":"好","at_ms":0}"#,
                Code::Malformed,
            ),
            (
                r#"{"type":"support","ref":"ref-00000000","question_id":"nope","on":true}"#,
                Code::Malformed,
            ),
            (
                r#"{"type":"hello","token":"x","version":1}"#,
                Code::Unauthenticated,
            ),
            (r#"{"type":"hello","token":"x","version":99}"#, Code::WrongVersion),
            (
                r#"{"type":"comment","ref":"ref-00000000","body":"没打招呼"}"#,
                Code::Unauthenticated,
            ),
        ] {
            let mut viewer = Viewer::open(&world.rest, &session).await;
            let refusal = viewer.refusal_of(text).await;
            assert_eq!(refusal.code, expected, "{text}: {refusal:?}");
            assert!(!refusal.message.is_empty());
            if text.contains("ref-00000000") {
                assert_eq!(
                    refusal.r#ref.as_ref().map(|r| r.as_str()),
                    Some("ref-00000000"),
                    "the answer names what it answers: {text}"
                );
            }
            viewer.greet(&guest).await;
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn who_sends_only_nonsense_is_closed() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for _ in 0..20 {
            viewer.say_text("nonsense").await;
        }
        let closed = viewer.until_closed().await;
        assert_eq!(closed.code, close::NOT_UNDERSTOOD, "{closed:?}");
        Viewer::open(&world.rest, &session).await;
    });
}

#[test]
fn an_oversized_frame_a_binary_frame_and_bytes_that_are_not_utf_8_close_only_their_own_connection() {
    on_both(async |world| {
        let session = world.live().await;
        let mut witness = Viewer::open(&world.rest, &session).await;
        let oversized =
            json!({"type": "comment", "ref": "ref-00000000", "body": "长".repeat(CLIENT_MESSAGE_BYTES_MAX)})
                .to_string();
        // A text frame of one byte that is no UTF-8, masked with zeros.
        let not_utf8: &[u8] = &[0x81, 0x81, 0, 0, 0, 0, 0xFF];
        // Reserved bits, an unknown opcode, an unmasked frame.
        let raw: [&[u8]; 4] = [
            not_utf8,
            &[0xF1, 0x81, 0, 0, 0, 0, b'x'],
            &[0x83, 0x80, 0, 0, 0, 0],
            &[0x81, 0x01, b'x'],
        ];
        let mut endings = Vec::new();
        for frame in [Message::text(oversized), Message::binary(vec![1, 2, 3])] {
            let mut viewer = Viewer::open(&world.rest, &session).await;
            viewer.say_frame(frame).await;
            endings.push(viewer.until_closed().await);
        }
        for bytes in raw {
            let mut viewer = Viewer::open(&world.rest, &session).await;
            viewer.stream().write_all(bytes).await.expect("writable");
            endings.push(viewer.until_closed().await);
        }
        assert!(
            endings
                .iter()
                .all(|c| c.code == close::NOT_UNDERSTOOD || (1002..=1009).contains(&c.code)),
            "each is told why: {endings:?}"
        );
        world
            .guest()
            .await
            .comment(&session, "别人不受影响")
            .await
            .expect("taken");
        witness
            .until_seen("what others say", |seen| seen.comments.len() == 1)
            .await;
    });
}

#[test]
fn a_message_in_pieces_is_one_message_and_a_polite_close_is_answered() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer.greet(&guest).await;
        let text = serde_json::to_string(&ClientMessage::Comment {
            r#ref: new_ref(),
            body: "分成几片的一句".into(),
        })
        .expect("JSON");
        let (head, tail) = text.as_bytes().split_at(30);
        let frame = |first: u8, payload: &[u8]| -> Vec<u8> {
            let mut bytes = vec![
                first,
                0x80 | u8::try_from(payload.len()).expect("short"),
                0,
                0,
                0,
                0,
            ];
            bytes.extend_from_slice(payload);
            bytes
        };
        let mut bytes = frame(0x01, head);
        bytes.extend(frame(0x89, b"ping between"));
        bytes.extend(frame(0x80, tail));
        // Byte by byte, as the worst network delivers it.
        for byte in bytes {
            viewer.stream().write_all(&[byte]).await.expect("writable");
        }
        viewer
            .until_seen("the comment", |seen| seen.comment_bodies() == ["分成几片的一句"])
            .await;
        viewer
            .say_frame(Message::Close(Some(CloseFrame {
                code: CloseCode::Normal,
                reason: "".into(),
            })))
            .await;
        viewer.until_closed().await;
    });
}

#[test]
fn texts_at_their_bounds_are_taken_and_beyond_refused_with_limit_and_length() {
    on_both(async |world| {
        let session = world.live().await;
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        for (body, taken) in [
            ("字".repeat(200), true),
            ("字".repeat(201), false),
            ("字".repeat(10_000), false),
            (family.repeat(100), true),
        ] {
            let guest = world.guest().await;
            let answer = guest.comment(&session, &body).await;
            assert_eq!(
                answer.is_ok(),
                taken,
                "{} characters: {answer:?}",
                body.chars().count()
            );
            if let Err(refused) = answer {
                assert_eq!(
                    (
                        refused.status,
                        refused.error.code,
                        refused.error.params["max"].as_str()
                    ),
                    (400, Code::TooLong, "200")
                );
                assert_eq!(refused.error.params["len"], body.chars().count().to_string());
            }
        }
        let guest = world.guest().await;
        guest
            .question(&session, &"问".repeat(500))
            .await
            .expect("five hundred");
        assert_eq!(
            code(guest.question(&session, &"问".repeat(501)).await),
            Code::TooLong
        );
        for empty in [
            "",
            " ",
            "\n\t\r\n",
            "\u{3000}\u{200b}\u{2060}\u{feff}",
            "\u{0}\u{7}",
            "\u{202e}\u{2066}",
        ] {
            assert_eq!(
                code(guest.comment(&session, empty).await),
                Code::Empty,
                "{empty:?}"
            );
            assert_eq!(
                code(guest.question(&session, empty).await),
                Code::Empty,
                "{empty:?}"
            );
        }
    });
}

#[test]
fn control_and_direction_characters_are_gone_and_markup_stays_text() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for (body, shown) in [
            ("电\u{0}价\u{1b}[31m高", "电价[31m高"),
            ("\u{202e}倒过来\u{202c}", "倒过来"),
            ("零\u{200b}宽", "零宽"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("&lt;b&gt; \" ' \\ `", "&lt;b&gt; \" ' \\ `"),
            ("{{7*7}} ${7*7} %s %00", "{{7*7}} ${7*7} %s %00"),
            ("'; DROP TABLE comment; --", "'; DROP TABLE comment; --"),
        ] {
            let count = viewer.seen.comments.len();
            world.guest().await.comment(&session, body).await.expect("taken");
            viewer
                .until_seen(shown, |seen| seen.comments.len() == count + 1)
                .await;
            assert!(
                viewer.seen.comment_bodies().contains(&shown),
                "{body:?}: {:?}",
                viewer.seen.comment_bodies()
            );
        }
        let page = world
            .rest
            .raw(Method::GET, &format!("/sessions/{session}/comments"), NOTHING)
            .await;
        assert_eq!(
            page.headers()["content-type"],
            "application/json",
            "a browser never takes it for a page"
        );
    });
}

#[test]
fn bad_bodies_of_requests_are_refused_with_a_code() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let path = format!("/sessions/{session}/comments");
        let before = world.footprint().await;
        let ask = async |bytes: Vec<u8>| {
            let response = guest
                .request(Method::POST, &path)
                .body(bytes)
                .send()
                .await
                .expect("answers");
            answer_of::<Value>(&path, response)
                .await
                .expect_err("bad")
                .error
                .code
        };
        for bytes in [
            b"".to_vec(),
            b"{".to_vec(),
            b"null".to_vec(),
            b"\xFF\xFE{}".to_vec(),
            br#"{"ref":"ref-00000000","body":"\ud800"}"#.to_vec(),
            br#"{"ref":"ref-00000000","body":"x","admin":true}"#.to_vec(),
        ] {
            assert_eq!(
                ask(bytes.clone()).await,
                Code::Malformed,
                "{:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
        // A little more than anybody may send, so that the answer is read before the sending breaks off.
        let huge = format!(r#"{{"ref":"ref-00000000","body":"{}"}}"#, "x".repeat(100 * 1_024));
        assert_eq!(ask(huge.into_bytes()).await, Code::TooLarge);
        let deep = format!(
            r#"{{"ref":"ref-00000000","body":{}"x"{}}}"#,
            "[".repeat(20_000),
            "]".repeat(20_000)
        );
        assert_eq!(ask(deep.into_bytes()).await, Code::Malformed);
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn bad_addresses_are_refused_with_a_code() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        for (path, expected) in [
            ("/sessions/nope/view".to_owned(), Code::NotFound),
            ("/sessions/%00/view".to_owned(), Code::NotFound),
            (format!("/sessions/{}/view", "0".repeat(5_000)), Code::NotFound),
            (
                format!("/sessions/{session}/questions?sort=best"),
                Code::Malformed,
            ),
            (
                format!("/sessions/{session}/questions?limit=many"),
                Code::Malformed,
            ),
            (
                format!("/sessions/{session}/questions?department_id=nope"),
                Code::Malformed,
            ),
            ("/halls/nowhere".to_owned(), Code::NotFound),
            ("/session-of-code/ZZZZZZ".to_owned(), Code::NotFound),
            ("/nothing/here".to_owned(), Code::NotFound),
        ] {
            assert_eq!(code(guest.get::<Value>(&path).await), expected, "{path}");
        }
        let wrong_method = guest.raw(Method::DELETE, "/halls", NOTHING).await;
        assert_eq!(wrong_method.status(), 405);
        assert_eq!(
            answer_of::<Value>("/halls", wrong_method)
                .await
                .expect_err("no such method")
                .error
                .code,
            Code::Malformed
        );
        let no_upgrade = guest
            .raw(Method::GET, &format!("/sessions/{session}/live"), NOTHING)
            .await;
        assert_eq!(no_upgrade.status(), 426);
        let no_ref = guest
            .send::<Value>(
                Method::DELETE,
                &format!("/sessions/{session}/posts/comment/0000000000000000"),
                NOTHING,
            )
            .await;
        assert_eq!(code(no_ref), Code::Malformed);
        assert_eq!(
            code(
                guest
                    .delete::<Value>(format!(
                        "/sessions/{session}/posts/poem/0000000000000000?ref=ref-00000000"
                    ))
                    .await
            ),
            Code::NotFound
        );
    });
}

#[test]
fn a_post_of_another_session_or_hall_is_not_found_and_not_touched() {
    on_both(async |world| {
        let (here, there) = (world.live().await, world.live().await);
        let guest = world.guest().await;
        let moderator = world.staff(Role::Moderator).await;
        let question = guest.asked(&there, "那一场的问题").await;
        let said = guest.comment(&there, "那一场的话").await.expect("taken");
        let item = moderator.queue(&there, PostState::Published).await.remove(0);
        let decision = {
            let other = world
                .guest()
                .await
                .comment(&there, "那一场要撤的话")
                .await
                .expect("taken");
            moderator
                .decide_now(&there, yishiting::domain::words::Verdict::Retract, &other.id)
                .await
                .expect("retracted")
        };
        let before = world.footprint().await;
        assert_eq!(code(guest.support(&here, &question, true).await), Code::NotFound);
        assert_eq!(
            code(
                guest
                    .withdraw(&here, yishiting::domain::words::PostKind::Comment, &said.id)
                    .await
            ),
            Code::NotFound
        );
        assert_eq!(
            code(
                moderator
                    .decide(&here, yishiting::domain::words::Verdict::Retract, &[&item])
                    .await
            ),
            Code::NotFound
        );
        assert_eq!(code(moderator.undo(&here, &decision).await), Code::NotFound);
        assert_eq!(
            code(world.operator.put_on_stage(&here, Some(&question)).await),
            Code::NotFound
        );
        let elsewhere = world.guest().await.asked(&here, "这一场的问题").await;
        let before_merge = world.footprint().await;
        let merged = world
            .operator
            .dispose(
                &elsewhere,
                Some(yishiting::domain::words::Disposition::Merged),
                Some(&question),
                "",
            )
            .await;
        assert_eq!(code(merged), Code::NotFound);
        assert_eq!(world.footprint().await, before_merge, "nothing was written");
        assert_ne!(before, before_merge);
    });
}

#[test]
fn a_clock_that_was_set_back_or_forward_loses_nothing_and_stops_nobody() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        guest.comment(&session, "校时之前").await.expect("taken");
        for jump_s in [-3_600, 7_200, -86_400] {
            world.clock.advance_s(jump_s);
            let other = world.guest().await;
            other
                .comment(&session, &format!("校时{jump_s}秒以后"))
                .await
                .expect("taken");
            let question = other.asked(&session, &format!("校时{jump_s}秒以后的问题")).await;
            other.support(&session, &question, true).await.expect("taken");
            world
                .operator
                .decide_now(
                    &session,
                    yishiting::domain::words::Verdict::Retract,
                    question.as_str(),
                )
                .await
                .expect("retracted");
        }
        viewer.until_seq(world.seq(&session).await).await;
        assert_eq!(viewer.seen.comments.len(), 4);
        assert_eq!(viewer.seen, world.seen(&session).await);
    });
}

#[test]
fn slow_mode_silences_nobody_because_the_clock_was_set_back() {
    use yishiting::protocol::server::PolicyFace;
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                slow_mode_s: 10,
                ..crate::support::world::open_policy()
            })
            .await;
        let guest = world.guest().await;
        guest.comment(&session, "校时之前").await.expect("taken");
        world.clock.advance_s(-3_600);
        guest
            .comment(&session, "校时以后")
            .await
            .expect("an hour of silence is not what ten seconds ask for");
        assert_eq!(
            code(guest.comment(&session, "马上又说").await),
            Code::RateLimited,
            "and the pause holds again"
        );
    });
}
