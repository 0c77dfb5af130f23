//! How codes reach phones.

use futures_util::future::BoxFuture;

use super::config::{Phone, Sender};
use crate::command::CodeSender;

/// The sender the configuration names.
pub fn sender(config: &Phone, demonstration: bool) -> anyhow::Result<std::sync::Arc<dyn CodeSender>> {
    Ok(match config.sender {
        Sender::Off => std::sync::Arc::new(Off),
        Sender::Log => std::sync::Arc::new(Development { demonstration }),
        Sender::Http => std::sync::Arc::new(HttpGateway {
            client: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(10))
                .build()?,
            url: config.url.clone(),
            body: config.body.clone(),
            authorization: config.authorization.clone(),
        }),
    })
}

/// Nobody becomes verified.
struct Off;

impl CodeSender for Off {
    fn offered(&self) -> bool {
        false
    }
    fn send<'a>(&'a self, _phone: &'a str, _code: &'a str) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Err("no sender is configured".to_owned()) })
    }
}

/// The code stands in the server's log and, in the demonstration, on the page. The number never does.
struct Development {
    demonstration: bool,
}

impl CodeSender for Development {
    fn offered(&self) -> bool {
        true
    }
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let tail = phone.get(phone.len().saturating_sub(2)..).unwrap_or_default();
            tracing::info!("phone code {code} for the number ending in {tail} (development sender)");
            Ok(())
        })
    }
    fn shows_code(&self) -> bool {
        self.demonstration
    }
}

/// A gateway that takes a POST with JSON.
struct HttpGateway {
    client: reqwest::Client,
    url: String,
    body: String,
    authorization: String,
}

/// Fills a value into a JSON template; both are digits, so nothing needs escaping.
fn fill(template: &str, phone: &str, code: &str) -> String {
    template.replace("{phone}", phone).replace("{code}", code)
}

impl CodeSender for HttpGateway {
    fn offered(&self) -> bool {
        true
    }
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut request = self
                .client
                .post(&self.url)
                .header("content-type", "application/json")
                .body(fill(&self.body, phone, code));
            if !self.authorization.is_empty() {
                request = request.header("authorization", &self.authorization);
            }
            // The error of a request can carry the URL; the gateway's address is configuration, not a secret.
            let response = request.send().await.map_err(|e| e.without_url().to_string())?;
            if response.status().is_success() {
                Ok(())
            } else {
                Err(format!("the gateway answered {}", response.status()))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_gateway_gets_number_and_code_and_its_refusal_is_an_error() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let url = format!("http://{}/sms", listener.local_addr().expect("bound"));
        let server = tokio::spawn(async move {
            let mut seen = Vec::new();
            for status in ["200 OK", "500 Internal Server Error"] {
                let (mut stream, _) = listener.accept().await.expect("a client");
                let mut request = vec![0; 4096];
                let mut len = 0;
                while !String::from_utf8_lossy(&request[..len]).contains('}') {
                    len += stream.read(&mut request[len..]).await.expect("readable");
                }
                seen.push(String::from_utf8_lossy(&request[..len]).into_owned());
                stream
                    .write_all(
                        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                            .as_bytes(),
                    )
                    .await
                    .expect("writable");
            }
            seen
        });
        let config = Phone {
            sender: Sender::Http,
            url,
            body: r#"{"to":"{phone}","text":"验证码 {code}"}"#.into(),
            authorization: "Bearer t".into(),
        };
        let sender = sender(&config, false).expect("a client");
        assert_eq!(sender.send("13800138000", "123456").await, Ok(()));
        assert!(sender.send("13800138000", "123456").await.is_err());
        let seen = server.await.expect("no panic");
        assert!(
            seen[0].contains(r#"{"to":"13800138000","text":"验证码 123456"}"#),
            "{}",
            seen[0]
        );
        assert!(seen[0].to_lowercase().contains("authorization: bearer t"));
    }
}
