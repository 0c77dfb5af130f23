//! A reader of Server-Sent Events.

use reqwest::{Method, Response};
use yishiting::domain::ids::SessionId;
use yishiting::protocol::server::ServerMessage;

use super::rest::{NOTHING, Rest};
use super::viewer::Seen;
use super::wait::in_time;

/// One stream.
pub struct EventStream {
    response: Response,
    buffer: Vec<u8>,
    /// The last `id:` that came.
    pub last_id: Option<u64>,
    /// Every message, as it came.
    pub texts: Vec<String>,
    /// The public channel folded.
    pub seen: Seen,
}

impl EventStream {
    /// Opens a stream; `query` begins with `?` or is empty.
    pub async fn open(rest: &Rest, session: &SessionId, query: &str, last_event_id: Option<u64>) -> Self {
        let path = format!("/sessions/{session}/events{query}");
        let response = match last_event_id {
            None => rest.raw(Method::GET, &path, NOTHING).await,
            Some(id) => in_time(
                "a stream",
                rest.request(Method::GET, &path)
                    .header("last-event-id", id.to_string())
                    .send(),
            )
            .await
            .expect("answers"),
        };
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            buffer: Vec::new(),
            last_id: None,
            texts: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// The next message, or `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(message) = self.read(std::str::from_utf8(&event).expect("events are UTF-8")) {
                    return Some(message);
                }
                continue;
            }
            let chunk = in_time("an event", self.response.chunk()).await.ok().flatten()?;
            self.buffer.extend_from_slice(&chunk);
        }
    }

    fn read(&mut self, event: &str) -> Option<ServerMessage> {
        let mut data = None;
        for line in event.lines() {
            if let Some(id) = line.strip_prefix("id: ") {
                self.last_id = Some(id.parse().expect("ids are numbers"));
            } else if let Some(text) = line.strip_prefix("data: ") {
                data = Some(text.to_owned());
            }
        }
        let text = data?;
        let message =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("not a message of ours: {e}: {text}"));
        self.texts.push(text);
        self.seen.take(&message);
        if let ServerMessage::View(view) = &message {
            assert_eq!(self.last_id, Some(view.seq), "the id of a view is its number");
        } else if let ServerMessage::Batch(batch) = &message {
            assert_eq!(
                self.last_id,
                Some(batch.last_seq),
                "the id of a batch is its last number"
            );
        }
        Some(message)
    }

    /// Reads until everything up to a number is in.
    pub async fn until_seq(&mut self, seq: u64) {
        in_time(&format!("number {seq} on the stream"), async {
            while self.seen.seq < seq {
                self.next().await.expect("the stream goes on");
            }
        })
        .await;
    }
}
