//! The worker processes of a run and what they say together.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, watch};

use super::book::Checks;
use super::tally::Tally;
use super::worker::{Order, Plan, Report, Word};
use crate::measure::Histogram;
use crate::wire::Dialect;

/// How long a worker may take to report.
const REPORT_WITHIN: Duration = Duration::from_secs(30);

/// What a fleet is made of.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    pub server: SocketAddr,
    /// Paths of live channels; viewers are dealt out to them in turn.
    pub paths: Vec<String>,
    pub viewers: usize,
    /// Viewers of one process, at most.
    pub per_process: usize,
    /// Handshakes under way at once, in all.
    pub connecting_max: usize,
    /// Microseconds between two looks at the sockets.
    pub look_every_us: u64,
    /// Cores for the workers, as `taskset` takes them.
    pub cores: Option<String>,
    pub seed: u64,
    pub dialect: Dialect,
    /// Viewers offer compression.
    pub stalling_every: usize,
    pub deflate: bool,
    /// Viewers say who they are, with these tokens in turn.
    pub tokens: Vec<String>,
}

/// All worker processes. They end when this is dropped.
pub struct Fleet {
    workers: Vec<Worker>,
    viewers: usize,
}

struct Worker {
    orders: ChildStdin,
    progress: Arc<Mutex<Progress>>,
    reports: mpsc::Receiver<Report>,
    complete: watch::Receiver<u64>,
    child: Child,
}

/// How it goes.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub live: usize,
    pub comments: u64,
    pub batches: u64,
    pub gaps: u64,
    /// Since the last look.
    pub latency: Histogram,
}

/// Everything counted by all workers since the last reset.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub tally: Tally,
    pub checks: Checks,
    /// Publish to seen, every comment at every viewer.
    pub latency: Histogram,
    /// Connect to first message.
    pub joined: Histogram,
    /// Order to first message.
    pub live: Histogram,
    /// Order to the number aimed at, and how many are not there yet.
    pub level: Histogram,
    pub level_own: Histogram,
    pub levelling: u64,
    /// Loss of a connection to the first message of the next.
    pub away: Histogram,
    /// Viewers that do not read.
    pub stalled: u64,
    /// Viewers that lost their connection and have heard nothing since.
    pub away_now: u64,
    /// When handshakes were answered and when viewers were sent away, microseconds since 1970, in no order.
    pub came_us: Vec<u64>,
    pub sent_away_us: Vec<u64>,
    /// Per comment: publish to seen by the last viewer.
    pub last_viewer: Histogram,
    /// Comments by number, and how many viewers got each.
    pub seen: BTreeMap<u64, u64>,
    /// Last number known, and how many viewers are there.
    pub places: BTreeMap<Option<u64>, u64>,
    pub here: usize,
}

impl Fleet {
    /// Starts the processes; nobody connects yet.
    pub async fn start(options: &FleetOptions) -> anyhow::Result<Self> {
        let processes = options.viewers.div_ceil(options.per_process.max(1)).max(1);
        let program = std::env::current_exe().context("where this program is")?;
        let mut workers = Vec::new();
        let mut offset = 0;
        for at in 0..processes {
            let viewers = (options.viewers - offset).div_ceil(processes - at);
            let plan = Plan {
                server: options.server,
                paths: options.paths.clone(),
                viewers,
                offset,
                connecting_max: (options.connecting_max / processes).max(1),
                look_every_us: options.look_every_us,
                seed: options.seed + at as u64,
                dialect: options.dialect,
                stalling_every: options.stalling_every,
                deflate: options.deflate,
                tokens: options.tokens.clone(),
            };
            offset += viewers;
            let mut command = match &options.cores {
                Some(cores) => {
                    let mut command = Command::new("taskset");
                    command.args(["-c", cores]).arg(&program);
                    command
                }
                None => Command::new(&program),
            };
            command.arg("worker");
            let mut child = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .context("could not start a worker process")?;
            let mut orders = child.stdin.take().context("the worker has a standard input")?;
            // Not as an argument: tokens of thousands of guests are longer than arguments may be.
            let mut line = serde_json::to_vec(&plan)?;
            line.push(b'\n');
            orders
                .write_all(&line)
                .await
                .context("a worker process did not take its plan")?;
            let words = child.stdout.take().context("the worker has a standard output")?;
            let progress = Arc::new(Mutex::new(Progress::default()));
            let (send, reports) = mpsc::channel(1);
            let (tell, complete) = watch::channel(0);
            tokio::spawn(listen(
                BufReader::with_capacity(1 << 20, words),
                progress.clone(),
                send,
                tell,
            ));
            workers.push(Worker {
                orders,
                progress,
                reports,
                complete,
                child,
            });
        }
        Ok(Self {
            workers,
            viewers: options.viewers,
        })
    }

    /// Gives all of them an order.
    pub async fn order(&mut self, order: &Order) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        for worker in &mut self.workers {
            worker
                .orders
                .write_all(&line)
                .await
                .context("a worker process is gone")?;
        }
        Ok(())
    }

    /// How it goes now. Latencies are those since the last look.
    pub fn progress(&self) -> Progress {
        let mut all = Progress::default();
        for worker in &self.workers {
            let mut one = worker.progress.lock().unwrap_or_else(PoisonError::into_inner);
            all.live += one.live;
            all.comments += one.comments;
            all.batches += one.batches;
            all.gaps += one.gaps;
            all.latency.merge(&std::mem::take(&mut one.latency).packed());
        }
        all
    }

    /// Has everybody connect, and waits until they are. Gives back how long it took.
    pub async fn come(
        &mut self,
        spread: Duration,
        within: Duration,
        mut tell: impl FnMut(&Progress),
    ) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        self.order(&Order::Come {
            spread_ms: spread.as_millis() as u64,
        })
        .await?;
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let progress = self.progress();
            if progress.live == self.viewers {
                return Ok(begun.elapsed());
            }
            tell(&progress);
            if begun.elapsed() > within {
                let report = self.report().await?;
                bail!(
                    "{} of {} viewers are connected after {} s; {} attempts failed; closed: {:?}",
                    progress.live,
                    self.viewers,
                    within.as_secs(),
                    report.tally.failed,
                    report.tally.closed
                );
            }
        }
    }

    /// Everything counted since the last reset.
    pub async fn report(&mut self) -> anyhow::Result<Summary> {
        self.order(&Order::Report).await?;
        let mut all = Summary::default();
        let mut last_us: BTreeMap<u64, u64> = BTreeMap::new();
        for worker in &mut self.workers {
            let report = tokio::time::timeout(REPORT_WITHIN, worker.reports.recv())
                .await
                .ok()
                .flatten()
                .context("a worker process does not report")?;
            all.tally.add(&report.tally);
            // Every process reads every batch.
            let omitted = all.checks.omitted.max(report.checks.omitted);
            all.checks.add(&report.checks);
            all.checks.omitted = omitted;
            all.level.merge(&report.level);
            all.level_own.merge(&report.level_own);
            all.away.merge(&report.away);
            all.levelling += report.levelling;
            all.stalled += report.stalled;
            all.away_now += report.away_now;
            all.came_us.extend(report.came_us);
            all.sent_away_us.extend(report.sent_away_us);
            all.latency.merge(&report.latency);
            all.joined.merge(&report.joined);
            all.live.merge(&report.live);
            all.here += report.here;
            for seen in report.comments {
                *all.seen.entry(seen.number).or_default() += seen.viewers;
                let last = last_us.entry(seen.number).or_default();
                *last = (*last).max(seen.last_us);
            }
            for (place, viewers) in report.places {
                *all.places.entry(place).or_default() += viewers;
            }
        }
        for us in last_us.into_values() {
            all.last_viewer.add(us);
        }
        Ok(all)
    }

    /// Has everybody count anew. Everything told afterwards is of after it.
    pub async fn reset(&mut self) -> anyhow::Result<()> {
        self.order(&Order::Reset).await?;
        // Orders are followed one after the other, so an answer to a later one means that this one is done.
        self.report().await.map(drop)
    }

    /// Waits until the first `comments` comments since the last reset have reached everybody. `false` when `within` is over.
    pub async fn reached(&mut self, comments: u64, within: Duration) -> bool {
        let wait = async {
            for worker in &mut self.workers {
                if worker
                    .complete
                    .wait_for(|so_far| *so_far >= comments)
                    .await
                    .is_err()
                {
                    return false;
                }
            }
            true
        };
        tokio::time::timeout(within, wait).await.unwrap_or(false)
    }

    /// Processes of the viewers.
    pub fn pids(&self) -> Vec<u32> {
        self.workers
            .iter()
            .filter_map(|worker| worker.child.id())
            .collect()
    }

    /// Viewers in all.
    pub fn viewers(&self) -> usize {
        self.viewers
    }
}

async fn listen(
    words: BufReader<tokio::process::ChildStdout>,
    progress: Arc<Mutex<Progress>>,
    reports: mpsc::Sender<Report>,
    complete: watch::Sender<u64>,
) {
    let mut lines = words.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match serde_json::from_str(&line) {
            Ok(Word::Progress {
                live,
                comments,
                batches,
                gaps,
                latency,
            }) => {
                let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
                (progress.live, progress.comments, progress.batches, progress.gaps) =
                    (live, comments, batches, gaps);
                progress.latency.merge(&latency);
            }
            Ok(Word::Report(report)) => {
                if reports.send(*report).await.is_err() {
                    return;
                }
            }
            Ok(Word::Complete(comments)) => drop(complete.send(comments)),
            Err(_) => return,
        }
    }
}
