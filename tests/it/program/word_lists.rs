//! Word lists: versions, trials, large lists, hot reload, first posts, allowed hosts.

use yishiting::domain::ids::SessionId;
use yishiting::domain::rejection::Code;
use yishiting::domain::screening_settings::{External, WordKind};
use yishiting::domain::words::{ModerationMode, PostState, Role};
use yishiting::protocol::record::{
    ScreeningFace, ScreeningRequest, WordListAnswer, WordListRequest, WordListSaved, WordListsAnswer,
    WordTrialAnswer, WordTrialRequest,
};
use yishiting::protocol::server::PolicyFace;

use crate::support::World;
use crate::support::people::{Netizen, Staff};
use crate::support::rest::{Refused, code};
use crate::support::wait::eventually;
use crate::support::world::{on_both, open_policy};

fn suspicious() -> PolicyFace {
    PolicyFace {
        comment_mode: ModerationMode::HoldSuspicious,
        question_mode: ModerationMode::HoldSuspicious,
        ..open_policy()
    }
}

async fn put(staff: &Staff, path: &str, text: &str, base: Option<u64>) -> Result<WordListSaved, Refused> {
    let request = WordListRequest {
        text: text.into(),
        base_version: base,
        note: "试".into(),
    };
    staff.put(path, &request).await
}

async fn said(guest: &Netizen, session: &SessionId, body: &str) -> PostState {
    guest
        .comment(session, body)
        .await
        .expect("taken")
        .state
        .expect("a post has a state")
}

fn path(world: &World, kind: &str) -> String {
    format!("/word-lists/{}/{kind}", world.hall.id)
}

#[test]
fn every_change_is_a_version_with_its_maker_and_the_old_ones_can_be_read() {
    on_both(async |world| {
        let moderator = world.staff(Role::Moderator).await;
        let hold = path(world, "hold");
        let first = put(&moderator, &hold, "代练\n外挂", Some(0))
            .await
            .expect("taken")
            .saved
            .expect("saved");
        assert_eq!(
            (first.version, first.words, first.added, first.removed),
            (1, 2, 2, 0)
        );
        let second = put(&moderator, &hold, "代练\n私服", Some(1))
            .await
            .expect("taken")
            .saved
            .expect("saved");
        assert_eq!((second.version, second.added, second.removed), (2, 1, 1));
        // Who started from an older one is told, and overwrites nothing.
        assert_eq!(
            code(put(&moderator, &hold, "别的", Some(1)).await),
            Code::Conflict
        );
        let now: WordListAnswer = moderator.get(&hold).await.expect("readable");
        assert_eq!((now.version, now.text.as_str()), (2, "代练\n私服"));
        assert_eq!(now.history.len(), 2);
        assert!(now.history[0].by_name.starts_with("工作人员") && now.history[0].note == "试");
        let old: WordListAnswer = moderator.get(format!("{hold}?version=1")).await.expect("kept");
        assert_eq!(old.text, "代练\n外挂");
        assert_eq!(
            code(moderator.get::<WordListAnswer>(format!("{hold}?version=9")).await),
            Code::NotFound
        );
        assert_eq!(
            code(put(&moderator, &path(world, "block"), "x", None).await),
            Code::OutOfRange
        );
        let lists: WordListsAnswer = moderator
            .get(format!("/word-lists/{}", world.hall.id))
            .await
            .expect("readable");
        assert_eq!(lists.lists.len(), 1);
        assert_eq!(lists.lists[0].kind, WordKind::Hold);
        assert!(lists.shipped_words > 200 && lists.automata_bytes > 0 && lists.shipped_automata_bytes > 0);
    });
}

#[test]
fn lists_hold_note_and_lift_and_those_of_every_hall_are_for_operators() {
    on_both(async |world| {
        let session = world.live_with(suspicious()).await;
        let admin = world.staff(Role::Administrator).await;
        let guest = world.guest().await;
        put(&admin, &path(world, "hold"), "代练,advertising", None)
            .await
            .expect("taken");
        assert_eq!(said(&guest, &session, "有人代练吗").await, PostState::Held);
        put(&admin, &path(world, "allow"), "代练习题", None)
            .await
            .expect("taken");
        assert_eq!(
            said(&guest, &session, "老师代练习题班怎么收费").await,
            PostState::Published
        );
        put(&admin, &path(world, "note"), "涨价", None)
            .await
            .expect("taken");
        assert_eq!(said(&guest, &session, "又要涨价了").await, PostState::Published);
        assert_eq!(
            code(put(&admin, "/word-lists/everywhere/hold", "夹带", None).await),
            Code::Forbidden
        );
        put(&world.operator, "/word-lists/everywhere/block", "夹带私货", None)
            .await
            .expect("taken");
        eventually("the list of every hall is in use", async || {
            world.clock.advance_ms(6_000);
            let state = said(&world.guest().await, &session, "又来夹带私货").await;
            (state == PostState::Declined).then_some(())
        })
        .await;
    });
}

#[test]
fn a_trial_shows_what_a_change_would_do_and_does_nothing() {
    on_both(async |world| {
        let session = world.live_with(suspicious()).await;
        let moderator = world.staff(Role::Moderator).await;
        let hold = path(world, "hold");
        put(&moderator, &hold, "棋牌室", None).await.expect("taken");
        for body in ["棋牌室太吵了", "有人找代练", "水压太低", "代练又来了"] {
            world.guest().await.comment(&session, body).await.expect("taken");
        }
        let request = WordTrialRequest {
            text: "代练".into(),
            posts: 100,
        };
        let before = world.footprint().await;
        let trial: WordTrialAnswer = moderator
            .post(format!("{hold}/trial"), &request)
            .await
            .expect("tried");
        assert_eq!(
            (
                trial.posts,
                trial.newly_held,
                trial.newly_declined,
                trial.released
            ),
            (4, 2, 0, 1)
        );
        let change = trial
            .changes
            .iter()
            .find(|c| c.body == "有人找代练")
            .expect("shown");
        assert_eq!(
            (change.before.as_str(), change.after.as_str()),
            ("publish", "hold")
        );
        assert_eq!((change.findings[0].start, change.findings[0].end), (3, 5));
        let released = trial
            .changes
            .iter()
            .find(|c| c.body == "棋牌室太吵了")
            .expect("shown");
        assert_eq!(released.after, "publish");
        assert!(released.findings[0].rule.contains("棋牌室"));
        assert_eq!(world.footprint().await, before);
        let wrong = WordTrialRequest {
            text: "好\n,x".into(),
            posts: 100,
        };
        let trial: WordTrialAnswer = moderator
            .post(format!("{hold}/trial"), &wrong)
            .await
            .expect("answered");
        assert_eq!((trial.broken_total, trial.broken[0].line, trial.posts), (1, 2, 0));
        let none = WordTrialRequest {
            text: String::new(),
            posts: 0,
        };
        assert_eq!(
            code(
                moderator
                    .post::<WordTrialAnswer>(format!("{hold}/trial"), &none)
                    .await
            ),
            Code::OutOfRange
        );
    });
}

#[test]
fn a_customers_list_of_a_hundred_thousand_words_is_taken_and_its_broken_lines_are_named() {
    on_both(async |world| {
        let session = world.live_with(suspicious()).await;
        let moderator = world.staff(Role::Moderator).await;
        let hold = path(world, "hold");
        let word = |n: u32| -> String {
            let han = |i: u32| char::from_u32(0x4e00 + i % 20_000).expect("an ideograph");
            [han(n * 7 + 11), han(n / 20_000 + 5_000), han(n * 13 + 17), '甲']
                .iter()
                .collect()
        };
        let mut lines: Vec<String> = (0..99_999).map(|n| format!("{},customer", word(n))).collect();
        lines.push("一号码头交货,customer".into());
        lines[49_999] = ",没有词".into();
        lines[77_776] = format!("{},x,nonsense", word(1));
        let answer = put(&moderator, &hold, &lines.join("\n"), None)
            .await
            .expect("answered");
        assert!(answer.saved.is_none());
        let broken: Vec<u32> = answer.broken.iter().map(|b| b.line).collect();
        assert_eq!((answer.broken_total, broken), (2, vec![50_000, 77_777]));
        lines[49_999] = "好词一号,customer".into();
        lines[77_776] = "好词二号,customer".into();
        // Posts go on while the list is compiled and swapped; none is lost.
        let guest = world.guest().await;
        let thousands = lines.join("\n");
        let (saved, states) = tokio::join!(put(&moderator, &hold, &thousands, None), async {
            let mut states = Vec::new();
            for body in [
                "水压太低了",
                "路灯坏了三天没人修",
                "公交改线以后太远",
                "物业费涨得快",
            ] {
                states.push(said(&guest, &session, body).await);
            }
            states
        });
        assert_eq!(states, [PostState::Published; 4]);
        assert!(saved.expect("answered").saved.expect("saved").words > 90_000);
        assert_eq!(
            said(&world.guest().await, &session, "一号码头交货").await,
            PostState::Held
        );
        lines.push("多一个词".into());
        lines.extend((0..10).map(|n| format!("再多{n}个词语")));
        assert_eq!(
            code(put(&moderator, &hold, &lines.join("\n"), None).await),
            Code::TooLarge
        );
    });
}

#[test]
fn first_posts_of_a_new_person_wait_and_allowed_hosts_do_not() {
    on_both(async |world| {
        let session = world.live_with(suspicious()).await;
        let moderator = world.staff(Role::Moderator).await;
        let settings = format!("/halls/{}/screening", world.hall.id);
        let request = |first_posts, host: &str| ScreeningRequest {
            first_posts,
            allowed_hosts: vec![host.into()],
            external: External::Off,
        };
        let old = world.guest().await;
        assert_eq!(said(&old, &session, "老街坊先说一句").await, PostState::Published);
        assert_eq!(
            code(
                moderator
                    .put::<ScreeningFace>(&settings, &request(11, "live.example.org"))
                    .await
            ),
            Code::OutOfRange
        );
        let _: ScreeningFace = moderator
            .put(&settings, &request(1, "live.example.org"))
            .await
            .expect("taken");
        let new = world.guest().await;
        assert_eq!(said(&new, &session, "我是新来的").await, PostState::Held);
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        assert_eq!(item.reason, "first_post");
        moderator
            .decide_now(&session, yishiting::domain::words::Verdict::Approve, &item.id)
            .await
            .expect("published");
        assert_eq!(said(&new, &session, "第二句不用等").await, PostState::Published);
        assert_eq!(said(&old, &session, "老街坊也不用等").await, PostState::Published);
        assert_eq!(
            said(&old, &session, "看 live.example.org/a").await,
            PostState::Published
        );
        assert_eq!(
            said(&old, &session, "看 other.example.org/a").await,
            PostState::Held
        );
        let shown: ScreeningFace = moderator.get(&settings).await.expect("readable");
        assert_eq!(shown.first_posts, 1);
        // Where links are refused, the hall's own hosts are too.
        let off = PolicyFace {
            links_off: true,
            ..suspicious()
        };
        world.set_policy(&session, off).await;
        assert_eq!(
            code(
                world
                    .guest()
                    .await
                    .comment(&session, "看 live.example.org/b")
                    .await
            ),
            Code::LinksOff
        );
        // The hall asks for one post, the session for two: the stricter one counts.
        world
            .set_policy(
                &session,
                PolicyFace {
                    first_held: 2,
                    ..suspicious()
                },
            )
            .await;
        let third = world.guest().await;
        for (body, state) in [
            ("请问几点开始", PostState::Held),
            ("公交车要增加班次", PostState::Held),
            ("路灯坏了没人修", PostState::Published),
        ] {
            assert_eq!(said(&third, &session, body).await, state, "{body}");
            if state == PostState::Held {
                let item = moderator.queue(&session, PostState::Held).await;
                let item = item.iter().find(|i| i.body == body).expect("it waits");
                moderator
                    .decide_now(&session, yishiting::domain::words::Verdict::Approve, &item.id)
                    .await
                    .expect("published");
            }
        }
    });
}
