//! The life of a session: draft, scheduled, live, paused, ended, closed.

use serde_json::{Value, json};
use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Role, SessionState};
use yishiting::protocol::rest::{HallPage, JoinAnswer, PreparedSession, StaffMe};

use crate::support::rest::code;
use crate::support::{Viewer, World, on_both};

/// Brings a fresh session into a state.
async fn session_in(world: &World, state: SessionState) -> SessionId {
    let id = world.draft().await;
    let path: &[SessionState] = match state {
        SessionState::Draft => &[],
        SessionState::Scheduled => &[SessionState::Scheduled],
        SessionState::Live => &[SessionState::Live],
        SessionState::Paused => &[SessionState::Live, SessionState::Paused],
        SessionState::Ended => &[SessionState::Live, SessionState::Ended],
        SessionState::Closed => &[SessionState::Live, SessionState::Ended, SessionState::Closed],
    };
    for step in path {
        world.move_to(&id, *step).await.expect("a step of its life");
    }
    id
}

#[test]
fn a_session_takes_only_the_steps_of_its_life() {
    on_both(async |world| {
        for &from in SessionState::ALL {
            let session = session_in(world, from).await;
            let prepared: PreparedSession = world
                .operator
                .get(format!("/sessions/{session}/prepared"))
                .await
                .expect("readable");
            assert_eq!(prepared.next_states, from.next(), "{from}: what the page offers");
            for &to in SessionState::ALL.iter().filter(|to| !from.next().contains(to)) {
                let before = world.footprint().await;
                let refused = world.move_to(&session, to).await.expect_err("no such step");
                assert_eq!(
                    (refused.status, refused.error.code),
                    (409, Code::WrongState),
                    "{from} to {to}"
                );
                assert_eq!(refused.error.params["state"], from.as_str(), "{from} to {to}");
                assert_eq!(world.footprint().await, before, "nothing was written");
            }
        }
    });
}

#[test]
fn times_of_start_and_end_are_kept_when_a_session_is_taken_up_again() {
    on_both(async |world| {
        let session = world.live().await;
        let begun = world.clock.now();
        world.clock.advance_s(600);
        let ended = world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            (ended.started_ms, ended.ended_ms),
            (Some(begun), Some(world.clock.now()))
        );
        world.clock.advance_s(60);
        let again = world
            .move_to(&session, SessionState::Live)
            .await
            .expect("taken up again");
        assert_eq!((again.started_ms, again.ended_ms), (Some(begun), None));
        world.clock.advance_s(60);
        let ended = world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            (ended.started_ms, ended.ended_ms),
            (Some(begun), Some(world.clock.now()))
        );
    });
}

#[test]
fn comments_are_taken_while_live_and_questions_from_the_announcement_to_the_end() {
    on_both(async |world| {
        for &state in SessionState::ALL {
            let session = session_in(world, state).await;
            let guest = world.guest().await;
            let comment = guest.comment(&session, "大家好").await;
            let question = guest.question(&session, "阶梯水价怎么算").await;
            assert_eq!(
                comment.is_ok(),
                state == SessionState::Live,
                "{state}: {comment:?}"
            );
            let asks = [SessionState::Scheduled, SessionState::Live, SessionState::Paused].contains(&state);
            assert_eq!(question.is_ok(), asks, "{state}: {question:?}");
            for refused in [comment.err(), question.err()].into_iter().flatten() {
                // A draft does not exist for netizens.
                let expected = if state == SessionState::Draft {
                    Code::NotFound
                } else {
                    Code::WrongState
                };
                assert_eq!(refused.error.code, expected, "{state}");
            }
        }
    });
}

#[test]
fn a_draft_is_invisible_to_everybody_but_staff_of_the_hall() {
    on_both(async |world| {
        let session = world.draft().await;
        let nobody = world.colleague("no-role", &[]).await;
        let auditor = world.staff(Role::Auditor).await;
        let prepared: PreparedSession = auditor
            .get(format!("/sessions/{session}/prepared"))
            .await
            .expect("staff may");
        let public = |tail: &str| format!("/sessions/{session}{tail}");
        let paths = [
            public("/view"),
            public("/questions"),
            public("/comments"),
            public("/ledger"),
            public("/ledger/raised"),
            public("/events"),
            public("/qr.svg"),
            format!("/session-of-code/{}", prepared.session.code),
        ];
        for rest in [&world.rest, &nobody.rest, &world.guest().await.rest] {
            for path in &paths {
                assert_eq!(code(rest.get::<Value>(path).await), Code::NotFound, "{path}");
            }
            assert_eq!(Viewer::try_open(rest, &session, "").await.err(), Some(404));
            let hall: HallPage = rest
                .get(format!("/halls/{}", world.hall.slug))
                .await
                .expect("a hall is public");
            assert!(hall.sessions.is_empty());
        }
        assert_eq!(
            code(world.guest().await.question(&session, "能看见吗").await),
            Code::NotFound
        );
        let hall: HallPage = auditor
            .get(format!("/halls/{}", world.hall.slug))
            .await
            .expect("readable");
        assert_eq!(hall.sessions.len(), 1);
        let me: StaffMe = auditor.get("/staff/me").await.expect("readable");
        assert_eq!(me.halls[0].sessions.len(), 1);
        assert!(
            Viewer::try_open(&auditor, &session, "").await.is_ok(),
            "staff may rehearse"
        );
        world
            .move_to(&session, SessionState::Scheduled)
            .await
            .expect("announced");
        let answer: JoinAnswer = world
            .rest
            .get(format!(
                "/session-of-code/{}",
                prepared.session.code.to_lowercase()
            ))
            .await
            .expect("public");
        assert_eq!(answer.session_id, session);
        Viewer::open(&world.rest, &session).await;
    });
}

#[test]
fn who_watches_an_announced_session_is_sent_away_when_it_becomes_a_draft_again() {
    on_both(async |world| {
        let session = session_in(world, SessionState::Scheduled).await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        world
            .move_to(&session, SessionState::Draft)
            .await
            .expect("taken back");
        let closed = viewer.until_closed().await;
        assert_eq!(
            closed.code,
            yishiting::protocol::close::NO_SUCH_SESSION,
            "{closed:?}"
        );
        assert_eq!(Viewer::try_open(&world.rest, &session, "").await.err(), Some(404));
    });
}

#[test]
fn viewers_see_every_step_at_once() {
    on_both(async |world| {
        let session = world.draft().await;
        world
            .move_to(&session, SessionState::Scheduled)
            .await
            .expect("announced");
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for to in [
            SessionState::Live,
            SessionState::Paused,
            SessionState::Live,
            SessionState::Ended,
            SessionState::Closed,
        ] {
            world.move_to(&session, to).await.expect("a step");
            viewer
                .until_seen(to.as_str(), |seen| seen.session().state == to)
                .await;
        }
    });
}

#[test]
fn two_who_take_the_same_step_at_once_take_it_once() {
    on_both(async |world| {
        let session = world.live().await;
        let seq = world.seq(&session).await;
        let outcomes =
            futures_util::future::join_all((0..4).map(|_| world.move_to(&session, SessionState::Paused)))
                .await;
        assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(world.seq(&session).await, seq + 1, "one event");
    });
}

#[test]
fn what_is_prepared_of_a_session_is_checked_and_named_in_the_refusal() {
    on_both(async |world| {
        let good = || serde_json::to_value(world.session_request("一场")).expect("JSON");
        let with = |field: &str, value: Value| {
            let mut body = good();
            body[field] = value;
            body
        };
        let path = format!("/halls/{}/sessions", world.hall.id);
        let before = world.footprint().await;
        for (body, expected) in [
            (with("title", json!(" ")), Code::Empty),
            (with("title", json!("长".repeat(61))), Code::TooLong),
            (with("stream_url", json!("javascript:alert(1)")), Code::OutOfRange),
            (with("topics", json!(vec!["话题"; 21])), Code::OutOfRange),
            (
                with("department_ids", json!(["0000000000000000"])),
                Code::NotFound,
            ),
            (with("department_ids", json!(["not an id"])), Code::Malformed),
            (
                with(
                    "segments",
                    json!([{"title": "一", "department_id": null, "planned_minutes": 0}]),
                ),
                Code::OutOfRange,
            ),
            (
                with(
                    "materials",
                    json!([{"title": "文件", "body": "", "url": "data:text/html,x"}]),
                ),
                Code::OutOfRange,
            ),
            (with("surprise", json!(true)), Code::Malformed),
        ] {
            assert_eq!(
                code(world.operator.post::<Value>(&path, &body).await),
                expected,
                "{body}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        let prepared: PreparedSession = world.operator.post(&path, &good()).await.expect("good");
        assert_eq!(
            prepared.join_url,
            format!("http://hall.example/j/{}", prepared.session.code)
        );
        assert_eq!(prepared.session.segments.len(), 3);
    });
}

#[test]
fn editing_a_live_session_reaches_everybody_and_keeps_what_ran() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let first = viewer.seen.session().segments[0].id.clone();
        let _: Value = world
            .operator
            .post(
                format!("/sessions/{session}/segment"),
                &json!({"segment_id": first}),
            )
            .await
            .expect("runs");
        let mut request = world.session_request("改了题目");
        assert_eq!(
            code(
                world
                    .operator
                    .put::<Value>(format!("/sessions/{session}"), &request)
                    .await
            ),
            Code::OutOfRange,
            "a segment that ran may not be removed"
        );
        for (segment, known) in request.segments.iter_mut().zip(&viewer.seen.session().segments) {
            segment.id = Some(known.id.clone());
        }
        request.segments.reverse();
        let _: Value = world
            .operator
            .put(format!("/sessions/{session}"), &request)
            .await
            .expect("edited");
        viewer
            .until_seen("the new title", |seen| seen.session().title == "改了题目")
            .await;
        let ran = viewer
            .seen
            .session()
            .segments
            .iter()
            .find(|s| s.id == first)
            .expect("kept")
            .clone();
        assert!(ran.started_ms.is_some() && ran.ended_ms.is_none(), "{ran:?}");
    });
}
