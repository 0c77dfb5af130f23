//! Many people support questions at once: how many a second, how soon each is answered, whether every count is exact, and what
//! those who only watch are sent meanwhile.

mod check;
mod plan;
mod voters;

use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::{Crowd, Scene, Target, Tell};
use crate::measure::{Meter, Used};
use crate::report::Report;
use crate::swarm::{Fleet, Order, Summary};
use crate::talker::{Heard, Talker};
use crate::wire::{Follower, sentence};
use check::{Findings, check};
use plan::{Plan, Shares};
use voters::{Pace, Stretch, Voters};

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Pause after a step, so that it does not weigh on the next.
const PAUSE: Duration = Duration::from_secs(3);
/// Questions a guest may ask at once by the server's table.
const QUESTIONS_AT_ONCE: usize = 3;
/// Supports of one person at once by the server's table.
const SUPPORTS_AT_ONCE: usize = 30;
/// Part of the votes sent before counting begins: pools, caches and statements reach their size.
const WARM_UP: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// People who vote, each over a WebSocket of its own. The server lets each of them support 30 times at once and then once a second.
    #[arg(long, default_value_t = 10_000)]
    voters: usize,
    /// Published questions.
    #[arg(long, default_value_t = 30)]
    questions: usize,
    /// Votes a second; 0 is as fast as they are answered.
    #[arg(long, default_value_t = 20_000.0)]
    rate: f64,
    /// Seconds of them.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Votes that may wait for their answer when `--rate` is 0.
    #[arg(long, default_value_t = 2_000)]
    in_flight: usize,
    /// Votes a second of the quiet stretch that outbound cost is compared with.
    #[arg(long, default_value_t = 100.0)]
    quiet_rate: f64,
    /// Seconds of the quiet stretch.
    #[arg(long, default_value_t = 10)]
    quiet_seconds: u64,
    /// Share of supports sent a second time at once.
    #[arg(long, default_value_t = 0.02)]
    doubles: f64,
    /// Share of supports taken back at once.
    #[arg(long, default_value_t = 0.02)]
    revokes: f64,
    /// People who only watch; what they are sent is counted.
    #[arg(long, default_value_t = 500)]
    viewers: usize,
    /// Voters whose own list of supports is compared in the end.
    #[arg(long, default_value_t = 300)]
    asked: usize,
    /// Kill the server in the middle of the votes, start it again, and look for what was acknowledged.
    #[arg(long)]
    kill: bool,
    /// Cores of the viewers, as `taskset -c` takes them.
    #[arg(long, value_name = "LIST")]
    client_cores: Option<String>,
    /// Seed of everything that looks random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Places in the plan where the stretches begin and end.
struct Parts {
    warm_up: usize,
    busy: usize,
    quiet: usize,
}

impl Options {
    fn parts(&self) -> Parts {
        // As fast as possible is unknown before; the plan is for a rate nothing has reached, and what is over stays unsent.
        let busy = if self.rate > 0.0 { self.rate } else { 20_000.0 };
        let warm_up = (busy / 4.0 * WARM_UP.as_secs_f64()) as usize;
        let busy = warm_up + (busy * self.seconds as f64) as usize;
        Parts {
            warm_up,
            busy,
            quiet: busy + (self.quiet_rate * self.quiet_seconds as f64) as usize,
        }
    }

    fn pace(&self) -> Pace {
        if self.rate > 0.0 {
            Pace::PerSecond(self.rate)
        } else {
            Pace::InFlight(self.in_flight)
        }
    }
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        voters,
        questions,
        rate,
        seconds,
        doubles,
        revokes,
        seed,
        ..
    } = &options;
    anyhow::ensure!(
        *voters > 0 && *questions > 0 && *seconds > 0,
        "voters, questions and a time above zero are needed"
    );
    let parts = options.parts();
    let plan = Plan::new(
        parts.quiet,
        *voters,
        *questions,
        Shares {
            doubles: *doubles,
            revokes: *revokes,
        },
        *seed,
    )?;
    let pace = if *rate > 0.0 {
        format!("{rate} votes/s")
    } else {
        format!("{} votes in flight", options.in_flight)
    };
    let mut report = Report::begin(
        "votes",
        format!(
            "{voters} voters, {questions} questions, {pace} for {seconds} s, {} viewers{}",
            options.viewers,
            if options.kill { ", SIGKILL" } else { "" }
        ),
    );
    let most = plan.most_of_one();
    if most > SUPPORTS_AT_ONCE {
        report.note(format!("somebody votes {most} times, more than the {SUPPORTS_AT_ONCE} the server lets a person do at once"));
    }

    tell.step("starting the server, a hall and a session");
    let mut scene = Scene::open(target, 20.0).await?;
    tell.step(&format!(
        "{voters} voters come in, {questions} questions are asked"
    ));
    let begun = Instant::now();
    let askers = scene.access.guests(questions.div_ceil(QUESTIONS_AT_ONCE)).await?;
    let ids = ask(&scene, &askers, *questions).await?;
    let tokens = scene.access.guests(*voters).await?;
    report.add(
        "prepare_s",
        "time until all voters had come in, s",
        begun.elapsed().as_secs_f64(),
    );
    let voting = Voters::new(
        scene.server,
        scene.hall.live_path(),
        tokens.clone(),
        ids.clone(),
        plan,
    )?;
    let voting = apart(voting, |voting| voting.come(CONNECT_WITHIN).map(|_| ()))
        .await?
        .0;
    let mut fleet = scene
        .fleet(&Crowd {
            viewers: options.viewers,
            per_process: 0,
            connecting: 256,
            look_every_us: 500,
            client_cores: options.client_cores.clone(),
            seed: *seed,
            sse: false,
            deflate: false,
            identified: false,
            stalling_every: 0,
        })
        .await?;
    if options.viewers > 0 {
        fleet.come(Duration::ZERO, CONNECT_WITHIN, |_| ()).await?;
    }
    let before_kill = if options.kill {
        voting_with_kill(
            &options,
            &parts,
            &mut scene,
            voting,
            &ids,
            &tokens,
            &tell,
            &mut report,
        )
        .await?
    } else {
        voting_watched(&options, &parts, &scene, &mut fleet, voting, &tell, &mut report).await?
    };
    let voting = before_kill;
    tell.step("comparing the counts");
    let expected = voting.plan.expected();
    anyhow::ensure!(expected.in_doubt.is_empty(), "votes are still without an answer");
    let found = check(
        &scene.access,
        &scene.hall,
        &ids,
        &tokens,
        &expected,
        options.asked,
        *seed,
    )
    .await?;
    add_findings(&mut report, &found);
    report.count(
        "broken",
        "messages not understood or answered twice",
        voting.broken,
    );
    report.count("lost_connections", "voters' connections lost", voting.lost);
    if !voting.closed.is_empty() && !options.kill {
        report.note(format!("voters closed: {:?}", voting.closed));
    }
    scene.complaints(&mut report);
    Ok(report)
}

/// Busy, then quiet, with everything counted. Quiet comes second so that the numbers sent are equally long.
async fn voting_watched(
    options: &Options,
    parts: &Parts,
    scene: &Scene,
    fleet: &mut Fleet,
    voting: Voters,
    tell: &Tell,
    report: &mut Report,
) -> anyhow::Result<Voters> {
    tell.step("warming up");
    let (warm_up, busy, quiet) = (parts.warm_up, parts.busy, parts.quiet);
    let warm_rate = Pace::PerSecond(warm_up as f64 / WARM_UP.as_secs_f64());
    let (voting, _) = apart(voting, move |v| {
        v.vote(0..warm_up, warm_rate, ANSWER_WITHIN, |_, _| ())
    })
    .await?;
    tokio::time::sleep(PAUSE).await;
    tell.step("the votes");
    let (voting, fast) = stretch(scene, fleet, voting, warm_up..busy, options.pace(), tell).await?;
    tokio::time::sleep(PAUSE).await;
    tell.step("the quiet stretch");
    let (voting, slow) = stretch(
        scene,
        fleet,
        voting,
        busy..quiet,
        Pace::PerSecond(options.quiet_rate),
        tell,
    )
    .await?;
    add_busy(report, &fast);
    report.maybe(
        "quiet_answer_p50_ms",
        "quiet: due to answered, p50, ms",
        slow.votes.answers.quantile_ms(0.5),
    );
    report.maybe(
        "quiet_answer_p99_ms",
        "quiet: due to answered, p99, ms",
        slow.votes.answers.quantile_ms(0.99),
    );
    report.maybe(
        "quiet_server_cores",
        "quiet: server CPU, cores",
        slow.used.server_s.map(|s| s / slow.used.wall_s),
    );
    if options.viewers > 0 {
        add_outbound(report, options.viewers, &fast, &slow);
        super::add_faults(report, &fast.seen);
    }
    Ok(voting)
}

/// A stretch with what it cost and what the viewers saw of it.
struct Measured {
    votes: Stretch,
    used: Used,
    seen: Summary,
}

async fn stretch(
    scene: &Scene,
    fleet: &mut Fleet,
    voting: Voters,
    range: std::ops::Range<usize>,
    pace: Pace,
    tell: &Tell,
) -> anyhow::Result<(Voters, Measured)> {
    fleet.order(&Order::Reset).await?;
    let meter = Meter::start(scene.pid());
    let tell = tell.clone();
    let (voting, votes) = apart(voting, move |v| {
        v.vote(range, pace, ANSWER_WITHIN, |second, stretch| {
            if tell.is_new(second) {
                tell.progress(second, &told(stretch));
            }
        })
    })
    .await?;
    let used = meter.read();
    let seen = fleet.report().await?;
    Ok((voting, Measured { votes, used, seen }))
}

/// Votes until the server is killed, starts it again, looks for what was acknowledged, and lets everybody repeat what was not.
#[expect(clippy::too_many_arguments, reason = "the whole scene of one variant")]
async fn voting_with_kill(
    options: &Options,
    parts: &Parts,
    scene: &mut Scene,
    voting: Voters,
    ids: &[String],
    tokens: &[String],
    tell: &Tell,
    report: &mut Report,
) -> anyhow::Result<Voters> {
    tell.step("the votes, until the server is killed");
    let length = Duration::from_secs(options.seconds) / 2;
    let (pace, range) = (options.pace(), 0..parts.busy);
    let until = Instant::now() + length + Duration::from_millis(500);
    let house = scene.own()?;
    let kill = async {
        tokio::time::sleep(length).await;
        house.kill().await
    };
    let (voting, killed) = tokio::join!(
        apart(voting, move |v| {
            v.vote_until(range, pace, until)?;
            v.all_lost()
        }),
        kill
    );
    killed?;
    let voting = voting?.0;
    let restart = house.launch().await?;
    report.add("restart_s", "start after the kill, s", restart.as_secs_f64());
    let expected = voting.plan.expected();
    report.count(
        "in_doubt",
        "votes under way at the kill",
        expected.in_doubt.len() as u64,
    );
    let found = check(
        &scene.access,
        &scene.hall,
        ids,
        tokens,
        &expected,
        options.asked,
        options.seed,
    )
    .await?;
    report.count(
        "kill_counts_wrong",
        "after the kill: counts outside what was acknowledged",
        found.counts_wrong,
    );
    report.count("kill_lost", "after the kill: acknowledged and lost", found.lost);
    for example in &found.examples {
        eprintln!("after the kill: {example}");
    }
    tell.step("everybody comes back and repeats what was not answered");
    let (voting, repeated) = apart(voting, |v| {
        v.come(CONNECT_WITHIN)?;
        v.repeat_unanswered(ANSWER_WITHIN)
    })
    .await?;
    report.count("repeated", "votes repeated", repeated);
    Ok(voting)
}

/// Runs the voters on a thread of their own.
async fn apart<T: Send + 'static>(
    mut voting: Voters,
    run: impl FnOnce(&mut Voters) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<(Voters, T)> {
    let (voting, outcome) = tokio::task::spawn_blocking(move || {
        let outcome = run(&mut voting);
        (voting, outcome)
    })
    .await?;
    Ok((voting, outcome?))
}

/// Publishes the questions and gives back their ids.
async fn ask(scene: &Scene, askers: &[String], questions: usize) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::with_capacity(questions);
    for (at, token) in askers.iter().enumerate() {
        let mut talker =
            Talker::open(scene.server, &scene.hall.live_path(), token, &Follower::default()).await?;
        talker.welcomed(|_| ()).await?;
        for number in (at * QUESTIONS_AT_ONCE..questions).take(QUESTIONS_AT_ONCE) {
            let body = format!("第{}件事：{}", number + 1, sentence(number as u64));
            talker
                .say(&json!({ "type": "question", "ref": format!("question{number}"), "body": body }))
                .await?;
            loop {
                match talker.hear().await {
                    Heard::Ack { id, state, .. } => {
                        anyhow::ensure!(state == "published", "a question was not published: {state}");
                        ids.push(id);
                        break;
                    }
                    Heard::Refused { code, .. } => anyhow::bail!("a question was refused: {code}"),
                    Heard::Gone(why) => anyhow::bail!("who asks was sent away: {why}"),
                    _ => {}
                }
            }
        }
    }
    anyhow::ensure!(ids.len() == questions, "not all questions were published");
    Ok(ids)
}

fn told(stretch: &Stretch) -> String {
    let p99 = stretch.answers.quantile_ms(0.99).unwrap_or(0.0);
    format!(
        "{} sent, {} answered, p99 {p99:.0} ms",
        stretch.sent, stretch.acknowledged
    )
}

fn add_busy(report: &mut Report, fast: &Measured) {
    let Stretch {
        sent,
        acknowledged,
        answers,
        sending_s,
        answered_s,
        refused,
    } = &fast.votes;
    let answered = *acknowledged as f64;
    report.count("votes", "votes sent", *sent);
    report.count("acknowledged", "votes acknowledged", *acknowledged);
    report.count("refused", "votes refused", refused.values().sum());
    if !refused.is_empty() {
        report.note(format!("refused: {refused:?}"));
    }
    report.add("sent_per_s", "votes sent per second", *sent as f64 / sending_s);
    report.add(
        "answered_per_s",
        "votes answered per second",
        answered / answered_s,
    );
    for (name, what, q) in [
        ("answer_p50_ms", "due to answered, p50, ms", 0.5),
        ("answer_p99_ms", "due to answered, p99, ms", 0.99),
        ("answer_p999_ms", "due to answered, p99.9, ms", 0.999),
    ] {
        report.maybe(name, what, answers.quantile_ms(q));
    }
    report.maybe("answer_max_ms", "due to answered, longest, ms", answers.max_ms());
    let used = &fast.used;
    report.maybe(
        "server_cores",
        "server CPU, cores",
        used.server_s.map(|s| s / used.wall_s),
    );
    report.maybe(
        "server_cpu_per_vote_us",
        "server CPU per vote, everything counted, us",
        used.server_s.map(|s| s * 1e6 / answered),
    );
    report.add(
        "client_cpu_per_vote_us",
        "load tester CPU per vote, us",
        used.clients_s * 1e6 / answered,
    );
    report.add(
        "other_cores",
        "everything else on the machine, cores",
        used.others_s / used.wall_s,
    );
}

/// What one who only watches is sent, and how much it depends on the votes.
fn add_outbound(report: &mut Report, viewers: usize, fast: &Measured, slow: &Measured) {
    let each = |part: &Measured, amount: u64| amount as f64 / part.used.wall_s / viewers as f64;
    let (busy, quiet) = (
        each(fast, fast.seen.tally.bytes),
        each(slow, slow.seen.tally.bytes),
    );
    report.add("viewer_bytes_per_s", "bytes per viewer and second", busy);
    report.add(
        "quiet_viewer_bytes_per_s",
        "quiet: bytes per viewer and second",
        quiet,
    );
    report.add(
        "outbound_change_pct",
        "change of bytes per viewer from quiet to busy, per cent",
        (busy / quiet - 1.0) * 100.0,
    );
    report.add(
        "viewer_batches_per_s",
        "batches per viewer and second",
        each(fast, fast.seen.tally.batches),
    );
    report.add(
        "quiet_viewer_batches_per_s",
        "quiet: batches per viewer and second",
        each(slow, slow.seen.tally.batches),
    );
}

fn add_findings(report: &mut Report, found: &Findings) {
    report.count("counted", "supports counted in the end", found.counted);
    report.count("counts_wrong", "questions with a wrong count", found.counts_wrong);
    report.count(
        "counts_off_by",
        "supports too many or too few",
        found.counts_off_by,
    );
    report.count(
        "supports_lost",
        "acknowledged supports people asked do not have",
        found.lost,
    );
    report.count(
        "supports_surplus",
        "supports people asked have and took back or never gave",
        found.surplus,
    );
    for example in &found.examples {
        eprintln!("{example}");
    }
}
