//! The configuration: one documented file of defaults, and a file of the operator over it.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The reference: every key with its default and its reason.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// Everything an operator decides.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: SocketAddr,
    pub public_url: String,
    pub database: String,
    pub database_connections: u32,
    pub database_wait_ms: u64,
    pub data_dir: PathBuf,
    pub trusted_proxies: Vec<IpAddr>,
    pub stream_origins: Vec<String>,
    pub login_hours: u32,
    pub request_head_s: u64,
    pub live: Live,
    pub phone: Phone,
    pub classifier: ClassifierConfig,
    pub log: Log,
}

/// The live half.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    pub shards: usize,
    pub tick_ms: u64,
    pub comments_per_s_max: u32,
    pub compression: bool,
    pub drain_s: u64,
    pub stalled_s: u64,
    pub sockets_per_address_max: usize,
}

/// How codes reach phones.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    pub sender: Sender,
    pub url: String,
    pub body: String,
    pub authorization: String,
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phone")
            .field("sender", &self.sender)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The external classifier of posts.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierConfig {
    pub url: String,
    pub secret: String,
    pub within_ms: u64,
}

impl std::fmt::Debug for ClassifierConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClassifierConfig")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Kinds of senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    Off,
    Log,
    Http,
}

/// What is logged, and how.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

/// For people or for collectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("configuration {path} could not be read")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("configuration is not understood: {0}")]
    Parse(#[from] toml::de::Error),
    #[error("configuration key `{key}`: {why}")]
    Value { key: &'static str, why: String },
}

impl Config {
    /// The defaults with the operator's file over them.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let text = match path {
            Some(path) => std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.to_owned(),
                source,
            })?,
            None => String::new(),
        };
        Self::parse(&text)
    }

    /// The same from text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut table: toml::Table = DEFAULTS.parse()?;
        merge(&mut table, text.parse()?);
        let config: Self = table.try_into()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, why: String| Err(ConfigError::Value { key, why });
        if !(self.public_url.starts_with("http://") || self.public_url.starts_with("https://"))
            || self.public_url.ends_with('/')
        {
            return wrong(
                "public_url",
                format!(
                    "`{}` is not http(s)://host without a slash at the end",
                    self.public_url
                ),
            );
        }
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| self.database.starts_with(scheme))
        {
            return wrong("database", "the URL begins with sqlite: or postgres://".into());
        }
        if !(1..=200).contains(&self.database_connections) {
            return wrong(
                "database_connections",
                format!("{} is not between 1 and 200", self.database_connections),
            );
        }
        if !(100..=60_000).contains(&self.database_wait_ms) {
            return wrong(
                "database_wait_ms",
                format!("{} is not between 100 and 60000", self.database_wait_ms),
            );
        }
        if !(1..=24 * 31).contains(&self.login_hours) {
            return wrong(
                "login_hours",
                format!("{} is not between 1 and 744", self.login_hours),
            );
        }
        if !(1..=120).contains(&self.request_head_s) {
            return wrong(
                "request_head_s",
                format!("{} is not between 1 and 120", self.request_head_s),
            );
        }
        if self.live.shards > 64 {
            return wrong(
                "live.shards",
                format!("{} is not between 0 and 64", self.live.shards),
            );
        }
        if !(20..=1_000).contains(&self.live.tick_ms) {
            return wrong(
                "live.tick_ms",
                format!("{} is not between 20 and 1000", self.live.tick_ms),
            );
        }
        if !(1..=1_000).contains(&self.live.comments_per_s_max) {
            return wrong(
                "live.comments_per_s_max",
                format!("{} is not between 1 and 1000", self.live.comments_per_s_max),
            );
        }
        if self.live.drain_s > 120 {
            return wrong(
                "live.drain_s",
                format!("{} is not between 0 and 120", self.live.drain_s),
            );
        }
        if !(1..=300).contains(&self.live.stalled_s) {
            return wrong(
                "live.stalled_s",
                format!("{} is not between 1 and 300", self.live.stalled_s),
            );
        }
        if (1..10).contains(&self.live.sockets_per_address_max) {
            return wrong(
                "live.sockets_per_address_max",
                format!(
                    "{} is not 0 and below the 10 a single page may open",
                    self.live.sockets_per_address_max
                ),
            );
        }
        for origin in &self.stream_origins {
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|h| {
                h.is_empty() || h.contains(|c: char| c == '/' || c == ';' || c.is_whitespace())
            }) {
                return wrong("stream_origins", format!("`{origin}` is not http(s)://host"));
            }
        }
        if self.phone.sender == Sender::Http
            && !(self.phone.url.starts_with("https://") || self.phone.url.starts_with("http://"))
        {
            return wrong(
                "phone.url",
                "sender \"http\" needs the address of the gateway".into(),
            );
        }
        if self.phone.sender == Sender::Http
            && serde_json::from_str::<serde_json::Value>(&self.phone.body).is_err()
        {
            return wrong("phone.body", "the body is not JSON".into());
        }
        if !self.classifier.url.is_empty() {
            let scheme =
                self.classifier.url.starts_with("https://") || self.classifier.url.starts_with("http://");
            if !scheme {
                return wrong(
                    "classifier.url",
                    format!("`{}` is not http(s)://…", self.classifier.url),
                );
            }
            if super::classifier::key_of(&self.classifier.secret).is_none() {
                return wrong(
                    "classifier.secret",
                    "the secret is not `whsec_` and at least 24 bytes in base 64".into(),
                );
            }
        }
        if !(20..=2_000).contains(&self.classifier.within_ms) {
            return wrong(
                "classifier.within_ms",
                format!("{} is not between 20 and 2000", self.classifier.within_ms),
            );
        }
        if let Err(error) = self.log.level.parse::<tracing_subscriber::EnvFilter>() {
            return wrong("log.level", error.to_string());
        }
        Ok(())
    }
}

/// Puts what the operator said over the defaults; tables are merged, everything else is replaced. Unknown keys stay, to be refused by name.
fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => merge(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_defaults_are_a_configuration() {
        let config = Config::parse("").expect("defaults are valid");
        assert_eq!(config.database, "sqlite:data/yishiting.db");
    }

    #[test]
    fn what_the_file_leaves_out_stays_as_documented() {
        let config = Config::parse("[live]\ntick_ms = 50").expect("valid");
        assert_eq!((config.live.tick_ms, config.live.comments_per_s_max), (50, 40));
    }

    #[test]
    fn a_wrong_or_unknown_key_is_named() {
        for (text, named) in [
            ("lisen = \"127.0.0.1:80\"", "lisen"),
            ("[live]\nticks = 3", "ticks"),
            ("public_url = \"http://x/\"", "public_url"),
            ("database = \"mysql://x\"", "database"),
            ("[live]\ntick_ms = 5", "live.tick_ms"),
            ("[phone]\nsender = \"http\"", "phone.url"),
            ("[classifier]\nurl = \"ftp://x\"", "classifier.url"),
            ("[classifier]\nurl = \"https://x\"", "classifier.secret"),
            ("[classifier]\nwithin_ms = 5", "classifier.within_ms"),
            ("stream_origins = [\"https://a/b\"]", "stream_origins"),
            ("login_hours = 0", "login_hours"),
            ("request_head_s = 0", "request_head_s"),
            ("[live]\nstalled_s = 301", "live.stalled_s"),
            (
                "[live]\nsockets_per_address_max = 9",
                "live.sockets_per_address_max",
            ),
            ("listen = \"nowhere\"", "listen"),
            ("[log]\nlevel = \"a=b=c\"", "log.level"),
        ] {
            let error = Config::parse(text).expect_err(text);
            assert!(error.to_string().contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let config = Config::parse(
            "[phone]\nsender = \"http\"\nurl = \"https://sms.example\"\nauthorization = \"Bearer geheim\"",
        )
        .expect("valid");
        assert!(!format!("{config:?}").contains("geheim"));
        let text = "[classifier]\nurl = \"https://x\"\nsecret = \"whsec_Z2VoZWltZ2VoZWltZ2VoZWltZ2VoZWlt\"";
        let config = Config::parse(text).expect("valid");
        assert!(!format!("{config:?}").contains("Z2Vo"));
    }
}
