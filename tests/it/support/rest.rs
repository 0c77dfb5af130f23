//! A client of the HTTP interface.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use yishiting::domain::rejection::Code;
use yishiting::protocol::client::Ref;
use yishiting::protocol::server::ErrorMessage;

use super::clock::ManualClock;
use super::wait::in_time;

/// A body of a request that has none.
pub const NOTHING: Option<&()> = None;

/// A name for something sent that was never used before.
pub fn new_ref() -> Ref {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("ref-{:08}", COUNT.fetch_add(1, Ordering::Relaxed))
        .try_into()
        .expect("twelve letters, digits and dashes")
}

/// A value of a query, with everything but letters and digits percent-encoded.
pub fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// What a refused request was answered.
#[derive(Debug, Clone)]
pub struct Refused {
    pub status: u16,
    pub error: ErrorMessage,
}

/// A client: one address, and who it speaks for.
#[derive(Clone)]
pub struct Rest {
    http: Client,
    /// `http://127.0.0.1:PORT`
    pub base: String,
    clock: ManualClock,
    /// Token of a netizen.
    pub bearer: Option<String>,
    /// Login of staff.
    pub cookie: Option<String>,
    /// Whether the header of our own pages is sent.
    pub own_page: bool,
}

impl Rest {
    /// Nobody in particular.
    pub fn new(base: String, clock: ManualClock) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A server that waits a second for a head hangs up on an idle connection just as a request is sent over it; a
        // POST is not repeated then. Nothing is kept idle, so that no test depends on who was faster.
        let http = Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client");
        Self {
            http,
            base,
            clock,
            bearer: None,
            cookie: None,
            own_page: true,
        }
    }

    /// The same client for a netizen.
    pub fn with_bearer(&self, token: &str) -> Self {
        Self {
            bearer: Some(token.to_owned()),
            cookie: None,
            ..self.clone()
        }
    }

    /// The same client for staff.
    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self {
            cookie: Some(cookie.to_owned()),
            bearer: None,
            ..self.clone()
        }
    }

    /// A request to `path` below `/api/v1`. Each happens a millisecond after the one before, so that lists have an order.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.clock.advance_ms(1);
        let url = if path.starts_with("/api") || !path.starts_with('/') {
            format!("{}/{}", self.base, path.trim_start_matches('/'))
        } else {
            format!("{}/api/v1{path}", self.base)
        };
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("yishiting_login={cookie}"));
        }
        if self.own_page {
            request = request.header("x-yishiting", "1");
        }
        request
    }

    /// Sends and gives back whatever was answered.
    pub async fn raw(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Response {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        in_time(path, request.send())
            .await
            .unwrap_or_else(|e| panic!("{path} was not answered: {e}"))
    }

    /// Sends JSON and reads JSON, or the refusal.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Refused> {
        let response = self.raw(method, path, body).await;
        answer_of(path, response).await
    }

    pub async fn get<T: DeserializeOwned>(&self, path: impl AsRef<str>) -> Result<T, Refused> {
        self.send(Method::GET, path.as_ref(), NOTHING).await
    }
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: impl AsRef<str>,
        body: &impl Serialize,
    ) -> Result<T, Refused> {
        self.send(Method::POST, path.as_ref(), Some(body)).await
    }
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: impl AsRef<str>,
        body: &impl Serialize,
    ) -> Result<T, Refused> {
        self.send(Method::PUT, path.as_ref(), Some(body)).await
    }
    pub async fn delete<T: DeserializeOwned>(&self, path: impl AsRef<str>) -> Result<T, Refused> {
        self.send(Method::DELETE, path.as_ref(), NOTHING).await
    }

    /// The whole answer as text, whatever its status.
    pub async fn text(&self, path: impl AsRef<str>) -> String {
        self.raw(Method::GET, path.as_ref(), NOTHING)
            .await
            .text()
            .await
            .expect("the answer is text")
    }
    /// The whole answer as bytes; it must be a good one.
    pub async fn bytes(&self, path: impl AsRef<str>) -> Vec<u8> {
        let response = self.raw(Method::GET, path.as_ref(), NOTHING).await;
        assert_eq!(response.status(), 200, "{}", path.as_ref());
        response.bytes().await.expect("a body").to_vec()
    }
}

/// Reads an answer: a good one as `T` (an empty one as `null`), any other as the refusal it must be.
pub async fn answer_of<T: DeserializeOwned>(path: &str, response: Response) -> Result<T, Refused> {
    let status = response.status();
    let text = response.text().await.expect("an answer has a body");
    if status.is_success() {
        let text = if text.is_empty() { "null" } else { &text };
        return Ok(serde_json::from_str(text)
            .unwrap_or_else(|e| panic!("{path} answered what its type does not know: {e}: {text}")));
    }
    let error: ErrorMessage = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{path} refused with {status} and without a code: {e}: {text}"));
    assert_eq!(
        status.as_u16(),
        if status == 405 || status == 426 {
            status.as_u16()
        } else {
            error.code.status()
        },
        "{path}: the status fits the code {}",
        error.code
    );
    Err(Refused {
        status: status.as_u16(),
        error,
    })
}

/// The code a request was refused with.
#[track_caller]
pub fn code<T: std::fmt::Debug>(answer: Result<T, Refused>) -> Code {
    match answer {
        Ok(value) => panic!("was taken and should have been refused: {value:?}"),
        Err(refused) => refused.error.code,
    }
}
