//! Many viewers while nothing happens, some of whom then fall silent.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use super::{Crowd, Memory, Scene, Target, Tell, add_faults, watch};
use crate::measure::Meter;
use crate::report::Report;
use crate::swarm::{Fleet, Order};
use crate::target::Metrics;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
/// Viewers that are there before counting begins.
const FIRST: usize = 100;
/// Until what connecting left behind has settled: one round of figures for everybody.
const PAUSE: Duration = Duration::from_secs(12);
/// Longest wait until silent viewers are noticed.
const NOTICED_WITHIN: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Seconds that are counted; two rounds of keepalive and more.
    #[arg(long, default_value_t = 90)]
    seconds: u64,
    /// Viewers that then fall silent without closing: how long until the server has noticed them all. 0 leaves this out.
    #[arg(long, default_value_t = 500)]
    dead: usize,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        seconds,
        dead,
    } = &options;
    anyhow::ensure!(*seconds > 0, "a time above zero is needed");
    let mut report = Report::begin("idle", format!("{} viewers, {seconds} s", crowd.viewers));
    tell.step("starting the server, a hall and a session");
    let scene = Scene::open(target, 1.0).await?;
    // What the server makes once for its first viewers is not counted for the others.
    let mut first = scene
        .fleet(&Crowd {
            viewers: FIRST,
            ..crowd.clone()
        })
        .await?;
    first.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    let mut fleet = scene.fleet(crowd).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = Memory::now(scene.pid());
    tell.step(&format!("{} viewers connect", crowd.viewers));
    let begun = Instant::now();
    let connected = fleet
        .come(Duration::ZERO, CONNECT_WITHIN, |p| {
            tell.progress(begun.elapsed().as_secs(), &format!("{} connected", p.live))
        })
        .await?;
    tokio::time::sleep(PAUSE).await;
    fleet.order(&Order::Reset).await?;
    tell.step(&format!("nothing happens for {seconds} s"));
    let meter = Meter::start(scene.pid());
    watch(&fleet, &tell, Duration::from_secs(*seconds)).await;
    let used = meter.read();
    let seen = fleet.report().await?;
    let after = Memory::now(scene.pid());
    let silence = match dead.min(&crowd.viewers) {
        0 => None,
        dead => Some(fall_silent(&scene, &mut fleet, *dead, &tell).await?),
    };

    let viewers = crowd.viewers;
    report.count("viewers", "viewers", viewers as u64);
    report.add(
        "connects_per_s",
        "connects per second",
        viewers as f64 / connected.as_secs_f64(),
    );
    let each = after.per_viewer(before, viewers);
    report.maybe("pss_per_viewer_kib", "server PSS per viewer, KiB", each.pss_kib);
    report.maybe(
        "tcp_per_viewer_kib",
        "socket buffers per viewer (both ends), KiB",
        each.tcp_kib,
    );
    report.maybe(
        "slab_per_viewer_kib",
        "kernel objects per viewer (both ends), KiB",
        each.slab_kib,
    );
    report.maybe("pss_mib", "server PSS in all, MiB", after.pss_mib());
    let per_viewer = |s: f64| s * 1e6 / used.wall_s / (viewers + FIRST) as f64;
    report.maybe(
        "server_cpu_per_viewer_us_s",
        "server CPU per viewer and second, us",
        used.server_s.map(per_viewer),
    );
    report.add(
        "client_cpu_per_viewer_us_s",
        "load tester CPU per viewer and second, us",
        per_viewer(used.clients_s),
    );
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / used.wall_s,
    );
    report.add(
        "figures_per_viewer_min",
        "figures per viewer and minute",
        seen.tally.states as f64 * 60.0 / used.wall_s / viewers as f64,
    );
    report.add(
        "pings_per_viewer_min",
        "pings per viewer and minute",
        seen.tally.pings as f64 * 60.0 / used.wall_s / viewers as f64,
    );
    if let Some(silence) = &silence {
        report.count("dead", "viewers that fell silent", silence.dead);
        report.add(
            "dead_first_s",
            "silence until the first was noticed, s",
            silence.first_s,
        );
        report.add(
            "dead_noticed_s",
            "silence until all were noticed, s",
            silence.all_s,
        );
        report.count(
            "dead_unnoticed",
            "silent viewers never noticed",
            silence.unnoticed,
        );
        report.count(
            "sent_away_alive",
            "others that were sent away meanwhile",
            silence.others_lost,
        );
    }
    report.count("lost_connections", "connections lost", seen.tally.lost);
    add_faults(&mut report, &seen);
    scene.complaints(&mut report);
    Ok(report)
}

/// How silent viewers were noticed.
struct Silence {
    dead: u64,
    first_s: f64,
    all_s: f64,
    unnoticed: u64,
    others_lost: u64,
}

/// Some viewers stop reading and answering, their sockets stay open. Whether the server has noticed is its own figure of connections.
async fn fall_silent(scene: &Scene, fleet: &mut Fleet, dead: usize, tell: &Tell) -> anyhow::Result<Silence> {
    let connections = async || {
        let metrics = Metrics::now(&scene.access).await;
        metrics
            .get("hub_connections")
            .context("the server tells no figures; with --url use --dead 0")
    };
    fleet.order(&Order::Reset).await?;
    let before = connections().await?;
    tell.step(&format!("{dead} viewers fall silent"));
    let every = fleet.viewers().div_ceil(dead);
    fleet.order(&Order::Stall { every }).await?;
    let begun = Instant::now();
    let dead = fleet.report().await?.stalled;
    let mut silence = Silence {
        dead,
        first_s: f64::NAN,
        all_s: f64::NAN,
        unnoticed: dead,
        others_lost: 0,
    };
    while begun.elapsed() < NOTICED_WITHIN && silence.unnoticed > 0 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let gone = (before - connections().await?).max(0.0) as u64;
        let now_s = begun.elapsed().as_secs_f64();
        if gone > 0 && silence.first_s.is_nan() {
            silence.first_s = now_s;
        }
        silence.unnoticed = dead.saturating_sub(gone);
        if silence.unnoticed == 0 {
            silence.all_s = now_s;
        }
        tell.progress(now_s as u64, &format!("{gone} of {dead} noticed"));
    }
    silence.others_lost = fleet.report().await?.tally.lost;
    Ok(silence)
}
