//! A tenth of the viewers stop reading for a minute: what it costs, whether the others notice, and how those come back.

use std::time::{Duration, Instant};

use clap::Args;

use super::judge::{behind, not_delivered, slope};
use super::{Crowd, Scene, Target, Tell, add_faults, wait_until_level, watch};
use crate::authors::{Authors, authors_for};
use crate::measure::{Meter, proc};
use crate::report::Report;
use crate::swarm::Order;
use crate::target::Metrics;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
const WARM_UP: Duration = Duration::from_secs(5);
/// How often memory is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Longest time those who read again may take.
const BACK_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Comments a second.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Every so-many-th viewer stops reading: 10 is a tenth of them.
    #[arg(long, default_value_t = 10)]
    every: usize,
    /// Seconds watched before.
    #[arg(long, default_value_t = 30)]
    before_s: u64,
    /// Seconds they do not read.
    #[arg(long, default_value_t = 60)]
    stall_s: u64,
    /// Seconds watched after.
    #[arg(long, default_value_t = 15)]
    after_s: u64,
}

/// Memory at one moment of a run.
#[derive(Debug, Clone, Copy)]
struct Look {
    at_s: f64,
    pss_kib: f64,
    /// Sockets of the server with anything to be sent, and its memory.
    queued: Option<(u64, f64)>,
    /// Socket buffers of the machine, both ends.
    tcp_kib: f64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        rate,
        every,
        before_s,
        stall_s,
        after_s,
    } = &options;
    anyhow::ensure!(
        *rate > 0.0 && *every > 1,
        "a rate above zero is needed, and viewers that go on reading"
    );
    let viewers = crowd.viewers as u64;
    let mut report = Report::begin(
        "slow",
        format!("{viewers} viewers, {rate} comments/s, 1 of {every} does not read for {stall_s} s"),
    );
    tell.step("starting the server, a hall and a session");
    let scene = Scene::open(target, *rate).await?;
    let tokens = scene.access.guests(authors_for(*rate)).await?;
    let mut authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
    let mut fleet = scene
        .fleet(&Crowd {
            stalling_every: *every,
            ..crowd.clone()
        })
        .await?;
    tell.step(&format!("{viewers} viewers connect"));
    fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    authors.publish(*rate, WARM_UP).await;
    authors.settle(SETTLE_WITHIN).await;
    authors.reset();

    tell.step(&format!("all read, {before_s} s"));
    fleet.order(&Order::Reset).await?;
    let length = Duration::from_secs(*before_s);
    let meter = Meter::start(scene.pid());
    let begun = Instant::now();
    let (_, calm, ()) = tokio::join!(
        authors.publish(*rate, length),
        look(&scene, begun, length),
        watch(&fleet, &tell, length)
    );
    let used_before = meter.read();
    let before = fleet.report().await?;

    tell.step(&format!("1 of {every} does not read, {stall_s} s"));
    let metrics_before = Metrics::now(&scene.access).await;
    fleet.order(&Order::Stall { every: *every }).await?;
    let stalled = fleet.report().await?.stalled;
    fleet.order(&Order::Reset).await?;
    let length = Duration::from_secs(*stall_s);
    let meter = Meter::start(scene.pid());
    let (_, stall, ()) = tokio::join!(
        authors.publish(*rate, length),
        look(&scene, begun, length),
        watch(&fleet, &tell, length)
    );
    let used_during = meter.read();
    let during = fleet.report().await?;
    let metrics = Metrics::now(&scene.access).await;

    tell.step("they read again");
    let first_after = authors.next_number();
    fleet.order(&Order::Reset).await?;
    fleet.order(&Order::Resume).await?;
    let length = Duration::from_secs(*after_s);
    tokio::join!(authors.publish(*rate, length), watch(&fleet, &tell, length));
    let waiting = Instant::now();
    while fleet.report().await?.levelling > 0 && waiting.elapsed() < BACK_WITHIN {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    authors.settle(SETTLE_WITHIN).await;
    wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let back = fleet.report().await?;
    let published = authors.published();

    report.count("viewers", "viewers", viewers);
    report.count("stalled", "viewers that did not read", stalled);
    report.maybe(
        "before_p99_ms",
        "published to seen, all reading, p99, ms",
        before.latency.quantile_ms(0.99),
    );
    report.maybe(
        "during_p99_ms",
        "published to seen by those who read, p99, ms",
        during.latency.quantile_ms(0.99),
    );
    let (p99_before, p99_during) = (before.latency.quantile_ms(0.99), during.latency.quantile_ms(0.99));
    report.maybe(
        "p99_change_percent",
        "change of that, %",
        p99_before
            .zip(p99_during)
            .map(|(before, during)| (during / before - 1.0) * 100.0),
    );
    report.maybe(
        "before_p50_ms",
        "published to seen, all reading, p50, ms",
        before.latency.quantile_ms(0.5),
    );
    report.maybe(
        "during_p50_ms",
        "published to seen by those who read, p50, ms",
        during.latency.quantile_ms(0.5),
    );
    let user = user_bytes_each(&calm, &stall, stalled);
    report.maybe(
        "user_bytes_per_stalled",
        "memory of the server's process per viewer that does not read, at most, bytes",
        user,
    );
    let kernel = stall
        .iter()
        .filter_map(|look| look.queued)
        .map(|(_, kib)| kib)
        .fold(f64::NAN, f64::max);
    report.maybe(
        "kernel_kib_per_stalled",
        "memory of the server's send queues per viewer that does not read, at most, KiB",
        kernel.is_finite().then(|| kernel / stalled.max(1) as f64),
    );
    let tcp_before = calm.iter().map(|look| look.tcp_kib).fold(f64::NAN, f64::min);
    let tcp_most = stall.iter().map(|look| look.tcp_kib).fold(f64::NAN, f64::max);
    report.add(
        "tcp_kib_per_stalled",
        "socket buffers per viewer that does not read (both ends), at most, KiB",
        (tcp_most - tcp_before) / stalled.max(1) as f64,
    );
    let grown = |name| metrics.since(&metrics_before, name);
    report.maybe("closed_slow", "sent away as too slow", grown("hub_closed_slow"));
    report.maybe("lapped", "lapped by the log", grown("hub_lapped"));
    report.maybe(
        "again_p50_ms",
        "reading again to the last number, p50, ms",
        back.level.quantile_ms(0.5),
    );
    report.maybe(
        "again_p99_ms",
        "reading again to the last number, p99, ms",
        back.level.quantile_ms(0.99),
    );
    report.maybe(
        "back_p99_ms",
        "the same without the wait of a page whose connection was lost, p99, ms",
        back.level_own.quantile_ms(0.99),
    );
    report.maybe(
        "back_last_ms",
        "the same without that wait, last viewer, ms",
        back.level_own.max_ms(),
    );
    report.count("never_back", "viewers that never got there", back.levelling);
    report.count("back_by_view", "that got a whole view", back.tally.views_again);
    report.count("back_by_reconnect", "whose connection was over", back.tally.lost);
    let after: Vec<u64> = published
        .acked
        .iter()
        .copied()
        .filter(|number| *number >= first_after)
        .collect();
    report.count("comments", "comments acknowledged", published.acked.len() as u64);
    // Who comes back with a view has what was said before it there.
    let in_views = back.tally.views_again * after.len() as u64;
    report.count(
        "not_delivered",
        "acknowledged after the pause and not delivered",
        not_delivered(&after, &back.seen, viewers).saturating_sub(in_views),
    );
    report.count("behind", "viewers not at the last number", behind(&back.places));
    report.count(
        "healthy_lost",
        "connections lost of those who read",
        before.tally.lost + during.tally.lost,
    );
    let mut all = back.clone();
    all.tally.add(&before.tally);
    all.tally.add(&during.tally);
    for checks in [&before.checks, &during.checks] {
        all.checks.add(checks);
    }
    add_faults(&mut report, &all);
    let cores = |used: crate::measure::Used| used.server_s.map(|s| s / used.wall_s);
    report.maybe(
        "server_cores_before",
        "server CPU before, cores",
        cores(used_before),
    );
    report.maybe(
        "server_cores_during",
        "server CPU while some do not read, cores",
        cores(used_during),
    );
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used_during.others_s / used_during.wall_s,
    );
    report.note("send queues are what the kernel says of the server's sockets (`ss -tm`, w), packets' headers included");
    scene.complaints(&mut report);
    Ok(report)
}

/// Looks at memory now and then.
async fn look(scene: &Scene, begun: Instant, length: Duration) -> Vec<Look> {
    let (mut looks, end) = (Vec::new(), Instant::now() + length);
    while Instant::now() + LOOK_EVERY <= end {
        tokio::time::sleep(LOOK_EVERY).await;
        looks.push(Look {
            at_s: begun.elapsed().as_secs_f64(),
            pss_kib: scene
                .pid()
                .and_then(proc::pss_kib)
                .map_or(f64::NAN, |kib| kib as f64),
            queued: proc::waiting_to_be_sent(scene.server.port()),
            tcp_kib: proc::tcp_memory_kib().unwrap_or(0) as f64,
        });
    }
    looks
}

/// What the process grew by beyond what it grew by before: what it publishes is kept for a while whether somebody reads or not. The
/// median of all looks, in bytes for each that does not read.
fn user_bytes_each(calm: &[Look], stall: &[Look], stalled: u64) -> Option<f64> {
    let points: Vec<(f64, f64)> = calm.iter().map(|look| (look.at_s, look.pss_kib)).collect();
    let growth = slope(&points)?;
    let (at, kib) = (
        points.iter().map(|(at, _)| at).sum::<f64>() / points.len() as f64,
        points.iter().map(|(_, kib)| kib).sum::<f64>() / points.len() as f64,
    );
    let mut above: Vec<f64> = stall
        .iter()
        .map(|look| look.pss_kib - kib - growth * (look.at_s - at))
        .collect();
    above.sort_by(f64::total_cmp);
    let median = above.get(above.len() / 2)?;
    Some(median * 1_024.0 / stalled.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(from_s: u64, to_s: u64, pss_kib: impl Fn(f64) -> f64) -> Vec<Look> {
        (from_s..to_s)
            .step_by(5)
            .map(|at_s| Look {
                at_s: at_s as f64,
                pss_kib: pss_kib(at_s as f64),
                queued: None,
                tcp_kib: 0.0,
            })
            .collect()
    }

    #[test]
    fn what_grows_anyhow_is_not_charged_to_who_does_not_read() {
        let calm = looks(0, 30, |s| 30_000.0 + 10.0 * s);
        let same = looks(30, 90, |s| 30_000.0 + 10.0 * s);
        assert!(user_bytes_each(&calm, &same, 1_000).expect("enough").abs() < 1.0);
        let more = looks(30, 90, |s| 30_000.0 + 10.0 * s + 500.0);
        let each = user_bytes_each(&calm, &more, 1_000).expect("enough");
        assert!((each - 512.0).abs() < 1.0, "{each}");
    }
}
