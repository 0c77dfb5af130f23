//! What can be asked for on the command line.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::compare;
use crate::report::{Budgets, Report, record};
use crate::scenario::{
    self, crash, drain, fanout, idle, join_storm, mixed, reconnect_storm, scale, slow, soak, votes,
};

/// How often the program looks whether it runs at all, and from which delay on it says that it did not.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const STILL: Duration = Duration::from_secs(1);
/// Exit code when everything worked and a figure is over its budget.
const OVER_BUDGET: u8 = 2;

#[derive(Debug, Parser)]
#[command(
    name = "loadtest",
    version,
    about = "Load tests of yishiting: fan-out beside other systems, joins, votes, idle memory, slow viewers, drains, crashes, hours of use"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Many viewers, comments at a steady rate: loss, latency, memory, processor time per delivery.
    Fanout(Run<fanout::Options>),
    /// Many viewers, nothing happens: memory and processor time of each.
    Idle(Run<idle::Options>),
    /// Some viewers stop reading for a minute: what it costs, whether the others notice, how they come back.
    Slow(Run<slow::Options>),
    /// The server is asked to end under many viewers: how evenly they go and return, and that nothing is lost.
    Drain(Run<drain::Options>),
    /// The model case: a tenth of the audience takes part, hot and calm minutes, moderators, the stage.
    Mixed(Run<mixed::Options>),
    /// The same at a low pace for hours, with viewers that come and go: what grows.
    Soak(Run<soak::Options>),
    /// What a delivery costs as a session grows and as sessions become more.
    Scale(Run<scale::Options>),
    /// Many viewers join a room with a long past, all at once: time to a live view, processor time, database reads.
    JoinStorm(Run<join_storm::Options>),
    /// The server is killed while people write, again and again: what was acknowledged is there, once.
    Crash(Run<crash::Options>),
    /// The server is killed under many viewers: all come back at once and miss nothing.
    ReconnectStorm(Run<reconnect_storm::Options>),
    /// Many people support questions at once: rate, answers, exact counts, what viewers are sent.
    Votes(Run<votes::Options>),
    /// Ours beside other systems in one run: floor, nchan, NATS, uWebSockets, Socket.IO, a naive server.
    Compare(Run<compare::Options>),
    /// A bare epoll loop; started by `compare`.
    #[command(hide = true)]
    PeerFloor {
        port: u16,
        publish_port: u16,
        threads: usize,
    },
    /// A naive server; started by `compare`.
    #[command(hide = true)]
    PeerNaive { port: u16, threads: usize },
    /// A process of viewers; started by the others.
    #[command(hide = true)]
    Worker,
}

/// A scenario and what is done with its result.
#[derive(Debug, Args)]
struct Run<S: Args> {
    #[command(flatten)]
    scenario: S,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Output {
    /// Also write the result as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Budgets to check; exit code 2 when a figure is over its own.
    #[arg(long, value_name = "FILE", default_value = "loadtest/budgets.toml")]
    budgets: PathBuf,
    /// Check no budgets.
    #[arg(long)]
    no_budgets: bool,
    /// Add the result to the book, newest first.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "loadtest/RESULTS.md", require_equals = true)]
    record: Option<PathBuf>,
    /// No progress while it runs.
    #[arg(long, short)]
    quiet: bool,
}

impl Output {
    fn budgets(&self) -> anyhow::Result<Budgets> {
        if self.no_budgets {
            return Ok(Budgets::default());
        }
        // Without the repository around it the program is still of use; a file that was asked for must be there.
        if self.budgets == Path::new("loadtest/budgets.toml") && !self.budgets.is_file() {
            return Ok(Budgets::default());
        }
        Budgets::read(&self.budgets)
    }

    fn finish(&self, report: &Report, budgets: &Budgets) -> anyhow::Result<ExitCode> {
        println!(
            "\n{}: {}\n{}, commit {}\n{}\n\n{}",
            report.scenario,
            report.title,
            report.begun,
            report.commit,
            report.machine,
            report.table(budgets)
        );
        if let Some(path) = &self.json {
            std::fs::write(path, format!("{:#}\n", report.json(budgets)))?;
        }
        if let Some(path) = &self.record {
            record(path, report, budgets)?;
        }
        for name in budgets.not_measured(report) {
            eprintln!(
                "there is a budget for `{}.{name}`, which was not measured",
                report.scenario
            );
        }
        let over = report.over(budgets);
        for figure in &over {
            eprintln!("over budget: {figure}");
        }
        Ok(if over.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(OVER_BUDGET)
        })
    }
}

/// Does what the command line asks for.
pub fn run() -> anyhow::Result<ExitCode> {
    match Cli::parse().command {
        Command::Fanout(run) => measured(&run.output, |tell| fanout::run(run.scenario, tell)),
        Command::Idle(run) => measured(&run.output, |tell| idle::run(run.scenario, tell)),
        Command::Slow(run) => measured(&run.output, |tell| slow::run(run.scenario, tell)),
        Command::Drain(run) => measured(&run.output, |tell| drain::run(run.scenario, tell)),
        Command::Mixed(run) => measured(&run.output, |tell| mixed::run(run.scenario, tell)),
        Command::Soak(run) => measured(&run.output, |tell| soak::run(run.scenario, tell)),
        Command::Scale(run) => measured(&run.output, |tell| scale::run(run.scenario, tell)),
        Command::JoinStorm(run) => measured(&run.output, |tell| join_storm::run(run.scenario, tell)),
        Command::Crash(run) => measured(&run.output, |tell| crash::run(run.scenario, tell)),
        Command::ReconnectStorm(run) => {
            measured(&run.output, |tell| reconnect_storm::run(run.scenario, tell))
        }
        Command::Votes(run) => measured(&run.output, |tell| votes::run(run.scenario, tell)),
        Command::Compare(run) => measured(&run.output, |tell| compare::run(run.scenario, tell)),
        Command::PeerFloor {
            port,
            publish_port,
            threads,
        } => compare::serve_floor(port, publish_port, threads).map(|()| ExitCode::SUCCESS),
        Command::PeerNaive { port, threads } => {
            compare::serve_naive(port, threads).map(|()| ExitCode::SUCCESS)
        }
        Command::Worker => {
            crate::swarm::run_worker()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn measured<F: Future<Output = anyhow::Result<Report>>>(
    output: &Output,
    scenario: impl FnOnce(scenario::Tell) -> F,
) -> anyhow::Result<ExitCode> {
    let budgets = output.budgets()?;
    let tell = scenario::Tell::new(output.quiet);
    // One thread: the load tester shares the machine with what it measures.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let stood_still = Cell::new(Duration::ZERO);
    let mut report = runtime.block_on(async {
        tokio::select! {
            report = scenario(tell) => report,
            () = watch_clock(&stood_still) => unreachable!("the watch has no end"),
            // Ending here, and not where the signal strikes, stops the server and removes its folder.
            () = asked_to_stop() => Err(anyhow::anyhow!("stopped by a signal; nothing was measured")),
        }
    })?;
    if !stood_still.get().is_zero() {
        report.note(format!(
            "this program stood still for {:.0} s in all: somebody stopped it or took the machine; the times above are not the server's",
            stood_still.get().as_secs_f64()
        ));
    }
    output.finish(&report, &budgets)
}

/// Adds up how long this program did not get to run although it wanted to, in pieces of a second and more.
async fn watch_clock(stood_still: &Cell<Duration>) {
    loop {
        let begun = Instant::now();
        tokio::time::sleep(LOOK_EVERY).await;
        let late = begun.elapsed().saturating_sub(LOOK_EVERY);
        if late > STILL {
            stood_still.set(stood_still.get() + late);
        }
    }
}

/// Resolves at Ctrl-C or when somebody asks the process to end.
async fn asked_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
