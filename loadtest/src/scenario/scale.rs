//! What one delivery costs as a session grows, and as sessions become more.

use std::time::{Duration, Instant};

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::judge::{not_delivered, worst_growth_percent};
use super::{Crowd, Scene, Target, Tell, watch};
use crate::authors::{Authors, authors_for};
use crate::clock::now_us;
use crate::measure::{Meter, Used};
use crate::report::Report;
use crate::swarm::{Order, Summary, Tally};
use crate::target::Access;
use crate::wire::Stamp;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(15);
const WARM_UP: Duration = Duration::from_secs(3);
/// Comments a guest may write a minute, less a tenth.
const COMMENTS_PER_MINUTE: f64 = 9.0;

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Viewers of one session, in turn (--viewers is not used).
    #[arg(long, value_delimiter = ',', default_value = "1000,5000,10000,19500")]
    sizes: Vec<usize>,
    /// Comments a second in it.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// Sessions at once, in turn.
    #[arg(long, value_delimiter = ',', default_value = "1,10,100,500")]
    sessions: Vec<usize>,
    /// Viewers of each of them.
    #[arg(long, default_value_t = 20)]
    viewers_each: usize,
    /// Comments a second in each of them.
    #[arg(long, default_value_t = 0.5)]
    rate_each: f64,
    /// Seconds that are counted, each.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
}

/// One size and what was seen at it.
struct Point {
    name: String,
    what: String,
    used: Used,
    tally: Tally,
    comments: usize,
    lost: u64,
    p99_ms: Option<f64>,
}

impl Point {
    fn cost_us(&self) -> f64 {
        self.used.server_s.unwrap_or(f64::NAN) * 1e6 / self.tally.comments.max(1) as f64
    }
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    anyhow::ensure!(
        options.rate > 0.0 && options.rate_each > 0.0 && options.seconds > 0,
        "rates and a time above zero are needed"
    );
    anyhow::ensure!(
        options.target.url.is_none(),
        "every size has a server of its own: leave out --url"
    );
    let mut report = Report::begin(
        "scale",
        format!(
            "sessions of {:?} viewers at {} comments/s; {:?} sessions of {} viewers at {} comments/s each",
            options.sizes, options.rate, options.sessions, options.viewers_each, options.rate_each
        ),
    );
    let mut growth = Vec::new();
    let mut points = Vec::new();
    for &viewers in &options.sizes {
        points.push(one_session(&options, viewers, &tell).await?);
    }
    growth.push((
        "growth_viewers_percent",
        "cost per delivery as a session grows: worst growth, %",
        costs(&points),
    ));
    let larger = points.len();
    for &sessions in &options.sessions {
        points.push(many_sessions(&options, sessions, &tell).await?);
    }
    growth.push((
        "growth_sessions_percent",
        "cost per delivery as sessions become more: worst growth, %",
        costs(&points[larger..]),
    ));
    let mut tally = Tally::default();
    let mut others: f64 = 0.0;
    for point in &points {
        // Names of figures live as long as the program; there are a dozen.
        let name = |end: &str| -> &'static str { format!("{}_{end}", point.name).leak() };
        let what = |begin: &str| -> &'static str { format!("{begin}, {}", point.what).leak() };
        report.add(
            name("cpu_per_delivery_us"),
            what("server CPU per delivery, us"),
            point.cost_us(),
        );
        report.add(
            name("cpu_per_frame_us"),
            what("server CPU per batch delivered, us"),
            point.used.server_s.unwrap_or(f64::NAN) * 1e6 / point.tally.batches.max(1) as f64,
        );
        report.maybe(name("p99_ms"), what("published to seen, p99, ms"), point.p99_ms);
        tally.add(&point.tally);
        others = others.max(point.used.others_s / point.used.wall_s);
    }
    for (name, what, costs) in growth {
        if costs.len() > 1 {
            report.add(name, what, worst_growth_percent(&costs));
        }
    }
    report.count(
        "comments",
        "comments acknowledged",
        points.iter().map(|point| point.comments as u64).sum(),
    );
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        points.iter().map(|point| point.lost).sum(),
    );
    report.count("lost_connections", "connections lost", tally.lost);
    report.count("gaps", "gaps in the numbers", tally.gaps);
    report.count("duplicates", "batches sent twice", tally.duplicates);
    report.count("reordered", "batches out of order", tally.reordered);
    report.count("broken", "frames or messages not understood", tally.broken);
    report.add(
        "other_cores",
        "everything else on the machine, at most, cores",
        others,
    );
    Ok(report)
}

fn costs(points: &[Point]) -> Vec<f64> {
    points.iter().map(Point::cost_us).collect()
}

async fn one_session(options: &Options, viewers: usize, tell: &Tell) -> anyhow::Result<Point> {
    let (rate, length) = (options.rate, Duration::from_secs(options.seconds));
    tell.step(&format!("one session, {viewers} viewers"));
    let scene = Scene::open(&options.target, rate).await?;
    let tokens = scene.access.guests(authors_for(rate)).await?;
    let mut authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
    let mut fleet = scene
        .fleet(&Crowd {
            viewers,
            ..options.crowd.clone()
        })
        .await?;
    fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    authors.publish(rate, WARM_UP).await;
    authors.settle(SETTLE_WITHIN).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    authors.reset();
    fleet.order(&Order::Reset).await?;
    let meter = Meter::start(scene.pid());
    tokio::join!(authors.publish(rate, length), watch(&fleet, tell, length));
    authors.settle(SETTLE_WITHIN).await;
    let used = meter.read();
    super::wait_until_level(&mut fleet, SETTLE_WITHIN).await?;
    let seen = fleet.report().await?;
    Ok(point(
        format!("viewers_{viewers}"),
        format!("{viewers} viewers of one session"),
        used,
        &seen,
        &authors.published().acked,
        viewers as u64,
    ))
}

fn point(name: String, what: String, used: Used, seen: &Summary, acked: &[u64], each: u64) -> Point {
    Point {
        name,
        what,
        used,
        tally: seen.tally.clone(),
        comments: acked.len(),
        lost: not_delivered(acked, &seen.seen, each),
        p99_ms: seen.latency.quantile_ms(0.99),
    }
}

async fn many_sessions(options: &Options, sessions: usize, tell: &Tell) -> anyhow::Result<Point> {
    let viewers = sessions * options.viewers_each;
    let rate = sessions as f64 * options.rate_each;
    tell.step(&format!("{sessions} sessions, {viewers} viewers"));
    let scene = Scene::open(&options.target, rate).await?;
    let mut halls = vec![scene.hall.clone()];
    while halls.len() < sessions {
        halls.push(scene.hall.another(&scene.access).await?);
    }
    let tokens = scene
        .access
        .guests((rate * 60.0 / COMMENTS_PER_MINUTE).ceil().max(1.0) as usize)
        .await?;
    let mut fleet = scene
        .fleet_of(
            &Crowd {
                viewers,
                ..options.crowd.clone()
            },
            halls.iter().map(|hall| hall.live_path()).collect(),
        )
        .await?;
    fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    let sessions: Vec<String> = halls.into_iter().map(|hall| hall.session).collect();
    let mut writers = Writers {
        access: scene.access.stranger(),
        tokens,
        sessions,
        next: 0,
    };
    writers.publish(rate, WARM_UP).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    fleet.order(&Order::Reset).await?;
    // One session says so little that a short time would be all noise.
    let length = Duration::from_secs_f64((options.seconds as f64).max(20.0 / rate));
    let meter = Meter::start(scene.pid());
    let (acked, ()) = tokio::join!(writers.publish(rate, length), watch(&fleet, tell, length));
    let acked = acked?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let used = meter.read();
    let seen = fleet.report().await?;
    let count = writers.sessions.len();
    Ok(point(
        format!("sessions_{count}"),
        format!("{count} sessions of {} viewers", options.viewers_each),
        used,
        &seen,
        &acked,
        options.viewers_each as u64,
    ))
}

/// People who comment over plain HTTP, in all sessions in turn: so many sockets more would be measured as well.
struct Writers {
    access: Access,
    tokens: Vec<String>,
    sessions: Vec<String>,
    next: u64,
}

impl Writers {
    /// Gives back the numbers that were acknowledged as published.
    async fn publish(&mut self, rate: f64, length: Duration) -> anyhow::Result<Vec<u64>> {
        let begun = Instant::now();
        let count = (rate * length.as_secs_f64()).round().max(1.0) as u64;
        let mut writing = JoinSet::new();
        for at in 0..count {
            tokio::time::sleep_until((begun + Duration::from_secs_f64(at as f64 / rate)).into()).await;
            let number = self.next;
            self.next += 1;
            let token = self.tokens[(number % self.tokens.len() as u64) as usize].clone();
            let path = format!(
                "/sessions/{}/comments",
                self.sessions[(number % self.sessions.len() as u64) as usize]
            );
            let access = self.access.clone();
            writing.spawn(async move {
                let body = json!({ "ref": format!("loadtest-{number}"), "body": Stamp::new(number, now_us()).text() });
                let ack: Value = access.send_as(Method::POST, &token, &path, &body).await?;
                anyhow::ensure!(ack["state"] == "published", "a comment was not published: {ack}");
                anyhow::Ok(number)
            });
        }
        let mut acked = Vec::new();
        while let Some(written) = writing.join_next().await {
            acked.push(written??);
        }
        Ok(acked)
    }
}
