//! The demonstration: the model case with people in it, so that whoever starts the program sees a consultation happening.
//!
//! The order of start is here. Everything that is said in it is in `assets/demo/`; the hall is filled through commands
//! ([`seed`]), the crowd comes through the public door ([`crowd`]). There is no scripted staff: moderating, hosting and
//! answering is for the person who opens the links.

mod crowd;
mod folder;
mod links;
mod picture;
mod seed;
mod texts;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use self::crowd::Crowd;
use self::folder::Folder;
use self::picture::{Encoder, Picture};
use self::seed::HandClock;
use super::config::{Config, Sender};
use super::start::{Parts, Running, Surroundings, listen as listen_on, start};
use crate::http::DemonstrationLink;

/// What the crowd's chance starts from: the same people come with the same intentions every time.
const CROWD_SEED: u64 = 20_260_412;

/// Runs it until somebody asks to stop.
pub async fn run(
    listen: SocketAddr,
    crowd: usize,
    data: PathBuf,
    database: Option<String>,
) -> anyhow::Result<()> {
    let demonstration = Box::pin(Demonstration::start(listen, crowd, data, database)).await?;
    say(&demonstration.welcome(crowd));
    super::cli::asked_to_stop().await;
    say("\n正在结束 · stopping\n");
    demonstration.stop().await;
    Ok(())
}

/// A demonstration that runs.
struct Demonstration {
    running: Running,
    crowd: Crowd,
    picture: Option<Picture>,
    links: Arc<Vec<DemonstrationLink>>,
    base: String,
    /// Held while it runs: no second one may empty the folder under it.
    _folder: Folder,
}

impl Demonstration {
    async fn start(
        listen: SocketAddr,
        people: usize,
        data: PathBuf,
        database: Option<String>,
    ) -> anyhow::Result<Self> {
        // The port first: a demonstration that runs already keeps its data.
        let listener = listen_on(listen)?;
        let address = reachable(listener.local_addr()?);
        let base = format!("http://{address}");
        let folder = Folder::make_fresh(&data)?;
        let config = configuration(listen, &base, data, database)?;
        super::telemetry::start_log(&config.log);
        let encoder = Encoder::find().await;

        let surroundings = Surroundings::of_this_machine(&config, true)?;
        let seeded = fill(&config, &surroundings, encoder.is_some()).await?;
        let links = Arc::new(links::links(&base, &seeded));
        let picture = match encoder {
            Some(encoder) => Some(encoder.start(config.data_dir.join("media").join(seeded.live.as_str()))?),
            None => None,
        };
        let running = Box::pin(start(
            &config,
            Surroundings {
                demonstration: Some(links.clone()),
                ..surroundings
            },
            listener,
        ))
        .await?;
        let crowd = Crowd::start(&crowd::Options {
            address,
            session: seeded.live,
            people,
            seed: CROWD_SEED,
        })?;
        Ok(Self {
            running,
            crowd,
            picture,
            links,
            base,
            _folder: folder,
        })
    }

    fn welcome(&self, people: usize) -> String {
        links::welcome(&self.base, &self.links, people, self.picture.is_some())
    }

    /// The people go first, so that nobody comes back to a door that closes.
    async fn stop(self) {
        self.crowd.stop().await;
        self.running.stop().await;
        if let Some(picture) = self.picture {
            picture.stop().await;
        }
    }
}

/// Fills the database before the server opens: the links must be known when it does.
async fn fill(
    config: &Config,
    surroundings: &Surroundings,
    has_picture: bool,
) -> anyhow::Result<seed::Seeded> {
    let clock = HandClock::at((surroundings.clock)());
    let parts = Parts::open(
        config,
        &Surroundings {
            clock: clock.clock(),
            ..surroundings.clone()
        },
    )
    .await?;
    let seeded = Box::pin(seed::seed(&parts, &clock, has_picture)).await;
    parts.close().await;
    seeded.context("could not fill the demonstration's hall")
}

fn configuration(
    listen: SocketAddr,
    base: &str,
    data: PathBuf,
    database: Option<String>,
) -> anyhow::Result<Config> {
    let mut config = Config::parse("")?;
    config.listen = listen;
    config.public_url = base.to_owned();
    config.database = match database {
        Some(url) => url,
        None => format!("sqlite:{}", data.join(folder::DATABASE).display()),
    };
    config.data_dir = data;
    config.phone.sender = Sender::Log;
    // The links are what belongs on the screen, and the codes of the crowd's phones do not.
    config.log.level = "warn".to_owned();
    config.live.drain_s = 1;
    Ok(config)
}

/// An address that can be opened: "every address" is reached on this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn say(text: &str) {
    use std::io::Write;
    // A closed pipe (`| head`) is not an error of ours.
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::words::{Bucket, SessionState};
    use crate::protocol::server::View;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_started_demonstration_is_a_consultation_that_happens() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let any_port = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let demonstration = Box::pin(Demonstration::start(
            any_port,
            40,
            folder.path().join("demo"),
            None,
        ))
        .await
        .expect("it starts");
        let base = demonstration.base.clone();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");

        let links: serde_json::Value = http
            .get(format!("{base}/api/v1/demonstration/links"))
            .send()
            .await
            .expect("answered")
            .json()
            .await
            .expect("JSON");
        let links = links["links"].as_array().expect("a list").clone();
        for role in [
            "viewer",
            "screen",
            "ledger",
            "hall",
            "operator",
            "host",
            "moderator",
            "department_officer",
            "secretary",
            "auditor",
        ] {
            assert!(
                links
                    .iter()
                    .any(|l| l["role"] == role && l["url"].as_str().is_some_and(|u| u.starts_with(&base))),
                "{role}"
            );
        }
        let viewer = links
            .iter()
            .find(|l| l["role"] == "viewer")
            .expect("checked above")["url"]
            .as_str()
            .expect("text")
            .to_owned();
        let session = viewer.rsplit('/').next().expect("an id").to_owned();

        let view = async || {
            http.get(format!("{base}/api/v1/sessions/{session}/view"))
                .send()
                .await
                .expect("answered")
                .json::<View>()
                .await
                .expect("a view")
        };
        let first = view().await;
        assert_eq!(
            (first.session.state, first.questions_total),
            (SessionState::Live, 20)
        );
        assert!(first.session.segments.iter().any(|s| s.started_ms.is_some()));
        // Forty people are a seventh of the usual crowd: about a comment every two seconds.
        let mut now = first;
        for _ in 0..240 {
            if now.comments.len() >= 3 && now.watching >= 20 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            now = view().await;
        }
        assert!(
            now.comments.len() >= 3,
            "{} comments within a minute",
            now.comments.len()
        );
        assert!(now.watching >= 20, "{} of 40 watch", now.watching);
        demonstration.stop().await;
    }

    #[tokio::test]
    async fn the_past_session_is_settled_to_the_last_question() {
        let folder = tempfile::tempdir().expect("a folder");
        let any_port = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0);
        let config =
            configuration(any_port, "http://127.0.0.1", folder.path().to_owned(), None).expect("valid");
        let surroundings = Surroundings::of_this_machine(&config, true).expect("a fresh folder");
        let seeded = fill(&config, &surroundings, false).await.expect("it fills");
        let parts = Parts::open(&config, &surroundings).await.expect("it opens");
        {
            let mut reader = parts.db.read().await.expect("readable");
            let mut conn = reader.conn();
            let past = conn
                .session(&seeded.past)
                .await
                .expect("readable")
                .expect("it is there");
            assert_eq!(past.state, SessionState::Closed);
            let tally = conn.tallies(&past.hall_id).await.expect("readable")[&seeded.past];
            assert_eq!(tally.of(Bucket::Open), 0);
            for bucket in [
                Bucket::AnsweredLive,
                Bucket::AnsweredInWriting,
                Bucket::Assigned,
                Bucket::Merged,
                Bucket::Declined,
                Bucket::Withdrawn,
            ] {
                assert!(tally.of(bucket) > 0, "{bucket}");
            }
            let live = conn
                .session(&seeded.live)
                .await
                .expect("readable")
                .expect("it is there");
            assert_eq!(
                (live.next_up.len(), live.stage, live.stream_url),
                (3, None, String::new())
            );
            let supports: Vec<u64> = conn
                .all_questions(&seeded.live)
                .await
                .expect("readable")
                .iter()
                .map(|q| q.supports)
                .collect();
            assert_eq!(supports.iter().max(), Some(&231));
        }
        parts.close().await;
    }

    #[test]
    fn every_address_is_reached_on_this_machine() {
        for (bound, reached) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("10.1.2.3:80", "10.1.2.3:80"),
        ] {
            assert_eq!(reachable(bound.parse().expect("an address")).to_string(), reached);
        }
    }
}
