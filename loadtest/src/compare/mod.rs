//! Many systems in one run: every figure has the floor's figure of the same seconds beside it, because absolute figures of a shared
//! machine drift by a fifth and paired ratios do not.
//!
//! All systems are started and all viewers stay connected; then in rounds each system publishes alone for some seconds, the
//! order turned round in every other round.

mod floor;
mod naive;
mod peer;
mod ratio;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

pub use floor::serve as serve_floor;
pub use naive::serve as serve_naive;
use peer::{Peer, Surroundings, System, message};
use ratio::{Phase, Spread, ratio, spread};

use crate::measure::proc;
use crate::report::Report;
use crate::scenario::{Crowd, Target, Tell};
use crate::swarm::{Fleet, FleetOptions, Order};

/// Longest time everybody may take to connect to one system.
const CONNECT_WITHIN: Duration = Duration::from_secs(120);
/// Longest time the last messages of a phase may take to reach everybody.
const SETTLE_WITHIN: Duration = Duration::from_secs(3);
/// Between two phases, so that one does not weigh on the next.
const PAUSE: Duration = Duration::from_millis(300);
/// How often resting viewers look at their sockets.
const REST_US: u64 = 100_000;
/// Comments one guest of ours may write a minute, less a tenth.
const COMMENTS_PER_MINUTE: f64 = 9.0;
/// A phase in which other processes took more of a core is dropped.
const OTHERS_MAX: f64 = 0.12;

/// What is published in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Load {
    /// Single frames at a moderate rate: nothing waits, nothing is coalesced.
    Paced,
    /// A closed loop: as fast as it goes.
    Saturated,
    /// Many small messages: 200 a second.
    Flood,
}

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Systems, in this order.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [System::Floor, System::Nchan, System::Nats, System::Uwebsockets, System::SocketIo, System::Naive, System::Yishiting])]
    systems: Vec<System>,
    /// What is published.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Load::Paced, Load::Saturated])]
    loads: Vec<Load>,
    /// Rounds.
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    /// Messages a second of the paced phases.
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    /// Messages a second of the flood.
    #[arg(long, default_value_t = 200.0)]
    flood_rate: f64,
    /// Broadcasts under way at once in the saturated phases.
    #[arg(long, default_value_t = 2)]
    in_flight: u64,
    /// Seconds of a phase.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Have the kernel do the receiving half of loopback on the viewers' cores, as if they were elsewhere: changes
    /// `net.core.netdev_max_backlog` and the receive cores of `lo` for the run, as root.
    #[arg(long)]
    receive_elsewhere: bool,
    #[command(flatten)]
    peers: PeersAt,
}

/// Where the peers' settings and programs are.
#[derive(Debug, Clone, Args)]
pub struct PeersAt {
    /// Folder with the settings of the peers.
    #[arg(long, value_name = "DIR", default_value = "loadtest/peers")]
    peers: PathBuf,
    /// Folder for what the peers need from package indexes.
    #[arg(long, value_name = "DIR", default_value = ".tools/peers")]
    tools: PathBuf,
}

impl PeersAt {
    /// A folder for a run, and what the systems need installed.
    fn prepare(&self, systems: &[System], cores: Option<String>) -> anyhow::Result<Surroundings> {
        let folder = std::env::temp_dir().join(format!("loadtest-compare-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        std::fs::create_dir_all(&self.tools)?;
        let around = Surroundings {
            peers: self.peers.clone(),
            tools: self.tools.canonicalize()?,
            folder,
            cores,
        };
        around.install(systems)?;
        Ok(around)
    }
}

/// What one bare connect costs nginx with nchan, in microseconds of its processor time: everybody connects to it once.
pub async fn nchan_connect_us(at: &PeersAt, target: &Target, crowd: &Crowd) -> anyhow::Result<f64> {
    let around = at.prepare(&[System::Nchan], target.server_cores.clone())?;
    let entered = enter(System::Nchan, target, crowd, 0, 0, &around).await;
    let _ = std::fs::remove_dir_all(&around.folder);
    Ok(1e6 / entered?.connects_per_cpu_s)
}

/// A system with its viewers.
struct Entrant {
    peer: Peer,
    fleet: Fleet,
    /// Messages published so far.
    published: u64,
    /// Per load, per round.
    phases: Vec<Vec<Option<Phase>>>,
    pss_kib: Option<f64>,
    connects_per_cpu_s: f64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options { target, crowd, .. } = &options;
    anyhow::ensure!(
        options.rounds > 0
            && options.seconds > 0.0
            && options.rate > 0.0
            && options.flood_rate > 0.0
            && options.in_flight > 0,
        "rounds, seconds, rates and broadcasts under way above zero are needed"
    );
    let mut report = Report::begin(
        "compare",
        format!(
            "{} viewers, frames of {} bytes, {} rounds, tick {} ms, servers on {}{}",
            crowd.viewers,
            message(1_000).len() + 4,
            options.rounds,
            target.tick_ms,
            target
                .server_cores
                .as_ref()
                .map_or("any core".to_owned(), |cores| format!("core {cores}")),
            if options.receive_elsewhere {
                ", receiving done on the viewers' core"
            } else {
                ""
            }
        ),
    );
    let around = options
        .peers
        .prepare(&options.systems, target.server_cores.clone())?;
    let _loopback = options
        .receive_elsewhere
        .then(|| Loopback::receive_on(crowd.client_cores.as_deref()))
        .transpose()?;
    let outcome = compare(&options, &around, &tell, &mut report).await;
    let _ = std::fs::remove_dir_all(&around.folder);
    outcome.map(|()| report)
}

async fn compare(
    options: &Options,
    around: &Surroundings,
    tell: &Tell,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Options { target, crowd, .. } = options;
    let mut entrants = Vec::new();
    for &system in &options.systems {
        tell.step(&format!("{}: {} viewers connect", system.name(), crowd.viewers));
        entrants.push(
            enter(
                system,
                target,
                crowd,
                guests(options),
                options.loads.len(),
                around,
            )
            .await?,
        );
    }
    let viewers = crowd.viewers as u64;
    for round in 0..options.rounds {
        let mut order: Vec<usize> = (0..entrants.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for (at, &load) in options.loads.iter().enumerate() {
            for &index in &order {
                let entrant = &mut entrants[index];
                let phase = phase(entrant, load, options, viewers).await?;
                let kept = phase.others_s / phase.wall_s <= OTHERS_MAX;
                tell.step(&format!(
                    "round {}, {load:?}, {}: {:.0} k deliveries per CPU second, p99 {:.0} ms, lost {}{}",
                    round + 1,
                    entrant.peer.system.name(),
                    phase.per_cpu_s() / 1e3,
                    phase.p99_ms,
                    phase.lost,
                    if kept {
                        ""
                    } else {
                        "; dropped, the machine was busy"
                    }
                ));
                entrant.phases[at].push(kept.then_some(phase));
            }
        }
    }
    for (at, load) in options.loads.iter().enumerate() {
        report.table_of(&table(*load, at, &entrants, options));
        add_figures(report, *load, at, &entrants);
    }
    report.table_of(&connect_table(&entrants));
    for entrant in &entrants {
        for complaint in entrant.peer.complaints().iter().take(5) {
            eprintln!("{}: {complaint}", entrant.peer.system.name());
        }
    }
    let dropped: usize = entrants
        .iter()
        .flat_map(|entrant| &entrant.phases)
        .map(|rounds| rounds.iter().filter(|phase| phase.is_none()).count())
        .sum();
    report.count(
        "dropped_phases",
        "phases dropped because the machine was busy",
        dropped as u64,
    );
    if target.server_cores.is_none() {
        report.note("servers and viewers share all cores: compare CPU seconds, not rates");
    }
    Ok(())
}

async fn enter(
    system: System,
    target: &Target,
    crowd: &Crowd,
    guests: usize,
    loads: usize,
    around: &Surroundings,
) -> anyhow::Result<Entrant> {
    let peer = Peer::start(system, around, target, guests).await?;
    let mut fleet = Fleet::start(&FleetOptions {
        server: peer.address,
        paths: vec![peer.path.clone()],
        viewers: crowd.viewers,
        per_process: crowd.per_process_max(),
        connecting_max: crowd.connecting,
        look_every_us: crowd.look_every_us,
        cores: crowd.client_cores.clone(),
        seed: crowd.seed,
        dialect: system.dialect(),
        stalling_every: 0,
        deflate: false,
        tokens: Vec::new(),
    })
    .await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (pss, cpu_s) = (peer.pid().map(family_pss_kib), server_s(&peer));
    fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| {}).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let connects_per_cpu_s = crowd.viewers as f64 / (server_s(&peer) - cpu_s).max(1e-9);
    let pss_kib = pss
        .zip(peer.pid().map(family_pss_kib))
        .map(|(before, after)| (after as f64 - before as f64) / crowd.viewers as f64);
    fleet.order(&Order::Look { every_us: REST_US }).await?;
    Ok(Entrant {
        peer,
        fleet,
        published: 0,
        phases: vec![Vec::new(); loads],
        pss_kib,
        connects_per_cpu_s,
    })
}

/// Guests of ours that are needed so that none comes near its rate.
fn guests(options: &Options) -> usize {
    let of = |load: &Load| match load {
        Load::Paced => options.rate * options.seconds,
        // Twenty times a second at most.
        Load::Saturated => 20.0 * options.in_flight as f64 * options.seconds,
        Load::Flood => options.flood_rate * options.seconds,
    };
    let round: f64 = options.loads.iter().map(of).sum();
    // A round takes longer than its own phases, because the others have theirs.
    let round_s = options.seconds * options.loads.len() as f64 * options.systems.len() as f64;
    (round * 1.5 / (COMMENTS_PER_MINUTE * (round_s / 60.0).min(1.0)) + round / 3.0).ceil() as usize
}

async fn phase(entrant: &mut Entrant, load: Load, options: &Options, viewers: u64) -> anyhow::Result<Phase> {
    let Entrant {
        peer,
        fleet,
        published,
        ..
    } = entrant;
    fleet
        .order(&Order::Look {
            every_us: options.crowd.look_every_us,
        })
        .await?;
    fleet.reset().await?;
    tokio::time::sleep(PAUSE).await;
    let before = Times::now(peer, fleet, options);
    let begun = Instant::now();
    let first = *published;
    let length = Duration::from_secs_f64(options.seconds);
    match load {
        Load::Paced | Load::Flood => {
            let rate = if load == Load::Paced {
                options.rate
            } else {
                options.flood_rate
            };
            for at in 0..(rate * options.seconds).round() as u64 {
                tokio::time::sleep_until((begun + Duration::from_secs_f64(at as f64 / rate)).into()).await;
                peer.publish(*published).await?;
                *published += 1;
            }
        }
        Load::Saturated => {
            while begun.elapsed() < length {
                let sent = *published - first;
                if sent >= options.in_flight
                    && !fleet.reached(sent + 1 - options.in_flight, SETTLE_WITHIN).await
                {
                    break;
                }
                peer.publish(*published).await?;
                *published += 1;
            }
        }
    }
    let sent = *published - first;
    fleet.reached(sent, SETTLE_WITHIN).await;
    let wall_s = begun.elapsed().as_secs_f64();
    let after = Times::now(peer, fleet, options);
    let server_s = after.server_s - before.server_s;
    let clients_s = after.clients_s - before.clients_s;
    let machine_s = after.machine_s - before.machine_s;
    let seen = fleet.report().await?;
    fleet.order(&Order::Look { every_us: REST_US }).await?;
    let deliveries: u64 = seen.seen.values().sum();
    Ok(Phase {
        deliveries,
        lost: (sent * viewers).saturating_sub(deliveries) + seen.tally.duplicates + seen.tally.reordered,
        wall_s,
        server_s,
        clients_s,
        others_s: (machine_s - server_s - clients_s).max(0.0),
        p50_ms: seen.latency.quantile_ms(0.5).unwrap_or(f64::NAN),
        p99_ms: seen.latency.quantile_ms(0.99).unwrap_or(f64::NAN),
        last_p50_ms: seen.last_viewer.quantile_ms(0.5).unwrap_or(f64::NAN),
    })
}

/// Processor time until now: of the server and of the viewers with what the kernel's threads did for each on its own cores, and of
/// the whole machine.
struct Times {
    server_s: f64,
    clients_s: f64,
    machine_s: f64,
}

impl Times {
    fn now(peer: &Peer, fleet: &Fleet, options: &Options) -> Self {
        let packets_s = |cores: &Option<String>| cores.as_deref().map_or(0.0, proc::packets_s);
        // Receiving is done in interrupts of a core that may have nothing else to do, for nobody in particular.
        let machine_s = if options.receive_elsewhere {
            proc::machine_busy_without_packets_s()
        } else {
            proc::machine_busy_s()
        };
        Self {
            server_s: server_s(peer) + packets_s(&options.target.server_cores),
            clients_s: clients_s(fleet) + packets_s(&options.crowd.client_cores),
            machine_s: machine_s.unwrap_or(0.0),
        }
    }
}

fn server_s(peer: &Peer) -> f64 {
    peer.pid().map_or(0.0, proc::cpu_s)
}

fn clients_s(fleet: &Fleet) -> f64 {
    proc::cpu_alone_s(std::process::id()) + fleet.pids().into_iter().map(proc::cpu_s).sum::<f64>()
}

/// PSS of a process and its children.
fn family_pss_kib(pid: u32) -> u64 {
    proc::family(pid).into_iter().filter_map(proc::pss_kib).sum()
}

fn table(load: Load, at: usize, entrants: &[Entrant], options: &Options) -> String {
    let of = |system: System| {
        entrants
            .iter()
            .find(|entrant| entrant.peer.system == system)
            .map(|entrant| &entrant.phases[at])
    };
    let what = match load {
        Load::Paced => format!("single frames, {} a second", options.rate),
        Load::Saturated => format!("saturated, {} broadcasts under way", options.in_flight),
        Load::Flood => format!("flood, {} messages a second", options.flood_rate),
    };
    let mut text = format!(
        "**{what}** (medians of the rounds, quartiles in brackets; ratios are of deliveries per server CPU second within a round)\n\n\
         | system | rounds | deliveries per CPU-s, k | x floor | x nchan | x naive | deliveries/s, k | p50 ms | p99 ms | last viewer p50 ms | last viewer x floor | server CPU % | viewers' CPU % | lost |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    );
    for entrant in entrants {
        let phases = &entrant.phases[at];
        let median =
            |figure: &dyn Fn(&Phase) -> f64| spread(phases.iter().flatten().map(figure)).map(|s| s.median);
        let by = |system: System| of(system).and_then(|other| ratio(phases, other, Phase::per_cpu_s));
        let last = of(System::Floor).and_then(|floor| ratio(phases, floor, |phase| phase.last_p50_ms));
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            entrant.peer.system.name(),
            phases.iter().flatten().count(),
            shown(
                spread(phases.iter().flatten().map(|phase| phase.per_cpu_s() / 1e3)),
                0
            ),
            shown(by(System::Floor), 2),
            shown(by(System::Nchan), 2),
            shown(by(System::Naive), 2),
            number(median(&|phase| phase.deliveries as f64 / phase.wall_s / 1e3), 0),
            number(median(&|phase| phase.p50_ms), 1),
            number(median(&|phase| phase.p99_ms), 1),
            number(median(&|phase| phase.last_p50_ms), 1),
            shown(last, 2),
            number(median(&|phase| phase.server_s / phase.wall_s * 100.0), 0),
            number(median(&|phase| phase.clients_s / phase.wall_s * 100.0), 0),
            phases.iter().flatten().map(|phase| phase.lost).sum::<u64>(),
        ));
    }
    text
}

fn connect_table(entrants: &[Entrant]) -> String {
    let mut text = "**Connected and idle** (once, at the start)\n\n| system | PSS per viewer, KiB | connects per server CPU-s, k |\n|---|--:|--:|\n".to_owned();
    for entrant in entrants {
        text.push_str(&format!(
            "| {} | {} | {:.1} |\n",
            entrant.peer.system.name(),
            number(entrant.pss_kib, 2),
            entrant.connects_per_cpu_s / 1e3
        ));
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

fn shown(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or_else(
        || "-".to_owned(),
        |Spread { median, low, high }| format!("{median:.digits$} [{low:.digits$}-{high:.digits$}]"),
    )
}

/// A figure's name and how a phase has it.
type Figure = (&'static str, fn(&Phase) -> f64);

/// The ratios that have targets, for budgets and JSON: ours against each of the others.
fn add_figures(report: &mut Report, load: Load, at: usize, entrants: &[Entrant]) {
    let name = match load {
        Load::Paced => "paced",
        Load::Saturated => "saturated",
        Load::Flood => "flood",
    };
    for ours in entrants.iter().filter(|entrant| entrant.peer.system.is_ours()) {
        let mine = match ours.peer.system {
            System::YishitingTwo => "two_shards_",
            _ => "",
        };
        for other in entrants.iter().filter(|entrant| !entrant.peer.system.is_ours()) {
            let theirs = other
                .peer
                .system
                .name()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
                .to_lowercase();
            let figures: [Figure; 2] = [
                ("per_cpu_s", Phase::per_cpu_s),
                ("last_viewer", |phase| phase.last_p50_ms),
            ];
            for (figure, of) in figures {
                if let Some(ratio) = ratio(&ours.phases[at], &other.phases[at], of) {
                    report.add_named(
                        format!("{name}_{mine}{figure}_by_{theirs}"),
                        format!(
                            "{name}: {} by {}, {figure}",
                            ours.peer.system.name(),
                            other.peer.system.name()
                        ),
                        ratio.median,
                    );
                }
            }
        }
        let all = || ours.phases[at].iter().flatten();
        report.add_named(
            format!("{name}_{mine}lost"),
            format!("{name}: {}, lost or doubled", ours.peer.system.name()),
            all().map(|phase| phase.lost).sum::<u64>() as f64,
        );
        for (figure, of) in [
            ("p99_ms", (|phase| phase.p99_ms) as fn(&Phase) -> f64),
            ("server_cores", |phase| phase.server_s / phase.wall_s),
        ] {
            if let Some(spread) = spread(all().map(of)) {
                report.add_named(
                    format!("{name}_{mine}{figure}"),
                    format!("{name}: {}, {figure}", ours.peer.system.name()),
                    spread.median,
                );
            }
        }
    }
}

/// Loopback whose receiving half runs on other cores than the sender's. Put back when dropped.
struct Loopback {
    cores: String,
    backlog: String,
}

const RECEIVE_CORES: &str = "/sys/class/net/lo/queues/rx-0/rps_cpus";
const BACKLOG: &str = "/proc/sys/net/core/netdev_max_backlog";

impl Loopback {
    fn receive_on(cores: Option<&str>) -> anyhow::Result<Self> {
        let cores = cores.and_then(|cores| cores.parse::<u32>().ok()).ok_or_else(|| {
            anyhow::anyhow!("--receive-elsewhere needs --client-cores with the number of one core")
        })?;
        let before = Self {
            cores: std::fs::read_to_string(RECEIVE_CORES)?.trim().to_owned(),
            backlog: std::fs::read_to_string(BACKLOG)?.trim().to_owned(),
        };
        std::fs::write(BACKLOG, "400000")?;
        std::fs::write(RECEIVE_CORES, format!("{:x}", 1u32 << cores))?;
        Ok(before)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        // What cannot be put back was not changed either.
        let _ = std::fs::write(RECEIVE_CORES, &self.cores);
        let _ = std::fs::write(BACKLOG, &self.backlog);
    }
}
