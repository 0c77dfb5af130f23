//! A server process of our own: temporary folder, free port, started, killed, started again.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Ports below those the kernel gives to clients: ten thousand of them must not take ours while the server is down.
const PORTS: std::ops::Range<u16> = 21_000..32_000;
/// How long a server may take to start.
const START_WITHIN: Duration = Duration::from_secs(60);

/// How long it may take to say that it lives, before it is asked again.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// How the server is started.
#[derive(Debug, Clone)]
pub struct HouseOptions {
    pub program: PathBuf,
    /// Database URL; `None` for a new SQLite file.
    pub database: Option<String>,
    pub tick_ms: u64,
    /// 0 for one per core.
    pub shards: usize,
    pub comments_per_s_max: u64,
    /// Seconds over which it sends viewers away when it is asked to end.
    pub drain_s: u64,
    /// Cores for the server, as `taskset` takes them.
    pub cores: Option<String>,
    /// The folder stays when we end.
    pub keep: bool,
}

/// A server process. Killed, and its folder removed, when this is dropped.
pub struct House {
    options: HouseOptions,
    folder: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl House {
    /// Writes a configuration into a new folder and starts the server.
    pub async fn start(options: HouseOptions) -> anyhow::Result<Self> {
        if !options.program.is_file() {
            bail!(
                "there is no server at {}; build it with `cargo build --release`, or name it with --server",
                options.program.display()
            );
        }
        let folder = std::env::temp_dir().join(format!(
            "loadtest-{}-{}",
            std::process::id(),
            crate::clock::now_us()
        ));
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
        let address = free_address()?;
        let mut house = Self {
            options,
            folder,
            address,
            child: None,
        };
        std::fs::write(house.config(), house.configuration())?;
        house.launch().await?;
        Ok(house)
    }

    fn config(&self) -> PathBuf {
        self.folder.join("server.toml")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn configuration(&self) -> String {
        let HouseOptions {
            database,
            tick_ms,
            shards,
            comments_per_s_max,
            drain_s,
            ..
        } = &self.options;
        let folder = self.folder.display();
        let database = database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{folder}/hall.db"));
        let address = self.address;
        format!(
            "listen = \"{address}\"\npublic_url = \"http://{address}\"\ndatabase = \"{database}\"\ndata_dir = \"{folder}/data\"\n\n\
             [live]\nshards = {shards}\ntick_ms = {tick_ms}\ncomments_per_s_max = {comments_per_s_max}\ndrain_s = {drain_s}\n"
        )
    }

    /// Starts the process and waits until it answers. Gives back how long that took.
    pub async fn launch(&mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let mut command = match &self.options.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cores]).arg(&self.options.program);
                command
            }
            None => Command::new(&self.options.program),
        };
        command.arg("serve").arg("--config").arg(self.config());
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        self.child = Some(
            command
                .spawn()
                .with_context(|| format!("could not start {}", self.options.program.display()))?,
        );
        loop {
            if answers(self.address).await {
                return Ok(begun.elapsed());
            }
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                bail!("the server ended at once ({status}):\n{}", self.log_tail());
            }
            if begun.elapsed() > START_WITHIN {
                bail!(
                    "the server does not answer after {} s:\n{}",
                    START_WITHIN.as_secs(),
                    self.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The token of the one-time link the server printed at its first start.
    pub async fn setup_token(&self) -> anyhow::Result<String> {
        let begun = Instant::now();
        loop {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            if let Some((_, rest)) = log.split_once("/staff/setup?token=")
                && let Some((token, _)) = rest.split_once(|c: char| c.is_whitespace())
            {
                return Ok(token.to_owned());
            }
            if begun.elapsed() > START_WITHIN {
                bail!(
                    "the server printed no link for the first administrator; is its database new?\n{}",
                    self.log_tail()
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL: no goodbye, nothing flushed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await.context("could not kill the server")?;
        }
        Ok(())
    }

    /// SIGTERM: the server ends in its own time. Gives back how long that took, and whether it ended with success.
    pub async fn stop(&mut self, within: Duration) -> anyhow::Result<(Duration, bool)> {
        let mut child = self.child.take().context("there is no server to stop")?;
        let pid = child.id().context("the server has ended by itself")?;
        let begun = Instant::now();
        let signalled = Command::new("kill")
            .args(["-TERM", &pid.to_string()])
            .status()
            .await?;
        anyhow::ensure!(signalled.success(), "the server could not be signalled");
        let status = tokio::time::timeout(within, child.wait())
            .await
            .ok()
            .with_context(|| format!("the server did not end within {} s", within.as_secs()))??;
        Ok((begun.elapsed(), status.success()))
    }

    /// Size of the database in KiB with its log; `None` when it is not a file of ours.
    pub fn database_kib(&self) -> Option<f64> {
        if self.options.database.is_some() {
            return None;
        }
        let size = |name: &str| std::fs::metadata(self.folder.join(name)).map_or(0, |file| file.len());
        Some((size("hall.db") + size("hall.db-wal")) as f64 / 1_024.0)
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    pub fn program(&self) -> &Path {
        &self.options.program
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lines of the server's log that report something wrong.
    pub fn complaints(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        log.lines()
            .filter(|line| line.contains("ERROR") || line.contains("panicked"))
            .map(str::to_owned)
            .collect()
    }

    /// The end of the server's log.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may be gone; dropping the child kills it again.
            let _ = child.start_kill();
        }
        if self.options.keep {
            eprintln!("kept: {}", self.folder.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Whether the server says that it lives. It listens before it can answer.
async fn answers(server: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(server).await?;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    tokio::time::timeout(ANSWER_WITHIN, ask)
        .await
        .is_ok_and(|answered| answered.unwrap_or(false))
}

fn free_address() -> anyhow::Result<SocketAddr> {
    let begin = std::process::id() as u16 % (PORTS.end - PORTS.start);
    let ports =
        (0..PORTS.end - PORTS.start).map(|step| PORTS.start + (begin + step) % (PORTS.end - PORTS.start));
    for port in ports {
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        }
    }
    bail!("no port between {} and {} is free", PORTS.start, PORTS.end)
}
