//! The disk is full: writes are refused, reading goes on, nothing is damaged, and it works again when there is room.

use tokio::process::Command;
use yishiting::domain::rejection::Code;

use crate::support::binary::Program;
use crate::support::database::texts;
use crate::support::world::{Kind, run};
use crate::support::{Viewer, World, eventually};

use super::{Outbox, send_all, world_for_a_process};

#[test]
fn on_a_full_disk_writes_are_unavailable_reading_goes_on_and_room_mends_it() {
    run(async {
        let mut world = World::start(Kind::Sqlite, &Default::default())
            .await
            .expect("SQLite is always there");
        let (session, config) = world_for_a_process(&world).await;
        let mut people = Vec::new();
        for _ in 0..250 {
            people.push(world.guest().await);
        }
        world.stop().await;
        let folder = world.database.folder.path().to_owned();
        let largest = std::fs::read_dir(&folder)
            .expect("readable")
            .flatten()
            .map(|f| f.metadata().expect("a file").len())
            .max()
            .expect("files");
        let program = Program::serve_with_files_up_to(&config, largest / 1_024 + 96).await;
        for person in &mut people {
            person.rest.base.clone_from(&program.base);
        }
        let viewer = Viewer::open(&people[0], &session).await;
        let mut outbox = Outbox::default();
        let mut refused = None;
        for (i, person) in people.iter().enumerate() {
            let (r#ref, body) = outbox.write(i);
            match person.comment_as(&session, r#ref.clone(), &body.repeat(40)).await {
                Ok(ack) => outbox.note(&r#ref, ack),
                Err(r) => {
                    refused = Some(r);
                    break;
                }
            }
        }
        let refused = refused.expect("the disk is full long before everybody has spoken");
        assert_eq!((refused.status, refused.error.code), (503, Code::Unavailable));
        assert!(refused.error.retry_after_ms.is_some());
        // Reading goes on.
        let late = Viewer::open(&people[1], &session).await;
        assert_eq!(late.seen.session().id, viewer.seen.session().id);
        assert!(
            people[1]
                .text(format!("/sessions/{session}/comments"))
                .await
                .contains("第0句")
        );
        // Room again, as after somebody cleaned up; the process is the same.
        let roomy = Command::new("prlimit")
            .arg(format!("--pid={}", program.pid()))
            .arg("--fsize=unlimited:unlimited")
            .status()
            .await
            .expect("there is prlimit");
        assert!(roomy.success());
        eventually("everything that was refused is taken", async || {
            send_all(&people, &session, &mut outbox).await;
            outbox.waiting().is_empty().then_some(())
        })
        .await;
        assert!(program.terminate().await.success());
        let db = world.database.open().await;
        outbox.compare_with(&db).await;
        assert_eq!(texts(&db, "PRAGMA integrity_check").await, ["ok"]);
        db.close().await;
        world.end().await;
    });
}
