//! The program as an operator meets it: configuration, first start, accounts, export.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use yishiting::domain::words::SessionState;
use yishiting::protocol::rest::{SetupRequest, StaffMe};

use crate::support::binary::{Program, command, command_with_input, configuration};
use crate::support::rest::code;
use crate::support::world::{Kind, PASSWORD, Setup, config_text, log_in, run};
use crate::support::{Database, ManualClock, Rest, World};

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

#[test]
fn a_wrong_or_unknown_key_of_the_configuration_is_refused_by_name() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        for (config, named) in [
            ("listne = \"127.0.0.1:0\"", "listne"),
            ("[live]\ntick = 100", "tick"),
            ("[phone]\nsender = \"pigeon\"", "pigeon"),
            ("[live]\ntick_ms = 5", "live.tick_ms"),
            ("database = \"mysql://x\"", "database"),
            ("public_url = \"http://hall.example/\"", "public_url"),
            ("login_hours = 0", "login_hours"),
            ("[log]\nlevel = \"loud=very\"", "log.level"),
            ("listen = 8080", "listen"),
            ("listen = \"127.0.0.1:0\"\nlisten = \"127.0.0.1:1\"", "listen"),
            ("= nonsense", "not understood"),
        ] {
            let path = configuration(folder.path(), config);
            for verb in ["check-config", "serve", "migrate"] {
                let output = command(&[verb, "--config", text(&path)]).await;
                assert!(!output.status.success(), "{verb}: {config}");
                assert!(
                    said(&output).contains(named),
                    "{verb}: `{named}` in: {}",
                    said(&output)
                );
            }
        }
        let missing = folder.path().join("nowhere.toml");
        let output = command(&["serve", "--config", text(&missing)]).await;
        assert!(
            !output.status.success() && said(&output).contains("nowhere.toml"),
            "{}",
            said(&output)
        );
        assert!(!folder.path().join("data").exists(), "nothing was made");
    });
}

#[test]
fn the_printed_defaults_are_a_configuration() {
    run(async {
        let output = command(&["default-config"]).await;
        assert!(output.status.success());
        let folder = tempfile::tempdir().expect("a folder");
        let path = configuration(folder.path(), &String::from_utf8(output.stdout).expect("UTF-8"));
        let checked = command(&["check-config", "--config", text(&path)]).await;
        assert!(checked.status.success(), "{}", said(&checked));
    });
}

#[test]
fn the_first_start_prints_a_link_for_the_first_administrator_and_later_starts_do_not() {
    run(async {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let Some(database) = Database::fresh(kind).await else {
                continue;
            };
            let config = configuration(database.folder.path(), &config_text(&database, &Setup::default()));
            let mut program = Program::serve(&config).await;
            let void = program.setup_token().await;
            program.kill().await;
            let mut program = Program::serve(&config).await;
            let token = program.setup_token().await;
            let rest = Rest::new(program.base.clone(), ManualClock::default());
            let request = |token: &str| SetupRequest {
                token: token.into(),
                login_name: "first".into(),
                name: "第一".into(),
                password: PASSWORD.into(),
            };
            assert_eq!(
                code(rest.post::<Value>("/staff/setup", &request(&void)).await),
                yishiting::domain::rejection::Code::Forbidden
            );
            let me: StaffMe = rest
                .post("/staff/setup", &request(&token))
                .await
                .expect("the link works");
            assert!(me.operator);
            // Production: no demonstration, no hall, nobody in it.
            let options: Value = rest.get("/options").await.expect("public");
            assert_eq!(options["demonstration"], json!(false));
            assert_eq!(
                code(rest.get::<Value>("/demonstration/links").await),
                yishiting::domain::rejection::Code::NotFound
            );
            assert_eq!(
                rest.get::<Vec<Value>>("/halls").await.expect("public"),
                Vec::<Value>::new()
            );
            assert!(program.terminate().await.success());
            let program = Program::serve(&config).await;
            let rest = Rest::new(program.base.clone(), ManualClock::default());
            log_in(&rest, "first", PASSWORD)
                .await
                .expect("the account is there");
            assert!(
                !program.log().contains("setup?token"),
                "no link when there is an account"
            );
            assert!(program.terminate().await.success());
            database.remove().await;
        }
    });
}

#[test]
fn an_operator_added_at_the_machine_can_sign_in() {
    run(async {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let Some(database) = Database::fresh(kind).await else {
                continue;
            };
            let config = configuration(database.folder.path(), &config_text(&database, &Setup::default()));
            let migrated = command(&["migrate", "--config", text(&config)]).await;
            assert!(migrated.status.success(), "{}", said(&migrated));
            let add = async |password: &str| {
                command_with_input(
                    &["user", "add", "--config", text(&config), "ops", "运维"],
                    password,
                )
                .await
            };
            assert!(!add("short\n").await.status.success(), "weak");
            let added = add(&format!("{PASSWORD}\n")).await;
            assert!(
                added.status.success() && !said(&added).contains(PASSWORD),
                "{}",
                said(&added)
            );
            let again = add(&format!("{PASSWORD}\n")).await;
            assert!(
                !again.status.success() && said(&again).contains("taken"),
                "{}",
                said(&again)
            );
            let program = Program::serve(&config).await;
            log_in(
                &Rest::new(program.base.clone(), ManualClock::default()),
                "ops",
                PASSWORD,
            )
            .await
            .expect("the account works");
            assert!(program.terminate().await.success());
            database.remove().await;
        }
    });
}

#[test]
fn the_command_line_exports_the_same_bytes_as_the_page() {
    run(async {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let Some(mut world) = World::start(kind, &Setup::default()).await else {
                continue;
            };
            let session = world.live().await;
            let question = world.guest().await.asked(&session, "=1+1 水价怎么算").await;
            world
                .operator
                .dispose(
                    &question,
                    Some(yishiting::domain::words::Disposition::Declined),
                    None,
                    "不在本场范围",
                )
                .await
                .expect("disposed");
            let config = configuration(
                world.database.folder.path(),
                &config_text(&world.database, &world.setup),
            );
            let zip = world.database.folder.path().join("package.zip");
            let early = command(&[
                "export",
                "--config",
                text(&config),
                session.as_str(),
                "--to",
                text(&zip),
            ])
            .await;
            assert!(
                !early.status.success() && !zip.exists(),
                "not before the end: {}",
                said(&early)
            );
            world.move_to(&session, SessionState::Ended).await.expect("ended");
            let face = world
                .move_to(&session, SessionState::Closed)
                .await
                .expect("closed");
            let pages = world
                .operator
                .bytes(format!("/sessions/{session}/package.zip?privacy=public"))
                .await;
            world.stop().await;
            let done = command(&[
                "export",
                "--config",
                text(&config),
                &face.code.to_lowercase(),
                "--to",
                text(&zip),
                "--public",
            ])
            .await;
            assert!(done.status.success(), "{}", said(&done));
            assert_eq!(std::fs::read(&zip).expect("written"), pages);
            let folder = world.database.folder.path().join("package");
            let done = command(&[
                "export",
                "--config",
                text(&config),
                session.as_str(),
                "--to",
                text(&folder),
            ])
            .await;
            assert!(
                done.status.success() && folder.join("MANIFEST.json").exists(),
                "{}",
                said(&done)
            );
            let unknown = command(&[
                "export",
                "--config",
                text(&config),
                "ZZZZZZ",
                "--to",
                text(&folder),
            ])
            .await;
            assert!(
                !unknown.status.success() && said(&unknown).contains("ZZZZZZ"),
                "{}",
                said(&unknown)
            );
            world.end().await;
        }
    });
}

#[test]
fn the_log_names_no_phone_no_person_and_no_text() {
    run(async {
        let database = Database::fresh(Kind::Sqlite)
            .await
            .expect("SQLite is always there");
        let setup = Setup {
            config_live: "[phone]\nsender = \"log\"\n[log]\nlevel = \"debug,sqlx=debug\"\n".into(),
            ..Setup::default()
        };
        let config = configuration(database.folder.path(), &config_text(&database, &setup));
        let mut program = Program::serve(&config).await;
        let token = program.setup_token().await;
        let rest = Rest::new(program.base.clone(), ManualClock::default());
        let request = SetupRequest {
            token,
            login_name: "first".into(),
            name: "第一".into(),
            password: PASSWORD.into(),
        };
        let _: StaffMe = rest.post("/staff/setup", &request).await.expect("set up");
        let _: Value = rest
            .post("/phone/codes", &json!({"phone": "13812345678"}))
            .await
            .expect("sent");
        let guest: yishiting::protocol::rest::TokenAnswer = rest
            .post("/participants", &json!({"name": "独一无二的昵称"}))
            .await
            .expect("in");
        let refused = rest
            .with_bearer(&guest.token)
            .post::<Value>(
                "/sessions/0000000000000000/comments",
                &json!({"ref": "ref-00000000", "body": "独一无二的正文"}),
            )
            .await;
        refused.expect_err("no such session");
        drop(
            rest.post::<Value>(
                "/staff/login",
                &json!({"login_name": "first", "password": "独一无二的密码"}),
            )
            .await,
        );
        let log = crate::support::eventually("the code in the log", async || {
            let log = program.log();
            log.contains("phone code").then_some(log)
        })
        .await;
        for secret in ["13812345678", "独一无二", guest.token.as_str(), PASSWORD] {
            assert!(!log.contains(secret), "`{secret}` is in the log");
        }
        assert!(program.terminate().await.success());
        database.remove().await;
    });
}

#[test]
fn a_port_that_is_taken_is_said_plainly() {
    run(async {
        let database = Database::fresh(Kind::Sqlite)
            .await
            .expect("SQLite is always there");
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = taken.local_addr().expect("bound");
        let config = config_text(&database, &Setup::default()).replace("127.0.0.1:0", &address.to_string());
        let path = configuration(database.folder.path(), &config);
        let output = command(&["serve", "--config", text(&path)]).await;
        assert!(
            !output.status.success() && said(&output).contains(&address.to_string()),
            "{}",
            said(&output)
        );
        database.remove().await;
    });
}
