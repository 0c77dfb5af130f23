//! The simulated crowd: netizens who come in by the same door as everybody else and know nothing else of the server.
//!
//! [`Director`] decides what is written, when and by whom, by looking at what every viewer sees ([`World`]); a [`Person`] has a
//! nickname, a token and a WebSocket and does what a page would do: greets, sends, keeps what is not acknowledged, comes back with `?since=`.
//! The crowd knows no command and no store.

mod director;
pub mod names;
mod person;
mod speech;
mod world;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::director::Director;
use self::names::Namer;
use self::person::Person;
use self::world::World;
use super::texts::CROWD;
use crate::domain::ids::SessionId;
use crate::domain::words::PostKind;

/// Everybody has come after this long.
const ARRIVAL: Duration = Duration::from_secs(20);
/// Deeds that may wait for one person; more means the person is away, and they are dropped.
const DEEDS_MAX: usize = 8;
/// One person in so many proves a phone.
const VERIFIED_OF: usize = 10;
/// Silence of a request after which it is given up.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// Who comes, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's public door.
    pub address: SocketAddr,
    pub session: SessionId,
    /// How many, the one who only watches included.
    pub people: usize,
    /// What chance starts from.
    pub seed: u64,
}

/// What everybody of the crowd shares.
struct Shared {
    address: SocketAddr,
    session: SessionId,
    http: reqwest::Client,
    /// What is on everybody's screen, kept by the one who only watches. Short lock, never over an await.
    world: Mutex<World>,
    waiting: Waiting,
}

/// How many posts of the crowd wait for a moderator, as their authors know. A crowd that sees nothing published asks less.
#[derive(Debug, Default)]
struct Waiting {
    questions: AtomicI64,
    comments: AtomicI64,
}

impl Waiting {
    fn of(&self, kind: PostKind) -> &AtomicI64 {
        match kind {
            PostKind::Question => &self.questions,
            PostKind::Comment => &self.comments,
        }
    }
    fn count(&self, kind: PostKind) -> u32 {
        u32::try_from(self.of(kind).load(Ordering::Relaxed)).unwrap_or(0)
    }
    fn add(&self, kind: PostKind, n: i64) {
        self.of(kind).fetch_add(n, Ordering::Relaxed);
    }
}

impl Shared {
    fn lock_world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("nobody panics while looking at the screen")
    }
    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.address)
    }
}

/// The crowd while it is there.
pub struct Crowd {
    tasks: JoinSet<()>,
}

impl Crowd {
    /// Sends everybody on their way.
    pub fn start(options: &Options) -> anyhow::Result<Self> {
        // The own machine is never reached through a proxy.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(REQUEST_MAX)
            .pool_max_idle_per_host(4)
            .build()?;
        let shared = Arc::new(Shared {
            address: options.address,
            session: options.session.clone(),
            http,
            world: Mutex::default(),
            waiting: Waiting::default(),
        });
        let mut tasks = JoinSet::new();
        if options.people == 0 {
            return Ok(Self { tasks });
        }
        tasks.spawn(world::watch(shared.clone()));
        let mut chance = StdRng::seed_from_u64(options.seed);
        let mut namer = Namer::new(StdRng::seed_from_u64(options.seed ^ 1));
        let mut people = Vec::with_capacity(options.people - 1);
        for i in 0..options.people - 1 {
            let (sender, deeds) = mpsc::channel(DEEDS_MAX);
            let home = &CROWD.places[chance.random_range(0..CROWD.places.len())];
            people.push(director::Seat { deeds: sender, home });
            let person = Person {
                names: namer.names_to_try(i, home),
                phone: (i % VERIFIED_OF == 3).then(|| format!("199{:08}", i)),
                // More come at once than late.
                arrival: ARRIVAL.mul_f64(chance.random::<f64>().powf(1.5)),
                chance: StdRng::seed_from_u64(options.seed.wrapping_add(100 + i as u64)),
            };
            tasks.spawn(person.live(shared.clone(), deeds));
        }
        tasks.spawn(Director::new(shared, people, StdRng::seed_from_u64(options.seed ^ 2)).direct());
        Ok(Self { tasks })
    }

    /// Everybody leaves at once.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
