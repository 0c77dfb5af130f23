//! Mute and ban: who may not write goes on reading.

use serde_json::{Value, json};
use yishiting::domain::ids::HallId;
use yishiting::domain::rejection::Code;
use yishiting::protocol::rest::{MeAnswer, SanctionFace};

use crate::support::rest::code;
use crate::support::world::Setup;
use crate::support::{Netizen, Refused, Viewer, World, on_both, on_both_with};

async fn sanction(
    world: &World,
    hall: &HallId,
    who: &Netizen,
    kind: &str,
    minutes: Option<u32>,
) -> Result<SanctionFace, Refused> {
    let body = json!({"participant_id": who.face.id, "kind": kind, "minutes": minutes, "reason": "反复刷屏"});
    world
        .operator
        .post(format!("/halls/{hall}/sanctions"), &body)
        .await
}

#[test]
fn a_muted_person_cannot_write_until_the_end_and_is_told_when() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let question = world.guest().await.asked(&session, "阶梯水价怎么算").await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer.greet(&guest).await;
        guest.comment(&session, "说得太多").await.expect("taken");
        let muted = sanction(world, &world.hall.id, &guest, "mute", Some(5))
            .await
            .expect("muted");
        for refused in [
            guest.comment(&session, "还想说").await.map(drop),
            guest.question(&session, "还想问").await.map(drop),
            guest.support(&session, &question, true).await.map(drop),
        ] {
            let refused = refused.expect_err("muted");
            assert_eq!((refused.status, refused.error.code), (403, Code::Muted));
            assert_eq!(
                refused.error.params["until_ms"],
                muted.until_ms.expect("a mute has an end").ms().to_string()
            );
        }
        let me: MeAnswer = guest.get("/me").await.expect("readable");
        assert_eq!(
            (me.sanctions.len(), me.sanctions[0].reason.as_str()),
            (1, "反复刷屏")
        );
        // Reading is never taken away.
        world
            .guest()
            .await
            .comment(&session, "别人继续说")
            .await
            .expect("taken");
        viewer
            .until_seen("what others say", |seen| {
                seen.comment_bodies().contains(&"别人继续说")
            })
            .await;
        world.clock.advance_s(5 * 60);
        guest
            .comment(&session, "时间到了")
            .await
            .expect("the mute is over");
        let me: MeAnswer = guest.get("/me").await.expect("readable");
        assert!(me.sanctions.is_empty());
    });
}

#[test]
fn a_ban_lasts_until_it_is_lifted_and_counts_in_its_own_hall_only() {
    on_both_with(
        &Setup {
            config: "login_hours = 744".into(),
            ..Setup::default()
        },
        async |world| {
            let session = world.live().await;
            let guest = world.guest().await;
            let banned = sanction(world, &world.hall.id, &guest, "ban", None)
                .await
                .expect("banned");
            world.clock.advance_s(30 * 86_400);
            let refused = guest.comment(&session, "还想说").await.expect_err("banned");
            assert_eq!((refused.status, refused.error.code), (403, Code::Banned));
            let other: Value = world
                .operator
                .post(
                    "/halls",
                    &crate::support::world::hall_request("other-hall", "邻区议事厅"),
                )
                .await
                .expect("a hall");
            let other: HallId = serde_json::from_value(other["id"].clone()).expect("an id");
            let mut request = world.session_request("邻区的一场");
            request.department_ids.clear();
            request.segments.clear();
            let prepared: Value = world
                .operator
                .post(format!("/halls/{other}/sessions"), &request)
                .await
                .expect("a draft");
            let elsewhere = serde_json::from_value(prepared["session"]["id"].clone()).expect("an id");
            world
                .move_to(&elsewhere, yishiting::domain::words::SessionState::Live)
                .await
                .expect("live");
            guest
                .comment(&elsewhere, "别的厅可以说")
                .await
                .expect("another hall");
            let path = format!("/halls/{}/sanctions/{}", world.hall.id, banned.id);
            assert_eq!(
                code(
                    world
                        .operator
                        .delete::<Value>(format!("/halls/{other}/sanctions/{}", banned.id))
                        .await
                ),
                Code::NotFound,
                "of another hall"
            );
            let _: Value = world.operator.delete(&path).await.expect("lifted");
            assert_eq!(
                code(world.operator.delete::<Value>(&path).await),
                Code::NotFound,
                "lifted already"
            );
            guest.comment(&session, "又能说了").await.expect("lifted");
        },
    );
}

#[test]
fn a_sanction_needs_a_person_a_reason_and_a_bounded_time() {
    on_both(async |world| {
        let guest = world.guest().await;
        let before = world.footprint().await;
        for (kind, minutes, expected) in [
            ("mute", None, Code::OutOfRange),
            ("mute", Some(0), Code::OutOfRange),
            ("ban", Some(525_601), Code::OutOfRange),
        ] {
            assert_eq!(
                code(sanction(world, &world.hall.id, &guest, kind, minutes).await),
                expected,
                "{kind} {minutes:?}"
            );
        }
        let path = format!("/halls/{}/sanctions", world.hall.id);
        let no_reason = json!({"participant_id": guest.face.id, "kind": "mute", "minutes": 5, "reason": " "});
        assert_eq!(
            code(world.operator.post::<Value>(&path, &no_reason).await),
            Code::Incomplete
        );
        let nobody =
            json!({"participant_id": "0000000000000000", "kind": "mute", "minutes": 5, "reason": "刷屏"});
        assert_eq!(
            code(world.operator.post::<Value>(&path, &nobody).await),
            Code::NotFound
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}
