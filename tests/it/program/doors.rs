//! The doors beside the interface: health, figures, addresses behind a proxy, what an installation offers.

use reqwest::Method;
use serde_json::{Value, json};
use yishiting::domain::rejection::Code;
use yishiting::protocol::rest::{HallPage, PreparedSession};

use crate::support::rest::{NOTHING, code, encoded};
use crate::support::world::{Setup, hall_request};
use crate::support::{on_both, on_both_with};

#[test]
fn health_is_for_everybody_and_figures_for_this_machine() {
    on_both_with(
        &Setup {
            config: "trusted_proxies = [\"127.0.0.1\"]".into(),
            ..Setup::default()
        },
        async |world| {
            for path in ["healthz", "readyz", "metrics"] {
                assert_eq!(
                    world.rest.raw(Method::GET, path, NOTHING).await.status(),
                    200,
                    "{path}"
                );
            }
            let from_outside = world
                .rest
                .request(Method::GET, "metrics")
                .header("x-forwarded-for", "203.0.113.7")
                .send()
                .await
                .expect("answers");
            assert_eq!(from_outside.status(), 404);
        },
    );
}

#[test]
fn behind_a_trusted_proxy_people_are_told_apart_and_without_one_nobody_invents_an_address() {
    for (trusted, expected) in [(true, false), (false, true)] {
        let config = if trusted {
            "trusted_proxies = [\"127.0.0.1\"]".into()
        } else {
            String::new()
        };
        on_both_with(
            &Setup {
                limit_addresses: true,
                config,
                ..Setup::default()
            },
            async |world| {
                let mut limited = false;
                for i in 0..25 {
                    let body = json!({"login_name": format!("name-{i}"), "password": "x"});
                    let request = world
                        .rest
                        .request(Method::POST, "/staff/login")
                        .header("x-forwarded-for", format!("198.51.100.{i}"));
                    limited |= request.json(&body).send().await.expect("answers").status() == 429;
                }
                assert_eq!(limited, expected, "trusted: {trusted}");
            },
        );
    }
}

#[test]
fn the_join_code_and_its_picture_lead_to_the_session() {
    on_both(async |world| {
        let session = world.live().await;
        let prepared: PreparedSession = world
            .operator
            .get(format!("/sessions/{session}/prepared"))
            .await
            .expect("readable");
        let code_of_session = &prepared.session.code;
        assert_eq!(code_of_session.len(), 6);
        for typed in [
            code_of_session.clone(),
            code_of_session.to_lowercase(),
            format!(" {code_of_session} "),
        ] {
            let answer: Value = world
                .rest
                .get(format!("/session-of-code/{}", encoded(&typed)))
                .await
                .expect("found");
            assert_eq!(answer["session_id"], session.as_str());
        }
        let picture = world
            .rest
            .raw(Method::GET, &format!("/sessions/{session}/qr.svg"), NOTHING)
            .await;
        assert_eq!(picture.headers()["content-type"], "image/svg+xml");
        assert!(picture.text().await.expect("text").contains("<svg"));
    });
}

#[test]
fn a_hall_is_made_by_operators_with_a_name_of_its_own_and_edited_without_losing_departments_that_were_used() {
    on_both(async |world| {
        let before = world.footprint().await;
        let good = || hall_request("another", "另一个厅");
        for (request, expected) in [
            (hall_request(&world.hall.slug, "同名"), Code::Taken),
            (hall_request("大写", "名字"), Code::OutOfRange),
            (hall_request("another", " "), Code::Empty),
            (
                yishiting::protocol::rest::HallRequest {
                    color: "red".into(),
                    ..good()
                },
                Code::OutOfRange,
            ),
            (
                yishiting::protocol::rest::HallRequest {
                    rules: "长".repeat(5_001),
                    ..good()
                },
                Code::TooLong,
            ),
        ] {
            assert_eq!(
                code(world.operator.post::<Value>("/halls", &request).await),
                expected,
                "{}",
                request.name
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        let session = world.live().await;
        let question = world
            .guest()
            .await
            .asked_department(&session, "问供水", &world.department(1))
            .await;
        let mut request = hall_request(&world.hall.slug, "改了名的厅");
        request.departments = vec![yishiting::protocol::rest::DepartmentRequest {
            id: Some(world.department(0)),
            name: "电力部门".into(),
        }];
        let hall: HallPage = world
            .operator
            .put(format!("/halls/{}", world.hall.id), &request)
            .await
            .expect("edited");
        assert_eq!(
            (
                hall.name.as_str(),
                hall.departments.len(),
                hall.departments[0].name.as_str()
            ),
            ("改了名的厅", 1, "电力部门")
        );
        let seen = world.seen(&session).await;
        assert_eq!(
            seen.questions[question.as_str()].department_id,
            Some(world.department(1)),
            "what was asked stays asked"
        );
        assert!(
            seen.session()
                .departments
                .iter()
                .any(|d| d.id == world.department(1)),
            "and the department stays in the session"
        );
    });
}

#[test]
fn a_department_of_another_hall_can_neither_be_used_nor_taken_over() {
    on_both(async |world| {
        let other: HallPage = world
            .operator
            .post("/halls", &hall_request("other-hall", "邻区议事厅"))
            .await
            .expect("a hall");
        let foreign = other.departments[0].id.clone();
        let before = world.footprint().await;
        let mut taking = hall_request(&world.hall.slug, "本厅");
        taking.departments = vec![yishiting::protocol::rest::DepartmentRequest {
            id: Some(foreign.clone()),
            name: "改名".into(),
        }];
        assert_eq!(
            code(
                world
                    .operator
                    .put::<Value>(format!("/halls/{}", world.hall.id), &taking)
                    .await
            ),
            Code::NotFound
        );
        taking.slug = "third-hall".into();
        assert_eq!(
            code(world.operator.post::<Value>("/halls", &taking).await),
            Code::NotFound
        );
        let mut session = world.session_request("一场");
        session.department_ids = vec![foreign];
        session.segments.clear();
        assert_eq!(
            code(
                world
                    .operator
                    .post::<Value>(format!("/halls/{}/sessions", world.hall.id), &session)
                    .await
            ),
            Code::NotFound
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}
