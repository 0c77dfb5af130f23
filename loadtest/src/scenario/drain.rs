//! The server is asked to end under many viewers: they are sent away evenly, come back evenly to the next one, and miss nothing.

use std::time::{Duration, Instant};

use clap::Args;

use super::judge::{behind, most_within, not_delivered};
use super::{Crowd, Scene, Target, Tell, add_faults, wait_until_level};
use crate::authors::{Authors, authors_for};
use crate::measure::Meter;
use crate::report::Report;
use crate::swarm::Order;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
/// Longest time until everybody is back, after the window.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// Rates are counted over windows of so long.
const HALF_SECOND_US: u64 = 500_000;

#[derive(Debug, Clone, Args)]
#[command(mut_arg("viewers", |arg| arg.default_value("18000")))]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Comments a second, also while the server is ending.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Seconds of comments once everybody is back.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        rate,
        seconds,
    } = &options;
    anyhow::ensure!(*rate > 0.0, "a rate above zero is needed");
    let (viewers, window_s) = (crowd.viewers as u64, target.drain_s);
    anyhow::ensure!(window_s > 0, "viewers are sent away over a second at least");
    let mut report = Report::begin(
        "drain",
        format!("{viewers} viewers sent away over {window_s} s, {rate} comments/s"),
    );
    tell.step("starting the server, a hall and a session");
    let mut scene = Scene::open(target, *rate).await?;
    let path = scene.hall.live_path();
    let tokens = scene.access.guests(authors_for(*rate)).await?;
    let mut authors = Authors::connect(scene.server, &path, &tokens).await?;
    let mut fleet = scene.fleet(crowd).await?;
    tell.step(&format!("{viewers} viewers connect"));
    fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    authors.publish(*rate, Duration::from_secs(3)).await;
    authors.settle(SETTLE_WITHIN).await;
    wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    authors.reset();
    fleet.order(&Order::Reset).await?;

    tell.step("SIGTERM");
    let meter = Meter::start(scene.pid());
    let begun = Instant::now();
    let window = Duration::from_secs(window_s);
    let house = scene.own()?;
    let ending = async {
        let ended = house.stop(window + Duration::from_secs(30)).await?;
        let started = house.launch().await?;
        anyhow::Ok((ended, started))
    };
    // Who writes is sent away as well: what they were answered until then counts.
    let (ended, _) = tokio::join!(ending, authors.publish(*rate, window));
    let ((exit, in_order), start) = ended?;
    let before_exit = authors.published();
    let next = authors.next_number();
    drop(authors);
    tell.step(&format!(
        "ended after {:.2} s, started again in {:.2} s; viewers come back",
        exit.as_secs_f64(),
        start.as_secs_f64()
    ));
    let up_s = begun.elapsed().as_secs_f64();
    let mut back_s = f64::NAN;
    while begun.elapsed() < window + BACK_WITHIN {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let live = fleet.progress().live;
        tell.progress(begun.elapsed().as_secs(), &format!("{live} are back"));
        if live == fleet.viewers() && fleet.report().await?.away_now == 0 {
            back_s = begun.elapsed().as_secs_f64();
            break;
        }
    }
    let used = meter.read();
    let mut authors = Authors::connect(scene.server, &path, &tokens).await?;
    authors.count_from(next);
    authors.publish(*rate, Duration::from_secs(*seconds)).await;
    authors.settle(SETTLE_WITHIN).await;
    wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let published = authors.published();
    let seen = fleet.report().await?;

    let configured_per_s = viewers as f64 / window_s as f64;
    let per_s = |times: &[u64]| most_within(times, HALF_SECOND_US) as f64 * 2.0;
    report.count("viewers", "viewers", viewers);
    report.add(
        "configured_per_s",
        "viewers a second as configured",
        configured_per_s,
    );
    report.count(
        "sent_away",
        "viewers sent away with the word to come back",
        seen.sent_away_us.len() as u64,
    );
    report.add(
        "sent_away_ratio",
        "most sent away in a half second, as a part of what is configured",
        per_s(&seen.sent_away_us) / configured_per_s,
    );
    report.add(
        "return_ratio",
        "most that came back in a half second, as a part of what is configured",
        per_s(&seen.came_us) / configured_per_s,
    );
    report.add(
        "exit_s",
        "signal to the end of the process, s",
        exit.as_secs_f64(),
    );
    report.add(
        "exit_after_window_s",
        "of that beyond the window, s",
        exit.as_secs_f64() - window_s as f64,
    );
    report.count(
        "exit_wrong",
        "ends with another code than success",
        u64::from(!in_order),
    );
    report.add(
        "up_again_s",
        "signal to the first answer of the next process, s",
        up_s,
    );
    report.add("all_back_s", "signal until everybody is back, s", back_s);
    report.maybe(
        "away_p50_ms",
        "without a connection, p50, ms",
        seen.away.quantile_ms(0.5),
    );
    report.maybe(
        "away_p99_ms",
        "without a connection, p99, ms",
        seen.away.quantile_ms(0.99),
    );
    report.count("attempts_failed", "attempts that failed", seen.tally.failed);
    report.count("came_back", "viewers that are back", seen.here as u64);
    report.count(
        "views_again",
        "viewers that got a whole view instead of what they missed",
        seen.tally.views_again,
    );
    let mut acked = before_exit.acked.clone();
    acked.extend(&published.acked);
    report.count(
        "comments",
        "comments acknowledged since the signal",
        acked.len() as u64,
    );
    let in_views = seen.tally.views_again * acked.len() as u64;
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        not_delivered(&acked, &seen.seen, viewers).saturating_sub(in_views),
    );
    report.count("behind", "viewers not at the last number", behind(&seen.places));
    add_faults(&mut report, &seen);
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / used.wall_s,
    );
    scene.complaints(&mut report);
    Ok(report)
}
