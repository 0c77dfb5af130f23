//! A participant over a WebSocket, through another implementation of the protocol than the viewers' (tungstenite).

use std::net::SocketAddr;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::wire::{Follower, Kind, VERSION, kind};

/// Read buffer of a participant; the library's own default is 128 KiB, touched at every read.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// A participant's connection.
pub struct Talker {
    socket: WebSocketStream<TcpStream>,
}

/// What a participant hears.
#[derive(Debug)]
pub enum Heard {
    /// What was sent under the ref is stored.
    Ack {
        r#ref: String,
        id: String,
        state: String,
    },
    /// It was refused; under a ref if it had one.
    Refused {
        r#ref: Option<String>,
        code: String,
        retry_after_ms: Option<u64>,
    },
    /// The greeting was accepted.
    Welcome,
    /// The channel: follow it with [`Kind`].
    Channel(Kind),
    /// Something for this person only.
    Other,
    /// The connection is over.
    Gone(String),
}

impl Talker {
    /// Connects and greets; comes back with the last number it knows.
    pub async fn open(
        server: SocketAddr,
        path: &str,
        token: &str,
        follower: &Follower,
    ) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let resume = follower
            .seq()
            .map(|seq| format!("?since={seq}"))
            .unwrap_or_default();
        let request = format!("ws://{server}{path}{resume}").into_client_request()?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0);
        let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
            .await
            .context("the live channel could not be opened")?;
        let mut talker = Self { socket };
        talker
            .say(&json!({ "type": "hello", "token": token, "version": VERSION }))
            .await?;
        Ok(talker)
    }

    /// Sends one message.
    pub async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    /// Waits for the next message. May be dropped while it waits.
    pub async fn hear(&mut self) -> Heard {
        match self.hear_text().await {
            Ok(text) => heard(text.as_bytes()),
            Err(gone) => gone,
        }
    }

    /// The same for who wants to read it himself.
    pub async fn hear_text(&mut self) -> Result<Utf8Bytes, Heard> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Heard::Gone(frame.map_or_else(
                        || "closed".to_owned(),
                        |frame| u16::from(frame.code).to_string(),
                    )));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Heard::Gone(error.to_string())),
                None => return Err(Heard::Gone("ended".to_owned())),
            }
        }
    }

    /// Waits until the greeting is accepted; what the channel says meanwhile goes to `follow`.
    pub async fn welcomed(&mut self, mut follow: impl FnMut(Kind)) -> anyhow::Result<()> {
        loop {
            match self.hear().await {
                Heard::Welcome => return Ok(()),
                Heard::Channel(kind) => follow(kind),
                Heard::Refused { code, .. } => bail!("the greeting was refused: {code}"),
                Heard::Gone(why) => bail!("the connection ended before the greeting was answered: {why}"),
                Heard::Ack { .. } | Heard::Other => {}
            }
        }
    }
}

fn heard(text: &[u8]) -> Heard {
    match kind(text) {
        Kind::Own => {}
        other => return Heard::Channel(other),
    }
    let message: Value = serde_json::from_slice(text).unwrap_or_default();
    let word = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    match message["type"].as_str() {
        Some("ack") => Heard::Ack {
            r#ref: word("ref"),
            id: word("id"),
            state: word("state"),
        },
        Some("error") => Heard::Refused {
            r#ref: message["ref"].as_str().map(str::to_owned),
            code: word("code"),
            retry_after_ms: message["retry_after_ms"].as_u64(),
        },
        Some("welcome") => Heard::Welcome,
        _ => Heard::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_the_channel() {
        assert!(
            matches!(heard(br#"{"type":"ack","ref":"abcdefgh","id":"x","number":1,"state":"published","reason":""}"#), Heard::Ack { state, .. } if state == "published")
        );
        assert!(
            matches!(heard(br#"{"type":"ack","ref":"abcdefgh","id":"x","number":null,"state":null,"reason":""}"#), Heard::Ack { state, .. } if state.is_empty())
        );
        assert!(matches!(
            heard(br#"{"type":"error","code":"rate_limited","message":"m","retry_after_ms":7}"#),
            Heard::Refused {
                r#ref: None,
                retry_after_ms: Some(7),
                ..
            }
        ));
        assert!(matches!(
            heard(br#"{"type":"batch","first_seq":1,"last_seq":1,"items":[]}"#),
            Heard::Channel(Kind::Batch { .. })
        ));
        assert!(matches!(
            heard(br#"{"type":"own","kind":"comment"}"#),
            Heard::Other
        ));
    }
}
