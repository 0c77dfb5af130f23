//! Comments, questions, supports and withdrawals: the same over the WebSocket and over HTTP, and harmless when sent again.

use futures_util::future::join_all;
use serde_json::{Value, json};
use yishiting::domain::limits::Action;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{PostKind, PostState, QuestionSort, SessionState, Tier};
use yishiting::protocol::client::ClientMessage;
use yishiting::protocol::rest::{CommentPage, QuestionPage};
use yishiting::protocol::server::{Ack, PolicyFace, ServerMessage};

use crate::support::people::question_id;
use crate::support::rest::code;
use crate::support::world::open_policy;
use crate::support::{Viewer, World, new_ref, on_both};

fn comment(body: &str) -> ClientMessage {
    ClientMessage::Comment {
        r#ref: new_ref(),
        body: body.into(),
    }
}
fn question(body: &str) -> ClientMessage {
    ClientMessage::Question {
        r#ref: new_ref(),
        body: body.into(),
        topic: None,
        department_id: None,
        place: None,
    }
}

/// What matters of an acknowledgement, whatever door it came through.
fn essence(ack: &Ack) -> (Option<u64>, Option<PostState>, String) {
    (ack.number, ack.state, ack.reason.clone())
}

#[test]
fn what_is_sent_over_the_socket_and_over_http_has_the_same_results() {
    on_both(async |world| {
        let (by_socket, by_http) = (world.live().await, world.live().await);
        let (alice, bob) = (world.guest().await, world.guest().await);
        let mut socket = Viewer::open(&world.rest, &by_socket).await;
        socket.greet(&alice).await;
        let mut acks = Vec::new();
        // The same sequence through both doors.
        let asked = [
            socket.ask(question("阶梯水价怎么算")).await.expect("taken"),
            bob.question(&by_http, "阶梯水价怎么算").await.expect("taken"),
        ];
        acks.push(asked.each_ref().map(essence));
        acks.push(
            [
                socket.ask(comment("大家好")).await.expect("taken"),
                bob.comment(&by_http, "大家好").await.expect("taken"),
            ]
            .each_ref()
            .map(essence),
        );
        for on in [true, true, false, true] {
            let by_socket = socket
                .ask(ClientMessage::Support {
                    r#ref: new_ref(),
                    question_id: question_id(&asked[0]),
                    on,
                })
                .await
                .expect("taken");
            let by_http = bob
                .support(&by_http, &question_id(&asked[1]), on)
                .await
                .expect("taken");
            acks.push([by_socket, by_http].each_ref().map(essence));
        }
        let second = [
            socket.ask(comment("说错了")).await.expect("taken"),
            bob.comment(&by_http, "说错了").await.expect("taken"),
        ];
        let withdrawn = socket
            .ask(ClientMessage::Withdraw {
                r#ref: new_ref(),
                kind: PostKind::Comment,
                id: second[0].id.clone(),
            })
            .await
            .expect("own");
        acks.push(
            [
                withdrawn,
                bob.withdraw(&by_http, PostKind::Comment, &second[1].id)
                    .await
                    .expect("own"),
            ]
            .each_ref()
            .map(essence),
        );
        for [socket, http] in acks {
            assert_eq!(socket, http);
        }
        let (one, other) = (world.seen(&by_socket).await, world.seen(&by_http).await);
        assert_eq!(one.seq, other.seq, "as many events");
        assert_eq!(
            (one.comment_bodies(), one.question_bodies()),
            (vec!["大家好"], vec!["阶梯水价怎么算"])
        );
        assert_eq!(
            (one.comment_bodies(), one.question_bodies()),
            (other.comment_bodies(), other.question_bodies())
        );
        let supports =
            |seen: &crate::support::Seen| seen.questions.values().map(|q| q.supports).collect::<Vec<_>>();
        assert_eq!((supports(&one), supports(&other)), (vec![1], vec![1]));
    });
}

#[test]
fn refusals_are_the_same_over_the_socket_and_over_http() {
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                question_tier: Tier::Verified,
                ..open_policy()
            })
            .await;
        let guest = world.guest().await;
        let mut socket = Viewer::open(&world.rest, &session).await;
        assert_eq!(
            socket
                .ask(comment("还没打招呼"))
                .await
                .expect_err("nobody yet")
                .code,
            Code::Unauthenticated
        );
        socket.greet(&guest).await;
        let before = world.footprint().await;
        let nowhere = "0000000000000000".parse().expect("an id");
        let long = "长".repeat(201);
        for (socket, http) in [
            (
                socket.ask(comment(" \u{3000}\u{200b} ")).await,
                guest.comment(&session, " \u{3000}\u{200b} ").await,
            ),
            (
                socket.ask(comment(&long)).await,
                guest.comment(&session, &long).await,
            ),
            (
                socket.ask(question("身份不够")).await,
                guest.question(&session, "身份不够").await,
            ),
            (
                socket
                    .ask(ClientMessage::Support {
                        r#ref: new_ref(),
                        question_id: nowhere,
                        on: true,
                    })
                    .await,
                guest
                    .support(&session, &"0000000000000000".parse().expect("an id"), true)
                    .await,
            ),
            (
                socket
                    .ask(ClientMessage::Withdraw {
                        r#ref: new_ref(),
                        kind: PostKind::Comment,
                        id: "0000000000000000".into(),
                    })
                    .await,
                guest
                    .withdraw(&session, PostKind::Comment, "0000000000000000")
                    .await,
            ),
        ] {
            let (socket, http) = (socket.expect_err("refused"), http.expect_err("refused"));
            assert_eq!(
                (socket.code, &socket.params),
                (http.error.code, &http.error.params)
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn everything_sent_again_changes_nothing_and_is_answered_alike() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let mut socket = Viewer::open(&world.rest, &session).await;
        socket.greet(&guest).await;
        let (said, asked) = (comment("弱网下的一句话"), question("弱网下的一个问题"));
        let first = [
            socket.ask(said.clone()).await.expect("taken"),
            socket.ask(asked.clone()).await.expect("taken"),
        ];
        let before = world.footprint().await;
        // Another connection, as after a reload, and the other door too.
        let mut other = Viewer::open(&world.rest, &session).await;
        other.greet(&guest).await;
        let again = [
            other.ask(said.clone()).await.expect("answered"),
            other.ask(asked.clone()).await.expect("answered"),
        ];
        assert_eq!(again, first);
        if let (ClientMessage::Comment { r#ref: c, .. }, ClientMessage::Question { r#ref: q, .. }) =
            (said, asked)
        {
            assert_eq!(
                guest
                    .comment_as(&session, c, "弱网下的一句话")
                    .await
                    .expect("answered"),
                first[0]
            );
            assert_eq!(
                guest
                    .question_as(&session, q, "弱网下的一个问题")
                    .await
                    .expect("answered"),
                first[1]
            );
        }
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn a_comment_stored_before_its_author_lost_the_right_is_still_acknowledged_when_sent_again() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let r#ref = new_ref();
        let first = guest
            .comment_as(&session, r#ref.clone(), "发出去了但没收到回执")
            .await
            .expect("taken");
        world
            .set_policy(
                &session,
                PolicyFace {
                    comment_tier: Tier::Verified,
                    ..open_policy()
                },
            )
            .await;
        assert_eq!(
            guest
                .comment_as(&session, r#ref.clone(), "发出去了但没收到回执")
                .await
                .expect("it is stored"),
            first
        );
        world.set_policy(&session, open_policy()).await;
        let _: Value = world
            .operator
            .post(
                format!("/halls/{}/sanctions", world.hall.id),
                &json!({"participant_id": guest.face.id, "kind": "mute", "minutes": 5, "reason": "刷屏"}),
            )
            .await
            .expect("muted");
        assert_eq!(
            guest
                .comment_as(&session, r#ref.clone(), "发出去了但没收到回执")
                .await
                .expect("it is stored"),
            first
        );
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            guest
                .comment_as(&session, r#ref, "发出去了但没收到回执")
                .await
                .expect("it is stored"),
            first
        );
    });
}

#[test]
fn an_outbox_sent_twice_at_once_is_stored_once() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let (c, q) = (new_ref(), new_ref());
        let comments = join_all((0..3).map(|_| guest.comment_as(&session, c.clone(), "同一句话"))).await;
        let questions = join_all((0..3).map(|_| guest.question_as(&session, q.clone(), "同一个问题"))).await;
        for acks in [comments, questions] {
            let acks: Vec<Ack> = acks.into_iter().map(|a| a.expect("answered")).collect();
            assert!(acks.iter().all(|a| *a == acks[0]), "{acks:?}");
        }
        let seen = world.seen(&session).await;
        assert_eq!((seen.comments.len(), seen.questions.len()), (1, 1));
    });
}

#[test]
fn a_person_supports_a_question_once_however_often_it_is_asked() {
    on_both(async |world| {
        let session = world.live().await;
        let question = world.guest().await.asked(&session, "二次供水谁来管").await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        let fans = [world.guest().await, world.guest().await, world.guest().await];
        join_all(
            fans.iter()
                .flat_map(|fan| (0..5).map(|_| fan.support(&session, &question, true))),
        )
        .await
        .into_iter()
        .for_each(|r| drop(r.expect("taken")));
        viewer
            .until_seen("three supports", |seen| {
                seen.questions[question.as_str()].supports == 3
            })
            .await;
        fans[0]
            .support(&session, &question, false)
            .await
            .expect("taken back");
        viewer
            .until_seen("two supports", |seen| {
                seen.questions[question.as_str()].supports == 2
            })
            .await;
        assert_eq!(
            fans[1].mine(&session).await.supported,
            std::slice::from_ref(&question)
        );
        assert!(fans[0].mine(&session).await.supported.is_empty());
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        assert_eq!(
            code(fans[0].support(&session, &question, true).await),
            Code::WrongState
        );
    });
}

#[test]
fn nobody_writes_more_than_the_table_of_limits_allows() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        let burst = Action::Comment.limit(Tier::Guest).burst;
        let mut refused = None;
        for i in 0..=burst {
            match guest.comment(&session, &format!("第{i}句不同的话")).await {
                Ok(_) => assert!(i < burst, "{i}"),
                Err(r) => refused = Some(r),
            }
        }
        let refused = refused.expect("over the burst");
        assert_eq!((refused.status, refused.error.code), (429, Code::RateLimited));
        assert!(
            refused
                .error
                .retry_after_ms
                .is_some_and(|ms| (1..=60_000).contains(&ms)),
            "{refused:?}"
        );
        world
            .guest()
            .await
            .comment(&session, "别人可以说")
            .await
            .expect("another person");
    });
}

#[test]
fn what_one_takes_back_disappears_for_everybody_and_stays_on_ones_own_list() {
    on_both(async |world| {
        let session = world.live().await;
        let (guest, other) = (world.guest().await, world.guest().await);
        let said = guest.comment(&session, "说错了的话").await.expect("taken");
        let asked = guest.question(&session, "问错了的话").await.expect("taken");
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for (kind, id) in [(PostKind::Comment, &said.id), (PostKind::Question, &asked.id)] {
            assert_eq!(
                code(other.withdraw(&session, kind, id).await),
                Code::NotFound,
                "somebody else's"
            );
            let ack = guest.withdraw(&session, kind, id).await.expect("own");
            assert_eq!(ack.state, Some(PostState::Withdrawn));
            let again = guest
                .withdraw(&session, kind, id)
                .await
                .expect("twice changes nothing");
            assert_eq!(again.state, Some(PostState::Withdrawn));
        }
        viewer
            .until_seen("both are gone", |seen| {
                seen.comments.is_empty() && seen.questions.is_empty()
            })
            .await;
        let states: Vec<PostState> = guest.mine(&session).await.posts.iter().map(|p| p.state).collect();
        assert_eq!(states, [PostState::Withdrawn; 2]);
        assert!(other.mine(&session).await.posts.is_empty());
    });
}

#[test]
fn lists_are_sorted_and_paged_without_gaps_or_repeats() {
    on_both(async |world| {
        let session = world.live().await;
        let mut ids = Vec::new();
        for i in 0..7 {
            ids.push(
                world
                    .guest()
                    .await
                    .asked(&session, &format!("第{i}个完全不同的问题"))
                    .await,
            );
            world
                .guest()
                .await
                .comment(&session, &format!("第{i}句完全不同的话"))
                .await
                .expect("taken");
        }
        for (question, fans) in [(&ids[4], 3), (&ids[1], 2), (&ids[6], 1)] {
            for _ in 0..fans {
                world
                    .guest()
                    .await
                    .support(&session, question, true)
                    .await
                    .expect("taken");
            }
        }
        let newest: Vec<_> = ids.iter().rev().cloned().collect();
        assert_eq!(all_questions(world, &session, QuestionSort::Newest).await, newest);
        let by_support = [4, 1, 6, 0, 2, 3, 5].map(|i: usize| ids[i].clone());
        assert_eq!(
            all_questions(world, &session, QuestionSort::Support).await,
            by_support
        );
        assert!(
            all_questions(world, &session, QuestionSort::Answered)
                .await
                .is_empty()
        );
        let mut bodies = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: CommentPage = world
                .rest
                .get(format!("/sessions/{session}/comments?limit=3&cursor={cursor}"))
                .await
                .expect("public");
            bodies.extend(page.comments.into_iter().map(|c| c.body));
            let Some(next) = page.next_cursor else { break };
            cursor = next;
        }
        let expected: Vec<String> = (0..7).rev().map(|i| format!("第{i}句完全不同的话")).collect();
        assert_eq!(bodies, expected);
        for bad in ["cursor=x", "cursor=-1"] {
            assert_eq!(
                code(
                    world
                        .rest
                        .get::<Value>(format!("/sessions/{session}/questions?{bad}"))
                        .await
                ),
                Code::OutOfRange
            );
            assert_eq!(
                code(
                    world
                        .rest
                        .get::<Value>(format!("/sessions/{session}/comments?{bad}"))
                        .await
                ),
                Code::OutOfRange
            );
        }
    });
}

async fn all_questions(
    world: &World,
    session: &yishiting::domain::ids::SessionId,
    sort: QuestionSort,
) -> Vec<yishiting::domain::ids::QuestionId> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: QuestionPage = world
            .rest
            .get(format!(
                "/sessions/{session}/questions?sort={sort}&limit=3&cursor={cursor}"
            ))
            .await
            .expect("public");
        ids.extend(page.questions.into_iter().map(|q| q.id));
        let Some(next) = page.next_cursor else { return ids };
        cursor = next;
    }
}

#[test]
fn an_author_is_told_on_every_own_connection_what_became_of_a_held_post() {
    on_both(async |world| {
        let session = world.live_with(super::hold_all()).await;
        let guest = world.guest().await;
        let (mut phone, mut desk, mut stranger) = (
            Viewer::open(&world.rest, &session).await,
            Viewer::open(&world.rest, &session).await,
            Viewer::open(&world.rest, &session).await,
        );
        phone.greet(&guest).await;
        desk.greet(&guest).await;
        stranger.greet(&world.guest().await).await;
        let ack = phone.ask(comment("等审核的一句话")).await.expect("taken");
        assert_eq!(ack.state, Some(PostState::Held));
        let item = world.operator.queue(&session, PostState::Held).await.remove(0);
        world
            .operator
            .decide(&session, yishiting::domain::words::Verdict::Decline, &[&item])
            .await
            .expect("declined");
        for viewer in [&mut phone, &mut desk] {
            let own = viewer
                .until("the word to the author", |m| {
                    if let ServerMessage::Own(own) = m {
                        Some(own.clone())
                    } else {
                        None
                    }
                })
                .await;
            assert_eq!(
                (own.id.as_str(), own.state, own.reason.as_str()),
                (ack.id.as_str(), PostState::Declined, "off_topic")
            );
        }
        // Something public afterwards proves that nothing was on its way to the stranger.
        world.set_policy(&session, open_policy()).await;
        stranger
            .until_seen("the new policy", |seen| seen.session().policy == open_policy())
            .await;
        assert!(
            !stranger.everything().contains("等审核的一句话") && !stranger.everything().contains("\"own\""),
            "{}",
            stranger.everything()
        );
    });
}
