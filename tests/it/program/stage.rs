//! The stage: the host's list, what is on, who answers, what the clock says.

use serde_json::{Value, json};
use yishiting::domain::ids::QuestionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{AnswerKind, AnswerType, Disposition, Role, SessionState, Verdict};
use yishiting::protocol::rest::{DepartmentDesk, QuestionPage};
use yishiting::protocol::server::{ServerMessage, What};

use crate::support::rest::code;
use crate::support::{Viewer, on_both};

#[test]
fn a_question_goes_from_the_list_to_the_stage_and_is_answered_live() {
    on_both(async |world| {
        let session = world.live().await;
        let (host, officer) = (world.staff(Role::Host).await, world.officer(1).await);
        let guest = world.guest().await;
        let mut questions = Vec::new();
        for body in ["阶梯水价怎么算", "水表多久检定一次"] {
            questions.push(guest.asked_department(&session, body, &world.department(1)).await);
        }
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let mut desk = Viewer::backstage(&host, &session).await;
        let _: Value = host
            .put(
                format!("/sessions/{session}/next-up"),
                &json!({"question_ids": [questions[1], questions[0], questions[1]]}),
            )
            .await
            .expect("arranged");
        let listed = async |desk: &mut Viewer| -> Vec<QuestionId> {
            desk.until("the list", |m| match m {
                ServerMessage::Batch(batch) => batch.items.iter().find_map(|i| {
                    if let What::NextUpChanged { question_ids } = &i.what {
                        Some(question_ids.clone())
                    } else {
                        None
                    }
                }),
                ServerMessage::BackstageView(view) if !view.next_up.is_empty() => Some(view.next_up.clone()),
                _ => None,
            })
            .await
        };
        assert_eq!(
            listed(&mut desk).await,
            [questions[1].clone(), questions[0].clone()],
            "a question named twice stays once"
        );
        let shown: DepartmentDesk = officer
            .get(format!("/sessions/{session}/department-desk"))
            .await
            .expect("the own desk");
        assert_eq!(
            shown.questions.iter().map(|q| q.next_up).collect::<Vec<_>>(),
            [Some(1), Some(2)]
        );
        host.put_on_stage(&session, Some(&questions[1]))
            .await
            .expect("on stage");
        assert_eq!(
            listed(&mut desk).await,
            [questions[0].clone()],
            "what is on stage left the list"
        );
        viewer
            .until_seen("the stage", |seen| {
                seen.session()
                    .stage
                    .as_ref()
                    .is_some_and(|s| s.question.id == questions[1])
            })
            .await;
        let begun = officer
            .start_answer(&session, &world.department(1))
            .await
            .expect("begins");
        let answering = begun.stage.and_then(|s| s.answering).expect("somebody answers");
        let started = world.clock.now();
        assert_eq!(
            (answering.started_ms, answering.speaker.as_str()),
            (started, "张工")
        );
        viewer
            .until_seen("who answers", |seen| {
                seen.session()
                    .stage
                    .as_ref()
                    .is_some_and(|s| s.answering.is_some())
            })
            .await;
        world.clock.advance_s(90);
        officer
            .stop_answer(&session, "每六年检定一次")
            .await
            .expect("has answered");
        let ended = world.clock.now();
        viewer
            .until_seen("the answer", |seen| {
                seen.answers.len() == 1 && seen.questions[questions[1].as_str()].disposition.is_some()
            })
            .await;
        let answer = viewer.seen.answers.values().next().expect("one").clone();
        assert_eq!(
            (answer.kind, answer.answer_type, answer.body.as_str()),
            (AnswerKind::Live, AnswerType::Explanation, "每六年检定一次")
        );
        assert_eq!(
            (answer.started_ms, answer.ended_ms, answer.id),
            (Some(started), Some(ended), answering.answer_id)
        );
        assert_eq!(
            viewer.seen.questions[questions[1].as_str()].disposition,
            Some(Disposition::AnsweredLive)
        );
        assert!(
            viewer
                .seen
                .session()
                .stage
                .as_ref()
                .is_some_and(|s| s.answering.is_none()),
            "it stays on stage until the host moves on"
        );
        let page: QuestionPage = world
            .rest
            .get(format!("/sessions/{session}/questions?sort=answered"))
            .await
            .expect("public");
        assert_eq!(
            page.questions.iter().map(|q| q.id.clone()).collect::<Vec<_>>(),
            [questions[1].clone()]
        );
        host.put_on_stage(&session, None).await.expect("cleared");
        viewer
            .until_seen("an empty stage", |seen| seen.session().stage.is_none())
            .await;
    });
}

#[test]
fn while_an_answer_runs_the_stage_stays_and_nobody_else_begins() {
    on_both(async |world| {
        let session = world.live().await;
        let host = world.staff(Role::Host).await;
        let (first, second) = (
            world.guest().await.asked(&session, "第一个问题").await,
            world.guest().await.asked(&session, "第二个问题").await,
        );
        assert_eq!(
            code(host.start_answer(&session, &world.department(0)).await),
            Code::WrongState,
            "nothing is on stage"
        );
        assert_eq!(
            code(host.stop_answer(&session, "").await),
            Code::WrongState,
            "nobody is answering"
        );
        host.put_on_stage(&session, Some(&first)).await.expect("on stage");
        host.start_answer(&session, &world.department(0))
            .await
            .expect("begins");
        let before = world.footprint().await;
        assert_eq!(
            code(host.put_on_stage(&session, Some(&second)).await),
            Code::Conflict
        );
        assert_eq!(code(host.put_on_stage(&session, None).await), Code::Conflict);
        assert_eq!(
            code(host.start_answer(&session, &world.department(1)).await),
            Code::Conflict
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
        let outcomes = futures_util::future::join_all((0..3).map(|_| host.stop_answer(&session, ""))).await;
        assert_eq!(
            outcomes.iter().filter(|o| o.is_ok()).count(),
            1,
            "stopped once: {outcomes:?}"
        );
        assert_eq!(world.seen(&session).await.answers.len(), 1);
    });
}

#[test]
fn only_published_questions_of_this_session_come_on_stage_or_on_the_list() {
    on_both(async |world| {
        let session = world.live().await;
        let elsewhere = world
            .guest()
            .await
            .asked(&world.live().await, "另一场的问题")
            .await;
        let retracted = world.guest().await.asked(&session, "被撤下的问题").await;
        world
            .operator
            .decide_now(&session, Verdict::Retract, retracted.as_str())
            .await
            .expect("retracted");
        let before = world.footprint().await;
        for id in [
            &elsewhere,
            &retracted,
            &"0000000000000000".parse().expect("an id"),
        ] {
            assert_eq!(
                code(world.operator.put_on_stage(&session, Some(id)).await),
                Code::NotFound
            );
            let listed = world
                .operator
                .put::<Value>(
                    format!("/sessions/{session}/next-up"),
                    &json!({"question_ids": [id]}),
                )
                .await;
            assert_eq!(code(listed), Code::NotFound);
        }
        let many: Vec<String> = (0..51).map(|_| "0000000000000000".to_owned()).collect();
        assert_eq!(
            code(
                world
                    .operator
                    .put::<Value>(
                        format!("/sessions/{session}/next-up"),
                        &json!({"question_ids": many})
                    )
                    .await
            ),
            Code::OutOfRange
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn the_end_of_a_session_ends_its_segment_and_publishes_the_answer_that_still_runs() {
    on_both(async |world| {
        let session = world.live().await;
        let host = world.staff(Role::Host).await;
        let question = world.guest().await.asked(&session, "没答完的问题").await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let segment = viewer.seen.session().segments[0].id.clone();
        let _: Value = host
            .post(
                format!("/sessions/{session}/segment"),
                &json!({"segment_id": segment}),
            )
            .await
            .expect("runs");
        host.put_on_stage(&session, Some(&question))
            .await
            .expect("on stage");
        host.start_answer(&session, &world.department(0))
            .await
            .expect("begins");
        world.clock.advance_s(30);
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        viewer
            .until_seen("the end", |seen| seen.session().state == SessionState::Ended)
            .await;
        assert!(viewer.seen.session().stage.is_none());
        assert_eq!(
            viewer.seen.session().segments[0].ended_ms,
            Some(world.clock.now())
        );
        assert_eq!(viewer.seen.answers.len(), 1);
        assert_eq!(
            viewer.seen.questions[question.as_str()].disposition,
            Some(Disposition::AnsweredLive)
        );
    });
}

#[test]
fn one_segment_runs_at_a_time_and_viewers_see_its_clock() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let segments: Vec<_> = viewer
            .seen
            .session()
            .segments
            .iter()
            .map(|s| s.id.clone())
            .collect();
        let run = async |id: Option<&yishiting::domain::ids::SegmentId>| -> Value {
            world
                .operator
                .post(format!("/sessions/{session}/segment"), &json!({"segment_id": id}))
                .await
                .expect("runs")
        };
        run(Some(&segments[0])).await;
        let begun = world.clock.now();
        world.clock.advance_s(60);
        run(Some(&segments[1])).await;
        viewer
            .until_seen("the second segment", |seen| {
                seen.session().segments[1].started_ms.is_some()
            })
            .await;
        let shown = &viewer.seen.session().segments;
        assert_eq!(
            (shown[0].started_ms, shown[0].ended_ms),
            (Some(begun), Some(world.clock.now()))
        );
        assert_eq!(
            (shown[1].started_ms, shown[1].ended_ms),
            (Some(world.clock.now()), None)
        );
        run(None).await;
        viewer
            .until_seen("no segment", |seen| {
                seen.session()
                    .segments
                    .iter()
                    .all(|s| s.started_ms.is_none() || s.ended_ms.is_some())
            })
            .await;
        let unknown = world
            .operator
            .post::<Value>(
                format!("/sessions/{session}/segment"),
                &json!({"segment_id": "0000000000000000"}),
            )
            .await;
        assert_eq!(code(unknown), Code::NotFound);
    });
}

#[test]
fn an_announcement_stands_on_every_page_until_it_is_taken_down() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let path = format!("/sessions/{session}/announcement");
        let secretary = world.staff(Role::Secretary).await;
        let _: Value = secretary
            .put(&path, &json!({"text": "信号中断，稍候"}))
            .await
            .expect("announced");
        viewer
            .until_seen("the announcement", |seen| {
                seen.session().announcement == "信号中断，稍候"
            })
            .await;
        assert_eq!(
            world.seen(&session).await.session().announcement,
            "信号中断，稍候"
        );
        assert_eq!(
            code(
                secretary
                    .put::<Value>(&path, &json!({"text": "长".repeat(101)}))
                    .await
            ),
            Code::TooLong
        );
        let _: Value = secretary
            .put(&path, &json!({"text": ""}))
            .await
            .expect("taken down");
        viewer
            .until_seen("no announcement", |seen| seen.session().announcement.is_empty())
            .await;
    });
}
