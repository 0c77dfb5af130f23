//! Watching: the view, the batches after it, coming back, and the same over Server-Sent Events.

use serde_json::{Value, json};
use yishiting::domain::ids::SessionId;
use yishiting::domain::words::Verdict;
use yishiting::protocol::server::{ServerMessage, View};

use crate::support::world::Setup;
use crate::support::{EventStream, Seen, Viewer, World, eventually, on_both, on_both_with};

/// A lively minute: comments, questions, supports, answers, things taken back.
async fn lively(world: &World, session: &SessionId) {
    let (a, b) = (world.guest().await, world.guest().await);
    let question = a.asked(session, "阶梯水价怎么算").await;
    let other = b.asked(session, "二次供水谁来管").await;
    b.support(session, &question, true).await.expect("taken");
    let said = a.comment(session, "说了又撤的一句").await.expect("taken");
    b.comment(session, "留下的一句").await.expect("taken");
    world
        .operator
        .decide_now(session, Verdict::Retract, &said.id)
        .await
        .expect("retracted");
    world
        .operator
        .put_on_stage(session, Some(&question))
        .await
        .expect("on stage");
    world
        .operator
        .start_answer(session, &world.department(1))
        .await
        .expect("begins");
    a.support(session, &other, true).await.expect("taken");
    world
        .operator
        .stop_answer(session, "按年计算")
        .await
        .expect("answered");
    b.support(session, &other, true).await.expect("taken");
}

#[test]
fn reading_needs_no_greeting_and_the_fold_of_the_stream_is_the_view() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        lively(world, &session).await;
        viewer.until_seq(world.seq(&session).await).await;
        assert_eq!(
            viewer.seen,
            world.seen(&session).await,
            "who was there all the time and who comes now know the same"
        );
        // The view as plain JSON may be a second old and says of when it is.
        let view: View = eventually("a fresh view", async || {
            let view: View =
                serde_json::from_str(&world.rest.text(format!("/sessions/{session}/view")).await).ok()?;
            (view.seq == viewer.seen.seq).then_some(view)
        })
        .await;
        let mut folded = Seen::default();
        folded.take(&ServerMessage::View(Box::new(view)));
        assert_eq!(folded, viewer.seen);
    });
}

#[test]
fn who_comes_back_gets_exactly_the_rest() {
    on_both(async |world| {
        let session = world.live().await;
        world
            .guest()
            .await
            .comment(&session, "之前的一句")
            .await
            .expect("taken");
        let before = world.seen(&session).await;
        for i in 0..5 {
            world
                .guest()
                .await
                .comment(&session, &format!("错过的第{i}句"))
                .await
                .expect("taken");
        }
        let mut back = Viewer::resume(&world.rest, &session, &before).await;
        back.until_seq(world.seq(&session).await).await;
        assert!(
            !back.texts.iter().any(|t| t.contains("\"view\"")),
            "only what was missed: {}",
            back.everything()
        );
        assert!(!back.everything().contains("之前的一句"), "nothing is repeated");
        assert_eq!(back.seen, world.seen(&session).await, "nothing is missing");
        // Who missed nothing gets nothing but figures, and then what comes.
        let now = back.seen.clone();
        let mut idle = Viewer::resume(&world.rest, &session, &now).await;
        world
            .guest()
            .await
            .comment(&session, "之后的一句")
            .await
            .expect("taken");
        idle.until_seq(now.seq + 1).await;
        assert!(!idle.everything().contains("错过的"), "{}", idle.everything());
    });
}

#[test]
fn a_number_of_the_future_or_of_another_life_gets_a_view() {
    on_both(async |world| {
        let session = world.live().await;
        for since in ["999999999", "18446744073709551615", "0"] {
            let mut viewer = Viewer::try_open(&world.rest, &session, &format!("?since={since}"))
                .await
                .expect("public");
            if since != "0" {
                viewer
                    .until("a view", |m| matches!(m, ServerMessage::View(_)).then_some(()))
                    .await;
            }
            world
                .guest()
                .await
                .comment(&session, "继续")
                .await
                .expect("taken");
            let seq = world.seq(&session).await;
            viewer.until_seq(seq).await;
        }
        for nonsense in ["-1", "x", "1.5", ""] {
            assert_eq!(
                Viewer::try_open(&world.rest, &session, &format!("?since={nonsense}"))
                    .await
                    .err(),
                Some(400),
                "{nonsense}"
            );
        }
    });
}

#[test]
fn who_comes_back_after_a_restart_gets_exactly_the_rest() {
    on_both(async |world| {
        let session = world.live().await;
        world
            .guest()
            .await
            .comment(&session, "重启之前")
            .await
            .expect("taken");
        let before = world.seen(&session).await;
        world
            .guest()
            .await
            .comment(&session, "断线以后")
            .await
            .expect("taken");
        world.restart().await;
        world
            .guest()
            .await
            .comment(&session, "重启以后")
            .await
            .expect("taken");
        let mut back = Viewer::resume(&world.rest, &session, &before).await;
        back.until_seq(world.seq(&session).await).await;
        assert_eq!(back.seen.comment_bodies(), ["重启之前", "断线以后", "重启以后"]);
        assert!(!back.everything().contains("重启之前"), "nothing is repeated");
    });
}

#[test]
fn the_event_stream_says_the_same_as_the_socket_and_resumes_by_its_ids() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let mut stream = EventStream::open(&world.rest, &session, "", None).await;
        let halfway = viewer.seen.seq;
        lively(world, &session).await;
        let end = world.seq(&session).await;
        viewer.until_seq(end).await;
        stream.until_seq(end).await;
        assert_eq!(stream.seen, viewer.seen);
        let id = stream.last_id.expect("ids came");
        assert_eq!(id, end);
        world
            .guest()
            .await
            .comment(&session, "重连以后的一句")
            .await
            .expect("taken");
        // A browser resumes by header, a page by query; the header is newer.
        for (query, header) in [
            ("", Some(id)),
            (&*format!("?since={id}"), None),
            (&*format!("?since={halfway}"), Some(id)),
        ] {
            let mut again = EventStream::open(&world.rest, &session, query, header).await;
            again.seen = stream.seen.clone();
            again.until_seq(end + 1).await;
            assert!(
                !again
                    .texts
                    .iter()
                    .any(|t| t.contains("\"view\"") || t.contains("留下的一句")),
                "{:?}",
                again.texts
            );
        }
    });
}

#[test]
fn the_number_of_viewers_is_told_and_the_peak_is_kept() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewers = Vec::new();
        for _ in 0..5 {
            viewers.push(Viewer::open(&world.rest, &session).await);
        }
        viewers[0]
            .until("five viewers", |m| {
                matches!(m, ServerMessage::State(s) if s.watching == 5).then_some(())
            })
            .await;
        viewers.truncate(2);
        viewers[0]
            .until("two viewers", |m| {
                matches!(m, ServerMessage::State(s) if s.watching == 2).then_some(())
            })
            .await;
        world
            .move_to(&session, yishiting::domain::words::SessionState::Ended)
            .await
            .expect("ended");
        let peak = world
            .db()
            .read()
            .await
            .expect("a connection")
            .conn()
            .peak_watching(&session)
            .await
            .expect("readable");
        assert_eq!(peak, 5, "the most who watched at once, not those who stayed");
    });
}

#[test]
fn comments_nobody_can_read_any_more_are_left_out_live_and_stand_in_the_list() {
    let setup = Setup {
        config_live: "comments_per_s_max = 5\n".into(),
        ..Setup::default()
    };
    on_both_with(&setup, async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let posts = (0..60).map(async |i| {
            world
                .guest()
                .await
                .comment(&session, &format!("刷屏第{i}句"))
                .await
                .expect("taken")
        });
        futures_util::future::join_all(posts).await;
        viewer.until_seq(world.seq(&session).await).await;
        let omitted: u64 = viewer
            .texts
            .iter()
            .filter_map(|t| serde_json::from_str::<Value>(t).ok())
            .filter_map(|v| v["omitted"].as_u64())
            .sum();
        assert!(omitted > 0, "sixty at once are more than five a second");
        assert_eq!(
            viewer.seen.comments.len() as u64 + omitted,
            60,
            "every comment is shown or counted"
        );
        let listed: Value = world
            .rest
            .get(format!("/sessions/{session}/comments?limit=200"))
            .await
            .expect("public");
        assert_eq!(listed["comments"].as_array().map(Vec::len), Some(60));
    });
}

#[test]
fn a_session_nobody_has_is_not_found_on_every_door() {
    on_both(async |world| {
        for id in ["0000000000000000", "zzzzzzzzzzzzzzzz"] {
            let id: SessionId = id.parse().expect("an id");
            assert_eq!(Viewer::try_open(&world.rest, &id, "").await.err(), Some(404));
            for path in ["view", "events", "questions", "comments", "ledger"] {
                let refused = world.rest.get::<Value>(format!("/sessions/{id}/{path}")).await;
                assert_eq!(
                    crate::support::rest::code(refused),
                    yishiting::domain::rejection::Code::NotFound,
                    "{path}"
                );
            }
        }
    });
}

#[test]
fn viewers_of_one_session_hear_nothing_of_another() {
    on_both(async |world| {
        let (one, other) = (world.live().await, world.live().await);
        let mut viewer = Viewer::open(&world.rest, &one).await;
        world
            .guest()
            .await
            .comment(&other, "另一场的话")
            .await
            .expect("taken");
        let _: Value = world
            .operator
            .put(
                format!("/sessions/{other}/announcement"),
                &json!({"text": "另一场的公告"}),
            )
            .await
            .expect("announced");
        world
            .guest()
            .await
            .comment(&one, "这一场的话")
            .await
            .expect("taken");
        viewer
            .until_seen("the own one", |seen| !seen.comments.is_empty())
            .await;
        assert_eq!(viewer.seen.comment_bodies(), ["这一场的话"]);
        assert!(!viewer.everything().contains("另一场"));
    });
}
