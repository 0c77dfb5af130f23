//! The audit log through the doors: every act of staff is in it, it can be read, judged and handed out.

use serde_json::{Value, json};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Role, SessionState, Verdict};
use yishiting::protocol::record::{AuditHead, AuditPage, AuditVerification};
use yishiting::protocol::rest::ClaimAnswer;

use super::hold_all;
use crate::support::binary::{command, configuration};
use crate::support::database::execute;
use crate::support::rest::{NOTHING, code};
use crate::support::wait::eventually;
use crate::support::world::{config_text, on_both};

#[test]
fn every_act_of_staff_is_in_the_log_with_who_and_when() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let asked = guest.question(&session, "水价什么时候公布").await.expect("taken");
        let moderator = world.staff(Role::Moderator).await;
        moderator
            .decide_now(&session, Verdict::Approve, &asked.id)
            .await
            .expect("published");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        let auditor = world.staff(Role::Auditor).await;
        let path = format!("/halls/{}/audit", world.hall.id);
        let page: AuditPage = auditor.get(&path).await.expect("an auditor reads");
        let verbs: Vec<&str> = page.records.iter().map(|r| r.verb.as_str()).collect();
        for verb in [
            "run_live",
            "decide",
            "set_policy",
            "create_session",
            "grant_roles",
        ] {
            assert!(verbs.contains(&verb), "{verb} in {verbs:?}");
        }
        let decided = page.records.iter().find(|r| r.verb == "decide").expect("there");
        assert_eq!(decided.staff_id.as_ref(), Some(&moderator.id));
        assert!(decided.staff_name.starts_with("工作人员"), "{decided:?}");
        assert_eq!(decided.session_id.as_ref(), Some(&session));
        assert_eq!(page.head.seq, page.records[0].seq);
        // Read in pages, nothing is lost.
        let (mut cursor, mut seqs) = (String::new(), Vec::new());
        loop {
            let part: AuditPage = auditor
                .get(format!("{path}?limit=2&cursor={cursor}"))
                .await
                .expect("a page");
            seqs.extend(part.records.iter().map(|r| r.seq));
            match part.next_cursor {
                Some(next) => cursor = next,
                None => break,
            }
        }
        let all: Vec<u64> = (1..=page.head.seq).rev().collect();
        assert_eq!(seqs, all);
        // Others may not read it; everybody may note where it ends.
        assert_eq!(code(moderator.get::<AuditPage>(&path).await), Code::Forbidden);
        let head: AuditHead = world.rest.get(format!("{path}/head")).await.expect("public");
        assert_eq!((head.seq, head.hash), (page.head.seq, page.head.hash));
    });
}

#[test]
fn what_ends_by_itself_is_in_the_log_without_staff_and_what_one_desk_does_for_itself_is_not() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let auditor = world.staff(Role::Auditor).await;
        let path = format!("/halls/{}/audit", world.hall.id);
        let records = async || {
            auditor
                .get::<AuditPage>(&path)
                .await
                .expect("an auditor reads")
                .records
        };
        world
            .guest()
            .await
            .comment(&session, "等着看的一句")
            .await
            .expect("taken");
        let before = records().await.len();
        let claimed: ClaimAnswer = moderator
            .post(format!("/sessions/{session}/claims"), &json!({}))
            .await
            .expect("held");
        assert!(claimed.claim.is_some(), "{claimed:?}");
        let _: Value = moderator
            .delete(format!("/sessions/{session}/emergency"))
            .await
            .expect("off already");
        assert_eq!(records().await.len(), before, "nothing was done to anybody");
        let _: Value = moderator
            .put(format!("/sessions/{session}/emergency"), &json!({"minutes": 2}))
            .await
            .expect("turned on");
        world.clock.advance_s(121);
        let ended = eventually("its time is over", async || {
            let found = records().await;
            found.into_iter().find(|r| r.detail.contains("at_its_end"))
        })
        .await;
        assert_eq!((ended.staff_id, ended.staff_name.as_str()), (None, ""));
        assert_eq!(ended.verb, "set_policy");
        let judged: AuditVerification = auditor.get(format!("{path}/verification")).await.expect("judged");
        assert!(judged.whole, "{judged:?}");
    });
}

#[test]
fn the_log_is_judged_and_handed_out_and_a_change_behind_the_back_is_named() {
    on_both(async |world| {
        let _ = world.live().await;
        let auditor = world.staff(Role::Auditor).await;
        let path = format!("/halls/{}/audit", world.hall.id);
        let judged: AuditVerification = auditor.get(format!("{path}/verification")).await.expect("judged");
        assert!(judged.whole && judged.records == judged.head.seq, "{judged:?}");
        let response = auditor
            .raw(reqwest::Method::GET, &format!("{path}.jsonl"), NOTHING)
            .await;
        let exported = response.text().await.expect("text");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("audit.jsonl");
        let file_name = file.to_str().expect("plain");
        std::fs::write(&file, &exported).expect("written");
        let said = command(&["verify", "--export", file_name]).await;
        assert!(said.status.success(), "{said:?}");
        // The head noted earlier fits; another does not.
        let known = format!("{}:{}:{}", world.hall.id, judged.head.seq, judged.head.hash);
        let said = command(&["verify", "--export", file_name, "--known", &known]).await;
        assert!(said.status.success(), "{said:?}");
        let other = format!("{}:{}:{}", world.hall.id, judged.head.seq, "0".repeat(64));
        let said = command(&["verify", "--export", file_name, "--known", &other]).await;
        assert!(!said.status.success());

        let mut lines: Vec<&str> = exported.lines().collect();
        lines.remove(1);
        std::fs::write(&file, lines.join("\n")).expect("written");
        let said = command(&["verify", "--export", file_name]).await;
        assert!(!said.status.success());
        assert!(
            String::from_utf8_lossy(&said.stdout).contains("record 2 is missing"),
            "{said:?}"
        );
        std::fs::write(&file, exported.replacen("set_policy", "set_p0licy", 1)).expect("written");
        let said = command(&["verify", "--export", file_name]).await;
        assert!(
            String::from_utf8_lossy(&said.stdout).contains("was altered"),
            "{said:?}"
        );

        // The same from the database, by the command line of the machine.
        let config = configuration(folder.path(), &config_text(&world.database, &world.setup));
        let config = config.to_str().expect("plain");
        let said = command(&["verify", "--config", config]).await;
        assert!(said.status.success(), "{said:?}");
        let to = folder.path().join("all.jsonl");
        let to = to.to_str().expect("plain");
        let said = command(&["audit", "--config", config, "--to", to]).await;
        assert!(said.status.success(), "{said:?}");
        let said = command(&["verify", "--export", to]).await;
        assert!(said.status.success(), "{said:?}");
        for sql in [
            "DROP TRIGGER audit_no_update",
            "DROP TRIGGER audit_append_only ON audit",
        ] {
            // One of the two is right for this database.
            let _ = execute(world.db(), sql).await;
        }
        execute(
            world.db(),
            &format!(
                "UPDATE audit SET staff_name = '别人' WHERE hall_id = '{}' AND seq = 2",
                world.hall.id
            ),
        )
        .await
        .expect("an intruder may");
        let said = command(&["verify", "--config", config]).await;
        assert!(!said.status.success());
        assert!(
            String::from_utf8_lossy(&said.stdout).contains("record 2 was altered"),
            "{said:?}"
        );
        let judged: AuditVerification = auditor.get(format!("{path}/verification")).await.expect("judged");
        assert!(!judged.whole && judged.fault.contains("record 2"), "{judged:?}");
    });
}

#[test]
fn logging_in_and_out_is_in_the_chain_of_the_installation() {
    on_both(async |world| {
        let moderator = world.staff(Role::Moderator).await;
        moderator
            .post::<()>("/staff/logout", &json!({}))
            .await
            .expect("out");
        let mut reader = world.db().read().await.expect("a connection");
        let lines = reader
            .conn()
            .audit_before("", None, i64::MAX, 50)
            .await
            .expect("readable");
        let verbs: Vec<&str> = lines.iter().map(|c| c.record.verb.as_str()).collect();
        for verb in ["set_up", "log_in", "log_out", "edit_hall"] {
            assert!(verbs.contains(&verb), "{verb} in {verbs:?}");
        }
    });
}
