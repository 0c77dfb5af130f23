//! The program as it is installed: a process of its own, which can be killed.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use super::wait::in_time;

/// Where cargo put it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_yishiting");

/// A running server.
pub struct Program {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    setup_token: Option<tokio::sync::oneshot::Receiver<String>>,
    log: Arc<Mutex<String>>,
}

/// Why a test failed often stands in the log of the program.
impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the program said:\n{}",
                self.log.lock().unwrap_or_else(PoisonError::into_inner)
            );
        }
    }
}

/// A command of the program, run to its end.
pub async fn command(arguments: &[&str]) -> Output {
    in_time(
        "the end of a command",
        Command::new(PROGRAM)
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output(),
    )
    .await
    .expect("it can be started")
}

/// The same with something on its standard input.
pub async fn command_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it can be started");
    let mut stdin = child.stdin.take().expect("piped");
    // It may have ended before it read anything.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    in_time("the end of a command", child.wait_with_output())
        .await
        .expect("it ends")
}

/// Writes a configuration file and gives back where.
pub fn configuration(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("config.toml");
    std::fs::write(&path, text).expect("writable");
    path
}

impl Program {
    /// Starts it and waits until it listens.
    pub async fn serve(config: &Path) -> Self {
        Self::start(Command::new(PROGRAM).arg("serve").arg("--config").arg(config)).await
    }

    /// The same, with no file allowed to grow beyond a size, as when the disk is full.
    pub async fn serve_with_files_up_to(config: &Path, kib: u64) -> Self {
        // The signal that tells of the limit is ignored, so that writing fails with an error, as on a full disk.
        Self::serve_after(config, &format!("trap '' XFSZ; ulimit -S -f {kib}")).await
    }

    /// The same, with so many descriptors and no more.
    pub async fn serve_with_descriptors_up_to(config: &Path, count: u32) -> Self {
        Self::serve_after(config, &format!("ulimit -n {count}")).await
    }

    async fn serve_after(config: &Path, preparation: &str) -> Self {
        let script = format!("{preparation}; exec \"$0\" serve --config \"$1\"");
        Self::start(
            Command::new("bash")
                .arg("-c")
                .arg(script)
                .arg(PROGRAM)
                .arg(config),
        )
        .await
    }

    async fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it can be started");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let said = log.clone();
        let note = move |line: &str| {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push_str(line);
            said.push('\n');
        };
        let base = in_time("the line that says where it listens", async {
            loop {
                let Some(line) = lines.next_line().await.expect("readable") else {
                    panic!("it ended: {}", log.lock().unwrap_or_else(PoisonError::into_inner));
                };
                note(&line);
                if let Some((_, rest)) = line.split_once("listening on ") {
                    let address = rest.split([',', ' ']).next().unwrap_or_default();
                    return format!("http://{address}");
                }
            }
        })
        .await;
        // The link follows on the same stream, if there is one; the rest is read away so that the pipe never fills.
        let (token, found) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let mut token = Some(token);
            while let Ok(Some(line)) = lines.next_line().await {
                note(&line);
                if let Some((_, value)) = line.split_once("/staff/setup?token=")
                    && let Some(token) = token.take()
                {
                    // The test may not ask for it.
                    let _ = token.send(value.trim().to_owned());
                }
            }
        });
        Self {
            child,
            base,
            setup_token: Some(found),
            log,
        }
    }

    /// The one-time token printed at the first start.
    pub async fn setup_token(&mut self) -> String {
        let found = self.setup_token.take().expect("asked for once");
        in_time("the one-time link", found)
            .await
            .expect("printed at the first start")
    }

    /// `kill -9`: no goodbye.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it lives");
    }

    /// What a service manager does: asks to stop, waits for the end.
    pub async fn terminate(mut self) -> ExitStatus {
        signal("-TERM", self.pid()).await;
        in_time("the end of the program", self.child.wait())
            .await
            .expect("it ends")
    }

    /// What it said so far on its standard error stream.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it lives")
    }
}

/// Sends a signal without a library that would need `unsafe`.
async fn signal(name: &str, pid: u32) {
    let status = Command::new("kill")
        .arg(name)
        .arg(pid.to_string())
        .status()
        .await
        .expect("there is a kill command");
    assert!(status.success());
}
