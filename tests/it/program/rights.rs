//! Who may do what: every staff route, every role, and nothing is written by who may not.

use reqwest::Method;
use serde_json::{Value, json};
use yishiting::domain::ids::SessionId;
use yishiting::domain::policy::Verb;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{PostState, Role, SessionState, Verdict};
use yishiting::protocol::rest::SuggestionFace;

use crate::support::rest::{Refused, answer_of};
use crate::support::{Rest, World, on_both};

/// Who may use a route.
#[derive(Debug, Clone, Copy)]
enum Right {
    /// By the table of rights.
    Of(Verb),
    /// Operators, and administrators of any hall.
    Accounts,
    /// Operators only.
    Operator,
}

impl Right {
    fn includes(self, role: Option<Role>) -> bool {
        match (self, role) {
            (_, None) | (Self::Operator, _) => false,
            (Self::Accounts, Some(role)) => role == Role::Administrator,
            (Self::Of(verb), Some(role)) => verb.rule().0.contains(&role),
        }
    }
}

/// A staff route with a body that would be taken.
struct Route {
    method: Method,
    path: String,
    body: Value,
    right: Right,
}

struct Ids {
    session: SessionId,
    question: String,
    repeated: String,
    decision: String,
    sanction: String,
    suggestion: String,
    person: String,
}

/// Makes one of everything the routes name.
async fn one_of_everything(world: &World) -> Ids {
    let session = world.live().await;
    let guest = world.guest().await;
    let question = guest.asked(&session, "阶梯水价怎么算").await;
    let repeated = guest.asked(&session, "阶梯水价是怎么算的").await;
    let other = guest.asked(&session, "二次供水谁来管").await;
    let item = world
        .operator
        .queue(&session, PostState::Published)
        .await
        .into_iter()
        .find(|i| i.id == other.as_str())
        .expect("published");
    let decision = world
        .operator
        .decide(&session, Verdict::Retract, &[&item])
        .await
        .expect("decided");
    let hall = &world.hall.id;
    let sanction: Value = world
        .operator
        .post(
            format!("/halls/{hall}/sanctions"),
            &json!({"participant_id": guest.face.id, "kind": "mute", "minutes": 5, "reason": "刷屏"}),
        )
        .await
        .expect("muted");
    let suggestion: SuggestionFace =
        world.operator.post(format!("/sessions/{session}/suggestions"), &json!({"title": "更换老旧水表", "summary": "", "category": "", "department_id": null, "source": "venue"})).await.expect("formed");
    Ids {
        session,
        question: question.to_string(),
        repeated: repeated.to_string(),
        decision: decision.id.to_string(),
        sanction: sanction["id"].as_str().expect("an id").to_owned(),
        suggestion: suggestion.id.to_string(),
        person: guest.face.id.to_string(),
    }
}

fn routes(world: &World, ids: &Ids) -> Vec<Route> {
    let (hall, session, question) = (&world.hall.id, &ids.session, &ids.question);
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let session_request = serde_json::to_value(world.session_request("另一场")).expect("JSON");
    let hall_request =
        serde_json::to_value(crate::support::world::hall_request("another", "另一个厅")).expect("JSON");
    let suggestion = json!({"title": "改造二次供水", "summary": "", "category": "", "department_id": null, "source": "venue"});
    let row = |method: &Method, path: String, body: Value, right: Right| Route {
        method: method.clone(),
        path,
        body,
        right,
    };
    let of = Right::Of;
    vec![
        row(&get, "/staff/accounts".into(), Value::Null, Right::Accounts),
        row(
            &get,
            format!("/staff/accounts?hall_id={hall}"),
            Value::Null,
            of(Verb::GrantRoles),
        ),
        row(
            &post,
            "/staff/accounts".into(),
            json!({"login_name": "newcomer", "name": "新人", "password": "a long enough password"}),
            Right::Accounts,
        ),
        row(&post, "/halls".into(), hall_request.clone(), Right::Operator),
        row(&put, format!("/halls/{hall}"), hall_request, of(Verb::EditHall)),
        row(
            &put,
            format!("/halls/{hall}/grants"),
            json!({"staff_id": world.operator.id, "roles": [{"role": "auditor"}]}),
            of(Verb::GrantRoles),
        ),
        row(
            &get,
            format!("/halls/{hall}/audit"),
            Value::Null,
            of(Verb::ReadAudit),
        ),
        row(
            &get,
            format!("/halls/{hall}/audit/verification"),
            Value::Null,
            of(Verb::ReadAudit),
        ),
        row(
            &get,
            format!("/halls/{hall}/reasons"),
            Value::Null,
            of(Verb::EditReasons),
        ),
        row(
            &put,
            format!("/halls/{hall}/reasons"),
            json!({"reasons": [{"code": "not_ours", "zh": "不属于本区"}]}),
            of(Verb::EditReasons),
        ),
        row(
            &get,
            format!("/halls/{hall}/screening"),
            Value::Null,
            of(Verb::EditWords),
        ),
        row(
            &put,
            format!("/halls/{hall}/screening"),
            json!({"first_posts": 0, "allowed_hosts": [], "external": "off"}),
            of(Verb::EditWords),
        ),
        row(
            &get,
            format!("/word-lists/{hall}"),
            Value::Null,
            of(Verb::EditWords),
        ),
        row(
            &get,
            format!("/word-lists/{hall}/hold"),
            Value::Null,
            of(Verb::EditWords),
        ),
        row(
            &put,
            format!("/word-lists/{hall}/note"),
            json!({"text": "涨价"}),
            of(Verb::EditWords),
        ),
        row(
            &put,
            "/word-lists/everywhere/note".into(),
            json!({"text": "涨价"}),
            Right::Operator,
        ),
        row(
            &get,
            format!("/sessions/{session}/appeals"),
            Value::Null,
            of(Verb::ReadQueue),
        ),
        row(
            &get,
            format!("/halls/{hall}/words"),
            Value::Null,
            of(Verb::EditWords),
        ),
        row(
            &put,
            format!("/halls/{hall}/words"),
            json!({"text": "代练"}),
            of(Verb::EditWords),
        ),
        row(
            &post,
            format!("/halls/{hall}/sessions"),
            session_request.clone(),
            of(Verb::CreateSession),
        ),
        row(
            &get,
            format!("/sessions/{session}/prepared"),
            Value::Null,
            of(Verb::ReadBackstage),
        ),
        row(
            &put,
            format!("/sessions/{session}"),
            session_request,
            of(Verb::EditSession),
        ),
        row(
            &post,
            format!("/sessions/{session}/state"),
            json!({"to": "paused"}),
            of(Verb::RunLive),
        ),
        row(
            &post,
            format!("/sessions/{session}/state"),
            json!({"to": "scheduled"}),
            of(Verb::Schedule),
        ),
        row(
            &post,
            format!("/sessions/{session}/state"),
            json!({"to": "closed"}),
            of(Verb::CloseSession),
        ),
        row(
            &put,
            format!("/sessions/{session}/policy"),
            serde_json::to_value(super::hold_all()).expect("JSON"),
            of(Verb::SetPolicy),
        ),
        row(
            &get,
            format!("/sessions/{session}/emergency"),
            Value::Null,
            of(Verb::SetPolicy),
        ),
        row(
            &put,
            format!("/sessions/{session}/emergency"),
            json!({"minutes": 10}),
            of(Verb::SetPolicy),
        ),
        row(
            &delete,
            format!("/sessions/{session}/emergency"),
            Value::Null,
            of(Verb::SetPolicy),
        ),
        row(
            &put,
            format!("/sessions/{session}/announcement"),
            json!({"text": "马上开始"}),
            of(Verb::Announce),
        ),
        row(
            &post,
            format!("/sessions/{session}/segment"),
            json!({"segment_id": null}),
            of(Verb::RunSegments),
        ),
        row(
            &put,
            format!("/sessions/{session}/next-up"),
            json!({"question_ids": [question]}),
            of(Verb::ArrangeNextUp),
        ),
        row(
            &put,
            format!("/sessions/{session}/stage"),
            json!({"question_id": question}),
            of(Verb::PutOnStage),
        ),
        row(
            &post,
            format!("/sessions/{session}/answering"),
            json!({"department_id": world.department(0), "speaker": "张工"}),
            of(Verb::AnswerLive),
        ),
        row(
            &delete,
            format!("/sessions/{session}/answering"),
            json!({"body": ""}),
            of(Verb::AnswerLive),
        ),
        row(
            &get,
            format!("/sessions/{session}/queue"),
            Value::Null,
            of(Verb::ReadQueue),
        ),
        row(
            &get,
            format!("/sessions/{session}/queue/similar"),
            Value::Null,
            of(Verb::ReadQueue),
        ),
        row(
            &post,
            format!("/sessions/{session}/decisions/preview"),
            json!({"verdict": "retract", "items": [{"kind": "question", "id": question, "revision": 1}]}),
            of(Verb::Decide),
        ),
        row(
            &get,
            format!("/sessions/{session}/erasures"),
            Value::Null,
            of(Verb::AskErasure),
        ),
        row(
            &post,
            format!("/sessions/{session}/erasures"),
            json!({"kind": "question", "post_id": question, "reason": "判决书"}),
            of(Verb::AskErasure),
        ),
        row(
            &post,
            format!("/sessions/{session}/erasures/{}/confirm", ids.sanction),
            Value::Null,
            of(Verb::ConfirmErasure),
        ),
        row(
            &delete,
            format!("/sessions/{session}/erasures/{}", ids.sanction),
            Value::Null,
            of(Verb::ConfirmErasure),
        ),
        row(
            &post,
            format!("/sessions/{session}/reports/keep"),
            json!({"items": [{"kind": "question", "id": question, "revision": 1}]}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/sessions/{session}/reports/reopen"),
            json!({"items": [{"kind": "question", "id": question}]}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/halls/{hall}/notes"),
            json!({"subject": "participant", "subject_id": ids.person, "body": "上次也刷屏"}),
            of(Verb::WriteNote),
        ),
        row(
            &delete,
            format!("/halls/{hall}/notes/{}", ids.sanction),
            Value::Null,
            of(Verb::WriteNote),
        ),
        row(
            &get,
            format!("/halls/{hall}/desk-views"),
            Value::Null,
            of(Verb::ReadQueue),
        ),
        row(
            &put,
            format!("/halls/{hall}/desk-views"),
            json!({"views": []}),
            of(Verb::ReadQueue),
        ),
        row(
            &post,
            format!("/sessions/{session}/claims"),
            json!({}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/sessions/{session}/claims/renew"),
            json!({"leases": []}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/sessions/{session}/claims/release"),
            json!({"leases": []}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/sessions/{session}/decisions"),
            json!({"verdict": "retract", "items": [{"kind": "question", "id": question, "revision": 1}], "reason": "other"}),
            of(Verb::Decide),
        ),
        row(
            &post,
            format!("/sessions/{session}/decisions/{}/undo", ids.decision),
            json!({}),
            of(Verb::Decide),
        ),
        row(
            &get,
            format!("/participants/{}/card?hall_id={hall}", ids.person),
            Value::Null,
            of(Verb::ReadAuthor),
        ),
        row(
            &post,
            format!("/halls/{hall}/sanctions"),
            json!({"participant_id": ids.person, "kind": "ban", "minutes": null, "reason": "辱骂"}),
            of(Verb::Sanction),
        ),
        row(
            &delete,
            format!("/halls/{hall}/sanctions/{}", ids.sanction),
            Value::Null,
            of(Verb::Sanction),
        ),
        row(
            &get,
            format!(
                "/sessions/{session}/department-desk?department_id={}",
                world.department(0)
            ),
            Value::Null,
            of(Verb::ReadBackstage),
        ),
        row(
            &post,
            format!("/questions/{question}/answers"),
            json!({"department_id": world.department(0), "answer_type": "explanation", "body": "说明", "speaker": "", "owner": "", "due_date": "", "basis": "", "transfer_to": null}),
            of(Verb::AnswerInWriting),
        ),
        row(
            &put,
            format!("/questions/{question}/disposition"),
            json!({"disposition": "declined", "reason": "不在本场范围"}),
            of(Verb::Dispose),
        ),
        row(
            &put,
            format!("/questions/{}/disposition", ids.repeated),
            json!({"disposition": "merged", "merged_into": question, "reason": ""}),
            of(Verb::Merge),
        ),
        row(
            &put,
            format!("/questions/{question}/department"),
            json!({"department_id": world.department(1)}),
            of(Verb::Route),
        ),
        row(
            &get,
            format!("/sessions/{session}/suggestions"),
            Value::Null,
            of(Verb::ReadSuggestions),
        ),
        row(
            &post,
            format!("/sessions/{session}/suggestions"),
            suggestion.clone(),
            of(Verb::FormSuggestion),
        ),
        row(
            &put,
            format!("/suggestions/{}", ids.suggestion),
            suggestion,
            of(Verb::FormSuggestion),
        ),
        row(
            &delete,
            format!("/suggestions/{}", ids.suggestion),
            Value::Null,
            of(Verb::FormSuggestion),
        ),
        row(
            &get,
            format!("/sessions/{session}/closing"),
            Value::Null,
            of(Verb::ReadSuggestions),
        ),
        row(
            &get,
            format!("/sessions/{session}/package.zip"),
            Value::Null,
            of(Verb::Export),
        ),
        row(
            &get,
            format!("/sessions/{session}/package"),
            Value::Null,
            of(Verb::Export),
        ),
        row(
            &get,
            format!("/sessions/{session}/package/MANIFEST.json"),
            Value::Null,
            of(Verb::Export),
        ),
    ]
}

async fn call(rest: &Rest, route: &Route) -> Result<(), Refused> {
    let body = Some(&route.body).filter(|b| !b.is_null());
    let response = rest.raw(route.method.clone(), &route.path, body).await;
    if response.status().is_success() {
        return Ok(());
    }
    answer_of::<Value>(&route.path, response).await.map(drop)
}

#[test]
fn who_lacks_the_right_is_refused_with_forbidden_and_nothing_is_written() {
    on_both(async |world| {
        let ids = one_of_everything(world).await;
        let routes = routes(world, &ids);
        let nobody = world.colleague("no-role", &[]).await;
        let mut askers: Vec<(Option<Role>, Rest)> = vec![(None, nobody.rest.clone())];
        for &role in Role::ALL {
            askers.push((Some(role), world.staff(role).await.rest));
        }
        let before = world.footprint().await;
        for (role, rest) in &askers {
            for route in routes.iter().filter(|r| !r.right.includes(*role)) {
                let refused = call(rest, route)
                    .await
                    .expect_err(&format!("{role:?} {} {}", route.method, route.path));
                assert_eq!(
                    (refused.status, refused.error.code),
                    (403, Code::Forbidden),
                    "{role:?} {} {}",
                    route.method,
                    route.path
                );
            }
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn who_has_the_right_is_never_told_it_is_forbidden() {
    on_both(async |world| {
        let ids = one_of_everything(world).await;
        for &role in Role::ALL {
            let staff = world.staff(role).await;
            for route in routes(world, &ids)
                .iter()
                .filter(|r| r.right.includes(Some(role)))
            {
                // Another reason to refuse is fine here: the state of the session, a conflict, what is gone by now.
                if let Err(refused) = call(&staff, route).await {
                    assert_ne!(
                        refused.error.code,
                        Code::Forbidden,
                        "{role} {} {}: {refused:?}",
                        route.method,
                        route.path
                    );
                }
            }
        }
    });
}

#[test]
fn without_a_login_every_staff_route_asks_to_sign_in() {
    on_both(async |world| {
        let ids = one_of_everything(world).await;
        let netizen = world.guest().await;
        let before = world.footprint().await;
        for route in routes(world, &ids) {
            for (rest, expected) in [
                (&world.rest, Code::Unauthenticated),
                (&netizen.rest, Code::Unauthenticated),
                (&world.rest.with_cookie("0000000000000000"), Code::Expired),
            ] {
                let refused = call(rest, &route).await.expect_err(&route.path);
                assert_eq!(
                    (refused.status, refused.error.code),
                    (401, expected),
                    "{} {}",
                    route.method,
                    route.path
                );
            }
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn a_changing_request_of_staff_without_the_header_of_our_pages_is_refused() {
    on_both(async |world| {
        let ids = one_of_everything(world).await;
        let mut foreign = world.operator.rest.clone();
        foreign.own_page = false;
        let before = world.footprint().await;
        for route in routes(world, &ids).iter().filter(|r| r.method != Method::GET) {
            let refused = call(&foreign, route).await.expect_err(&route.path);
            assert_eq!(
                (refused.status, refused.error.code),
                (403, Code::Forbidden),
                "{} {}",
                route.method,
                route.path
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        call(
            &foreign,
            &Route {
                method: Method::GET,
                path: "/staff/me".into(),
                body: Value::Null,
                right: Right::Operator,
            },
        )
        .await
        .expect("reading needs no header");
    });
}

#[test]
fn every_change_of_staff_leaves_one_line_in_the_audit_log_and_reading_none() {
    on_both(async |world| {
        let ids = one_of_everything(world).await;
        let lines = async || crate::support::database::number(world.db(), "SELECT COUNT(*) FROM audit").await;
        let mut changes = 0;
        for route in routes(world, &ids) {
            let before = lines().await;
            let done = call(&world.operator, &route).await.is_ok();
            let exports = route.path.contains("/package");
            // What one holds for a moment, how one's own desk is set up, and what a decision would do.
            let lasts = !["/decisions/preview", "/claims", "/desk-views"]
                .iter()
                .any(|part| route.path.contains(part));
            let expected = i64::from(done && lasts && (route.method != Method::GET || exports));
            changes += expected;
            assert_eq!(
                lines().await - before,
                expected,
                "{} {}",
                route.method,
                route.path
            );
        }
        assert!(changes > 15, "most of the routes were taken: {changes}");
        let details = crate::support::database::texts(world.db(), "SELECT detail FROM audit")
            .await
            .join("\n");
        for text in ["阶梯水价怎么算", "二次供水谁来管"] {
            assert!(!details.contains(text), "no text of netizens: {details}");
        }
    });
}

#[test]
fn roles_of_one_hall_count_for_nothing_in_another() {
    on_both(async |world| {
        let other: Value = world
            .operator
            .post(
                "/halls",
                &crate::support::world::hall_request("other-hall", "邻区议事厅"),
            )
            .await
            .expect("a hall");
        let other_hall = other["id"].as_str().expect("an id").to_owned();
        let mut request = world.session_request("邻区的一场");
        request.department_ids.clear();
        request.segments.clear();
        let prepared: Value = world
            .operator
            .post(format!("/halls/{other_hall}/sessions"), &request)
            .await
            .expect("a draft");
        let session = prepared["session"]["id"].as_str().expect("an id").to_owned();
        let before = world.footprint().await;
        let stamp = world.staff(Role::Administrator).await;
        let after_login = world.footprint().await;
        assert_ne!(before, after_login);
        for (method, path, body) in [
            (
                Method::POST,
                format!("/halls/{other_hall}/sessions"),
                serde_json::to_value(&request).expect("JSON"),
            ),
            (
                Method::PUT,
                format!("/halls/{other_hall}/words"),
                json!({"text": "代练"}),
            ),
            (
                Method::POST,
                format!("/sessions/{session}/state"),
                json!({"to": "live"}),
            ),
            (
                Method::PUT,
                format!("/sessions/{session}/announcement"),
                json!({"text": "越权"}),
            ),
            (Method::GET, format!("/sessions/{session}/queue"), Value::Null),
            (
                Method::GET,
                format!("/sessions/{session}/queue/similar"),
                Value::Null,
            ),
            (Method::GET, format!("/sessions/{session}/prepared"), Value::Null),
        ] {
            let refused = call(
                &stamp,
                &Route {
                    method,
                    path: path.clone(),
                    body,
                    right: Right::Operator,
                },
            )
            .await
            .expect_err(&path);
            assert_eq!(refused.error.code, Code::Forbidden, "{path}");
        }
        assert_eq!(world.footprint().await, after_login, "nothing was written");
    });
}

#[test]
fn a_department_officer_answers_for_the_own_department_only() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world
            .guest()
            .await
            .asked_department(&session, "水表多久检定一次", &world.department(1))
            .await;
        let (power, water) = (world.officer(0).await, world.officer(1).await);
        world
            .operator
            .put_on_stage(&session, Some(&question))
            .await
            .expect("on stage");
        let before = world.footprint().await;
        let answer = json!({"department_id": world.department(1), "answer_type": "explanation", "body": "说明", "speaker": "", "owner": "", "due_date": "", "basis": "", "transfer_to": null});
        let refused = power
            .post::<Value>(format!("/questions/{question}/answers"), &answer)
            .await
            .expect_err("not the own department");
        assert_eq!(refused.error.code, Code::Forbidden);
        assert_eq!(
            power
                .start_answer(&session, &world.department(1))
                .await
                .expect_err("not the own department")
                .error
                .code,
            Code::Forbidden
        );
        let desk = power
            .get::<Value>(format!(
                "/sessions/{session}/department-desk?department_id={}",
                world.department(1)
            ))
            .await
            .expect_err("not the own desk");
        assert_eq!(desk.error.code, Code::Forbidden);
        assert_eq!(world.footprint().await, before, "nothing was written");
        water
            .start_answer(&session, &world.department(1))
            .await
            .expect("the own department");
        assert_eq!(
            power
                .stop_answer(&session, "")
                .await
                .expect_err("somebody else answers")
                .error
                .code,
            Code::Forbidden
        );
        water.stop_answer(&session, "").await.expect("the own answer");
    });
}

#[test]
fn the_backstage_is_open_to_every_role_and_to_nobody_else() {
    use crate::support::Viewer;
    on_both(async |world| {
        let session = world.live().await;
        for &role in Role::ALL {
            let staff = world.staff(role).await;
            assert!(
                Viewer::try_open(&staff.rest, &session, "?channel=backstage")
                    .await
                    .is_ok(),
                "{role}"
            );
        }
        let nobody = world.colleague("no-role", &[]).await;
        assert_eq!(
            Viewer::try_open(&nobody, &session, "?channel=backstage")
                .await
                .err(),
            Some(403)
        );
        assert_eq!(
            Viewer::try_open(&world.rest, &session, "?channel=backstage")
                .await
                .err(),
            Some(401)
        );
        assert_eq!(
            Viewer::try_open(&world.guest().await.rest, &session, "?channel=backstage")
                .await
                .err(),
            Some(401)
        );
        for rest in [&world.rest, &nobody.rest] {
            let events = rest
                .raw(
                    Method::GET,
                    &format!("/sessions/{session}/events?channel=backstage"),
                    crate::support::rest::NOTHING,
                )
                .await;
            assert!(
                events.status() == 401 || events.status() == 403,
                "{}",
                events.status()
            );
        }
    });
}

#[test]
fn rights_end_with_the_next_request_after_they_were_taken_away() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        moderator.queue(&session, PostState::Held).await;
        let _: Value = world
            .operator
            .put(
                format!("/halls/{}/grants", world.hall.id),
                &json!({"staff_id": moderator.id, "roles": []}),
            )
            .await
            .expect("taken away");
        let refused = moderator
            .get::<Value>(format!("/sessions/{session}/queue"))
            .await
            .expect_err("no role any more");
        assert_eq!(refused.error.code, Code::Forbidden);
        let state = world
            .move_to(&session, SessionState::Paused)
            .await
            .expect("an operator may always");
        assert_eq!(state.state, SessionState::Paused);
    });
}
