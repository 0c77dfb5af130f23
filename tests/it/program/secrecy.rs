//! Held text reaches only the moderators and its author: not one public byte of it.

use yishiting::domain::words::{ModerationMode, PostKind, PostState, Role, SessionState, Verdict};
use yishiting::protocol::server::PolicyFace;

use super::hold_all;
use crate::support::world::open_policy;
use crate::support::{EventStream, Netizen, Rest, Viewer, World, on_both};

/// A word in everything that must stay behind the stage.
const SECRET: &str = "未公开暗语";

/// Everything the public can read of a session, as one text.
async fn public_bytes(world: &World, rest: &Rest, session: &yishiting::domain::ids::SessionId) -> String {
    let mut all = String::new();
    for path in [
        "view",
        "questions?sort=support",
        "questions?sort=newest",
        "questions?sort=answered",
        "questions?sort=not_yet_heard",
        "fair?view=most_supported",
        "fair?view=not_yet_heard",
        "withheld",
        "comments",
        "ledger",
        "ledger/raised",
        "ledger/open",
        "ledger/declined",
        "ledger/withdrawn",
        "ledger/assigned",
        "qr.svg",
    ] {
        all += &rest.text(format!("/sessions/{session}/{path}")).await;
    }
    for path in [
        "/halls",
        &format!("/halls/{}", world.hall.slug),
        "/reasons",
        "/options",
    ] {
        all += &rest.text(path).await;
    }
    all
}

#[test]
fn a_held_declined_or_withdrawn_text_never_appears_in_any_public_byte() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let stranger = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        viewer.greet(&stranger).await;
        let mut stream = EventStream::open(&world.rest, &session, "", None).await;
        let author = world.guest().await;
        let mut acks = Vec::new();
        for part in ["待审", "被拒", "撤回"] {
            acks.push(
                author
                    .comment(&session, &format!("{SECRET}{part}的话"))
                    .await
                    .expect("taken"),
            );
        }
        let second: Netizen = world.guest().await;
        for part in ["待审", "被拒", "撤回"] {
            acks.push(
                second
                    .question(&session, &format!("{SECRET}{part}的问题"))
                    .await
                    .expect("taken"),
            );
        }
        assert!(acks.iter().all(|a| a.state == Some(PostState::Held)), "{acks:?}");
        for ack in [&acks[1], &acks[4]] {
            moderator
                .decide_now(&session, Verdict::Decline, &ack.id)
                .await
                .expect("declined");
        }
        author
            .withdraw(&session, PostKind::Comment, &acks[2].id)
            .await
            .expect("own");
        second
            .withdraw(&session, PostKind::Question, &acks[5].id)
            .await
            .expect("own");
        // A topic and a place are shown beside a question and are as secret as its text.
        let request = yishiting::protocol::rest::QuestionRequest {
            r#ref: crate::support::new_ref(),
            body: format!("{SECRET}带话题的问题"),
            topic: Some(format!("{SECRET}话题")),
            department_id: Some(world.department(0)),
            place: Some(format!("{SECRET}地点")),
        };
        let _: yishiting::protocol::server::Ack = world
            .guest()
            .await
            .post(format!("/sessions/{session}/questions"), &request)
            .await
            .expect("taken");
        // Something public at the end: when it is seen, everything before it has passed.
        world.set_policy(&session, open_policy()).await;
        world
            .guest()
            .await
            .comment(&session, "可以公开的最后一句")
            .await
            .expect("taken");
        viewer
            .until_seen("the last one", |seen| seen.comments.len() == 1)
            .await;
        stream.until_seq(world.seq(&session).await).await;
        let nobody = world.colleague("no-role", &[]).await;
        let mut all = viewer.everything() + &stream.texts.join("\n");
        all += &Viewer::open(&world.rest, &session).await.everything();
        for rest in [&world.rest, &stranger.rest, &nobody.rest] {
            all += &public_bytes(world, rest, &session).await;
            all += &rest.text(format!("/sessions/{session}/mine")).await;
        }
        assert!(all.contains("可以公开的最后一句"));
        assert!(!all.contains(SECRET), "{}", around(&all));
        // The author and the desk do see it.
        assert!(
            author
                .text(format!("/sessions/{session}/mine"))
                .await
                .contains(SECRET)
        );
        assert!(
            moderator
                .text(format!(
                    "/sessions/{session}/queue?q={}",
                    crate::support::rest::encoded(SECRET)
                ))
                .await
                .contains(SECRET)
        );
    });
}

#[test]
fn after_a_restart_and_for_who_resumes_held_text_is_as_secret_as_before() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let before = world.seen(&session).await;
        world
            .guest()
            .await
            .comment(&session, &format!("{SECRET}的话"))
            .await
            .expect("taken");
        world.set_policy(&session, open_policy()).await;
        world.restart().await;
        let mut resumed = Viewer::resume(&world.rest, &session, &before).await;
        resumed.until_seq(world.seq(&session).await).await;
        let all = resumed.everything() + &public_bytes(world, &world.rest, &session).await;
        assert!(!all.contains(SECRET), "{}", around(&all));
    });
}

#[test]
fn the_public_package_holds_no_text_that_is_not_public() {
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                question_mode: ModerationMode::HoldFirst,
                ..open_policy()
            })
            .await;
        let moderator = world.staff(Role::Moderator).await;
        let (a, b, c) = (world.guest().await, world.guest().await, world.guest().await);
        let declined = a.asked(&session, &format!("{SECRET}被拒")).await;
        let withdrawn = b.asked(&session, &format!("{SECRET}撤回")).await;
        let public = c.asked(&session, "公开的问题").await;
        moderator
            .decide_now(&session, Verdict::Decline, declined.as_str())
            .await
            .expect("declined");
        b.withdraw(&session, PostKind::Question, withdrawn.as_str())
            .await
            .expect("own");
        moderator
            .decide_now(&session, Verdict::Approve, public.as_str())
            .await
            .expect("approved");
        let said = c
            .comment(&session, &format!("{SECRET}后来被撤"))
            .await
            .expect("taken");
        moderator
            .decide_now(&session, Verdict::Retract, &said.id)
            .await
            .expect("retracted");
        world
            .operator
            .dispose(
                &public,
                Some(yishiting::domain::words::Disposition::Declined),
                None,
                "不在本场范围",
            )
            .await
            .expect("disposed");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("closed");
        for privacy in ["public", "internal"] {
            let zip = world
                .operator
                .bytes(format!("/sessions/{session}/package.zip?privacy={privacy}"))
                .await;
            for (path, bytes) in super::package::all_parts(&zip) {
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains(SECRET), "{privacy}: {path}");
            }
        }
    });
}

fn around(text: &str) -> String {
    let at = text.find(SECRET).unwrap_or(0);
    text[..at]
        .chars()
        .rev()
        .take(200)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect::<String>()
        + SECRET
}
