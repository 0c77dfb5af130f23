//! The systems that are compared: how each is installed, started with its best settings, watched, and given a message.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command as Blocking, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::clock::now_us;
use crate::measure::proc;
use crate::scenario::{Scene, Target};
use crate::wire::{Dialect, NATS_SUBJECT, Stamp};

/// How long a peer may take to start.
const START_WITHIN: Duration = Duration::from_secs(30);
/// How often a peer is asked to publish a message.
const PUBLISH_TRIES: usize = 5;
/// Ports below those the kernel gives to clients.
const PORTS: std::ops::Range<u16> = 21_000..32_000;

/// A system that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum System {
    /// What the kernel alone costs: a bare epoll loop.
    Floor,
    /// The same with two threads.
    FloorTwo,
    /// nginx with nchan.
    Nchan,
    /// nats-server over WebSocket.
    Nats,
    /// uWebSockets through socketify.
    Uwebsockets,
    /// Socket.IO on Node.
    SocketIo,
    /// axum with tokio's broadcast, as in every tutorial.
    Naive,
    /// Ours with everything on, one shard.
    Yishiting,
    /// Ours with two shards.
    YishitingTwo,
}

impl System {
    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::FloorTwo => "floor, 2 threads",
            Self::Nchan => "nginx + nchan",
            Self::Nats => "NATS WebSocket",
            Self::Uwebsockets => "uWebSockets",
            Self::SocketIo => "Socket.IO",
            Self::Naive => "naive axum",
            Self::Yishiting => "yishiting",
            Self::YishitingTwo => "yishiting, 2 shards",
        }
    }

    pub fn is_ours(self) -> bool {
        matches!(self, Self::Yishiting | Self::YishitingTwo)
    }

    pub fn dialect(self) -> Dialect {
        match self {
            Self::Yishiting | Self::YishitingTwo => Dialect::Yishiting,
            Self::Nats => Dialect::Nats,
            Self::SocketIo => Dialect::SocketIo,
            _ => Dialect::Plain,
        }
    }

    /// Where viewers go, for those that are not ours.
    fn path(self) -> &'static str {
        match self {
            Self::Nats => "/",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
            _ => "/live",
        }
    }

    /// Debian packages it needs.
    pub fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Nchan => &["nginx", "libnginx-mod-nchan"],
            Self::Nats => &["nats-server"],
            Self::Uwebsockets => &["python3-venv", "libuv1"],
            _ => &[],
        }
    }
}

/// Where the peers' settings are and what they are started with.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// `loadtest/peers`.
    pub peers: PathBuf,
    /// A folder for what is installed from package indexes, kept between runs.
    pub tools: PathBuf,
    /// A folder for this run.
    pub folder: PathBuf,
    /// Cores for servers, as `taskset` takes them.
    pub cores: Option<String>,
}

/// A running system.
pub struct Peer {
    pub system: System,
    pub address: SocketAddr,
    pub path: String,
    child: Option<Child>,
    publisher: Publisher,
    scene: Option<Box<Scene>>,
}

enum Publisher {
    /// Four bytes of length and the text.
    Raw(TcpStream),
    Nats(TcpStream),
    Http(reqwest::Client, String),
    /// Guests of ours, who each wait for the answer.
    Comments {
        client: reqwest::Client,
        url: String,
        tokens: Vec<String>,
    },
}

impl Peer {
    pub async fn start(
        system: System,
        around: &Surroundings,
        ours: &Target,
        guests: usize,
    ) -> anyhow::Result<Self> {
        if system.is_ours() {
            return Self::start_ours(system, around, ours, guests).await;
        }
        let (port, publish_port) = (free_port(0)?, free_port(1)?);
        let mut command = around.command(&around.program(system)?);
        match system {
            System::Floor | System::FloorTwo => {
                let threads = if system == System::FloorTwo { "2" } else { "1" };
                command.args([
                    "peer-floor",
                    &port.to_string(),
                    &publish_port.to_string(),
                    threads,
                ]);
            }
            System::Naive => {
                command.args(["peer-naive", &port.to_string(), "1"]);
            }
            System::Nchan => {
                let config = around.configure("nginx-nchan.conf", port, publish_port)?;
                command.arg("-c").arg(config).arg("-p").arg(&around.folder);
            }
            System::Nats => {
                command
                    .arg("-c")
                    .arg(around.configure("nats.conf", port, publish_port)?);
            }
            System::Uwebsockets => {
                command
                    .arg(around.peers.join("uwebsockets/server.py").canonicalize()?)
                    .arg(port.to_string());
            }
            System::SocketIo => {
                command
                    .arg(around.tools.join("socketio/server.js"))
                    .arg(port.to_string());
            }
            System::Yishiting | System::YishitingTwo => bail!("ours is started apart"),
        }
        let log = std::fs::File::create(around.folder.join(format!("{}.log", system.path().len())))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", system.name()))?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let publisher = match system {
            System::Floor | System::FloorTwo => {
                Publisher::Raw(connected(SocketAddr::from(([127, 0, 0, 1], publish_port))).await?)
            }
            System::Nats => {
                let mut stream = connected(SocketAddr::from(([127, 0, 0, 1], publish_port))).await?;
                stream.write_all(b"CONNECT {\"verbose\":false}\r\n").await?;
                Publisher::Nats(stream)
            }
            System::SocketIo => Publisher::Http(client()?, format!("http://{address}/")),
            _ => Publisher::Http(client()?, format!("http://{address}/publish")),
        };
        drop(connected(address).await?);
        Ok(Self {
            system,
            address,
            path: system.path().to_owned(),
            child: Some(child),
            publisher,
            scene: None,
        })
    }

    async fn start_ours(
        system: System,
        around: &Surroundings,
        ours: &Target,
        guests: usize,
    ) -> anyhow::Result<Self> {
        let target = Target {
            shards: if system == System::YishitingTwo { 2 } else { 1 },
            server_cores: around.cores.clone(),
            ..ours.clone()
        };
        let scene = Scene::open(&target, 500.0).await?;
        let tokens = scene.access.guests(guests).await?;
        let url = format!(
            "http://{}/api/v1/sessions/{}/comments",
            scene.server, scene.hall.session
        );
        Ok(Self {
            system,
            address: scene.server,
            path: scene.hall.live_path(),
            child: None,
            publisher: Publisher::Comments {
                client: client()?,
                url,
                tokens,
            },
            scene: Some(Box::new(scene)),
        })
    }

    pub fn pid(&self) -> Option<u32> {
        match (&self.child, &self.scene) {
            (Some(child), _) => child.id(),
            (None, Some(scene)) => scene.pid(),
            (None, None) => None,
        }
    }

    /// Publishes the message with the number `number`. Ours answers when it is stored; the others when it is sent.
    pub async fn publish(&mut self, number: u64) -> anyhow::Result<()> {
        match &mut self.publisher {
            Publisher::Raw(stream) => {
                let text = message(number);
                let mut bytes = (text.len() as u32).to_be_bytes().to_vec();
                bytes.extend_from_slice(text.as_bytes());
                stream.write_all(&bytes).await?;
            }
            Publisher::Nats(stream) => {
                let text = message(number);
                let line = format!("PUB {NATS_SUBJECT} {}\r\n{text}\r\n", text.len());
                stream.write_all(line.as_bytes()).await?;
            }
            Publisher::Http(client, url) => {
                // One that has more to do than it can hangs up now and then; a message that is tried again is sent once all the same.
                let mut tries = 1;
                let answer = loop {
                    match client.post(url.as_str()).body(message(number)).send().await {
                        Err(_) if tries < PUBLISH_TRIES => tries += 1,
                        answer => break answer?,
                    }
                };
                answer.error_for_status()?;
            }
            Publisher::Comments { client, url, tokens } => {
                let token = &tokens[number as usize % tokens.len()];
                let body = json!({ "ref": format!("loadtest-{number}"), "body": Stamp::new(number, now_us()).text() });
                let (client, url, token) = (client.clone(), url.clone(), token.clone());
                // A comment's answer waits for its commit; the next author does not wait for it.
                tokio::spawn(async move {
                    let answer = client.post(url).bearer_auth(token).json(&body).send().await;
                    match answer {
                        Ok(answer) if answer.status().is_success() => {}
                        Ok(answer) => eprintln!(
                            "comment {number} was refused: {}",
                            answer.text().await.unwrap_or_default()
                        ),
                        Err(error) => eprintln!("comment {number}: {error}"),
                    }
                });
            }
        }
        Ok(())
    }

    /// What our server complained about.
    pub fn complaints(&self) -> Vec<String> {
        self.scene
            .as_ref()
            .and_then(|scene| scene.house.as_ref())
            .map(|house| house.complaints())
            .unwrap_or_default()
    }
}

/// What ours sends for one comment, for those that only pass on texts: as long, numbered and stamped alike.
pub fn message(number: u64) -> String {
    let body = Stamp::new(number, now_us()).text();
    let seq = number + 1;
    let name = number % 1_000;
    format!(
        r#"{{"type":"batch","first_seq":{seq},"last_seq":{seq},"items":[{{"seq":{seq},"type":"comment_published","comment":{{"id":"{seq:016}","name":"街坊{name}","body":"{body}","at_ms":1790000000000}}}}]}}"#
    )
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Some have children of their own, which a killed parent would leave behind.
        if let Some(pid) = self.child.as_ref().and_then(Child::id) {
            let family = proc::family(pid).into_iter().map(|pid| pid.to_string());
            // What is gone already needs no signal.
            let _ = Blocking::new("kill").args(family).stderr(Stdio::null()).status();
        }
    }
}

impl Surroundings {
    fn program(&self, system: System) -> anyhow::Result<PathBuf> {
        Ok(match system {
            System::Nchan => find(&["/usr/sbin/nginx", "/usr/bin/nginx"])?,
            System::Nats => find(&["/usr/sbin/nats-server", "/usr/bin/nats-server"])?,
            System::Uwebsockets => self.tools.join("uwebsockets/bin/python"),
            System::SocketIo => PathBuf::from("node"),
            _ => std::env::current_exe()?,
        })
    }

    fn command(&self, program: &Path) -> Command {
        match &self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cores]).arg(program);
                command
            }
            None => Command::new(program),
        }
    }

    /// A configuration of a peer with its ports filled in.
    fn configure(&self, name: &str, port: u16, publish_port: u16) -> anyhow::Result<PathBuf> {
        let template = self.peers.join(name);
        let text = std::fs::read_to_string(&template)
            .with_context(|| {
                format!(
                    "{} is not there; name the folder with --peers",
                    template.display()
                )
            })?
            .replace("{folder}", &self.folder.display().to_string())
            .replace("{port}", &port.to_string())
            .replace("{publish_port}", &publish_port.to_string());
        let path = self.folder.join(name);
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// Installs what the systems need and is not there: Debian packages, and what comes from package indexes into the tools folder.
    pub fn install(&self, systems: &[System]) -> anyhow::Result<()> {
        let missing: Vec<&str> = systems
            .iter()
            .flat_map(|system| system.packages())
            .copied()
            .filter(|package| !is_installed(package))
            .collect();
        if !missing.is_empty() {
            eprintln!("installing {}", missing.join(" "));
            run(Blocking::new("apt-get").arg("update").arg("-qq"))?;
            run(Blocking::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["install", "-y", "-qq", "--no-install-recommends"])
                .args(&missing))?;
        }
        if systems.contains(&System::Uwebsockets) && !self.tools.join("uwebsockets/bin/pip").exists() {
            let venv = self.tools.join("uwebsockets");
            run(Blocking::new("python3").args(["-m", "venv"]).arg(&venv))?;
            run(Blocking::new(venv.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check", "-r"])
                .arg(self.peers.join("uwebsockets/requirements.txt")))?;
        }
        if systems.contains(&System::SocketIo) && !self.tools.join("socketio/node_modules").exists() {
            let into = self.tools.join("socketio");
            std::fs::create_dir_all(&into)?;
            for file in ["package.json", "package-lock.json", "server.js"] {
                std::fs::copy(self.peers.join("socketio").join(file), into.join(file))?;
            }
            run(Blocking::new("npm")
                .args(["ci", "--silent", "--no-audit", "--no-fund"])
                .current_dir(&into))?;
        }
        Ok(())
    }
}

fn is_installed(package: &str) -> bool {
    Blocking::new("dpkg-query")
        .args(["-W", "-f=${Status}", package])
        .output()
        .is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
}

fn run(command: &mut Blocking) -> anyhow::Result<()> {
    let status = command
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("could not run {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{:?} ended with {status}", command.get_program());
    }
    Ok(())
}

fn find(places: &[&str]) -> anyhow::Result<PathBuf> {
    places
        .iter()
        .map(PathBuf::from)
        .find(|place| place.is_file())
        .with_context(|| format!("{} is not installed", places[0]))
}

async fn connected(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let begun = Instant::now();
    loop {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) if begun.elapsed() > START_WITHIN => {
                return Err(error).with_context(|| format!("nothing listens on {address}"));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

fn client() -> anyhow::Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        // uWebSockets hangs up after ten seconds without a request.
        .pool_idle_timeout(Duration::from_secs(5))
        .build()?)
}

/// A free port; those of one call differ by `at`.
fn free_port(at: u16) -> anyhow::Result<u16> {
    let begin = (now_us() / 1_000) as u16 % (PORTS.end - PORTS.start);
    (0..PORTS.end - PORTS.start)
        .map(|step| PORTS.start + (begin + at * 1_000 + step) % (PORTS.end - PORTS.start))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no port is free")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BatchText, Kind, kind};

    #[test]
    fn what_the_others_pass_on_is_read_like_what_ours_sends() {
        let text = message(41);
        assert_eq!(kind(text.as_bytes()), Kind::Batch { first: 42, last: 42 });
        let batch: BatchText = serde_json::from_str(&text).expect("a batch");
        assert!(batch.fault().is_none());
        let body = &batch.items[0].comment.as_ref().expect("a comment").body;
        assert_eq!(Stamp::of(body).map(|stamp| stamp.number), Some(41));
    }
}
