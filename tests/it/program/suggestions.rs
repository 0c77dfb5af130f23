//! Suggestions: made from questions and comments, or typed in from the venue.

use serde_json::{Value, json};
use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Disposition, Role, SessionState, SuggestionSource};
use yishiting::protocol::rest::{SuggestionFace, SuggestionRequest};

use crate::support::rest::code;
use crate::support::{Refused, Staff, World, on_both};

/// From the venue, without anything that may be left out.
pub(super) fn request(title: &str) -> SuggestionRequest {
    SuggestionRequest {
        title: title.into(),
        summary: "群众反映集中。".into(),
        category: "供水".into(),
        department_id: None,
        co_department_ids: Vec::new(),
        source: SuggestionSource::Venue,
        question_ids: Vec::new(),
        comment_ids: Vec::new(),
        raised_by: String::new(),
        due_date: String::new(),
        requirement: String::new(),
    }
}

async fn form(
    staff: &Staff,
    session: &SessionId,
    request: &SuggestionRequest,
) -> Result<SuggestionFace, Refused> {
    staff
        .post(format!("/sessions/{session}/suggestions"), request)
        .await
}

async fn disposition(world: &World, session: &SessionId, question: &str) -> Option<Disposition> {
    world.seen(session).await.questions[question].disposition
}

#[test]
fn several_questions_and_comments_become_one_suggestion_and_the_questions_are_assigned() {
    on_both(async |world| {
        let session = world.live().await;
        let secretary = world.staff(Role::Secretary).await;
        let guest = world.guest().await;
        let questions = vec![
            guest.asked(&session, "水压低怎么办").await,
            guest.asked(&session, "高层没水").await,
        ];
        let comment = guest.comment(&session, "我们楼也是").await.expect("taken");
        let merged = SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: questions.clone(),
            comment_ids: vec![comment.id.parse().expect("an id")],
            department_id: Some(world.department(1)),
            co_department_ids: vec![world.department(4)],
            due_date: "2026-06-30".into(),
            ..request("改造二次供水设施")
        };
        let formed = form(&secretary, &session, &merged).await.expect("formed");
        assert_eq!(
            (formed.number, formed.revision, &formed.question_ids),
            (1, 1, &questions)
        );
        for question in &questions {
            assert_eq!(
                disposition(world, &session, question.as_str()).await,
                Some(Disposition::Assigned)
            );
        }
        let venue = form(
            &secretary,
            &session,
            &SuggestionRequest {
                raised_by: "现场代表".into(),
                ..request("增设缴费窗口")
            },
        )
        .await
        .expect("formed");
        assert_eq!(venue.number, 2);
        let list: Vec<SuggestionFace> = secretary
            .get(format!("/sessions/{session}/suggestions"))
            .await
            .expect("readable");
        assert_eq!(
            list.iter().map(|s| s.id.clone()).collect::<Vec<_>>(),
            [formed.id, venue.id]
        );
    });
}

#[test]
fn a_question_answered_already_keeps_its_disposition() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world.guest().await.asked(&session, "已经答复的问题").await;
        world
            .operator
            .put_on_stage(&session, Some(&question))
            .await
            .expect("on stage");
        world
            .operator
            .start_answer(&session, &world.department(0))
            .await
            .expect("begins");
        world.operator.stop_answer(&session, "").await.expect("answered");
        let from = SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: vec![question.clone()],
            department_id: Some(world.department(0)),
            ..request("完善电价公示")
        };
        form(&world.operator, &session, &from).await.expect("formed");
        assert_eq!(
            disposition(world, &session, question.as_str()).await,
            Some(Disposition::AnsweredLive)
        );
    });
}

#[test]
fn dropping_or_changing_a_suggestion_reopens_what_was_assigned_only_through_it() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let (only, both) = (
            guest.asked(&session, "只在一条里").await,
            guest.asked(&session, "在两条里").await,
        );
        let from = |ids: &[&yishiting::domain::ids::QuestionId]| SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: ids.iter().map(|id| (*id).clone()).collect(),
            department_id: Some(world.department(0)),
            ..request("完善电价公示")
        };
        let first = form(&world.operator, &session, &from(&[&only, &both]))
            .await
            .expect("formed");
        let second = form(&world.operator, &session, &from(&[&both]))
            .await
            .expect("formed");
        let edited: SuggestionFace = world
            .operator
            .put(format!("/suggestions/{}", first.id), &from(&[&both]))
            .await
            .expect("edited");
        assert_eq!((edited.revision, edited.number), (2, 1));
        assert_eq!(disposition(world, &session, only.as_str()).await, None);
        assert_eq!(
            disposition(world, &session, both.as_str()).await,
            Some(Disposition::Assigned)
        );
        for suggestion in [&first, &second] {
            let _: Value = world
                .operator
                .delete(format!("/suggestions/{}", suggestion.id))
                .await
                .expect("dropped");
        }
        assert_eq!(disposition(world, &session, both.as_str()).await, None);
        let third = form(&world.operator, &session, &request("新的一条"))
            .await
            .expect("formed");
        assert_eq!(third.number, 3, "a number is not given twice");
    });
}

#[test]
fn what_a_suggestion_lacks_is_named() {
    on_both(async |world| {
        let session = world.live().await;
        let other = world.live().await;
        let elsewhere = world.guest().await.asked(&other, "另一场的问题").await;
        let here = world.guest().await.asked(&session, "这一场的问题").await;
        let before = world.footprint().await;
        let good = || request("更换老旧水表");
        for (request, expected) in [
            (request("短"), Code::OutOfRange),
            (request(&"长".repeat(101)), Code::TooLong),
            (
                SuggestionRequest {
                    summary: "长".repeat(2_001),
                    ..good()
                },
                Code::TooLong,
            ),
            (
                SuggestionRequest {
                    source: SuggestionSource::Question,
                    ..good()
                },
                Code::Incomplete,
            ),
            (
                SuggestionRequest {
                    source: SuggestionSource::Comment,
                    ..good()
                },
                Code::Incomplete,
            ),
            (
                SuggestionRequest {
                    question_ids: vec![here.clone()],
                    ..good()
                },
                Code::OutOfRange,
            ),
            (
                SuggestionRequest {
                    source: SuggestionSource::Question,
                    question_ids: vec![elsewhere.clone()],
                    ..good()
                },
                Code::NotFound,
            ),
            (
                SuggestionRequest {
                    source: SuggestionSource::Comment,
                    comment_ids: vec!["0000000000000000".parse().expect("an id")],
                    ..good()
                },
                Code::NotFound,
            ),
            (
                SuggestionRequest {
                    department_id: Some("0000000000000000".parse().expect("an id")),
                    ..good()
                },
                Code::NotFound,
            ),
            (
                SuggestionRequest {
                    department_id: Some(world.department(0)),
                    co_department_ids: vec![world.department(0)],
                    ..good()
                },
                Code::OutOfRange,
            ),
            (
                SuggestionRequest {
                    due_date: "2026-13-01".into(),
                    ..good()
                },
                Code::OutOfRange,
            ),
        ] {
            assert_eq!(
                code(form(&world.operator, &session, &request).await),
                expected,
                "{request:?}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        form(&world.operator, &session, &good())
            .await
            .expect("after the end too");
        world
            .operator
            .dispose(&here, Some(Disposition::Declined), None, "不在范围")
            .await
            .expect("disposed");
        world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("closed");
        assert_eq!(
            code(form(&world.operator, &session, &good()).await),
            Code::WrongState,
            "closed is final"
        );
        let path = format!("/suggestions/{}", "0000000000000000");
        assert_eq!(
            code(world.operator.put::<Value>(&path, &json!(good())).await),
            Code::NotFound
        );
    });
}

#[test]
fn the_same_question_named_twice_counts_once() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world.guest().await.asked(&session, "点了两次的问题").await;
        let twice = SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: vec![question.clone(), question.clone()],
            ..request("更换老旧水表")
        };
        let formed = form(&world.operator, &session, &twice)
            .await
            .expect("a double click is no error of the server");
        assert_eq!(formed.question_ids, [question]);
    });
}
