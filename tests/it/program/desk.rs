//! What a moderator finds at the desk: the queue by every filter, counts, reports of viewers, notes, and acts over many.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use yishiting::domain::claim::{Conflict, ConflictCause};
use yishiting::domain::ids::{LeaseId, SessionId};
use yishiting::domain::post::ERASED_BODY;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{PostKind, PostState, Role, Verdict};
use yishiting::protocol::record::{AppealDecisionAnswer, AppealFace, ReceiptsAnswer};
use yishiting::protocol::rest::{
    AuthorCard, ClaimAnswer, DeskView, ErasureFace, NoteFace, PreviewAnswer, QueuePage,
};
use yishiting::protocol::server::{BackstageView, QueueItem, ServerMessage, What};

use super::hold_all;
use crate::support::database::{number, texts};
use crate::support::rest::code;
use crate::support::world::open_policy;
use crate::support::{Netizen, Refused, Staff, Viewer, on_both};

async fn page(staff: &Staff, session: &SessionId, query: &str) -> QueuePage {
    staff
        .get(format!("/sessions/{session}/queue?limit=200&{query}"))
        .await
        .expect("may read the queue")
}

async fn bodies(staff: &Staff, session: &SessionId, query: &str) -> Vec<String> {
    page(staff, session, query)
        .await
        .items
        .into_iter()
        .map(|i| i.body)
        .collect()
}

async fn report(who: &Netizen, session: &SessionId, kind: PostKind, id: &str) -> Result<Value, Refused> {
    who.post(
        format!("/sessions/{session}/posts/{kind}/{id}/report"),
        &json!({"reason": "insult"}),
    )
    .await
}

async fn keep(
    staff: &Staff,
    session: &SessionId,
    item: &QueueItem,
    lease: Option<&LeaseId>,
) -> Result<Value, Refused> {
    let item = json!({"kind": item.kind, "id": item.id, "revision": item.revision, "lease": lease});
    staff
        .post(
            format!("/sessions/{session}/reports/keep"),
            &json!({"items": [item]}),
        )
        .await
}

async fn reopen(staff: &Staff, session: &SessionId, item: &QueueItem) -> Result<Value, Refused> {
    staff
        .post(
            format!("/sessions/{session}/reports/reopen"),
            &json!({"items": [{"kind": item.kind, "id": item.id}]}),
        )
        .await
}

async fn claim(staff: &Staff, session: &SessionId, request: Value) -> Result<ClaimAnswer, Refused> {
    staff.post(format!("/sessions/{session}/claims"), &request).await
}

fn why(refused: Result<Value, Refused>) -> ConflictCause {
    let refused = refused.expect_err("a conflict");
    assert_eq!(refused.error.code, Code::Conflict);
    let told: Vec<Conflict> = serde_json::from_str(&refused.error.params["conflicts"]).expect("told in JSON");
    told[0].why
}

async fn view_of(rest: &Staff, session: &SessionId) -> Box<BackstageView> {
    let mut desk = Viewer::backstage(rest, session).await;
    desk.until("the view", |m| match m {
        ServerMessage::BackstageView(view) => Some(view.clone()),
        _ => None,
    })
    .await
}

#[test]
fn the_queue_is_found_by_text_reason_topic_department_tier_age_author_and_number() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        guest
            .comment(&session, "东湖苑的路灯坏了三天")
            .await
            .expect("taken");
        guest
            .comment(&session, "加我微信 abc12345 有优惠")
            .await
            .expect("taken");
        let verified = world.verified("13800138000").await;
        verified
            .asked_department(&session, "东湖苑二次供水什么时候改造", &world.department(1))
            .await;
        world.clock.advance_s(600);
        guest.comment(&session, "100%的住户都同意").await.expect("taken");

        for (query, expected) in [
            ("q=东湖苑".to_owned(), 2),
            ("q=东湖苑%20路灯".to_owned(), 1),
            ("q=路灯%20供水".to_owned(), 0),
            ("q=100%25".to_owned(), 1),
            ("q=_".to_owned(), 0),
            ("q=ABC12345".to_owned(), 1),
            ("q=%231&kind=question".to_owned(), 1),
            ("q=老街坊".to_owned(), 1),
            ("reason=contact".to_owned(), 1),
            ("topic=计价".to_owned(), 1),
            ("topic=别的".to_owned(), 0),
            (format!("department_id={}", world.department(1)), 1),
            (format!("department_id={}", world.department(0)), 0),
            ("tier=verified".to_owned(), 1),
            ("tier=guest".to_owned(), 3),
            ("older_min=5".to_owned(), 3),
            ("older_min=11".to_owned(), 0),
            (format!("author_id={}", guest.face.id), 3),
            ("kind=comment".to_owned(), 3),
            ("".to_owned(), 4),
        ] {
            let found = page(&moderator, &session, &query).await;
            assert_eq!(
                (found.items.len(), found.total),
                (expected, expected as u64),
                "{query}"
            );
        }
        // What was decided is found too.
        let item = page(&moderator, &session, "q=路灯").await.items.remove(0);
        moderator
            .decide(&session, Verdict::Decline, &[&item])
            .await
            .expect("declined");
        assert_eq!(bodies(&moderator, &session, "q=路灯").await, Vec::<String>::new());
        assert_eq!(
            bodies(&moderator, &session, "q=路灯&anywhere=true").await,
            ["东湖苑的路灯坏了三天"]
        );
        assert_eq!(
            bodies(&moderator, &session, "state=declined&reason=off_topic").await,
            ["东湖苑的路灯坏了三天"]
        );
    });
}

/// Takes in what the backstage says about held posts, as a desk does.
fn hear(held: &mut std::collections::HashSet<String>, message: &ServerMessage) {
    match message {
        ServerMessage::BackstageView(view) => {
            *held = view.held.iter().map(|i| i.id.clone()).collect();
        }
        ServerMessage::Batch(batch) => {
            for item in &batch.items {
                match &item.what {
                    What::ItemQueued { item } if item.state == PostState::Held => {
                        held.insert(item.id.clone());
                    }
                    What::ItemQueued { item } => {
                        held.remove(&item.id);
                    }
                    What::ItemsDecided { decision } if !decision.undone => {
                        for decided in &decision.items {
                            held.remove(&decided.id);
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Listens until everything up to `seq` was heard.
async fn catch_up(desk: &mut Viewer, held: &mut std::collections::HashSet<String>, seq: i64) {
    desk.until("all that was committed", |message| {
        hear(held, message);
        let known = match message {
            ServerMessage::BackstageView(view) => view.seq,
            ServerMessage::Batch(batch) => batch.last_seq,
            _ => return None,
        };
        i64::try_from(known).is_ok_and(|known| known >= seq).then_some(())
    })
    .await;
}

#[test]
fn the_counts_equal_a_recount_after_whatever_was_decided_undone_or_withdrawn() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let mut chance = StdRng::seed_from_u64(11);
        let guests: Vec<Netizen> =
            futures_util::future::join_all((0..8).map(async |_| world.guest().await)).await;
        let mut desk = Viewer::backstage(&moderator, &session).await;
        let mut held = std::collections::HashSet::new();
        for round in 0..60 {
            // Slow enough for the limits of a person.
            world.clock.advance_s(3);
            let guest = guests.choose(&mut chance).expect("there are some");
            match chance.random_range(0..10_usize) {
                0..=3 => {
                    if let Err(refused) = guest.comment(&session, &format!("第{round}轮的一句话")).await
                    {
                        assert_eq!(refused.error.code, Code::RateLimited);
                    }
                }
                4 => {
                    if let Err(refused) = guest.question(&session, &format!("第{round}轮的一个问题")).await
                    {
                        assert_eq!(refused.error.code, Code::RateLimited);
                    }
                }
                5 => {
                    let mine = guest.mine(&session).await;
                    if let Some(post) = mine.posts.iter().find(|p| p.state == PostState::Held) {
                        guest.withdraw(&session, post.kind, &post.id).await.expect("own");
                    }
                }
                n => {
                    let (state, verdict) = [
                        (PostState::Held, Verdict::Approve),
                        (PostState::Held, Verdict::Decline),
                        (PostState::Published, Verdict::Retract),
                        (PostState::Declined, Verdict::Restore),
                    ][n - 6];
                    let items = moderator.queue(&session, state).await;
                    let some: Vec<&QueueItem> = items.iter().filter(|_| chance.random_bool(0.5)).collect();
                    if !some.is_empty() {
                        let decision = moderator.decide(&session, verdict, &some).await.expect("fits");
                        if chance.random_bool(0.3) {
                            moderator.undo(&session, &decision).await.expect("in time");
                        }
                    }
                }
            }
            let said = page(&moderator, &session, "").await;
            for &state in PostState::ALL {
                let recount = number(
                    world.db(),
                    &format!("SELECT (SELECT COUNT(*) FROM comment WHERE state = '{state}') + (SELECT COUNT(*) FROM question WHERE state = '{state}')"),
                )
                .await;
                let counted = said
                    .counts
                    .iter()
                    .find(|(s, _)| *s == state)
                    .map_or(0, |(_, n)| *n);
                assert_eq!(i64::try_from(counted), Ok(recount), "{state} in round {round}");
                if state == PostState::Held {
                    assert_eq!(i64::try_from(said.total), Ok(recount), "round {round}");
                }
            }
            let seq = number(
                world.db(),
                &format!("SELECT backstage_seq FROM session WHERE id = '{session}'"),
            )
            .await;
            catch_up(&mut desk, &mut held, seq).await;
            assert_eq!(
                held.len() as u64,
                said.total,
                "what a desk has heard, round {round}"
            );
            let mut told = std::collections::HashSet::new();
            catch_up(&mut Viewer::backstage(&moderator, &session).await, &mut told, seq).await;
            assert_eq!(told, held, "what a new desk is told, round {round}");
            // One more event, so that there is always something to wait for.
            world
                .guest()
                .await
                .comment(&session, &format!("第{round}轮的尾声"))
                .await
                .expect("taken");
        }
    });
}

#[test]
fn a_report_raises_a_post_and_never_hides_it() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let author = world.guest().await;
        let said = author.comment(&session, "有人不爱听的一句").await.expect("taken");
        let asked = author.asked(&session, "没人举报的问题").await;
        assert_eq!(
            code(report(&author, &session, PostKind::Comment, &said.id).await),
            Code::OutOfRange,
            "one's own"
        );
        assert_eq!(
            code(report(&world.guest().await, &session, PostKind::Question, &said.id).await),
            Code::NotFound
        );
        let mut reader = world.guest().await;
        for n in 1..=12_u64 {
            report(&reader, &session, PostKind::Comment, &said.id)
                .await
                .expect("reported");
            report(&reader, &session, PostKind::Comment, &said.id)
                .await
                .expect("twice is once");
            let queue = page(&moderator, &session, "reported=true").await;
            assert_eq!(
                (
                    queue.total,
                    queue.reported,
                    queue.items[0].reports.as_ref().map(|r| r.count)
                ),
                (1, 1, Some(n))
            );
            reader = world.guest().await;
        }
        let seen = world.seen(&session).await;
        assert_eq!(
            seen.comment_bodies(),
            ["有人不爱听的一句"],
            "however many reported it"
        );
        let reports_of = |item: &QueueItem| item.reports.as_ref().map_or(0, |r| r.count);
        Viewer::backstage(&moderator, &session)
            .await
            .until("all twelve reports", |message| match message {
                ServerMessage::BackstageView(view) => {
                    view.reported.iter().any(|i| reports_of(i) == 12).then_some(())
                }
                ServerMessage::Batch(batch) => batch
                    .items
                    .iter()
                    .any(|i| matches!(&i.what, What::ItemReported { item } if reports_of(item) == 12))
                    .then_some(()),
                _ => None,
            })
            .await;
        // Kept: settled, and a new report opens it again.
        let _: Value = moderator
            .post(
                format!("/sessions/{session}/reports/keep"),
                &json!({"items": [{"kind": "comment", "id": said.id, "revision": 1}]}),
            )
            .await
            .expect("kept");
        assert_eq!(page(&moderator, &session, "reported=true").await.total, 0);
        let kept = json!({"items": [{"kind": "comment", "id": said.id}]});
        let _: Value = moderator
            .post(format!("/sessions/{session}/reports/reopen"), &kept)
            .await
            .expect("undone in time");
        assert_eq!(page(&moderator, &session, "reported=true").await.total, 1);
        let item = page(&moderator, &session, "reported=true").await.items.remove(0);
        keep(&moderator, &session, &item, None).await.expect("kept again");
        world.clock.advance_s(11);
        assert_eq!(
            code(
                moderator
                    .post::<Value>(format!("/sessions/{session}/reports/reopen"), &kept)
                    .await
            ),
            Code::TooLate
        );
        report(&reader, &session, PostKind::Comment, &said.id)
            .await
            .expect("reported again");
        let item = page(&moderator, &session, "reported=true").await.items.remove(0);
        let decision = moderator
            .decide(&session, Verdict::Retract, &[&item])
            .await
            .expect("taken down");
        assert_eq!(
            page(&moderator, &session, "").await.reported,
            0,
            "a decision settles it"
        );
        moderator.undo(&session, &decision).await.expect("undone");
        assert_eq!(
            page(&moderator, &session, "").await.reported,
            1,
            "and its undoing opens it again"
        );
        report(&reader, &session, PostKind::Question, asked.as_str())
            .await
            .expect("reported");
        author
            .withdraw(&session, PostKind::Question, asked.as_str())
            .await
            .expect("own");
        assert_eq!(
            page(&moderator, &session, "").await.reported,
            1,
            "taken back: nothing to look at"
        );
    });
}

#[test]
fn who_keeps_or_reopens_reaches_only_the_posts_of_that_session() {
    on_both(async |world| {
        let (session, other) = (world.live().await, world.live().await);
        let moderator = world.staff(Role::Moderator).await;
        let said = world
            .guest()
            .await
            .comment(&session, "被举报的一句")
            .await
            .expect("taken");
        report(&world.guest().await, &session, PostKind::Comment, &said.id)
            .await
            .expect("reported");
        let item = page(&moderator, &session, "reported=true").await.items.remove(0);
        assert_eq!(code(keep(&moderator, &other, &item, None).await), Code::NotFound);
        assert_eq!(page(&moderator, &session, "").await.reported, 1, "not settled");
        keep(&moderator, &session, &item, None).await.expect("kept");
        assert_eq!(code(reopen(&moderator, &other, &item).await), Code::NotFound);
        assert_eq!(page(&moderator, &session, "").await.reported, 0, "not opened");
    });
}

#[test]
fn keeping_is_a_decision_refused_like_any_other_to_who_comes_too_late() {
    on_both(async |world| {
        let session = world.live().await;
        let first = world.staff(Role::Moderator).await;
        let second = world
            .colleague("second-moderator", &[(Role::Moderator, None)])
            .await;
        let said = world
            .guest()
            .await
            .comment(&session, "被举报的一句")
            .await
            .expect("taken");
        report(&world.guest().await, &session, PostKind::Comment, &said.id)
            .await
            .expect("reported");
        let mine = claim(&first, &session, json!({})).await.expect("answered");
        let (item, lease) = (mine.item.expect("one"), mine.claim.expect("held").lease);
        assert_eq!(
            item.reports.as_ref().map(|r| r.count),
            Some(1),
            "the next one comes with what was said of it"
        );
        assert_eq!(
            why(keep(&second, &session, &item, None).await),
            ConflictCause::Claimed
        );
        assert_eq!(
            number(world.db(), "SELECT COUNT(*) FROM claim").await,
            1,
            "still held"
        );

        let mut desk = Viewer::backstage(&second, &session).await;
        keep(&first, &session, &item, Some(&lease))
            .await
            .expect("the holder keeps it");
        desk.until("that it was let go of", |message| match message {
            ServerMessage::Batch(batch) => batch
                .items
                .iter()
                .any(|i| matches!(&i.what, What::ClaimsChanged { released, .. } if released.contains(&lease)))
                .then_some(()),
            _ => None,
        })
        .await;
        assert_eq!(
            why(keep(&first, &session, &item, Some(&lease)).await),
            ConflictCause::Changed,
            "the claim is gone: somebody acted on it since"
        );
        second
            .decide(&session, Verdict::Retract, &[&item])
            .await
            .expect("taken down");
        assert_eq!(
            why(keep(&first, &session, &item, None).await),
            ConflictCause::Decided,
            "it is not public any more"
        );
        world.set_policy(&session, hold_all()).await;
        world
            .guest()
            .await
            .comment(&session, "还在等的一句")
            .await
            .expect("taken");
        let held = second.queue(&session, PostState::Held).await.remove(0);
        claim(&first, &session, json!({})).await.expect("held");
        assert_eq!(
            why(keep(&second, &session, &held, None).await),
            ConflictCause::Changed
        );
        assert_eq!(
            number(world.db(), "SELECT COUNT(*) FROM claim").await,
            1,
            "still held"
        );
    });
}

#[test]
fn nothing_stays_reported_or_held_by_somebody_that_is_not_public() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let author = world.guest().await;
        let said = author
            .comment(&session, "先通过再撤回的一句")
            .await
            .expect("taken");
        let held = moderator.queue(&session, PostState::Held).await.remove(0);
        let approved = moderator
            .decide(&session, Verdict::Approve, &[&held])
            .await
            .expect("approved");
        report(&world.guest().await, &session, PostKind::Comment, &said.id)
            .await
            .expect("reported");
        claim(&moderator, &session, json!({})).await.expect("held");
        let open = "SELECT COUNT(*) FROM report WHERE settled_ms IS NULL";
        let claims = "SELECT COUNT(*) FROM claim";
        moderator.undo(&session, &approved).await.expect("undone");
        assert_eq!(
            number(world.db(), open).await,
            0,
            "it waits again; nobody can see it"
        );
        assert_eq!(number(world.db(), claims).await, 0, "and nobody holds it");

        let held = moderator.queue(&session, PostState::Held).await.remove(0);
        moderator
            .decide(&session, Verdict::Approve, &[&held])
            .await
            .expect("approved");
        report(&world.guest().await, &session, PostKind::Comment, &said.id)
            .await
            .expect("reported");
        let item = page(&moderator, &session, "reported=true").await.items.remove(0);
        keep(&moderator, &session, &item, None).await.expect("kept");
        author
            .withdraw(&session, PostKind::Comment, &said.id)
            .await
            .expect("own");
        assert_eq!(code(reopen(&moderator, &session, &item).await), Code::TooLate);
        assert_eq!(number(world.db(), open).await, 0);

        author
            .comment(&session, "领取之后撤回的一句")
            .await
            .expect("taken");
        let item = claim(&moderator, &session, json!({}))
            .await
            .expect("answered")
            .item
            .expect("one");
        author
            .withdraw(&session, PostKind::Comment, &item.id)
            .await
            .expect("own");
        assert_eq!(number(world.db(), claims).await, 0, "nothing to hold");
    });
}

#[test]
fn one_person_cannot_flood_the_desk_with_reports() {
    on_both(async |world| {
        let session = world.live().await;
        let angry = world.guest().await;
        let mut refused = 0;
        for i in 0..12 {
            let said = world
                .guest()
                .await
                .comment(&session, &format!("普通的第{i}句"))
                .await
                .expect("taken");
            match report(&angry, &session, PostKind::Comment, &said.id).await {
                Ok(_) => {}
                Err(r) => {
                    assert_eq!((r.status, r.error.code), (429, Code::RateLimited));
                    refused += 1;
                }
            }
        }
        assert!(refused >= 5, "{refused} refused");
    });
}

#[test]
fn what_several_people_report_comes_before_what_waits_and_one_report_takes_its_turn() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let author = world.guest().await;
        let (first, second) = (
            author.comment(&session, "被一人举报").await.expect("taken"),
            author.comment(&session, "被三人举报").await.expect("taken"),
        );
        world.set_policy(&session, hold_all()).await;
        let waiting = author.comment(&session, "早就在等的一句").await.expect("taken");
        report(&world.guest().await, &session, PostKind::Comment, &first.id)
            .await
            .expect("reported");
        let next = async || {
            let answer: ClaimAnswer = moderator
                .post(format!("/sessions/{session}/claims"), &json!({}))
                .await
                .expect("answered");
            answer.claim.map(|c| c.id).unwrap_or_default()
        };
        assert_eq!(next().await, waiting.id, "written before the report");
        for _ in 0..3 {
            report(&world.guest().await, &session, PostKind::Comment, &second.id)
                .await
                .expect("reported");
        }
        assert_eq!(next().await, second.id, "three strangers are urgent");
        assert_eq!(next().await, first.id, "nothing else is left");
        assert_eq!(next().await, "");
    });
}

#[test]
fn a_person_is_known_across_sessions_with_what_staff_noted() {
    on_both(async |world| {
        let (one, two) = (world.live().await, world.live().await);
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        let said = guest.comment(&one, "第一场的话").await.expect("taken");
        guest.comment(&two, "第二场的话").await.expect("taken");
        moderator
            .decide_now(&one, Verdict::Retract, &said.id)
            .await
            .expect("retracted");
        let hall = &world.hall.id;
        let note: NoteFace = moderator
            .post(
                format!("/halls/{hall}/notes"),
                &json!({"subject": "participant", "subject_id": guest.face.id, "body": "上一场刷过屏"}),
            )
            .await
            .expect("noted");
        let _: NoteFace = moderator
            .post(
                format!("/halls/{hall}/notes"),
                &json!({"subject": "comment", "subject_id": said.id, "body": "等街道核实"}),
            )
            .await
            .expect("noted");
        let colleague = world
            .colleague("second-moderator", &[(Role::Moderator, None)])
            .await;
        let card: AuthorCard = colleague
            .get(format!(
                "/participants/{}/card?hall_id={hall}&kind=comment&post_id={}",
                guest.face.id, said.id
            ))
            .await
            .expect("readable");
        assert_eq!(
            card.sessions
                .iter()
                .map(|s| (s.id.clone(), s.posts, s.refused))
                .collect::<Vec<_>>(),
            [(two, 1, 0), (one, 1, 1)]
        );
        assert_eq!(
            card.notes
                .iter()
                .map(|n| (n.body.as_str(), n.own))
                .collect::<Vec<_>>(),
            [("上一场刷过屏", false), ("等街道核实", false)]
        );
        assert_eq!(
            code(
                colleague
                    .delete::<Value>(format!("/halls/{hall}/notes/{}", note.id))
                    .await
            ),
            Code::NotFound,
            "of somebody else"
        );
        let _: Value = moderator
            .delete(format!("/halls/{hall}/notes/{}", note.id))
            .await
            .expect("one's own");
        let stranger: Result<NoteFace, _> = moderator
            .post(
                format!("/halls/{hall}/notes"),
                &json!({"subject": "participant", "subject_id": "0000000000000001", "body": "不认识"}),
            )
            .await;
        assert_eq!(code(stranger), Code::NotFound);
        let views = json!([{"name": "供电的", "state": "held", "kind": "question", "reported": false, "reason": "", "topic": "", "department_id": world.department(0), "tier": null, "older_min": 5, "q": "电费"}]);
        let kept: Vec<DeskView> = moderator
            .put(format!("/halls/{hall}/desk-views"), &json!({"views": views}))
            .await
            .expect("kept");
        let read: Vec<DeskView> = moderator
            .get(format!("/halls/{hall}/desk-views"))
            .await
            .expect("readable");
        assert_eq!((read.len(), &read), (1, &kept));
        let others: Vec<DeskView> = colleague
            .get(format!("/halls/{hall}/desk-views"))
            .await
            .expect("readable");
        assert!(others.is_empty(), "saved filters are one's own");
    });
}

#[test]
fn an_act_over_many_is_previewed_and_undone_as_one() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let colleague = world
            .colleague("second-moderator", &[(Role::Moderator, None)])
            .await;
        for i in 0..6 {
            world
                .guest()
                .await
                .comment(&session, &format!("第{i}条"))
                .await
                .expect("taken");
        }
        let items = moderator.queue(&session, PostState::Held).await;
        let _: ClaimAnswer = colleague
            .post(
                format!("/sessions/{session}/claims"),
                &json!({"item": {"kind": "comment", "id": items[1].id}}),
            )
            .await
            .expect("held");
        colleague
            .decide(&session, Verdict::Decline, &[&items[2]])
            .await
            .expect("declined");
        let request = json!({
            "verdict": "approve",
            "items": items.iter().map(|i| json!({"kind": i.kind, "id": i.id, "revision": i.revision})).collect::<Vec<_>>(),
        });
        let before = world.footprint().await;
        let preview: PreviewAnswer = moderator
            .post(format!("/sessions/{session}/decisions/preview"), &request)
            .await
            .expect("answered");
        assert_eq!((preview.fits, preview.people), (4, 4));
        let told: Vec<(&str, ConflictCause)> = preview
            .conflicts
            .iter()
            .map(|c: &Conflict| (c.id.as_str(), c.why))
            .collect();
        assert_eq!(
            told,
            [
                (items[1].id.as_str(), ConflictCause::Claimed),
                (items[2].id.as_str(), ConflictCause::Decided)
            ]
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
        let fitting: Vec<&QueueItem> = [0, 3, 4, 5].map(|i| &items[i]).to_vec();
        let decision = moderator
            .decide(&session, Verdict::Approve, &fitting)
            .await
            .expect("approved");
        assert_eq!(world.seen(&session).await.comments.len(), 4);
        moderator.undo(&session, &decision).await.expect("one undo");
        assert_eq!(world.seen(&session).await.comments.len(), 0);
        assert_eq!(moderator.queue(&session, PostState::Held).await.len(), 5);
    });
}

#[test]
fn a_text_is_erased_by_two_persons_and_then_it_is_nowhere() {
    const SECRET: &str = "身份证全部泄露";
    on_both(async |world| {
        let session = world.live_with(open_policy()).await;
        let moderator = world.staff(Role::Moderator).await;
        let administrator = world.staff(Role::Administrator).await;
        let author = world.join("泄密人").await.expect("a good name");
        let said = author
            .comment(&session, &format!("{SECRET}的一句"))
            .await
            .expect("taken");
        let asked = author.asked(&session, &format!("{SECRET}的问题")).await;
        report(&world.guest().await, &session, PostKind::Question, asked.as_str())
            .await
            .expect("reported");
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer
            .until_seen("both", |seen| {
                seen.comments.len() == 1 && seen.questions.len() == 1
            })
            .await;
        for (kind, id) in [("comment", said.id.as_str()), ("question", asked.as_str())] {
            let asked: ErasureFace = administrator
                .post(
                    format!("/sessions/{session}/erasures"),
                    &json!({"kind": kind, "post_id": id, "reason": "（2026）民初 1 号"}),
                )
                .await
                .expect("asked");
            assert!(!asked.body.is_empty(), "who confirms reads what it is about");
            let path = format!("/sessions/{session}/erasures/{}/confirm", asked.id);
            assert_eq!(
                code(administrator.post::<ErasureFace>(&path, &()).await),
                Code::SecondPersonNeeded,
                "nobody alone"
            );
            assert_eq!(
                code(moderator.post::<ErasureFace>(&path, &()).await),
                Code::Forbidden
            );
            assert!(
                !texts(world.db(), &format!("SELECT body FROM {kind} WHERE id = '{id}'"))
                    .await
                    .is_empty()
            );
            let done: ErasureFace = world.operator.post(&path, &()).await.expect("a second person");
            assert_eq!(done.state, yishiting::domain::erasure::ErasureState::Done);
            assert_eq!(done.body, "（已依法删除）");
            assert_eq!(
                code(world.operator.post::<ErasureFace>(&path, &()).await),
                Code::Conflict,
                "once"
            );
        }
        viewer
            .until_seen("both are gone", |seen| {
                seen.comments.is_empty() && seen.questions.is_empty()
            })
            .await;
        for table in [
            "SELECT body || author_name FROM comment",
            "SELECT body || author_name || topic FROM question",
            "SELECT body FROM event",
            "SELECT detail FROM audit",
            "SELECT items FROM decision",
        ] {
            for text in texts(world.db(), table).await {
                assert!(
                    !text.contains(SECRET) && !text.contains("泄密人"),
                    "{table}: {text}"
                );
            }
        }
        let fresh = Viewer::open(&world.rest, &session).await;
        assert!(!fresh.everything().contains(SECRET));
        let view = serde_json::to_string(&view_of(&moderator, &session).await).expect("JSON");
        assert!(!view.contains(SECRET), "{view}");
        let item = page(&moderator, &session, "state=retracted")
            .await
            .items
            .remove(0);
        assert_eq!(item.body, ERASED_BODY);
        assert_eq!(
            code(moderator.decide(&session, Verdict::Restore, &[&item]).await),
            Code::Conflict,
            "what was erased never comes back"
        );
        let _ = world.guest().await;
    });
}

#[test]
fn who_writes_what_an_erased_post_says_stops_no_moderator() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        for body in [ERASED_BODY, "普通的一句"] {
            world.guest().await.comment(&session, body).await.expect("taken");
        }
        let items = moderator.queue(&session, PostState::Held).await;
        // One that was ticked twice is decided once.
        moderator
            .decide(&session, Verdict::Approve, &[&items[0], &items[1], &items[0]])
            .await
            .expect("approved");
    });
}

#[test]
fn of_an_erased_post_no_words_of_staff_stay_and_its_author_is_told() {
    const SECRET: &str = "身份证全部泄露";
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let administrator = world.staff(Role::Administrator).await;
        let author = world.guest().await;
        let said = author.comment(&session, "会被删除的一句").await.expect("taken");
        let decide = async |verdict: &str, state: PostState| {
            let item = moderator.queue(&session, state).await.remove(0);
            let item = json!({"kind": item.kind, "id": item.id, "revision": item.revision});
            let request = json!({"verdict": verdict, "items": [item], "reason": "off_topic", "note": SECRET});
            let _: Value = moderator
                .post(format!("/sessions/{session}/decisions"), &request)
                .await
                .expect("decided");
        };
        decide("decline", PostState::Held).await;
        let objection: AppealFace = author
            .post(
                format!("/sessions/{session}/posts/comment/{}/appeal", said.id),
                &json!({ "reason": SECRET }),
            )
            .await
            .expect("heard");
        decide("restore", PostState::Declined).await;
        let _: NoteFace = moderator
            .post(
                format!("/halls/{}/notes", world.hall.id),
                &json!({"subject": "comment", "subject_id": said.id, "body": SECRET}),
            )
            .await
            .expect("noted");
        let held = author
            .comment(&session, "还在等也会被删除的一句")
            .await
            .expect("taken");
        let mut page_of_author = Viewer::open(&world.rest, &session).await;
        page_of_author.greet(&author).await;
        for id in [&said.id, &held.id] {
            let asked: ErasureFace = administrator
                .post(
                    format!("/sessions/{session}/erasures"),
                    &json!({"kind": "comment", "post_id": id, "reason": "（2026）民初 1 号"}),
                )
                .await
                .expect("asked");
            let path = format!("/sessions/{session}/erasures/{}/confirm", asked.id);
            let _: ErasureFace = world.operator.post(&path, &()).await.expect("a second person");
        }
        for table in [
            "SELECT note || items FROM decision",
            "SELECT body FROM note",
            "SELECT body FROM event",
            "SELECT reason || note FROM appeal",
        ] {
            for text in texts(world.db(), table).await {
                assert!(!text.contains(SECRET), "{table}: {text}");
            }
        }
        let told = page_of_author
            .until("what became of it", |message| match message {
                ServerMessage::Own(post) if post.id == held.id => Some(post.clone()),
                _ => None,
            })
            .await;
        assert_eq!(
            (told.state, told.reason.as_str(), told.body.as_str()),
            (PostState::Declined, "illegal", ERASED_BODY)
        );
        let view = view_of(&moderator, &session).await;
        assert_eq!((view.held.len(), view.held_total), (0, 0));
        // An appeal that came before ends on record only, and there is none after.
        let path = format!("/sessions/{session}/appeals/{}", objection.id);
        let uphold = async |note: &str| {
            administrator
                .post::<AppealDecisionAnswer>(&path, &json!({"verdict": "uphold", "note": note}))
                .await
                .map(|answer| answer.appeal)
        };
        assert_eq!(code(uphold("").await), Code::Incomplete, "the author is told");
        let upheld = uphold("依法删除，不能恢复").await.expect("on record");
        assert!(!upheld.restored && upheld.reason == ERASED_BODY, "{upheld:?}");
        let late: Result<AppealFace, Refused> = author
            .post(
                format!("/sessions/{session}/posts/comment/{}/appeal", held.id),
                &json!({ "reason": "为什么" }),
            )
            .await;
        assert_eq!(code(late), Code::WrongState);
        let receipts: ReceiptsAnswer = author
            .get(format!("/sessions/{session}/receipts"))
            .await
            .expect("an author reads");
        assert!(
            receipts
                .receipts
                .iter()
                .all(|r| !r.may_appeal && r.body == ERASED_BODY),
            "{receipts:?}"
        );
    });
}
