//! Closing and the public ledger: nothing is lost, and every number opens its list.

use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{
    Bucket, Disposition, PostKind, Role, SessionState, SuggestionSource, Verdict,
};
use yishiting::protocol::rest::{
    ClosingChecklist, HallPage, LedgerAnswer, LedgerItem, LedgerPage, SuggestionFace, SuggestionRequest,
    Tally,
};

use super::suggestions::request;
use crate::support::{World, on_both};

#[test]
fn a_session_closes_when_everything_accepted_has_a_disposition_and_not_before() {
    on_both(async |world| {
        let session = world.live().await;
        let secretary = world.staff(Role::Secretary).await;
        let guest = world.guest().await;
        let (first, second) = (
            guest.asked(&session, "第一个问题").await,
            guest.asked(&session, "第二个问题").await,
        );
        world.set_policy(&session, super::hold_all()).await;
        let held = world.guest().await.asked(&session, "还没审的问题").await;
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        let list: ClosingChecklist = secretary
            .get(format!("/sessions/{session}/closing"))
            .await
            .expect("readable");
        assert!(!list.ready);
        assert_eq!(
            (
                list.missing.iter().map(|q| q.id.clone()).collect::<Vec<_>>(),
                list.held
            ),
            (vec![first.clone(), second.clone()], 1)
        );
        let before = world.footprint().await;
        let refused = world
            .move_to(&session, SessionState::Closed)
            .await
            .expect_err("incomplete");
        assert_eq!(
            (refused.status, refused.error.code),
            (409, Code::DispositionsMissing)
        );
        assert_eq!(
            (
                refused.error.params["count"].as_str(),
                refused.error.params["held"].as_str(),
                refused.error.params["numbers"].as_str()
            ),
            ("2", "1", "1,2")
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
        secretary
            .dispose(&first, Some(Disposition::Declined), None, "不在本场范围")
            .await
            .expect("disposed");
        secretary
            .dispose(&second, Some(Disposition::Merged), Some(&first), "")
            .await
            .expect("disposed");
        let refused = world
            .move_to(&session, SessionState::Closed)
            .await
            .expect_err("one is held");
        assert_eq!(
            (
                refused.error.params["count"].as_str(),
                refused.error.params["held"].as_str()
            ),
            ("0", "1")
        );
        world
            .operator
            .decide_now(&session, Verdict::Decline, held.as_str())
            .await
            .expect("declined");
        let list: ClosingChecklist = secretary
            .get(format!("/sessions/{session}/closing"))
            .await
            .expect("readable");
        assert!(list.ready && list.missing.is_empty(), "{list:?}");
        let closed = world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("complete");
        assert_eq!(closed.state, SessionState::Closed);
    });
}

/// Every item of a list of the ledger, page by page.
async fn list(world: &World, session: &SessionId, name: &str) -> Vec<LedgerItem> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: LedgerPage = world
            .rest
            .get(format!(
                "/sessions/{session}/ledger/{name}?limit=2&cursor={cursor}"
            ))
            .await
            .expect("public");
        items.extend(page.items);
        let Some(next) = page.next_cursor else {
            assert_eq!(page.total, items.len() as u64, "{name}");
            return items;
        };
        cursor = next;
    }
}

fn number(tally: &Tally, bucket: Bucket) -> u64 {
    match bucket {
        Bucket::AnsweredLive => tally.answered_live,
        Bucket::AnsweredInWriting => tally.answered_in_writing,
        Bucket::Assigned => tally.assigned,
        Bucket::Merged => tally.merged,
        Bucket::Declined => tally.declined,
        Bucket::Withdrawn => tally.withdrawn,
        Bucket::Open => tally.open,
    }
}

#[test]
fn every_number_of_the_public_ledger_is_the_length_of_its_list() {
    on_both(async |world| {
        let session = world.live().await;
        let operator = &world.operator;
        let mut questions = Vec::new();
        for i in 0..8 {
            questions.push((world.guest().await, format!("第{i}个完全不同的问题")));
        }
        let mut ids = Vec::new();
        for (guest, body) in &questions {
            ids.push(guest.asked(&session, body).await);
        }
        // One of each fate, and one left open.
        operator
            .put_on_stage(&session, Some(&ids[0]))
            .await
            .expect("on stage");
        operator
            .start_answer(&session, &world.department(0))
            .await
            .expect("begins");
        operator
            .stop_answer(&session, "当场说明")
            .await
            .expect("answered");
        let officer = world.officer(0).await;
        let written = serde_json::json!({"department_id": world.department(0), "answer_type": "explanation", "body": "书面说明", "speaker": "", "owner": "", "due_date": "", "basis": "", "transfer_to": null});
        let _: serde_json::Value = officer
            .post(format!("/questions/{}/answers", ids[1]), &written)
            .await
            .expect("answered");
        let from = SuggestionRequest {
            source: SuggestionSource::Question,
            question_ids: vec![ids[2].clone()],
            department_id: Some(world.department(1)),
            ..request("改造二次供水")
        };
        let _: SuggestionFace = operator
            .post(format!("/sessions/{session}/suggestions"), &from)
            .await
            .expect("formed");
        operator
            .dispose(&ids[3], Some(Disposition::Merged), Some(&ids[0]), "")
            .await
            .expect("merged");
        operator
            .dispose(&ids[4], Some(Disposition::Declined), None, "不在本场范围")
            .await
            .expect("declined");
        questions[5]
            .0
            .withdraw(&session, PostKind::Question, ids[5].as_str())
            .await
            .expect("own");
        operator
            .decide_now(&session, Verdict::Retract, ids[6].as_str())
            .await
            .expect("retracted");
        for (title, department) in [
            ("增设缴费窗口", Some(world.department(3))),
            ("公开成本监审", None),
        ] {
            let venue = SuggestionRequest {
                department_id: department,
                ..request(title)
            };
            let _: SuggestionFace = operator
                .post(format!("/sessions/{session}/suggestions"), &venue)
                .await
                .expect("formed");
        }
        let ledger: LedgerAnswer = world
            .rest
            .get(format!("/sessions/{session}/ledger"))
            .await
            .expect("public");
        let tally = &ledger.tally;
        let numbers: Vec<u64> = Bucket::ALL.iter().map(|b| number(tally, *b)).collect();
        assert_eq!(
            numbers,
            [1, 1, 2, 1, 2, 1, 2],
            "answered live, in writing, assigned, merged, declined, withdrawn, open"
        );
        assert_eq!(tally.raised, numbers.iter().sum::<u64>());
        let mut together = Vec::new();
        for &bucket in Bucket::ALL {
            let items = list(world, &session, bucket.as_str()).await;
            assert_eq!(items.len() as u64, number(tally, bucket), "{bucket}");
            assert!(items.iter().all(|i| i.bucket == bucket), "{bucket}");
            together.extend(items.into_iter().map(|i| i.id));
        }
        let mut raised: Vec<String> = list(world, &session, "raised")
            .await
            .into_iter()
            .map(|i| i.id)
            .collect();
        together.sort();
        raised.sort();
        assert_eq!(
            together, raised,
            "the lists together are everything raised, each once"
        );
        let answered = list(world, &session, "answered_live").await.remove(0);
        assert_eq!(answered.answers[0].body, "当场说明");
        let merged = list(world, &session, "merged").await.remove(0);
        assert_eq!(merged.merged_into_number, Some(1));
        let hall: HallPage = world
            .rest
            .get(format!("/halls/{}", world.hall.slug))
            .await
            .expect("public");
        assert_eq!(
            hall.sessions[0].tally.raised, tally.raised,
            "the hall shows the same numbers"
        );
        let checklist: ClosingChecklist = operator
            .get(format!("/sessions/{session}/closing"))
            .await
            .expect("readable");
        assert_eq!(checklist.tally.raised, tally.raised);
        assert_eq!(
            crate::support::rest::code(
                world
                    .rest
                    .get::<LedgerPage>(format!("/sessions/{session}/ledger/everything"))
                    .await
            ),
            Code::NotFound
        );
    });
}
