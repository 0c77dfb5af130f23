//! Load tests of a running or a freshly started server: how many, how fast, how much memory, and whether anything is lost.
//!
//! `loadtest fanout | idle | join-storm | slow | drain | crash | reconnect-storm | mixed | votes | soak | scale | compare`; each prints a
//! table, and can write JSON, check budgets and add to the book of results. What is where:
//!
//! | Module | |
//! |---|---|
//! | `cli` | what can be asked for |
//! | `scenario` | one file per subcommand: what happens in which order, and the figures |
//! | `compare` | other systems beside ours in one run, and ratios to the kernel's floor |
//! | `target` | the server: process, first administrator, hall, session |
//! | `swarm` | tens of thousands of viewers on epoll, in worker processes |
//! | `talker`, `authors` | people who write, over another WebSocket implementation |
//! | `wire` | the protocol: frames, messages, the rule of numbers |
//! | `measure` | durations, processor time, memory |
//! | `report` | table, JSON, budgets, book of results |

mod authors;
mod chance;
mod cli;
mod clock;
mod compare;
mod measure;
mod report;
mod scenario;
mod swarm;
mod talker;
mod target;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The HTTP client is built with TLS and without a provider of it; plain HTTP is all that is used here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("loadtest: {error:#}");
            ExitCode::FAILURE
        }
    }
}
