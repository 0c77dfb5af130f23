//! Many viewers while nothing happens.

use std::time::{Duration, Instant};

use clap::Args;

use super::{Crowd, Memory, Scene, Target, Tell, add_faults, watch};
use crate::measure::Meter;
use crate::report::Report;
use crate::swarm::Order;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
/// Viewers that are there before counting begins.
const FIRST: usize = 100;
/// Until what connecting left behind has settled: one round of figures for everybody.
const PAUSE: Duration = Duration::from_secs(12);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Seconds that are counted; two rounds of keepalive and more.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        seconds,
    } = &options;
    anyhow::ensure!(*seconds > 0, "a time above zero is needed");
    let mut report = Report::begin("idle", format!("{} viewers, {seconds} s", crowd.viewers));
    tell.step("starting the server, a hall and a session");
    let scene = Scene::open(target, 1.0).await?;
    // What the server makes once for its first viewers is not counted for the others.
    let mut first = scene.fleet(&Crowd {
        viewers: FIRST,
        ..crowd.clone()
    })?;
    first.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    let mut fleet = scene.fleet(crowd)?;
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
    report.count("lost_connections", "connections lost", seen.tally.lost);
    add_faults(&mut report, &seen);
    scene.complaints(&mut report);
    Ok(report)
}
