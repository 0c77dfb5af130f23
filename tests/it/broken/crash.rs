//! `kill -9` in the middle of posting.

use crate::support::binary::Program;
use crate::support::world::{Kind, run};
use crate::support::{Rest, World};

use super::{Outbox, send_all, world_for_a_process};

/// Times the process is killed. The load tester does it twenty times and longer.
const KILLS: usize = 4;
/// People who post, each as many comments at once as the limits allow a guest.
const PEOPLE: usize = 30;

#[test]
fn what_was_acknowledged_before_a_kill_is_stored_and_nothing_is_stored_twice() {
    run(async {
        for kind in [Kind::Sqlite, Kind::Postgres] {
            let Some(mut world) = World::start(kind, &Default::default()).await else {
                continue;
            };
            let (session, config) = world_for_a_process(&world).await;
            let mut outbox = Outbox::default();
            let mut everybody = Vec::new();
            let mut killed_while_posting = 0;
            for round in 0..KILLS {
                let first = everybody.len();
                for _ in 0..PEOPLE {
                    everybody.push(world.guest().await);
                }
                world.stop().await;
                let program = Program::serve(&config).await;
                let mut people = everybody.clone();
                for person in &mut people {
                    person.rest.base.clone_from(&program.base);
                }
                for person in first..people.len() {
                    for _ in 0..4 {
                        outbox.write(person);
                    }
                }
                let before = outbox.acknowledged.len();
                // Killed as soon as a part of this round was acknowledged, so that the rest is on its way.
                let (acknowledged, mut seen) = tokio::sync::watch::channel(0_usize);
                for person in &mut people {
                    person.acknowledged = Some(acknowledged.clone());
                }
                let kill = async {
                    let wanted = 10 + round * 25;
                    drop(seen.wait_for(|n| *n >= wanted).await);
                    program.kill().await;
                };
                tokio::join!(send_all(&people, &session, &mut outbox), kill);
                let got = outbox.acknowledged.len() - before;
                killed_while_posting += usize::from(got < PEOPLE * 4);
                let db = world.database.open().await;
                outbox.compare_with(&db).await;
                db.close().await;
                world.start_again().await;
                // What got no answer is sent again under its name, as a page does after a reload.
                let people: Vec<_> = everybody.clone();
                send_all(&people, &session, &mut outbox).await;
                outbox.compare_with(world.db()).await;
            }
            assert!(killed_while_posting > 0, "at least one kill came in the middle");
            assert!(outbox.waiting().is_empty(), "everything arrived in the end");
            let rest: &Rest = &world.rest;
            let listed: serde_json::Value = rest
                .get(format!("/sessions/{session}/comments?limit=1"))
                .await
                .expect("readable");
            assert_eq!(listed["comments"].as_array().map(Vec::len), Some(1));
            world.end().await;
        }
    });
}
