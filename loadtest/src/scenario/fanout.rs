//! Many viewers, comments at a steady rate.

use std::time::{Duration, Instant};

use clap::Args;

use super::{Crowd, Each, Memory, Scene, Target, Tell, add_faults, watch};
use crate::authors::{Authors, Published, authors_for};
use crate::measure::{Meter, Used};
use crate::report::Report;
use crate::swarm::{Fleet, Order, Summary};
use crate::target::Metrics;

/// Longest time everybody may take to connect.
const CONNECT_WITHIN: Duration = Duration::from_secs(180);
/// Longest time the last comment may take to reach everybody.
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
/// Pause after a step, so that it does not weigh on the next.
const PAUSE: Duration = Duration::from_secs(3);
/// Seconds of comments before counting begins: pools, caches and socket buffers reach their size.
const WARM_UP: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Comments a second.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Seconds that are counted.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        rate,
        seconds,
    } = &options;
    anyhow::ensure!(
        *rate > 0.0 && *seconds > 0,
        "a rate and a time above zero are needed"
    );
    let length = Duration::from_secs(*seconds);
    let mut report = Report::begin(
        match crowd {
            Crowd { sse: true, .. } => "fanout-sse",
            Crowd { deflate: true, .. } => "fanout-deflate",
            _ => "fanout",
        },
        format!(
            "{} viewers, {rate} comments/s, {seconds} s, tick {} ms",
            crowd.viewers, target.tick_ms
        ),
    );

    tell.step("starting the server, a hall and a session");
    let scene = Scene::open(target, *rate).await?;
    let authors = authors_for(*rate);
    tell.step(&format!("{authors} authors come in"));
    let tokens = scene.access.guests(authors).await?;
    let mut authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
    authors.publish(rate.min(20.0), Duration::from_secs(1)).await;
    authors.settle(SETTLE_WITHIN).await;

    let mut fleet = scene.fleet(crowd).await?;
    tokio::time::sleep(PAUSE).await;
    let before = Memory::now(scene.pid());
    tell.step(&format!("{} viewers connect", crowd.viewers));
    let meter = Meter::start(scene.pid());
    let begun = Instant::now();
    fleet
        .come(Duration::ZERO, CONNECT_WITHIN, |p| {
            tell.progress(begun.elapsed().as_secs(), &format!("{} connected", p.live))
        })
        .await?;
    let connecting = meter.read();
    let joined = fleet.report().await?;
    tokio::time::sleep(PAUSE).await;
    let idle = Memory::now(scene.pid());

    tell.step("warming up");
    authors.publish(*rate, WARM_UP).await;
    authors.settle(SETTLE_WITHIN).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    authors.reset();
    fleet.order(&Order::Reset).await?;

    tell.step(&format!("{rate} comments/s for {seconds} s"));
    let inside_before = Metrics::now(&scene.access).await;
    let meter = Meter::start(scene.pid());
    tokio::join!(authors.publish(*rate, length), watch(&fleet, &tell, length));
    let used = meter.read();
    tell.step("waiting for the last of them");
    authors.settle(SETTLE_WITHIN).await;
    let published = authors.published();
    let seen = settled(&mut fleet, &published).await?;
    let after = Memory::now(scene.pid());
    let inside = Metrics::now(&scene.access).await;

    let viewers = crowd.viewers;
    report.count("viewers", "viewers", viewers as u64);
    add_connect(&mut report, &joined, &connecting, viewers);
    add_delivery(&mut report, &seen, &published, &used);
    if crowd.deflate {
        let deflating_s = inside.since(&inside_before, "hub_deflate_seconds_sum");
        add_compression(&mut report, &seen, deflating_s, &used);
    }
    add_losses(&mut report, &seen, &published, viewers as u64);
    add_faults(&mut report, &seen);
    add_memory(
        &mut report,
        idle.per_viewer(before, viewers),
        after.per_viewer(before, viewers),
    );
    report.maybe("pss_mib", "server PSS in all, after, MiB", after.pss_mib());
    scene.complaints(&mut report);
    Ok(report)
}

fn add_connect(report: &mut Report, joined: &Summary, used: &Used, viewers: usize) {
    // To the first message of the last viewer; the wait itself looks every half second only.
    let connect_s = joined.live.max_ms().unwrap_or(f64::NAN) / 1e3;
    let per_s = viewers as f64 / connect_s;
    report.add("connect_s", "time until all were connected, s", connect_s);
    report.add("connects_per_s", "connects per second", per_s);
    report.maybe(
        "join_p99_ms",
        "connect to first message, p99, ms",
        joined.joined.quantile_ms(0.99),
    );
    let each_us = used.server_s.map(|s| s * 1e6 / viewers as f64);
    report.maybe("connect_cpu_us", "server CPU per connect, us", each_us);
}

/// What compression saves, counted on the messages of this run: each as it came and as it would have come.
fn add_compression(report: &mut Report, seen: &Summary, deflating_s: Option<f64>, used: &Used) {
    let tally = &seen.tally;
    report.add(
        "deflated_share",
        "messages that came compressed, share",
        tally.deflated as f64 / (tally.batches + tally.states + tally.views).max(1) as f64,
    );
    report.add(
        "deflated_bytes_ratio",
        "bytes of messages against uncompressed",
        tally.framed_bytes as f64 / tally.plain_bytes.max(1) as f64,
    );
    report.maybe(
        "deflating_cpu_share",
        "compressing, share of the server's CPU",
        // A server that does not say is not one that spends nothing.
        deflating_s
            .filter(|&seconds| seconds > 0.0)
            .zip(used.server_s)
            .map(|(deflating, all)| deflating / all),
    );
}

fn add_memory(report: &mut Report, idle: Each, after: Each) {
    report.maybe(
        "pss_per_viewer_idle_kib",
        "server PSS per viewer, idle, KiB",
        idle.pss_kib,
    );
    report.maybe(
        "slab_per_viewer_idle_kib",
        "kernel objects per viewer (both ends), idle, KiB",
        idle.slab_kib,
    );
    report.maybe(
        "pss_per_viewer_after_kib",
        "server PSS per viewer, after, KiB",
        after.pss_kib,
    );
    report.maybe(
        "tcp_per_viewer_after_kib",
        "socket buffers per viewer (both ends), after, KiB",
        after.tcp_kib,
    );
}

/// The report once everybody has everything, or the time for it is over.
async fn settled(fleet: &mut Fleet, published: &Published) -> anyhow::Result<Summary> {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let seen = fleet.report().await?;
        let everything = seen.places.len() == 1
            && seen.seen.len() as u64 + seen.checks.omitted >= published.acked.len() as u64;
        if everything || begun.elapsed() > SETTLE_WITHIN {
            return Ok(seen);
        }
    }
}

fn add_delivery(report: &mut Report, seen: &Summary, published: &Published, used: &Used) {
    let seconds = used.wall_s;
    let deliveries = seen.tally.comments as f64;
    report.count("comments", "comments acknowledged", published.acked.len() as u64);
    report.maybe(
        "ack_p50_ms",
        "sent to acknowledged, p50, ms",
        published.ack.quantile_ms(0.5),
    );
    report.maybe(
        "ack_p99_ms",
        "sent to acknowledged, p99, ms",
        published.ack.quantile_ms(0.99),
    );
    report.maybe(
        "seen_p50_ms",
        "published to seen, p50, ms",
        seen.latency.quantile_ms(0.5),
    );
    report.maybe(
        "seen_p99_ms",
        "published to seen, p99, ms",
        seen.latency.quantile_ms(0.99),
    );
    report.maybe(
        "seen_max_ms",
        "published to seen, longest, ms",
        seen.latency.max_ms(),
    );
    report.maybe(
        "last_viewer_p50_ms",
        "published to seen by the last viewer, p50, ms",
        seen.last_viewer.quantile_ms(0.5),
    );
    report.maybe(
        "last_viewer_p99_ms",
        "published to seen by the last viewer, p99, ms",
        seen.last_viewer.quantile_ms(0.99),
    );
    report.add(
        "deliveries_per_s",
        "deliveries (comment x viewer) per second",
        deliveries / seconds,
    );
    report.add(
        "frames_per_s",
        "batches delivered per second",
        seen.tally.batches as f64 / seconds,
    );
    report.add(
        "bytes_per_delivery",
        "bytes per delivery, everything counted",
        seen.tally.bytes as f64 / deliveries.max(1.0),
    );
    report.maybe(
        "server_cores",
        "server CPU, cores",
        used.server_s.map(|s| s / seconds),
    );
    report.maybe(
        "server_cpu_per_delivery_us",
        "server CPU per delivery, us",
        used.server_s.map(|s| s * 1e6 / deliveries.max(1.0)),
    );
    report.maybe(
        "server_cpu_per_frame_us",
        "server CPU per batch delivered, us",
        used.server_s
            .map(|s| s * 1e6 / (seen.tally.batches.max(1) as f64)),
    );
    report.add("client_cores", "load tester CPU, cores", used.clients_s / seconds);
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / seconds,
    );
    if used.others_s / seconds > 0.1 {
        report.note("other processes took more than a tenth of a core: take times and CPU with care");
    }
}

/// What was acknowledged reached everybody, and nobody was sent away.
fn add_losses(report: &mut Report, seen: &Summary, published: &Published, viewers: u64) {
    // What was acknowledged reached everybody, unless the server says it left it out.
    let expected = published.acked.len() as u64 * viewers;
    let delivered: u64 = published
        .acked
        .iter()
        .map(|number| seen.seen.get(number).copied().unwrap_or(0).min(viewers))
        .sum();
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        expected.saturating_sub(delivered + seen.checks.omitted * viewers),
    );
    report.count(
        "omitted",
        "comments left out as unreadable, by the server's word",
        seen.checks.omitted,
    );
    let head = seen.places.keys().next_back().copied();
    let behind: u64 = seen
        .places
        .iter()
        .filter(|(place, _)| Some(**place) != head)
        .map(|(_, count)| count)
        .sum();
    report.count("behind", "viewers not at the last number", behind);
    report.count(
        "lost_connections",
        "connections lost",
        seen.tally.lost + published.lost.values().sum::<u64>(),
    );
    report.count("views_again", "whole views sent again", seen.tally.views_again);
    let refused: u64 = published.refused.values().sum();
    report.count(
        "refused",
        "comments refused or not published",
        refused + published.not_published + published.skipped,
    );
    for (name, counts) in [("refused", &published.refused), ("authors lost", &published.lost)] {
        if !counts.is_empty() {
            report.note(format!("{name}: {counts:?}"));
        }
    }
    let faults = published.tally.gaps
        + published.tally.duplicates
        + published.tally.reordered
        + published.tally.broken;
    report.count("author_faults", "faults in the numbers authors saw", faults);
}
