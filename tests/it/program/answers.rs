//! Answers in writing, dispositions, merging, routing.

use serde_json::{Value, json};
use yishiting::domain::ids::{DepartmentId, QuestionId};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{AnswerKind, AnswerType, Disposition, Role, SessionState};
use yishiting::protocol::rest::{AnswerRequest, DepartmentDesk};
use yishiting::protocol::server::{AnswerFace, QuestionFace};

use crate::support::rest::code;
use crate::support::{Refused, Staff, Viewer, on_both};

fn written(department: &DepartmentId, answer_type: AnswerType) -> AnswerRequest {
    AnswerRequest {
        department_id: department.clone(),
        answer_type,
        body: "已经安排".into(),
        speaker: "李工".into(),
        owner: String::new(),
        due_date: String::new(),
        basis: String::new(),
        transfer_to: None,
    }
}

async fn answer(
    officer: &Staff,
    question: &QuestionId,
    request: &AnswerRequest,
) -> Result<AnswerFace, Refused> {
    officer
        .post(format!("/questions/{question}/answers"), request)
        .await
}

#[test]
fn every_type_of_written_answer_reaches_the_viewers_with_what_belongs_to_it() {
    on_both(async |world| {
        let session = world.live().await;
        let (officer, department) = (world.officer(0).await, world.department(0));
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let explanation = written(&department, AnswerType::Explanation);
        let commitment = AnswerRequest {
            owner: "供电所王所长".into(),
            due_date: "2026-12-31".into(),
            ..written(&department, AnswerType::Commitment)
        };
        let refusal = AnswerRequest {
            basis: "《供电营业规则》第七十条".into(),
            ..written(&department, AnswerType::Refusal)
        };
        for request in [explanation, commitment, refusal] {
            let question = world
                .guest()
                .await
                .asked_department(&session, &format!("请答复：{}", request.answer_type), &department)
                .await;
            let published = answer(&officer, &question, &request).await.expect("complete");
            assert_eq!(
                (published.kind, published.answer_type),
                (AnswerKind::Written, request.answer_type)
            );
            viewer
                .until_seen("the answer", |seen| {
                    seen.answers.contains_key(published.id.as_str())
                })
                .await;
            viewer
                .until_seen("the disposition", |seen| {
                    seen.questions[question.as_str()].disposition == Some(Disposition::AnsweredInWriting)
                })
                .await;
            let seen = &viewer.seen.answers[published.id.as_str()];
            assert_eq!(
                (&seen.owner, &seen.due_date, &seen.basis),
                (&request.owner, &request.due_date, &request.basis)
            );
        }
        let desk: DepartmentDesk = officer
            .get(format!("/sessions/{session}/department-desk"))
            .await
            .expect("the own desk");
        assert!(desk.questions.iter().all(|q| q.answers.len() == 1), "{desk:?}");
    });
}

#[test]
fn an_answer_that_lacks_what_its_type_owes_is_refused_and_the_field_is_named() {
    on_both(async |world| {
        let session = world.live().await;
        let (officer, department) = (world.officer(0).await, world.department(0));
        let question = world
            .guest()
            .await
            .asked_department(&session, "什么时候能修好", &department)
            .await;
        let commitment = || AnswerRequest {
            owner: "王所长".into(),
            due_date: "2026-12-31".into(),
            ..written(&department, AnswerType::Commitment)
        };
        let before = world.footprint().await;
        for (request, expected, field) in [
            (
                AnswerRequest {
                    owner: String::new(),
                    ..commitment()
                },
                Code::Incomplete,
                "owner",
            ),
            (
                AnswerRequest {
                    due_date: String::new(),
                    ..commitment()
                },
                Code::Incomplete,
                "due_date",
            ),
            (
                AnswerRequest {
                    due_date: "2026-02-30".into(),
                    ..commitment()
                },
                Code::OutOfRange,
                "due_date",
            ),
            (
                AnswerRequest {
                    due_date: "年底".into(),
                    ..commitment()
                },
                Code::OutOfRange,
                "due_date",
            ),
            (
                written(&department, AnswerType::Refusal),
                Code::Incomplete,
                "basis",
            ),
            (
                written(&department, AnswerType::Transfer),
                Code::Incomplete,
                "transfer_to",
            ),
            (
                AnswerRequest {
                    transfer_to: Some(department.clone()),
                    ..written(&department, AnswerType::Transfer)
                },
                Code::OutOfRange,
                "transfer_to",
            ),
            (
                AnswerRequest {
                    body: " \n".into(),
                    ..written(&department, AnswerType::Explanation)
                },
                Code::Incomplete,
                "body",
            ),
            (
                AnswerRequest {
                    body: "长".repeat(5_001),
                    ..written(&department, AnswerType::Explanation)
                },
                Code::TooLong,
                "body",
            ),
        ] {
            let refused = answer(&officer, &question, &request).await.expect_err(field);
            assert_eq!(
                (refused.error.code, refused.error.params["field"].as_str()),
                (expected, field),
                "{request:?}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn a_transfer_sends_the_question_to_the_other_department_and_leaves_it_open() {
    on_both(async |world| {
        let session = world.live().await;
        let (power, water) = (world.officer(0).await, world.officer(1).await);
        let question = world
            .guest()
            .await
            .asked_department(&session, "二次供水的电费谁出", &world.department(0))
            .await;
        let request = AnswerRequest {
            transfer_to: Some(world.department(1)),
            ..written(&world.department(0), AnswerType::Transfer)
        };
        answer(&power, &question, &request).await.expect("transferred");
        let seen = world.seen(&session).await;
        let shown = &seen.questions[question.as_str()];
        assert_eq!(
            (shown.department_id.clone(), shown.disposition),
            (Some(world.department(1)), None)
        );
        let desk: DepartmentDesk = water
            .get(format!("/sessions/{session}/department-desk"))
            .await
            .expect("the own desk");
        assert_eq!(desk.questions.len(), 1);
        let desk: DepartmentDesk = power
            .get(format!("/sessions/{session}/department-desk"))
            .await
            .expect("the own desk");
        assert!(desk.questions.is_empty());
    });
}

#[test]
fn a_disposition_needs_what_proves_it() {
    on_both(async |world| {
        let session = world.live().await;
        let secretary = world.staff(Role::Secretary).await;
        let (question, head) = (
            world.guest().await.asked(&session, "重复的问题").await,
            world.guest().await.asked(&session, "原来的问题").await,
        );
        let before = world.footprint().await;
        let nowhere: QuestionId = "0000000000000000".parse().expect("an id");
        for (disposition, merged_into, reason, expected) in [
            (Disposition::AnsweredLive, None, "", Code::Incomplete),
            (Disposition::AnsweredInWriting, None, "", Code::Incomplete),
            (Disposition::Declined, None, " ", Code::Incomplete),
            (Disposition::Merged, None, "", Code::Incomplete),
            (Disposition::Merged, Some(&question), "", Code::OutOfRange),
            (Disposition::Merged, Some(&nowhere), "", Code::NotFound),
            (Disposition::Withdrawn, None, "", Code::OutOfRange),
        ] {
            assert_eq!(
                code(
                    secretary
                        .dispose(&question, Some(disposition), merged_into, reason)
                        .await
                ),
                expected,
                "{disposition} {merged_into:?}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        let declined = secretary
            .dispose(&question, Some(Disposition::Declined), None, "不在本场范围")
            .await
            .expect("with a reason");
        assert_eq!(
            (declined.disposition, declined.reason.as_str()),
            (Some(Disposition::Declined), "不在本场范围")
        );
        let reopened = secretary
            .dispose(&question, None, None, "")
            .await
            .expect("reopened");
        assert_eq!((reopened.disposition, reopened.reason.as_str()), (None, ""));
        secretary
            .dispose(&question, Some(Disposition::Merged), Some(&head), "")
            .await
            .expect("merged");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            code(
                secretary
                    .dispose(&head, Some(Disposition::Assigned), None, "")
                    .await
            ),
            Code::Incomplete,
            "nothing is assigned without a suggestion, which has the sheet"
        );
        secretary
            .dispose(&head, Some(Disposition::Declined), None, "已在上一场答复")
            .await
            .expect("after the end too");
        world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("complete");
        assert_eq!(
            code(secretary.dispose(&head, None, None, "").await),
            Code::WrongState,
            "closed is final"
        );
    });
}

#[test]
fn merged_questions_count_every_supporter_once_and_unmerging_gives_each_its_own_back() {
    on_both(async |world| {
        let session = world.live().await;
        let secretary = world.staff(Role::Secretary).await;
        let people = [world.guest().await, world.guest().await, world.guest().await];
        let mut questions = Vec::new();
        for (body, fans) in [
            ("水价为什么涨", vec![0, 1]),
            ("水费怎么又涨了", vec![1, 2]),
            ("涨水价的理由", vec![2]),
        ] {
            let question = world.guest().await.asked(&session, body).await;
            for fan in fans {
                people[fan]
                    .support(&session, &question, true)
                    .await
                    .expect("taken");
            }
            questions.push(question);
        }
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for merged in &questions[1..] {
            secretary
                .dispose(merged, Some(Disposition::Merged), Some(&questions[0]), "")
                .await
                .expect("merged");
        }
        viewer
            .until_seen("three persons", |seen| {
                seen.questions[questions[0].as_str()].supports == 3
            })
            .await;
        // Someone who supports a merged question later supports its head.
        let late = world.guest().await;
        late.support(&session, &questions[2], true).await.expect("taken");
        viewer
            .until_seen("four persons", |seen| {
                seen.questions[questions[0].as_str()].supports == 4
            })
            .await;
        late.support(&session, &questions[2], false)
            .await
            .expect("taken back");
        for merged in &questions[1..] {
            secretary.dispose(merged, None, None, "").await.expect("unmerged");
        }
        viewer
            .until_seen("2, 2, 1", |seen| {
                [2, 2, 1]
                    .iter()
                    .zip(&questions)
                    .all(|(n, q)| seen.questions[q.as_str()].supports == *n)
            })
            .await;
        assert_eq!(
            world.seen(&session).await.questions,
            viewer.seen.questions,
            "what was told is what is"
        );
    });
}

#[test]
fn merges_form_no_chains_and_no_rings() {
    on_both(async |world| {
        let session = world.live().await;
        let (a, b, c) = (
            world.guest().await.asked(&session, "甲问").await,
            world.guest().await.asked(&session, "乙问").await,
            world.guest().await.asked(&session, "丙问").await,
        );
        let operator = &world.operator;
        operator
            .dispose(&a, Some(Disposition::Merged), Some(&b), "")
            .await
            .expect("merged");
        assert_eq!(
            code(
                operator
                    .dispose(&b, Some(Disposition::Merged), Some(&a), "")
                    .await
            ),
            Code::OutOfRange,
            "a ring"
        );
        operator
            .dispose(&b, Some(Disposition::Merged), Some(&c), "")
            .await
            .expect("merged");
        let seen = world.seen(&session).await;
        assert_eq!(
            seen.questions[a.as_str()].merged_into,
            Some(c.clone()),
            "what was merged into it moves to the new head"
        );
        assert_eq!(
            code(
                operator
                    .dispose(&c, Some(Disposition::Merged), Some(&a), "")
                    .await
            ),
            Code::OutOfRange,
            "a ring over two"
        );
        let late = world.guest().await.asked(&session, "丁问").await;
        let merged = operator
            .dispose(&late, Some(Disposition::Merged), Some(&a), "")
            .await
            .expect("merged");
        assert_eq!(
            merged.merged_into,
            Some(c),
            "merging into a merged one is merging into its head"
        );
    });
}

#[test]
fn a_merged_question_put_on_stage_brings_its_head() {
    on_both(async |world| {
        let session = world.live().await;
        let (head, merged) = (
            world.guest().await.asked(&session, "原来的问题").await,
            world.guest().await.asked(&session, "重复的问题").await,
        );
        world
            .operator
            .dispose(&merged, Some(Disposition::Merged), Some(&head), "")
            .await
            .expect("merged");
        let face = world
            .operator
            .put_on_stage(&session, Some(&merged))
            .await
            .expect("on stage");
        assert_eq!(face.stage.map(|s| s.question.id), Some(head));
    });
}

#[test]
fn a_question_is_routed_to_departments_that_take_part() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world.guest().await.asked(&session, "该问谁").await;
        let moderator = world.staff(Role::Moderator).await;
        let path = format!("/questions/{question}/department");
        let routed: QuestionFace = moderator
            .put(&path, &json!({"department_id": world.department(2)}))
            .await
            .expect("routed");
        assert_eq!(routed.department_id, Some(world.department(2)));
        assert_eq!(
            code(
                moderator
                    .put::<Value>(&path, &json!({"department_id": "0000000000000000"}))
                    .await
            ),
            Code::NotFound
        );
        let cleared: QuestionFace = moderator
            .put(&path, &json!({"department_id": null}))
            .await
            .expect("cleared");
        assert_eq!(cleared.department_id, None);
        let asked = world.guest().await;
        let elsewhere =
            json!({"ref": "ref-elsewhere", "body": "问别的部门", "department_id": "0000000000000000"});
        assert_eq!(
            code(
                asked
                    .post::<Value>(format!("/sessions/{session}/questions"), &elsewhere)
                    .await
            ),
            Code::NotFound
        );
    });
}
