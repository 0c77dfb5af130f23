//! Receipts for everything that is not public, appeals decided by a second person, numbers for everybody.

use yishiting::domain::appeal::{AppealState, AppealVerdict};
use yishiting::domain::ids::SessionId;
use yishiting::domain::post::Decision;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{PostKind, PostState, Role, SessionState, Verdict};
use yishiting::protocol::record::{
    AppealDecisionAnswer, AppealDecisionRequest, AppealFace, AppealPage, AppealRequest, HallReasons,
    ReasonRequest, ReasonsRequest, ReceiptFace, ReceiptsAnswer, WithheldAnswer,
};
use yishiting::protocol::rest::{DecisionAnswer, DecisionItem, DecisionRequest, ReasonFace};
use yishiting::protocol::server::ServerMessage;

use super::hold_all;
use crate::support::World;
use crate::support::people::{Netizen, Staff};
use crate::support::rest::{Refused, code};
use crate::support::viewer::Viewer;
use crate::support::world::on_both;

async fn receipts(guest: &Netizen, session: &SessionId) -> Vec<ReceiptFace> {
    let answer: ReceiptsAnswer = guest
        .get(format!("/sessions/{session}/receipts"))
        .await
        .expect("an author reads");
    answer.receipts
}

async fn appeal(
    guest: &Netizen,
    session: &SessionId,
    kind: PostKind,
    id: &str,
    reason: &str,
) -> Result<AppealFace, Refused> {
    let request = AppealRequest {
        reason: reason.into(),
    };
    guest
        .post(format!("/sessions/{session}/posts/{kind}/{id}/appeal"), &request)
        .await
}

async fn open_appeals(staff: &Staff, session: &SessionId) -> AppealPage {
    staff
        .get(format!("/sessions/{session}/appeals?state=open"))
        .await
        .expect("may read the queue")
}

async fn decide(
    staff: &Staff,
    session: &SessionId,
    appeal: &AppealFace,
    verdict: AppealVerdict,
    note: &str,
) -> Result<AppealFace, Refused> {
    let request = AppealDecisionRequest {
        verdict,
        note: note.into(),
    };
    let answer: AppealDecisionAnswer = staff
        .post(format!("/sessions/{session}/appeals/{}", appeal.id), &request)
        .await?;
    Ok(answer.appeal)
}

/// A question that a moderator declined, and who.
async fn declined(world: &World, session: &SessionId, guest: &Netizen) -> (String, Staff) {
    let asked = guest.question(session, "水价什么时候公布").await.expect("taken");
    let first = world.staff(Role::Moderator).await;
    first
        .decide_now(session, Verdict::Decline, &asked.id)
        .await
        .expect("declined");
    (asked.id, first)
}

#[test]
fn everything_that_is_not_public_has_a_receipt_in_plain_words() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let waits = guest.question(&session, "燃气表什么时候换").await.expect("taken");
        let phone = guest
            .comment(&session, "打我电话13800138000")
            .await
            .expect("taken");
        let (no, _) = declined(world, &session, &guest).await;
        let all = receipts(&guest, &session).await;
        assert_eq!(all.len(), 3);
        let of = |id: &str| all.iter().find(|r| r.id == id).expect("a receipt");
        assert_eq!(
            (of(&waits.id).state, of(&waits.id).by_person),
            (PostState::Held, false)
        );
        assert!(of(&waits.id).reason.zh.contains("先审后发"));
        assert!(!of(&waits.id).may_appeal, "it will be decided anyway");
        assert_eq!(of(&phone.id).reason.code, "mobile");
        assert!(of(&phone.id).reason.zh.contains("手机号"));
        let receipt = of(&no);
        assert_eq!(
            (receipt.state, receipt.by_person, receipt.may_appeal),
            (PostState::Declined, true, true)
        );
        assert_eq!(receipt.reason.code, "off_topic");
        assert!(receipt.since_ms > receipt.at_ms);
        // What screening declined outright has one too.
        let insult = guest.comment(&session, "操你妈").await.expect("taken");
        assert_eq!(insult.state, Some(PostState::Declined));
        let all = receipts(&guest, &session).await;
        let receipt = all.iter().find(|r| r.id == insult.id).expect("a receipt");
        assert!(receipt.may_appeal && !receipt.by_person && receipt.reason.code == "abuse");
        // Nobody else's.
        assert!(receipts(&world.guest().await, &session).await.is_empty());
    });
}

#[test]
fn an_appeal_never_reaches_the_first_decider_and_the_author_hears_the_outcome() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, first) = declined(world, &session, &guest).await;
        let made = appeal(&guest, &session, PostKind::Question, &id, "这就是本场的议题")
            .await
            .expect("heard");
        assert_eq!(made.state, AppealState::Open);
        assert_eq!(
            code(appeal(&guest, &session, PostKind::Question, &id, "再说一次").await),
            Code::Taken
        );
        let page = open_appeals(&first, &session).await;
        assert_eq!((page.open, page.appeals.len()), (1, 1));
        assert!(!page.appeals[0].mine_to_decide);
        assert_eq!(
            code(decide(&first, &session, &made, AppealVerdict::Dismiss, "不行").await),
            Code::SecondPersonNeeded
        );
        let second = world.colleague("second", &[(Role::Moderator, None)]).await;
        assert!(open_appeals(&second, &session).await.appeals[0].mine_to_decide);
        let host = world.staff(Role::Host).await;
        assert_eq!(
            code(decide(&host, &session, &made, AppealVerdict::Uphold, "").await),
            Code::Forbidden
        );
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer.greet(&guest).await;
        let done = decide(
            &second,
            &session,
            &made,
            AppealVerdict::Uphold,
            "说得对，已经发布",
        )
        .await
        .expect("decided");
        assert_eq!((done.state, done.restored), (AppealState::Upheld, true));
        viewer
            .until("word of the outcome", |message| match message {
                ServerMessage::Own(post) if post.id == id => {
                    (post.state == PostState::Published).then_some(())
                }
                _ => None,
            })
            .await;
        assert_eq!(
            code(decide(&second, &session, &made, AppealVerdict::Dismiss, "x").await),
            Code::Conflict
        );
        let all = receipts(&guest, &session).await;
        let receipt = all.iter().find(|r| r.id == id).expect("kept");
        assert_eq!(receipt.state, PostState::Published);
        assert_eq!(
            receipt.appeal.as_ref().map(|a| a.note.as_str()),
            Some("说得对，已经发布")
        );
        assert_eq!(open_appeals(&second, &session).await.open, 0);
    });
}

#[test]
fn a_dismissed_appeal_needs_a_note_and_leaves_the_post_where_it_is() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, _) = declined(world, &session, &guest).await;
        let made = appeal(&guest, &session, PostKind::Question, &id, "请再看看")
            .await
            .expect("heard");
        let second = world.colleague("second", &[(Role::Moderator, None)]).await;
        assert_eq!(
            code(decide(&second, &session, &made, AppealVerdict::Dismiss, "").await),
            Code::Incomplete
        );
        decide(
            &second,
            &session,
            &made,
            AppealVerdict::Dismiss,
            "属于市里事务，请打 12345",
        )
        .await
        .expect("decided");
        let all = receipts(&guest, &session).await;
        assert_eq!(all[0].state, PostState::Declined);
        let appeal = all[0].appeal.as_ref().expect("it was made");
        assert_eq!(appeal.state, AppealState::Dismissed);
        assert!(appeal.note.contains("12345") && appeal.decided_ms.is_some());
        assert!(!all[0].may_appeal);
    });
}

/// The decisions of a session as they are stored, newest first.
async fn decisions(world: &World, session: &SessionId) -> Vec<Decision> {
    let mut reader = world.db().read().await.expect("a connection");
    reader.conn().decisions(session, 10).await.expect("read")
}

#[test]
fn the_outcome_of_an_appeal_is_a_decision_on_record() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, _) = declined(world, &session, &guest).await;
        let made = appeal(&guest, &session, PostKind::Question, &id, "请再看看")
            .await
            .expect("heard");
        let before = receipts(&guest, &session).await.remove(0).since_ms;
        let second = world.colleague("second", &[(Role::Moderator, None)]).await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer.greet(&guest).await;
        decide(&second, &session, &made, AppealVerdict::Dismiss, "请打 12345")
            .await
            .expect("decided");
        viewer
            .until("word of the outcome", |message| match message {
                ServerMessage::Own(post) if post.id == id && post.note == "请打 12345" => Some(post.state),
                _ => None,
            })
            .await;
        let told = decisions(world, &session).await;
        assert_eq!((told.len(), told[0].verdict), (2, Verdict::Stand));
        assert_eq!(
            (&*told[0].items[0].id, told[0].items[0].state),
            (&*id, PostState::Declined)
        );
        assert_eq!(
            receipts(&guest, &session).await[0].since_ms,
            before,
            "it stayed where it was"
        );
        // Nobody comes to it at the queue.
        let request = DecisionRequest {
            verdict: Verdict::Stand,
            items: vec![DecisionItem {
                kind: PostKind::Question,
                id: id.clone(),
                revision: told[0].items[0].revision,
                lease: None,
            }],
            reason: String::new(),
            note: String::new(),
        };
        let asked = second.post::<DecisionAnswer>(format!("/sessions/{session}/decisions"), &request);
        assert_eq!(code(asked.await), Code::OutOfRange);
    });
}

#[test]
fn an_outcome_is_taken_back_within_ten_seconds_but_not_by_whom_the_appeal_is_against() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, first) = declined(world, &session, &guest).await;
        let made = appeal(&guest, &session, PostKind::Question, &id, "请再看看")
            .await
            .expect("heard");
        let second = world.colleague("second", &[(Role::Moderator, None)]).await;
        for (verdict, now) in [
            (AppealVerdict::Uphold, PostState::Published),
            (AppealVerdict::Dismiss, PostState::Declined),
        ] {
            decide(&second, &session, &made, verdict, "看过了")
                .await
                .expect("decided, again after it was taken back");
            assert_eq!(receipts(&guest, &session).await[0].state, now);
            let outcome = decisions(world, &session).await.remove(0);
            let path = format!("/sessions/{session}/decisions/{}/undo", outcome.id);
            assert_eq!(
                code(first.post::<DecisionAnswer>(&path, &()).await),
                Code::SecondPersonNeeded
            );
            second
                .post::<DecisionAnswer>(&path, &())
                .await
                .expect("taken back");
            let receipt = receipts(&guest, &session).await.remove(0);
            assert_eq!(
                (receipt.state, receipt.reason.code.as_str()),
                (PostState::Declined, "off_topic")
            );
            let open = receipt.appeal.expect("kept");
            assert_eq!(
                (open.state, open.decided_ms, open.note.as_str()),
                (AppealState::Open, None, "")
            );
            assert_eq!(open_appeals(&second, &session).await.open, 1);
            assert!(!open_appeals(&first, &session).await.appeals[0].mine_to_decide);
        }
    });
}

#[test]
fn only_the_author_of_what_was_declined_may_appeal() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, _) = declined(world, &session, &guest).await;
        let other = world.guest().await;
        assert_eq!(
            code(appeal(&other, &session, PostKind::Question, &id, "我也要").await),
            Code::NotFound
        );
        assert_eq!(
            code(appeal(&guest, &session, PostKind::Question, &id, "  ").await),
            Code::Empty
        );
        assert_eq!(
            code(appeal(&guest, &session, PostKind::Question, &id, &"长".repeat(301)).await),
            Code::TooLong
        );
        let waits = guest.comment(&session, "还在等").await.expect("taken");
        assert_eq!(
            code(appeal(&guest, &session, PostKind::Comment, &waits.id, "快点").await),
            Code::WrongState
        );
    });
}

#[test]
fn after_closing_an_appeal_that_is_right_is_on_record_without_a_question_nobody_would_answer() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, _) = declined(world, &session, &guest).await;
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("closed");
        let made = appeal(&guest, &session, PostKind::Question, &id, "散会才看到")
            .await
            .expect("heard");
        let second = world.colleague("second", &[(Role::Moderator, None)]).await;
        assert_eq!(
            code(decide(&second, &session, &made, AppealVerdict::Uphold, "").await),
            Code::Incomplete
        );
        let done = decide(
            &second,
            &session,
            &made,
            AppealVerdict::Uphold,
            "你说得对，已记下，下场先答",
        )
        .await
        .expect("decided");
        assert_eq!((done.state, done.restored), (AppealState::Upheld, false));
    });
}

#[test]
fn the_public_numbers_per_reason_add_up_and_carry_no_text() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let (id, _) = declined(world, &session, &guest).await;
        guest.comment(&session, "加我 13800138000").await.expect("taken");
        guest.question(&session, "燃气表什么时候换").await.expect("taken");
        let gone = guest.comment(&session, "说错了").await.expect("taken");
        guest
            .withdraw(&session, PostKind::Comment, &gone.id)
            .await
            .expect("withdrawn");
        appeal(&guest, &session, PostKind::Question, &id, "请再看看")
            .await
            .expect("heard");
        let path = format!("/sessions/{session}/withheld");
        let text = world.rest.text(&path).await;
        assert!(
            !text.contains("13800138000") && !text.contains("燃气表"),
            "{text}"
        );
        let numbers: WithheldAnswer = world.rest.get(&path).await.expect("public");
        let sum: u64 = numbers
            .reasons
            .iter()
            .map(|l| l.held + l.declined + l.retracted)
            .sum();
        assert_eq!(numbers.received, 4);
        assert_eq!(numbers.received, numbers.published + numbers.withdrawn + sum);
        assert_eq!(numbers.appeals, 1);
        let codes: Vec<&str> = numbers.reasons.iter().map(|l| l.reason.code.as_str()).collect();
        for expected in ["off_topic", "mobile", ""] {
            assert!(codes.contains(&expected), "{expected} in {codes:?}");
        }
    });
}

#[test]
fn a_hall_adds_its_own_reasons_and_old_posts_keep_their_words() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let admin = world.staff(Role::Administrator).await;
        let path = format!("/halls/{}/reasons", world.hall.id);
        let reason = |code: &str, zh: &str| ReasonRequest {
            code: code.into(),
            zh: zh.into(),
            en: String::new(),
            retired: false,
        };
        let put = async |reasons: Vec<ReasonRequest>| {
            admin.put::<HallReasons>(&path, &ReasonsRequest { reasons }).await
        };
        assert_eq!(code(put(vec![reason("off_topic", "占用")]).await), Code::Taken);
        assert_eq!(code(put(vec![reason("Bad Code", "x")]).await), Code::OutOfRange);
        put(vec![reason("not_our_district", "不属于本区事务")])
            .await
            .expect("taken");
        let all: Vec<ReasonFace> = world
            .rest
            .get(format!("/reasons?hall_id={}", world.hall.id))
            .await
            .expect("public");
        assert!(all.iter().any(|r| r.code == "not_our_district" && r.by_hand));
        let guest = world.guest().await;
        guest
            .question(&session, "市里的地铁什么时候通")
            .await
            .expect("taken");
        let moderator = world.staff(Role::Moderator).await;
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        let decide = async |reason: &str| {
            moderator
                .post::<DecisionAnswer>(
                    format!("/sessions/{session}/decisions"),
                    &DecisionRequest {
                        verdict: Verdict::Decline,
                        items: vec![DecisionItem {
                            kind: item.kind,
                            id: item.id.clone(),
                            revision: item.revision,
                            lease: None,
                        }],
                        reason: reason.into(),
                        note: String::new(),
                    },
                )
                .await
        };
        assert_eq!(code(decide("made_up").await), Code::Incomplete);
        decide("not_our_district").await.expect("declined");
        // Retired, it is no longer offered, and the receipt still says what it meant.
        let now = put(Vec::new()).await.expect("taken");
        assert_eq!((now.reasons[0].version, now.reasons[0].retired), (2, true));
        let receipt = receipts(&guest, &session).await.remove(0);
        assert_eq!(receipt.reason.zh, "不属于本区事务");
    });
}
