//! Logins behind the stage: made, throttled, ended.

use reqwest::Method;
use serde_json::{Value, json};
use yishiting::domain::limits::{LOGIN_PAUSE_S, LOGIN_TRIES};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::Role;
use yishiting::protocol::rest::{LoginRequest, SetupRequest, StaffMe};

use crate::support::rest::code;
use crate::support::world::{PASSWORD, Setup, log_in};
use crate::support::{on_both, on_both_with};

#[test]
fn the_setup_link_works_once() {
    on_both(async |world| {
        // The world was set up with the first link; there is an account now, so no other link is made.
        assert_eq!(world.commands().setup_token().await.expect("readable"), None);
        let request = SetupRequest {
            token: "0".repeat(64),
            login_name: "second".into(),
            name: "第二".into(),
            password: PASSWORD.into(),
        };
        let before = world.footprint().await;
        assert_eq!(
            code(world.rest.post::<Value>("/staff/setup", &request).await),
            Code::Forbidden
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn only_the_newest_setup_link_works_and_a_weak_password_does_not_use_it_up() {
    use crate::support::{Database, ManualClock, world::Kind};
    use yishiting::app::Parts;
    crate::support::world::run(async {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let Some(database) = Database::fresh(kind).await else {
                continue;
            };
            let clock = ManualClock::default();
            let surroundings = crate::support::world::surroundings(&clock, &Setup::default());
            let config = yishiting::app::config::Config::parse(&crate::support::world::config_text(
                &database,
                &Setup::default(),
            ))
            .expect("a configuration");
            let parts = Parts::open(&config, &surroundings).await.expect("opens");
            let old = parts
                .commands
                .setup_token()
                .await
                .expect("readable")
                .expect("no account yet");
            let new = parts
                .commands
                .setup_token()
                .await
                .expect("readable")
                .expect("no account yet");
            let attempt = async |token: &str, password: &str| {
                parts
                    .commands
                    .set_up(token, "first", "第一", password.into())
                    .await
                    .map(drop)
                    .map_err(|e| e.to_string())
            };
            assert!(
                attempt(&old, PASSWORD).await.is_err(),
                "replaced by the newer one"
            );
            assert!(attempt(&new, "short").await.is_err(), "weak");
            assert!(attempt(&new, PASSWORD).await.is_ok());
            assert!(attempt(&new, PASSWORD).await.is_err(), "used");
            parts.close().await;
            database.remove().await;
        }
    });
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    on_both(async |world| {
        world.staff(Role::Host).await;
        for (name, password) in [
            ("host", "not this one at all"),
            ("nobody-here", PASSWORD),
            ("", ""),
            ("host", ""),
            ("主持人", PASSWORD),
            (&"x".repeat(10_000), PASSWORD),
        ] {
            let refused = log_in(&world.rest, name, password).await.err().expect("refused");
            assert_eq!(
                (refused.status, refused.error.code),
                (401, Code::WrongPassword),
                "{name}"
            );
            assert_eq!(refused.error.message, "name or password does not match");
        }
    });
}

#[test]
fn after_five_wrong_passwords_an_account_waits_a_minute_and_others_do_not() {
    on_both(async |world| {
        world.staff(Role::Host).await;
        for _ in 0..LOGIN_TRIES {
            assert_eq!(
                log_in(&world.rest, "host", "not this one at all")
                    .await
                    .err()
                    .map(|r| r.error.code),
                Some(Code::WrongPassword)
            );
        }
        let refused = log_in(&world.rest, "host", PASSWORD)
            .await
            .err()
            .expect("even the right one waits");
        assert_eq!((refused.status, refused.error.code), (429, Code::RateLimited));
        assert!(
            refused
                .error
                .retry_after_ms
                .is_some_and(|ms| ms <= u64::from(LOGIN_PAUSE_S) * 1_000),
            "{refused:?}"
        );
        log_in(&world.rest, "operator", PASSWORD)
            .await
            .expect("another account");
        world.clock.advance_s(i64::from(LOGIN_PAUSE_S));
        log_in(&world.rest, "host", PASSWORD)
            .await
            .expect("after the pause");
        // The right password forgets the wrong ones.
        assert_eq!(
            log_in(&world.rest, "host", "not this one at all")
                .await
                .err()
                .map(|r| r.error.code),
            Some(Code::WrongPassword)
        );
        log_in(&world.rest, "host", PASSWORD)
            .await
            .expect("one wrong one is no reason to wait");
    });
}

#[test]
fn nobody_is_kept_out_because_the_clock_was_set_back() {
    on_both(async |world| {
        for _ in 0..LOGIN_TRIES {
            drop(log_in(&world.rest, "operator", "not this one at all").await);
        }
        world.clock.advance_s(-3_600);
        log_in(&world.rest, "operator", PASSWORD)
            .await
            .expect("an hour is not what a minute's pause asks for");
    });
}

#[test]
fn names_that_do_not_exist_are_throttled_too() {
    on_both(async |world| {
        for _ in 0..LOGIN_TRIES {
            drop(log_in(&world.rest, "ghost", "not this one at all").await);
        }
        assert_eq!(
            log_in(&world.rest, "ghost", PASSWORD)
                .await
                .err()
                .map(|r| r.error.code),
            Some(Code::RateLimited),
            "or the pause would tell which names exist"
        );
    });
}

#[test]
fn an_address_that_tries_many_names_is_held_up() {
    on_both_with(
        &Setup {
            limit_addresses: true,
            ..Setup::default()
        },
        async |world| {
            let mut last = None;
            for i in 0..25 {
                let request = LoginRequest {
                    login_name: format!("name-{i}"),
                    password: "x".into(),
                };
                last = world
                    .rest
                    .post::<Value>("/staff/login", &request)
                    .await
                    .err()
                    .map(|r| r.error.code);
                if last == Some(Code::RateLimited) {
                    break;
                }
            }
            assert_eq!(last, Some(Code::RateLimited));
        },
    );
}

#[test]
fn a_login_ends_after_its_hours() {
    on_both_with(
        &Setup {
            config: "login_hours = 2".into(),
            ..Setup::default()
        },
        async |world| {
            let host = world.staff(Role::Host).await;
            world.clock.advance_s(2 * 3_600 - 5);
            let _: StaffMe = host.get("/staff/me").await.expect("a moment before");
            world.clock.advance_s(6);
            let refused = host.get::<StaffMe>("/staff/me").await.expect_err("over");
            assert_eq!((refused.status, refused.error.code), (401, Code::Expired));
            log_in(&world.rest, "host", PASSWORD).await.expect("a new one");
        },
    );
}

#[test]
fn logging_out_ends_this_login_and_a_new_password_ends_all_others() {
    on_both(async |world| {
        let first = world.staff(Role::Host).await;
        let second = log_in(&world.rest, "host", PASSWORD).await.expect("logs in");
        let third = log_in(&world.rest, "host", PASSWORD).await.expect("logs in");
        let response = first.raw(Method::POST, "/staff/logout", Some(&())).await;
        assert_eq!(response.status(), 204);
        assert!(
            response.headers()["set-cookie"]
                .to_str()
                .expect("text")
                .contains("Max-Age=0")
        );
        assert_eq!(code(first.get::<Value>("/staff/me").await), Code::Expired);
        let _: Value = second.get("/staff/me").await.expect("another login lives");
        assert_eq!(
            code(
                second
                    .post::<Value>(
                        "/staff/password",
                        &json!({"old": "wrong wrong wrong", "new": "another long password"})
                    )
                    .await
            ),
            Code::WrongPassword
        );
        for weak in ["short", "host", "aaaaaaaaaaaa"] {
            assert_eq!(
                code(
                    second
                        .post::<Value>("/staff/password", &json!({"old": PASSWORD, "new": weak}))
                        .await
                ),
                Code::WeakPassword,
                "{weak}"
            );
        }
        let response = second
            .raw(
                Method::POST,
                "/staff/password",
                Some(&json!({"old": PASSWORD, "new": "another long password"})),
            )
            .await;
        assert_eq!(response.status(), 200);
        for ended in [&second, &third] {
            assert_eq!(code(ended.get::<Value>("/staff/me").await), Code::Expired);
        }
        assert_eq!(
            log_in(&world.rest, "host", PASSWORD)
                .await
                .err()
                .map(|r| r.error.code),
            Some(Code::WrongPassword)
        );
        log_in(&world.rest, "host", "another long password")
            .await
            .expect("the new one");
    });
}

#[test]
fn the_login_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for (url, secure) in [("http://hall.example", false), ("https://hall.example", true)] {
        on_both_with(
            &Setup {
                public_url: url.into(),
                ..Setup::default()
            },
            async |world| {
                let request = LoginRequest {
                    login_name: "operator".into(),
                    password: PASSWORD.into(),
                };
                let response = world.rest.raw(Method::POST, "/staff/login", Some(&request)).await;
                let cookie = response.headers()["set-cookie"]
                    .to_str()
                    .expect("text")
                    .to_owned();
                for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=50400"] {
                    assert!(cookie.contains(part), "{part} in {cookie}");
                }
                assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
                let value = cookie.split(['=', ';']).nth(1).expect("a value").to_owned();
                let stored =
                    crate::support::database::texts(world.db(), "SELECT token_hash FROM login").await;
                assert!(!stored.contains(&value), "the database keeps only a hash");
            },
        );
    }
}

#[test]
fn names_and_passwords_of_new_accounts_are_checked() {
    on_both(async |world| {
        let account = |login_name: &str, name: &str, password: &str| json!({"login_name": login_name, "name": name, "password": password});
        let before = world.footprint().await;
        for (body, expected) in [
            (account("operator", "重名", PASSWORD), Code::Taken),
            (account("Ops", "大写", PASSWORD), Code::OutOfRange),
            (account("x", "太短", PASSWORD), Code::OutOfRange),
            (account("ops", "弱", "123"), Code::WeakPassword),
            (account("ops", " ", PASSWORD), Code::Empty),
            (account("ops", &"长".repeat(21), PASSWORD), Code::TooLong),
        ] {
            assert_eq!(
                code(world.operator.post::<Value>("/staff/accounts", &body).await),
                expected,
                "{body}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn administrators_cannot_lock_themselves_out_and_officers_need_a_department() {
    on_both(async |world| {
        let administrator = world.staff(Role::Administrator).await;
        let path = format!("/halls/{}/grants", world.hall.id);
        assert_eq!(
            code(
                administrator
                    .put::<Value>(&path, &json!({"staff_id": administrator.id, "roles": []}))
                    .await
            ),
            Code::OutOfRange
        );
        for (roles, expected) in [
            (json!([{"role": "department_officer"}]), Code::Incomplete),
            (
                json!([{"role": "department_officer", "department_id": "0000000000000000"}]),
                Code::NotFound,
            ),
            (
                json!([{"role": "host", "department_id": world.department(0)}]),
                Code::OutOfRange,
            ),
        ] {
            assert_eq!(
                code(
                    administrator
                        .put::<Value>(&path, &json!({"staff_id": world.operator.id, "roles": roles}))
                        .await
                ),
                expected,
                "{roles}"
            );
        }
        assert_eq!(
            code(
                administrator
                    .put::<Value>(&path, &json!({"staff_id": "0000000000000000", "roles": []}))
                    .await
            ),
            Code::NotFound
        );
    });
}
