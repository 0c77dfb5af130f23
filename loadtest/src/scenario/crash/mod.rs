//! The server is killed while people write. What was acknowledged is there, once; nothing is there that nobody wrote.

mod ledger;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;
use tokio::task::JoinSet;

use super::{Scene, Target, Tell};
use crate::chance::Chance;
use crate::measure::Histogram;
use crate::report::Report;
use crate::target::{Access, Hall};
use ledger::Findings;
use writer::{Room, Writer};

/// Posts of one person the server lists at once; beyond it refs could not be compared.
const MINE_MAX: usize = 500;
/// Earliest and latest moment of the kill after writing began, in milliseconds.
const KILL_AFTER_MS: (u64, u64) = (150, 1_000);
/// Longest time until everything unacknowledged is acknowledged after a restart.
const SETTLE_WITHIN: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// Times the server is killed.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// People who write.
    #[arg(long, default_value_t = 50)]
    writers: usize,
    /// Seed of what is written and when the server is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        rounds,
        writers,
        seed,
    } = &options;
    ensure!(
        *rounds > 0 && *writers > 0,
        "at least one round and one writer are needed"
    );
    ensure!(
        rounds * writer::POSTS_PER_ROUND < MINE_MAX,
        "at most {} rounds can be checked",
        (MINE_MAX - 1) / writer::POSTS_PER_ROUND
    );
    let mut report = Report::begin(
        "crash",
        format!("{rounds} times SIGKILL, {writers} writers, seed {seed}"),
    );
    tell.step("starting the server, a hall and a session");
    let mut scene = Scene::open(target, 500.0).await?;
    scene.own()?;
    let tokens = scene.access.guests(*writers).await?;
    let room = Arc::new(Room::new(scene.server, scene.hall.live_path()));
    let mut tasks = JoinSet::new();
    let people: Vec<Arc<Writer>> = tokens
        .into_iter()
        .enumerate()
        .map(|(at, token)| Arc::new(Writer::new(at, token)))
        .collect();
    for writer in &people {
        tasks.spawn(writer::write(
            writer.clone(),
            room.clone(),
            Chance::new(seed.wrapping_mul(1_000_003) + writer.index as u64),
        ));
    }

    let mut chance = Chance::new(*seed);
    let mut all = Findings::default();
    let (mut unacknowledged_all, mut restarts, mut settles) = (0, Histogram::default(), Histogram::default());
    for round in 1..=*rounds {
        let acked_before = acked(&people);
        room.begin_round(&people);
        let kill_after = Duration::from_millis(chance.between(KILL_AFTER_MS.0, KILL_AFTER_MS.1));
        tokio::time::sleep(kill_after).await;
        scene.own()?.kill().await?;
        room.stop_writing();
        // What was acknowledged just before the end is still in the sockets: hearing it counts.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let acked_now = acked(&people) - acked_before;
        let unacknowledged: usize = people.iter().map(|writer| writer.waiting()).sum();
        unacknowledged_all += unacknowledged;
        let restart = scene.own()?.launch().await?;
        restarts.add(restart.as_micros() as u64);
        let begun = Instant::now();
        while begun.elapsed() < SETTLE_WITHIN && people.iter().any(|writer| !writer.is_settled(round)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let settled = begun.elapsed();
        settles.add(settled.as_micros() as u64);
        let found = check(&scene.access, &scene.hall, &people).await?;
        tell.step(&format!(
            "round {round:>2}: killed after {:>4} ms, {acked_now:>5} acknowledged, {unacknowledged:>3} not; up after {:>4} ms, all answered after {:>5} ms; {found}",
            kill_after.as_millis(),
            restart.as_millis(),
            settled.as_millis(),
        ));
        all.add(&found);
    }

    let stored = check(&scene.access, &scene.hall, &people).await?;
    report.count("rounds", "times killed", *rounds as u64);
    report.count(
        "acknowledged_comments",
        "comments acknowledged",
        stored.comments_acked,
    );
    report.count(
        "acknowledged_questions",
        "questions acknowledged",
        stored.questions_acked,
    );
    report.count(
        "acknowledged_supports",
        "supports acknowledged",
        stored.supports_acked,
    );
    report.count(
        "unacknowledged",
        "in flight when killed, sent again under the same ref",
        unacknowledged_all as u64,
    );
    report.count(
        "acknowledged_not_stored",
        "acknowledged and not stored (sum of all rounds)",
        all.acknowledged_not_stored,
    );
    report.count(
        "stored_twice",
        "stored twice (sum of all rounds)",
        all.stored_twice,
    );
    report.count(
        "stored_not_sent",
        "stored and never sent (sum of all rounds)",
        all.stored_not_sent,
    );
    report.count(
        "supports_wrong",
        "questions or people with other supports than acknowledged (sum of all rounds)",
        all.supports_wrong,
    );
    let tallies: Vec<_> = people.iter().map(|writer| writer.counts()).collect();
    report.count(
        "repeats",
        "sent again although acknowledged",
        tallies.iter().map(|c| c.repeats).sum(),
    );
    report.count(
        "repeats_wrong",
        "of those answered with another id",
        tallies.iter().map(|c| c.repeats_wrong).sum(),
    );
    report.count(
        "sequence_faults",
        "faults in the numbers writers saw over all restarts",
        tallies.iter().map(|c| c.sequence_faults).sum(),
    );
    report.count(
        "unanswered",
        "never answered",
        people.iter().map(|writer| writer.waiting() as u64).sum(),
    );
    report.count(
        "waits",
        "answers that asked to try again later",
        tallies.iter().map(|c| c.waits).sum(),
    );
    report.count(
        "refused",
        "refused for good",
        tallies.iter().map(|c| c.refused).sum(),
    );
    report.maybe(
        "restart_p50_ms",
        "start to first answer, p50, ms",
        restarts.quantile_ms(0.5),
    );
    report.maybe(
        "restart_max_ms",
        "start to first answer, longest, ms",
        restarts.max_ms(),
    );
    report.maybe(
        "settle_p50_ms",
        "restart to everything answered, p50, ms",
        settles.quantile_ms(0.5),
    );
    report.maybe(
        "settle_max_ms",
        "restart to everything answered, longest, ms",
        settles.max_ms(),
    );
    for complaint in all
        .examples
        .iter()
        .chain(tallies.iter().flat_map(|c| &c.examples))
        .take(10)
    {
        report.note(complaint.clone());
    }
    scene.complaints(&mut report);
    Ok(report)
}

fn acked(people: &[Arc<Writer>]) -> u64 {
    people.iter().map(|writer| writer.acked()).sum()
}

async fn check(access: &Access, hall: &Hall, people: &[Arc<Writer>]) -> anyhow::Result<Findings> {
    let stored = ledger::read(access, hall, people).await?;
    Ok(ledger::compare(
        &stored,
        &people.iter().map(|writer| writer.sent()).collect::<Vec<_>>(),
    ))
}
