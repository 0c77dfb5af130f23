//! The HTTP interface, as far as a load test needs it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use reqwest::{Client, Method, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Guests that come in from one address before the next is used; the server lets 2,000 of a household in at once.
const GUESTS_PER_ADDRESS: usize = 1_000;
/// Guests that come in at the same time.
const GUESTS_AT_ONCE: usize = 32;
/// Items of a page; the server's own bound.
const PAGE_LEN: usize = 200;

/// A refusal of the server.
#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the server refused with {} `{}`: {}",
            self.status.as_u16(),
            self.code,
            self.message
        )
    }
}

impl std::error::Error for Refused {}

/// A client of one server.
#[derive(Debug, Clone)]
pub struct Access {
    base: String,
    client: Client,
    server: SocketAddr,
    cookie: Option<String>,
}

impl Access {
    /// To the server at an address. Plain HTTP only: the viewers of this program write to sockets themselves.
    pub fn new(server: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self {
            base: format!("http://{server}/api/v1"),
            client: client(None)?,
            server,
            cookie: None,
        })
    }

    /// Signs in by the answer of `/staff/setup` or `/staff/login`.
    pub async fn sign_in(&mut self, path: &str, body: &Value) -> anyhow::Result<()> {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("x-yishiting", "1")
            .json(body)
            .send()
            .await?;
        let cookie = answer
            .headers()
            .get(header::SET_COOKIE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(str::to_owned);
        read::<Value>(answer).await?;
        self.cookie = Some(cookie.context("the server gave no login cookie")?);
        Ok(())
    }

    /// A request of whoever is signed in.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<T> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .header("x-yishiting", "1");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if method != Method::GET {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {path}"))?;
        read(answer).await.with_context(|| format!("{method} {path}"))
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(Method::GET, path, &Value::Null).await
    }

    /// A request of a netizen.
    pub async fn get_as<T: DeserializeOwned>(&self, token: &str, path: &str) -> anyhow::Result<T> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(token)
            .send()
            .await?;
        read(answer).await.with_context(|| format!("GET {path}"))
    }

    /// A page outside of the interface, as text.
    pub async fn text(&self, path: &str) -> anyhow::Result<String> {
        let answer = self
            .client
            .get(format!("http://{}{path}", self.server))
            .send()
            .await?;
        Ok(answer.error_for_status()?.text().await?)
    }

    /// A request of a netizen that changes something.
    pub async fn send_as<T: DeserializeOwned>(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<T> {
        let answer = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(token)
            .json(body)
            .send()
            .await
            .with_context(|| format!("{method} {path}"))?;
        read(answer).await.with_context(|| format!("{method} {path}"))
    }

    /// Somebody else at the same server, not signed in.
    pub fn stranger(&self) -> Self {
        Self {
            cookie: None,
            ..self.clone()
        }
    }

    /// Tokens of new guests, from several addresses because one household is not a city, some at once because ten thousand take long.
    pub async fn guests(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let mut clients = Vec::new();
        for household in 0..count.div_ceil(GUESTS_PER_ADDRESS) {
            let from = Ipv4Addr::new(
                127,
                0,
                78,
                u8::try_from(household + 1).context("too many guests")?,
            );
            clients.push(client(
                self.server.ip().is_loopback().then(|| IpAddr::from(from)),
            )?);
        }
        let clients = &clients;
        stream::iter(0..count)
            .map(|at| async move {
                let answer = clients[at / GUESTS_PER_ADDRESS]
                    .post(format!("{}/participants", self.base))
                    .json(&json!({ "name": format!("街坊{}", at + 1) }))
                    .send()
                    .await?;
                let answer: Value = read(answer).await.context("a guest could not come in")?;
                Ok(answer["token"]
                    .as_str()
                    .context("an answer with a token")?
                    .to_owned())
            })
            .buffered(GUESTS_AT_ONCE)
            .try_collect()
            .await
    }

    /// All items of a list, page by page. `path` without cursor and limit.
    pub async fn all_pages(&self, path: &str, list: &str) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        let join = if path.contains('?') { '&' } else { '?' };
        loop {
            let mut page: Value = self
                .get(&format!("{path}{join}limit={PAGE_LEN}&cursor={cursor}"))
                .await?;
            let Value::Array(mut found) = page[list].take() else {
                bail!("the answer of {path} has no `{list}`")
            };
            items.append(&mut found);
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(items),
            }
        }
    }
}

fn client(from: Option<IpAddr>) -> anyhow::Result<Client> {
    Ok(Client::builder()
        .timeout(ANSWER_WITHIN)
        .local_address(from)
        .no_proxy()
        .build()?)
}

async fn read<T: DeserializeOwned>(answer: reqwest::Response) -> anyhow::Result<T> {
    let status = answer.status();
    let text = answer.text().await?;
    if status.is_success() {
        return serde_json::from_str(if text.is_empty() { "null" } else { &text })
            .context("the answer is not what the interface promises");
    }
    let refusal: Value = serde_json::from_str(&text).unwrap_or_default();
    let word = |name: &str| refusal[name].as_str().unwrap_or("-").to_owned();
    Err(Refused {
        status,
        code: word("code"),
        message: word("message"),
    }
    .into())
}
