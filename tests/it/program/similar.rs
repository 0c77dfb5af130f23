//! The questions shown to who types a similar one, and to moderators those that repeat another.

use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{Disposition, PostState, Role, Verdict};
use yishiting::protocol::rest::{RepeatedAnswer, SimilarAnswer};

use super::hold_all;
use crate::support::rest::{code, encoded};
use crate::support::{Rest, eventually, on_both};

/// Longer than an index is used without asking the log.
const SECOND_MS: i64 = 1_001;

async fn near(rest: &Rest, session: &SessionId, text: &str) -> Vec<String> {
    let path = format!("/sessions/{session}/questions/similar?text={}", encoded(text));
    let answer: SimilarAnswer = rest.get(path).await.expect("a public answer");
    answer.questions.into_iter().map(|q| q.body).collect()
}

#[test]
fn who_types_is_shown_published_questions_only_and_the_head_of_merged_ones() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let (moderator, host) = (world.staff(Role::Moderator).await, world.staff(Role::Host).await);
        let asker = world.guest().await;
        let (water, price, lift) = (
            "自来水为什么又涨价了？",
            "水费上调的原因是什么？",
            "我们小区什么时候能加装电梯？",
        );
        let mut ids = Vec::new();
        for body in [water, price, lift] {
            ids.push(asker.question(&session, body).await.expect("taken").id);
        }
        assert_eq!(
            near(&world.rest, &session, "水价为什么上涨").await,
            [""; 0],
            "held"
        );
        for id in &ids {
            moderator
                .decide_now(&session, Verdict::Approve, id)
                .await
                .expect("published");
        }
        world.clock.advance_ms(SECOND_MS);
        let found = near(&world.rest, &session, "水价为什么上涨").await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(!found.contains(&lift.to_owned()));

        let head = ids[0].parse().expect("an id");
        host.dispose(
            &ids[1].parse().expect("an id"),
            Some(Disposition::Merged),
            Some(&head),
            "",
        )
        .await
        .expect("merged");
        world.clock.advance_ms(SECOND_MS);
        assert_eq!(near(&world.rest, &session, "水价为什么上涨").await, [water]);

        moderator
            .decide_now(&session, Verdict::Retract, &ids[2])
            .await
            .expect("retracted");
        // At once, not with the next look at the log.
        assert_eq!(near(&world.rest, &session, "电梯加装有时间表吗").await, [""; 0]);
        assert_eq!(
            near(&world.rest, &session, "水").await,
            [""; 0],
            "too short to say anything"
        );
    });
}

#[test]
fn a_moderator_sees_which_waiting_questions_repeat_another() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let asker = world.guest().await;
        let path = format!("/sessions/{session}/queue/similar");
        let mut numbers = Vec::new();
        for body in [
            "自来水为什么又涨价了？",
            "小区什么时候能加装电梯？",
            "请问自来水为什么又涨价了，谢谢",
        ] {
            numbers.push(
                asker
                    .question(&session, body)
                    .await
                    .expect("taken")
                    .number
                    .expect("a number"),
            );
        }
        // Vectors are made in the background, some tens of milliseconds each.
        let group = eventually("the pair is found", async || {
            world.clock.advance_ms(SECOND_MS);
            let answer: RepeatedAnswer = moderator.get(&path).await.expect("may read the queue");
            answer.groups.into_iter().next()
        })
        .await;
        assert_eq!(group.body, "自来水为什么又涨价了？");
        assert_eq!((group.number, group.state), (numbers[0], PostState::Held));
        let members: Vec<u64> = group.members.iter().map(|m| m.number).collect();
        assert_eq!(members, [numbers[2]]);
        assert!((60..=100).contains(&group.members[0].percent));

        let department = world.officer(0).await;
        let refused = department.get::<RepeatedAnswer>(&path).await;
        assert_eq!(
            code(refused),
            Code::Forbidden,
            "held texts are for those who read the queue"
        );
    });
}
