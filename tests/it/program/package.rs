//! The hand-over package through its door: what is in it, that it is always the same bytes, and that it calculates nothing.

use std::io::{Cursor, Read};

use serde_json::Value;
use sha2::{Digest, Sha256};
use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Disposition, Role, SessionState, SuggestionSource};
use yishiting::protocol::rest::{SuggestionFace, SuggestionRequest};

use super::suggestions::request;
use crate::support::rest::code;
use crate::support::{World, on_both};

/// What an audience may type at its worst: each must be text in every reader.
const HOSTILE: [&str; 12] = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1:A9)",
    "＝1＋1",
    "＋1",
    "－1",
    "＠x",
    "\t=1+1",
    "=HYPERLINK(\"https://a.example\",\"点\")",
    "<script>alert(1)</script>",
    "]]><w:p/>&amp;",
];

/// Every file of an archive, and every part of the documents in it.
pub(super) fn all_parts(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut parts = Vec::new();
    for (path, bytes) in files(zip) {
        if path.ends_with(".docx") || path.ends_with(".xlsx") {
            parts.extend(
                files(&bytes)
                    .into_iter()
                    .map(|(part, bytes)| (format!("{path}/{part}"), bytes)),
            );
        }
        parts.push((path, bytes));
    }
    parts
}

fn files(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("a ZIP file");
    (0..archive.len())
        .map(|i| {
            let mut entry = archive.by_index(i).expect("an entry");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("readable");
            (entry.name().expect("UTF-8").into_owned(), bytes)
        })
        .collect()
}

/// An ended session in which everybody typed the worst.
async fn hostile_session(world: &World) -> SessionId {
    let session = world.live().await;
    let mut questions = Vec::new();
    for text in HOSTILE {
        let guest = world.guest().await;
        questions.push(guest.asked(&session, text).await);
        guest.comment(&session, text).await.expect("taken");
    }
    for (question, text) in questions.iter().zip(HOSTILE) {
        let from = SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: vec![question.clone()],
            department_id: Some(world.department(0)),
            summary: text.into(),
            category: "=cat".into(),
            requirement: text.into(),
            ..request(&format!("{} 请处理", text.trim()))
        };
        let _: SuggestionFace = world
            .operator
            .post(format!("/sessions/{session}/suggestions"), &from)
            .await
            .expect("formed");
    }
    world
        .operator
        .put_on_stage(&session, Some(&questions[0]))
        .await
        .expect("on stage");
    world
        .operator
        .start_answer(&session, &world.department(0))
        .await
        .expect("begins");
    world.clock.advance_s(60);
    world
        .operator
        .stop_answer(&session, "=1+1")
        .await
        .expect("answered");
    world.move_to(&session, SessionState::Ended).await.expect("ended");
    session
}

#[test]
fn the_package_has_every_file_its_manifest_names_with_the_right_hash() {
    on_both(async |world| {
        let session = hostile_session(world).await;
        let secretary = world.staff(Role::Secretary).await;
        let zip = secretary
            .bytes(format!("/sessions/{session}/package.zip?privacy=internal"))
            .await;
        let inside = files(&zip);
        let manifest: Value = serde_json::from_slice(
            &inside
                .iter()
                .find(|(p, _)| p == "MANIFEST.json")
                .expect("a manifest")
                .1,
        )
        .expect("JSON");
        let listed: Value = secretary
            .get(format!("/sessions/{session}/package?privacy=internal"))
            .await
            .expect("listed");
        let listed = listed["files"].as_array().expect("a list").clone();
        assert_eq!(listed.len(), inside.len());
        for (path, bytes) in &inside {
            let sha256: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
            let row = listed
                .iter()
                .find(|f| f["path"] == path.as_str())
                .unwrap_or_else(|| panic!("{path} is not listed"));
            assert_eq!(
                (row["sha256"].as_str(), row["size"].as_u64()),
                (Some(sha256.as_str()), Some(bytes.len() as u64)),
                "{path}"
            );
            if path != "MANIFEST.json" {
                assert!(
                    manifest.to_string().contains(&sha256),
                    "the manifest names {path} with its hash"
                );
            }
            let url = format!("/sessions/{session}/package/{path}?privacy=internal");
            assert_eq!(&secretary.bytes(url).await, bytes, "{path} alone is the same");
        }
        for ending in [".docx", ".xlsx", ".csv", ".json"] {
            assert!(
                inside.iter().any(|(p, _)| p.ends_with(ending)),
                "a file of {ending}"
            );
        }
        for (path, bytes) in inside.iter().filter(|(p, _)| p.ends_with(".json")) {
            serde_json::from_slice::<Value>(bytes).unwrap_or_else(|e| panic!("{path}: {e}"));
        }
        for missing in ["nothing.txt", "../MANIFEST.json", "MANIFEST.json/x"] {
            assert_eq!(
                code(
                    secretary
                        .get::<Value>(format!(
                            "/sessions/{session}/package/{}",
                            missing.replace('/', "%2F")
                        ))
                        .await
                ),
                Code::NotFound,
                "{missing}"
            );
        }
    });
}

#[test]
fn the_same_session_gives_the_same_bytes_again_and_after_a_restart() {
    on_both(async |world| {
        let session = hostile_session(world).await;
        for privacy in ["internal", "public"] {
            let path = format!("/sessions/{session}/package.zip?privacy={privacy}");
            let first = world.operator.bytes(&path).await;
            world.clock.advance_s(3_600);
            assert_eq!(
                world.operator.bytes(&path).await,
                first,
                "{privacy}: an hour later"
            );
            world.restart().await;
            assert_eq!(
                world.operator.bytes(&path).await,
                first,
                "{privacy}: after a restart"
            );
        }
    });
}

#[test]
fn no_cell_is_ever_a_formula_and_no_markup_of_the_audience_is_markup() {
    on_both(async |world| {
        let session = hostile_session(world).await;
        for privacy in ["internal", "public"] {
            let zip = world
                .operator
                .bytes(format!("/sessions/{session}/package.zip?privacy={privacy}"))
                .await;
            let mut cells = 0;
            for (path, bytes) in all_parts(&zip) {
                let text = String::from_utf8_lossy(&bytes);
                if path.contains(".xlsx/") && path.contains("/worksheets/") {
                    assert!(
                        !text.contains("<f>") && !text.contains("<f "),
                        "{path} holds a formula"
                    );
                    cells += text.matches("<c ").count();
                }
                if path.contains(".xlsx/") && path.ends_with("/_rels/sheet1.xml.rels") {
                    assert!(!text.contains("a.example"), "{path}: a text became a link");
                }
                if path.ends_with(".xml") {
                    assert!(
                        !text.contains("<script>") && !text.contains("]]><w:p/>"),
                        "{path} holds markup of the audience"
                    );
                }
                if path.ends_with(".csv") {
                    check_csv(&path, &bytes);
                }
            }
            assert!(cells > 100, "the sheets are filled");
        }
    });
}

/// Every field is text in a spreadsheet program, whatever the audience began it with.
fn check_csv(path: &str, bytes: &[u8]) {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut rows = 0;
    for record in csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text)
        .records()
    {
        rows += 1;
        for field in &record.expect("a record") {
            let first = field
                .trim_start_matches([' ', '\u{3000}', '\u{feff}'])
                .chars()
                .next();
            let calculates = matches!(
                first,
                Some('=' | '+' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r')
            ) || (first == Some('-') && field.parse::<f64>().is_err());
            assert!(!calculates, "{path}: a reader would calculate {field:?}");
        }
    }
    assert!(rows > 0, "{path} has rows");
}

#[test]
fn there_is_no_package_before_the_end_and_every_export_is_on_record() {
    on_both(async |world| {
        let session = world.live().await;
        let auditor = world.staff(Role::Auditor).await;
        let refused = auditor
            .get::<Value>(format!("/sessions/{session}/package"))
            .await
            .expect_err("not ended");
        assert_eq!((refused.status, refused.error.code), (409, Code::WrongState));
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        let before =
            crate::support::database::number(world.db(), "SELECT COUNT(*) FROM audit WHERE verb = 'export'")
                .await;
        auditor.bytes(format!("/sessions/{session}/package.zip")).await;
        let after =
            crate::support::database::number(world.db(), "SELECT COUNT(*) FROM audit WHERE verb = 'export'")
                .await;
        assert_eq!(after, before + 1);
        let response = auditor
            .raw(
                reqwest::Method::GET,
                &format!("/sessions/{session}/package.zip?privacy=public"),
                crate::support::rest::NOTHING,
            )
            .await;
        let disposition = response.headers()["content-disposition"]
            .to_str()
            .expect("ASCII")
            .to_owned();
        assert!(
            disposition.starts_with("attachment; filename=\"") && disposition.contains("filename*=UTF-8''"),
            "{disposition}"
        );
        assert_eq!(
            code(
                auditor
                    .get::<Value>(format!("/sessions/{session}/package?privacy=secret"))
                    .await
            ),
            Code::Malformed
        );
    });
}

#[test]
fn a_live_answer_is_in_the_package_with_its_place_on_the_stream() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world
            .guest()
            .await
            .asked_department(&session, "阶梯水价怎么算", &world.department(1))
            .await;
        world.clock.advance_s(600);
        world
            .operator
            .put_on_stage(&session, Some(&question))
            .await
            .expect("on stage");
        world
            .operator
            .start_answer(&session, &world.department(1))
            .await
            .expect("begins");
        world.clock.advance_s(90);
        world
            .operator
            .stop_answer(&session, "按年用水量分三档")
            .await
            .expect("answered");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            world
                .move_to(&session, SessionState::Closed)
                .await
                .expect("complete")
                .state,
            SessionState::Closed
        );
        let zip = world
            .operator
            .bytes(format!("/sessions/{session}/package.zip"))
            .await;
        let json = files(&zip)
            .into_iter()
            .filter(|(p, _)| p.ends_with(".json"))
            .map(|(_, b)| String::from_utf8(b).expect("UTF-8"))
            .find(|t| t.contains("按年用水量分三档"))
            .expect("the answer is in a file for machines");
        assert!(
            json.contains("阶梯水价怎么算") && json.contains(Disposition::AnsweredLive.as_str()),
            "{json}"
        );
    });
}
