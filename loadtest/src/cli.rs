//! What can be asked for on the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::report::{Budgets, Report, record};
use crate::scenario::{self, crash, fanout, idle, reconnect_storm, votes};

/// Exit code when everything worked and a figure is over its budget.
const OVER_BUDGET: u8 = 2;

#[derive(Debug, Parser)]
#[command(
    name = "loadtest",
    version,
    about = "Load tests of yishiting: fan-out, idle memory, crashes, reconnect storms, votes"
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
    /// The server is killed while people write, again and again: what was acknowledged is there, once.
    Crash(Run<crash::Options>),
    /// The server is killed under many viewers: all come back at once and miss nothing.
    ReconnectStorm(Run<reconnect_storm::Options>),
    /// Many people support questions at once: rate, answers, exact counts, what viewers are sent.
    Votes(Run<votes::Options>),
    /// A process of viewers; started by the others.
    #[command(hide = true)]
    Worker { plan: String },
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
        Command::Crash(run) => measured(&run.output, |tell| crash::run(run.scenario, tell)),
        Command::ReconnectStorm(run) => {
            measured(&run.output, |tell| reconnect_storm::run(run.scenario, tell))
        }
        Command::Votes(run) => measured(&run.output, |tell| votes::run(run.scenario, tell)),
        Command::Worker { plan } => {
            crate::swarm::run_worker(serde_json::from_str(&plan)?)?;
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
    let report = runtime.block_on(async {
        tokio::select! {
            report = scenario(tell) => report,
            // Ending here, and not where the signal strikes, stops the server and removes its folder.
            () = asked_to_stop() => Err(anyhow::anyhow!("stopped by a signal; nothing was measured")),
        }
    })?;
    output.finish(&report, &budgets)
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
