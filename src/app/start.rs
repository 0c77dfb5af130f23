//! Start and stop, in order. Tests use the same door.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::config::Config;
use super::join::{FromStore, ToHub};
use crate::command::{Chance, Clock, CodeSender, Commands, IdentityKey, Options as CommandOptions};
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;
use crate::http::{self, DemonstrationLink, Door, Gate, Patience};
use crate::hub::{self, Hub, Tickets};
use crate::store::{Db, Options as DbOptions, Tail, Writer, WriterOptions};
use crate::ws::Conversations;

/// Connections the kernel keeps while we are busy; a reconnect storm fills 128 in a millisecond. Linux caps it at somaxconn.
const BACKLOG: u32 = 4_096;
/// From the end of the drain to the next process listening, when there is no other node to go to.
const RESTART: Duration = Duration::from_secs(1);
/// How often figures are noted and caches swept.
const HOUSEKEEPING_EVERY: Duration = Duration::from_secs(30);
/// How often the end of emergency presets is looked for: people wait for it.
const EMERGENCIES_EVERY: Duration = Duration::from_secs(1);

/// What the program takes from its surroundings.
#[derive(Clone)]
pub struct Surroundings {
    pub clock: Clock,
    pub chance: Chance,
    pub key: IdentityKey,
    pub code_sender: Arc<dyn CodeSender>,
    /// Links of the demonstration, empty in production.
    pub demonstration: Option<Arc<Vec<DemonstrationLink>>>,
    /// Crowd and load tests come from this machine and are not held to the limits of an address.
    pub exempt_loopback: bool,
    /// Renders the metrics.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Surroundings {
    /// Those of this machine.
    pub fn of_this_machine(config: &Config, demonstration: bool) -> anyhow::Result<Self> {
        let metrics = super::telemetry::start_metrics();
        Ok(Self {
            clock: Arc::new(now),
            chance: Arc::new(chance),
            key: super::secret::load_or_make(&config.data_dir)?,
            code_sender: super::sms::sender(&config.phone, demonstration)?,
            demonstration: None,
            exempt_loopback: demonstration,
            metrics: Arc::new(move || {
                metrics
                    .as_ref()
                    .map(metrics_exporter_prometheus::PrometheusHandle::render)
                    .unwrap_or_default()
            }),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the outermost layer reads the clock")]
fn now() -> Timestamp {
    Timestamp::from_ms(jiff::Timestamp::now().as_millisecond())
}

#[expect(clippy::disallowed_methods, reason = "the outermost layer makes randomness")]
fn chance() -> u32 {
    rand::random()
}

/// Database and commands, without network: what the command line works with.
pub struct Parts {
    pub db: Db,
    pub commands: Commands,
    committed: Option<mpsc::UnboundedReceiver<SessionId>>,
    wake: mpsc::UnboundedSender<SessionId>,
    writing: tokio::task::JoinHandle<()>,
}

impl Parts {
    /// Opens the database, brings it to the version of the program, starts the writer.
    pub async fn open(config: &Config, surroundings: &Surroundings) -> anyhow::Result<Self> {
        if let Some(path) = config.database.strip_prefix("sqlite:")
            && let Some(folder) = std::path::Path::new(path.split('?').next().unwrap_or(path)).parent()
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("could not create {}", folder.display()))?;
        }
        let options = DbOptions {
            url: config.database.clone(),
            connections_max: config.database_connections,
            wait_ms: config.database_wait_ms,
        };
        let db = Db::connect(&options)
            .await
            .context("could not open the database")?;
        db.migrate().await.context("could not migrate the database")?;
        // Holds session ids of commits not yet followed: bounded by the pace of commits, which wait for the disk.
        #[expect(
            clippy::disallowed_methods,
            reason = "a wake-up that were dropped would be an event nobody sees; the sender is our own writer"
        )]
        let (wake, committed) = mpsc::unbounded_channel();
        let (writer, writing) = Writer::start(db.clone(), &WriterOptions::default(), wake.clone());
        let options = CommandOptions {
            key: surroundings.key.clone(),
            login_hours: config.login_hours,
            exempt_loopback: surroundings.exempt_loopback,
        };
        let commands = Commands::new(
            db.clone(),
            writer,
            surroundings.clock.clone(),
            surroundings.chance.clone(),
            options,
            surroundings.code_sender.clone(),
            super::classifier::classifier(&config.classifier)?,
        );
        Ok(Self {
            db,
            commands,
            committed: Some(committed),
            wake,
            writing,
        })
    }

    /// Stops the writer after everything it took is committed, and closes the database.
    pub async fn close(self) {
        self.commands.stop().await;
        if tokio::time::timeout(Duration::from_secs(10), self.writing)
            .await
            .is_err()
        {
            tracing::warn!("the writer was still busy after 10 s");
        }
        self.db.close().await;
    }
}

/// A running server.
pub struct Running {
    pub address: std::net::SocketAddr,
    pub commands: Commands,
    pub hub: Hub,
    pub db: Db,
    stop: CancellationToken,
    drain: Duration,
    serving: tokio::task::JoinHandle<()>,
    background: Vec<tokio::task::JoinHandle<()>>,
    writing: tokio::task::JoinHandle<()>,
}

/// A listener with a backlog for storms.
pub fn listen(address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket
        .bind(address)
        .with_context(|| format!("could not listen on {address}; another program may have it"))?;
    Ok(socket.listen(BACKLOG)?)
}

/// Starts the server on a bound listener.
pub async fn start(
    config: &Config,
    surroundings: Surroundings,
    listener: TcpListener,
) -> anyhow::Result<Running> {
    let mut parts = Parts::open(config, &surroundings).await?;
    let mut options = hub::Options {
        tick_ms: config.live.tick_ms,
        comments_per_s_max: config.live.comments_per_s_max,
        compression: config.live.compression,
        stalled_ms_max: config.live.stalled_s * 1_000,
        ..hub::Options::default()
    };
    if config.live.shards > 0 {
        options.shards = config.live.shards;
    }
    let hub = Hub::start(
        options,
        Arc::new(FromStore(parts.db.clone())),
        surroundings.clock.clone(),
    )?;
    // What was committed while a session was being opened must be looked for once it is followed.
    let wake = parts.wake.clone();
    hub.on_open(move |session| drop(wake.send(session.clone())));
    let conversations = Conversations::new(
        parts.commands.clone(),
        hub.clone(),
        tokio::runtime::Handle::current(),
    );
    hub.set_inbound(Arc::new(conversations.clone()));
    let committed = parts.committed.take().expect("taken once, here");
    let tail = Tail::new(parts.db.clone(), committed);
    let tickets = Tickets::new(config.live.sockets_per_address_max);
    let gate = Gate {
        patience: Patience {
            head: Duration::from_secs(config.request_head_s),
            write: Duration::from_secs(config.live.stalled_s),
        },
        tickets: tickets.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
    };
    let door = Door::new(
        parts.commands.clone(),
        parts.db.clone(),
        hub.clone(),
        conversations.clone(),
        surroundings.clock.clone(),
        http::Options {
            public_url: config.public_url.clone(),
            secure_cookie: config.public_url.starts_with("https://"),
            trusted_proxies: config.trusted_proxies.clone(),
            tickets,
            stream_origins: config.stream_origins.clone(),
            media_dir: config.data_dir.join("media"),
            demonstration: surroundings.demonstration.clone(),
        },
        surroundings.metrics.clone(),
    );
    let stop = CancellationToken::new();
    let address = listener.local_addr()?;
    let serving = tokio::spawn(http::serve(listener, door, gate, stop.clone()));
    let background = vec![
        tokio::spawn(tail.run(ToHub(hub.clone()))),
        tokio::spawn(end_emergencies(parts.commands.clone(), stop.clone())),
        tokio::spawn(keep_house(
            parts.commands.clone(),
            hub.clone(),
            conversations,
            stop.clone(),
        )),
    ];
    Ok(Running {
        address,
        commands: parts.commands,
        hub,
        db: parts.db,
        stop,
        drain: Duration::from_secs(config.live.drain_s),
        serving,
        background,
        writing: parts.writing,
    })
}

/// Turns off emergency presets whose time is over.
async fn end_emergencies(commands: Commands, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EMERGENCIES_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = commands.end_due_emergencies().await {
            tracing::warn!(error = %crate::store::report(&error), "emergency presets were not looked at; next try in 1 s");
        }
    }
}

/// Notes how many watch, sweeps caches.
async fn keep_house(commands: Commands, hub: Hub, conversations: Conversations, stop: CancellationToken) {
    let mut tick = tokio::time::interval(HOUSEKEEPING_EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        commands.sweep();
        conversations.check_backstage().await;
        for (session, watching) in hub.peaks() {
            if let Err(error) = commands.note_peak(&session, watching).await {
                tracing::warn!(error = %crate::store::report(&error), session.id = %session, "peak of session {session} not noted; next try in 30 s");
            }
        }
    }
}

impl Running {
    /// Stops in order: no new connections, viewers told to come back over the drain window, requests finished, everything taken committed.
    pub async fn stop(self) {
        self.stop.cancel();
        // Another node takes viewers at once. A node alone takes them after its restart: who tries before that piles up with the
        // others, and all of them come in the same second.
        let away = match self.db {
            Db::Sqlite { .. } => self.drain + RESTART,
            Db::Pg(_) => Duration::ZERO,
        };
        self.hub.drain(self.drain, away).await;
        let _ = self.serving.await;
        self.hub.stop();
        for task in self.background {
            task.abort();
            let _ = task.await;
        }
        self.commands.stop().await;
        if tokio::time::timeout(Duration::from_secs(10), self.writing)
            .await
            .is_err()
        {
            tracing::warn!("the writer was still busy after 10 s");
        }
        self.db.close().await;
    }
}
