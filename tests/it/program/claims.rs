//! Several moderators at one queue: who holds what, what happens to who comes too late, and that nothing stays stuck.

use std::collections::HashMap;

use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use yishiting::command::{ClaimInput, Claimed, CommandError, DecisionInput, Identity, Seen};
use yishiting::domain::claim::{CLAIMS_MAX, Conflict, ConflictCause, LEASE_MS};
use yishiting::domain::ids::{LeaseId, ParticipantId, SessionId, StaffId};
use yishiting::domain::rejection::Code;
use yishiting::domain::staff::{Grant, Staff as Account};
use yishiting::domain::time::Timestamp;
use yishiting::domain::words::{PostKind, PostState, Role, Tier, Verdict};
use yishiting::protocol::rest::{ClaimAnswer, DecisionAnswer, RenewAnswer};
use yishiting::protocol::server::{BackstageView, ClaimFace, QueueItem, ServerMessage, What};

use super::hold_all;
use crate::support::database::number;
use crate::support::rest::{Refused, code};
use crate::support::{Staff, Viewer, World, on_both};

async fn claim(staff: &Staff, session: &SessionId, request: Value) -> Result<ClaimAnswer, Refused> {
    staff.post(format!("/sessions/{session}/claims"), &request).await
}

async fn decide_under(
    staff: &Staff,
    session: &SessionId,
    verdict: &str,
    item: &QueueItem,
    lease: Option<&LeaseId>,
) -> Result<DecisionAnswer, Refused> {
    let item = json!({"kind": item.kind, "id": item.id, "revision": item.revision, "lease": lease});
    let request = json!({"verdict": verdict, "items": [item], "reason": "off_topic"});
    staff
        .post(format!("/sessions/{session}/decisions"), &request)
        .await
}

fn conflicts(refused: &Refused) -> Vec<Conflict> {
    serde_json::from_str(&refused.error.params["conflicts"]).expect("told in JSON")
}

/// A session with held comments, and two moderators.
async fn two_at_a_desk(world: &World, comments: usize) -> (SessionId, Staff, Staff, Vec<QueueItem>) {
    let session = world.live_with(hold_all()).await;
    for i in 0..comments {
        world.clock.advance_ms(10);
        let guest = world.guest().await;
        guest
            .comment(&session, &format!("第{i}条等审核的话"))
            .await
            .expect("taken");
    }
    let first = world.staff(Role::Moderator).await;
    let second = world
        .colleague("second-moderator", &[(Role::Moderator, None)])
        .await;
    let items = first.queue(&session, PostState::Held).await;
    (session, first, second, items)
}

fn view_of(message: &ServerMessage) -> Option<Box<BackstageView>> {
    match message {
        ServerMessage::BackstageView(view) => Some(view.clone()),
        _ => None,
    }
}

fn claims_of(message: &ServerMessage) -> Option<(Vec<ClaimFace>, Vec<LeaseId>)> {
    let ServerMessage::Batch(batch) = message else {
        return None;
    };
    batch.items.iter().find_map(|i| match &i.what {
        What::ClaimsChanged { claims, released, .. } => Some((claims.clone(), released.clone())),
        _ => None,
    })
}

#[test]
fn what_one_moderator_holds_another_leaves_alone_until_it_is_let_go_or_taken_over() {
    on_both(async |world| {
        let (session, first, second, items) = two_at_a_desk(world, 2).await;
        let wanted = json!({"item": {"kind": "comment", "id": items[0].id}});
        let mine = claim(&first, &session, wanted.clone())
            .await
            .expect("free")
            .claim
            .expect("held");
        assert_eq!(mine.until_ms, world.clock.now().plus_ms(LEASE_MS));
        let before = world.footprint().await;
        let refused = claim(&second, &session, wanted.clone()).await.expect_err("held");
        let told = conflicts(&refused).remove(0);
        assert_eq!((refused.status, told.why), (409, ConflictCause::Claimed));
        assert_eq!(
            (told.by_name, told.until_ms),
            (mine.by_name.clone(), Some(mine.until_ms))
        );
        let refused = decide_under(&second, &session, "approve", &items[0], None)
            .await
            .expect_err("held by a colleague");
        assert_eq!(
            (refused.error.code, conflicts(&refused)[0].why),
            (Code::Conflict, ConflictCause::Claimed)
        );
        assert_eq!(world.footprint().await, before, "nothing was written");

        let mut desk = Viewer::backstage(&first, &session).await;
        assert_eq!(
            desk.until("the view", view_of).await.claims,
            std::slice::from_ref(&mine),
            "everybody sees who holds what"
        );
        let taken = claim(
            &second,
            &session,
            json!({"item": {"kind": "comment", "id": items[0].id}, "take_over": true}),
        )
        .await
        .expect("taken over")
        .claim
        .expect("held");
        assert_ne!(taken.lease, mine.lease);
        let (heard, _) = desk.until("the notice", claims_of).await;
        assert_eq!(
            (heard[0].taken_from.as_str(), &heard[0].lease),
            (mine.by_name.as_str(), &taken.lease),
            "the former holder is told"
        );
        let refused = decide_under(&first, &session, "approve", &items[0], Some(&mine.lease))
            .await
            .expect_err("the lease was lost");
        assert_eq!(conflicts(&refused)[0].why, ConflictCause::Claimed);
        let renewed: RenewAnswer = first
            .post(
                format!("/sessions/{session}/claims/renew"),
                &json!({"leases": [mine.lease]}),
            )
            .await
            .expect("answered");
        assert_eq!((renewed.claims.len(), renewed.lost), (0, vec![mine.lease]));
        let decided = decide_under(&second, &session, "decline", &items[0], Some(&taken.lease))
            .await
            .expect("the holder decides");
        world.clock.advance_s(3);
        let refused = decide_under(&first, &session, "approve", &items[0], None)
            .await
            .expect_err("too late");
        let told = conflicts(&refused).remove(0);
        assert_eq!(
            (told.why, told.verdict, told.state),
            (
                ConflictCause::Decided,
                Some(Verdict::Decline),
                PostState::Declined
            ),
            "what the other did"
        );
        assert_eq!(
            (told.by_name, told.at_ms),
            (taken.by_name, Some(decided.decision.at_ms)),
            "who, and when"
        );
    });
}

#[test]
fn a_claim_ends_by_itself_unless_it_is_renewed() {
    on_both(async |world| {
        let (session, first, second, items) = two_at_a_desk(world, 1).await;
        let wanted = json!({"item": {"kind": "comment", "id": items[0].id}});
        let mine = claim(&first, &session, wanted.clone())
            .await
            .expect("free")
            .claim
            .expect("held");
        // Every request takes a millisecond of this clock.
        world.clock.advance_ms(LEASE_MS - 100);
        assert_eq!(
            code(claim(&second, &session, wanted.clone()).await),
            Code::Conflict
        );
        let renewed: RenewAnswer = first
            .post(
                format!("/sessions/{session}/claims/renew"),
                &json!({"leases": [mine.lease]}),
            )
            .await
            .expect("renewed");
        assert_eq!(
            renewed.claims[0].until_ms,
            world.clock.now().plus_ms(LEASE_MS),
            "held on"
        );
        // Every request takes a millisecond of this clock.
        world.clock.advance_ms(LEASE_MS - 100);
        assert_eq!(
            code(claim(&second, &session, wanted.clone()).await),
            Code::Conflict
        );
        // The browser of the first one crashed.
        world.clock.advance_ms(100);
        claim(&second, &session, wanted).await.expect("free again");
        let refused = decide_under(&first, &session, "approve", &items[0], Some(&mine.lease))
            .await
            .expect_err("a colleague has it now");
        assert_eq!(refused.error.code, Code::Conflict);
    });
}

#[test]
fn who_asks_for_the_next_one_gets_the_longest_waiting_that_nobody_holds() {
    on_both(async |world| {
        let (session, first, second, items) = two_at_a_desk(world, 4).await;
        let next = json!({});
        let a = claim(&first, &session, next.clone())
            .await
            .expect("answered")
            .claim
            .expect("one");
        let b = claim(&second, &session, next.clone())
            .await
            .expect("answered")
            .claim
            .expect("one");
        assert_eq!(
            (a.id.as_str(), b.id.as_str()),
            (items[0].id.as_str(), items[1].id.as_str())
        );
        // Asking for one that is held gives the next one if that is wanted; what is put aside is left out.
        let c = claim(
            &first,
            &session,
            json!({"item": {"kind": "comment", "id": b.id}, "or_next": true, "skip": [items[2].id], "release": [a.lease]}),
        )
        .await
        .expect("answered")
        .claim
        .expect("one");
        assert_eq!(
            c.id, items[0].id,
            "what was let go of with it is the oldest free one again"
        );
        let d = claim(&second, &session, json!({"skip": [items[2].id]}))
            .await
            .expect("answered")
            .claim
            .expect("one");
        assert_eq!(d.id, items[3].id);
        let none = claim(&first, &session, json!({"kind": "question"}))
            .await
            .expect("answered");
        assert!(none.claim.is_none() && none.item.is_none());
        let _: Value = first
            .post(
                format!("/sessions/{session}/claims/release"),
                &json!({"leases": [c.lease, b.lease]}),
            )
            .await
            .unwrap_or(Value::Null);
        let left = number(world.db(), "SELECT COUNT(*) FROM claim").await;
        assert_eq!(left, 2, "nobody lets go of what a colleague holds");
    });
}

#[test]
fn what_was_let_go_of_with_a_claim_that_fails_stays_let_go_of() {
    on_both(async |world| {
        let (session, first, second, items) = two_at_a_desk(world, 2).await;
        let of = |i: usize| json!({"kind": "comment", "id": items[i].id});
        let mine = claim(&first, &session, json!({"item": of(0)}))
            .await
            .expect("free")
            .claim
            .expect("held");
        claim(&second, &session, json!({"item": of(1)}))
            .await
            .expect("free");
        let refused = claim(&first, &session, json!({"item": of(1), "release": [mine.lease]})).await;
        assert_eq!(code(refused), Code::Conflict);
        claim(&second, &session, json!({"item": of(0)}))
            .await
            .expect("let go of");
    });
}

#[test]
fn who_holds_as_many_as_one_may_can_still_hold_them_anew() {
    on_both(async |world| {
        let (session, first, _, items) = two_at_a_desk(world, CLAIMS_MAX + 1).await;
        let of = |i: usize| json!({"item": {"kind": "comment", "id": items[i].id}});
        for i in 0..CLAIMS_MAX {
            claim(&first, &session, of(i)).await.expect("free");
        }
        claim(&first, &session, of(0)).await.expect("one's own");
        assert_eq!(
            code(claim(&first, &session, of(CLAIMS_MAX)).await),
            Code::OutOfRange
        );
    });
}

/// A moderator of the simulation: a page at a desk whose browser freezes and crashes.
struct Bot {
    account: Account,
    state: BotState,
}

enum BotState {
    Idle,
    Reading {
        claimed: Box<Claimed>,
        since_ms: i64,
    },
    /// The page stands still: nothing is renewed, and then it goes on as if nothing had happened.
    Frozen {
        claimed: Box<Claimed>,
        until_ms: i64,
    },
    /// The browser is gone with all it knew.
    Dead {
        until_ms: i64,
    },
}

/// What is watched from outside while it runs.
#[derive(Default)]
struct Watch {
    /// Items whose holder stopped, and when.
    abandoned: HashMap<String, Timestamp>,
    stuck_ms_max: i64,
    conflicts: usize,
    freezes: usize,
    kills: usize,
    takeovers: usize,
}

impl Watch {
    fn touched(&mut self, id: &str, now: Timestamp) {
        if let Some(since) = self.abandoned.remove(id) {
            self.stuck_ms_max = self.stuck_ms_max.max(now.since_ms(since));
        }
    }
}

fn refused(error: &CommandError) -> Code {
    match error {
        CommandError::Rejected(r) => r.code,
        CommandError::Store(e) => panic!("the store failed: {e}"),
    }
}

/// What a bot does in one second of the clock.
enum Step {
    Nothing,
    Claim(ClaimInput),
    Renew(LeaseId),
    Decide(Verdict),
}

const BOTS: u32 = 20;
const ITEMS: usize = 2_000;

#[test]
fn twenty_moderators_with_freezes_and_crashes_decide_two_thousand_items_once_each_and_none_stays_stuck() {
    on_both(async |world| {
        let session = world.live_with(hold_all()).await;
        fill(world, &session).await;
        let mut chance = StdRng::seed_from_u64(4);
        let mut bots: Vec<Bot> = (0..BOTS)
            .map(|i| Bot {
                account: account(world, i),
                state: BotState::Idle,
            })
            .collect();
        let mut watch = Watch::default();
        let mut decided: HashMap<String, u32> = HashMap::new();
        let mut seconds = 0;
        while decided.values().sum::<u32>() < u32::try_from(ITEMS).expect("small") {
            seconds += 1;
            assert!(
                seconds < 20_000,
                "{} of {ITEMS} decided and no end",
                decided.len()
            );
            world.clock.advance_s(1);
            second(world, &session, &mut bots, &mut chance, &mut watch, &mut decided).await;
        }
        let now = world.clock.now();
        for since in watch.abandoned.values() {
            watch.stuck_ms_max = watch.stuck_ms_max.max(now.since_ms(*since));
        }
        let twice = number(
            world.db(),
            "SELECT COUNT(*) FROM (SELECT post_id FROM decision_item i JOIN decision d ON d.id = i.decision_id WHERE NOT d.undone GROUP BY post_id HAVING COUNT(*) > 1) twice",
        )
        .await;
        assert_eq!(twice, 0, "decided twice");
        assert!(decided.values().all(|&n| n <= 1), "a bot was told so twice");
        let left = number(world.db(), "SELECT COUNT(*) FROM comment WHERE state = 'held'").await;
        assert_eq!(left, 0, "nothing is left");
        assert!(
            watch.stuck_ms_max <= 60_000,
            "an item was stuck for {} ms",
            watch.stuck_ms_max
        );
        assert!(
            watch.freezes > 20 && watch.kills > 20 && watch.takeovers > 5 && watch.conflicts > 5,
            "the run was too calm to mean anything"
        );
        eprintln!(
            "{seconds} s of the clock, {} freezes, {} crashes, {} taken over, {} too late, longest stuck {} ms",
            watch.freezes, watch.kills, watch.takeovers, watch.conflicts, watch.stuck_ms_max
        );
    });
}

fn account(world: &World, i: u32) -> Account {
    Account {
        id: StaffId::new(Timestamp::from_ms(1), i),
        login_name: format!("bot-{i}"),
        name: format!("审核员{i}"),
        operator: false,
        grants: vec![Grant {
            hall_id: world.hall.id.clone(),
            role: Role::Moderator,
            department_id: None,
        }],
    }
}

async fn fill(world: &World, session: &SessionId) {
    for round in 0..ITEMS / 500 {
        world.clock.advance_s(20);
        let posts = (0..500).map(async |i| {
            let who = Identity {
                id: ParticipantId::new(Timestamp::from_ms(2), i),
                tier: Tier::Member,
                name: format!("邻居{i}"),
                until: world.clock.now().plus_ms(86_400_000),
            };
            let stored = world
                .commands()
                .post_comment(
                    &who,
                    session,
                    &format!("ref-{round}-{i}"),
                    &format!("第{round}轮第{i}条"),
                )
                .await
                .expect("taken");
            assert_eq!(stored.state, PostState::Held);
        });
        join_all(posts).await;
    }
}

/// All bots act at once, as they would.
async fn second(
    world: &World,
    session: &SessionId,
    bots: &mut [Bot],
    chance: &mut StdRng,
    watch: &mut Watch,
    decided: &mut HashMap<String, u32>,
) {
    let now = world.clock.now();
    let held_by_others: Vec<(PostKind, String)> = bots
        .iter()
        .filter_map(|b| match &b.state {
            BotState::Reading { claimed, .. } => Some((claimed.claim.kind, claimed.claim.id.clone())),
            _ => None,
        })
        .collect();
    let steps: Vec<Step> = bots
        .iter_mut()
        .map(|bot| step(bot, now, &held_by_others, chance, watch))
        .collect();
    let acts = bots
        .iter_mut()
        .zip(steps)
        .map(|(bot, step)| act(world, session, bot, step));
    for event in join_all(acts).await {
        match event {
            Happened::Nothing => {}
            Happened::Claimed { id, taken_over } => {
                watch.touched(&id, now);
                watch.takeovers += usize::from(taken_over);
            }
            Happened::TooLate => watch.conflicts += 1,
            Happened::Decided { id } => {
                watch.touched(&id, now);
                *decided.entry(id).or_default() += 1;
            }
        }
    }
}

fn step(
    bot: &mut Bot,
    now: Timestamp,
    others: &[(PostKind, String)],
    chance: &mut StdRng,
    watch: &mut Watch,
) -> Step {
    match std::mem::replace(&mut bot.state, BotState::Idle) {
        BotState::Idle => Step::Claim(if !others.is_empty() && chance.random_bool(0.01) {
            ClaimInput {
                item: others.get(chance.random_range(0..others.len())).cloned(),
                take_over: true,
                or_next: true,
                ..ClaimInput::default()
            }
        } else {
            ClaimInput::default()
        }),
        BotState::Reading { claimed, .. } if chance.random_bool(0.01) => {
            watch.freezes += 1;
            watch.abandoned.insert(claimed.claim.id.clone(), now);
            let until_ms = now.ms() + chance.random_range(10_000..150_000);
            bot.state = BotState::Frozen { claimed, until_ms };
            Step::Nothing
        }
        BotState::Reading { claimed, .. } if chance.random_bool(0.01) => {
            watch.kills += 1;
            watch.abandoned.insert(claimed.claim.id.clone(), now);
            bot.state = BotState::Dead {
                until_ms: now.ms() + 5_000,
            };
            Step::Nothing
        }
        BotState::Reading { claimed, since_ms } => {
            let decides = chance.random_bool(0.3);
            let lease = claimed.claim.lease.clone();
            let renews = (now.ms() - since_ms) % 15_000 == 0 && now.ms() > since_ms;
            bot.state = BotState::Reading { claimed, since_ms };
            if decides {
                Step::Decide(if chance.random_bool(0.7) {
                    Verdict::Approve
                } else {
                    Verdict::Decline
                })
            } else if renews {
                Step::Renew(lease)
            } else {
                Step::Nothing
            }
        }
        BotState::Frozen { claimed, until_ms } if now.ms() >= until_ms => {
            // It wakes and the hand comes down on what it still shows.
            bot.state = BotState::Reading {
                claimed,
                since_ms: now.ms(),
            };
            Step::Decide(Verdict::Approve)
        }
        BotState::Dead { until_ms } if now.ms() >= until_ms => Step::Nothing,
        waiting => {
            bot.state = waiting;
            Step::Nothing
        }
    }
}

enum Happened {
    Nothing,
    Claimed { id: String, taken_over: bool },
    TooLate,
    Decided { id: String },
}

async fn act(world: &World, session: &SessionId, bot: &mut Bot, step: Step) -> Happened {
    let commands = world.commands();
    match step {
        Step::Nothing => Happened::Nothing,
        Step::Claim(input) => match commands.claim_post(&bot.account, session, input).await {
            Ok(Some(claimed)) => {
                let (id, taken_over) = (claimed.claim.id.clone(), !claimed.claim.taken_from.is_empty());
                bot.state = BotState::Reading {
                    since_ms: claimed.claim.at.ms(),
                    claimed: Box::new(claimed),
                };
                Happened::Claimed { id, taken_over }
            }
            Ok(None) => Happened::Nothing,
            Err(error) => panic!("{error}"),
        },
        Step::Renew(lease) => {
            let (_, lost) = commands
                .renew_claims(&bot.account, session, vec![lease])
                .await
                .expect("answered");
            if !lost.is_empty() {
                bot.state = BotState::Idle;
            }
            Happened::Nothing
        }
        Step::Decide(verdict) => {
            let BotState::Reading { claimed, .. } = std::mem::replace(&mut bot.state, BotState::Idle) else {
                return Happened::Nothing;
            };
            let input = DecisionInput {
                verdict,
                items: vec![Seen {
                    kind: claimed.claim.kind,
                    id: claimed.claim.id.clone(),
                    revision: claimed.post.post().revision,
                    lease: Some(claimed.claim.lease.clone()),
                }],
                reason: "off_topic".into(),
                note: String::new(),
            };
            match commands.decide_posts(&bot.account, session, input).await {
                Ok(_) => Happened::Decided {
                    id: claimed.claim.id.clone(),
                },
                Err(error) => {
                    assert_eq!(refused(&error), Code::Conflict);
                    Happened::TooLate
                }
            }
        }
    }
}
