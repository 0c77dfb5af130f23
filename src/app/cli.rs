//! The command line.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use super::config::{Config, DEFAULTS};
use super::start::{Parts, Surroundings, listen, start};
use crate::documents::Privacy;
use crate::domain::ids::SessionId;

/// 议事厅 · live online consultation, from the hall to the ledger.
#[derive(Debug, Parser)]
#[command(name = "yishiting", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server. The first start prints a one-time link to create the first administrator.
    Serve(WithConfig),
    /// Read the configuration and say what is wrong with it, or that nothing is.
    CheckConfig(WithConfig),
    /// Print the documented defaults of the configuration.
    DefaultConfig,
    /// Bring the database to the version of this program.
    Migrate(WithConfig),
    /// Accounts behind the stage.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Write the hand-over package of a session that has ended.
    Export {
        #[command(flatten)]
        config: WithConfig,
        /// Id or six-character code of the session.
        session: String,
        /// Folder to write into; a file ending in .zip writes one ZIP.
        #[arg(long)]
        to: PathBuf,
        /// The edition for the open web, without what only the units may see.
        #[arg(long)]
        public: bool,
    },
    /// Judge the audit log: is every record there, unchanged and in its place? Names the first that is not. Changes nothing.
    Verify {
        #[command(flatten)]
        config: WithConfig,
        /// An export (JSON lines) instead of the database.
        #[arg(long)]
        export: Option<PathBuf>,
        /// A head noted earlier, HALL:SEQ:HASH: also tells whether a whole chain was written anew. May be given several times.
        #[arg(long)]
        known: Vec<String>,
    },
    /// Write the audit log as JSON lines that `verify --export` and any SHA-256 tool can judge.
    Audit {
        #[command(flatten)]
        config: WithConfig,
        /// Only this hall, by its part of the URL or its id.
        #[arg(long)]
        hall: Option<String>,
        /// File to write.
        #[arg(long)]
        to: PathBuf,
    },
    /// Run the demonstration: a hall, a session on utility prices, and a crowd.
    Demo {
        /// Address to listen on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// People of the simulated crowd.
        #[arg(long, default_value_t = 300)]
        crowd: usize,
        /// Folder of the demonstration's data, made anew at every start.
        #[arg(long, default_value = "data/demo")]
        data: PathBuf,
        /// Database of the demonstration instead of a new SQLite file.
        #[arg(long)]
        database: Option<String>,
    },
    /// Say how well questions that ask the same are recognised, on the labelled pairs, and how fast (development).
    SimilarReport {
        /// Questions of the session the speed is measured in.
        #[arg(long, default_value_t = 10_000)]
        questions: u32,
        /// By words alone, without vectors.
        #[arg(long)]
        words_only: bool,
    },
    /// Print the TypeScript types of the wire (development).
    Types,
}

#[derive(Debug, clap::Args)]
struct WithConfig {
    /// Configuration file; without one the documented defaults.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add an operator, who may do everything. The password is read from the standard input.
    Add {
        #[command(flatten)]
        config: WithConfig,
        /// Login name, 2 to 40 of a-z 0-9 . _ -
        login_name: String,
        /// Name shown to others.
        name: String,
    },
}

/// The program.
pub fn main() -> ExitCode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The chain of causes on one line; `{:#}` of anyhow.
            eprintln!("yishiting: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::DefaultConfig => {
            print(DEFAULTS);
            Ok(())
        }
        Command::SimilarReport {
            questions,
            words_only,
        } => {
            print(&super::similar_report::report(questions, words_only));
            Ok(())
        }
        Command::Types => {
            print(&crate::protocol::typescript::types());
            Ok(())
        }
        Command::CheckConfig(with) => {
            let config = Config::load(with.config.as_deref())?;
            print(&format!(
                "configuration is good: listens on {}, reached at {}\n",
                config.listen, config.public_url
            ));
            Ok(())
        }
        Command::Serve(with) => block_on(serve(Config::load(with.config.as_deref())?)),
        Command::Migrate(with) => block_on(migrate(Config::load(with.config.as_deref())?)),
        Command::User {
            command:
                UserCommand::Add {
                    config,
                    login_name,
                    name,
                },
        } => block_on(add_user(
            Config::load(config.config.as_deref())?,
            login_name,
            name,
        )),
        Command::Export {
            config,
            session,
            to,
            public,
        } => block_on(export(
            Config::load(config.config.as_deref())?,
            session,
            to,
            public,
        )),
        Command::Verify {
            config,
            export,
            known,
        } => block_on(async move {
            let config = Config::load(config.config.as_deref())?;
            if super::verify::verify(config, export, &known).await? {
                return Ok(());
            }
            anyhow::bail!("the audit log is not what was written");
        }),
        Command::Audit { config, hall, to } => block_on(async move {
            let config = Config::load(config.config.as_deref())?;
            let records = super::verify::export(config, hall, &to).await?;
            print(&format!("{records} records written to {}\n", to.display()));
            Ok(())
        }),
        Command::Demo {
            listen,
            crowd,
            data,
            database,
        } => block_on(super::demo::run(listen, crowd, data, database)),
    }
}

fn print(text: &str) {
    use std::io::Write;
    // A closed pipe (`| head`) is not an error of ours.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Resolves at Ctrl-C or when the service manager asks to stop.
pub async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

async fn serve(config: Config) -> anyhow::Result<()> {
    super::telemetry::start_log(&config.log);
    let surroundings = Surroundings::of_this_machine(&config, false)?;
    let listener = listen(config.listen)?;
    let running = start(&config, surroundings, listener).await?;
    tracing::info!(
        "listening on {}, reached at {}",
        running.address,
        config.public_url
    );
    if let Some(token) = running.commands.setup_token().await? {
        // Not through the log: a one-time secret belongs on the operator's screen only.
        eprintln!(
            "\nFirst start: open this link once to create the first administrator\n首次启动：打开下面的一次性链接，创建第一个管理员\n\n  {}/staff/setup?token={token}\n",
            config.public_url
        );
    }
    asked_to_stop().await;
    tracing::info!(
        "stopping: viewers are told to come back within {} s",
        config.live.drain_s
    );
    running.stop().await;
    tracing::info!("stopped");
    Ok(())
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    let parts = Parts::open(&config, &Surroundings::of_this_machine(&config, false)?).await?;
    parts.close().await;
    print("the database is at the version of this program\n");
    Ok(())
}

async fn add_user(config: Config, login_name: String, name: String) -> anyhow::Result<()> {
    if std::io::stdin().is_terminal() {
        eprintln!(
            "password (at least {} characters, shown as you type):",
            crate::domain::staff::PASSWORD_CHARS_MIN
        );
    }
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let parts = Parts::open(&config, &Surroundings::of_this_machine(&config, false)?).await?;
    let added = parts
        .commands
        .add_operator(
            &login_name,
            &name,
            password.trim_end_matches(['\r', '\n']).to_owned(),
        )
        .await;
    let added = added.map(|staff| format!("account `{}` may do everything\n", staff.login_name));
    parts.close().await;
    print(&added?);
    Ok(())
}

async fn export(config: Config, session: String, to: PathBuf, public: bool) -> anyhow::Result<()> {
    let parts = Parts::open(&config, &Surroundings::of_this_machine(&config, false)?).await?;
    let id: SessionId = match session.parse() {
        Ok(id) => id,
        Err(_) => parts
            .db
            .read()
            .await?
            .conn()
            .session_of_code(&session.to_ascii_uppercase())
            .await?
            .with_context(|| format!("no session has the code `{session}`"))?,
    };
    let privacy = if public {
        Privacy::Public
    } else {
        Privacy::Internal
    };
    let files = parts.commands.package(&id, privacy, &config.public_url).await;
    parts.close().await;
    let files = files?;
    let count = files.len();
    if to.extension().is_some_and(|e| e == "zip") {
        std::fs::write(&to, crate::documents::zip(&files)?)
            .with_context(|| format!("could not write {}", to.display()))?;
    } else {
        for file in files {
            let path = to.join(&file.path);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, &file.bytes)
                .with_context(|| format!("could not write {}", path.display()))?;
        }
    }
    print(&format!("{count} files written to {}\n", to.display()));
    Ok(())
}
