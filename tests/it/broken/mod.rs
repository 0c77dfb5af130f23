//! Surroundings that break: the database is away, the process is killed, the disk is full, the service is stopped.

mod crash;
mod database_away;
mod disk_full;
mod stopping;

use std::collections::BTreeMap;

use yishiting::domain::ids::SessionId;
use yishiting::protocol::client::Ref;
use yishiting::protocol::server::Ack;
use yishiting::store::Db;

use crate::support::database::{number, texts};
use crate::support::world::{Setup, World, config_text};
use crate::support::{Netizen, new_ref};

/// What was sent and what was acknowledged.
#[derive(Default)]
struct Outbox {
    sent: BTreeMap<String, (usize, String)>,
    acknowledged: BTreeMap<String, Ack>,
}

impl Outbox {
    /// A new post of a person, to be sent now or again.
    fn write(&mut self, author: usize) -> (Ref, String) {
        let r#ref = new_ref();
        let body = format!("第{}句", self.sent.len());
        self.sent
            .insert(r#ref.as_str().to_owned(), (author, body.clone()));
        (r#ref, body)
    }
    fn note(&mut self, r#ref: &Ref, ack: Ack) {
        self.acknowledged.insert(r#ref.as_str().to_owned(), ack);
    }
    /// What has no acknowledgement yet.
    fn waiting(&self) -> Vec<(Ref, usize, String)> {
        let unknown = self
            .sent
            .iter()
            .filter(|(r, _)| !self.acknowledged.contains_key(*r));
        unknown
            .map(|(r, (author, body))| (r.clone().try_into().expect("a ref"), *author, body.clone()))
            .collect()
    }
    /// Nothing acknowledged is missing, nothing is there twice, nobody wrote what was not sent.
    async fn compare_with(&self, db: &Db) {
        let stored = texts(db, "SELECT client_ref FROM comment").await;
        for (r#ref, ack) in &self.acknowledged {
            assert!(
                stored.contains(r#ref),
                "{ref} was acknowledged as number {:?} and is not stored",
                ack.number
            );
        }
        assert!(
            stored.iter().all(|r| self.sent.contains_key(r)),
            "only what was sent is stored"
        );
        let distinct: std::collections::BTreeSet<&String> = stored.iter().collect();
        assert_eq!(distinct.len(), stored.len(), "nothing is stored twice");
        let (count, last) = (
            number(db, "SELECT COUNT(*) FROM comment").await,
            number(db, "SELECT COALESCE(MAX(number), 0) FROM comment").await,
        );
        assert_eq!(count, last, "the numbers have no holes");
        let (events, seq) = (
            number(db, "SELECT COUNT(*) FROM event WHERE channel = 'public'").await,
            number(db, "SELECT MAX(public_seq) FROM session").await,
        );
        assert_eq!(events, seq, "the log has no holes");
    }
}

/// Sends everything that has no acknowledgement, each person one after the other and all people at once; notes what is acknowledged.
async fn send_all(people: &[Netizen], session: &SessionId, outbox: &mut Outbox) {
    let mut queues: Vec<Vec<(Ref, String)>> = people.iter().map(|_| Vec::new()).collect();
    for (r#ref, author, body) in outbox.waiting() {
        queues[author].push((r#ref, body));
    }
    let answers = futures_util::future::join_all(people.iter().zip(queues).map(async |(person, queue)| {
        let mut answers = Vec::new();
        for (r#ref, body) in queue {
            let ack = person.try_comment_as(session, r#ref.clone(), &body).await;
            answers.push((r#ref, ack));
        }
        answers
    }));
    for (r#ref, ack) in answers.await.into_iter().flatten() {
        if let Some(ack) = ack {
            outbox.note(&r#ref, ack);
        }
    }
}

/// A world whose people go on when another process serves them: its clock is the machine's, its key lies in the data folder.
pub(crate) async fn world_for_a_process(world: &World) -> (SessionId, std::path::PathBuf) {
    let session = world.live().await;
    world.clock.set_to_now();
    let folder = world.database.folder.path();
    std::fs::create_dir_all(folder.join("data")).expect("writable");
    std::fs::write(folder.join("data/secret.key"), world.setup.key).expect("writable");
    let config =
        crate::support::binary::configuration(folder, &config_text(&world.database, &Setup::default()));
    (session, config)
}
