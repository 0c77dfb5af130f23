//! When a room gets out of hand: the emergency preset, the kill switches, newcomers, and bans that reach who comes back.

use reqwest::Method;
use serde_json::{Value, json};
use yishiting::domain::rejection::Code;
use yishiting::domain::session::EmergencyStep;
use yishiting::domain::words::{ModerationMode, PostState, Role, SessionState, Tier};
use yishiting::protocol::rest::{ClaimAnswer, EmergencyAnswer, MeAnswer, SanctionFace, TokenAnswer};
use yishiting::protocol::server::PolicyFace;

use crate::support::database::{execute, number, texts};
use crate::support::rest::{answer_of, code, new_ref};
use crate::support::world::{Setup, open_policy};
use crate::support::{Netizen, Viewer, World, eventually, on_both, on_both_with};

#[test]
fn the_emergency_preset_holds_slows_and_verifies_and_gives_back_exactly_what_was() {
    on_both(async |world| {
        let before = PolicyFace {
            slow_mode_s: 7,
            comment_tier: Tier::Guest,
            comment_mode: ModerationMode::HoldSuspicious,
            first_held: 2,
            ..open_policy()
        };
        let session = world.live_with(before).await;
        let moderator = world.staff(Role::Moderator).await;
        let path = format!("/sessions/{session}/emergency");
        let off: EmergencyAnswer = moderator.get(&path).await.expect("readable");
        let all = [
            EmergencyStep::HoldComments,
            EmergencyStep::HoldQuestions,
            EmergencyStep::SlowMode,
            EmergencyStep::VerifiedOnly,
            EmergencyStep::LinksOff,
        ];
        assert_eq!(
            (off.would.as_slice(), off.on.is_none()),
            (all.as_slice(), true),
            "said before it is done"
        );
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let begun = std::time::Instant::now();
        let on: EmergencyAnswer = moderator
            .put(&path, &json!({"minutes": 10}))
            .await
            .expect("turned on");
        viewer
            .until_seen("the emergency", |seen| seen.session().emergency.is_some())
            .await;
        assert!(
            begun.elapsed().as_secs() < 5,
            "a busy machine is no reason for more"
        );
        let face = on.on.expect("it is on");
        assert_eq!(
            (face.did.as_slice(), face.until_ms),
            (all.as_slice(), Some(face.since_ms.plus_ms(600_000)))
        );
        assert_eq!(viewer.seen.session().policy.slow_mode_s, 60);
        assert_eq!(
            code(world.guest().await.comment(&session, "我来捣乱").await),
            Code::TierTooLow
        );
        let verified = world.verified("13800138000").await;
        assert_eq!(
            verified
                .comment(&session, "正常的一句")
                .await
                .expect("taken")
                .state,
            Some(PostState::Held)
        );
        let still: EmergencyAnswer = moderator.get(&path).await.expect("readable");
        assert_eq!((still.held_since, still.would.len()), (1, 0));
        // Again while it is on: only its end moves, and what was before is not forgotten.
        let _: EmergencyAnswer = moderator
            .put(&path, &json!({"minutes": null}))
            .await
            .expect("moved");
        let _: EmergencyAnswer = moderator.delete(&path).await.expect("turned off");
        viewer
            .until_seen("its end", |seen| seen.session().emergency.is_none())
            .await;
        assert_eq!(viewer.seen.session().policy, before, "exactly what was");
        for minutes in [json!(0), json!(721)] {
            assert_eq!(
                code(
                    moderator
                        .put::<EmergencyAnswer>(&path, &json!({"minutes": minutes}))
                        .await
                ),
                Code::OutOfRange
            );
        }
    });
}

#[test]
fn the_emergency_preset_ends_by_itself() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let path = format!("/sessions/{session}/emergency");
        let _: EmergencyAnswer = moderator
            .put(&path, &json!({"minutes": 2}))
            .await
            .expect("turned on");
        world.clock.advance_s(119);
        assert!(
            moderator
                .get::<EmergencyAnswer>(&path)
                .await
                .expect("readable")
                .on
                .is_some()
        );
        world.clock.advance_s(1);
        eventually("it is over", async || {
            // The cached session is looked at again after its time.
            world.clock.advance_s(1);
            let answer: EmergencyAnswer = moderator.get(&path).await.expect("readable");
            answer.on.is_none().then_some(())
        })
        .await;
        assert_eq!(world.seen(&session).await.session().policy, open_policy());
        world
            .guest()
            .await
            .comment(&session, "又可以说话了")
            .await
            .expect("as before");
    });
}

#[test]
fn the_chat_and_the_picture_are_switched_off_for_everybody_at_once() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let off = PolicyFace {
            chat_off: true,
            stream_off: true,
            ..open_policy()
        };
        world.set_policy(&session, off).await;
        viewer
            .until_seen("the switches", |seen| {
                seen.session().policy.chat_off && seen.session().policy.stream_off
            })
            .await;
        assert_eq!(code(guest.comment(&session, "还能说吗").await), Code::ChatOff);
        guest
            .question(&session, "提问还收吗")
            .await
            .expect("questions are never switched off with it");
        world.set_policy(&session, open_policy()).await;
        guest.comment(&session, "又能说了").await.expect("on again");
    });
}

#[test]
fn links_newcomers_and_first_posts_are_held_off_where_a_session_says_so() {
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                links_off: true,
                first_held: 2,
                min_age_s: 60,
                ..open_policy()
            })
            .await;
        let guest = world.guest().await;
        let refused = guest.comment(&session, "刚到就说").await.expect_err("too new");
        assert_eq!(refused.error.code, Code::TooNew);
        assert!(refused.error.retry_after_ms.is_some_and(|ms| ms <= 60_000));
        world.clock.advance_s(61);
        assert_eq!(
            code(guest.comment(&session, "看看 www.abc.com 吧").await),
            Code::LinksOff
        );
        let moderator = world.staff(Role::Moderator).await;
        // Three that are not alike, or they would wait as repeats.
        for (n, body) in ["东湖苑的路灯坏了", "希望增加公交班次", "请公布水质检测结果"]
            .into_iter()
            .enumerate()
        {
            world.clock.advance_s(20);
            let ack = guest.comment(&session, body).await.expect("taken");
            let expected = if n < 2 {
                PostState::Held
            } else {
                PostState::Published
            };
            assert_eq!(ack.state, Some(expected), "post {n}");
            if n < 2 {
                assert_eq!(ack.reason, "first_post", "the author is told why");
                let item = moderator.queue(&session, PostState::Held).await.remove(0);
                moderator
                    .decide(&session, yishiting::domain::words::Verdict::Approve, &[&item])
                    .await
                    .expect("approved");
            }
        }
        world
            .operator
            .get::<Value>(format!("/sessions/{session}/prepared"))
            .await
            .expect("staff are exempt from all of it");
    });
}

/// Comes in from an address with a device, or without one.
async fn arrive(world: &World, address: &str, device: Option<&str>) -> (Netizen, String) {
    let mut request = world
        .rest
        .request(Method::POST, "/participants")
        .header("x-forwarded-for", address);
    if let Some(device) = device {
        request = request.header("cookie", format!("yishiting_device={device}"));
    }
    let response = request
        .json(&json!({"name": "来客"}))
        .send()
        .await
        .expect("answers");
    let cookie = response
        .headers()
        .get("set-cookie")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next()?.strip_prefix("yishiting_device="))
        .expect("the device is given a name")
        .to_owned();
    let answer: TokenAnswer = answer_of("join", response).await.expect("comes in");
    (Netizen::new(&world.rest, answer), cookie)
}

#[test]
fn a_ban_reaches_who_comes_back_with_the_same_device_or_from_the_same_network() {
    let setup = Setup {
        config: "trusted_proxies = [\"127.0.0.1\"]".into(),
        ..Setup::default()
    };
    on_both_with(&setup, async |world| {
        let (session, other) = (world.live().await, world.live().await);
        let moderator = world.staff(Role::Moderator).await;
        let hall = &world.hall.id;
        let ban = async |who: &Netizen, reach: &str, minutes: Option<u32>, only: bool| {
            let body = json!({"participant_id": who.face.id, "kind": "ban", "minutes": minutes, "reason": "辱骂", "reach": reach, "session_id": only.then_some(&session)});
            moderator
                .post::<SanctionFace>(format!("/halls/{hall}/sanctions"), &body)
                .await
        };
        let question = world.guest().await.asked(&session, "路灯什么时候修").await;
        let (troll, device) = arrive(world, "203.0.113.7", None).await;
        troll.comment(&session, "第一次捣乱").await.expect("taken");
        ban(&troll, "device", Some(60), true).await.expect("banned");
        let told = |refused: Result<_, crate::support::Refused>| refused.expect_err("banned").error;
        let own = told(troll.comment(&session, "还想说").await);
        assert_eq!((own.code, own.params["reason"].as_str()), (Code::Banned, "辱骂"));
        troll
            .comment(&other, "别的场次照常")
            .await
            .expect("only that session");
        let (again, kept) = arrive(world, "198.51.100.1", Some(&device)).await;
        assert_eq!(kept, device);
        assert_eq!(
            code(again.comment(&session, "换了名字和网络").await),
            Code::Banned,
            "the same device"
        );
        let stranger = told(again.comment(&session, "再试一次").await);
        assert_eq!(
            stranger.params["reason"], "",
            "what a colleague said of somebody else"
        );
        let me: MeAnswer = again.get("/me").await.expect("readable");
        assert_eq!((me.sanctions.len(), me.sanctions[0].reason.as_str()), (1, ""));
        let me: MeAnswer = troll.get("/me").await.expect("readable");
        assert_eq!(me.sanctions[0].reason, "辱骂");
        assert_eq!(
            code(again.support(&session, &question, true).await),
            Code::Banned,
            "votes too"
        );
        let report = json!({"reason": "insult"});
        let path = format!("/sessions/{session}/posts/question/{question}/report");
        assert_eq!(code(again.post::<Value>(&path, &report).await), Code::Banned);
        let (neighbour, _) = arrive(world, "203.0.113.8", None).await;
        neighbour
            .comment(&session, "邻居没事")
            .await
            .expect("a neighbour is not reached by a device");

        assert_eq!(
            code(ban(&neighbour, "network", None, false).await),
            Code::OutOfRange,
            "strangers share a network"
        );
        let network = ban(&neighbour, "network", Some(60), false).await.expect("banned");
        let (fresh, _) = arrive(world, "203.0.113.200", None).await;
        assert_eq!(code(fresh.comment(&session, "换了设备").await), Code::Banned);
        let (elsewhere, _) = arrive(world, "192.0.2.1", None).await;
        elsewhere
            .comment(&session, "别处的人")
            .await
            .expect("another network");
        let reading = Viewer::open(&world.rest, &session).await;
        assert!(reading.seen.session.is_some(), "reading is never taken away");
        let _: Value = moderator
            .delete(format!("/halls/{hall}/sanctions/{}", network.id))
            .await
            .expect("lifted");
        fresh.comment(&session, "又可以了").await.expect("lifted");
    });
}

#[test]
fn three_names_on_one_device_are_one_person_to_the_queue() {
    let setup = Setup {
        config: "trusted_proxies = [\"127.0.0.1\"]".into(),
        ..Setup::default()
    };
    on_both_with(&setup, async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let author = world.guest().await;
        let (one, three) = (
            author.comment(&session, "被两个人举报").await.expect("taken"),
            author
                .comment(&session, "被一个人用三个名字举报")
                .await
                .expect("taken"),
        );
        let report = async |who: &Netizen, id: &str| {
            let _: Value = who
                .post(
                    format!("/sessions/{session}/posts/comment/{id}/report"),
                    &json!({"reason": "insult"}),
                )
                .await
                .expect("reported");
        };
        for n in 1..=2 {
            let (reader, _) = arrive(world, &format!("198.51.100.{n}"), None).await;
            report(&reader, &one.id).await;
        }
        let (first, device) = arrive(world, "203.0.113.7", None).await;
        report(&first, &three.id).await;
        for n in 8..=9 {
            let (again, _) = arrive(world, &format!("203.0.113.{n}"), Some(&device)).await;
            report(&again, &three.id).await;
        }
        let next: ClaimAnswer = moderator
            .post(format!("/sessions/{session}/claims"), &json!({}))
            .await
            .expect("answered");
        assert_eq!(
            next.item.map(|i| i.id),
            Some(one.id),
            "neither is urgent: the first reported"
        );
    });
}

#[test]
fn a_flood_of_votes_is_slowed_before_anybody_is_looked_up() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let question = world.guest().await.asked(&session, "路灯什么时候修").await;
        let banned = world.guest().await;
        let body = json!({"participant_id": banned.face.id, "kind": "ban", "minutes": 60, "reason": "刷票"});
        let _: SanctionFace = moderator
            .post(format!("/halls/{}/sanctions", world.hall.id), &body)
            .await
            .expect("banned");
        for _ in 0..1_000 {
            match code(banned.support(&session, &question, true).await) {
                Code::Banned => {}
                Code::RateLimited => return,
                other => panic!("{other:?}"),
            }
        }
        panic!("never slowed");
    });
}

#[test]
fn a_policy_made_from_an_old_one_neither_ends_the_emergency_nor_makes_it_last() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let path = format!("/sessions/{session}/policy");
        let mut late = serde_json::to_value(open_policy()).expect("JSON");
        late["slow_mode_s"] = json!(5);
        late["seen"] = serde_json::to_value(open_policy()).expect("JSON");
        let _: EmergencyAnswer = moderator
            .put(format!("/sessions/{session}/emergency"), &json!({"minutes": 10}))
            .await
            .expect("turned on");
        assert_eq!(code(moderator.put::<Value>(&path, &late).await), Code::Conflict);
        let _: EmergencyAnswer = moderator
            .delete(format!("/sessions/{session}/emergency"))
            .await
            .expect("turned off");
        let _: Value = moderator.put(&path, &late).await.expect("it is as seen again");
        assert_eq!(world.seen(&session).await.session().policy.slow_mode_s, 5);
    });
}

#[test]
fn an_emergency_that_cannot_be_ended_keeps_no_other_from_its_end() {
    on_both(async |world| {
        let (broken, session) = (world.live().await, world.live().await);
        let moderator = world.staff(Role::Moderator).await;
        for id in [&broken, &session] {
            let _: EmergencyAnswer = moderator
                .put(format!("/sessions/{id}/emergency"), &json!({"minutes": 2}))
                .await
                .expect("turned on");
        }
        // What a version to come may write, or a hand.
        execute(
            world.db(),
            &format!("UPDATE session SET emergency = '{{' WHERE id = '{broken}'"),
        )
        .await
        .expect("the statement is right");
        world.clock.advance_s(121);
        eventually("the other one is over", async || {
            let lines = texts(
                world.db(),
                "SELECT session_id || detail FROM audit WHERE target = 'emergency' AND staff_id = ''",
            )
            .await;
            lines
                .iter()
                .any(|line| line.starts_with(session.as_str()) && line.contains("at_its_end"))
                .then_some(())
        })
        .await;
        let still = "SELECT COUNT(*) FROM session WHERE emergency <> ''";
        assert_eq!(number(world.db(), still).await, 1);
        execute(
            world.db(),
            &format!("UPDATE session SET emergency = '', emergency_until_ms = NULL WHERE id = '{broken}'"),
        )
        .await
        .expect("the statement is right");

        let closing = world.live().await;
        let _: EmergencyAnswer = moderator
            .put(
                format!("/sessions/{closing}/emergency"),
                &json!({"minutes": null}),
            )
            .await
            .expect("turned on");
        for to in [SessionState::Ended, SessionState::Closed] {
            world.move_to(&closing, to).await.expect("nothing is open");
        }
        assert_eq!(number(world.db(), still).await, 0, "a closed session has none");
    });
}

#[test]
fn a_comment_with_a_link_that_was_stored_is_acknowledged_again_when_links_are_refused() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let r#ref = new_ref();
        let first = guest
            .comment_as(&session, r#ref.clone(), "看看 www.abc.com 吧")
            .await
            .expect("taken");
        world
            .set_policy(
                &session,
                PolicyFace {
                    links_off: true,
                    ..open_policy()
                },
            )
            .await;
        let again = guest
            .comment_as(&session, r#ref, "看看 www.abc.com 吧")
            .await
            .expect("its acknowledgement was lost");
        assert_eq!(again.id, first.id);
    });
}
