//! Many viewers join a room that has been talking for hours, all at once.

use std::time::{Duration, Instant};

use clap::Args;

use super::judge::{behind, not_delivered};
use super::{Crowd, Memory, Scene, Target, Tell, add_faults, room, watch};
use crate::authors::{Authors, authors_for};
use crate::measure::Meter;
use crate::report::Report;
use crate::target::Metrics;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
/// Numbers of the comments that are counted begin here: the room's past has the lower ones.
const FIRST_NUMBER: u64 = 100_000;

#[derive(Debug, Clone, Args)]
#[command(mut_arg("viewers", |arg| arg.default_value("18000")))]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Questions in the room before anybody comes; a view shows 500.
    #[arg(long, default_value_t = 400)]
    questions: usize,
    /// Comments in the room before anybody comes; a view shows 200.
    #[arg(long, default_value_t = 200)]
    comments: usize,
    /// Milliseconds over which viewers spread their coming; 0 is all at once.
    #[arg(long, default_value_t = 0)]
    spread_ms: u64,
    /// Comments a second once everybody is there, to see that all follow.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Seconds of them.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        questions,
        comments,
        spread_ms,
        rate,
        seconds,
    } = &options;
    anyhow::ensure!(*rate > 0.0, "a rate above zero is needed");
    let viewers = crowd.viewers;
    let mut report = Report::begin(
        "join-storm",
        format!(
            "{viewers} viewers, {questions} questions and {comments} comments in the room, spread {spread_ms} ms"
        ),
    );
    tell.step("starting the server, a hall and a session");
    let scene = Scene::open(target, rate.max(100.0)).await?;
    tell.step("the room gets its past");
    let view_bytes = room::fill(&scene, *questions, *comments).await?;
    let tokens = scene.access.guests(authors_for(*rate)).await?;
    let mut authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
    authors.count_from(FIRST_NUMBER);
    let mut fleet = scene.fleet(crowd).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = Memory::now(scene.pid());
    let metrics_before = Metrics::now(&scene.access).await;

    tell.step(&format!("{viewers} viewers join"));
    let meter = Meter::start(scene.pid());
    let begun = Instant::now();
    fleet
        .come(Duration::from_millis(*spread_ms), CONNECT_WITHIN, |p| {
            tell.progress(begun.elapsed().as_secs(), &format!("{} have their view", p.live))
        })
        .await?;
    let used = meter.read();
    let metrics = Metrics::now(&scene.access).await;
    let joined = fleet.report().await?;
    let after = Memory::now(scene.pid());

    tell.step(&format!("{rate} comments/s for {seconds} s"));
    let length = Duration::from_secs(*seconds);
    tokio::join!(authors.publish(*rate, length), watch(&fleet, &tell, length));
    authors.settle(SETTLE_WITHIN).await;
    super::wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let published = authors.published();
    let seen = fleet.report().await?;

    report.count("viewers", "viewers", viewers as u64);
    report.add("view_kib", "size of a view, KiB", view_bytes as f64 / 1_024.0);
    let all_s = joined.live.max_ms().unwrap_or(f64::NAN) / 1e3;
    report.add(
        "connects_per_s",
        "viewers with a view per second",
        viewers as f64 / all_s,
    );
    report.maybe(
        "live_p50_ms",
        "start to live view, p50, ms",
        joined.live.quantile_ms(0.5),
    );
    report.maybe(
        "live_p99_ms",
        "start to live view, p99, ms",
        joined.live.quantile_ms(0.99),
    );
    report.maybe(
        "live_last_ms",
        "start to live view, last viewer, ms",
        joined.live.max_ms(),
    );
    report.maybe(
        "join_p99_ms",
        "own connect to live view, p99, ms",
        joined.joined.quantile_ms(0.99),
    );
    let each_us = used.server_s.map(|s| s * 1e6 / viewers as f64);
    report.maybe("connect_cpu_us", "server CPU per viewer that joins, us", each_us);
    report.maybe(
        "connects_per_cpu_s",
        "viewers that join per CPU second",
        each_us.map(|us| 1e6 / us),
    );
    let grown = |name| metrics.since(&metrics_before, name);
    report.maybe("views_encoded", "views encoded", grown("hub_views_encoded"));
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
    report.add(
        "bytes_per_viewer_kib",
        "bytes to each viewer, KiB",
        joined.tally.bytes as f64 / 1_024.0 / viewers as f64,
    );
    let each = after.per_viewer(before, viewers);
    report.maybe(
        "pss_per_viewer_kib",
        "server PSS per viewer, all there, KiB",
        each.pss_kib,
    );
    report.maybe(
        "tcp_per_viewer_kib",
        "socket buffers per viewer (both ends), KiB",
        each.tcp_kib,
    );
    report.count("attempts_failed", "attempts that failed", seen.tally.failed);
    report.count("lost_connections", "connections lost", seen.tally.lost);
    report.count(
        "comments_after",
        "comments acknowledged when all were there",
        published.acked.len() as u64,
    );
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        not_delivered(&published.acked, &seen.seen, viewers as u64),
    );
    report.count("behind", "viewers not at the last number", behind(&seen.places));
    report.count("views_read", "distinct views checked", seen.checks.views_read);
    add_faults(&mut report, &seen);
    report.add(
        "client_cores",
        "load tester CPU while they join, cores",
        used.clients_s / used.wall_s,
    );
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / used.wall_s,
    );
    scene.complaints(&mut report);
    Ok(report)
}
