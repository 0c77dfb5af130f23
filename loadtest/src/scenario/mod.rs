//! One file per subcommand. Here is what they share: the server to measure, viewers to open, progress to tell.

pub mod crash;
pub mod drain;
pub mod fanout;
pub mod idle;
pub mod join_storm;
mod judge;
pub mod mixed;
pub mod reconnect_storm;
mod room;
pub mod scale;
pub mod slow;
pub mod soak;
pub mod votes;

use std::io::{IsTerminal, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use crate::measure::proc;
use crate::report::{Report, is_older_than_commit};
use crate::swarm::{Fleet, FleetOptions, Summary};
use crate::target::{Access, Hall, House, HouseOptions, Policy};

/// Descriptors of a worker process that are not viewers.
const DESCRIPTORS_SPARE: u64 = 64;

/// Guests that come in for viewers that say who they are; several viewers are pages of the same one.
const GUESTS_MAX: usize = 2_000;

/// The server to measure.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// Server to start, with a new database in a temporary folder.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "target/release/yishiting",
        conflicts_with = "url"
    )]
    pub server: PathBuf,
    /// A server that runs already (plain HTTP); its session must be live and let guests comment.
    #[arg(long, value_name = "URL", requires = "session")]
    pub url: Option<String>,
    /// Session there: id or six-character code.
    #[arg(long, requires = "url")]
    pub session: Option<String>,
    /// Process of that server, for its processor time and memory, if it is on this machine.
    #[arg(long, value_name = "PID", requires = "url")]
    pub server_pid: Option<u32>,
    /// `live.tick_ms` of the server: 250 is four batches a second.
    #[arg(long, default_value_t = 250)]
    pub tick_ms: u64,
    /// `live.shards` of the server; 0 is one per core.
    #[arg(long, default_value_t = 0)]
    pub shards: usize,
    /// `live.drain_s` of the server.
    #[arg(long, default_value_t = 5)]
    pub drain_s: u64,
    /// Database of the server instead of a new SQLite file; must be empty.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Cores of the server, as `taskset -c` takes them.
    #[arg(long, value_name = "LIST")]
    pub server_cores: Option<String>,
    /// Leave the folder of the server for a look.
    #[arg(long)]
    pub keep: bool,
}

/// The viewers.
#[derive(Debug, Clone, Args)]
pub struct Crowd {
    /// Viewers of the session.
    #[arg(long, default_value_t = 10_000)]
    pub viewers: usize,
    /// Viewers of one worker process, at most; 0 is as many as it may have descriptors.
    #[arg(long, default_value_t = 0)]
    pub per_process: usize,
    /// Handshakes under way at once.
    #[arg(long, default_value_t = 256)]
    pub connecting: usize,
    /// Microseconds between two looks of a worker at its sockets; the resolution of latencies.
    #[arg(long, default_value_t = 500)]
    pub look_every_us: u64,
    /// Cores of the workers, as `taskset -c` takes them.
    #[arg(long, value_name = "LIST")]
    pub client_cores: Option<String>,
    /// Seed of everything that looks random.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Viewers read Server-Sent Events instead of a WebSocket.
    #[arg(long)]
    pub sse: bool,
    /// Viewers offer compression, as browsers do.
    #[arg(long, conflicts_with = "sse")]
    pub deflate: bool,
    /// Viewers say who they are, as the page of a guest does.
    #[arg(long, conflicts_with = "sse")]
    pub identified: bool,
    /// Every so-many-th viewer will be told to stop reading; 0 is none.
    #[arg(skip)]
    pub stalling_every: usize,
}

impl Crowd {
    /// Viewers one worker process may hold.
    pub fn per_process_max(&self) -> usize {
        let fit = proc::descriptors_max().saturating_sub(DESCRIPTORS_SPARE) as usize;
        if self.per_process == 0 {
            fit
        } else {
            self.per_process.min(fit)
        }
    }
}

/// A live session on a server.
pub struct Scene {
    /// The server, if it is ours.
    pub house: Option<House>,
    pub server: SocketAddr,
    pub access: Access,
    pub hall: Hall,
    server_pid: Option<u32>,
}

impl Scene {
    /// Starts the server and opens a session, or finds the one that was named.
    pub async fn open(target: &Target, comments_per_s: f64) -> anyhow::Result<Self> {
        let policy = Policy {
            comment_mode: "publish_first",
            question_mode: "publish_first",
        };
        Self::open_with(target, comments_per_s, policy).await
    }

    /// The same with another policy, if the server is ours.
    pub async fn open_with(target: &Target, comments_per_s: f64, policy: Policy) -> anyhow::Result<Self> {
        if let Some(url) = &target.url {
            let server = address_of(url)?;
            let access = Access::new(server)?;
            let hall = Hall::of(
                &access,
                target
                    .session
                    .as_deref()
                    .context("name the session with --session")?,
            )
            .await?;
            return Ok(Self {
                house: None,
                server,
                access,
                hall,
                server_pid: target.server_pid,
            });
        }
        let house = House::start(HouseOptions {
            program: target.server.clone(),
            database: target.database.clone(),
            tick_ms: target.tick_ms,
            shards: target.shards,
            // Twice what is sent, so that a second that is a little fuller leaves nothing out.
            drain_s: target.drain_s,
            comments_per_s_max: ((comments_per_s * 2.0).ceil() as u64).clamp(40, 1_000),
            cores: target.server_cores.clone(),
            keep: target.keep,
        })
        .await?;
        let mut access = Access::new(house.address())?;
        let hall = Hall::open(&mut access, &house, policy).await?;
        Ok(Self {
            server: house.address(),
            house: Some(house),
            access,
            hall,
            server_pid: None,
        })
    }

    /// The server's process, if it is known.
    pub fn pid(&self) -> Option<u32> {
        self.house.as_ref().and_then(House::pid).or(self.server_pid)
    }

    /// The server, which must be ours.
    pub fn own(&mut self) -> anyhow::Result<&mut House> {
        self.house
            .as_mut()
            .context("this kills the server, so it must be one of its own: leave out --url")
    }

    /// Worker processes for the viewers.
    pub async fn fleet(&self, crowd: &Crowd) -> anyhow::Result<Fleet> {
        let path = if crowd.sse {
            self.hall.events_path()
        } else {
            self.hall.live_path()
        };
        self.fleet_of(crowd, vec![path]).await
    }

    /// The same for viewers of several sessions.
    pub async fn fleet_of(&self, crowd: &Crowd, paths: Vec<String>) -> anyhow::Result<Fleet> {
        let tokens = if crowd.identified {
            self.access.guests(crowd.viewers.min(GUESTS_MAX)).await?
        } else {
            Vec::new()
        };
        Fleet::start(&FleetOptions {
            server: self.server,
            paths,
            viewers: crowd.viewers,
            per_process: crowd.per_process_max(),
            connecting_max: crowd.connecting,
            look_every_us: crowd.look_every_us,
            cores: crowd.client_cores.clone(),
            seed: crowd.seed,
            dialect: crate::wire::Dialect::default(),
            stalling_every: crowd.stalling_every,
            deflate: crowd.deflate,
            tokens,
        })
        .await
    }

    /// Adds what the server complained about to a report, and whether it is the server the report names.
    pub fn complaints(&self, report: &mut Report) {
        let Some(house) = &self.house else { return };
        if is_older_than_commit(house.program()) {
            report.note("the server was built before the newest commit to it");
        }
        let complaints = house.complaints();
        report.count(
            "server_errors",
            "errors in the server's log",
            complaints.len() as u64,
        );
        for complaint in complaints.iter().take(5) {
            eprintln!("server: {complaint}");
        }
    }
}

fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    let host = url
        .strip_prefix("http://")
        .context("a server is named as http://host:port; TLS ends in front of it")?
        .trim_end_matches('/');
    let named = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    named
        .to_socket_addrs()
        .with_context(|| format!("{host} is not found"))?
        .next()
        .with_context(|| format!("{host} has no address"))
}

/// Memory before the viewers came.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pss_kib: Option<u64>,
    tcp_kib: Option<u64>,
    slab_kib: Option<u64>,
}

impl Memory {
    /// Memory of the server and of all TCP sockets now.
    pub fn now(pid: Option<u32>) -> Self {
        Self {
            pss_kib: pid.and_then(proc::pss_kib),
            tcp_kib: proc::tcp_memory_kib(),
            slab_kib: proc::slab_kib(),
        }
    }

    /// What one of `viewers` added since `before`.
    pub fn per_viewer(self, before: Self, viewers: usize) -> Each {
        let each = |now: Option<u64>, before: Option<u64>| {
            Some((now? as f64 - before? as f64) / viewers.max(1) as f64)
        };
        Each {
            pss_kib: each(self.pss_kib, before.pss_kib),
            tcp_kib: each(self.tcp_kib, before.tcp_kib),
            slab_kib: each(self.slab_kib, before.slab_kib),
        }
    }

    /// Memory of the server, in MiB.
    pub fn pss_mib(self) -> Option<f64> {
        Some(self.pss_kib? as f64 / 1_024.0)
    }
}

/// Memory of one viewer, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Each {
    /// In the server's process.
    pub pss_kib: Option<f64>,
    /// Socket buffers, both ends of a loopback connection.
    pub tcp_kib: Option<f64>,
    /// Other kernel objects, both ends.
    pub slab_kib: Option<f64>,
}

/// Figures about what viewers were sent, which are zero with a server that keeps the protocol.
pub fn add_faults(report: &mut Report, seen: &Summary) {
    let tally = &seen.tally;
    report.count("gaps", "gaps in the numbers", tally.gaps);
    report.count("duplicates", "batches sent twice", tally.duplicates);
    report.count("reordered", "batches out of order", tally.reordered);
    report.count("broken", "frames or messages not understood", tally.broken);
    report.count(
        "faulty_batches",
        "batches with wrong numbers inside",
        seen.checks.faulty,
    );
    report.count(
        "differing_batches",
        "batches with other bytes under the same numbers",
        seen.checks.differing,
    );
    report.count(
        "faulty_views",
        "views without what they must have, or with what they must not",
        seen.checks.faulty_views,
    );
    if tally.gaps > 0 {
        report.note(format!("{} numbers are missing in the gaps", tally.missing));
    }
    if !tally.closed.is_empty() {
        report.note(format!("closed by the server: {:?}", tally.closed));
    }
}

/// Before anything was told.
const NEVER: u64 = u64::MAX;

/// Progress, on one line of a terminal or on a line every ten seconds of a log.
#[derive(Debug, Clone)]
pub struct Tell {
    quiet: bool,
    in_place: bool,
    /// The last second told.
    told: Arc<AtomicU64>,
}

impl Tell {
    pub fn new(quiet: bool) -> Self {
        Self {
            quiet,
            in_place: std::io::stderr().is_terminal(),
            told: Arc::new(AtomicU64::new(NEVER)),
        }
    }

    /// The next step of the run.
    pub fn step(&self, what: &str) {
        self.told.store(NEVER, Ordering::Relaxed);
        if !self.quiet {
            eprintln!("{}{what}", if self.in_place { "\r\x1b[K" } else { "" });
        }
    }

    /// Whether nothing was told of this second yet.
    pub fn is_new(&self, second: u64) -> bool {
        !self.quiet && self.told.load(Ordering::Relaxed) != second
    }

    /// How it goes; `second` counts from the beginning of the step.
    pub fn progress(&self, second: u64, what: &str) {
        if self.quiet || self.told.swap(second, Ordering::Relaxed) == second {
            return;
        }
        let mut err = std::io::stderr();
        if self.in_place {
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(err, "\r\x1b[K{second:>4} s  {what}").and_then(|()| err.flush());
        } else if second > 0 && second.is_multiple_of(10) {
            eprintln!("{second:>4} s  {what}");
        }
    }
}

/// Waits, telling how it goes once a second.
pub async fn watch(fleet: &Fleet, tell: &Tell, length: Duration) {
    let mut before = fleet.progress();
    for second in 1..=length.as_secs() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = fleet.progress();
        let p99 = now
            .latency
            .quantile_ms(0.99)
            .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0} ms"));
        let deliveries = now.comments.saturating_sub(before.comments);
        tell.progress(
            second,
            &format!(
                "{} viewers, {deliveries} deliveries/s, p99 {p99}, {} gaps",
                now.live, now.gaps
            ),
        );
        before = now;
    }
}

/// Waits until all viewers are at the same number, or gives up: the report says who is not.
pub async fn wait_until_level(fleet: &mut Fleet, within: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < within {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if fleet.report().await?.places.len() == 1 {
            break;
        }
    }
    Ok(())
}
