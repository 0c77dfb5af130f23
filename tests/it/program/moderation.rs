//! The moderation desk: what is held, what is decided, what is undone.

use serde_json::{Value, json};
use yishiting::domain::post::UNDO_MS;
use yishiting::domain::rejection::Code;
use yishiting::domain::words::{ModerationMode, PostKind, PostState, Role, SessionState, Verdict};
use yishiting::protocol::rest::{AuthorCard, QueuePage, ReasonFace, WordsAnswer};
use yishiting::protocol::server::{PolicyFace, QueueItem, ServerMessage, What};

use super::hold_all;
use crate::support::rest::code;
use crate::support::world::open_policy;
use crate::support::{Viewer, on_both};

/// A text for each thing screening can say. Short words of the shipped lists and of the hall's own.
const CLEAN: &str = "希望尽快修好路灯";
const SUSPICIOUS: &str = "找人代练";
const ILLEGAL: &str = "傻逼";

#[test]
fn the_mode_and_what_screening_found_decide_where_a_post_goes() {
    use ModerationMode::{HoldFirst, HoldSuspicious, PublishFirst};
    use PostState::{Declined, Held, Published};
    on_both(async |world| {
        let words: WordsAnswer = world
            .operator
            .put(
                format!("/halls/{}/words", world.hall.id),
                &json!({"text": "代练\n"}),
            )
            .await
            .expect("an administrator may");
        assert_eq!((words.words, words.broken.len()), (1, 0));
        let session = world.live().await;
        for (mode, body, expected) in [
            (PublishFirst, CLEAN, Published),
            (PublishFirst, SUSPICIOUS, Published),
            (PublishFirst, ILLEGAL, Declined),
            (HoldSuspicious, CLEAN, Published),
            (HoldSuspicious, SUSPICIOUS, Held),
            (HoldSuspicious, ILLEGAL, Declined),
            (HoldFirst, CLEAN, Held),
            (HoldFirst, SUSPICIOUS, Held),
            (HoldFirst, ILLEGAL, Declined),
        ] {
            // Each in its own session: the same text again is suspicious by itself.
            let session_of = world
                .live_with(PolicyFace {
                    comment_mode: mode,
                    question_mode: mode,
                    ..open_policy()
                })
                .await;
            let guest = world.guest().await;
            let comment = guest.comment(&session_of, body).await.expect("taken");
            assert_eq!(comment.state, Some(expected), "comment, {mode}: {body}");
            let other = world
                .live_with(PolicyFace {
                    comment_mode: mode,
                    question_mode: mode,
                    ..open_policy()
                })
                .await;
            let question = guest.question(&other, body).await.expect("taken");
            assert_eq!(question.state, Some(expected), "question, {mode}: {body}");
            assert_eq!(
                comment.reason.is_empty(),
                expected == Published || body == CLEAN,
                "{mode} {body}: the author is told why"
            );
        }
        assert_eq!(world.seen(&session).await.seq, world.seq(&session).await);
    });
}

#[test]
fn a_word_taken_into_the_halls_list_works_from_the_next_post_on() {
    on_both(async |world| {
        let session = world
            .live_with(PolicyFace {
                comment_mode: ModerationMode::HoldSuspicious,
                ..open_policy()
            })
            .await;
        let guest = world.guest().await;
        assert_eq!(
            guest
                .comment(&session, "这里有人代练吗")
                .await
                .expect("taken")
                .state,
            Some(PostState::Published)
        );
        let path = format!("/halls/{}/words", world.hall.id);
        let moderator = world.staff(Role::Moderator).await;
        let _: WordsAnswer = moderator
            .put(&path, &json!({"text": "代练"}))
            .await
            .expect("a moderator may");
        let held = guest.comment(&session, "又有人在找代练").await.expect("taken");
        assert_eq!(held.state, Some(PostState::Held));
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        assert!(item.findings.iter().any(|f| f.rule.contains("代练")), "{item:?}");
        let shown: WordsAnswer = moderator.get(&path).await.expect("readable");
        assert_eq!(shown.text, "代练");
        let _: WordsAnswer = moderator.put(&path, &json!({"text": ""})).await.expect("emptied");
        assert_eq!(
            world
                .guest()
                .await
                .comment(&session, "代练的事说完了吧")
                .await
                .expect("taken")
                .state,
            Some(PostState::Published)
        );
    });
}

#[test]
fn a_list_with_a_broken_line_is_not_taken_and_the_line_is_named() {
    on_both(async |world| {
        let path = format!("/halls/{}/words", world.hall.id);
        let _: WordsAnswer = world
            .operator
            .put(&path, &json!({"text": "代练"}))
            .await
            .expect("taken");
        let before = world.footprint().await;
        let text = format!("代打\n{}\n", "长".repeat(500));
        let answer: WordsAnswer = world
            .operator
            .put(&path, &json!({"text": text}))
            .await
            .expect("answered");
        assert_eq!(answer.broken.iter().map(|b| b.line).collect::<Vec<_>>(), [2]);
        assert!(
            !answer.broken[0].why.is_empty() && answer.text == text,
            "what was typed comes back to be mended"
        );
        let kept: WordsAnswer = world.operator.get(&path).await.expect("readable");
        assert_eq!(
            (kept.text.as_str(), kept.words),
            ("代练", 1),
            "half a list is no list: the old one stays"
        );
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn an_approved_post_appears_for_everybody_and_a_declined_one_only_for_its_author() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for body in ["可以公开的一句", "不合适的一句"] {
            assert_eq!(
                guest.comment(&session, body).await.expect("taken").state,
                Some(PostState::Held)
            );
        }
        assert_eq!(
            guest
                .question(&session, "可以公开的问题")
                .await
                .expect("taken")
                .state,
            Some(PostState::Held)
        );
        let queue = moderator.queue(&session, PostState::Held).await;
        assert_eq!(
            queue.iter().map(|i| i.body.as_str()).collect::<Vec<_>>(),
            ["可以公开的一句", "不合适的一句", "可以公开的问题"],
            "oldest first"
        );
        moderator
            .decide(&session, Verdict::Approve, &[&queue[0], &queue[2]])
            .await
            .expect("approved");
        moderator
            .decide(&session, Verdict::Decline, &[&queue[1]])
            .await
            .expect("declined");
        viewer
            .until_seen("both approved ones", |seen| {
                seen.comments.len() + seen.questions.len() == 2
            })
            .await;
        assert_eq!(
            (viewer.seen.comment_bodies(), viewer.seen.question_bodies()),
            (vec!["可以公开的一句"], vec!["可以公开的问题"])
        );
        assert!(!viewer.everything().contains("不合适的一句"));
        let own = guest
            .mine(&session)
            .await
            .posts
            .into_iter()
            .find(|p| p.state == PostState::Declined)
            .expect("the author sees it");
        assert_eq!(
            (own.body.as_str(), own.reason.as_str()),
            ("不合适的一句", "off_topic")
        );
    });
}

#[test]
fn a_retracted_post_disappears_everywhere_and_comes_back_when_restored() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        let said = guest.comment(&session, "先发后审的一句").await.expect("taken");
        let asked = guest.asked(&session, "先发后审的问题").await;
        let _: Value = world
            .operator
            .put(
                format!("/sessions/{session}/next-up"),
                &json!({"question_ids": [asked]}),
            )
            .await
            .expect("listed");
        world
            .operator
            .put_on_stage(&session, Some(&asked))
            .await
            .expect("on stage");
        let mut viewer = Viewer::open(&world.rest, &session).await;
        for id in [said.id.as_str(), asked.as_str()] {
            moderator
                .decide_now(&session, Verdict::Retract, id)
                .await
                .expect("retracted");
        }
        viewer
            .until_seen("both are gone", |seen| {
                seen.comments.is_empty() && seen.questions.is_empty() && seen.session().stage.is_none()
            })
            .await;
        for path in [
            "view",
            "comments",
            "questions",
            "ledger/raised",
            "ledger/declined",
        ] {
            let text = world.rest.text(format!("/sessions/{session}/{path}")).await;
            assert!(!text.contains("先发后审"), "{path}: {text}");
        }
        let fresh = Viewer::open(&world.rest, &session).await;
        assert!(
            !fresh.everything().contains("先发后审"),
            "a new view knows nothing of it"
        );
        for id in [said.id.as_str(), asked.as_str()] {
            moderator
                .decide_now(&session, Verdict::Restore, id)
                .await
                .expect("restored");
        }
        viewer
            .until_seen("both are back", |seen| {
                seen.comments.len() == 1 && seen.questions.len() == 1
            })
            .await;
    });
}

#[test]
fn who_comes_back_with_an_old_number_is_not_given_what_was_removed_meanwhile() {
    on_both(async |world| {
        let session = world.live().await;
        let viewer = Viewer::open(&world.rest, &session).await;
        let said = world
            .guest()
            .await
            .comment(&session, "发了又被撤的一句")
            .await
            .expect("taken");
        world
            .operator
            .decide_now(&session, Verdict::Retract, &said.id)
            .await
            .expect("retracted");
        let mut back = Viewer::resume(&world.rest, &session, &viewer.seen).await;
        back.until_seq(world.seq(&session).await).await;
        assert!(
            !back.everything().contains("发了又被撤的一句"),
            "{}",
            back.everything()
        );
        assert!(back.seen.comments.is_empty());
    });
}

#[test]
fn a_decision_can_be_undone_for_ten_seconds() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        let mut viewer = Viewer::open(&world.rest, &session).await;
        guest.comment(&session, "手滑通过的一句").await.expect("taken");
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        let decision = moderator
            .decide(&session, Verdict::Approve, &[&item])
            .await
            .expect("approved");
        viewer
            .until_seen("it appeared", |seen| seen.comments.len() == 1)
            .await;
        world.clock.advance_ms(UNDO_MS - 10);
        let undone = moderator.undo(&session, &decision).await.expect("in time");
        assert!(undone.decision.undone);
        assert_eq!(undone.decision.items[0].state, PostState::Held);
        viewer
            .until_seen("it is gone", |seen| seen.comments.is_empty())
            .await;
        assert_eq!(
            code(moderator.undo(&session, &decision).await),
            Code::Conflict,
            "undone already"
        );
        let item = moderator.queue(&session, PostState::Held).await.remove(0);
        let decision = moderator
            .decide(&session, Verdict::Decline, &[&item])
            .await
            .expect("declined");
        world.clock.advance_ms(UNDO_MS);
        let before = world.footprint().await;
        assert_eq!(code(moderator.undo(&session, &decision).await), Code::TooLate);
        assert_eq!(world.footprint().await, before, "nothing was written");
    });
}

#[test]
fn an_undo_gives_back_the_old_reason_and_not_what_somebody_else_decided_since() {
    on_both(async |world| {
        let session = world.live().await;
        let moderator = world.staff(Role::Moderator).await;
        let guest = world.guest().await;
        let first = guest.comment(&session, "第一条").await.expect("taken");
        let second = guest.comment(&session, "第二条的话").await.expect("taken");
        let items: Vec<QueueItem> = moderator.queue(&session, PostState::Published).await;
        let both = moderator
            .decide(&session, Verdict::Retract, &items.iter().collect::<Vec<_>>())
            .await
            .expect("retracted");
        moderator
            .decide_now(&session, Verdict::Restore, &second.id)
            .await
            .expect("restored by a colleague");
        let before = world.footprint().await;
        let refused = moderator
            .undo(&session, &both)
            .await
            .expect_err("one of them was changed since");
        assert_eq!(refused.error.code, Code::Conflict);
        assert_eq!(refused.error.params["ids"], second.id);
        assert_eq!(world.footprint().await, before, "all or nothing");
        let retracted = moderator.queue(&session, PostState::Retracted).await;
        assert_eq!(
            (
                retracted.len(),
                retracted[0].id.as_str(),
                retracted[0].reason.as_str()
            ),
            (1, first.id.as_str(), "off_topic")
        );
        let restore = moderator
            .decide(&session, Verdict::Restore, &[&retracted[0]])
            .await
            .expect("restored");
        moderator.undo(&session, &restore).await.expect("undone");
        assert_eq!(
            moderator.queue(&session, PostState::Retracted).await[0].reason,
            "off_topic"
        );
    });
}

#[test]
fn of_two_moderators_who_decide_at_once_the_second_is_told_which_posts_were_changed() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let moderator = world.staff(Role::Moderator).await;
        let colleague = world
            .colleague("second-moderator", &[(Role::Moderator, None)])
            .await;
        for i in 0..3 {
            world
                .guest()
                .await
                .comment(&session, &format!("第{i}条等审核"))
                .await
                .expect("taken");
        }
        let seen_by_both = moderator.queue(&session, PostState::Held).await;
        moderator
            .decide(&session, Verdict::Approve, &[&seen_by_both[1]])
            .await
            .expect("first");
        let before = world.footprint().await;
        let all: Vec<&QueueItem> = seen_by_both.iter().collect();
        let refused = colleague
            .decide(&session, Verdict::Decline, &all)
            .await
            .expect_err("one was decided");
        assert_eq!((refused.status, refused.error.code), (409, Code::Conflict));
        assert_eq!(refused.error.params["ids"], seen_by_both[1].id);
        assert_eq!(world.footprint().await, before, "all or nothing");
        colleague
            .decide(&session, Verdict::Decline, &[all[0], all[2]])
            .await
            .expect("the others");
    });
}

#[test]
fn hundreds_of_posts_are_decided_together_and_more_than_the_limit_are_refused() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let posts = (0..120).map(async |i| {
            world
                .guest()
                .await
                .comment(&session, &format!("等审核{i}"))
                .await
                .expect("taken")
        });
        futures_util::future::join_all(posts).await;
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: QueuePage = world
                .operator
                .get(format!("/sessions/{session}/queue?limit=50&cursor={cursor}"))
                .await
                .expect("readable");
            assert_eq!(page.total, 120);
            items.extend(page.items);
            let Some(next) = page.next_cursor else { break };
            cursor = next;
        }
        assert_eq!(items.len(), 120);
        let mut backstage = Viewer::backstage(&world.operator, &session).await;
        let view = backstage
            .until("the view", |m| {
                if let ServerMessage::BackstageView(view) = m {
                    Some(view.clone())
                } else {
                    None
                }
            })
            .await;
        assert_eq!((view.held.len(), view.held_total), (120, 120));
        world
            .operator
            .decide(&session, Verdict::Approve, &items.iter().collect::<Vec<_>>())
            .await
            .expect("all together");
        let decided = backstage
            .until("the decision", |m| match m {
                ServerMessage::Batch(batch) => batch.items.iter().find_map(|i| {
                    if let What::ItemsDecided { decision } = &i.what {
                        Some(decision.items.len())
                    } else {
                        None
                    }
                }),
                _ => None,
            })
            .await;
        assert_eq!(decided, 120);
        assert!(world.operator.queue(&session, PostState::Held).await.is_empty());
        let too_many: Vec<&QueueItem> = std::iter::repeat_n(&items[0], 501).collect();
        assert_eq!(
            code(world.operator.decide(&session, Verdict::Retract, &too_many).await),
            Code::OutOfRange
        );
        assert_eq!(
            code(world.operator.decide(&session, Verdict::Retract, &[]).await),
            Code::OutOfRange
        );
    });
}

#[test]
fn the_same_post_named_twice_in_one_decision_is_decided_once() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        world
            .guest()
            .await
            .comment(&session, "只有一条")
            .await
            .expect("taken");
        let item = world.operator.queue(&session, PostState::Held).await.remove(0);
        let decision = world
            .operator
            .decide(&session, Verdict::Approve, &[&item, &item])
            .await
            .expect("approved");
        assert_eq!(decision.decision.items.len(), 1);
    });
}

#[test]
fn the_author_is_owed_a_reason_from_the_table() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        world
            .guest()
            .await
            .comment(&session, "等一个理由")
            .await
            .expect("taken");
        let item = world.operator.queue(&session, PostState::Held).await.remove(0);
        let decline = |reason: &str, note: &str| json!({"verdict": "decline", "items": [{"kind": item.kind, "id": item.id, "revision": item.revision}], "reason": reason, "note": note});
        let path = format!("/sessions/{session}/decisions");
        for (reason, note, expected) in [
            ("", "", Code::Incomplete),
            ("because", "", Code::Incomplete),
            ("other", &"长".repeat(201), Code::TooLong),
        ] {
            assert_eq!(
                code(world.operator.post::<Value>(&path, &decline(reason, note)).await),
                expected,
                "{reason}"
            );
        }
        let reasons: Vec<ReasonFace> = world.rest.get("/reasons").await.expect("public");
        let by_hand: Vec<&ReasonFace> = reasons.iter().filter(|r| r.by_hand).collect();
        assert!(!by_hand.is_empty() && by_hand.iter().all(|r| !r.zh.is_empty() && !r.en.is_empty()));
        let _: Value = world
            .operator
            .post(&path, &decline(&by_hand[0].code, "换个说法"))
            .await
            .expect("declined");
        let declined = world.operator.queue(&session, PostState::Declined).await;
        assert_eq!(
            (declined[0].reason.as_str(), declined[0].note.as_str()),
            (by_hand[0].code.as_str(), "换个说法")
        );
    });
}

#[test]
fn a_post_the_author_took_back_no_moderator_brings_back() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let guest = world.guest().await;
        let ack = guest.comment(&session, "还是不说了").await.expect("taken");
        let seen = world.operator.queue(&session, PostState::Held).await.remove(0);
        guest
            .withdraw(&session, PostKind::Comment, &ack.id)
            .await
            .expect("own");
        assert!(
            world.operator.queue(&session, PostState::Held).await.is_empty(),
            "it leaves the queue"
        );
        for verdict in [Verdict::Approve, Verdict::Restore, Verdict::Decline] {
            assert_eq!(
                code(world.operator.decide(&session, verdict, &[&seen]).await),
                Code::Conflict,
                "{verdict}"
            );
            assert_eq!(
                code(world.operator.decide_now(&session, verdict, &ack.id).await),
                Code::Conflict,
                "{verdict}"
            );
        }
    });
}

#[test]
fn the_backstage_hears_of_every_held_post_and_every_decision_at_once() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        let mut desk = Viewer::backstage(&world.staff(Role::Host).await.rest, &session).await;
        desk.until("the view", |m| {
            matches!(m, ServerMessage::BackstageView(_)).then_some(())
        })
        .await;
        let ack = world
            .guest()
            .await
            .question(&session, "等审核的问题")
            .await
            .expect("taken");
        let queued = desk
            .until("the held question", |m| match m {
                ServerMessage::Batch(batch) => batch.items.iter().find_map(|i| {
                    if let What::ItemQueued { item } = &i.what {
                        Some(item.clone())
                    } else {
                        None
                    }
                }),
                _ => None,
            })
            .await;
        assert_eq!(
            (queued.id.as_str(), queued.state),
            (ack.id.as_str(), PostState::Held)
        );
        let decision = world
            .operator
            .decide(&session, Verdict::Approve, &[&queued])
            .await
            .expect("the revision told is the one to decide on");
        desk.until("the decision", |m| match m {
            ServerMessage::Batch(batch) => batch
                .items
                .iter()
                .any(|i| matches!(&i.what, What::ItemsDecided { decision: d } if d.id == decision.id))
                .then_some(()),
            _ => None,
        })
        .await;
        world.operator.undo(&session, &decision).await.expect("undone");
        desk.until("the undoing", |m| match m {
            ServerMessage::Batch(batch) => batch
                .items
                .iter()
                .any(|i| matches!(&i.what, What::ItemsDecided { decision: d } if d.undone))
                .then_some(()),
            _ => None,
        })
        .await;
        // Staff act over HTTP: this channel is for reading.
        let refusal = desk
            .refusal_of(r#"{"type":"comment","ref":"ref-backstage","body":"后台发言"}"#)
            .await;
        assert_eq!(refusal.code, Code::Forbidden);
    });
}

#[test]
fn the_queue_is_searched_for_what_was_typed_literally() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        for body in ["电费涨了50%", "电费涨了5成", "下划_线", "反\\斜杠"] {
            world.guest().await.comment(&session, body).await.expect("taken");
        }
        let find = async |q: &str| -> Vec<String> {
            let path = format!("/sessions/{session}/queue?q={}", crate::support::rest::encoded(q));
            let page: QueuePage = world.operator.get(path).await.expect("readable");
            assert_eq!(page.total, page.items.len() as u64);
            page.items.into_iter().map(|i| i.body).collect()
        };
        assert_eq!(find("50%").await, ["电费涨了50%"]);
        assert_eq!(find("_").await, ["下划_线"]);
        assert_eq!(find("\\").await, ["反\\斜杠"]);
        assert_eq!(find("电费").await.len(), 2);
        assert!(find("' OR 1=1 --").await.is_empty());
        let page: QueuePage = world
            .operator
            .get(format!("/sessions/{session}/queue?kind=question"))
            .await
            .expect("readable");
        assert_eq!((page.items.len(), page.counts), (0, vec![(PostState::Held, 4)]));
    });
}

#[test]
fn decisions_are_for_sessions_the_public_may_see_until_long_after_the_end() {
    on_both(async |world| {
        let session = world.live().await;
        let said = world
            .guest()
            .await
            .comment(&session, "结束以后才发现的问题话")
            .await
            .expect("taken");
        world.move_to(&session, SessionState::Ended).await.expect("ended");
        world
            .move_to(&session, SessionState::Closed)
            .await
            .expect("closed");
        world
            .operator
            .decide_now(&session, Verdict::Retract, &said.id)
            .await
            .expect("as long as it can be read");
        let fresh = Viewer::open(&world.rest, &session).await;
        assert!(fresh.seen.comments.is_empty());
    });
}

#[test]
fn a_moderator_sees_what_a_person_wrote_in_the_own_hall_only() {
    on_both(async |world| {
        let session = world.live().await;
        let guest = world.guest().await;
        guest.comment(&session, "说过的话").await.expect("taken");
        guest.asked(&session, "问过的问题").await;
        let moderator = world.staff(Role::Moderator).await;
        let card: AuthorCard = moderator
            .get(format!(
                "/participants/{}/card?hall_id={}",
                guest.face.id, world.hall.id
            ))
            .await
            .expect("wrote here");
        assert_eq!(
            (card.posts.len(), card.counts),
            (2, vec![(PostState::Published, 2)])
        );
        let silent = world.guest().await;
        assert_eq!(
            code(
                moderator
                    .get::<AuthorCard>(format!(
                        "/participants/{}/card?hall_id={}",
                        silent.face.id, world.hall.id
                    ))
                    .await
            ),
            Code::NotFound
        );
    });
}
