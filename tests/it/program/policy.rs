//! Who may write and when it becomes public, switched while live.

use serde_json::{Value, json};
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{ModerationMode, PostState, Tier};
use yishiting::protocol::server::PolicyFace;

use crate::support::rest::code;
use crate::support::world::open_policy;
use crate::support::{Viewer, on_both};

#[test]
fn a_tier_asked_for_while_live_counts_from_the_next_message_on() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let verified = world.verified("13800138000").await;
        let question = guest.asked(&session, "阶梯水价怎么算").await;
        guest.comment(&session, "能说话").await.expect("guests may");
        world
            .set_policy(
                &session,
                PolicyFace {
                    comment_tier: Tier::Verified,
                    question_tier: Tier::Verified,
                    support_tier: Tier::Verified,
                    ..open_policy()
                },
            )
            .await;
        let before = world.footprint().await;
        for refused in [
            guest.comment(&session, "还能说话吗").await,
            guest.question(&session, "还能提问吗").await,
            guest.support(&session, &question, true).await,
        ] {
            let refused = refused.expect_err("a guest");
            assert_eq!((refused.status, refused.error.code), (403, Code::TierTooLow));
            assert_eq!(refused.error.params["tier"], "verified");
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
        verified
            .comment(&session, "实名发言")
            .await
            .expect("verified may");
        verified
            .support(&session, &question, true)
            .await
            .expect("verified may");
        world.set_policy(&session, open_policy()).await;
        guest
            .comment(&session, "又能说了")
            .await
            .expect("guests may again");
    });
}

#[test]
fn a_mode_switched_while_live_counts_from_the_next_message_on() {
    on_both(async |world| {
        let session = world.live().await;
        let guests = [world.guest().await, world.guest().await];
        let mut states = Vec::new();
        for mode in [
            ModerationMode::HoldFirst,
            ModerationMode::PublishFirst,
            ModerationMode::HoldSuspicious,
            ModerationMode::HoldFirst,
        ] {
            world
                .set_policy(
                    &session,
                    PolicyFace {
                        comment_mode: mode,
                        question_mode: ModerationMode::PublishFirst,
                        ..open_policy()
                    },
                )
                .await;
            let body = format!("第{}句各不相同的话", states.len() + 1);
            states.push(
                guests[states.len() % 2]
                    .comment(&session, &body)
                    .await
                    .expect("taken")
                    .state,
            );
        }
        assert_eq!(
            states,
            [
                PostState::Held,
                PostState::Published,
                PostState::Published,
                PostState::Held
            ]
            .map(Some)
        );
        let question = guests[0]
            .question(&session, "两个频道各有各的方式吗")
            .await
            .expect("taken");
        assert_eq!(
            question.state,
            Some(PostState::Published),
            "comments and questions each have their own mode"
        );
    });
}

#[test]
fn viewers_hear_of_a_new_policy_at_once() {
    on_both(async |world| {
        let session = world.live().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let policy = PolicyFace {
            slow_mode_s: 30,
            comment_tier: Tier::Verified,
            ..open_policy()
        };
        let switched = std::time::Instant::now();
        world.set_policy(&session, policy).await;
        viewer
            .until_seen("the new policy", |seen| seen.session().policy == policy)
            .await;
        assert!(
            switched.elapsed().as_secs() < 5,
            "a busy machine is no reason for more"
        );
    });
}

#[test]
fn slow_mode_asks_for_a_pause_between_two_comments_of_one_person() {
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                slow_mode_s: 30,
                ..open_policy()
            })
            .await;
        let (guest, other) = (world.guest().await, world.guest().await);
        guest.comment(&session, "第一句").await.expect("the first");
        let refused = guest.comment(&session, "第二句").await.expect_err("too early");
        assert_eq!((refused.status, refused.error.code), (429, Code::RateLimited));
        assert!(
            refused
                .error
                .retry_after_ms
                .is_some_and(|ms| (29_000..=30_000).contains(&ms)),
            "{refused:?}"
        );
        other.comment(&session, "别人可以").await.expect("another person");
        guest
            .question(&session, "提问不受慢速限制")
            .await
            .expect("questions have their own limit");
        world.clock.advance_s(30);
        guest.comment(&session, "第二句").await.expect("after the pause");
    });
}

#[test]
fn a_policy_outside_its_bounds_is_refused() {
    on_both(async |world| {
        let session = world.live().await;
        let before = world.footprint().await;
        let slow = PolicyFace {
            slow_mode_s: 601,
            ..open_policy()
        };
        assert_eq!(
            code(
                world
                    .operator
                    .put::<Value>(format!("/sessions/{session}/policy"), &slow)
                    .await
            ),
            Code::OutOfRange
        );
        for (field, value) in [
            ("comment_tier", json!("king")),
            ("comment_mode", json!("")),
            ("slow_mode_s", json!(-1)),
            ("slow_mode_s", json!("5")),
        ] {
            let mut body = serde_json::to_value(open_policy()).expect("JSON");
            body[field] = value;
            assert_eq!(
                code(
                    world
                        .operator
                        .put::<Value>(format!("/sessions/{session}/policy"), &body)
                        .await
                ),
                Code::Malformed,
                "{body}"
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}
