//! The HTTP door: routes, who is asking, errors, pages, health.
//!
//! Handlers turn requests into commands and rows into wire types; they decide nothing themselves.

mod accept;
mod answers;
mod asking;
mod audit;
mod body;
mod closing;
mod error;
mod express;
mod fair;
mod halls;
mod handshake;
mod health;
mod ledger;
mod live;
mod media;
mod moderation;
mod package;
mod pages;
mod patient;
mod people;
mod posts;
mod receipts;
mod routes;
mod sessions;
mod similar;
mod staff;
mod stage;
mod suggestions;
mod url;
mod word_lists;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub use accept::{Gate, Patience, serve};
use routes::router;

use crate::command::{Clock, Commands};
use crate::hub::{Hub, Tickets};
use crate::store::Db;
use crate::ws::Conversations;

/// How the HTTP door is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the site as people type it, without a slash at the end; for join links.
    pub public_url: String,
    /// Whether the login cookie is sent over TLS only. Off only for plain `http` on the own machine.
    pub secure_cookie: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How many sockets each address has; the same as of the [`Gate`].
    pub tickets: Tickets,
    /// Other origins pictures may come from, besides this server (a media group's HLS host): `https://host`.
    pub stream_origins: Vec<String>,
    /// Where the built-in stream's files are.
    pub media_dir: PathBuf,
    /// Links with logins, demonstration only.
    pub demonstration: Option<Arc<Vec<DemonstrationLink>>>,
}

/// A ready link of the demonstration.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DemonstrationLink {
    /// Which seat it opens.
    pub role: String,
    /// In words.
    pub name: String,
    /// Where.
    pub url: String,
}

/// What handlers work with.
#[derive(Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

struct Inner {
    commands: Commands,
    db: Db,
    hub: Hub,
    conversations: Conversations,
    clock: Clock,
    options: Options,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Door {
    /// `metrics` renders the Prometheus text.
    pub fn new(
        commands: Commands,
        db: Db,
        hub: Hub,
        conversations: Conversations,
        clock: Clock,
        options: Options,
        metrics: Arc<dyn Fn() -> String + Send + Sync>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                commands,
                db,
                hub,
                conversations,
                clock,
                options,
                metrics,
            }),
        }
    }
    fn commands(&self) -> &Commands {
        &self.inner.commands
    }
    fn hub(&self) -> &Hub {
        &self.inner.hub
    }
    fn conversations(&self) -> &Conversations {
        &self.inner.conversations
    }
    fn options(&self) -> &Options {
        &self.inner.options
    }
    fn now(&self) -> crate::domain::time::Timestamp {
        (self.inner.clock)()
    }
    async fn read(&self) -> Result<crate::store::Reader, error::ApiError> {
        Ok(self.inner.db.read().await?)
    }
}
