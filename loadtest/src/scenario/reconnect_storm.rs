//! The server is killed under many viewers; all come back at once, each with its last number.

use std::time::{Duration, Instant};

use clap::Args;

use super::judge::behind;
use super::{Crowd, Memory, Scene, Target, Tell, add_faults, wait_until_level};
use crate::authors::{Authors, authors_for};
use crate::compare::{PeersAt, nchan_connect_us};
use crate::measure::Meter;
use crate::report::Report;
use crate::swarm::{Fleet, Order};
use crate::target::Metrics;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
/// Comments of one guest that may be sent at once by the server's table, less one for what goes on during the storm.
const AT_ONCE: usize = 3;
/// The latency at which a live view counts as back, in milliseconds: the aim of ordinary running.
const BACK_P99_MS: f64 = 500.0;

#[derive(Debug, Clone, Args)]
#[command(mut_arg("viewers", |arg| arg.default_value("18000")))]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Comments a second, before and after.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Comments that everybody missed, written before the viewers come back.
    #[arg(long, default_value_t = 200)]
    missed: usize,
    /// Milliseconds over which viewers spread their return; 0 is all at once.
    #[arg(long, default_value_t = 0)]
    spread_ms: u64,
    /// Seconds of comments after the restart.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Comments go on while viewers come back, instead of beginning when all are there. Processor time is then that of coming back
    /// and of delivering; how long deliveries take to be quick again is measured.
    #[arg(long)]
    talking: bool,
    /// Before and after, as many connect to nginx with nchan, for what a bare connect costs there in the same minutes.
    #[arg(long)]
    beside_nchan: bool,
    #[command(flatten)]
    peers: PeersAt,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        rate,
        missed,
        spread_ms,
        seconds,
        talking,
        beside_nchan,
        peers,
    } = &options;
    anyhow::ensure!(
        *rate > 0.0 && *seconds > 0,
        "a rate and a time above zero are needed"
    );
    let viewers = crowd.viewers;
    let mut report = Report::begin(
        "reconnect-storm",
        format!("{viewers} viewers, {missed} comments missed, {rate} comments/s, spread {spread_ms} ms"),
    );
    let mut nchan_us = Vec::new();
    if *beside_nchan {
        tell.step(&format!("{viewers} connect to nchan"));
        nchan_us.push(nchan_connect_us(peers, target, crowd).await?);
    }
    tell.step("starting the server, a hall and a session");
    let mut scene = Scene::open(target, rate.max(100.0)).await?;
    let path = scene.hall.live_path();
    let tokens = scene
        .access
        .guests(authors_for(*rate).max(missed.div_ceil(AT_ONCE)))
        .await?;
    let mut authors = Authors::connect(scene.server, &path, &tokens).await?;
    let mut fleet = scene.fleet(crowd).await?;
    let begun = Instant::now();
    tell.step(&format!("{viewers} viewers connect"));
    let meter = Meter::start(scene.pid());
    fleet
        .come(Duration::ZERO, CONNECT_WITHIN, |p| {
            tell.progress(begun.elapsed().as_secs(), &format!("{} connected", p.live))
        })
        .await?;
    let plain = meter.read();
    authors.publish(*rate, Duration::from_secs(5)).await;
    authors.settle(SETTLE_WITHIN).await;
    wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let first = authors.next_number();
    drop(authors);

    tell.step("SIGKILL");
    fleet.order(&Order::StayAway).await?;
    fleet.order(&Order::Reset).await?;
    scene.own()?.kill().await?;
    let start = scene.own()?.launch().await?;
    let mut authors = Authors::connect(scene.server, &path, &tokens).await?;
    authors.count_from(first);
    tell.step(&format!("restarted; {missed} comments nobody watches"));
    authors
        .publish(100.0, Duration::from_secs_f64(*missed as f64 / 100.0))
        .await;
    authors.settle(SETTLE_WITHIN).await;
    let before = Memory::now(scene.pid());
    // Everybody is to be at the last of them: then nothing was lost, and the view is live.
    fleet
        .order(&Order::Aim {
            seq: authors.published().head,
        })
        .await?;
    let metrics_before = Metrics::now(&scene.access).await;

    tell.step("everybody comes back");
    let meter = Meter::start(scene.pid());
    let begun = Instant::now();
    fleet
        .order(&Order::Come {
            spread_ms: *spread_ms,
        })
        .await?;
    let length = Duration::from_secs(*seconds);
    let (storm, metrics) = if *talking {
        let (_, storm) = tokio::join!(
            authors.publish(*rate, length),
            watch_return(&fleet, &tell, &meter, begun, length)
        );
        (storm, Metrics::now(&scene.access).await)
    } else {
        let storm = watch_return(&fleet, &tell, &meter, begun, Duration::ZERO).await;
        let metrics = Metrics::now(&scene.access).await;
        authors.publish(*rate, length).await;
        (storm, metrics)
    };
    authors.settle(SETTLE_WITHIN).await;
    let published = authors.published();
    wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let seen = fleet.report().await?;
    let after = Memory::now(scene.pid());

    report.count("viewers", "viewers", viewers as u64);
    report.add(
        "restart_ms",
        "start to first answer, ms",
        start.as_secs_f64() * 1e3,
    );
    report.maybe(
        "back_p50_ms",
        "return to first message, p50, ms",
        seen.live.quantile_ms(0.5),
    );
    report.maybe(
        "back_p99_ms",
        "return to first message, p99, ms",
        seen.live.quantile_ms(0.99),
    );
    report.maybe(
        "back_last_ms",
        "return to first message, last viewer, ms",
        seen.live.max_ms(),
    );
    report.maybe(
        "level_p50_ms",
        "return to everything missed, p50, ms",
        seen.level.quantile_ms(0.5),
    );
    report.maybe(
        "level_p99_ms",
        "return to everything missed, p99, ms",
        seen.level.quantile_ms(0.99),
    );
    report.count(
        "never_level",
        "viewers that never had everything missed",
        seen.levelling,
    );
    report.maybe("all_back_s", "everybody is back after, s", storm.all_back_s);
    report.maybe(
        "p99_back_s",
        "publish to seen is under 500 ms (p99) for everybody again after, s",
        storm.p99_back_s,
    );
    report.maybe(
        "storm_cpu_us",
        "server CPU per viewer until all are back, us",
        storm.server_s.map(|s| s * 1e6 / viewers as f64),
    );
    let plain_us = plain.server_s.map(|s| s * 1e6 / viewers as f64);
    report.maybe(
        "plain_connect_cpu_us",
        "server CPU per plain connect before, us",
        plain_us,
    );
    report.maybe(
        "plain_connects_per_cpu_s",
        "plain connects per CPU second",
        plain_us.map(|us| 1e6 / us),
    );
    let grown = |name| metrics.since(&metrics_before, name);
    report.maybe(
        "sessions_read",
        "sessions read from the database",
        grown("hub_sessions_read"),
    );
    report.maybe(
        "store_reads",
        "database connections lent for reading",
        grown("store_reads"),
    );
    report.maybe("views_encoded", "views encoded", grown("hub_views_encoded"));
    report.maybe(
        "pss_per_viewer_kib",
        "server PSS per viewer, after, KiB",
        after.per_viewer(before, viewers).pss_kib,
    );
    report.count("came_back", "viewers that came back", seen.here as u64);
    report.count("attempts_failed", "attempts that failed", seen.tally.failed);
    report.count(
        "views_again",
        "viewers that got a whole view instead of what they missed",
        seen.tally.views_again,
    );
    let expected = published.acked.len() as u64 * viewers as u64;
    let delivered: u64 = published
        .acked
        .iter()
        .map(|number| seen.seen.get(number).copied().unwrap_or(0))
        .sum();
    // A view may stand for what was missed: it has it, and says so.
    let in_views = seen.tally.views_again * *missed as u64;
    report.count(
        "comments",
        "comments acknowledged since the restart",
        published.acked.len() as u64,
    );
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        expected.saturating_sub(delivered + in_views),
    );
    report.count("behind", "viewers not at the last number", behind(&seen.places));
    add_faults(&mut report, &seen);
    let used = meter.read();
    report.add(
        "client_cores",
        "load tester CPU, cores",
        used.clients_s / used.wall_s,
    );
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / used.wall_s,
    );
    scene.complaints(&mut report);
    drop((scene, fleet));
    if *beside_nchan {
        tell.step(&format!("{viewers} connect to nchan again"));
        nchan_us.push(nchan_connect_us(peers, target, crowd).await?);
        let nchan_us = nchan_us.iter().sum::<f64>() / nchan_us.len() as f64;
        report.add(
            "nchan_connect_us",
            "server CPU per bare connect to nchan, before and after, us",
            nchan_us,
        );
        report.maybe(
            "storm_by_nchan",
            "server CPU per viewer that came back, by that",
            storm.server_s.map(|s| s * 1e6 / viewers as f64 / nchan_us),
        );
    }
    Ok(report)
}

/// How the return went.
struct Storm {
    all_back_s: Option<f64>,
    p99_back_s: Option<f64>,
    server_s: Option<f64>,
}

async fn watch_return(fleet: &Fleet, tell: &Tell, meter: &Meter, begun: Instant, length: Duration) -> Storm {
    let mut storm = Storm {
        all_back_s: None,
        p99_back_s: None,
        server_s: None,
    };
    while begun.elapsed() < length || (storm.all_back_s.is_none() && begun.elapsed() < CONNECT_WITHIN) {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let progress = fleet.progress();
        let p99 = progress.latency.quantile_ms(0.99);
        let now_s = begun.elapsed().as_secs_f64();
        if storm.all_back_s.is_none() && progress.live == fleet.viewers() {
            storm.all_back_s = Some(now_s);
            storm.server_s = meter.read().server_s;
        } else if storm.all_back_s.is_some()
            && storm.p99_back_s.is_none()
            && p99.is_some_and(|ms| ms < BACK_P99_MS)
        {
            storm.p99_back_s = Some(now_s);
        }
        tell.progress(
            now_s as u64,
            &format!(
                "{} back, p99 {}",
                progress.live,
                p99.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0} ms"))
            ),
        );
    }
    storm
}
